/** `portkeeper with PROFILE -- COMMAND…`: holds a profile's ports while a command runs, and ends as the command does. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { AppClient, AppSnapshot } from '../../contract/commands.ts';
import type { ProblemCode } from '../../contract/problems.ts';
import type { Profile } from '../../contract/profile.ts';
import { inSeconds } from '../../contract/units.ts';
import { StorageError } from '../../system/system.ts';
import { createLocalClient } from '../../engine/dispatch.ts';
import type { Guest, Host } from '../../connect/rendezvous.ts';
import { becomeOrConnect } from '../../connect/rendezvous.ts';
import type { AppSession } from '../app-session.ts';
import { currentSnapshot, loadApp, profileNamed, valueOf } from '../app-session.ts';
import type { Console } from '../output/console.ts';
import { endingOf } from '../output/ending.ts';
import { createConsole } from '../output/console.ts';
import { FileFault, InputFault } from '../output/fault.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import { mappingsOf, profileRecord } from '../output/profile-report.ts';
import { mappingLines } from '../output/report.ts';

/** A router that is slow to answer does not keep the command from ending (X35). */
const CLOSING = inSeconds(15);

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
export function errorConsole(json: boolean): Console {
  const err = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  return createConsole(json, { out: err, err });
}

export async function withProfile(name: string, command: readonly string[], options: GlobalOptions): Promise<number> {
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
  const holding = keepHolding(name, options, console, first, done.signal);
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
  options: GlobalOptions,
  console: Console,
  first: PromiseWithResolvers<void>,
  done: AbortSignal,
): Promise<void> {
  let isRefused = true;
  const wasHeld = (): void => {
    isRefused = false;
  };
  first.promise.then(wasHeld, () => undefined);
  while (!done.aborted) {
    try {
      const met = await becomeOrConnect(options.dataFolder, done);
      await (met.role === 'guest'
        ? holdThrough(met.client, name, console, first, done)
        : holdAsHost(met, name, options, console, first, done));
    } catch (error) {
      if (done.aborted) break;
      if (error instanceof StorageError || error instanceof FileFault) {
        // Nothing is held, but the command is not kept from running.
        console.note(endingOf(error).text);
        break;
      }
      first.reject(error);
      if (isRefused) return;
      console.note(`The ports of ${name} are not held any more: ${error instanceof Error ? error.message : ''}`);
      return;
    }
  }
  first.resolve();
}

async function holdAsHost(
  host: Host,
  name: string,
  options: GlobalOptions,
  console: Console,
  first: PromiseWithResolvers<void>,
  done: AbortSignal,
): Promise<void> {
  try {
    const { app, dispatch, answerOthers } = await loadApp(options, console, 'hold');
    const stop = new AbortController();
    const ended = app.run(stop.signal);
    ended.catch(() => undefined);
    try {
      await answerOthers(host);
      await Promise.race([holdThrough(createLocalClient(dispatch), name, console, first, done), ended]);
      await app.leave(CLOSING, 'close');
    } finally {
      stop.abort();
      await ended;
    }
  } finally {
    await host.leave();
  }
}

/** Until `done`, or until whoever holds it has gone. */
async function holdThrough(
  client: AppClient | Guest['client'],
  name: string,
  console: Console,
  first: PromiseWithResolvers<void>,
  done: AbortSignal,
): Promise<void> {
  const session: AppSession = { client, running: undefined, interrupted: done };
  const { id } = profileThatMayBeLost(name, await currentSnapshot(session), console);
  const { promise, resolve } = Promise.withResolvers<void>();
  done.addEventListener('abort', () => resolve(), { once: true });
  valueOf(await client.hold(id, done, resolve));
  const snapshot = await currentSnapshot(session);
  const profile = profileNamed(id, snapshot);
  console.record({ event: 'held', profile: profileRecord(profile, snapshot) });
  if (snapshot.settings.paused) console.line('Everything is paused: nothing is open.');
  for (const mapping of mappingsOf(profile, snapshot.engine)) {
    for (const line of mappingLines(mapping, snapshot.engine)) console.line(line);
  }
  first.resolve();
  await promise;
}

/** As it was before a launcher of ours changed it: an Electron program that is run with it must not start as Node. */
function environmentOfPerson(): NodeJS.ProcessEnv {
  const { ELECTRON_RUN_AS_NODE: value = '', ...rest } = process.env;
  const theirs = value.startsWith(SET_BY_LAUNCHER) ? value.slice(SET_BY_LAUNCHER.length) : value;
  return theirs === '' ? rest : { ...rest, ELECTRON_RUN_AS_NODE: theirs };
}

/** @throws FileFault when it may be among those that cannot be read, InputFault when there is none */
function profileThatMayBeLost(name: string, snapshot: AppSnapshot, console: Console): Profile {
  try {
    return profileNamed(name, snapshot);
  } catch (error) {
    const lost = snapshot.problems.find(({ code }) => LOST.has(code));
    if (lost === undefined || !(error instanceof InputFault)) throw error;
    console.problem(lost);
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
