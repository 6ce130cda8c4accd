/**
 * The loop: events are reduced, the plan is performed, what comes back are events again. One sleep, until the plan's
 * next moment; everything else wakes it.
 */
import type { IpAddress } from '../../contract/address.ts';
import type { FoundMapping } from '../../contract/mapping.ts';
import type { ForwardId, GatewayId, Forward, MappingId } from '../../contract/model.ts';
import { isNamed, type Snapshot } from '../../contract/snapshot.ts';
import { Computed, until, Watch } from '../../contract/watch.ts';
import { mappingCount, MOST_WANTED } from '../../contract/profiles/claims.ts';
import { after, elapsed, isPort, millis, type EpochMs, type Millis } from '../../contract/units.ts';
import { approvalOf } from '../../core/approval.ts';
import { isShown } from '../../core/change.ts';
import { canAfford, expiryMoment, isTableChanging } from '../../core/schedule.ts';
import type { Event, EventWithoutMoment, RecoveredLease } from '../../core/events.ts';
import { LONGEST_SLEEP, plan } from '../../core/plan.ts';
import { reduce } from '../../core/reduce.ts';
import { isSettled, snapshotOf } from '../../core/view.ts';
import {
  initialState,
  leftoverKeyOf,
  type Action,
  type HostFacts,
  type Lease,
  type Leftover,
  type LeftoverKey,
  type State,
} from '../../core/state.ts';
import { ownerIn, forwardWanting, networkOn, openingsIn, type Opening, type Owner } from '../../core/whose.ts';
import type { Finding, SearchOptions } from '../../gateways/gateway.ts';
import type { RouterMemory } from '../../gateways/router-memory.ts';
import type { RecordLog, System } from '../../system/system.ts';
import { Bookkeeping } from './journal.ts';
import { Controls } from './controls.ts';
import { Alarm, EngineTime } from './engine-time.ts';
import { networkNow, HostWatch } from './host-facts.ts';
import { OnDemand } from './on-demand.ts';
import { addressesOf, Outgoing } from './outgoing.ts';
import { InFlight, NEVER_LEFT, withNonces, perform, type RequestAction } from './requests.ts';
import { Searching, type Discover } from './searching.ts';
import { senseAnnouncements, senseEvents, senseNetwork, senseTable, type Held } from './senses.ts';

export interface EngineOptions {
  readonly system: System;
  readonly journal: RecordLog;
  readonly memory: RouterMemory;
  readonly search: Omit<SearchOptions, 'remembered'>;
  /** Finds gateways; over the network when absent. */
  readonly discover?: Discover | undefined;
  /** How long ports left open by a crash are not closed: their holders may live, and come to take them over. */
  readonly patience?: Millis | undefined;
  /** A router in front of the home's, on which ports are opened too; what it holds is recorded apart. `isFormer`: it is no
   * longer meant, and what is recorded is closed. */
  readonly upstream?:
    | { readonly address: IpAddress; readonly journal: RecordLog; readonly isFormer?: boolean }
    | undefined;
}

/** No home has as many. Whoever claims to be more is not met; the default router always is. */
const MOST_GATEWAYS = 32;

/** Pause between two snapshots for watchers, for each mapping in them: what it costs to take one in grows with those,
 * and must not grow with each answer as well. With few mappings each change is reported. */
const PAUSE_PER_MAPPING = 0.2;
const FEW_MAPPINGS = 50;

/** A plan that yields work without end is a fault of ours; the loop must not spin on it. */
const PLANS_PER_TURN = 100;

