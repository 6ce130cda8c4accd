/** Portkeeper as a whole: profiles and settings say what is wanted, an engine holds it, one snapshot shows both. */
import type { AppSnapshot, CheckedInput, HostView } from '../contract/commands.ts';
import type { Forward, ForwardId, Snapshot } from '../contract/model.ts';
import type { Problem } from '../contract/problems.ts';
import type { Profile, ProfileId } from '../contract/profile.ts';
import { isOfProfile } from '../contract/profile.ts';
import type { Settings } from '../contract/settings.ts';
import type { Millis } from '../contract/units.ts';
import type { RouterMemory } from '../gateways/router-memory.ts';
import type { DocumentStore, RecordLog, System } from '../system/system.ts';
import { Activity } from './activity.ts';
import type { Seen } from './activity-seen.ts';
import { NetworkApproval } from './network-approval.ts';
import { CommandError } from './command-error.ts';
import { Demo } from './demo.ts';
import type { Engine, EngineOptions } from './engine.ts';
import { EngineSeat } from './engine-seat.ts';
import { Holds } from './holds.ts';
import type { Host } from './host.ts';
import { ProfileStore } from './profile-store.ts';
import { Profiles } from './profiles.ts';
import { Snapshots } from './snapshots.ts';
import { TableReadings } from './table-readings.ts';
import { TrafficReadings } from './traffic-readings.ts';
import { searchOf, wantedForwards, withoutGateway } from './wanted.ts';

export interface AppOptions extends Omit<EngineOptions, 'search'> {
  readonly documents: DocumentStore;
  /** What happens is noted here; in memory only when absent. */
  readonly activity?: RecordLog;
  /** Absent in tests that do not look at it. */
  readonly host?: Host;
  /** What a command line says; goes before the settings. */
  readonly search?: Partial<EngineOptions['search']>;
  /** A part of the name of the router for all forwards that name none. */
  readonly gatewayName?: string;
  /** `ignored`: only what is held is opened, unless a resident program is attached: see {@link Holds}. `obeyed` when
   * absent. */
  readonly switches?: 'obeyed' | 'ignored';
}

export class App {
  readonly #options: AppOptions;
  readonly #profiles: Profiles;
  readonly #holds: Holds;
  readonly #demo: Demo;
  readonly #approval: NetworkApproval;
  readonly #snapshots: Snapshots<AppSnapshot>;
  readonly #tables: TableReadings;
  readonly #activity: Activity;
  readonly #traffic: TrafficReadings;
  #revision = 0;
  readonly #seat: EngineSeat;
  #state: 'idle' | 'running' | 'leaving' | 'ended' = 'idle';
  /** Does the engine of now work with the simulated router? */
  #isDemo = false;
  #demoSwitched: Promise<unknown> = Promise.resolve();
  #unwatchUpdates: () => void = () => undefined;
  #hostProblems: readonly Problem[] = [];
  #isUntold = false;
  #telling: Promise<void> = Promise.resolve();

  /** Reads profiles and settings. What could not be read is told by the snapshot's problems. */
  static async load(options: AppOptions): Promise<App> {
    const { documents, system } = options;
    const store = new ProfileStore({ documents, clock: system.clock, log: system.log });
    const app = new App(options, store);
    await app.#profiles.load();
    app.#unwatchUpdates = options.host?.updates?.watch(() => app.#tell()) ?? app.#unwatchUpdates;
    app.#seat.begin();
    return app;
  }

