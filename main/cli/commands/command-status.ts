/** The commands about the Portkeeper that runs: what it holds, now and from now on, what has happened, and what to do. */
import { isShown, type ShownFact } from '../../contract/activity.ts';
import type { AppSnapshot } from '../../contract/commands.ts';
import { actionsFor } from '../../contract/problem-actions.ts';
import type { MappingView } from '../../contract/snapshot.ts';
import { currentSnapshot, withApp, inApp, tellUnsaved, valueOf } from '../app-session.ts';
import type { EpochMs } from '../../contract/units.ts';
import { activityText } from '../../contract/words/activity.ts';
import { wholeNumber, type GlobalOptions } from '../options/global-options.ts';
import { problemRecord, type Console } from '../output/console.ts';
import { EXIT, Interrupted, RefusedFault, type ExitCode } from '../output/fault.ts';
import { follow, followProfiles } from '../output/follow.ts';
import { countsOf } from '../output/outcome.ts';
import { holdRecord, holdText, mappingsOfHold, portsText, profileRecord, stateText } from '../output/profile-report.ts';
import {
  Explained,
  gatewayLines,
  gatewayRecord,
  nameLine,
  nameRecord,
  paused,
  settingLines,
  statusLines,
} from '../output/report.ts';
import { hint } from '../output/typed.ts';

const nothingRuns = (): string =>
  `Portkeeper is not running, so nothing is kept open. Start it with: ${hint('portkeeper serve')}`;

const notObeyed = (): string =>
  `Profiles that are on are not open: only a command in another terminal keeps ports open. To open them: ${hint('portkeeper serve')}`;

export const status = inApp(async (session) => {
  const { console } = session;
  const snapshot = await currentSnapshot(session);
  const { profiles, engine, settings, holds, address } = snapshot;
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
    name: address.name === null ? null : nameRecord(address.name),
    window: session.window ?? null,
  });
  if (!isRunning) console.line(nothingRuns());
  if (settings.paused) console.line(paused());
  for (const line of gatewayLines(engine.gateways)) console.line(line);
  if (address.name !== null) console.line(nameLine(address.name, engine.at));
  const rows = profiles.map((profile) => [
    stateText(profile, snapshot, isRunning),
    profile.name,
    profile.forwards.map(portsText).join(' '),
  ]);
  console.table(rows);
  if (isRunning && !snapshot.obeysSwitches && profiles.some(({ on }) => on)) console.line(notObeyed());
  const explained = new Explained();
  const tell = (mappings: readonly MappingView[]): void => {
    for (const line of statusLines(mappings, engine, explained)) console.line(line);
  };
  const held = new Set(holds.flatMap(({ forwards }) => forwards));
  tell(engine.mappings.filter(({ forward }) => !held.has(forward)));
  for (const hold of holds) {
    console.line(holdText(hold));
    tell(mappingsOfHold(hold, engine));
  }
  if (session.window !== undefined) console.line(`Window, in a browser on this computer: ${session.window}`);
  if (!isRunning || console.json) return EXIT.ok;
  for (const problem of problems) {
    console.problem(problem);
    for (const line of settingLines(actionsFor(problem, { ...engine, isDesktop: false }))) console.note(line);
  }
  return EXIT.ok;
});

/** Until Ctrl-C, or until the running one ends. */
export const watch = inApp(async ({ running, interrupted, console }) => {
  if (running === undefined) throw new RefusedFault(nothingRuns());
  const { promise, resolve, reject } = Promise.withResolvers<ExitCode>();
  // It may end before anybody awaits that.
  promise.catch(() => undefined);
  const end = (): void => {
    if (interrupted.reason instanceof Interrupted) resolve(EXIT.ok);
    else reject(interrupted.reason);
  };
  interrupted.addEventListener('abort', end, { once: true });
  const forget = running.onConnection((state) => {
    if (state === 'lost') reject(new RefusedFault('Portkeeper has quit. Ports it left open are no longer renewed.'));
  });
  const listen = (listener: (snapshot: AppSnapshot) => void): (() => void) => running.watch(listener);
  const unfollow = [
    followProfiles(listen, console),
    follow((listener) => listen(({ engine }) => listener(engine)), console),
  ];
  try {
    // The followers have seen it when this has: from here on nothing is missed.
    const { profiles } = await currentSnapshot({ client: running, interrupted });
    console.record({ event: 'watching', profiles: profiles.length });
    console.note(`Watching ${profiles.length === 1 ? '1 profile' : `${profiles.length} profiles`}. Ctrl-C exits.`);
    return await promise;
  } finally {
    for (const each of unfollow) each();
    forget();
  }
});

interface ActivityOptions {
  readonly last: string;
  readonly clear?: boolean;
}

/** As many as are kept. */
const MOST = 10_000;

/** @throws InputFault, or as `withApp` */
export async function activity(options: GlobalOptions, console: Console, given: ActivityOptions): Promise<ExitCode> {
  const most = wholeNumber(given.last, '--last', { from: 1, to: MOST, unit: 'a number' });
  return await withApp(options, console, async ({ client, interrupted }) => {
    if (given.clear === true) {
      valueOf(await client.ask('activity.clear', {}, interrupted));
      console.line('Cleared the list.');
      console.record({ event: 'cleared' });
      return EXIT.ok;
    }
    const { entries } = valueOf(await client.ask('activity.read', {}, interrupted));
    const shown = entries
      .flatMap(({ at, fact }) => (isShown(fact) ? { at, fact } : []))
      // A clock may have been set back.
      .toSorted((one, other) => one.at - other.at)
      .slice(-most);
    for (const { at, fact } of shown) console.record(recordOf(at, fact));
    const rows = shown.map(({ at, fact }) => [localTime(at), activityText(fact, 'en')]);
    console.table(rows);
    if (shown.length === 0)
      console.note('Nothing has happened yet. Activity is recorded while the app or portkeeper serve runs.');
    return EXIT.ok;
  });
}

function recordOf(at: EpochMs, fact: ShownFact): Record<string, unknown> {
  const { is: event, ...more } = fact;
  return { event, at: new Date(at).toISOString(), text: activityText(fact, 'en'), ...more };
}

/** As in `2026-11-24 23:05:11`: sorts, and is read everywhere. */
const localTime = (moment: EpochMs): string =>
  new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium' }).format(moment);

/** Retries what was refused or is waiting; `status` and `watch` show the result. */
export const retry = inApp(async ({ client, running, interrupted, console }) => {
  if (running === undefined) throw new RefusedFault(nothingRuns());
  valueOf(await client.ask('forwards.retry', {}, interrupted));
  console.record({ event: 'retrying' });
  console.line(`Retrying ports that were refused or are waiting. See the result with: ${hint('portkeeper status')}`);
  return EXIT.ok;
});

/** Ports may be opened on this network from now on. */
export const approve = inApp(async (session) => {
  const { client, running, interrupted, console } = session;
  if (running === undefined) throw new RefusedFault(nothingRuns());
  valueOf(await client.ask('network.approve', {}, interrupted));
  const snapshot = await currentSnapshot(session);
  const { approvedNetworks: networks } = snapshot.settings;
  console.record({ event: 'approved', networks });
  console.line(`This network is approved. Approved networks: ${networks.map(({ name }) => name).join(', ')}.`);
  return tellUnsaved(snapshot, console) ? EXIT.storage : EXIT.ok;
});
