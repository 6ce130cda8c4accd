/** What the preload script shows to the page of the window as `window.portkeeper`: the contract, and nothing else. */
import type { AppSnapshot } from './commands.ts';

export interface Bridge {
  /**
   * Resolves with the command's `Answer`; `callId` is any text that no other call of this page has.
   * @throws Error when Portkeeper takes no such call, or is about to end
   */
  ask(callId: string, name: string, input: unknown): Promise<unknown>;
  /** Resolves with the `Answer` of `AppClient.hold`; held until `abort(callId)`, or until the page is gone. */
  hold(callId: string, id: unknown): Promise<unknown>;
  /** Ends the wait for that call; it rejects. Nothing happens when there is none. */
  abort(callId: string): void;
  /** The first call comes as soon as it can; whoever is slow misses snapshots, never the latest. Returns what ends it. */
  watch(listener: (snapshot: AppSnapshot) => void): () => void;
}

/** The name that it has in the page. */
export const BRIDGE = 'portkeeper';