  private constructor(options: AppOptions, store: ProfileStore) {
    this.#options = options;
    this.#demo = new Demo(options.system, options.host);
    const changed = (): void => this.#changed();
    this.#holds = new Holds({
      clock: options.system.clock,
      profiles: () => this.#profiles.all,
      isActive: (profile) => this.#isActive(profile),
      keep: (forwards) => this.engine.keep(forwards),
      changed,
    });
    this.#profiles = new Profiles(store, changed, this.#holds);
    this.#approval = new NetworkApproval(this.#profiles, options.system.log);
    this.#snapshots = new Snapshots(() => this.#snapshot());
    this.#activity = new Activity({
      records: options.activity,
      clock: options.system.clock,
      log: options.system.log,
      seen: () => this.#seen,
      changed: () => this.#snapshots.changed(),
    });
    this.#seat = new EngineSeat({
      clock: options.system.clock,
      means: () => this.#means(),
      begun: () => {
        this.#isDemo = this.#demo.isOn;
      },
      changed: (snapshot) => {
        this.#tell();
        if (!this.#isDemo) this.#approval.met(snapshot);
      },
    });
    this.#traffic = new TrafficReadings(() => this.engine, options.system.clock);
    this.#tables = new TableReadings({
      engine: () => this.engine,
      clock: options.system.clock,
      profiles: () => this.#profiles.all,
      changed: () => this.#snapshots.changed(),
    });
  }

  get snapshot(): AppSnapshot {
    return this.#snapshots.current;
  }

  get profiles(): Profiles {
    return this.#profiles;
  }

  get system(): System {
    return this.#options.system;
  }

  /** Of the real routers, also while a simulated one is in their place. */
  get memory(): RouterMemory {
    return this.#options.memory;
  }

  /** The program around this; absent where there is none. */
  get host(): Host | undefined {
    return this.#options.host;
  }

  /** The one of now: settings and the demonstration put another in its place. */
  get engine(): Engine {
    return this.#seat.engine;
  }

  get tables(): TableReadings {
    return this.#tables;
  }

  get activity(): Activity {
    return this.#activity;
  }

  get traffic(): TrafficReadings {
    return this.#traffic;
  }

  get isRunning(): boolean {
    return this.#state === 'running';
  }

  /** The first call is immediate, the next ones are once per change. Returns what ends it. */
  watch(listener: (snapshot: AppSnapshot) => void): () => void {
    return this.#snapshots.watch(listener);
  }

  /** Resolves when all that was changed so far is in the snapshot and told to who watches. */
  async told(): Promise<void> {
    await this.#telling;
  }

  /** Holds what is wanted until the signal aborts; once. What is open then stays open: see {@link leave}.
   * @throws StorageError when the journal cannot be read */
  async run(signal: AbortSignal): Promise<void> {
    this.#state = 'running';
    this.#activity.begin();
    try {
      await this.#seat.run(() => this.#want(), signal);
    } finally {
      this.#state = 'ended';
      this.#demo.leave()();
      this.#unwatchUpdates();
      this.#activity.stop();
      await this.#profiles.stored();
      await this.#activity.stored();
    }
  }

  /**
   * Closes what is open, or leaves it so, as the settings say unless told here; nothing is done for others from now on.
   * What programs still hold stays open, for them to take over. Resolves when that is done, or `limit` has passed.
   */
  async leave(limit: Millis, onQuit = this.#profiles.settings.onQuit): Promise<Snapshot> {
    if (this.#state !== 'running') return this.engine.snapshot;
    this.#state = 'leaving';
    await this.#profiles.stored();
    if (onQuit === 'keep') {
      this.#activity.end();
      this.engine.keep();
    } else {
      this.engine.keep(this.#heldForwards().map(({ id }) => id));
      this.#seat.want([], this.#approved());
    }
    await this.#seat.settledWithin(limit);
    this.#activity.end();
    return this.engine.snapshot;
  }

  /** @throws CommandError `stopped` */
  mustNotHaveStopped(): void {
    if (this.#state === 'leaving' || this.#state === 'ended') {
      throw new CommandError('stopped', '', { code: 'stopped', parameters: {} });
    }
  }

  /** Resolves when what it opens or closes has settled. @throws CommandError, or the signal's reason */
  async switch(id: ProfileId, on: boolean, signal: AbortSignal): Promise<void> {
    // Without an engine the switch is what is stored, and nothing else.
    if (this.#state === 'idle') await this.#profiles.change(id, { on });
    else await this.#profiles.switch(id, on);
    await this.settled((forward) => isOfProfile(forward, id), signal);
  }

  /** What programs keep open, beside the switches. */
  get holds(): Holds {
    return this.#holds;
  }

  /** Resolves when all that is meant is open, closed, or told why not. Nothing is waited for while no engine runs.
   * @throws CommandError `stopped`, or the signal's reason */
  async settled(isMeant: (forward: ForwardId) => boolean, signal: AbortSignal): Promise<void> {
    if (this.#state === 'idle') return;
    await this.#seat.settled(isMeant, () => this.mustNotHaveStopped(), signal);
  }

  /** @throws CommandError */
  async changeSettings(change: CheckedInput<'settings.change'>['settings']): Promise<Settings> {
    return await this.#profiles.changeSettings(change);
  }

  /** Resolves when an engine that works with the simulated router, or with the real ones, has taken over.
   * @throws CommandError */
  async switchDemo(on: boolean): Promise<void> {
    const switched = this.#demoSwitched.then(() => this.#switchDemo(on));
    this.#demoSwitched = switched.catch(() => undefined);
    await switched;
  }

  /** Nothing is wanted any more: also what an earlier run left open is closed. Resolves when that is done or told, or some
   * seconds have passed. */
  async closeAll(): Promise<void> {
    if (this.#state !== 'running') return;
    this.engine.release(this.engine.leftovers.map(({ key }) => key));
    await this.#telling;
    await this.#seat.closed();
  }

  /** @throws CommandError when this machine is on no network */
  async approveNetwork(): Promise<void> {
    if (this.#state === 'idle') {
      throw new CommandError('not-here', '', { code: 'not-running', parameters: {} });
    }
    await this.#approval.approve(this.engine.snapshot);
  }

  /** Troubles of the program around this (its login item), all of them; they stand beside its own. */
  showHostProblems(problems: readonly Problem[]): void {
    this.#hostProblems = problems;
    this.#tell();
  }

  searchNow(): void {
    this.engine.searchNow();
  }

  retry(): void {
    this.engine.retry();
  }

  /** The machine was asleep. */
  woke(): void {
    this.#activity.woke();
    this.engine.woke();
  }

  async #switchDemo(on: boolean): Promise<void> {
    this.mustNotHaveStopped();
    if (on === this.#demo.isOn) return;
    let end = (): void => undefined;
    if (on) await this.#demo.start();
    else end = this.#demo.leave();
    if (this.#state === 'idle') this.#seat.begin();
    else {
      const taken = this.#seat.successor();
      this.#changed();
      await taken;
    }
    // Only now: what it held was closed by the engine before, as real routers are left.
    end();
    this.mustNotHaveStopped();
  }

  get #obeysSwitches(): boolean {
    return this.#options.switches !== 'ignored' || this.#holds.obeysSwitches;
  }

  #isActive({ id, on }: Profile): boolean {
    return this.#holds.holdsProfile(id) || (on && this.#obeysSwitches);
  }

  #forwards(): readonly Forward[] {
    return this.#wantedOf((profile) => this.#isActive(profile));
  }

  /** What is wanted by programs, whatever this one wants. */
  #heldForwards(): readonly Forward[] {
    return this.#wantedOf(({ id, on }) => this.#holds.holdsProfile(id) || (on && this.#holds.obeysSwitches));
  }

  #wantedOf(isMeant: (profile: Profile) => boolean): readonly Forward[] {
    const { settings, all } = this.#profiles;
    const active = settings.paused ? [] : all.filter(isMeant);
    // A pause is a resident program's: where none is attached, nobody could end it.
    const held = settings.paused && this.#obeysSwitches ? [] : this.#holds.forwards;
    const forwards = wantedForwards(active, held, settings, this.#options.gatewayName);
    return this.#isDemo ? withoutGateway(forwards) : forwards;
  }

  /** The simulated router opens nothing to anybody. */
  #approved(): readonly string[] | undefined {
    return this.#isDemo ? undefined : this.#approval.keys;
  }

  #means(): EngineOptions {
    const { system, journal, memory, patience, reachability, search } = this.#options;
    const { search: there } = this.#demo;
    if (there !== undefined) return { system, search: there, ...this.#demo.storage() };
    return {
      system,
      search: searchOf(this.#profiles.settings, search),
      journal,
      memory,
      ...(patience === undefined ? {} : { patience }),
      ...(reachability === undefined ? {} : { reachability }),
    };
  }

  /** Profiles, settings or holds are others than before. */
  #changed(): void {
    this.#isUntold = true;
    if (this.#state === 'running') this.#telling = this.#apply();
    else this.#tell();
  }

  /** Told with what the engine makes of it: one change, one snapshot. */
  async #apply(): Promise<void> {
    this.#seat.handOverWhereMeant();
    this.#want();
    await this.#seat.told();
    if (this.#isUntold) this.#tell();
  }

  #tell(): void {
    this.#isUntold = false;
    // First, so that the snapshot says that there is something new.
    this.#activity.observe();
    this.#snapshots.changed();
  }

  #want(): void {
    if (this.#state === 'running') this.#seat.want(this.#forwards(), this.#approved());
  }

  get #seen(): Seen {
    const { all: profiles, settings, problems } = this.#profiles;
    return { profiles, settings, problems, engine: this.engine.snapshot };
  }

  #hostView(): HostView {
    const { host } = this.#options;
    return {
      kind: host?.kind ?? 'service',
      hasDemo: host?.demo !== undefined,
      update: host?.updates?.state ?? { at: 'unsupported' },
    };
  }

  #snapshot(): AppSnapshot {
    this.#revision += 1;
    return {
      revision: this.#revision,
      profiles: this.#profiles.all,
      held: this.#holds.profiles,
      holds: this.#holds.view,
      obeysSwitches: this.#obeysSwitches,
      settings: this.#profiles.settings,
      engine: this.engine.snapshot,
      problems: [...this.#profiles.problems, ...this.#hostProblems],
      host: this.#hostView(),
      demo: this.#isDemo,
      listing: this.#tables.listing,
      activity: this.#activity.latest,
    };
  }
}
