/** Work on many hosts: one piece at a time for each, a few hosts at a time, favoured hosts without waiting. */
export class HostLanes {
  readonly #atOnce: number;
  readonly #lanes = new Map<string, Promise<void>>();
  readonly #waiting: (() => void)[] = [];
  #busy = 0;

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /** Starts `work` after what was given for this host before; it must not reject. */
  add(host: string, isFavoured: boolean, work: () => Promise<void>): void {
    const turn = (this.#lanes.get(host) ?? Promise.resolve()).then(() => (isFavoured ? work() : this.#oneOfFew(work)));
    this.#lanes.set(host, turn);
  }

  /** Resolves once no host has work left. */
  async settled(): Promise<void> {
    for (let seen = 0; ;) {
      const lanes = [...this.#lanes.values()];
      await Promise.all(lanes);
      const isStill = [...this.#lanes.values()].every((lane, index) => lane === lanes[index]);
      if (isStill && this.#lanes.size === seen) return;
      seen = this.#lanes.size;
    }
  }

  async #oneOfFew(work: () => Promise<void>): Promise<void> {
    if (this.#busy >= this.#atOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#busy += 1;
    try {
      await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#busy -= 1;
      else next();
    }
  }
}
