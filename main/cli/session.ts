/** An engine for one command: the running Portkeeper's, or its own. */
import os from 'node:os';
import manifest from '../../package.json' with { type: 'json' };
import type { Answer, AppClient, AppSnapshot } from '../contract/commands.ts';
import { withFronts, type Snapshot } from '../contract/snapshot.ts';
import { inSeconds, millis, type Millis } from '../contract/units.ts';
import { matchesGateway } from '../core/choose.ts';
import type { GivenTests } from '../engine/reach/probes.ts';
import type { DemoHost } from '../engine/program/host.ts';
import { ConnectionLost } from '../connect/client.ts';
import {
  guestSession,
  loadApp,
  runningSession,
  type ProgramParts,
  type Purpose,
  type EngineSession,
} from '../connect/program.ts';
import { becomeOrConnect, connect } from '../connect/rendezvous.ts';
import { createLog, createProgramLog } from '../system/node/files/log.ts';
import { createNodeSystem, personalNames } from '../system/node/node-system.ts';
import type { Clock, System } from '../system/system.ts';
import type { GlobalOptions } from './options/global-options.ts';
import type { Console } from './output/console.ts';
import { InputFault, type ExitCode } from './output/fault.ts';
import { interruptible, orAborted } from './interruptions.ts';

export interface ProgramOptions {
  readonly options: GlobalOptions;
  readonly console: Console;
  readonly purpose: Purpose;
  /** Where the log is kept as well. */
  readonly logFile?: string | undefined;
  readonly tests?: GivenTests | undefined;
}

/** How long a command waits for routers that are slow to close what it ends (X35). */
export const CLOSING = inSeconds(15);

/** Parts of an engine of this process. */
export function programOf({ options, console, purpose, logFile, tests }: ProgramOptions): ProgramParts {
  const { dataFolder, gatewayName, logLevel, search } = options;
  const kept = purpose === 'serve' ? createProgramLog(dataFolder, logLevel) : undefined;
  const file = logFile === undefined ? {} : { file: { path: logFile } };
  const log = kept ?? createLog({ level: logLevel, stderr: true, ...file });
  const system = createNodeSystem({ log });
  return {
    system,
    host: {
      kind: 'service',
      version: manifest.version,
      platform: `${process.platform} ${os.release()}`,
      dataFolder,
      ...(purpose === 'serve' ? { demo: demoOf(system) } : {}),
      recentLog: kept?.recent ?? (() => []),
      personal: personalNames(),
    },
    note: (problem) => console.problem(problem),
    search,
    ...(gatewayName === undefined ? {} : { gatewayName }),
    tests,
  };
}

/** Loaded when it is switched on. */
const demoOf = (system: System): DemoHost => ({
  start: async (signal) => {
    const { createDemoStarter } = await import('../simulator/on-loopback/demo-router.ts');
    return await createDemoStarter(system).start(signal);
  },
});

export interface MeetingOptions extends ProgramOptions {
  /** A network interface that is named but not there is waited for; otherwise it is a mistake. */
  readonly waits?: boolean;
  /** The command quits as soon as its ports are open. */
  readonly isBrief?: boolean;
}

/** After the folder is ours. A brief command has quit by then, as a rule; others wait longer for whoever has the folder. */
const BRIEF = inSeconds(0.5);

/** How a command that opens or closes comes by an engine: see {@link HoldKeeper}. */
export function meetingOf(
  program: ProgramParts,
  { options, console, purpose, waits = false, isBrief = false }: MeetingOptions,
): (isTakeover: boolean, signal: AbortSignal) => Promise<EngineSession> {
  return async (isTakeover, signal) => {
    const met = await becomeOrConnect(options.dataFolder, signal);
    if (met.role === 'guest') {
      if (!isTakeover) refuseOwnRouters(options);
      return guestSession(met.client, met.window);
    }
    const began = program.system.clock.monotonic();
    try {
      await checkInterface(program.system, options, console, waits);
      const loaded = await loadApp(program, purpose, isTakeover);
      for (const problem of loaded.app.snapshot.problems) console.problem(problem);
      const session = runningSession(loaded, met);
      if (!isBrief || isTakeover) {
        await loaded.answerOthers(met);
        return session;
      }
      const ended = new AbortController();
      const { clock } = program.system;
      const rest = millis(Math.max(0, BRIEF - (clock.monotonic() - began)));
      clock
        .sleep(rest, ended.signal)
        .then(() => loaded.answerOthers(met))
        // Others find nobody, and say so.
        .catch(() => undefined);
      return {
        ...session,
        end: () => {
          ended.abort();
          return session.end();
        },
      };
    } catch (error) {
      await met.leave();
      throw error;
    }
  };
}

