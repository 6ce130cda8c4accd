/** Snapshots from another process, over a connection that comes back: shared by the clients over a socket and in a browser. */
import type { AppSnapshot } from './commands.ts';
import { Watch } from './watch.ts';

export interface FeedParts<State extends string> {
  /**
   * Watches over one connection, calling `take` for each snapshot and `connected` once there is a connection. Resolves
   * with what became of that when it is over, or with nothing when the watch was only interrupted.
   */
  readonly watchOnce: (signal: AbortSignal) => Promise<State | undefined>;
  /** Resolves early when the signal aborts. @param duration milliseconds */
  readonly sleep: (duration: number, signal: AbortSignal) => Promise<void>;
  /** Milliseconds before the next try to connect; doubled up to the longest. */
  readonly pauses: { readonly first: number; readonly longest: number };
  /** After this there is no use in another try. */
  readonly last?: State;
}

export class SnapshotFeed<State extends string = never> {
  readonly #parts: FeedParts<State | 'lost'>;
  readonly #snapshots = new Watch<AppSnapshot>();
  readonly #connection = new Watch<State | 'connected' | 'lost'>();
  #watching: AbortController | undefined;
  #pause = 0;

  constructor(parts: FeedParts<State | 'lost'>) {
    this.#parts = parts;
  }

  /** Connects for the first who watches, until the last one no longer does. The first call comes with the first snapshot,
   * or at once when there is one. Returns what ends it. */
  watch(listener: (snapshot: AppSnapshot) => void): () => void {
    const unwatch = this.#snapshots.watch(listener);
    if (this.#watching === undefined) {
      this.#watching = new AbortController();
      void this.#keepWatching(this.#watching.signal);
    }
    return () => {
      unwatch();
      if (this.#snapshots.isWatched) return;
      this.#watching?.abort();
      this.#watching = undefined;
      this.#snapshots.clear();
    };
  }

  /** Called while somebody watches: each time that the connection is there, and lost. Returns what ends it. */
  onConnection(listener: (state: State | 'connected' | 'lost') => void): () => void {
    return this.#connection.watch(listener);
  }

  connected(): void {
    this.#connection.tell('connected');
  }

  take(snapshot: AppSnapshot): void {
    this.#pause = this.#parts.pauses.first;
    this.#snapshots.set(snapshot);
  }

  async #keepWatching(signal: AbortSignal): Promise<void> {
    const { watchOnce, sleep, pauses, last } = this.#parts;
    this.#pause = pauses.first;
    while (!signal.aborted) {
      const became = await watchOnce(signal);
      if (signal.aborted) return;
      if (became === undefined) continue;
      this.#snapshots.clear();
      this.#connection.tell(became);
      if (became === last) return;
      await sleep(this.#pause, signal);
      this.#pause = Math.min(this.#pause * 2, pauses.longest);
    }
  }
}

/** Cuts a text that comes in pieces into lines. */
export class LineSplitter {
  readonly #longest: number;
  #parts: string[] = [];
  #size = 0;

  /** @param longest characters of a line */
  constructor(longest: number) {
    this.#longest = longest;
  }

  /** The lines that are whole by now, without their ends. @throws RangeError when one is too long */
  push(text: string): readonly string[] {
    const [first = '', ...others] = text.split('\n');
    this.#parts.push(first);
    this.#size += first.length;
    const rest = others.pop();
    const lines = rest === undefined ? [] : [this.#parts.join(''), ...others];
    if (rest !== undefined) {
      this.#parts = [rest];
      this.#size = rest.length;
    }
    if (this.#size > this.#longest) throw new RangeError(`a line has ${this.#longest} characters at most`);
    return lines;
  }
}
