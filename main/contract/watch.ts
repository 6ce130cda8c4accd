/** Values that are watched: of this process, and snapshots of another one. */
import type { AppSnapshot } from './commands.ts';

/** The latest value of something, and those who watch it. */
export class Watch<Value> {
  readonly #listeners = new Set<(value: Value) => void>();
  #latest: Value | undefined;

  /** @param first absent: there is no value yet */
  constructor(first?: Value) {
    this.#latest = first;
  }

  get latest(): Value | undefined {
    return this.#latest;
  }

  get isWatched(): boolean {
    return this.#listeners.size > 0;
  }

  /** The first call is immediate when there is a value. Returns what ends it. */
  watch(listener: (value: Value) => void): () => void {
    const own = (value: Value): void => listener(value);
    this.#listeners.add(own);
    if (this.#latest !== undefined) own(this.#latest);
    return () => void this.#listeners.delete(own);
  }

  set(value: Value): void {
    this.#latest = value;
    this.tell(value);
  }

  /** Calls all watchers, whatever others of them throw; later ones do not hear of it.
   * @throws what the first of them threw, at the end */
  tell(value: Value): void {
    const errors: unknown[] = [];
    const present = new Set(this.#listeners);
    for (const listener of present) {
      try {
        if (this.#listeners.has(listener)) listener(value);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }

  /** There is no value until the next one is set. */
  clear(): void {
    this.#latest = undefined;
  }
}

/** A value that is computed when somebody looks. */
export class Computed<Value> {
  readonly #compute: () => Value;
  readonly #watch = new Watch<Value>();
  #latest: { readonly value: Value } | undefined;

  constructor(compute: () => Value) {
    this.#compute = compute;
  }

  get current(): Value {
    this.#latest ??= { value: this.#compute() };
    return this.#latest.value;
  }

  /** The first call is immediate. Returns what ends it. */
  watch(listener: (value: Value) => void): () => void {
    const end = this.#watch.watch(listener);
    listener(this.current);
    return end;
  }

  /** Readers have it computed again; watchers hear of it with the next change. */
  outdated(): void {
    this.#latest = undefined;
  }

  changed(): void {
    this.outdated();
    if (this.#watch.isWatched) this.#watch.tell(this.current);
  }
}

/** Resolves with the first value that meets the condition. @throws the signal's reason, or what the condition throws */
export async function until<Value>(
  source: { watch(listener: (value: Value) => void): () => void },
  condition: (value: Value) => boolean,
  signal: AbortSignal,
): Promise<Value> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Value>();
  const stop = (): void => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  let unwatch = (): void => undefined;
  try {
    unwatch = source.watch((value) => {
      try {
        if (condition(value)) resolve(value);
      } catch (error) {
        reject(error);
      }
    });
    return await promise;
  } finally {
    unwatch();
    signal.removeEventListener('abort', stop);
  }
}

/** Parts of a feed of snapshots from another process, over a connection that comes back: a socket's, or a browser's. */
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

  /** Connects for the first watcher, until the last one is gone. The first call comes with the first snapshot,
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
