/** A binary heap by (moment, sequence) whose entries know their place, so that a cancelled one leaves at once. */
export class QueueEntry {
  moment: number;
  sequence = 0;
  readonly run: () => void;
  readonly label: Label;
  /** Whose it is, to find all of theirs. */
  readonly owner: object | undefined;
  /** Place in the heap; −1 when not queued. */
  index = -1;

  constructor(moment: number, run: () => void, label: Label, owner?: object) {
    this.moment = moment;
    this.run = run;
    this.label = label;
    this.owner = owner;
  }
}

/** Reason for a wait; an `Error` names its caller once somebody asks. */
export type Label = string | Error;

export class EventQueue {
  readonly #heap: QueueEntry[] = [];
  #sequence = 0;

  get size(): number {
    return this.#heap.length;
  }

  first(): QueueEntry | undefined {
    return this.#heap[0];
  }

  /** Soonest first. */
  entries(): readonly QueueEntry[] {
    return this.#heap.toSorted((one, other) => (before(one, other) ? -1 : 1));
  }

  /** After those of the same moment. */
  add(entry: QueueEntry): void {
    this.#sequence += 1;
    entry.sequence = this.#sequence;
    entry.index = this.#heap.length;
    this.#heap.push(entry);
    this.#rise(entry);
  }

  /** Does nothing when the entry is not queued. */
  remove(entry: QueueEntry): void {
    const { index } = entry;
    if (index < 0) return;
    entry.index = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === entry) return;
    this.#put(last, index);
    this.#rise(last);
    this.#sink(last);
  }

  #put(entry: QueueEntry, index: number): void {
    this.#heap[index] = entry;
    entry.index = index;
  }

  #rise(entry: QueueEntry): void {
    while (entry.index > 0) {
      const index = entry.index;
      const parent = this.#heap[(index - 1) >> 1];
      if (parent === undefined || !before(entry, parent)) return;
      this.#put(entry, parent.index);
      this.#put(parent, index);
    }
  }

  #sink(entry: QueueEntry): void {
    for (;;) {
      const index = entry.index;
      const left = this.#heap[2 * index + 1];
      if (left === undefined) return;
      const right = this.#heap[2 * index + 2];
      const child = right !== undefined && before(right, left) ? right : left;
      if (!before(child, entry)) return;
      this.#put(entry, child.index);
      this.#put(child, index);
    }
  }
}

function before(one: QueueEntry, other: QueueEntry): boolean {
  return one.moment < other.moment || (one.moment === other.moment && one.sequence < other.sequence);
}
