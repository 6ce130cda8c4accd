/** When to send a datagram again while its answer has not come. */
import { millis, type Millis } from '../../contract/units.ts';
import type { Random } from '../../system/system.ts';

export interface Schedule {
  /** Wait after the first send; each later wait is twice the one before. */
  readonly first: Millis;
  readonly longest: Millis;
  /** Each wait is multiplied by a random factor within 1 ± this. */
  readonly jitter: number;
  readonly sends: number;
  /** All waits together. */
  readonly patience: Millis;
}

/** How long a person can be left without any news; RFC 6886 §3.1 would go on for two minutes, RFC 6887 §8.1.1 for ever.
 * The engine asks again later, and knows better when (P3). */
const PATIENCE: Millis = millis(10_000);

/** RFC 6886 §3.1: 250 ms, doubling, nine sends. */
export const NAT_PMP_SCHEDULE: Schedule = {
  first: millis(250),
  longest: millis(64_000),
  jitter: 0,
  sends: 9,
  patience: PATIENCE,
};

/** RFC 6887 §8.1.1: doubling up to MRT = 1024 s, RAND = ±0.1. Its IRT of 3 s is meant for servers far away in a
 * provider's network; ours is the next hop, and a person would wait 3 s for one lost packet, so NAT-PMP's 250 ms. */
export const PCP_SCHEDULE: Schedule = {
  first: millis(250),
  longest: millis(1_024_000),
  jitter: 0.1,
  sends: Number.POSITIVE_INFINITY,
  patience: PATIENCE,
};

/** The wait after each send. A last send that would leave hardly any time for its answer is not made. */
export function* waits(schedule: Schedule, random: Pick<Random, 'unit'>): Generator<Millis, void> {
  let base = schedule.first;
  let left: number = schedule.patience;
  for (let send = 1; send <= schedule.sends; send += 1) {
    const wait = base * (1 + schedule.jitter * (2 * random.unit() - 1));
    if (left <= wait * 1.5) {
      yield millis(left);
      return;
    }
    yield millis(wait);
    left -= wait;
    base = millis(Math.min(2 * wait, schedule.longest));
  }
}
