/**
 * One run of a host's programs, from start to crash. When it has ended, nothing that it waits for ever happens: promises
 * stay open for ever, as for a process that is no more, so that no `finally` of it runs and no clean-up is feigned.
 */
export class Program {
  #alive = true;
  readonly #onEnd = new Set<() => void>();

  get alive(): boolean {
    return this.#alive;
  }

  end(): void {
    if (!this.#alive) return;
    this.#alive = false;
    const all = [...this.#onEnd];
    this.#onEnd.clear();
    for (const each of all) each();
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
      let settled = false;
      let takeBack = (): void => {};
      const onAbort = (): void => {
        settle(() => {
          takeBack();
          reject(signal?.reason);
        });
      };
      const onEnd = (): void => settle(() => takeBack());
      const settle = (act: () => void): void => {
        if (settled) return;
        settled = true;
        signal?.removeEventListener('abort', onAbort);
        this.#onEnd.delete(onEnd);
        act();
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#onEnd.add(onEnd);
      takeBack = start(
        (value) => settle(() => resolve(value)),
        (reason) => settle(() => reject(reason)),
      );
    });
  }

  /** What is already known, unless the program has ended. */
  done<Value>(value: Value): Promise<Value> {
    return this.#alive ? Promise.resolve(value) : new Promise<Value>(() => {});
  }

  failed<Value>(reason: unknown): Promise<Value> {
    return this.#alive ? Promise.reject<Value>(reason) : new Promise<Value>(() => {});
  }
}
