/** Engine time: it never goes back, and it counts the time that the machine slept. */
import { after, inSeconds, millis, type EpochMs } from '../../contract/units.ts';
import type { Clock } from '../../system/system.ts';

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

  /** Of the latest tick. */
  get now(): EpochMs {
    return this.#now;
  }

  /** Of this very moment. */
  get current(): EpochMs {
    return this.#advance().now;
  }

  /** Elapsed is the larger of the two clocks' differences: a set-back wall clock must not stop leases from ageing, a
   * monotonic clock that stood still in sleep must not either. */
  tick(): { readonly now: EpochMs; readonly jumped: boolean } {
    const { wall, monotonic, byWall, byMonotonic, now } = this.#advance();
    this.#wall = wall;
    this.#monotonic = monotonic;
    this.#now = now;
    return { now, jumped: Math.abs(byWall - byMonotonic) > JUMP };
  }

  #advance() {
    const wall = this.#clock.now();
    const monotonic = this.#clock.monotonic();
    const byWall = wall - this.#wall;
    const byMonotonic = monotonic - this.#monotonic;
    return {
      wall,
      monotonic,
      byWall,
      byMonotonic,
      now: after(this.#now, millis(Math.max(byWall, byMonotonic, 0))),
    };
  }
}
