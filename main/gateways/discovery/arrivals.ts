/** A bounded queue between those who hear things and the one who awaits them. */
export class Arrivals<Item> {
  readonly #waiting: Item[] = [];
  readonly #limit: number;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Once `limit` items wait, the oldest one gives way. */
  push(item: Item): void {
    if (this.#ended) return;
    if (this.#waiting.length >= this.#limit) this.#waiting.shift();
    this.#waiting.push(item);
    this.#wake?.();
  }

  /** No more will come; those that wait are still handed out. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** The oldest item, awaited if need be; `undefined` once ended and empty. One caller at a time.
   * @throws the signal's reason */
  async next(signal: AbortSignal): Promise<Item | undefined> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#waiting.length > 0) return this.#waiting.shift();
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#wake = undefined;
          signal.removeEventListener('abort', wake);
          resolve();
        };
        this.#wake = wake;
        signal.addEventListener('abort', wake, { once: true });
      });
    }
  }
}
