/** The job of the Rust upnp-daemon: hold what a file lists, and follow the file. */
import { createHash } from 'node:crypto';
import { watch as watchFolder } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { millis } from '../contract/units.ts';
import type { Millis } from '../contract/units.ts';
import { lockFile } from '../system/node/folder-lock.ts';
import { StorageError } from '../system/system.ts';
import { close, keepOpen, untilAborted } from './command-open.ts';
import { closeTargets } from './command-close.ts';
import type { Console } from './console.ts';
import { EXIT, InputFault } from './fault.ts';
import type { ExitCode } from './fault.ts';
import { follow } from './follow.ts';
import type { GlobalOptions } from './global-options.ts';
import { runInBackground, tellParent } from './background.ts';
import { outcomeOf } from './outcome.ts';
import type { FileOptions, PortEntry } from './ports-file.ts';
import { forwardsOfEntries, parsePortsFile } from './ports-file.ts';
import type { Session } from './session.ts';
import { startSession, withProgress } from './session.ts';

export interface RunOptions {
  readonly file: string;
  readonly format: string;
  readonly csvDelimiter: string;
  readonly foreground?: boolean;
  readonly oneshot?: boolean;
  readonly interval: string;
  readonly closePortsOnExit?: boolean;
  readonly onlyClosePorts?: boolean;
  readonly pidFile: string;
}

/** A file is often written in several steps. */
const SETTLE: Millis = millis(200);

interface Plan {
  readonly file: FileOptions & { readonly path: string | undefined };
  readonly interval: Millis;
  readonly pidFile: string;
}

function planOf(given: RunOptions): Plan {
  const { format, csvDelimiter: delimiter } = given;
  if (format !== 'csv' && format !== 'json') throw new InputFault(`--format ${format}: it must be csv or json.`);
  if ([...delimiter].length !== 1) throw new InputFault(`--csv-delimiter ${delimiter}: it must be a single character.`);
  const interval = /^\d{1,6}$/.test(given.interval) ? Number(given.interval) : 0;
  if (interval < 1)
    throw new InputFault(`--interval ${given.interval}: it must be a whole number of seconds, 1 or more.`);
  if (!path.isAbsolute(given.pidFile)) {
    throw new InputFault(`--pid-file ${given.pidFile}: it must be an absolute path, such as /tmp/portkeeper.pid.`);
  }
  const isInput = given.file === '-';
  return {
    file: {
      format,
      delimiter,
      name: isInput ? 'standard input' : given.file,
      path: isInput ? undefined : path.resolve(given.file),
    },
    interval: millis(interval * 1000),
    pidFile: given.pidFile,
  };
}

async function readEntries({ file }: Plan): Promise<{ readonly entries: readonly PortEntry[]; readonly text: string }> {
  const text = file.path === undefined ? await readAll(process.stdin) : await readListed(file.path, file.name);
  return { entries: parsePortsFile(text, file), text };
}

async function readListed(file: string, name: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const why: Record<string, string> = {
      ENOENT: 'there is no such file',
      EACCES: 'you may not read it',
      EISDIR: 'it is a folder',
    };
    throw new InputFault(`${name} cannot be read: ${why[code] ?? String(error)}. Check the name after --file.`, {
      cause: error,
    });
  }
}

export async function run(given: RunOptions, options: GlobalOptions, console: Console): Promise<ExitCode> {
  const plan = planOf(given);
  // Read before going to the background, so that a mistake is told to whoever typed the command.
  const first = await readEntries(plan);
  const background = given.foreground !== true && process.platform !== 'win32';
  if (background) return runInBackground(plan.file.path === undefined ? first.text : undefined, console);
  const instance = await lockFile(`${plan.pidFile}.lock`);
  await writeFile(plan.pidFile, `${process.pid}\n`).catch((error: unknown) => {
    throw new StorageError('no-permission', plan.pidFile, `the pid file cannot be written: ${String(error)}`, {
      cause: error,
    });
  });
  try {
    // One journal for each pid file: several instances may be meant.
    const place = path.join('run', createHash('sha256').update(plan.pidFile).digest('hex').slice(0, 16));
    const session = await startSession({ options, console, purpose: 'hold', place });
    tellParent('running');
    try {
      return given.onlyClosePorts === true
        ? await closeTargets(session, await targetsOf(session, first.entries), options, console)
        : await hold(session, plan, first.entries, given, options, console);
    } finally {
      await session.stop();
    }
  } finally {
    await rm(plan.pidFile, { force: true });
    await instance.release();
  }
}

