/** `portkeeper with PROFILE -- COMMAND…`: holds a profile's ports while a command runs, and ends as the command does. */
import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import type { AppSnapshot } from '../../contract/commands.ts';
import type { Problem, ProblemCode } from '../../contract/problems.ts';
import type { Confirmed } from '../../contract/opening-questions.ts';
import type { Profile, ProfileId } from '../../contract/profile.ts';
import { HoldKeeper } from '../../connect/hold-keeper.ts';
import { StorageError } from '../../system/system.ts';
import { profileNamed, valueOf } from '../app-session.ts';
import { untilAborted } from '../interruptions.ts';
import { confirmedBy, withQuestions } from '../options/confirm.ts';
import { createConsole, type Console } from '../output/console.ts';
import { FileFault, InputFault, endingOf } from '../output/fault.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import { mappingsOf, profileRecord } from '../output/profile-report.ts';
import { mappingLines } from '../output/report.ts';
import { CLOSING, meetingOf, programOf, snapshotOf } from '../session.ts';

/** What a shell says of a command that it cannot find, or may not run. */
const NOT_FOUND = 127;
const NOT_ALLOWED = 126;
/** What a shell adds to the number of the signal that ended a command. */
const BY_SIGNAL = 128;

/** What the installed launchers put before the former value of ELECTRON_RUN_AS_NODE: any value has Electron run this as
 * Node (assets/linux/portkeeper, assets/windows/portkeeper.cmd). */
const SET_BY_LAUNCHER = 'portkeeper:';

/** With one of these, a profile that is not there may be wanted all the same. */
const LOST: ReadonlySet<ProblemCode> = new Set(['profiles-unreadable', 'profiles-misunderstood']);

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Standard output is the command's: whatever is said here goes to standard error. */
function errorConsole(json: boolean): Console {
  const err = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
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

/** Whoever held it may end before the command does: then another holds it, if need be this process. */
async function keepHolding(
  name: string,
  known: Confirmed,
  { options, console }: { readonly options: GlobalOptions; readonly console: Console },
  first: PromiseWithResolvers<void>,
  done: AbortSignal,
): Promise<void> {
  let profile: ProfileId | undefined;
  let isHeld = false;
  let confirmed = known;
  const keeper = new HoldKeeper({
    meet: meetingOf(programOf({ options, console, purpose: 'hold' }), { options, console, purpose: 'hold' }),
    input: async ({ client, app }) => {
      // An engine of this process has said its problems when it began.
      const tell = app === undefined ? (problem: Problem) => console.problem(problem) : () => undefined;
      profile ??= profileThatMayBeLost(name, await snapshotOf(client, done), tell).id;
      return { what: 'profile', profile, confirmed: isHeld ? 'all' : confirmed };
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
    const held = profileNamed(profile ?? name, snapshot);
    console.record({ event: 'held', profile: profileRecord(held, snapshot) });
    if (snapshot.settings.paused) console.line('Everything is paused: nothing is open.');
    for (const mapping of mappingsOf(held, snapshot.engine)) {
      for (const line of mappingLines(mapping, snapshot.engine)) console.line(line);
    }
    isHeld = true;
    first.resolve();
    await Promise.race([keeper.ended, untilAborted(done)]);
  } catch (error) {
    if (done.aborted) first.resolve();
    else if (error instanceof StorageError || error instanceof FileFault) {
      // Nothing is held, but the command is not kept from running.
      console.note(endingOf(error).text);
      first.resolve();
    } else if (!isHeld) first.reject(error);
    else {
      console.note(`The ports of ${name} are not held any more: ${error instanceof Error ? error.message : ''}`);
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

/** @throws FileFault when it may be among those that cannot be read, InputFault when there is none */
function profileThatMayBeLost(name: string, snapshot: AppSnapshot, tell: (lost: Problem) => void): Profile {
  try {
    return profileNamed(name, snapshot);
  } catch (error) {
    const lost = snapshot.problems.find(({ code }) => LOST.has(code));
    if (lost === undefined || !(error instanceof InputFault)) throw error;
    tell(lost);
    throw new FileFault(`Profile ${name} couldn’t be read, so its ports stay closed. The command runs anyway.`);
  }
}

/** Resolves with its exit code, as a shell tells it. @throws FileFault when it cannot be started */
async function ran(command: readonly string[], started: (child: ChildProcess) => void): Promise<number> {
  const [program = '', ...args] = command;
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const child = spawn(program, args, { stdio: 'inherit', env: environmentOfPerson() });
  started(child);
  child.on('error', (error) => {
    const code = 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'EACCES') {
      process.stderr.write(`${program}: ${code === 'ENOENT' ? 'there is no such command' : 'you may not run it'}\n`);
      resolve(code === 'ENOENT' ? NOT_FOUND : NOT_ALLOWED);
    } else reject(new FileFault(`${program} cannot be started: ${error.message}.`, { cause: error }));
  });
  child.on('exit', (code, signal) => {
    resolve(code ?? (signal === null ? 1 : BY_SIGNAL + constants.signals[signal]));
  });
  return await promise;
}
