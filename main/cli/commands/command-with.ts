/** `portkeeper with PROFILE -- COMMAND…`: holds a profile's ports while a command runs, and ends as the command does. */
import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { randomBytes } from 'node:crypto';
import type { AppSnapshot, CommandInput } from '../../contract/commands.ts';
import { findPreset } from '../../contract/profiles/presets.ts';
import type { ProblemCode } from '../../contract/problems.ts';
import type { Confirmed } from '../../contract/profiles/opening-questions.ts';
import type { MappingView, Snapshot } from '../../contract/snapshot.ts';
import { HoldKeeper } from '../../connect/hold-keeper.ts';
import { allPresets } from '../../engine/profiles/presets.ts';
import { StorageError } from '../../system/system.ts';
import { findProfile, profileNamed, valueOf } from '../app-session.ts';
import { ownView } from '../holding.ts';
import { untilAborted } from '../interruptions.ts';
import { withQuestions, confirmedBy } from '../options/confirm.ts';
import { forwardDefaults } from '../options/port-spec.ts';
import { createConsole, screenOf, type Console } from '../output/console.ts';
import { endingOf } from '../output/ending.ts';
import { FileFault, InputFault } from '../output/fault.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import { mappingsOf, profileRecord } from '../output/profile-report.ts';
import { mappingRecord, paused, statusLines } from '../output/report.ts';
import { CLOSING, gatewayFor, meetingOf, programOf, snapshotOf } from '../session.ts';
import { answeredByNotes, presetForwards, tellNotes } from './command-presets.ts';

/** Exit code of a shell for a command that it cannot find, or may not run. */
const NOT_FOUND = 127;
const NOT_ALLOWED = 126;
/** Added by a shell to the number of the signal that ended a command. */
const BY_SIGNAL = 128;

/** The installed launchers put it before the former value of ELECTRON_RUN_AS_NODE: any value has Electron run this as
 * Node (assets/linux/portkeeper, assets/windows/portkeeper.cmd). */
const SET_BY_LAUNCHER = 'portkeeper:';

/** With one of these, a profile that is not there may be wanted all the same. */
const LOST: ReadonlySet<ProblemCode> = new Set(['profiles-unreadable', 'profiles-misunderstood']);

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Standard output is the command's: whatever is said here goes to standard error. */
function errorConsole(json: boolean): Console {
  const err = screenOf(process.stderr);
  return createConsole(json, { out: err, err });
}

export async function withProfile(
  options: GlobalOptions,
  _console: Console,
  name: string,
  command: readonly string[],
  { yes }: { readonly yes?: boolean },
): Promise<number> {
  if (command.length === 0) {
    throw new InputFault('Which command? Put it after two hyphens: portkeeper with minecraft -- java -jar server.jar');
  }
  const console = errorConsole(options.json);
  const done = new AbortController();
  let running: ChildProcess | undefined;
  let early: NodeJS.Signals | undefined;
  const pass = (signal: NodeJS.Signals): void => {
    // A terminal sends Ctrl-C to the command as well.
    if (signal === 'SIGINT' && process.stdin.isTTY && running !== undefined) return;
    if (running === undefined) {
      early = signal;
      done.abort();
    } else running.kill(signal);
  };
  for (const signal of SIGNALS) process.on(signal, pass);
  const first = Promise.withResolvers<void>();
  const holding = keepHolding(name, confirmedBy(yes), { options, console }, first, done.signal);
  try {
    await first.promise;
    if (early !== undefined) return BY_SIGNAL + constants.signals[early];
    return await ran(command, (child) => (running = child));
  } finally {
    done.abort();
    await holding;
    for (const signal of SIGNALS) process.off(signal, pass);
  }
}

