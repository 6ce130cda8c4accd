/** Engine time: it never goes back, and it counts the time that the machine slept. */
import type { EpochMs } from '../contract/units.ts';
import { after, inSeconds, millis } from '../contract/units.ts';
import type { Clock } from '../system/system.ts';

/** A difference between wall and monotonic clock that no scheduling delay explains (H9). */
const JUMP = inSeconds(5);

export class EngineTime {
  readonly #clock: Clock;
  #now: EpochMs;
  #wall: EpochMs;
  #monotonic: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#wall = clock.now();
    this.#monotonic = clock.monotonic();
    this.#now = this.#wall;
  }

  get now(): EpochMs {
    return this.#now;
  }

  /** Elapsed is the larger of the two clocks' differences: a set-back wall clock must not stop leases from ageing, a
   * monotonic clock that stood still in sleep must not either. */
  tick(): { readonly now: EpochMs; readonly jumped: boolean } {
    const wall = this.#clock.now();
    const monotonic = this.#clock.monotonic();
    const byWall = wall - this.#wall;
    const byMonotonic = monotonic - this.#monotonic;
    this.#wall = wall;
    this.#monotonic = monotonic;
    this.#now = after(this.#now, millis(Math.max(byWall, byMonotonic, 0)));
    return { now: this.#now, jumped: Math.abs(byWall - byMonotonic) > JUMP };
  }
}