export class Engine {
  readonly #options: EngineOptions;
  readonly #system: System;
  readonly #outgoing: Outgoing;
  readonly #time: EngineTime;
  readonly #alarm: Alarm;
  readonly #books: Bookkeeping;
  readonly #controls = new Controls();
  readonly #snapshots = new Computed(() => this.#snapshot());
  readonly #searching: Searching;
  readonly #events: Event[] = [];
  readonly #turns = new Watch<State>();
  readonly #stop = new AbortController();
  readonly #inFlight = new InFlight(this.#stop.signal);
  /** People's requests to one gateway beside the planned ones. */
  readonly onDemand = new OnDemand({
    controls: this.#controls,
    inFlight: this.#inFlight,
    add: (news) => this.#add(news),
    changed: () => this.#snapshots.changed(),
    until: (condition, signal) => this.until(condition, signal),
  });
  /** Ends the watch over a gateway's events and table. */
  readonly #watched = new Map<GatewayId, AbortController>();
  readonly #tasks = new Set<Promise<void>>();
  readonly #whereabouts: HostWatch;
  #state: State;
  /** When watchers last got a snapshot, and whether there is something newer. */
  #toldAt: EpochMs;
  #isUntold = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#outgoing = new Outgoing(options.system);
    this.#system = this.#outgoing.system;
    this.#time = new EngineTime(options.system.clock);
    this.#alarm = new Alarm(options.system.clock, this.#time);
    const { journal } = options;
    this.#books = new Bookkeeping(journal, this.#system.log, this.#time.now, () => this.#snapshots.changed());
    this.#state = initialState(this.#time.now, { manual: options.search.manual !== undefined });
    this.#turns.set(this.#state);
    this.#toldAt = this.#state.now;
    this.#whereabouts = new HostWatch(this.#system, options.search, this.#stop.signal);
    this.#searching = new Searching({
      ...options,
      system: this.#system,
      add: (news) => this.#add(news),
      admits: ({ gateway, isDefault, foundBy }) => {
        const { gateways } = this.#state;
        return isDefault || foundBy === 'manual' || gateways.has(gateway) || gateways.size < MOST_GATEWAYS;
      },
      meet: async (finding) => {
        this.#meet(finding);
        if (finding.isDefault) await this.#nameNetwork();
      },
      // A router that opens no ports has been talked to as well.
      ending: () => this.#nameNetwork(),
      known: () => this.#controls.all().filter(({ gateway }) => this.#state.gateways.get(gateway)?.reachable === true),
    });
  }

  get memory(): RouterMemory {
    return this.#options.memory;
  }

  /** Has a search ended? */
  get hasSearched(): boolean {
    return this.#state.search.completed > 0;
  }

  /** Where and how it looks for routers. */
  get search(): EngineOptions['search'] {
    return this.#options.search;
  }

  get snapshot(): Snapshot {
    return this.#snapshots.current;
  }

  /** The first call is immediate. Returns what ends it. */
  watch(listener: (snapshot: Snapshot) => void): () => void {
    return this.#snapshots.watch(listener);
  }

  /**
   * The ports that people want open, whole: any others are closed.
   * @param approvedNetworks keys of the networks on which; on all when absent
   * @param watchesAddress is a new public address to be noticed even while nothing is open?
   * @throws RangeError for more than may be open at once; whoever takes them from people refuses them in words
   */
  want(forwards: readonly Forward[], approvedNetworks?: readonly string[], watchesAddress = false): void {
    const count = mappingCount(forwards);
    if (count > MOST_WANTED) throw new RangeError(`${count} mappings are wanted, ${MOST_WANTED} at most`);
    this.#add({ type: 'wanted', forwards, approvedNetworks, watchesAddress });
  }

  /** Open ports stay open when the engine ends, and are no longer wanted. @param forwards which; all when absent */
  keep(forwards?: readonly ForwardId[]): void {
    this.#add({ type: 'kept', forwards });
  }

  /** Leases kept by an earlier run, or being closed. */
  get leftovers(): readonly Leftover[] {
    return [...this.#state.leftovers.values()];
  }

  /** Closes what was kept. */
  release(keys: readonly LeftoverKey[]): void {
    this.#add({ type: 'unkept', keys });
  }

  /** Takes over an entry of a gateway's table that is proven to be ours, to be closed. Returns its name among the leftovers. */
  adopt(gateway: GatewayId, mapping: FoundMapping): readonly LeftoverKey[] {
    const { client, port: inner } = mapping.internal;
    const outer = mapping.external.port;
    const finding = this.#controls.of(gateway).find(({ list }) => list !== undefined);
    if (finding === undefined || client === undefined || !isPort(inner) || !isPort(outer)) return [];
    const at = this.#time.now;
    const lease: Lease = {
      gateway,
      network: networkOn(this.#state.host, finding.interfaceName),
      control: finding.control.kind,
      family: 'ipv4',
      transport: mapping.transport,
      external: { port: outer },
      internal: { client, port: inner },
      handle: {},
      grantedAt: at,
      renewAt: at,
      expiresAt: expiryMoment(at, mapping.lease === 0 ? 'permanent' : mapping.lease),
      evidence: 'asked',
      renewals: 0,
      recreate: false,
    };
    this.#add({ type: 'recovered', leases: [{ lease, label: mapping.description, kept: false }] });
    return [leftoverKeyOf(lease)];
  }

  searchNow(): void {
    this.#add({ type: 'search-asked' });
  }

  /** Asks again for all that was refused or waits. */
  retry(): void {
    this.#add({ type: 'retry' });
  }

  /** Journal and router memory were taken away. Resolves when they are there again, or when the failure is reported. */
  async storeAgain(): Promise<void> {
    await this.#books.storeAgain();
    await this.#options.memory.storeAgain();
  }

  /** Somebody outside tried it: traffic passes, or does not. */
  probed(mapping: MappingId, passes: boolean): void {
    this.#add({ type: 'probed', mapping, passes });
  }

  /** The machine was asleep. */
  woke(): void {
    this.#add({ type: 'woke' });
  }

  /** The condition of {@link until} may be met by now. */
  protected lookAgain(): void {
    this.#alarm.ring();
  }

  /** Resolves when everything wanted is open or its obstacle reported, and everything to be closed closed or reported.
   * @param isMeant which forwards count; all when absent
   * @throws the signal's reason */
  settled(signal: AbortSignal, isMeant?: (forward: ForwardId) => boolean): Promise<Snapshot> {
    return this.until((state) => isSettled(state, isMeant), signal);
  }

  /** @throws the signal's reason */
  async until(condition: (state: State) => boolean, signal: AbortSignal): Promise<Snapshot> {
    const isMet = (state: State): boolean => this.#events.length === 0 && condition(state);
    await until(this.#turns, isMet, signal);
    if (this.#isUntold) this.#tell();
    return this.snapshot;
  }

  /** The engine that has this gateway: of two routers in a row, each has its own. */
  at(_gateway: GatewayId): Engine {
    return this;
  }

  /** Has the gateway's budget room for what can wait? */
  canAfford(gateway: GatewayId): boolean {
    return canAfford(this.#state, gateway, this.#time.current);
  }

  ownerOf(gateway: GatewayId, entry: FoundMapping): Owner {
    return ownerIn(this.#state, gateway, entry);
  }

  /** Our IPv6 openings at the gateway. */
  openings(gateway: GatewayId): readonly Opening[] {
    return openingsIn(this.#state, gateway);
  }

  /** The forward that holds this entry, or would open it again as soon as it is gone. */
  forwardWanting(gateway: GatewayId, entry: FoundMapping): ForwardId | undefined {
    return forwardWanting(this.#state, gateway, entry);
  }

  /** Can any of the gateway's controls show its table? */
  canList(gateway: GatewayId): boolean {
    return this.#controls.skills(gateway).canList;
  }

  /**
   * Runs until the signal aborts; what is open then stays as it is (see {@link keep} and {@link want} for leaving tidily).
   */
  async run(signal: AbortSignal): Promise<void> {
    const stop = (): void => {
      this.#stop.abort(signal.reason);
      this.#alarm.ring();
    };
    if (signal.aborted) return;
    signal.addEventListener('abort', stop, { once: true });
    try {
      await this.#options.memory.load();
      const recovered = await this.#books.load(this.#time.tick().now);
      this.#recover(recovered);
      this.#sense();
      while (!this.#stop.signal.aborted) {
        const wakeAt = this.#turn();
        await this.#sleep(wakeAt);
      }
    } finally {
      signal.removeEventListener('abort', stop);
      this.#stop.abort();
      this.#alarm.off();
      await Promise.all(this.#tasks);
      await this.#books.flush();
      await this.#options.memory.flush();
    }
  }

  #recover(leases: readonly RecoveredLease[]): void {
    const { patience = 0 } = this.#options;
    if (patience === 0) {
      this.#add({ type: 'recovered', leases });
      return;
    }
    this.#add({ type: 'recovered', leases: leases.map((one) => ({ ...one, kept: true })) });
    const unwanted = new Set(leases.filter(({ kept }) => !kept).map(({ lease }) => leftoverKeyOf(lease)));
    const close = async (): Promise<void> => {
      await this.#system.clock.sleep(millis(patience), this.#stop.signal);
      // Those with a mapping were taken over meanwhile, and left open on purpose.
      const left = this.leftovers.filter(({ key, mapping }) => unwanted.has(key) && mapping === undefined);
      this.release(left.map(({ key }) => key));
    };
    this.#tasks.add(this.#guard('recovery', close()));
  }

  #sense(): void {
    const { search } = this.#options;
    const { signal } = this.#stop;
    const system = this.#system;
    const add = (news: EventWithoutMoment): void => this.#add(news);
    this.#tasks.add(this.#guard('network', senseNetwork(system, search, add, signal)));
    this.#tasks.add(this.#guard('announcements', senseAnnouncements(system, search.onlyInterfaces, add, signal)));
  }

  /** Registers the finding's control. */
  #meet(finding: Finding): void {
    const { gateway, control, eventUrl, localAddress } = finding;
    const known = this.#controls.get(gateway, control.kind);
    this.#controls.add(finding);
    const { foundBy, foundIn, detail } = finding;
    this.#system.log.write('info', 'found', { gateway, control: control.kind, foundBy, ms: foundIn, detail });
    if (control.kind !== 'igd') return;
    if (known !== undefined && known.eventUrl === eventUrl && known.localAddress === localAddress) return;
    this.#watched.get(gateway)?.abort();
    const own = new AbortController();
    this.#watched.set(gateway, own);
    const signal = AbortSignal.any([own.signal, this.#stop.signal]);
    const heldBy = (id: GatewayId): Held => this.#heldOn(id);
    const add = (news: EventWithoutMoment): void => this.#add(news);
    this.#tasks.add(this.#guard('events', senseEvents(this.#system, finding, heldBy, add, signal), signal));
    if (finding.list === undefined) return;
    const count = (expected: number, isWhole: boolean): Promise<number | 'cannot-tell'> =>
      this.#inFlight.waitedFor(gateway, signal, async (inTime) => {
        const list = this.#controls.get(gateway, 'igd')?.list;
        return (await list?.count(expected, isWhole, inTime)) ?? 'cannot-tell';
      });
    this.#tasks.add(this.#guard('table', senseTable(this.#system, finding, heldBy, count, add, signal), signal));
  }

  /** Before anything is asked or recorded: a router that has answered is known by its hardware address, and with it the
   * network, which the addresses alone do not distinguish from others. */
  async #nameNetwork(): Promise<void> {
    const known = this.#state.host?.network;
    if (known === undefined || isNamed(known)) return;
    const network = await networkNow(this.#system.routes, this.#stop.signal);
    if (network !== undefined && isNamed(network)) this.#add({ type: 'network-named', network });
  }

  #heldOn(gateway: GatewayId): Held {
    const known = this.#state.gateways.get(gateway);
    let count = 0;
    let isConcerned = false;
    for (const { lease, refused } of this.#state.mappings.values()) {
      isConcerned ||= refused || lease?.gateway === gateway;
      if (known === undefined || lease?.gateway !== gateway || lease.evidence === 'asked') continue;
      if (isShown(known, lease)) count += 1;
    }
    const mayBeAsked = known?.reachable === true && this.canAfford(gateway);
    const isChanging = known !== undefined && isTableChanging(this.#state, known, this.#time.current);
    const externalAddress = known?.externalAddress ?? 'unknown';
    return { isConcerned, count, mayBeAsked, isChanging, externalAddress };
  }

  /** Stamped again when it is reduced: what counts is when the engine learnt of it. */
  #add(news: EventWithoutMoment): void {
    const stamp = { at: this.#time.now, random: this.#system.random.unit() };
    this.#events.push({ ...news, ...stamp });
    if (news.type === 'network') this.#searching.breakOff();
    this.#alarm.ring();
  }

  async #sleep(wakeAt: EpochMs | undefined): Promise<void> {
    if (this.#events.length > 0 || this.#stop.signal.aborted) return;
    const latest = after(this.#time.now, LONGEST_SLEEP);
    await this.#alarm.until(wakeAt === undefined || wakeAt > latest ? latest : wakeAt);
  }

  #reduce(event: Event): void {
    this.#state = reduce(this.#state, { ...event, at: this.#time.now });
  }

  #reduceOnRecord(event: Event): void {
    const before = this.#state;
    this.#reduce(event);
    this.#books.reduced(event, before, this.#state);
  }

  #turn(): EpochMs | undefined {
    const before = this.#state.revision;
    const { now, jumped } = this.#time.tick();
    if (jumped !== undefined) this.#reduceOnRecord({ type: 'woke', at: now, unsure: jumped });
    this.#reduce({ type: 'time', at: now });
    for (const event of this.#events.splice(0)) {
      const stateBefore = this.#state;
      this.#reduceOnRecord(event);
      if (event.type === 'asked') this.#outgoing.counted(event.gateway, event.requests);
      if (event.type === 'announced' || event.type === 'network') this.#inFlight.keepTo(this.#state);
      if (this.#state.gateways !== stateBefore.gateways) this.#noteFalseRestarts(stateBefore);
    }
    // A new request there would go to whoever has the router's address now.
    if (approvalOf(this.#state) !== 'approved') this.#inFlight.endOpenings();
    this.#countPackets(now);
    let wakeAt: EpochMs | undefined;
    for (let round = 0; round < PLANS_PER_TURN; round++) {
      const next = plan(this.#state);
      wakeAt = next.wakeAt;
      if (next.actions.length === 0 && next.givenUp.length === 0) break;
      for (const { mapping, problem } of next.givenUp) {
        this.#reduce({ type: 'gave-up', at: now, random: this.#system.random.unit(), mapping, problem });
      }
      const actions = withNonces(next.actions, this.#system.random);
      this.#reduce({ type: 'started', at: now, actions });
      for (const action of actions) if (action.do !== 'search') this.#outgoing.counted(action.gateway, 1);
      if (actions.some((action) => action.do === 'search')) {
        this.#reduce({ type: 'search-started', at: now });
        void this.#guard('search', this.#searching.run(this.#state.host?.network ?? '-', this.#stop.signal));
      }
      this.#perform(actions);
      // Heartbeats and looks leave nothing else to be planned.
      if (next.givenUp.length === 0 && actions.every((action) => action.do === 'vitals' || action.do === 'find')) break;
    }
    if (this.#state.revision !== before) {
      this.#snapshots.outdated();
      this.#isUntold = true;
    }
    const tellAt = this.#tellInTime();
    this.#turns.set(this.#state);
    return tellAt === undefined || (wakeAt !== undefined && wakeAt < tellAt) ? wakeAt : tellAt;
  }

  /** Brings watchers up to date, once it is time. @returns when it is, if that is later */
  #tellInTime(): EpochMs | undefined {
    if (!this.#isUntold) return undefined;
    const { now, requests, mappings, leftovers } = this.#state;
    const count = mappings.size + leftovers.size;
    const pause = count <= FEW_MAPPINGS ? 0 : count * PAUSE_PER_MAPPING;
    const isMoreToCome = [...requests.values()].some(({ kind }) => kind === 'open' || kind === 'close');
    const passed = elapsed(this.#toldAt, now);
    if (isMoreToCome && passed >= 0 && passed < pause) return after(this.#toldAt, millis(pause));
    this.#tell();
    return undefined;
  }

  #tell(): void {
    this.#toldAt = this.#state.now;
    this.#isUntold = false;
    this.#snapshots.changed();
  }

  /** Packets sent since the last turn, beyond the one that each request counts for when it is planned. */
  #countPackets(at: EpochMs): void {
    const busy = new Set([...this.#state.requests.values()].map(({ gateway }) => gateway));
    for (const gateway of this.#state.gateways.values()) {
      const addresses = (): readonly IpAddress[] => addressesOf(this.#state, gateway, this.#controls);
      const more = this.#outgoing.uncounted(gateway.id, addresses, !busy.has(gateway.id));
      if (more > 0) this.#reduce({ type: 'asked', at, gateway: gateway.id, requests: more, for: 'count' });
    }
    this.#outgoing.forgetOthers();
  }

  #noteFalseRestarts(before: State): void {
    for (const { id, fingerprint, falseRestarts } of this.#state.gateways.values()) {
      if (!falseRestarts || before.gateways.get(id)?.falseRestarts !== false) continue;
      this.memory.traitsFor(fingerprint).learn({ falseRestarts }, 'told of a restart at almost every answer');
    }
  }

  #perform(actions: readonly Action[]): void {
    const recorded = this.#books.opening(
      actions.filter((action) => action.do === 'open'),
      this.#state,
    );
    for (const action of actions) {
      if (action.do === 'search') continue;
      void this.#guard(action.do, this.#request(action, action.do === 'open' ? recorded : undefined));
    }
  }

  async #request(action: RequestAction, recorded: Promise<void> | undefined): Promise<void> {
    const { request, gateway, control } = action;
    let elsewhere: HostFacts | undefined;
    const answer = await this.#inFlight.run(action, recorded, async (signal) => {
      if (action.do === 'open' && this.#state.approvedNetworks !== undefined) {
        const host = await this.#whereabouts.now();
        if (host === undefined || approvalOf({ ...this.#state, host }) !== 'approved') {
          elsewhere = host;
          return NEVER_LEFT;
        }
      }
      return await perform(action, this.#controls.get(gateway, control)?.control, this.#system.log, signal);
    });
    if (answer === undefined) return;
    const finding = this.#controls.get(gateway, control);
    this.#add('type' in answer ? answer : { type: 'failed', request, failure: answer });
    if (elsewhere !== undefined) this.#add({ type: 'network', host: elsewhere });
    // A control's abilities are learnt as it is used.
    const capabilities = finding === undefined ? undefined : this.#controls.changedCapabilities(finding);
    if (capabilities !== undefined) this.#add({ type: 'capabilities', gateway, control, capabilities });
  }

  #snapshot(): Snapshot {
    const facts = snapshotOf(this.#state);
    const gateways = facts.gateways.map((gateway) => ({ ...gateway, ...this.#controls.skills(gateway.id) }));
    const snapshot: Snapshot = { ...facts, gateways };
    const { problems } = this.#books;
    return problems.length === 0 ? snapshot : { ...snapshot, problems: [...snapshot.problems, ...problems] };
  }

  /** A task of ours that fails must not take the others with it, nor fail unseen. */
  async #guard(name: string, task: Promise<void>, signal: AbortSignal = this.#stop.signal): Promise<void> {
    try {
      await task;
    } catch (error) {
      if (signal.aborted) return;
      this.#system.log.write('error', `${name} failed`, {
        error: error instanceof Error ? error.stack : String(error),
      });
    }
  }
}
