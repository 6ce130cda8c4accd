import { inSeconds } from '../contract/units.ts';
import type { Console } from './console.ts';
import { table } from './console.ts';
import { EXIT } from './fault.ts';
import type { ExitCode } from './fault.ts';
import type { GlobalOptions } from './global-options.ts';
import { blockingProblems } from './outcome.ts';
import { discoveryRows, gatewayLine, gatewayRecord } from './report.ts';
import { problemRecord } from './console.ts';
import { startSession, waitFor, withProgress } from './session.ts';

/** After the first gateway has answered, others and its other protocols are given this long. */
const MORE = inSeconds(2);
const WHOLE_SEARCH = inSeconds(20);

export async function discover(options: GlobalOptions, console: Console): Promise<ExitCode> {
  const session = await startSession({ options, console, purpose: 'look' });
  const { engine, system } = session;
  const began = system.clock.monotonic();
  try {
    engine.searchNow();
    const snapshot = await withProgress(session, console, 'Looking for your router', async () => {
      let searched = false;
      const unwatch = engine.watch(({ search }) => {
        searched ||= search.running;
      });
      const ended = (running: boolean): boolean => searched && !running;
      await waitFor(session, ({ gateways, search }) => gateways.length > 0 || ended(search.running), WHOLE_SEARCH);
      const found = await waitFor(session, ({ search }) => ended(search.running), MORE);
      unwatch();
      return found;
    });
    const ms = Math.round(system.clock.monotonic() - began);
    const problems = snapshot.gateways.length === 0 ? blockingProblems(snapshot) : snapshot.problems;
    console.record({ gateways: snapshot.gateways.map(gatewayRecord), problems: problems.map(problemRecord), ms });
    for (const gateway of snapshot.gateways) {
      console.line(gatewayLine(gateway) + (gateway.isDefault ? ' (default router)' : ''));
      if (gateway.model !== '' && gateway.model !== gateway.name) console.line(`    model ${gateway.model}`);
      console.line(`    on ${gateway.interfaceName}, where this computer is ${gateway.localAddress}`);
      for (const row of table(discoveryRows(gateway))) console.line(row);
    }
    if (!console.json) for (const problem of problems) console.problem(problem);
    return snapshot.gateways.length === 0 ? EXIT.noGateway : EXIT.ok;
  } finally {
    await session.stop();
  }
}
