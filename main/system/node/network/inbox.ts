/**
 * Items that came and were not taken, oldest first, with those who wait for more. Once ended it hands out the rest and
 * then always throws the end's reason.
 */
export class Inbox<Item> {
  readonly #capacity: number;
  #items: Item[] = [];
  #waiters: PromiseWithResolvers<Item>[] = [];
  #end: { readonly reason: unknown } | undefined;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#items.length;
  }

  /** Whether there was room and no end. */
  put(item: Item): boolean {
    if (this.#end !== undefined) return false;
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) waiter.resolve(item);
    else if (this.#items.length < this.#capacity) this.#items.push(item);
    else return false;
    return true;
  }

  /** The first end counts. */
  end(reason: unknown): void {
    if (this.#end !== undefined) return;
    this.#end = { reason };
    for (const waiter of this.#waiters.splice(0)) waiter.reject(reason);
  }

  /** Ends it and throws away the remaining items, which are returned. */
  discard(reason: unknown): readonly Item[] {
    const left = this.#items;
    this.#items = [];
    this.end(reason);
    // A later end by us outranks what the peer did: who closed hears `closed`.
    this.#end = { reason };
    return left;
  }

  /** @throws the signal's reason, or the end's */
  async take(signal: AbortSignal): Promise<Item> {
    signal.throwIfAborted();
    for (const item of this.#items.splice(0, 1)) return item;
    if (this.#end !== undefined) throw this.#end.reason;
    const waiter = Promise.withResolvers<Item>();
    const stop = (): void => {
      this.#waiters = this.#waiters.filter((other) => other !== waiter);
      waiter.reject(signal.reason);
    };
    this.#waiters.push(waiter);
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await waiter.promise;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }
}
