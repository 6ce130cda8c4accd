/** A window that breaks is shown again, but not for ever. */
import { inMinutes } from '../../contract/units.ts';
import type { Millis } from '../../contract/units.ts';
import type { Clock } from '../../system/system.ts';

const MOST = 3;
const WITHIN: Millis = inMinutes(1);

export class Breakdowns {
  readonly #clock: Pick<Clock, 'monotonic'>;
  #moments: readonly Millis[] = [];

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** One more. `false`: there were too many in a short time, the person is to be asked. */
  mayRecover(): boolean {
    const now = this.#clock.monotonic();
    this.#moments = [...this.#moments.filter((moment) => now - moment < WITHIN), now];
    return this.#moments.length < MOST;
  }

  /** The person wants to try again. */
  forget(): void {
    this.#moments = [];
  }
}
