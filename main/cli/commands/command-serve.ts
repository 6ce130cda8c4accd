/** `portkeeper serve`: holds the profiles that are switched on, and answers the other commands, until Ctrl-C. */
import type { AppSnapshot } from '../../contract/commands.ts';
import { ConnectionLost } from '../../connect/client.ts';
import { EngineLink } from '../../connect/engine-link.ts';
import { connect } from '../../connect/rendezvous.ts';
import { meetAsResident, type Gate } from '../../connect/resident.ts';
import type { Clock } from '../../system/system.ts';
import { tellUnsaved } from '../app-session.ts';
import { tellTried } from './command-profile.ts';
import type { Console } from '../output/console.ts';
import { BusyFault, EXIT, Interrupted, type ExitCode } from '../output/fault.ts';
import { follow, followProfiles } from '../output/follow.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import { interruptible, orAborted, untilAborted } from '../interruptions.ts';
import { tellNotClosed } from '../output/report.ts';
import { hint } from '../output/typed.ts';
import {
  openWindow,
  openWithKey,
  serveWindowTo,
  writesToJournal,
  type ServedWindow,
  type WindowOptions,
} from '../serve-window.ts';
import { CLOSING, programOf, snapshotOf, withProgress } from '../session.ts';

interface ServeOptions extends WindowOptions {
  readonly demo?: boolean;
  /** The data folder goes at the end: what was tried cannot be kept later. */
  readonly throwAway?: boolean;
}

export function serve(options: GlobalOptions, console: Console, given: ServeOptions): Promise<ExitCode> {
  return interruptible(async (interrupted) => {
    await mustBeFirst(given, options, interrupted);
    return await keepServing(given, options, console, interrupted);
  });
}

/** `portkeeper open` and the like may have the engine: it obeys the switches while this is attached, and is taken over when
 * they end. @throws BusyFault */
async function mustBeFirst({ demo }: ServeOptions, options: GlobalOptions, interrupted: AbortSignal): Promise<void> {
  const guest = await connect(options.dataFolder, interrupted);
  if (guest === undefined) return;
  const { obeysSwitches } = await snapshotOf(guest.client, interrupted).catch((error: unknown) => {
    // It has just ended.
    if (error instanceof ConnectionLost) return { obeysSwitches: false };
    throw error;
  });
  if (obeysSwitches) {
    const where = guest.window === undefined || writesToJournal() ? '' : `\nIts window: ${guest.window}`;
    throw new BusyFault(`Portkeeper is already running. See what is open with: ${hint('portkeeper status')}${where}`);
  }
  if (demo === true) {
    throw new BusyFault(
      'A command in another terminal keeps ports open on the real router. Stop it before you start with --demo.',
    );
  }
}

async function keepServing(
  given: ServeOptions,
  options: GlobalOptions,
  console: Console,
  interrupted: AbortSignal,
): Promise<ExitCode> {
  const program = programOf({ options, console, purpose: 'serve' });
  const { clock, log } = program.system;
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  const parts = { ...program, demo: given.demo === true };
  let address: string | undefined;
  const link = new EngineLink({
    clock,
    log,
    meet: async (signal) => {
      try {
        return await meetAsResident({ ...parts, window: address }, signal);
      } catch (error) {
        failed.reject(error);
        throw error;
      }
    },
  });
  const window = await serveWindowTo(given, { dispatch: { ...gateOf(link), hold: notHere }, log }, console);
  ({ address } = window);
  if (given.open === true) openWindow(window, console);
  const stop = new AbortController();
  const running = link.run(stop.signal);
  running.catch(failed.reject);
  try {
    await Promise.race([
      failed.promise,
      run(link, given, console, { clock, window, interrupted, ended: AbortSignal.any([interrupted, stop.signal]) }),
    ]);
  } finally {
    stop.abort();
    await running.catch(() => undefined);
    await window.stop();
  }
  return link.snapshot !== undefined && tellUnsaved(link.snapshot, console) ? EXIT.storage : EXIT.ok;
}

const gateOf = (link: EngineLink): Gate => ({
  command: (name, input, signal) => link.command(name, input, signal),
  watch: (listener) => link.watch(listener),
});

/** Windows hold nothing. */
const notHere = (): Promise<never> => Promise.reject(new Error('nothing is kept open here'));

interface Serving {
  readonly clock: Clock;
  readonly window: ServedWindow;
  /** Aborts also when serving fails. */
  readonly ended: AbortSignal;
  readonly interrupted: AbortSignal;
}

async function run(
  link: EngineLink,
  given: ServeOptions,
  console: Console,
  { clock, window, interrupted, ended }: Serving,
): Promise<void> {
  const first = await firstOf(link, interrupted).catch((error: unknown) => {
    if (error instanceof Interrupted) return undefined;
    throw error;
  });
  if (first === undefined) {
    // Ctrl-C while the engine was only being met ends it as at any later time.
    await link.leave(CLOSING);
    return;
  }
  for (const problem of first.problems) console.problem(problem);
  if (given.demo === true) {
    console.note(
      'A simulated router replaces the real ones: nothing is open to the internet. Your own profiles stay as they are.',
    );
  }
  const unfollow = [
    followProfiles((listener) => link.watch(listener), console),
    follow((listener) => link.watch(({ engine }) => listener(engine)), console),
  ];
  try {
    const { profiles, demo } = first;
    const on = profiles.filter((profile) => profile.on).length;
    console.record({ event: 'serving', profiles: profiles.length, on, demo, window: window.address ?? null });
    console.note(`Profiles on: ${on} of ${profiles.length}. Ctrl-C exits.`);
    console.note(`Switch profiles in another terminal: ${hint('portkeeper profile on PROFILE')}`);
    if (!demo) tellTried(first, console);
    await openWithKey(window, console, ended);
    await untilAborted(interrupted);
    const wasDemo = demo || link.snapshot?.demo === true;
    await withProgress({ clock, console }, 'Closing', () => link.leave(CLOSING));
    const last = link.snapshot ?? first;
    const isHost = link.state.at === 'connected' && link.state.role === 'host';
    for (const mapping of isHost ? last.engine.mappings : []) {
      if (mapping.status.at !== 'closing') continue;
      tellNotClosed(mapping, mapping.status.lease.expiresAt, console);
    }
    if (wasDemo && given.throwAway !== true) tellTried(last, console);
  } finally {
    for (const end of unfollow) end();
  }
}

/** @throws the signal's reason */
async function firstOf(link: EngineLink, interrupted: AbortSignal): Promise<AppSnapshot> {
  const { promise, resolve } = Promise.withResolvers<AppSnapshot>();
  const unwatch = link.watch(resolve);
  try {
    return await orAborted(promise, interrupted);
  } finally {
    unwatch();
  }
}
