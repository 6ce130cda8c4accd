/** Paces the requests to one router: one in flight until it has shown that it keeps up (X32). */
import { millis } from '../../contract/units.ts';
import type { Clock } from '../../system/system.ts';
import { Unreachable } from '../failure.ts';
import type { TraitMemory } from '../port-control.ts';
import { Turns } from '../waiting.ts';

/** X32, X34: a router that has just dropped a connection gets this long to recover. */
const AFTER_TROUBLE = millis(300);
/** Clean exchanges in a row that allow twice as many in flight. */
const TRUST_AFTER = 24;
/** More gains nothing: small daemons have short listen backlogs (measured with miniupnpd). */
const MOST_PARALLEL = 4;

/** Shared by all services of one router. */
export class RequestQueue {
  readonly #clock: Clock;
  readonly #traits: TraitMemory;
  readonly #turns = new Turns(() => this.limit);
  #cleanRun = 0;
  #quietUntil = millis(Number.MIN_SAFE_INTEGER);

  constructor({ clock, traits }: { readonly clock: Clock; readonly traits: TraitMemory }) {
    this.#clock = clock;
    this.#traits = traits;
  }

  /** Requests that may be in flight now. */
  get limit(): number {
    const seen = this.#traits.get().parallel ?? 1;
    return Math.max(1, Math.min(MOST_PARALLEL, Math.trunc(seen)));
  }

  /** Runs `request` when its turn comes. @throws what `request` throws, or the signal's reason while waiting */
  async run<Value>(request: () => Promise<Value>, signal: AbortSignal): Promise<Value> {
    await this.#turns.take(signal);
    try {
      while (this.#clock.monotonic() < this.#quietUntil)
        await this.#clock.sleep(millis(this.#quietUntil - this.#clock.monotonic()), signal);
      const value = await request();
      this.#wentWell();
      return value;
    } catch (error) {
      if (error instanceof Unreachable) this.#wentBadly(error);
      throw error;
    } finally {
      this.#turns.giveBack();
    }
  }

  #wentWell(): void {
    this.#cleanRun += 1;
    const seen = this.#traits.get().parallel;
    // A router that once broke under parallel requests has `parallel: 1` and keeps it.
    if (this.#cleanRun < TRUST_AFTER || seen === 1 || this.limit >= MOST_PARALLEL) return;
    this.#cleanRun = 0;
    const more = this.limit * 2;
    this.#traits.learn({ parallel: more }, `${TRUST_AFTER} clean exchanges in a row, ${more} may be in flight`); // X32
  }

  #wentBadly(error: Unreachable): void {
    this.#cleanRun = 0;
    this.#quietUntil = millis(this.#clock.monotonic() + AFTER_TROUBLE);
    if (error.why !== 'reset' || this.#turns.taken < 2) return;
    this.#traits.learn({ parallel: 1 }, `broke a connection with ${this.#turns.taken} requests in flight`); // X32
  }
}
