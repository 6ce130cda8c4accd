/** What the preload script shows to the page of the window as `window.portkeeper`: the contract, and nothing else. */
import type { AppSnapshot } from './commands.ts';

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
  /** In the order of what was shown, from 1; revisions begin anew when another process takes over. */
  readonly place: number;
  readonly snapshot: AppSnapshot;
}
