/** Profiles and settings for one command: the running Portkeeper's, or the data folder's own for the moment. */
import path from 'node:path';
import type { Answer, AppClient, AppSnapshot, CommandFault } from '../contract/commands.ts';
import type { Problem } from '../contract/problems.ts';
import type { Profile } from '../contract/profile.ts';
import { App } from '../engine/app.ts';
import { createDispatch, createLocalClient } from '../engine/dispatch.ts';
import type { Dispatch } from '../engine/dispatch.ts';
import { createRouterMemory } from '../gateways/router-memory.ts';
import { RemoteClient } from '../connect/client.ts';
import type { Host } from '../connect/rendezvous.ts';
import { becomeOrConnect, unreachableProblem } from '../connect/rendezvous.ts';
import { createDocumentStore, setAsideProblem } from '../system/node/files/document-store.ts';
import type { SetAside } from '../system/node/files/document-store.ts';
import { createLog } from '../system/node/files/log.ts';
import { createNodeSystem } from '../system/node/node-system.ts';
import { createProgramLog } from '../system/node/files/program-log.ts';
import { createRecordLog } from '../system/node/files/record-log.ts';
import type { System } from '../system/system.ts';
import type { Console } from './output/console.ts';
import { FileFault, InputFault, RefusedFault } from './output/fault.ts';
import type { GlobalOptions } from './options/global-options.ts';
import { interruptions } from './interruptions.ts';
import { createNodeHost } from './node-host.ts';

export interface LocalApp {
  readonly app: App;
  readonly dispatch: Dispatch;
  readonly system: System;
  /** What keeps other commands from finding this process is said, and keeps nothing closed. */
  readonly answerOthers: (host: Host, window?: string) => Promise<void>;
}

/**
 * On the data folder, which must be ours. Nothing is opened until it runs.
 * @param purpose `serve`: a service of its own, with all that windows ask for. `hold`: only what is held is opened.
 */
export async function loadApp(
  options: GlobalOptions,
  console: Console,
  purpose: 'serve' | 'change' | 'hold' = 'change',
): Promise<LocalApp> {
  const { dataFolder, gatewayName, search } = options;
  const kept = purpose === 'serve' ? createProgramLog(dataFolder, options.logLevel) : undefined;
  const log = kept ?? createLog({ level: options.logLevel, stderr: true });
  const system = createNodeSystem({ log });
  const noted: Problem[] = [];
  let show = (): void => undefined;
  const note = (problem: Problem): void => {
    console.problem(problem);
    noted.push(problem);
    show();
  };
  const onSetAside = (what: SetAside): void => note(setAsideProblem(what, system.clock.now()));
  const documents = createDocumentStore(dataFolder, { onSetAside });
  const app = await App.load({
    system,
    documents,
    journal: createRecordLog(path.join(dataFolder, 'journal.jsonl'), { onSetAside, holds: 'openings' }),
    activity: createRecordLog(path.join(dataFolder, 'activity.jsonl'), { onSetAside }),
    memory: createRouterMemory(documents, log, system.clock),
    search,
    switches: purpose === 'hold' ? 'ignored' : 'obeyed',
    ...(kept === undefined ? {} : { host: createNodeHost(system, kept, dataFolder) }),
    ...(gatewayName === undefined ? {} : { gatewayName }),
  });
  for (const problem of app.snapshot.problems) console.problem(problem);
  show = () => app.showHostProblems([...noted]);
  show();
  const dispatch = createDispatch(app, log);
  const answerOthers: LocalApp['answerOthers'] = async (host, window) => {
    const trouble = await host.serve({ dispatch, log }, window);
    if (trouble !== undefined) note(unreachableProblem(trouble, system.clock.now()));
  };
  return { app, dispatch, system, answerOthers };
}

export interface AppSession {
  readonly client: AppClient;
  /** The running one, if there is one: what is switched on is open, or about to be. */
  readonly running: RemoteClient | undefined;
  /** Where a browser finds the running one's window, when it is served. */
  readonly window?: string | undefined;
  /** Aborts with the first Ctrl-C or SIGTERM. */
  readonly interrupted: AbortSignal;
}

