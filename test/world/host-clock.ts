import { type EpochMs, type Millis, epochMs, millis } from '../../main/contract/units.ts';
import type { Clock } from '../../main/system/system.ts';
import type { Label } from './event-queue.ts';
import type { Program } from './program.ts';
import type { Timeline, Wait } from './timeline.ts';

/** One machine's clocks and timers. */
export class HostClock {
  readonly #name: string;
  readonly #label: string;
  readonly #timeline: Timeline;
  #wallOffset = 0;
  /** Time that the monotonic clock has not counted, up to the end of the last sleep. */
  #skipped = 0;
  #asleepFrom = 0;
  #asleepUntil = 0;
  #standsStill = false;

  constructor(name: string, timeline: Timeline) {
    this.#name = name;
    this.#label = `${name} sleeps`;
    this.#timeline = timeline;
  }

  /** The machine sleeps at this moment. */
  get asleep(): boolean {
    return this.#timeline.now < this.#asleepUntil;
  }

  now(): EpochMs {
    return epochMs(Math.floor(this.#timeline.now + this.#wallOffset));
  }

  monotonic(): Millis {
    const since = this.#timeline.now - this.#timeline.start - this.#skipped;
    if (!this.asleep || !this.#standsStill) return millis(since);
    return millis(this.#asleepFrom - this.#timeline.start - (this.#skipped - (this.#asleepUntil - this.#asleepFrom)));
  }

  /** Calls `run` after that long by this machine's timers: late when the machine sleeps meanwhile. */
  after(delay: number, label: Label, run: () => void): Wait {
    return this.#timeline.at(this.#due(delay), label, run, this);
  }

  /** The clock as one run of the host's programs sees it. */
  of(program: Program): Clock {
    return {
      now: () => this.now(),
      monotonic: () => this.monotonic(),
      sleep: (duration, signal) =>
        program.wait<void>(signal, (resolve) => {
          const label = this.#timeline.notesCallers ? new Error(this.#label) : this.#label;
          const wait = this.after(duration, label, resolve);
          return () => wait.cancel();
        }),
    };
  }

  /** The wall clock is set, by a person or by NTP; monotonic time and timers do not notice (H9). */
  jump(difference: Millis): void {
    this.#wallOffset += difference;
  }

  /**
   * The machine sleeps from now on. Timers do not fire meanwhile: where the monotonic clock stands still (Linux, macOS)
   * they are late by the whole sleep, where it goes on (Windows) they fire on waking (H9).
   */
  suspend(duration: Millis, options: { readonly monotonic?: 'stands-still' | 'goes-on' } = {}): void {
    const { now } = this.#timeline;
    if (this.asleep) throw new Error(`${this.#name} is asleep already`);
    this.#asleepFrom = now;
    this.#asleepUntil = now + duration;
    this.#standsStill = options.monotonic !== 'goes-on';
    if (this.#standsStill) this.#skipped += duration;
    for (const wait of this.#timeline.ownedBy(this)) {
      wait.move(epochMs(this.#standsStill ? wait.moment + duration : Math.max(wait.moment, this.#asleepUntil)));
    }
  }

  #due(duration: number): number {
    const { now } = this.#timeline;
    if (!this.asleep) return now + Math.max(0, duration);
    return this.#standsStill
      ? this.#asleepUntil + Math.max(0, duration)
      : Math.max(this.#asleepUntil, now + Math.max(0, duration));
  }
}