/** Its holder may end before the command does: then another holds it, if need be this process. */
async function keepHolding(
  name: string,
  known: Confirmed,
  { options, console }: { readonly options: GlobalOptions; readonly console: Console },
  first: PromiseWithResolvers<void>,
  done: AbortSignal,
): Promise<void> {
  let wanted: Wanted | undefined;
  let isHeld = false;
  let confirmed = known;
  const keeper = new HoldKeeper({
    meet: meetingOf(programOf({ options, console, purpose: 'hold' }), { options, console, purpose: 'hold' }),
    input: async (session) => {
      wanted ??= wantedAs(name, await snapshotOf(session.client, done), {
        options: { ...options, gatewayName: gatewayFor(session, options) },
        console,
        // An engine of this process has said its problems when it began.
        saysProblems: session.app === undefined,
      });
      const { confirmed: noted = [] } = wanted;
      const answered = confirmed;
      if (isHeld || answered === 'all' || noted === 'all') return { ...wanted, confirmed: 'all' };
      return { ...wanted, confirmed: [...noted, ...answered] };
    },
  });
  try {
    await keeper.begin(done);
    const hold = (answered: Confirmed): ReturnType<HoldKeeper['hold']> => {
      confirmed = answered;
      return keeper.hold(done);
    };
    valueOf(await withQuestions(known, hold));
    const snapshot = await keeper.snapshot(done);
    const { engine, mappings, record } = heldOf(wanted, snapshot);
    console.record({ event: 'held', ...record });
    if (snapshot.settings.paused) console.line(paused());
    for (const line of statusLines(mappings, engine)) console.line(line);
    isHeld = true;
    first.resolve();
    await Promise.race([keeper.ended, untilAborted(done)]);
  } catch (error) {
    if (done.aborted) first.resolve();
    else if (error instanceof StorageError || error instanceof FileFault) {
      // Nothing is open, and the command runs anyway.
      console.note(endingOf(error).text);
      first.resolve();
    } else if (!isHeld) first.reject(error);
    else {
      console.note(`The ports of ${name} are no longer kept open: ${error instanceof Error ? error.message : ''}`);
    }
  } finally {
    await keeper.leave(CLOSING);
  }
}

/** As it was before a launcher of ours changed it: an Electron program that is run with it must not start as Node. */
function environmentOfPerson(): NodeJS.ProcessEnv {
  const { ELECTRON_RUN_AS_NODE: value = '', ...rest } = process.env;
  const theirs = value.startsWith(SET_BY_LAUNCHER) ? value.slice(SET_BY_LAUNCHER.length) : value;
  return theirs === '' ? rest : { ...rest, ELECTRON_RUN_AS_NODE: theirs };
}

/** A profile, or what a preset requires where no profile has that name. */
type Wanted = Exclude<CommandInput<'forwards.hold'>, { readonly what: 'switches' }>;

/** @throws InputFault when there is neither, FileFault when it may be among profiles that cannot be read */
function wantedAs(
  name: string,
  snapshot: AppSnapshot,
  {
    options,
    console,
    saysProblems,
  }: { readonly options: GlobalOptions; readonly console: Console; readonly saysProblems: boolean },
): Wanted {
  const profile = findProfile(name, snapshot);
  if (profile !== undefined) return { what: 'profile', profile: profile.id };
  const lost = snapshot.problems.find(({ code }) => LOST.has(code));
  if (lost !== undefined) {
    if (saysProblems) console.problem(lost);
    throw new FileFault(`Profile ${name} couldn’t be read, so its ports stay closed. The command runs anyway.`);
  }
  const preset = findPreset(allPresets(), name);
  if (preset === undefined) return { what: 'profile', profile: profileNamed(name, snapshot).id };
  tellNotes([preset], console);
  const defaults = forwardDefaults({}, options);
  return {
    what: 'forwards',
    forwards: presetForwards([preset], defaults),
    confirmed: answeredByNotes([preset], defaults),
    from: 'terminal',
    label: preset.name,
    hold: `with-${randomBytes(8).toString('hex')}`,
    afterwards: 'close',
  };
}

interface Held {
  readonly engine: Snapshot;
  readonly mappings: readonly MappingView[];
  readonly record: Readonly<Record<string, unknown>>;
}

function heldOf(wanted: Wanted | undefined, snapshot: AppSnapshot): Held {
  if (wanted?.what === 'forwards') {
    const engine = ownView(snapshot, `${wanted.hold}:`);
    const { mappings } = engine;
    return { engine, mappings, record: { mappings: mappings.map((mapping) => mappingRecord(mapping, engine)) } };
  }
  const { engine } = snapshot;
  const profile = profileNamed(wanted?.profile ?? '', snapshot);
  return { engine, mappings: mappingsOf(profile, engine), record: { profile: profileRecord(profile, snapshot) } };
}

/** Resolves with its exit code, as a shell reports it. @throws FileFault when it cannot be started */
async function ran(command: readonly string[], started: (child: ChildProcess) => void): Promise<number> {
  const [program = '', ...args] = command;
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const child = spawn(program, args, { stdio: 'inherit', env: environmentOfPerson() });
  started(child);
  child.on('error', (error) => {
    const code = 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'EACCES') {
      process.stderr.write(`${program}: ${code === 'ENOENT' ? 'command not found' : 'permission denied'}\n`);
      resolve(code === 'ENOENT' ? NOT_FOUND : NOT_ALLOWED);
    } else reject(new FileFault(`Couldn’t start ${program}: ${error.message}.`, { cause: error }));
  });
  child.on('exit', (code, signal) => {
    resolve(code ?? (signal === null ? 1 : BY_SIGNAL + constants.signals[signal]));
  });
  return await promise;
}
