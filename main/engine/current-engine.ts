/** Holder of the engine. When other routers are meant than it knows, its ports are closed, and another takes over. */
import type { Forward, ForwardId } from '../contract/model.ts';
import type { Snapshot } from '../contract/snapshot.ts';
import { inSeconds, type Millis } from '../contract/units.ts';
import { forAtMost } from '../system/deadline.ts';
import type { Clock } from '../system/system.ts';
import type { Engine, EngineOptions } from './loop/engine.ts';
import { createEngine } from './loop/two-routers.ts';

/** Before another engine takes over; a router that does not answer must not keep it from doing so. */
const CLOSING = inSeconds(10);

interface CurrentEngineOptions {
  readonly clock: Clock;
  /** Current facts and search options for an engine. */
  readonly engineOptions: () => EngineOptions;
  /** Another engine is there: called before it gets the wanted forwards. */
  readonly begun: () => void;
  /** Its snapshot is another, or its first. */
  readonly changed: (snapshot: Snapshot) => void;
}

export class CurrentEngine {
  readonly #options: CurrentEngineOptions;
  #engine: Engine;
  #means: EngineOptions;
  #life = new AbortController();
  #unwatch: () => void = () => undefined;
  /** Resolves when another engine has taken over, or none will. */
  #succession = Promise.withResolvers<void>();
  #isHandingOver = false;
  #wanted = '';
  #approved: readonly string[] | undefined;

  constructor(options: CurrentEngineOptions) {
    this.#options = options;
    this.#means = options.engineOptions();
    this.#engine = createEngine(this.#means);
  }

  get engine(): Engine {
    return this.#engine;
  }

  /** Another engine, on the same journal: the one before has ended, or never began. */
  begin(): void {
    const { engineOptions, begun, changed } = this.#options;
    this.#unwatch();
    this.#isHandingOver = false;
    this.#means = engineOptions();
    this.#engine = createEngine(this.#means);
    this.#life = new AbortController();
    this.#wanted = '';
    begun();
    this.#unwatch = this.#engine.watch(changed);
    const { resolve } = this.#succession;
    this.#succession = Promise.withResolvers();
    resolve();
  }

  /**
   * One engine after the other, until the signal aborts.
   * @param want passes the wanted forwards on to each, see {@link want}
   */
  async run(want: () => void, signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        const end = (): void => this.#life.abort();
        signal.addEventListener('abort', end, { once: true });
        want();
        try {
          await this.#engine.run(this.#life.signal);
        } finally {
          signal.removeEventListener('abort', end);
        }
        if (!signal.aborted) this.begin();
      }
    } finally {
      this.#life.abort();
      this.#succession.resolve();
    }
  }

  /** Whole, as often as it may have changed. An engine that is about to go is given nothing more. */
  want(forwards: readonly Forward[], approvedNetworks: readonly string[] | undefined, watchesAddress: boolean): void {
    if (this.#isHandingOver) return;
    const text = JSON.stringify([forwards, approvedNetworks, watchesAddress]);
    if (text === this.#wanted) return;
    this.#wanted = text;
    this.#approved = approvedNetworks;
    this.#engine.want(forwards, approvedNetworks, watchesAddress);
  }

  /** Closes ports asked of routers, or by ways, that are no longer meant, before another engine begins. */
  replaceIfOutdated(): void {
    const isOutdated = routersOf(this.#options.engineOptions()) !== routersOf(this.#means);
    if (!this.#isHandingOver && isOutdated) void this.#handOver();
  }

  /** Resolves when the engine has processed everything it was given so far, or is gone. */
  async caughtUp(): Promise<void> {
    await this.#engine.until(() => true, this.#life.signal).catch(() => undefined);
  }

  /** Resolves when an engine with the current means is there, or none will be any more. */
  async successor(): Promise<void> {
    await this.#succession.promise;
  }

  /** Resolves when an engine has settled the forwards that count, or reported why not.
   * @param mustGoOn called before each wait; throws when no engine will do it @throws what that throws, or the signal's reason */
  async settled(isMeant: (forward: ForwardId) => boolean, mustGoOn: () => void, signal: AbortSignal): Promise<void> {
    for (;;) {
      mustGoOn();
      const { promise: succession } = this.#succession;
      const engine = this.#engine;
      try {
        await engine.settled(AbortSignal.any([signal, this.#life.signal]), isMeant);
        if (!this.#isHandingOver) return;
      } catch (error) {
        signal.throwIfAborted();
        if (!this.#life.signal.aborted && engine === this.#engine) throw error;
      }
      if (engine === this.#engine) await succession;
      signal.throwIfAborted();
    }
  }

  /** Resolves when the current engine has done or reported everything, or after `limit`. */
  async settledWithin(limit: Millis): Promise<void> {
    const { signal } = this.#life;
    try {
      await forAtMost(this.#options.clock, limit, signal, (inTime) => this.#engine.settled(inTime));
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Resolves when forwards no longer wanted are closed or reported, or some seconds have passed. */
  async closed(): Promise<void> {
    if (this.#isHandingOver) await this.#succession.promise;
    else await this.settledWithin(CLOSING);
  }

  async #handOver(): Promise<void> {
    this.#isHandingOver = true;
    const life = this.#life;
    this.#engine.want([], this.#approved);
    await this.settledWithin(CLOSING);
    life.abort();
  }
}

const routersOf = ({ search, upstream }: EngineOptions): string =>
  JSON.stringify([search, upstream?.address, upstream?.isFormer]);
