/** One engine on this machine's network, for the time of one command. */
import path from 'node:path';
import type { Snapshot } from '../contract/model.ts';
import { inSeconds } from '../contract/units.ts';
import type { Millis } from '../contract/units.ts';
import { Engine } from '../engine/loop/engine.ts';
import type { Reachability } from '../engine/loop/reachability.ts';
import { createRouterMemory } from '../gateways/router-memory.ts';
import { createDocumentStore, setAsideProblem } from '../system/node/files/document-store.ts';
import type { SetAside } from '../system/node/files/document-store.ts';
import { lockFolder } from '../system/node/files/folder-lock.ts';
import { createLog } from '../system/node/files/log.ts';
import { createNodeSystem } from '../system/node/node-system.ts';
import { createRecordLog } from '../system/node/files/record-log.ts';
import type { RecordLog, System } from '../system/system.ts';
import type { Console } from './output/console.ts';
import { InputFault } from './output/fault.ts';
import type { GlobalOptions } from './options/global-options.ts';
import { interruptions } from './interruptions.ts';

export interface Session {
  readonly engine: Engine;
  readonly system: System;
  /** Rejects with what ended the engine, resolves when {@link stop} was called. */
  readonly ended: Promise<void>;
  /** Aborts with the first Ctrl-C or SIGTERM. */
  readonly interrupted: AbortSignal;
  stop(): Promise<void>;
}

export interface SessionOptions {
  readonly options: GlobalOptions;
  readonly console: Console;
  /** `look`: nothing is opened or closed, the journal is left alone, and another process may be at work. */
  readonly purpose: 'look' | 'hold';
  /** Below the data folder, for instances that are meant to run side by side. */
  readonly place?: string;
  readonly reachability?: (system: System) => Reachability;
  /** A network interface that is named but not there is waited for; otherwise it is a mistake. */
  readonly waits?: boolean;
  /** Where the log is kept as well. */
  readonly logFile?: string;
}

/** Looking needs no memory of mappings. */
const NOTHING_RECORDED: RecordLog = {
  load: () => Promise.resolve([]),
  append: () => Promise.resolve(),
  rewrite: () => Promise.resolve(),
};

/** @throws StorageError, InputFault */
export async function startSession(given: SessionOptions): Promise<Session> {
  const { options, console, purpose, logFile } = given;
  const folder = given.place === undefined ? options.dataFolder : path.join(options.dataFolder, given.place);
  const log = createLog({
    level: options.logLevel,
    stderr: true,
    ...(logFile === undefined ? {} : { file: { path: logFile } }),
  });
  const system = createNodeSystem({ log });
  await checkInterface(system, given);
  const lock = purpose === 'hold' ? await lockFolder(folder) : undefined;
  const onSetAside = (what: SetAside): void => console.problem(setAsideProblem(what, system.clock.now()));
  const store = createDocumentStore(folder, { onSetAside });
  const memory = createRouterMemory(
    // A command that only looks does not write beside one that holds.
    purpose === 'hold' ? store : { read: (name) => store.read(name), write: () => Promise.resolve() },
    log,
    system.clock,
  );
  const journal =
    purpose === 'hold'
      ? createRecordLog(path.join(folder, 'journal.jsonl'), { onSetAside, holds: 'openings' })
      : NOTHING_RECORDED;
  const engine = new Engine({
    system,
    journal,
    memory,
    search: options.search,
    ...(given.reachability === undefined ? {} : { reachability: given.reachability(system) }),
  });
  const stop = new AbortController();
  const { signal: interrupted, forget } = interruptions();
  const ended = engine.run(stop.signal);
  // Whoever awaits `ended` sees it; nobody may, when the command is done first.
  ended.catch(() => undefined);
  return {
    engine,
    system,
    ended,
    interrupted,
    async stop() {
      stop.abort();
      forget();
      try {
        await ended;
      } finally {
        await lock?.release();
      }
    },
  };
}

/** @throws InputFault */
async function checkInterface({ routes }: System, { options, console, waits }: SessionOptions): Promise<void> {
  const { interfaceName } = options;
  if (interfaceName === undefined) return;
  const { interfaces } = await routes.read(new AbortController().signal);
  const names = interfaces.map(({ name }) => name);
  if (names.includes(interfaceName)) return;
  const what = `--interface ${interfaceName}: this computer has no network interface of that name`;
  const known = names.length === 0 ? 'It has none at all.' : `It has: ${names.join(', ')}.`;
  if (waits === true) console.note(`${what} now. ${known} It is waited for.`);
  else throw new InputFault(`${what}. ${known}`);
}

/** Tells people what is being waited for, from one second on, and how much of it is left. */
export async function withProgress<Result>(
  session: Pick<Session, 'ended' | 'interrupted'> & { readonly system: Pick<System, 'clock'> },
  console: Console,
  text: string,
  work: (signal: AbortSignal) => Promise<Result>,
  left?: () => number,
): Promise<Result> {
  const done = new AbortController();
  const tell = async (): Promise<void> => {
    await session.system.clock.sleep(inSeconds(1), done.signal);
    console.note(`${text} ...`);
    await session.system.clock.sleep(inSeconds(4), done.signal);
    for (let seconds = 5; ; seconds += 5) {
      const rest = left === undefined ? '' : `, ${left()} left`;
      console.note(`${text} (${seconds} s${rest}) ...`);
      await session.system.clock.sleep(inSeconds(5), done.signal);
    }
  };
  tell().catch(() => undefined);
  try {
    const failed = session.ended.then(() => {
      throw new Error('the engine ended');
    });
    return await Promise.race([work(session.interrupted), failed]);
  } finally {
    done.abort();
  }
}

/**
 * Waits for what is being closed, until nothing was closed for as long as `patience`: a router may take its time for
 * each of many. Whatever interrupts meanwhile is left to `wait`.
 */
export async function whileClosing(
  { engine, system }: { readonly engine: Pick<Engine, 'leftovers' | 'watch'>; readonly system: Pick<System, 'clock'> },
  patience: Millis,
  wait: (late: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const late = new AbortController();
  let timer = new AbortController();
  let left: number | undefined;
  const unwatch = engine.watch(() => {
    const now = engine.leftovers.length;
    if (now !== left) {
      timer.abort();
      timer = new AbortController();
      system.clock.sleep(patience, timer.signal).then(
        () => late.abort(),
        () => undefined,
      );
    }
    left = now;
  });
  try {
    await wait(late.signal);
  } catch (error) {
    if (!late.signal.aborted) throw error;
  } finally {
    unwatch();
    timer.abort();
  }
}

/** Resolves with the snapshot when `condition` holds or `limit` has passed. @throws the interrupt's reason */
export async function waitFor(
  session: Session,
  condition: (snapshot: Snapshot) => boolean,
  limit: Millis,
): Promise<Snapshot> {
  const late = new AbortController();
  const timer = new AbortController();
  session.system.clock.sleep(limit, timer.signal).then(
    () => late.abort(),
    () => undefined,
  );
  try {
    return await session.engine.until(
      () => condition(session.engine.snapshot),
      AbortSignal.any([session.interrupted, late.signal]),
    );
  } catch (error) {
    if (session.interrupted.aborted || !late.signal.aborted) throw error;
    return session.engine.snapshot;
  } finally {
    timer.abort();
  }
}