async function targetsOf(session: Session, entries: readonly PortEntry[]): Promise<Parameters<typeof closeTargets>[1]> {
  const { forwards } = forwardsOfEntries(entries, await session.system.routes.read(session.interrupted));
  return forwards.flatMap(({ transports, external, internal, label }) =>
    transports.map((transport) => ({ transport, port: external.first, client: internal.client, description: label })),
  );
}

async function hold(
  session: Session,
  plan: Plan,
  first: readonly PortEntry[],
  given: RunOptions,
  options: GlobalOptions,
  console: Console,
): Promise<ExitCode> {
  const { engine, system, interrupted } = session;
  let entries = first;
  let applied = '';
  const apply = async (): Promise<void> => {
    const { forwards, elsewhere } = forwardsOfEntries(entries, await system.routes.read(interrupted));
    const gateway = options.gatewayName;
    const wanted = gateway === undefined ? forwards : forwards.map((forward) => ({ ...forward, gateway }));
    const text = JSON.stringify(wanted);
    if (text === applied) return;
    applied = text;
    for (const { place, network } of elsewhere) {
      if (network === undefined) continue;
      console.note(
        `${plan.file.name}, ${place}: this computer has no address in ${network.address}/${network.prefix} now; it is left out until it has.`,
      );
    }
    engine.want(wanted);
  };
  await apply();
  const unfollow = follow((listener) => engine.watch(listener), console);
  try {
    const snapshot = await withProgress(session, console, 'Opening', (signal) => engine.settled(signal));
    const outcome = outcomeOf(snapshot);
    console.record({ event: 'ready', ...countsOf(session) });
    if (given.oneshot === true) {
      await keepOpen(session);
      return outcome;
    }
    const done = new AbortController();
    const following = followFile(
      session,
      plan,
      done.signal,
      async (next) => {
        if (next !== undefined) entries = next;
        await apply();
      },
      console,
    );
    await Promise.race([session.ended, untilAborted(interrupted)]);
    done.abort();
    await following;
    return await leave(session, given, console);
  } catch (error) {
    if (!interrupted.aborted) throw error;
    return await leave(session, given, console);
  } finally {
    unfollow();
  }
}

function countsOf({ engine }: Session): Record<string, number> {
  const counts = { open: 0, refused: 0, waiting: 0 };
  for (const { status } of engine.snapshot.mappings) {
    if (status.at === 'open' || status.at === 'renewing') counts.open += 1;
    else if (status.at === 'refused') counts.refused += 1;
    else counts.waiting += 1;
  }
  return counts;
}

async function leave(session: Session, given: RunOptions, console: Console): Promise<ExitCode> {
  if (given.closePortsOnExit === true) await close(session, console);
  else await keepOpen(session);
  return EXIT.ok;
}

/** Calls `apply` with what the file says whenever it changed, and without at each interval, for interfaces change too. */
async function followFile(
  { system }: Session,
  plan: Plan,
  signal: AbortSignal,
  apply: (entries: readonly PortEntry[] | undefined) => Promise<void>,
  console: Console,
): Promise<void> {
  const { path: file } = plan.file;
  let known = file === undefined ? '' : await readFile(file, 'utf8').catch(() => '');
  let complained = '';
  while (!signal.aborted) {
    await changedOrLater(file, plan.interval, system.clock, signal);
    if (signal.aborted) return;
    try {
      const text = file === undefined ? known : await readListed(file, plan.file.name);
      const entries = text === known ? undefined : parsePortsFile(text, plan.file);
      known = text;
      if (entries !== undefined) console.note(`${plan.file.name} changed: it is applied.`);
      await apply(entries);
      complained = '';
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof InputFault)) throw error;
      if (complained !== error.message) {
        console.note(`${error.message} What was open before stays open.`);
        console.record({ event: 'bad-file', message: error.message });
      }
      complained = error.message;
    }
  }
}

async function changedOrLater(
  file: string | undefined,
  interval: Millis,
  clock: Session['system']['clock'],
  signal: AbortSignal,
): Promise<void> {
  const stop = new AbortController();
  const scope = AbortSignal.any([signal, stop.signal]);
  const sleeping = clock.sleep(interval, scope).catch(() => undefined);
  // The folder is watched, not the file: editors replace it.
  const changed = new Promise<void>((resolve) => {
    if (file === undefined) return;
    try {
      const watcher = watchFolder(path.dirname(file), { signal: scope }, (_event, name) => {
        if (name === null || name === path.basename(file)) resolve();
      });
      watcher.on('error', () => undefined);
    } catch {
      // Without a watch the interval has to do.
    }
  });
  const why = await Promise.race([sleeping.then(() => 'later'), changed.then(() => 'changed')]);
  stop.abort();
  if (why === 'changed') await clock.sleep(SETTLE, signal).catch(() => undefined);
}