/** Options for routers that the running engine does not know of. @throws InputFault */
function refuseOwnRouters({ interfaceName, search: { protocol, pxpPort } }: GlobalOptions): void {
  const option =
    interfaceName !== undefined
      ? '--interface'
      : protocol !== 'auto'
        ? '--protocol'
        : pxpPort !== undefined
          ? '--pxp-port'
          : undefined;
  if (option === undefined) return;
  throw new InputFault(
    `${option} isn’t available because Portkeeper is already running with its own settings. Leave it out, change the settings, or use another data folder with --data-dir.`,
    { at: { word: option } },
  );
}

/** The router to name to this session's engine. A guest's does not search by the choice that one of our own does. */
export function gatewayFor({ app }: Pick<EngineSession, 'app'>, options: GlobalOptions): string | undefined {
  const { gatewayName, search } = options;
  const { manual } = search;
  if (app !== undefined || gatewayName !== undefined || manual === undefined) return gatewayName;
  return manual.includes('://') ? new URL(manual).hostname.replace(/^\[(.*)\]$/, '$1') : manual;
}

/**
 * For a command that only looks: the running engine, if it looks everywhere and knows the router that is asked for, or else
 * one of its own, which needs no lock and writes nothing.
 * @param hasFronts the routers in front of the home's count, too
 * @throws StorageError, InputFault, or what `work` throws
 */
export const looking =
  (work: (session: LookSession) => Promise<ExitCode>, hasFronts = false) =>
  (options: GlobalOptions, console: Console): Promise<ExitCode> =>
    interruptible((interrupted) => look({ options, console, interrupted, hasFronts }, work));

async function look(
  {
    options,
    console,
    interrupted,
    hasFronts,
  }: Pick<LookSession, 'options' | 'console' | 'interrupted'> & { readonly hasFronts: boolean },
  work: (session: LookSession) => Promise<ExitCode>,
): Promise<ExitCode> {
  const program = programOf({ options, console, purpose: 'look' });
  const { system } = program;
  const means = { system, interrupted, options, console };
  const guest = await connect(options.dataFolder, interrupted);
  if (guest !== undefined) {
    try {
      if (await isForGuest(options, hasFronts, guest.client, interrupted)) {
        return await work({ ...guestSession(guest.client, guest.window), ...means });
      }
    } catch (error) {
      // It ended meanwhile: then nothing runs.
      if (!(error instanceof ConnectionLost)) throw error;
    }
  }
  await checkInterface(system, options, console, false);
  const session = runningSession(await loadApp(program, 'look'));
  try {
    return await work({ ...session, ...means });
  } finally {
    await session.end();
  }
}

export interface LookSession extends EngineSession {
  readonly system: System;
  /** Aborts with the first Ctrl-C or SIGTERM. */
  readonly interrupted: AbortSignal;
  readonly options: GlobalOptions;
  readonly console: Console;
}

async function isForGuest(
  options: GlobalOptions,
  hasFronts: boolean,
  client: AppClient,
  signal: AbortSignal,
): Promise<boolean> {
  const { gatewayName, interfaceName, search } = options;
  if (interfaceName !== undefined || search.protocol !== 'auto' || search.pxpPort !== undefined) return false;
  const { engine, isNarrowed } = await snapshotOf(client, signal);
  if (isNarrowed) return false;
  const wanted = gatewayName ?? search.manual;
  const known = hasFronts ? withFronts(engine.gateways) : engine.gateways;
  return wanted === undefined || known.some((gateway) => matchesGateway(wanted, gateway));
}

/** As it is now. @throws ConnectionLost, or the signal's reason */
export async function snapshotOf(client: AppClient, signal: AbortSignal): Promise<AppSnapshot> {
  return await waitFor(client, () => true, signal);
}

