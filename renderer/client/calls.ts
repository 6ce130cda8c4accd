/** Calls whose answers come from elsewhere than where they were asked. */
import { ConnectionLost } from './window-client.ts';

export class Calls {
  readonly #waiting = new Map<string, PromiseWithResolvers<unknown>>();
  #count = 0;

  get size(): number {
    return this.#waiting.size;
  }

  /** @returns its name, and what is answered @throws what {@link fail} is given, or the signal's reason */
  begin(signal: AbortSignal): { readonly call: string; readonly answered: Promise<unknown>; readonly end: () => void } {
    this.#count += 1;
    const call = String(this.#count);
    const waiting = Promise.withResolvers<unknown>();
    // Whoever asked may have its answer, or its fault, in another way.
    waiting.promise.catch(() => undefined);
    const abort = (): void => waiting.reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    this.#waiting.set(call, waiting);
    return {
      call,
      answered: waiting.promise,
      end: () => {
        signal.removeEventListener('abort', abort);
        this.#waiting.delete(call);
      },
    };
  }

  answer(call: string, answer: unknown): void {
    this.#waiting.get(call)?.resolve(answer);
  }

  /** Nobody answers any more. */
  fail(): void {
    for (const { reject } of this.#waiting.values()) reject(new ConnectionLost('the connection to Portkeeper is lost'));
  }
}
