/** The latest snapshot, made when somebody looks, told to everybody who watches. */
export class Snapshots<Snapshot> {
  readonly #listeners = new Set<(snapshot: Snapshot) => void>();
  readonly #make: () => Snapshot;
  #latest: Snapshot | undefined;

  constructor(make: () => Snapshot) {
    this.#make = make;
  }

  get current(): Snapshot {
    this.#latest ??= this.#make();
    return this.#latest;
  }

  /** The first call is immediate. Returns what ends it. */
  watch(listener: (snapshot: Snapshot) => void): () => void {
    this.#listeners.add(listener);
    listener(this.current);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  changed(): void {
    this.#latest = undefined;
    if (this.#listeners.size === 0) return;
    const snapshot = this.current;
    for (const listener of this.#listeners) listener(snapshot);
  }
}
