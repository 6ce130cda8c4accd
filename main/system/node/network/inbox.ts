interface Waiter<Item> {
  resolve(item: Item): void;
  reject(reason: unknown): void;
}

/**
 * What came and has not been taken, oldest first, with those who wait for more. Once ended it hands out what is left and
 * then throws the end's reason for ever.
 */
export class Inbox<Item> {
  readonly #capacity: number;
  #items: Item[] = [];
  #waiters: Waiter<Item>[] = [];
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

  /** Ends it and throws away what is left, which is returned. */
  discard(reason: unknown): readonly Item[] {
    const left = this.#items;
    this.#items = [];
    this.end(reason);
    // A later end by us outranks what the peer did: who closed hears `closed`.
    this.#end = { reason };
    return left;
  }

  /** @throws the signal's reason, or the end's */
  take(signal: AbortSignal): Promise<Item> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      for (const item of this.#items.splice(0, 1)) return resolve(item);
      if (this.#end !== undefined) return reject(this.#end.reason);
      const onAbort = (): void => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        reject(signal.reason);
      };
      const waiter: Waiter<Item> = {
        resolve: (item) => {
          signal.removeEventListener('abort', onAbort);
          resolve(item);
        },
        reject: (reason) => {
          signal.removeEventListener('abort', onAbort);
          reject(reason);
        },
      };
      this.#waiters.push(waiter);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }
}