/** @throws StorageError (also when the folder is in use by who answers nobody), RefusedFault, or what `work` throws */
export async function withApp<Result>(
  options: GlobalOptions,
  console: Console,
  work: (session: AppSession) => Promise<Result>,
): Promise<Result> {
  const { signal: interrupted, forget } = interruptions();
  try {
    const met = await becomeOrConnect(options.dataFolder, interrupted);
    if (met.role === 'guest') {
      const { client, window } = met;
      return await work({ client, running: client, window, interrupted });
    }
    try {
      const { app, dispatch } = await loadApp(options, console);
      try {
        return await work({ client: createLocalClient(dispatch), running: undefined, interrupted });
      } finally {
        await app.profiles.stored();
      }
    } finally {
      await met.leave();
    }
  } finally {
    forget();
  }
}

/** As it is now. @throws the interrupt's reason, RefusedFault when the running one has gone */
export async function currentSnapshot({ client, interrupted }: AppSession): Promise<AppSnapshot> {
  const { promise, resolve, reject } = Promise.withResolvers<AppSnapshot>();
  const stop = (): void => reject(interrupted.reason);
  interrupted.addEventListener('abort', stop, { once: true });
  const forget =
    client instanceof RemoteClient
      ? client.onConnection((state) => {
          if (state === 'lost') reject(new RefusedFault('Portkeeper has just ended. Try again.'));
        })
      : () => undefined;
  const unwatch = client.watch(resolve);
  try {
    return await promise;
  } finally {
    unwatch();
    forget();
    interrupted.removeEventListener('abort', stop);
  }
}

/** @throws InputFault, FileFault or RefusedFault when it is a refusal */
export function valueOf<Value>(answer: Answer<Value>): Value {
  if (answer.ok) return answer.value;
  throw faultOf(answer.fault);
}

function faultOf({ code, message }: CommandFault): Error {
  switch (code) {
    case 'bad-input':
    case 'unknown-command':
    case 'no-such-profile':
    case 'no-such-forward':
    case 'no-such-gateway':
      return new InputFault(message);
    case 'storage':
      return new FileFault(message);
    case 'conflict':
    case 'nothing-to-restore':
    case 'stopped':
    case 'gateway-failed':
    case 'not-here':
    case 'failed':
      return new RefusedFault(message);
  }
}

/** Says what is done, but not saved. @returns whether there is such a thing, see `EXIT.storage` */
export function tellUnsaved({ problems }: Pick<AppSnapshot, 'problems'>, console: Console): boolean {
  const unsaved = problems.find(({ code }) => code === 'profiles-not-stored');
  if (unsaved !== undefined) console.problem(unsaved);
  return unsaved !== undefined;
}

/** By id, or by name in any case. @throws InputFault when there is none, or more than one */
export function profileNamed(text: string, { profiles }: Pick<AppSnapshot, 'profiles'>): Profile {
  const byId = profiles.find(({ id }) => id === text);
  if (byId !== undefined) return byId;
  const wanted = text.trim().toLowerCase();
  const [first, ...others] = profiles.filter(({ name }) => name.toLowerCase() === wanted);
  if (first !== undefined && others.length === 0) return first;
  if (first !== undefined) {
    const ids = [first, ...others].map(({ id }) => id).join(', ');
    throw new InputFault(`"${text}" is the name of several profiles. Name one by its id: ${ids}.`);
  }
  const known = profiles.length === 0 ? 'There is none yet: portkeeper profile add NAME PORTS...' : listed(profiles);
  throw new InputFault(`There is no profile "${text}". ${known}`);
}

function listed(profiles: readonly Profile[]): string {
  const names = profiles.slice(0, 10).map(({ id }) => id);
  return `There are: ${names.join(', ')}${profiles.length > names.length ? ', ...' : '.'}`;
}
