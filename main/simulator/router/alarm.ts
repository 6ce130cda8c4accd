import { elapsed, inHours, millis, type EpochMs } from '../../contract/units.ts';
import type { Clock } from '../../system/system.ts';

/** An abort without a reason makes an exception, stack and all, each time. */
const CHANGED = 'the next moment may be another';

/** Does something at moments that may change while it waits for them. */
export class Alarm {
  readonly #clock: Clock;
  #woken = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The next moment may be another now. */
  wake(): void {
    this.#woken.abort(CHANGED);
  }

  /** Calls `act` at each moment that `next` names, until the signal. */
  async run(next: () => EpochMs | 'never', act: () => void, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.#woken.signal.aborted) this.#woken = new AbortController();
      act();
      const moment = next();
      // An hour at most: the wall clock may be set meanwhile.
      const longest = inHours(1);
      const pause = moment === 'never' ? longest : elapsed(this.#clock.now(), moment);
      const either = AbortSignal.any([signal, this.#woken.signal]);
      await this.#clock.sleep(millis(Math.min(Math.max(pause, 0), longest)), either).catch(() => undefined);
    }
  }
}

/** The soonest of them. */
export function soonest(moments: Iterable<EpochMs | 'never'>): EpochMs | 'never' {
  let first: EpochMs | 'never' = 'never';
  for (const moment of moments) if (moment !== 'never' && (first === 'never' || moment < first)) first = moment;
  return first;
}
