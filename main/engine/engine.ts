/**
 * The loop: events are reduced, the plan is performed, what comes back are events again. One sleep, until the plan's
 * next moment; everything else wakes it.
 */
import type { FoundMapping } from '../contract/mapping.ts';
import type { Forward, GatewayId, Snapshot } from '../contract/model.ts';
import type { Problem } from '../contract/problems.ts';
import type { EpochMs } from '../contract/units.ts';
import { elapsed, isPort, millis } from '../contract/units.ts';
import type { Event } from '../core/events.ts';
import { LONGEST_SLEEP, plan } from '../core/plan.ts';
import { reduce } from '../core/reduce.ts';
import { expiryMoment } from '../core/schedule.ts';
import { isSettled } from '../core/settled.ts';
import type { Action, Lease, Leftover, LeftoverKey, Request, State } from '../core/state.ts';
import { initialState, leftoverKeyOf } from '../core/state.ts';
import { snapshotOf } from '../core/view.ts';
import { announcements } from '../gateways/announcements.ts';
import { discover } from '../gateways/discover.ts';
import type { Finding, SearchOptions } from '../gateways/gateway.ts';
import type { RouterMemory } from '../gateways/router-memory.ts';
import type { RecordLog, System } from '../system/system.ts';
import { NetworkError, StorageError } from '../system/system.ts';
import { Controls } from './controls.ts';
import { EngineTime } from './engine-time.ts';
import { failureFact } from './failure-fact.ts';
import { foundFacts, searchFacts } from './finding-facts.ts';
import { hostFactsOf } from './host-facts.ts';
import { Journal } from './journal.ts';
import type { Reachability } from './reachability.ts';
import { watchReachability } from './reachability.ts';
import { Snapshots } from './snapshots.ts';

export interface EngineOptions {
  readonly system: System;
  readonly journal: RecordLog;
  readonly memory: RouterMemory;
  readonly search: Omit<SearchOptions, 'remembered'>;
  /** Asks somebody outside whether a port answers (L11, L20); nobody is asked when absent. */
  readonly reachability?: Reachability;
}

export interface Listed {
  readonly gateway: GatewayId;
  readonly mapping: FoundMapping;
}

/** A plan that yields work without end is a fault of ours; the loop must not spin on it. */
const PLANS_PER_TURN = 100;

