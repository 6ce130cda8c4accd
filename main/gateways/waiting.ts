/** Waiting: for what arrives, for a turn, for as long as it is worth. */
import type { Endpoint } from '../contract/address.ts';
import type { Millis } from '../contract/units.ts';
import { NetworkError, type Clock, type UdpSocket } from '../system/system.ts';

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

  /** Every item, oldest first, until the end. One consumer at a time.
   * @throws the signal's reason */
  async *all(signal: AbortSignal): AsyncGenerator<Item, void> {
    for (;;) {
      signal.throwIfAborted();
      const item = this.#waiting.shift();
      if (item !== undefined) yield item;
      else if (this.#ended) return;
      else
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

/** Lets only so many work at once; the others wait in line, and nobody overtakes. */
export class Turns {
  readonly #limit: () => number;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  /** @param limit turns at once, at least 1; may change */
  constructor(limit: () => number) {
    this.#limit = limit;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Resolves when it is the caller's turn, to be given back with {@link giveBack}. @throws the signal's reason */
  async take(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.#waiting.length === 0 && this.#taken < this.#limit()) {
      this.#taken += 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const go = (): void => {
        signal?.removeEventListener('abort', leave);
        this.#taken += 1;
        resolve();
      };
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(go), 1);
        reject(signal?.reason);
      };
      this.#waiting.push(go);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  giveBack(): void {
    this.#taken -= 1;
    while (this.#taken < this.#limit()) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      next();
    }
  }
}

/** ICMP and interface troubles in a row after which a socket is beyond hope. */
const MOST_FAULTS = 16;

/** Hands every datagram to `hear`, which must not throw, at most `limit` of them.
 * @throws NetworkError when the socket gives nothing but faults, or the signal's reason */
export async function receiveAll(
  socket: UdpSocket,
  signal: AbortSignal,
  hear: (bytes: Uint8Array, from: Endpoint) => void,
  options: { readonly limit?: number; readonly onFault?: (error: NetworkError) => void } = {},
): Promise<void> {
  const { limit = Number.POSITIVE_INFINITY, onFault } = options;
  let faults = 0;
  for (let heard = 0; heard < limit;) {
    try {
      const { bytes, from } = await socket.receive(signal);
      hear(bytes, from);
      heard += 1;
      faults = 0;
    } catch (error) {
      if (signal.aborted || !(error instanceof NetworkError)) throw error;
      onFault?.(error);
      faults += 1;
      if (error.fault === 'closed' || faults >= MOST_FAULTS) throw error;
    }
  }
}

/** Resolves when `work` has resolved, `duration` is over or the signal has aborted; `work` goes on. It must not reject. */
export async function atMost(
  clock: Pick<Clock, 'sleep'>,
  duration: Millis,
  work: Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const patience = clock.sleep(duration, AbortSignal.any([signal, over.signal])).catch(() => undefined);
  await Promise.race([work, patience]);
  over.abort();
}
