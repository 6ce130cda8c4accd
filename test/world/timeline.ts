import { type EpochMs, type Millis, epochMs, millis } from '../../main/contract/units.ts';
import { EventQueue, type Label, QueueEntry } from './event-queue.ts';
import { SeededRandom } from './seeded-random.ts';

const HOUR = 3_600_000;
/** 2026-03-01T08:00:00Z; any moment would do. */
const START = 1_772_352_000_000;

/** Few tests that fail get further; a stack costs more than all else that a wait does. */
const NOTED_FROM_START = 300;

export interface Pending {
  readonly due: EpochMs;
  readonly what: string;
}

/** A queued entry, to be cancelled or moved. */
export interface Wait {
  readonly pending: boolean;
  readonly moment: EpochMs;
  cancel(): void;
  /** Only while pending. Moved entries come after those already there for the same moment. */
  move(moment: EpochMs): void;
}

class QueuedWait implements Wait {
  readonly #timeline: Timeline;
  readonly #queue: EventQueue;
  readonly #entry: QueueEntry;

  constructor(timeline: Timeline, queue: EventQueue, entry: QueueEntry) {
    this.#timeline = timeline;
    this.#queue = queue;
    this.#entry = entry;
  }

  get pending(): boolean {
    return this.#entry.index >= 0;
  }

  get moment(): EpochMs {
    return epochMs(this.#entry.moment);
  }

  cancel(): void {
    this.#queue.remove(this.#entry);
  }

  move(moment: EpochMs): void {
    if (!this.pending) return;
    this.#queue.remove(this.#entry);
    this.#entry.moment = Math.max(moment, this.#timeline.now);
    this.#queue.add(this.#entry);
  }
}

/** Virtual time: one queue ordered by (moment, sequence), and the randomness of everything that hangs on it. */
export class Timeline {
  readonly seed: number;
  readonly #queue = new EventQueue();
  readonly #mostPerHour: number;
  #now = START;
  #total = 0;
  #hour = 0;
  #thisHour = new Map<string, number>();
  #countThisHour = 0;

  constructor(seed: number, mostPerHour: number) {
    this.seed = seed;
    this.#mostPerHour = mostPerHour;
  }

  get now(): EpochMs {
    return epochMs(this.#now);
  }

  get start(): EpochMs {
    return epochMs(START);
  }

  /** Entries run so far. */
  get total(): number {
    return this.#total;
  }

  get size(): number {
    return this.#queue.size;
  }

  /** Is it worth the time to note who waits? Not through months that go well. */
  get notesCallers(): boolean {
    return this.#total < NOTED_FROM_START || this.#countThisHour > this.#mostPerHour / 2;
  }

  random(stream: string): SeededRandom {
    return new SeededRandom(this.seed, stream);
  }

  /** Queues `run`; a moment in the past means now. @param owner see {@link ownedBy} */
  at(moment: number, label: Label, run: () => void, owner?: object): Wait {
    const entry = new QueueEntry(Math.max(moment, this.#now), run, label, owner);
    this.#queue.add(entry);
    return new QueuedWait(this, this.#queue, entry);
  }

  /** Events queued for this owner, soonest first. */
  ownedBy(owner: object): readonly Wait[] {
    const owned = this.#queue.entries().filter((entry) => entry.owner === owner);
    return owned.map((entry) => new QueuedWait(this, this.#queue, entry));
  }

  after(delay: number, label: Label, run: () => void): Wait {
    return this.at(this.#now + Math.max(0, delay), label, run);
  }

  /** Runs the next entry that is due up to `limit`; `false` when there is none, time then stands at `limit`.
   * @throws Error when more entries ran in this virtual hour than can be meant */
  step(limit: EpochMs): boolean {
    const entry = this.#queue.first();
    if (entry === undefined || entry.moment > limit) {
      this.#now = Math.max(this.#now, limit);
      return false;
    }
    this.#queue.remove(entry);
    this.#now = entry.moment;
    this.#count(entry);
    entry.run();
    return true;
  }

  /** Pending waits, soonest first. */
  pending(most = 20): readonly Pending[] {
    const soonest = this.#queue.entries().slice(0, most);
    return soonest.map((entry) => ({ due: epochMs(entry.moment), what: labelText(entry.label) }));
  }

  /** Time since the start as `2d 03:04:05.006`. */
  clockText(moment: EpochMs = this.now): string {
    const since = millis(moment - START);
    const days = Math.floor(since / (24 * HOUR));
    const text = (value: number, width: number): string => String(Math.floor(value)).padStart(width, '0');
    const hours = text((since / HOUR) % 24, 2);
    return `${days}d ${hours}:${text((since / 60_000) % 60, 2)}:${text((since / 1000) % 60, 2)}.${text(since % 1000, 3)}`;
  }

  #count(entry: QueueEntry): void {
    this.#total += 1;
    const hour = Math.floor((this.#now - START) / HOUR);
    if (hour !== this.#hour) {
      this.#hour = hour;
      this.#countThisHour = 0;
      this.#thisHour = new Map();
    }
    this.#countThisHour += 1;
    // Names are worked out only for the last part of an hour that is about to fail: a loop shows there just as well.
    if (this.#countThisHour > this.#mostPerHour * 0.9) {
      const name = labelText(entry.label);
      this.#thisHour.set(name, (this.#thisHour.get(name) ?? 0) + 1);
    }
    if (this.#countThisHour <= this.#mostPerHour) return;
    const busiest = [...this.#thisHour].toSorted((one, other) => other[1] - one[1]).slice(0, 5);
    throw new Error(
      `more than ${this.#mostPerHour} entries in virtual hour ${hour}; the busiest waits of the last tenth:\n` +
        busiest.map(([name, count]) => `  ${count} × ${name}`).join('\n'),
    );
  }
}

/** The text itself, or the message and the frame that asked for the sleep. */
function labelText(label: Label): string {
  if (typeof label === 'string') return label;
  const frames = (label.stack ?? '').split('\n').filter((line) => line.trimStart().startsWith('at '));
  const caller =
    frames.find((line) => !/\/world\/(?:host-clock|program)\.ts|new Promise/.test(line)) ?? 'from somewhere';
  return `${label.message} ${caller.trim()}`;
}

/** A duration drawn evenly from a range. */
export interface DurationRange {
  readonly least: Millis;
  readonly most: Millis;
}
