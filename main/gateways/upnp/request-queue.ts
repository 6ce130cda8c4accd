/** Paces the requests to one router: one in flight until it has shown that it keeps up (X32). */
import { millis, type Millis } from '../../contract/units.ts';
import type { Clock } from '../../system/system.ts';
import { Unreachable } from '../failure.ts';
import type { TraitMemory } from '../port-control.ts';

/** X32, X34: a router that has just dropped a connection gets this long to recover. */
const AFTER_TROUBLE = millis(300);
/** Clean exchanges in a row that allow twice as many in flight. */
const TRUST_AFTER = 24;
/** More gains nothing: small daemons have short listen backlogs (measured with miniupnpd). */
const MOST_PARALLEL = 4;

export interface QueueOptions {
  readonly clock: Clock;
  readonly traits: TraitMemory;
  /** Between the end of one request and the start of the next; 0 when absent. */
  readonly gap?: Millis;
}

/** Shared by all services of one router. */
export class RequestQueue {
  readonly #options: QueueOptions;
  readonly #waiting: (() => void)[] = [];
  #inFlight = 0;
  #cleanRun = 0;
  #quietUntil = millis(Number.MIN_SAFE_INTEGER);

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /** Requests that may be in flight now. */
  get limit(): number {
    const seen = this.#options.traits.get().parallel ?? 1;
    return Math.max(1, Math.min(MOST_PARALLEL, Math.trunc(seen)));
  }

  /** Runs `request` when its turn comes. @throws what `request` throws, or the signal's reason while waiting */
  async run<Value>(request: () => Promise<Value>, signal: AbortSignal): Promise<Value> {
    await this.#turn(signal);
    try {
      const { clock } = this.#options;
      while (clock.monotonic() < this.#quietUntil)
        await clock.sleep(millis(this.#quietUntil - clock.monotonic()), signal);
      const value = await request();
      this.#wentWell();
      return value;
    } catch (error) {
      if (error instanceof Unreachable) this.#wentBadly(error);
      throw error;
    } finally {
      this.#inFlight -= 1;
      this.#wake();
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#inFlight < this.limit && this.#waiting.length === 0) {
      this.#inFlight += 1;
      return;
    }
    const done = new AbortController();
    await new Promise<void>((resolve, reject) => {
      const start = (): void => {
        this.#inFlight += 1;
        resolve();
      };
      this.#waiting.push(start);
      signal.addEventListener(
        'abort',
        () => {
          const place = this.#waiting.indexOf(start);
          if (place < 0) return;
          this.#waiting.splice(place, 1);
          reject(signal.reason);
        },
        { once: true, signal: done.signal },
      );
    }).finally(() => done.abort());
  }

  #wake(): void {
    while (this.#inFlight < this.limit) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      next();
    }
  }

  #wentWell(): void {
    const { clock, gap, traits } = this.#options;
    if (gap !== undefined) this.#quietUntil = millis(clock.monotonic() + gap);
    this.#cleanRun += 1;
    const seen = traits.get().parallel;
    // A router that once broke under parallel requests has `parallel: 1` and keeps it.
    if (this.#cleanRun < TRUST_AFTER || seen === 1 || this.limit >= MOST_PARALLEL) return;
    this.#cleanRun = 0;
    const more = this.limit * 2;
    traits.learn({ parallel: more }, `${TRUST_AFTER} clean exchanges in a row, ${more} may be in flight`); // X32
  }

  #wentBadly(error: Unreachable): void {
    const { clock, traits } = this.#options;
    this.#cleanRun = 0;
    this.#quietUntil = millis(clock.monotonic() + AFTER_TROUBLE);
    if (error.why !== 'reset' || this.#inFlight < 2) return;
    traits.learn({ parallel: 1 }, `broke a connection with ${this.#inFlight} requests in flight`); // X32
  }
}
