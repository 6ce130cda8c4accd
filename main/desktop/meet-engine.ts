/** Comes by an engine: makes one on the data folder, or is the guest of who has it. */
import path from 'node:path';
import type { Problem } from '../contract/problems.ts';
import { App } from '../engine/app.ts';
import { createDispatch } from '../engine/dispatch.ts';
import type { Host } from '../engine/host.ts';
import { createRouterMemory } from '../gateways/router-memory.ts';
import type { Host as FolderHost } from '../remote/rendezvous.ts';
import { becomeOrConnect, unreachableProblem } from '../remote/rendezvous.ts';
import type { SetAside } from '../system/node/document-store.ts';
import { setAsideProblem } from '../system/node/document-store.ts';
import { createRecordLog } from '../system/node/record-log.ts';
import type { DocumentStore, RecordLog, System } from '../system/system.ts';
import { guestSession } from './guest-session.ts';
import { hostSession } from './host-session.ts';
import type { Session } from './session.ts';

export interface MeetingParts {
  readonly system: System;
  /** Of that folder. */
  readonly documents: (onSetAside: (what: SetAside) => void) => DocumentStore;
  readonly host: Host;
  /** An engine of ours begins with a simulated router, and asks no real one for anything. */
  readonly demo: boolean;
  /** What was met on the way that the person is to know. */
  readonly note: (problem: Problem) => void;
}

/** @throws StorageError (also when the folder is in use by who answers nobody), or the signal's reason */
export async function meetEngine(parts: MeetingParts, signal: AbortSignal): Promise<Session> {
  const met = await becomeOrConnect(parts.host.dataFolder, signal);
  if (met.role === 'guest') return guestSession(met.client, parts.host);
  try {
    return await beHost(met, parts);
  } catch (error) {
    await met.leave();
    throw error;
  }
}

async function beHost(folder: FolderHost, { system, documents, host, demo, note }: MeetingParts): Promise<Session> {
  const { log, clock } = system;
  const onSetAside = (what: SetAside): void => note(setAsideProblem(what, clock.now()));
  const store = documents(onSetAside);
  const records = (name: string, holds: 'openings' | 'all'): RecordLog =>
    createRecordLog(path.join(host.dataFolder, name), { onSetAside, holds });
  const app = await App.load({
    system,
    documents: store,
    journal: records('journal.jsonl', 'openings'),
    activity: records('activity.jsonl', 'all'),
    memory: createRouterMemory(store, log, clock),
    host,
  });
  if (demo) await app.switchDemo(true);
  const dispatch = createDispatch(app, log);
  const stop = new AbortController();
  const ended = app.run(stop.signal);
  // Whoever awaits it sees it; nobody may, when guests cannot be served.
  ended.catch(() => undefined);
  const parts = { app, dispatch, ended, stop: () => stop.abort(), release: () => folder.leave() };
  const session = hostSession(parts);
  const trouble = await folder.serve({ dispatch, log });
  if (trouble !== undefined) note(unreachableProblem(trouble, clock.now()));
  return session;
}