/** Resolves with the first snapshot for which the condition holds. @throws ConnectionLost, or the signal's reason */
export async function waitFor(
  client: AppClient & { readonly onConnection?: (listener: (state: 'connected' | 'lost') => void) => () => void },
  condition: (snapshot: AppSnapshot) => boolean,
  signal: AbortSignal,
): Promise<AppSnapshot> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<AppSnapshot>();
  const forget = client.onConnection?.((state) => {
    if (state === 'lost') reject(new ConnectionLost('the connection to Portkeeper is lost'));
  });
  const unwatch = client.watch((snapshot) => {
    if (condition(snapshot)) resolve(snapshot);
  });
  try {
    return await orAborted(promise, signal);
  } finally {
    unwatch();
    forget?.();
  }
}

/** The same, but no longer than `limit`: then as it is. @throws ConnectionLost, or the signal's reason */
export async function waitAtMost(
  { client, system, interrupted }: Pick<LookSession, 'client' | 'system' | 'interrupted'>,
  condition: (snapshot: Snapshot) => boolean,
  limit: Millis,
): Promise<Snapshot> {
  const late = new AbortController();
  const timer = new AbortController();
  system.clock.sleep(limit, timer.signal).then(
    () => late.abort(),
    () => undefined,
  );
  try {
    const both = AbortSignal.any([interrupted, late.signal]);
    return (await waitFor(client, ({ engine }) => condition(engine), both)).engine;
  } catch (error) {
    if (interrupted.aborted || !late.signal.aborted) throw error;
    return (await snapshotOf(client, interrupted)).engine;
  } finally {
    timer.abort();
  }
}

/** @throws InputFault */
async function checkInterface(
  { routes }: System,
  { interfaceName }: GlobalOptions,
  console: Console,
  waits: boolean,
): Promise<void> {
  if (interfaceName === undefined) return;
  const { interfaces } = await routes.read(new AbortController().signal);
  const names = interfaces.map(({ name }) => name);
  if (names.includes(interfaceName)) return;
  const what = `There is no network interface “${interfaceName}”`;
  const known = names.length === 0 ? 'This computer has none.' : `Available: ${names.join(', ')}.`;
  if (waits) console.note(`${what} yet. ${known} Waiting for it.`);
  else throw new InputFault(`${what}. ${known}`, { at: { option: '--interface', word: interfaceName } });
}

/** Says what it waits for, after one second, and how much of it is left. */
export async function withProgress<Result>(
  { clock, console }: { readonly clock: Clock; readonly console: Console },
  text: string,
  work: () => Promise<Result>,
  left?: () => number,
): Promise<Result> {
  const done = new AbortController();
  const tell = async (): Promise<void> => {
    await clock.sleep(inSeconds(1), done.signal);
    console.note(`${text}…`);
    await clock.sleep(inSeconds(4), done.signal);
    for (let seconds = 5; ; seconds += 5) {
      const rest = left === undefined ? '' : `, ${left()} left`;
      console.note(`${text}… (${seconds} s${rest})`);
      await clock.sleep(inSeconds(5), done.signal);
    }
  };
  tell().catch(() => undefined);
  try {
    return await work();
  } finally {
    done.abort();
  }
}

/**
 * Waits for what is being closed, until nothing was closed for as long as `patience`: a router may take its time for
 * each of many. Whatever interrupts meanwhile is left to `wait`.
 * @param watch the first call is immediate; `left` is asked at each
 */
export async function whileClosing(
  {
    clock,
    watch,
    left: count,
  }: { readonly clock: Clock; readonly watch: (changed: () => void) => () => void; readonly left: () => number },
  patience: Millis,
  wait: (late: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const late = new AbortController();
  let timer = new AbortController();
  let left: number | undefined;
  const unwatch = watch(() => {
    const now = count();
    if (now !== left) {
      timer.abort();
      timer = new AbortController();
      clock.sleep(patience, timer.signal).then(
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

/** @throws ConnectionLost when it is ending, so that others may be asked */
export function notStopped<Value>(answer: Answer<Value>): Answer<Value> {
  if (!answer.ok && answer.fault.code === 'stopped') throw new ConnectionLost(answer.fault.message);
  return answer;
}
