/** Work that several may wait for at once: begun for the first, ended when the last one no longer waits. */
interface Running<Value> {
  readonly result: Promise<Value>;
  readonly ending: AbortController;
  waiting: number;
}

export class Joined<Key, Value> {
  readonly #running = new Map<Key, Running<Value>>();

  /** Joins what is under way for this key, or begins it. @throws what `begin` throws, or the signal's reason */
  async join(key: Key, begin: (signal: AbortSignal) => Promise<Value>, signal: AbortSignal): Promise<Value> {
    signal.throwIfAborted();
    const running = this.#running.get(key) ?? this.#begin(key, begin);
    running.waiting += 1;
    try {
      return await orAborted(running.result, signal);
    } finally {
      running.waiting -= 1;
      if (running.waiting === 0) {
        this.#leave(key, running);
        running.ending.abort();
      }
    }
  }

  #begin(key: Key, begin: (signal: AbortSignal) => Promise<Value>): Running<Value> {
    const ending = new AbortController();
    const running: Running<Value> = { result: begin(ending.signal), ending, waiting: 0 };
    this.#running.set(key, running);
    const leave = (): void => this.#leave(key, running);
    running.result.then(leave, leave);
    return running;
  }

  #leave(key: Key, running: Running<Value>): void {
    if (this.#running.get(key) === running) this.#running.delete(key);
  }
}

async function orAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
