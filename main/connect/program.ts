/** Puts the parts together, once for every program: the App on a data folder, and who is its guest. */
import path from 'node:path';
import type { AppClient } from '../contract/commands.ts';
import type { Problem } from '../contract/problems.ts';
import { inHours, inSeconds, type Millis } from '../contract/units.ts';
import { App, type AppOptions } from '../engine/app.ts';
import { createDispatch, createLocalClient, type Dispatch } from '../engine/dispatch.ts';
import type { Host as ProgramHost } from '../engine/program/host.ts';
import { createRouterMemory } from '../gateways/router-memory.ts';
import { createNodeClock } from '../system/node/clock.ts';
import { createDocumentStore, setAsideProblem, type SetAside } from '../system/node/files/document-store.ts';
import { readBytes } from '../system/node/files/whole-file.ts';
import { createRecordLog, lookIntoRecordLog } from '../system/node/files/record-log.ts';
import { giveMemoryBack } from '../system/node/memory.ts';
import { secretServiceVault } from '../system/node/secret-service.ts';
import { createSecretStore, type Sealer } from '../system/node/secrets.ts';
import { openSessionBus, sessionBusAddress, type OpenBus } from '../system/node/session-bus.ts';
import type { DocumentStore, RecordLog, SecretStore, StorageError, System } from '../system/system.ts';
import type { RemoteClient } from './client.ts';
import { unreachableProblem, type FolderHost } from './rendezvous.ts';

export interface ProgramParts extends Pick<AppOptions, 'gatewayName' | 'search' | 'tests'> {
  readonly system: System;
  readonly host: ProgramHost;
  /** Documents of the data folder; files of `conf` when absent. */
  readonly documents?: (onSetAside: (what: SetAside) => void) => DocumentStore;
  /** How the program can hide secrets, if by more than a file. */
  readonly sealer?: Sealer | undefined;
  /** Notes problems met on the way that the person is to know. */
  readonly note: (problem: Problem) => void;
}

/**
 * `serve`: profiles that are switched on are opened. `hold`: only what programs hold is. `change`: nothing runs. `look`:
 * nothing is opened, closed or written, and another process may be at work in the folder.
 */
export type Purpose = 'serve' | 'hold' | 'change' | 'look';

/** Holders that outlive a crash of the engine's process come back within this time. */
const PATIENCE = inSeconds(5);
/** Longer than anybody looks: what an earlier run left open is not this one's to close. */
const FOR_GOOD = inHours(24);

export interface LoadedApp {
  readonly app: App;
  readonly dispatch: Dispatch;
  /** A failure to let other commands find this process is reported, and keeps nothing closed. */
  readonly answerOthers: (folder: FolderHost, window?: string) => Promise<void>;
}

/** @param isTakeover another process had the engine until now, and its guests are about to come here */
export async function loadApp(parts: ProgramParts, purpose: Purpose, isTakeover = false): Promise<LoadedApp> {
  const { system, host, note, gatewayName, search, tests } = parts;
  const { log, clock } = system;
  const noted: Problem[] = [];
  let show = (): void => undefined;
  const tell = (problem: Problem): void => {
    note(problem);
    noted.push(problem);
    show();
  };
  const onSetAside = (what: SetAside): void => tell(setAsideProblem(what, clock.now()));
  const store = parts.documents?.(onSetAside) ?? createDocumentStore(host.dataFolder, { onSetAside });
  const isLook = purpose === 'look';
  const documents = isLook ? readOnly(store) : store;
  const records = (name: string, holds: 'openings' | 'all'): RecordLog => {
    const file = path.join(host.dataFolder, name);
    return isLook ? lookingAt(file) : createRecordLog(file, { onSetAside, holds });
  };
  const app = await App.load({
    system,
    documents,
    secrets: secretsOf(parts),
    journal: records('journal.jsonl', 'openings'),
    upstreamJournal: records('journal-upstream.jsonl', 'openings'),
    activity: isLook ? undefined : records('activity.jsonl', 'all'),
    memory: createRouterMemory(documents, log, clock),
    host,
    switches: purpose === 'hold' || isLook ? 'ignored' : 'obeyed',
    patience: isLook ? FOR_GOOD : isTakeover ? PATIENCE : undefined,
    search,
    tests,
    gatewayName,
    readFile: readBytes,
  });
  // A desktop shows them beside its own.
  if (host.kind === 'service') show = () => app.showHostProblems([...noted]);
  show();
  const dispatch = createDispatch(app, log);
  const answerOthers: LoadedApp['answerOthers'] = async (folder, window) => {
    const troubled = (trouble: StorageError): void => tell(unreachableProblem(trouble, clock.now()));
    const restore = async (): Promise<void> => {
      log.write('warn', 'the data folder was taken away; what is known is written again', { folder: host.dataFolder });
      await app.storeAgain();
    };
    const trouble = await folder.serve({ dispatch, log }, window, { restore, trouble: troubled });
    if (trouble !== undefined) troubled(trouble);
  };
  return { app, dispatch, answerOthers };
}

function secretsOf({ host: { dataFolder: folder }, system: { clock, log }, sealer }: ProgramParts): SecretStore {
  const openBus: OpenBus = (onSignal, signal) => openSessionBus(sessionBusAddress(process.env), onSignal, signal);
  const vault = process.platform === 'linux' ? secretServiceVault(openBus) : undefined;
  return createSecretStore({ folder, clock, log, sealer, vault });
}

const readOnly = (store: DocumentStore): DocumentStore => ({
  read: (name) => store.read(name),
  write: () => Promise.resolve(),
});

const lookingAt = (file: string): RecordLog => ({
  load: () => lookIntoRecordLog(file),
  append: () => Promise.resolve(),
  rewrite: () => Promise.resolve(),
});

/** The owner of the engine: this process, or another one that it is a guest of. */
export interface EngineSession {
  readonly client: AppClient;
  /** Absent in a guest. */
  readonly app: App | undefined;
  /** Where a browser finds the window, when it is served. */
  readonly window: string | undefined;
  /** Resolves when it can no longer be used, as far as that is noticed without asking. @throws StorageError */
  readonly over: Promise<void>;
  /** Closes what nobody else wants; other processes take over what they hold. Resolves after `limit` at the latest. */
  leave(limit: Millis): Promise<void>;
  /** Gives the data folder free. Idempotent. */
  end(): Promise<void>;
}

export function guestSession(client: RemoteClient, window: string | undefined): EngineSession {
  return {
    client,
    app: undefined,
    window,
    over: new Promise(() => undefined),
    leave: () => Promise.resolve(),
    end: () => Promise.resolve(),
  };
}

/** Runs an App until its end. @param folder ours, to serve guests in; absent for one that only looks */
export function runningSession({ app, dispatch }: LoadedApp, folder?: FolderHost): EngineSession {
  return {
    ...running(app, folder),
    client: createLocalClient(dispatch),
    app,
    window: undefined,
    leave: async (limit) => {
      await app.leave(limit, 'close');
    },
  };
}

export function running(app: App, folder: Pick<FolderHost, 'leave'> | undefined): Pick<EngineSession, 'over' | 'end'> {
  const stop = new AbortController();
  const over = app.run(stop.signal);
  void giveMemoryBack(createNodeClock(), stop.signal);
  // Handled where it is awaited; nobody may await it, when the work is done first.
  over.catch(() => undefined);
  return {
    over,
    async end() {
      stop.abort();
      try {
        await over;
      } finally {
        await folder?.leave();
      }
    },
  };
}
