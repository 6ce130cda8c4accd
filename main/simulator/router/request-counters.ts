/** What clients asked of a simulated router, by kind: `AddPortMapping`, `GET description`, `pcp MAP`, `M-SEARCH` … */
export class RequestCounters {
  readonly #counts = new Map<string, number>();
  #inFlight = 0;
  #most = 0;

  /** The most requests over HTTP that waited for their answers at one moment. */
  get maxInFlight(): number {
    return this.#most;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  of(kind: string): number {
    return this.#counts.get(kind) ?? 0;
  }

  all(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  reset(): void {
    this.#counts.clear();
    this.#most = this.#inFlight;
  }

  count(kind: string): void {
    this.#counts.set(kind, this.of(kind) + 1);
  }

  enter(): void {
    this.#inFlight += 1;
    this.#most = Math.max(this.#most, this.#inFlight);
  }

  leave(): void {
    this.#inFlight -= 1;
  }
}
