import { type EpochMs, type Millis, after, inMinutes } from '../../main/contract/units.ts';
import type { System } from '../../main/system/system.ts';
import type { SimHost } from './sim-host.ts';
import { type Pending, Timeline } from './timeline.ts';
import { type NetworkOptions, VirtualNetwork } from './virtual-network.ts';

/** Node's and only this file's: promises settle between two macrotasks, however many hang on each other. */
declare function setImmediate(callback: () => void): unknown;

export interface WorldOptions extends NetworkOptions {
  /** Same seed, same program: same trace. Printed when something fails. */
  readonly seed: number;
  /** Queue entries in one virtual hour before a loop is suspected; 100 000 when absent. */
  readonly entriesPerHour?: number;
}

/** A virtual clock, seeded randomness and a network: everything that a test needs of the outside world. */
export class World {
  readonly seed: number;
  readonly timeline: Timeline;
  readonly network: VirtualNetwork;
  #running = false;
  readonly #failures: unknown[] = [];

  constructor(options: WorldOptions) {
    this.seed = options.seed;
    this.timeline = new Timeline(options.seed, options.entriesPerHour ?? 100_000);
    this.network = new VirtualNetwork(this.timeline, options);
  }

  get now(): EpochMs {
    return this.timeline.now;
  }

  /** @throws RangeError when there is no such host */
  host(name: string): SimHost {
    return this.network.host(name);
  }

  /** The system for the programs now running on this host. @throws RangeError when there is no such host */
  system(hostName: string): System {
    return this.host(hostName).system;
  }

  /** Calls `act` at that moment; what it throws or rejects with fails the run. */
  at(moment: EpochMs, act: () => void | Promise<void>): void {
    this.timeline.at(moment, 'planned by the test', () => this.spawn(act));
  }

  after(delay: Millis, act: () => void | Promise<void>): void {
    this.at(after(this.now, delay), act);
  }

  /** Starts something that goes on beside the test; its failure fails the run. */
  spawn(act: () => void | Promise<void>): void {
    const started = async (): Promise<void> => act();
    started().catch((error: unknown) => this.#failures.push(error));
  }

  /** Lets time pass. @throws what a planned act threw; Error when too much happened in a virtual hour */
  async run(duration: Millis): Promise<void> {
    const end = after(this.now, duration);
    await this.#go(end, () => false);
  }

  /** Lets time pass until `condition` holds; it is looked at after every entry.
   * @throws Error when `limit` has passed first, and as `run` */
  async until(condition: () => boolean, limit: Millis, what = 'the condition'): Promise<void> {
    const end = after(this.now, limit);
    if (await this.#go(end, condition)) return;
    const waits = this.pending(8).map(({ due, what }) => `  ${this.timeline.clockText(due)} ${what}`);
    throw this.#explained(
      new Error(`${what} did not come true within ${limit} ms; what was awaited:\n${waits.join('\n')}`),
    );
  }

  /** Lets time pass until the promise has settled. @throws what it rejects with, and as `until` */
  async finish<Value>(promise: Promise<Value>, limit: Millis = inMinutes(10)): Promise<Value> {
    let settled = false;
    const mark = (): void => {
      settled = true;
    };
    promise.then(mark, mark);
    await this.until(() => settled, limit, 'the promise that the test waits for');
    return promise;
  }

  /** Lets every promise settle; no time passes. */
  async settle(): Promise<void> {
    await macrotask();
    this.#throwFailures();
  }

  /** Pending waits, soonest first. */
  pending(most?: number): readonly Pending[] {
    return this.timeline.pending(most);
  }

  async #go(end: EpochMs, condition: () => boolean): Promise<boolean> {
    if (this.#running) throw new Error('this world runs already: one run, until or finish at a time');
    this.#running = true;
    try {
      await this.settle();
      while (!condition()) {
        if (!this.timeline.step(end)) return condition();
        await this.settle();
      }
      return true;
    } catch (error) {
      throw this.#explained(error);
    } finally {
      this.#running = false;
    }
  }

  #throwFailures(): void {
    const first = this.#failures.shift();
    if (first !== undefined) throw first;
  }

  #explained(error: unknown): unknown {
    const where = `world seed ${this.seed}, at ${this.timeline.clockText()}`;
    if (!(error instanceof Error) || error.message.includes(where)) return error;
    error.message = `${error.message}\n(${where})`;
    return error;
  }
}

function macrotask(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
