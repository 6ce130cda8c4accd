/**
 * An engine for a home behind two routers: what ours holds, an engine of its own opens on the router in front, too.
 * Its owner sees and asks one engine.
 */
import type { IpAddress } from '../../contract/address.ts';
import type { FoundMapping } from '../../contract/mapping.ts';
import { asForwardId, type ForwardId, type GatewayId, type MappingId } from '../../contract/model.ts';
import type { Snapshot } from '../../contract/snapshot.ts';
import { inSeconds } from '../../contract/units.ts';
import { Watch } from '../../contract/watch.ts';
import type { Leftover, LeftoverKey, State } from '../../core/state.ts';
import {
  frontForwards,
  innerAddress,
  isItself,
  withUpstream,
  type FrontForward,
  type FrontForwards,
  type InnerAddress,
} from '../../core/upstream.ts';
import type { Owner } from '../../core/whose.ts';
import { forAtMost } from '../../system/deadline.ts';
import type { RecordLog } from '../../system/system.ts';
import { Engine, type EngineOptions } from './engine.ts';
import { holdsNothing } from './wanted.ts';

/** Before another one takes over: closes what forwards to an address that is no longer our router's. */
const CLOSING = inSeconds(10);

/** The engine for the router in front. Whoever asks about its table hears of our forwards. */
class FrontEngine extends Engine {
  readonly #known: FrontForwards;

  /** @param known which of our forwards each of its own is for */
  constructor(options: EngineOptions, known: FrontForwards) {
    super(options);
    this.#known = known;
  }

  override ownerOf(gateway: GatewayId, entry: FoundMapping): Owner {
    const owner = super.ownerOf(gateway, entry);
    if (owner.is !== 'ours' || owner.forward === undefined) return owner;
    const forward = this.#known.get(owner.forward)?.forward;
    return { is: 'ours', ...(forward === undefined ? {} : { forward }) };
  }

  override forwardWanting(gateway: GatewayId, entry: FoundMapping): ForwardId | undefined {
    const forward = super.forwardWanting(gateway, entry);
    return forward === undefined ? undefined : (this.#known.get(forward)?.forward ?? forward);
  }
}

interface Front {
  readonly engine: FrontEngine;
  readonly client: InnerAddress;
  readonly life: AbortController;
  readonly ended: Promise<void>;
}

type Wanted = Parameters<Engine['want']>;

export class TwoRouters extends Engine {
  readonly #options: EngineOptions;
  readonly #address: IpAddress;
  readonly #journal: RecordLog;
  readonly #isFormer: boolean;
  readonly #watchers = new Watch<Snapshot>();
  #life: AbortSignal | undefined;
  #wanted: Wanted = [[]];
  #front: Front | undefined;
  /** Resolves when another engine has taken over. */
  #handedOver: Promise<void> | undefined;
  #forwards: FrontForwards = new Map();
  /** With those that are still being closed. */
  readonly #known = new Map<ForwardId, FrontForward>();
  /** Is there nothing that a former one still holds? */
  #isClosed = false;
  #asked = '';
  #seen: { readonly inner: Snapshot; readonly outer: Snapshot | undefined; readonly whole: Snapshot } | undefined;

  constructor(options: EngineOptions, { address, journal, isFormer = false }: NonNullable<EngineOptions['upstream']>) {
    super(options);
    this.#options = options;
    this.#address = address;
    this.#journal = journal;
    this.#isFormer = isFormer;
  }

