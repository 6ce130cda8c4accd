/** `portkeeper status` and `portkeeper watch`: what the running Portkeeper holds, now and from now on. */
import type { AppSnapshot } from '../../contract/commands.ts';
import type { MappingView } from '../../contract/snapshot.ts';
import { currentSnapshot, withApp } from '../app-session.ts';
import type { Console } from '../output/console.ts';
import { problemRecord, table } from '../output/console.ts';
import { EXIT, Interrupted, RefusedFault } from '../output/fault.ts';
import type { ExitCode } from '../output/fault.ts';
import { follow } from '../output/follow.ts';
import { followProfiles } from '../output/follow-profiles.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import { countsOf } from '../output/outcome.ts';
import { holdRecord, holdText, mappingsOfHold, portsText, profileRecord, stateText } from '../output/profile-report.ts';
import { Explained, gatewayLine, gatewayRecord, mappingLines } from '../output/report.ts';

export const NOTHING_RUNS = 'Portkeeper is not running: nothing is held open. Start it with: portkeeper serve';

const NOT_OBEYED =
  'The switches of the profiles have no effect: ports are open from a terminal only. To open what is on: portkeeper serve';

export function status(options: GlobalOptions, console: Console): Promise<ExitCode> {
  return withApp(options, console, async (session) => {
    const snapshot = await currentSnapshot(session);
    const { profiles, engine, settings, holds } = snapshot;
    const isRunning = session.running !== undefined;
    const problems = [...snapshot.problems, ...engine.problems];
    console.record({
      running: isRunning,
      paused: settings.paused,
      ...countsOf(engine),
      gateways: engine.gateways.map(gatewayRecord),
      profiles: profiles.map((profile) => profileRecord(profile, snapshot)),
      holds: holds.map((hold) => holdRecord(hold, engine)),
      problems: problems.map(problemRecord),
      window: session.window ?? null,
    });
    if (!isRunning) console.line(NOTHING_RUNS);
    if (settings.paused) console.line('Everything is paused: nothing is open, whatever the switches say.');
    for (const gateway of engine.gateways) console.line(gatewayLine(gateway));
    const rows = profiles.map((profile) => [
      stateText(profile, snapshot, isRunning),
      profile.name,
      profile.forwards.map(portsText).join(' '),
    ]);
    for (const line of table(rows, console.columns)) console.line(line);
    if (isRunning && !snapshot.obeysSwitches && profiles.some(({ on }) => on)) console.line(NOT_OBEYED);
    const explained = new Explained();
    const tell = (mappings: readonly MappingView[]): void => {
      for (const mapping of mappings) {
        const lines = mappingLines(mapping, engine);
        for (const line of lines.length === 0 ? lines : explained.once(lines)) console.line(line);
      }
    };
    const held = new Set(holds.flatMap(({ forwards }) => forwards));
    tell(engine.mappings.filter(({ forward }) => !held.has(forward)));
    for (const hold of holds) {
      console.line(holdText(hold));
      tell(mappingsOfHold(hold, engine));
    }
    if (session.window !== undefined) console.line(`Window, for a browser on this computer: ${session.window}`);
    if (isRunning && !console.json) for (const problem of problems) console.problem(problem);
    return EXIT.ok;
  });
}

/** Until Ctrl-C, or until the running one ends. */
export function watch(options: GlobalOptions, console: Console): Promise<ExitCode> {
  return withApp(options, console, async ({ running, interrupted }) => {
    if (running === undefined) throw new RefusedFault(NOTHING_RUNS);
    const { promise, resolve, reject } = Promise.withResolvers<ExitCode>();
    // It may end before anybody awaits that.
    promise.catch(() => undefined);
    const end = (): void => {
      if (interrupted.reason instanceof Interrupted) resolve(EXIT.ok);
      else reject(interrupted.reason);
    };
    interrupted.addEventListener('abort', end, { once: true });
    const forget = running.onConnection((state) => {
      if (state === 'lost') reject(new RefusedFault('Portkeeper has ended; what it left open is not renewed.'));
    });
    const listen = (listener: (snapshot: AppSnapshot) => void): (() => void) => running.watch(listener);
    const unfollow = [
      followProfiles(listen, console),
      follow((listener) => listen(({ engine }) => listener(engine)), console),
    ];
    try {
      // The followers have seen it when this has: from here on nothing is missed.
      const { profiles } = await currentSnapshot({ client: running, running, interrupted });
      console.record({ event: 'watching', profiles: profiles.length });
      console.note(`Watching ${profiles.length === 1 ? '1 profile' : `${profiles.length} profiles`}. Ctrl-C ends.`);
      return await promise;
    } finally {
      for (const each of unfollow) each();
      forget();
    }
  });
}
