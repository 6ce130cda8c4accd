/** Whoever has the engine: this process, or another one that it is a guest of. */
import type { Problem } from '../contract/problems.ts';
import type { HostView } from '../contract/commands.ts';
import type { Millis } from '../contract/units.ts';
import type { Dispatch } from '../engine/dispatch.ts';

/** What the desktop adds to whatever engine it shows. */
export interface Surroundings {
  readonly host: HostView;
  readonly problems: readonly Problem[];
}

/** What tray and window speak to. */
export type Gate = Pick<Dispatch, 'command' | 'watch'>;

export interface Session extends Gate {
  readonly role: 'host' | 'guest';
  /** Resolves when it can no longer be used: the other process has ended. @throws StorageError */
  readonly over: Promise<void>;
  /** The machine was asleep, or has a network again. */
  woke(): void;
  surround(surroundings: Surroundings): void;
  /** Closes or keeps what is open, as the person chose; others' engines hold it further. Resolves after `limit` at the
   * latest. */
  leave(limit: Millis): Promise<void>;
  /** Gives the data folder free. Idempotent. */
  end(): Promise<void>;
}
