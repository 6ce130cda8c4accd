/** Engine time: it never goes back, and it counts the time that the machine slept. */
import { after, elapsed, inSeconds, millis, type EpochMs, type Millis } from '../../contract/units.ts';
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

  /** Time of the latest tick. */
  get now(): EpochMs {
    return this.#now;
  }

  /** Time of this very moment. */
  get current(): EpochMs {
    return this.#advance().now;
  }

  /** Elapsed is the larger of the two clocks' differences: a set-back wall clock must not stop leases from ageing, a
   * monotonic clock that stood still in sleep must not either. `jumped`: where they disagree, how much of it the monotonic
   * clock knows nothing of. */
  tick(): { readonly now: EpochMs; readonly jumped: Millis | undefined } {
    const { wall, monotonic, byWall, byMonotonic, now } = this.#advance();
    this.#wall = wall;
    this.#monotonic = monotonic;
    this.#now = now;
    const apart = byWall - byMonotonic;
    return { now, jumped: Math.abs(apart) > JUMP ? millis(Math.max(0, apart)) : undefined };
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

/** A timer that is later than it should be by less than this goes on: wall and monotonic clock drift. */
const LATE = millis(50);

/** The one sleep of the loop. Whatever happens ends it; its timer goes on while it is the right one for the next sleep, as
 * it is after most of what happens. */
export class Alarm {
  readonly #clock: Clock;
  readonly #time: EngineTime;
  #timer:
    | { readonly moment: EpochMs; readonly from: EpochMs; readonly monotonic: number; stop: () => void }
    | undefined;
  #sleep: PromiseWithResolvers<void> | undefined;

  constructor(clock: Clock, time: EngineTime) {
    this.#clock = clock;
    this.#time = time;
  }

  /** Resolves at that moment, or when something happens. */
  async until(moment: EpochMs): Promise<void> {
    this.#sleep = Promise.withResolvers();
    if (!this.#isRight(moment)) this.#set(moment);
    await this.#sleep.promise;
  }

  /** Something happened. */
  ring(): void {
    this.#sleep?.resolve();
    this.#sleep = undefined;
  }

  off(): void {
    this.#timer?.stop();
    this.#timer = undefined;
    this.ring();
  }

  #isRight(moment: EpochMs): boolean {
    if (this.#timer?.moment !== moment) return false;
    const passed = this.#clock.monotonic() - this.#timer.monotonic;
    return elapsed(this.#timer.from, this.#time.now) - passed < LATE;
  }

  #set(moment: EpochMs): void {
    this.#timer?.stop();
    const stop = new AbortController();
    const from = this.#time.now;
    const timer = { moment, from, monotonic: this.#clock.monotonic(), stop: () => stop.abort(REPLACED) };
    this.#timer = timer;
    const over = (): void => {
      if (this.#timer !== timer) return;
      this.#timer = undefined;
      this.ring();
    };
    this.#clock.sleep(millis(Math.max(1, elapsed(from, moment))), stop.signal).then(over, over);
  }
}

/** An abort without a reason makes an exception, stack and all, each time. */
const REPLACED = 'another moment';
