import type { Snapshot } from '../../contract/snapshot.ts';
import { inSeconds } from '../../contract/units.ts';
import { matchesGateway } from '../../core/choose.ts';
import { valueOf } from '../app-session.ts';
import type { Console } from '../output/console.ts';
import { problemRecord } from '../output/console.ts';
import { EXIT } from '../output/fault.ts';
import type { ExitCode } from '../output/fault.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import { blockingProblems, notOurGateway } from '../output/outcome.ts';
import { discoveryLines, gatewayRecord } from '../output/report.ts';
import { gatewayAsGuest, looking, notStopped, waitAtMost, withProgress } from '../session.ts';

/** After the first gateway has answered, others and its other protocols are given this long. */
const MORE = inSeconds(2);
const WHOLE_SEARCH = inSeconds(20);

export function discover(options: GlobalOptions, console: Console): Promise<ExitCode> {
  return looking(options, console, async (session) => {
    const { app, client, interrupted, system } = session;
    const began = system.clock.monotonic();
    const snapshot = await withProgress({ clock: system.clock, console }, 'Looking for your router', async () => {
      let searched = false;
      const unwatch = client.watch(({ engine }) => {
        searched ||= engine.search.running;
      });
      const ended = ({ search, problems }: Snapshot): boolean =>
        (searched && !search.running) || problems.some(({ code }) => code === 'no-network');
      try {
        valueOf(notStopped(await client.ask('gateways.search', {}, interrupted)));
        await waitAtMost(session, (now) => now.gateways.length > 0 || ended(now), WHOLE_SEARCH);
        return await waitAtMost(session, ended, MORE);
      } finally {
        unwatch();
      }
    });
    const ms = Math.round(system.clock.monotonic() - began);
    const gatewayName = app === undefined ? gatewayAsGuest(options) : options.gatewayName;
    const found = snapshot.gateways
      .filter((gateway) => gatewayName === undefined || matchesGateway(gatewayName, gateway))
      .toSorted((a, b) => Number(b.isDefault) - Number(a.isDefault));
    const other = notOurGateway(gatewayName, snapshot);
    const problems =
      other !== undefined ? [other] : found.length === 0 ? blockingProblems(snapshot) : snapshot.problems;
    console.record({ gateways: found.map(gatewayRecord), problems: problems.map(problemRecord), ms });
    for (const gateway of found) for (const line of discoveryLines(gateway)) console.line(line);
    if (!console.json) for (const problem of problems) console.problem(problem);
    return found.length === 0 ? EXIT.noGateway : EXIT.ok;
  });
}