  override get snapshot(): Snapshot {
    const inner = super.snapshot;
    if (this.#isFormer || isItself(inner, this.#address)) return inner;
    const outer = this.#front?.engine.snapshot;
    if (this.#seen?.inner === inner && this.#seen.outer === outer) return this.#seen.whole;
    const { client, engine } = this.#front ?? {};
    const hasSearched = engine?.hasSearched ?? false;
    const known = this.#known;
    const whole = withUpstream(inner, { address: this.#address, client, snapshot: outer, hasSearched, known });
    this.#seen = { inner, outer, whole };
    return whole;
  }

  override watch(listener: (snapshot: Snapshot) => void): () => void {
    const end = this.#watchers.watch(listener);
    listener(this.snapshot);
    return end;
  }

  override want(...wanted: Wanted): void {
    this.#wanted = wanted;
    super.want(...wanted);
  }

  override at(gateway: GatewayId): Engine {
    const isOurs = super.snapshot.gateways.some(({ id }) => id === gateway);
    const { engine } = this.#front ?? {};
    return !isOurs && engine?.snapshot.gateways.some(({ id }) => id === gateway) === true ? engine : this;
  }

  override keep(forwards?: readonly ForwardId[]): void {
    const kept = forwards === undefined ? undefined : new Set(forwards);
    const isKept = ({ forward }: FrontForward): boolean => kept?.has(forward) ?? true;
    super.keep(forwards);
    this.#front?.engine.keep([...this.#forwards.values()].filter(isKept).map(({ wanted }) => wanted.id));
  }

  override get leftovers(): readonly Leftover[] {
    return [...super.leftovers, ...(this.#front?.engine.leftovers ?? [])];
  }

  override release(keys: readonly LeftoverKey[]): void {
    super.release(keys);
    this.#front?.engine.release(keys);
  }

  override searchNow(): void {
    super.searchNow();
    this.#front?.engine.searchNow();
  }

  override retry(): void {
    super.retry();
    this.#front?.engine.retry();
  }

  override async storeAgain(): Promise<void> {
    await super.storeAgain();
    await this.#front?.engine.storeAgain();
  }

  override probed(mapping: MappingId, passes: boolean): void {
    super.probed(mapping, passes);
    const beyond = this.#front?.engine.snapshot.mappings.find(({ forward }) => forward === asForwardId(mapping));
    if (beyond !== undefined) this.#front?.engine.probed(beyond.id, passes);
  }

  override woke(): void {
    super.woke();
    this.#front?.engine.woke();
  }

  /** Ours first: the one in front is asked for what ours has opened. */
  override async settled(
    signal: AbortSignal,
    isMeant: (forward: ForwardId) => boolean = () => true,
  ): Promise<Snapshot> {
    await super.settled(signal, isMeant);
    if (this.#isFormer) return this.snapshot;
    const isOf = (id: ForwardId): boolean => {
      const of = this.#known.get(id);
      return of === undefined || isMeant(of.forward);
    };
    for (;;) {
      await this.until(() => this.#follow(), signal);
      await this.#handedOver;
      const front = this.#front;
      if (front === undefined) return this.snapshot;
      try {
        await front.engine.settled(AbortSignal.any([signal, front.life.signal]), isOf);
      } catch (error) {
        signal.throwIfAborted();
        if (!front.life.signal.aborted) throw error;
      }
      if (front === this.#front) return this.snapshot;
    }
  }

  override async run(signal: AbortSignal): Promise<void> {
    const { log, clock } = this.#options.system;
    if (this.#isFormer) this.#isClosed = await holdsNothing(this.#journal, log, clock.now());
    this.#life = signal;
    const unwatch = super.watch(() => {
      this.#follow();
      this.#watchers.tell(this.snapshot);
    });
    try {
      await super.run(signal);
    } finally {
      unwatch();
      this.#life = undefined;
      await this.#handedOver;
      this.#front?.life.abort();
      await this.#front?.ended;
    }
  }

  /** Passes on what ours holds. Returns false while that has to wait for our router's address. */
  #follow(): boolean {
    if (this.#life === undefined || this.#life.aborted || this.#isClosed) return true;
    if (this.#handedOver !== undefined) return true;
    const inner = super.snapshot;
    if (isItself(inner, this.#address)) {
      if (this.#front !== undefined) this.#succeed(this.#front);
      return true;
    }
    const found = innerAddress(inner, this.#address);
    // An address that ours does not report for a moment is as before.
    const client = found === undefined || found === 'unknown' ? (this.#clientAsBefore(inner) ?? found) : found;
    if (client === undefined) return !inner.mappings.some(({ status }) => status.at === 'open');
    if (this.#front === undefined) this.#begin(client);
    else if (this.#front.client !== client) {
      this.#succeed(this.#front);
      return true;
    }
    if (!this.#isFormer) this.#forwards = frontForwards(inner, client, this.#forwards);
    this.#remember();
    const [, approved, watchesAddress] = this.#wanted;
    const wanted = [...this.#forwards.values()].map((each) => each.wanted);
    const text = JSON.stringify([wanted, approved, watchesAddress]);
    if (text !== this.#asked) this.#front?.engine.want(wanted, approved, watchesAddress);
    this.#asked = text;
    return true;
  }

  /** Keeps whose the front engine's forwards are, until it has closed them. */
  #remember(): void {
    const there = new Set(this.#front?.engine.snapshot.mappings.map(({ forward }) => forward));
    for (const id of this.#known.keys()) if (!there.has(id)) this.#known.delete(id);
    for (const [id, forward] of this.#forwards) this.#known.set(id, forward);
  }

  #clientAsBefore({ gateways }: Snapshot): InnerAddress | undefined {
    const isSilent = !gateways.some(({ reachable, externalAddress }) => reachable && externalAddress !== 'unknown');
    return isSilent ? this.#front?.client : undefined;
  }

  #begin(client: InnerAddress): void {
    const { upstream: _, search, ...options } = this.#options;
    const { protocol, pxpPort } = search;
    const way = client === 'unknown' ? ({ protocol: 'natpmp' } as const) : { protocol, seenAs: client };
    const front = {
      ...options,
      journal: this.#journal,
      search: { ...way, manual: this.#address, ...(pxpPort === undefined ? {} : { pxpPort }) },
    };
    const engine = new FrontEngine(front, this.#known);
    const life = new AbortController();
    const unwatch = engine.watch(() => {
      this.#watchers.tell(this.snapshot);
      // Waiters may be waiting for this.
      this.lookAgain();
    });
    const signal = this.#life === undefined ? life.signal : AbortSignal.any([life.signal, this.#life]);
    this.#front = { engine, client, life, ended: engine.run(signal).finally(unwatch) };
    this.#asked = '';
    if (this.#isFormer) void this.#leaveOnceClosed(this.#front);
  }

  /** Nobody needs a former one's engine once that has closed what is on record, however long the router is away. */
  async #leaveOnceClosed({ engine, life }: Front): Promise<void> {
    const isClosed = ({ search, leftovers }: State): boolean => search.completed > 0 && leftovers.size === 0;
    await engine.until(isClosed, life.signal).catch(() => undefined);
    if (life.signal.aborted) return;
    this.#isClosed = true;
    life.abort();
  }

  #succeed(front: Front): void {
    this.#handedOver = this.#handOver(front).finally(() => {
      this.#handedOver = undefined;
      this.#follow();
    });
  }

  async #handOver({ engine, life, ended }: Front): Promise<void> {
    const { clock } = this.#options.system;
    engine.want([], this.#wanted[1]);
    await forAtMost(clock, CLOSING, life.signal, (inTime) => engine.settled(inTime)).catch(() => undefined);
    life.abort();
    await ended;
    this.#front = undefined;
  }
}

/** As many routers in a row as are meant. */
export const createEngine = (options: EngineOptions): Engine =>
  options.upstream === undefined ? new Engine(options) : new TwoRouters(options, options.upstream);
