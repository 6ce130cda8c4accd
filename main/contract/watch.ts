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

  /** Calls everybody who watches, whatever others of them throw; later ones do not hear of it.
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

  changed(): void {
    this.#latest = undefined;
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
