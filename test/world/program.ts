/**
 * One run of a host's programs, from start to crash. When it has ended, nothing that it waits for ever happens: promises
 * stay open forever, as for a process that is no more, so that no `finally` of it runs and no clean-up is feigned.
 */
export class Program {
  #alive = true;
  readonly #waiting: Endable = new Set();

  get alive(): boolean {
    return this.#alive;
  }

  end(): void {
    if (!this.#alive) return;
    this.#alive = false;
    const all = [...this.#waiting];
    this.#waiting.clear();
    for (const each of all) each.end();
  }

  /** Settles as `start` says, rejects with the signal's reason, or never settles once the program has ended. `start`
   * returns what takes the wait back. */
  wait<Value>(
    signal: AbortSignal | undefined,
    start: (resolve: (value: Value) => void, reject: (reason: unknown) => void) => () => void,
  ): Promise<Value> {
    if (!this.#alive) return new Promise<Value>(() => {});
    if (signal?.aborted === true) return Promise.reject<Value>(signal.reason);
    return new Promise<Value>((resolve, reject) => {
      new Waiting(this.#waiting, { resolve, reject }, signal).begin(start);
    });
  }

  /** Already known, unless the program has ended. */
  done<Value>(value: Value): Promise<Value> {
    return this.#alive ? Promise.resolve(value) : new Promise<Value>(() => {});
  }

  failed<Value>(reason: unknown): Promise<Value> {
    return this.#alive ? Promise.reject<Value>(reason) : new Promise<Value>(() => {});
  }
}

type Endable = Set<{ end(): void }>;

/** One wait, settled once. */
class Waiting<Value> {
  readonly #others: Endable;
  readonly #settles: Pick<PromiseWithResolvers<Value>, 'resolve' | 'reject'>;
  readonly #signal: AbortSignal | undefined;
  #takeBack: (() => void) | undefined;
  #isSettled = false;
  readonly #onAbort = (): void => {
    if (!this.#settle()) return;
    this.#takeBack?.();
    this.#settles.reject(this.#signal?.reason);
  };

  constructor(
    others: Endable,
    settles: Pick<PromiseWithResolvers<Value>, 'resolve' | 'reject'>,
    signal: AbortSignal | undefined,
  ) {
    this.#others = others;
    this.#settles = settles;
    this.#signal = signal;
  }

  begin(start: (resolve: (value: Value) => void, reject: (reason: unknown) => void) => () => void): void {
    this.#signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.#others.add(this);
    this.#takeBack = start(
      (value) => {
        if (this.#settle()) this.#settles.resolve(value);
      },
      (reason) => {
        if (this.#settle()) this.#settles.reject(reason);
      },
    );
  }

  end(): void {
    if (this.#settle()) this.#takeBack?.();
  }

  #settle(): boolean {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#others.delete(this);
    return true;
  }
}
