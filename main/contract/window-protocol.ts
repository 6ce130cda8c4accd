/** How the contract reaches the page of the window: over HTTP on 127.0.0.1 from connect/window-server, or as
 * `window.portkeeper` from the preload script of the app. */
import type { AppSnapshot } from './commands.ts';

export const COMMAND_PATH = '/command/';
export const SNAPSHOTS_PATH = '/snapshots';
/** Nobody waits any more for the call that {@link CALL_HEADER} names. */
export const ABORT_PATH = '/abort';
/** Before those paths; everything else is the page and what it is made of. */
export const API = '/api';

export const JSON_TYPE = 'application/json';
/** One JSON value a line. */
export const LINES_TYPE = 'application/x-ndjson';

/** In the part of the address that browsers send to nobody: `http://127.0.0.1:8788/#token=…`. */
export const TOKEN_PARAMETER = 'token';

/**
 * Browsers open six connections to a place and let what is more wait. So that a command which takes as long as a router
 * does not stand in the way of others, a watcher says who it is (a text of its own), and names each call: the command
 * is then taken with {@link TAKEN}, and its answer comes as a line `{"call": …, "answer": …}` among the snapshots, after
 * the one that shows what was done.
 */
export const WATCHER_HEADER = 'Portkeeper-Watcher';
export const CALL_HEADER = 'Portkeeper-Call';
export const TAKEN = 202;

export interface AnswerLine {
  readonly call: string;
  readonly answer: unknown;
}

export interface Bridge {
  /**
   * Resolves with the command's `Answer`; `callId` is any text that no other call of this page has.
   * @throws Error when Portkeeper takes no such call, or when it was aborted
   */
  ask(callId: string, name: string, input: unknown): Promise<unknown>;
  /** Ends the wait for that call; it rejects. Nothing happens when there is none. */
  abort(callId: string): void;
  /** The first call comes as soon as it can; whoever is slow misses snapshots, never the latest. Returns what ends it. */
  watch(listener: (snapshot: AppSnapshot) => void): () => void;
}

/** The name that it has in the page. */
export const BRIDGE = 'portkeeper';

/** Invoked with a {@link BridgeCall}; answers what the call answers. */
export const CALL_CHANNEL = 'portkeeper:call';
/** Invoked with the place of the latest snapshot known, 0 for none; answers with the next {@link BridgeSnapshot}. */
export const SNAPSHOT_CHANNEL = 'portkeeper:snapshot';

/** From the preload script to the app. */
export type BridgeCall =
  | { readonly do: 'ask'; readonly callId: string; readonly name: string; readonly input: unknown }
  | { readonly do: 'abort'; readonly callId: string };

export interface BridgeSnapshot {
  /** In the order of what was shown, from 1; revisions restart when another process takes over. */
  readonly place: number;
  readonly snapshot: AppSnapshot;
}
