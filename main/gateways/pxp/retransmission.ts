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

/** How long a person can be left without any news; RFC 6886 §3.1 would go on for two minutes, RFC 6887 §8.1.1 forever.
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

/** RFC 6887 §8.1.1: IRT. No server on the next hop needs longer. */
const LONGEST_FIRST_WAIT: Millis = millis(3000);
/** Share of the slowest answer remembered after each faster one. */
const FORGETTING = 0.75;

/**
 * How fast a server may be asked, learnt from how it answers. A small router may take longer for one mapping than the
 * 250 ms after which RFC 6886 §3.1 asks again; repeating at that pace to several questions at once makes more work than
 * it ever gets done, and in the end none is answered in time (seen with miniupnpd on a busy machine). So, as TCP does
 * and RFC 8085 §3.1 wants of UDP: wait by the times measured, start with one question, slow down when answers fail.
 */
export class Pace {
  /** While nothing is known of the server. */
  readonly #initialWait: Millis;
  #firstWait: Millis;
  /** Decaying maximum of the times answers took. */
  #slowest = 0;
  #window = 1;
  /** Below it the window grows by one per answer, above it by one per window. */
  #threshold = Number.POSITIVE_INFINITY;
  #slowedAt: number = Number.NEGATIVE_INFINITY;

  constructor(initialWait: Millis) {
    this.#initialWait = initialWait;
    this.#firstWait = initialWait;
  }

  /** How long the first answer is waited for. */
  get firstWait(): Millis {
    return this.#firstWait;
  }

  /** Questions that may be outstanding, 1 … `most`. */
  window(most: number): number {
    return Math.max(1, Math.floor(Math.min(most, this.#window)));
  }

  /** Only for an answer to a question sent once: else nobody knows to which of the sends (Karn). */
  answered(took: Millis, most: number): void {
    this.#slowest = Math.max(took, this.#slowest * FORGETTING);
    this.#firstWait = millis(Math.min(Math.max(this.#initialWait, 2 * this.#slowest), LONGEST_FIRST_WAIT));
    // Small routers do one thing after the other: more questions at once then only wait longer in its queue.
    if (took <= this.#initialWait) this.#grow(most);
    else if (took > 2 * this.#initialWait) this.#window = Math.max(1, this.#window - 1);
  }

  #grow(most: number): void {
    this.#window = Math.min(most, this.#window + (this.#window < this.#threshold ? 1 : 1 / this.#window));
  }

  /** No answer came to what was sent at `sentAt`: fewer at once, whatever it was that swallowed it. Those sent before the
   * last slowing-down are no news. The wait stays, because a radio link loses datagrams without any haste of ours. */
  timedOut(sentAt: Millis, now: Millis): void {
    if (sentAt < this.#slowedAt) return;
    this.#slowedAt = now;
    this.#threshold = Math.max(1, this.#window / 2);
    this.#window = this.#threshold;
  }

  /** The answer came after several sends, the last of which had this long to wait. While that happens nobody knows how
   * long answers take, and the wait that was long enough stays (Karn). */
  answeredAtLast(wait: Millis): void {
    this.#firstWait = millis(Math.min(Math.max(this.#firstWait, wait), LONGEST_FIRST_WAIT));
  }

  /** The server has gone; what comes back may be another. */
  forget(): void {
    this.#firstWait = this.#initialWait;
    this.#slowest = 0;
    this.#window = 1;
    this.#threshold = Number.POSITIVE_INFINITY;
  }
}