export class Engine {
  readonly #options: EngineOptions;
  readonly #system: System;
  readonly #time: EngineTime;
  readonly #journal: Journal;
  readonly #controls = new Controls();
  readonly #snapshots: Snapshots;
  readonly #events: Event[] = [];
  readonly #turnListeners = new Set<() => void>();
  readonly #stop = new AbortController();
  #storageProblem: Problem | undefined;
  #state: State;
  #nap: AbortController | undefined;
  #search: AbortController | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#system = options.system;
    this.#time = new EngineTime(options.system.clock);
    this.#journal = new Journal(options.journal, options.system.log);
    this.#state = initialState(this.#time.now, { manual: options.search.manual !== undefined });
    this.#snapshots = new Snapshots(() => this.#snapshot());
  }

  get snapshot(): Snapshot {
    return this.#snapshots.current;
  }

  /** The first call is immediate. Returns what ends it. */
  watch(listener: (snapshot: Snapshot) => void): () => void {
    return this.#snapshots.watch(listener);
  }

  /** What people want to be open, whole: what is missing is closed. */
  want(forwards: readonly Forward[]): void {
    this.#add({ type: 'wanted', at: this.#time.now, forwards });
  }

  /** What is open stays open when the engine ends, and is no longer wanted. */
  keep(): void {
    this.#add({ type: 'kept', at: this.#time.now });
  }

  /** What was kept by an earlier run, or is being closed. */
  get leftovers(): readonly Leftover[] {
    return [...this.#state.leftovers.values()];
  }

  /** Closes what was kept. */
  release(keys: readonly LeftoverKey[]): void {
    this.#add({ type: 'unkept', at: this.#time.now, keys });
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
      network: this.#state.host?.network ?? '-',
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
    this.#add({ type: 'recovered', at, leases: [{ lease, label: mapping.description, kept: false }] });
    return [leftoverKeyOf(lease)];
  }

  searchNow(): void {
    this.#add({ type: 'search-asked', at: this.#time.now });
  }

  /** Asks again for all that was refused or waits. */
  retry(): void {
    this.#add({ type: 'retry', at: this.#time.now });
  }

  /** The machine was asleep. */
  woke(): void {
    this.#add({ type: 'woke', at: this.#time.now });
  }

  /** Resolves when everything wanted is open or told why not, and everything to be closed is closed or told.
   * @throws the signal's reason */
  settled(signal: AbortSignal): Promise<Snapshot> {
    return this.until((state) => isSettled(state), signal);
  }

  /** @throws the signal's reason */
  async until(condition: (state: State) => boolean, signal: AbortSignal): Promise<Snapshot> {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const finish = (): void => {
        this.#turnListeners.delete(look);
        signal.removeEventListener('abort', look);
      };
      const look = (): void => {
        if (signal.aborted) {
          finish();
          // oxlint-disable-next-line prefer-promise-reject-errors -- the reason is what the aborter gave
          reject(signal.reason);
        } else if (this.#events.length === 0 && condition(this.#state)) {
          finish();
          resolve();
        }
      };
      this.#turnListeners.add(look);
      signal.addEventListener('abort', look);
      look();
    });
    return this.snapshot;
  }

  /** The whole table of a gateway, or of all. @throws Unreachable | Malformed | Refused, or the signal's reason */
  async *list(signal: AbortSignal, gateway?: GatewayId): AsyncGenerator<Listed> {
    const findings = gateway === undefined ? this.#controls.all() : this.#controls.of(gateway);
    for (const finding of findings) {
      if (finding.list === undefined) continue;
      for await (const mapping of finding.list.list(signal)) yield { gateway: finding.gateway, mapping };
    }
  }

  /** Can any of the gateway's controls show its table? */
  canList(gateway: GatewayId): boolean {
    return this.#controls.of(gateway).some(({ list }) => list !== undefined);
  }

  /**
   * Runs until the signal aborts; what is open then stays as it is (see {@link keep} and {@link want} for leaving tidily).
   * @throws StorageError when the journal cannot be read
   */
  async run(signal: AbortSignal): Promise<void> {
    const stop = (): void => {
      this.#stop.abort(signal.reason);
      this.#wake();
    };
    if (signal.aborted) return;
    signal.addEventListener('abort', stop, { once: true });
    const tasks: Promise<void>[] = [];
    try {
      await this.#options.memory.load();
      const recovered = await this.#journal.load(this.#time.tick().now);
      this.#add({ type: 'recovered', at: this.#time.now, leases: recovered });
      tasks.push(this.#guard('network', this.#watchNetwork()), this.#guard('announcements', this.#listen()));
      const { reachability } = this.#options;
      if (reachability !== undefined) {
        tasks.push(this.#guard('reachability', this.#probe(reachability)));
      }
      while (!this.#stop.signal.aborted) {
        const wakeAt = this.#turn();
        await this.#sleep(wakeAt);
      }
    } finally {
      signal.removeEventListener('abort', stop);
      this.#stop.abort();
      await Promise.all(tasks);
      await this.#options.memory.flush();
    }
  }

  #add(event: Event): void {
    this.#events.push(event);
    this.#wake();
  }

  #wake(): void {
    this.#nap?.abort();
  }

  async #sleep(until: EpochMs | undefined): Promise<void> {
    if (this.#events.length > 0 || this.#stop.signal.aborted) return;
    const left = until === undefined ? LONGEST_SLEEP : elapsed(this.#time.now, until);
    const nap = new AbortController();
    this.#nap = nap;
    try {
      await this.#system.clock.sleep(millis(Math.min(Math.max(left, 1), LONGEST_SLEEP)), nap.signal);
    } catch (error) {
      if (!nap.signal.aborted) throw error;
    } finally {
      this.#nap = undefined;
    }
  }

  #reduce(event: Event): void {
    this.#state = reduce(this.#state, { ...event, at: this.#time.now });
  }

  #turn(): EpochMs | undefined {
    const before = this.#state.revision;
    const { now, jumped } = this.#time.tick();
    this.#reduce({ type: 'time', at: now });
    if (jumped) this.#reduce({ type: 'woke', at: now });
    for (const event of this.#events.splice(0)) this.#apply(event);
    let wakeAt: EpochMs | undefined;
    for (let round = 0; round < PLANS_PER_TURN; round++) {
      const next = plan(this.#state);
      wakeAt = next.wakeAt;
      if (next.actions.length === 0 && next.givenUp.length === 0) break;
      for (const { mapping, problem } of next.givenUp) {
        this.#reduce({ type: 'gave-up', at: now, random: this.#system.random.unit(), mapping, problem });
      }
      this.#reduce({ type: 'started', at: now, actions: next.actions });
      if (next.actions.some((action) => action.do === 'search')) {
        this.#reduce({ type: 'search-started', at: now });
        void this.#guard('search', this.#look());
      }
      this.#perform(next.actions);
    }
    if (this.#state.revision !== before) this.#snapshots.changed();
    for (const listener of this.#turnListeners) listener();
    return wakeAt;
  }

  /** Openings are journalled together, before the first of them leaves; one that renews what is on record need not wait. */
  #perform(actions: readonly Action[]): void {
    const openings = actions.filter((action) => action.do === 'open');
    const isNew = openings.some(({ lease }) => !this.#journal.has(leftoverKeyOf(lease)));
    const entries = openings.map(({ lease, mapping }) => ({
      lease,
      label: this.#state.mappings.get(mapping)?.spec.label ?? '',
      kept: false,
    }));
    const written = entries.length === 0 ? undefined : this.#store(this.#journal.held(entries));
    for (const action of actions) {
      if (action.do === 'search') continue;
      const ready = action.do === 'open' && isNew ? written : undefined;
      void this.#guard(action.do, this.#request(action, ready));
    }
  }

  async #request(action: Exclude<Action, { do: 'search' }>, ready: Promise<void> | undefined): Promise<void> {
    await ready;
    const { signal } = this.#stop;
    if (signal.aborted) return;
    const finding = this.#controls.get(action.gateway, action.control);
    const answered = { at: this.#time.now, random: this.#system.random.unit(), request: action.request };
    try {
      if (finding === undefined) throw new TypeError(`no such control: ${action.gateway} ${action.control}`);
      const { control } = finding;
      switch (action.do) {
        case 'open':
          this.#add({ ...answered, type: 'granted', grant: await control.open(action.wish, signal) });
          break;
        case 'close':
          await control.close(action.key, signal);
          this.#add({ ...answered, type: 'closed' });
          break;
        case 'find':
          this.#add({ ...answered, type: 'looked-up', found: await control.find(action.key, signal) });
          break;
        case 'vitals':
          this.#add({ ...answered, type: 'vitals', vitals: await control.vitals(signal) });
          break;
      }
    } catch (error) {
      if (signal.aborted) return;
      const failure = failureFact(error);
      this.#system.log.write(failure.isOurs ? 'error' : 'info', `${action.do} failed`, {
        gateway: action.gateway,
        control: action.control,
        error: String(error),
      });
      this.#add({ ...answered, type: 'failed', failure: failure.fact });
    }
    const capabilities = finding === undefined ? undefined : this.#controls.changedCapabilities(finding);
    if (capabilities !== undefined) {
      const { gateway, control } = action;
      this.#add({ type: 'capabilities', at: this.#time.now, gateway, control, capabilities });
    }
  }

  /** Reduces one event and tells the journal what it means. */
  #apply(event: Event): void {
    const request = 'request' in event ? this.#state.requests.get(event.request) : undefined;
    const before = request === undefined ? [] : this.#heldBy(request);
    this.#reduce(event);
    if (event.type === 'kept' || event.type === 'unkept') {
      const kept = [...this.#state.leftovers.values()].filter((leftover) => leftover.kept === (event.type === 'kept'));
      void this.#store(this.#journal.held(kept));
    }
    if (request === undefined) return;
    const after = this.#heldBy(request);
    const gone = before.filter((key) => !after.includes(key) && !this.#state.leftovers.has(key));
    if (gone.length > 0) void this.#store(this.#journal.gone(gone));
    const mapping = request.mapping === undefined ? undefined : this.#state.mappings.get(request.mapping);
    if (event.type !== 'granted' || mapping?.lease === undefined) return;
    void this.#store(this.#journal.held([{ lease: mapping.lease, label: mapping.spec.label, kept: false }]));
  }

  #heldBy(request: Request): readonly LeftoverKey[] {
    const lease = request.mapping === undefined ? undefined : this.#state.mappings.get(request.mapping)?.lease;
    const keys: LeftoverKey[] = [];
    if (lease !== undefined) keys.push(leftoverKeyOf(lease));
    if (request.leftover !== undefined && this.#state.leftovers.has(request.leftover)) keys.push(request.leftover);
    if (request.asked !== undefined && this.#state.requests.has(request.id)) keys.push(leftoverKeyOf(request.asked));
    return keys;
  }

  /** A journal that cannot be written is told, and does not keep anything closed. */
  async #store(writing: Promise<void>): Promise<void> {
    try {
      await writing;
      if (this.#storageProblem === undefined) return;
      this.#storageProblem = undefined;
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      this.#system.log.write('error', 'the journal could not be written', { path: error.path, error: error.message });
      const since = this.#storageProblem?.since ?? this.#time.now;
      const parameters = { path: error.path, fault: error.fault };
      this.#storageProblem = { code: 'storage-failed', parameters, severity: 'warning', since };
    }
    this.#snapshots.changed();
  }

  #snapshot(): Snapshot {
    const snapshot = snapshotOf(this.#state);
    return this.#storageProblem === undefined
      ? snapshot
      : { ...snapshot, problems: [...snapshot.problems, this.#storageProblem] };
  }

  async #look(): Promise<void> {
    this.#search?.abort();
    const own = new AbortController();
    this.#search = own;
    const stop = (): void => own.abort();
    this.#stop.signal.addEventListener('abort', stop, { once: true });
    const { memory, search } = this.#options;
    const network = this.#state.host?.network ?? '-';
    try {
      const findings = discover(
        this.#system,
        { ...search, remembered: search.manual === undefined ? memory.remembered(network) : [] },
        memory,
        own.signal,
      );
      for (;;) {
        const next = await findings.next();
        if (own.signal.aborted) break;
        if (next.done === true) {
          this.#remember(network);
          this.#ended(searchFacts(next.value));
          return;
        }
        this.#controls.add(next.value);
        this.#log('found', next.value);
        this.#add({
          type: 'found',
          at: this.#time.now,
          random: this.#system.random.unit(),
          found: foundFacts(next.value),
        });
      }
    } catch (error) {
      if (!own.signal.aborted) {
        this.#system.log.write('error', 'the search failed', { error: String(error) });
        this.#ended({ routers: [], noNetwork: false, denied: false, localNetworkDenied: false });
        return;
      }
    } finally {
      this.#stop.signal.removeEventListener('abort', stop);
      if (this.#search === own) this.#search = undefined;
    }
    this.#ended(undefined);
  }

  #ended(summary: Extract<Event, { type: 'search-ended' }>['summary']): void {
    this.#add({ type: 'search-ended', at: this.#time.now, random: this.#system.random.unit(), summary });
  }

  #log(message: string, { gateway, control, foundBy, foundIn, detail }: Finding): void {
    this.#system.log.write('info', message, { gateway, control: control.kind, foundBy, ms: foundIn, detail });
  }

  /** Where the gateways of this network are, for a first request without a search next time. */
  #remember(network: string): void {
    if (this.#options.search.manual !== undefined || network === '-') return;
    const known = this.#controls.all().filter(({ gateway }) => this.#state.gateways.get(gateway)?.reachable === true);
    if (known.length > 0)
      this.#options.memory.remember(
        network,
        known.map(({ remember }) => remember),
      );
  }

  async #watchNetwork(): Promise<void> {
    const { routes } = this.#system;
    const { signal } = this.#stop;
    let told = '';
    while (!signal.aborted) {
      // Asked first, so that a change while the tables are read is not missed.
      const change = routes.changed(signal);
      change.catch(() => undefined);
      try {
        const host = await hostFactsOf(await routes.read(signal), (address) => routes.neighbour(address));
        const text = JSON.stringify([host.network, ...host.interfaces, ...host.publicIpv6]);
        if (text !== told) {
          told = text;
          this.#search?.abort();
          this.#add({ type: 'network', at: this.#time.now, host });
        }
      } catch (error) {
        if (!(error instanceof NetworkError)) throw error;
        this.#system.log.write('warn', 'the routing tables cannot be read', { error: error.message });
      }
      await change;
    }
  }

  async #listen(): Promise<void> {
    const { onlyInterfaces } = this.#options.search;
    const options = onlyInterfaces === undefined ? {} : { interfaces: onlyInterfaces };
    for await (const said of announcements(this.#system, options, this.#stop.signal)) {
      this.#system.log.write('debug', 'heard', { ...said });
      const { from, kind, location, bootId, epoch } = said;
      this.#add({ type: 'announced', at: this.#time.now, announcement: { from, kind, location, bootId, epoch } });
    }
  }

  async #probe(reachability: Reachability): Promise<void> {
    const { clock, log } = this.#system;
    const watched = watchReachability({ reachability, clock, log }, () => this.snapshot, this.#stop.signal);
    for await (const { mapping, passes } of watched) {
      this.#add({ type: 'probed', at: this.#time.now, random: this.#system.random.unit(), mapping, passes });
    }
  }

  /** A task of ours that fails must not take the others with it, nor fail unseen. */
  async #guard(name: string, task: Promise<void>): Promise<void> {
    try {
      await task;
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.#system.log.write('error', `${name} failed`, {
        error: error instanceof Error ? error.stack : String(error),
      });
    }
  }
}
