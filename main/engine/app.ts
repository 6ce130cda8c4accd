/** Portkeeper as a whole: profiles and settings say which ports to open, an engine opens them, one snapshot shows it. */
import type { Cidr, IpAddress } from '../contract/address.ts';
import type { AppSnapshot, CheckedInput, CommandResults } from '../contract/commands.ts';
import type { Forward, ForwardId } from '../contract/model.ts';
import type { Snapshot } from '../contract/snapshot.ts';
import type { Problem } from '../contract/problems.ts';
import type { Confirmed } from '../contract/profiles/opening-questions.ts';
import { forwardsOfProfile, isOfProfile } from '../contract/profiles/forward-names.ts';
import type { Profile, ProfileId } from '../contract/profiles/profile.ts';
import type { Settings } from '../contract/settings.ts';
import { after, inSeconds, secondsToMillis, type Millis, type Seconds } from '../contract/units.ts';
import { Computed } from '../contract/watch.ts';
import type { DocumentStore, RecordLog, SecretStore, System } from '../system/system.ts';
import { AddressKeeper } from './address/address-keeper.ts';
import type { ObservedSnapshot } from './activity/activity-seen.ts';
import { Activity } from './activity/activity.ts';
import { CommandError } from './command-error.ts';
import { Conditions } from './profiles/conditions.ts';
import { Demo, NOTHING_RECORDED } from './demo.ts';
import { CurrentEngine } from './current-engine.ts';
import type { Engine, EngineOptions } from './loop/engine.ts';
import {
  formerUpstream,
  inheritedForwards,
  unclaimed,
  searchOf,
  wantedForwards,
  withoutGateway,
} from './loop/wanted.ts';
import { createGuard, networksAround, type Guard } from './profiles/guard.ts';
import { Holds } from './profiles/holds.ts';
import { NetworkApproval } from './profiles/network-approval.ts';
import { ProfileStore } from './profiles/profile-store.ts';
import { Profiles, type BookStore } from './profiles/profiles.ts';
import { TriedProfiles } from './profiles/tried-profiles.ts';
import { Diagnosing } from './program/diagnosing.ts';
import type { Host } from './program/host.ts';
import { Probes, type GivenTests, type ReadFile } from './reach/probes.ts';
import { TableReadings, TrafficReadings } from './routers/readings.ts';
import { SignInKeeper } from './routers/sign-ins.ts';

export interface AppOptions extends Omit<EngineOptions, 'search' | 'upstream'> {
  /** For the router in front, where the person has one; when absent, nothing is recorded for it. */
  readonly upstreamJournal?: RecordLog | undefined;
  readonly documents: DocumentStore;
  /** Record of what happens; in memory only when absent. */
  readonly activity?: RecordLog | undefined;
  /** Absent in tests that do not look at it. */
  readonly host?: Host | undefined;
  /** Options of a command line; they override the settings. */
  readonly search?: Partial<EngineOptions['search']> | undefined;
  /** Absent: secrets are forgotten when Portkeeper quits. */
  readonly secrets?: SecretStore | undefined;
  /** A part of the name of the router for all forwards that name none. */
  readonly gatewayName?: string | undefined;
  /** Reads files of the person's probe server; absent where files cannot be read. */
  readonly readFile?: ReadFile | undefined;
  /** Options of a command line for tests from outside; they override the settings. */
  readonly tests?: GivenTests | undefined;
  /** `ignored`: only what is held is opened, unless a resident program is attached: see {@link Holds}. `obeyed` when
   * absent. */
  readonly switches?: 'obeyed' | 'ignored';
}

/** A turn of a profile's switch. `duration`: then it goes off automatically. */
interface SwitchTurn {
  readonly id: ProfileId;
  readonly on: boolean;
  readonly duration: Seconds | undefined;
}

/** Between tries to read or store what a disk refused. */
const STORAGE_AGAIN = inSeconds(30);

export class App {
  /** Ports that programs keep open, beside the switches. */
  readonly holds: Holds;
  /** Checks that all forwards pass before they are taken. */
  readonly guard: Guard;
  readonly tables: TableReadings;
  readonly traffic: TrafficReadings;
  readonly probes: Probes;
  readonly diagnosing: Diagnosing;
  readonly #options: AppOptions;
  readonly #profiles: Profiles;
  readonly #tried: TriedProfiles;
  /** In the place of {@link #profiles} while the current engine works with the simulated router. */
  #copy: Profiles | undefined;
  /** Copy for the engine that is to take over. */
  #nextCopy: Profiles | undefined;
  readonly #demo: Demo;
  /** The person's sign-ins for routers. */
  readonly signInKeeper: SignInKeeper;
  readonly #approval: NetworkApproval;
  readonly #conditions: Conditions;
  /** Tasks that depend on the public address. */
  readonly address: AddressKeeper;
  readonly #snapshots = new Computed(() => this.#snapshot());
  readonly #realActivity: Activity;
  /** The simulated router's; not stored. */
  #demoActivity: Activity | undefined;
  #revision = 0;
  readonly #current: CurrentEngine;
  #state: 'idle' | 'running' | 'leaving' | 'ended' = 'idle';
  #demoSwitched: Promise<unknown> = Promise.resolve();
  #unwatchUpdates: () => void = () => undefined;
  #hostProblems: readonly Problem[] = [];
  /** See {@link inheritedForwards}. */
  #inherited: readonly Forward[] = [];
  /** The latest router in front, which may still hold something when it is no longer meant: see {@link formerUpstream}. */
  #formerUpstream: IpAddress | undefined;
  #life: AbortSignal | undefined;
  #isCatchingUp = false;
  #isUntold = false;
  #telling: Promise<void> = Promise.resolve();

  /** Reads profiles and settings. What could not be read is reported by the snapshot's problems. */
  static async load(options: AppOptions): Promise<App> {
    const { documents, system } = options;
    const store = new ProfileStore({ documents, clock: system.clock, log: system.log });
    const app = new App(options, store);
    await app.#profiles.load();
    await app.#tried.load();
    await app.address.load();
    if (!app.#profiles.isWhole && options.switches !== 'ignored') {
      app.#inherited = await inheritedForwards(options.journal, system.log, system.clock.now());
    }
    const { upstreamJournal } = options;
    if (upstreamJournal !== undefined && app.#profiles.settings.upstreamRouter === null) {
      app.#formerUpstream = await formerUpstream(upstreamJournal, system.log, system.clock.now());
    }
    app.#unwatchUpdates = options.host?.updates?.watch(() => app.#tell()) ?? app.#unwatchUpdates;
    app.#current.begin();
    return app;
  }

  private constructor(given: AppOptions, store: ProfileStore) {
    const { system, secrets, documents } = given;
    this.signInKeeper = new SignInKeeper({ system, secrets, documents, changed: () => this.#tell() });
    const { signIns } = this.signInKeeper;
    const options = signIns === undefined ? given : { ...given, system: { ...system, signIns } };
    this.#options = options;
    this.#demo = new Demo(options.system, options.host);
    const { clock, log } = options.system;
    this.guard = createGuard(() => this.networks());
    this.holds = new Holds({
      clock,
      isDemo: () => this.isDemo,
      profiles: () => this.profiles.all,
      isActive: (profile) => this.#isActive(profile),
      keep: (forwards) => this.engine.keep(forwards),
      detached: () => this.#detached(),
      changed: () => this.#changed(),
    });
    this.#profiles = this.#profilesOn(store);
    this.#tried = new TriedProfiles(this.#profiles, { documents: options.documents, clock, log });
    this.#approval = new NetworkApproval(() => this.profiles, log);
    this.#conditions = new Conditions({
      system: options.system,
      profiles: () => (this.#obeysSwitches ? this.profiles.all : []),
      switchOff: (id) => this.profiles.switch(id, false).catch(() => undefined),
      changed: () => this.#wantOther(),
    });
    this.#realActivity = this.#newActivity(options.activity);
    this.address = new AddressKeeper({
      system: options.system,
      documents: options.documents,
      secrets: options.secrets,
      agent: `Portkeeper/${options.host?.version ?? 'test'}`,
      settings: () => this.#profiles.settings,
      engine: () => this.engine.snapshot,
      // A command that only opens a port leaves that to the app or the service.
      isMeant: () => this.#state === 'running' && !this.isDemo && this.#obeysSwitches,
      changed: () => this.#tell(),
    });
    this.#current = new CurrentEngine({
      clock,
      engineOptions: () => this.#means(),
      begun: () => this.#begun(),
      changed: (snapshot) => {
        this.#tell();
        if (!this.isDemo) this.#approval.met(snapshot);
      },
    });
    this.traffic = new TrafficReadings(this, clock);
    this.tables = new TableReadings(this, clock, () => this.#snapshots.changed());
    this.probes = new Probes(this, options, () => this.#snapshots.changed());
    this.diagnosing = new Diagnosing(this, () => this.#snapshots.changed());
  }

  get snapshot(): AppSnapshot {
    return this.#snapshots.current;
  }

  /** The real ones, or a copy beside the simulated router: another from one command to the next. */
  get profiles(): Profiles {
    return this.#copy ?? this.#profiles;
  }

  /** Profiles tried with the simulated router, neither kept nor discarded. */
  get tried(): readonly Profile[] {
    return this.#tried.all;
  }

  get system(): System {
    return this.#options.system;
  }

  /** The program around this; absent where there is none. */
  get host(): Host | undefined {
    return this.#options.host;
  }

  /** The current one: settings and the demonstration put another in its place. */
  get engine(): Engine {
    return this.#current.engine;
  }

  /** The real one or, with the simulated router, its own. */
  get activity(): Activity {
    return this.#demoActivity ?? this.#realActivity;
  }

  get isRunning(): boolean {
    return this.#state === 'running';
  }

  /** The first call is immediate, the next ones are once per change. Returns what ends it. */
  watch(listener: (snapshot: AppSnapshot) => void): () => void {
    return this.#snapshots.watch(listener);
  }

  /** Resolves when all changes so far are in the snapshot and reported to its watchers. */
  async told(): Promise<void> {
    await this.#telling;
  }

  /** Holds the wanted forwards until the signal aborts; once. Open ports then stay open: see {@link leave}. */
  async run(signal: AbortSignal): Promise<void> {
    this.#state = 'running';
    this.activity.begin();
    this.#life = signal;
    void this.#catchUp();
    await Promise.all([this.#conditions.begin(signal), this.signInKeeper.load(signal)]);
    void this.#conditions.run(signal);
    void this.probes.run(signal);
    try {
      const { log } = this.#options.system;
      const keeping = this.address.run(signal).catch((error: unknown) => {
        // Ports are held whatever becomes of it.
        if (!signal.aborted) log.write('error', 'the address is no longer looked after', { error: String(error) });
      });
      await Promise.all([this.#current.run(() => this.#want(), signal), keeping]);
    } finally {
      this.#state = 'ended';
      if (this.#profiles.waitsForStorage) await this.#profiles.catchUp();
      this.#demo.leave()();
      this.#unwatchUpdates();
      this.activity.stop();
      await this.profiles.stored();
      await this.#profiles.stored();
      await this.#realActivity.stored();
    }
  }

  /**
   * Closes open ports, or leaves them open, as given here or in the settings; nothing is done for others from now on.
   * Ports that programs still hold stay open, for them to take over. Resolves when that is done, or `limit` has passed.
   */
  async leave(limit: Millis, onQuit = this.profiles.settings.onQuit): Promise<Snapshot> {
    if (this.#state !== 'running') return this.engine.snapshot;
    this.#state = 'leaving';
    await this.profiles.stored();
    if (onQuit === 'keep') {
      this.activity.end();
      this.engine.keep();
    } else {
      this.engine.keep(this.#heldForwards().map(({ id }) => id));
      this.#current.want([], this.#approved(), false);
    }
    await this.#current.settledWithin(limit);
    this.activity.end();
    return this.engine.snapshot;
  }

  /** @throws CommandError `stopped` */
  mustNotHaveStopped(): void {
    if (this.#state === 'leaving' || this.#state === 'ended') {
      throw new CommandError('stopped', '', { code: 'stopped', parameters: {} });
    }
  }

  /** Resolves when what it opens or closes has settled. @throws CommandError, or the signal's reason */
  async switch({ id, on, duration }: SwitchTurn, confirmed: Confirmed, signal: AbortSignal): Promise<void> {
    const now = this.#options.system.clock.now();
    const until = duration === undefined ? undefined : after(now, secondsToMillis(duration));
    // Without an engine the switch is the stored one, and nothing else.
    if (this.#state === 'idle') return await this.profiles.change(id, { on, onUntil: until }, confirmed);
    await this.profiles.switch(id, on, confirmed, until);
    await this.#conditions.seen();
    await this.settled((forward) => isOfProfile(forward, id), signal);
    // The caller learns from the snapshot whether it is stored.
    await this.profiles.stored();
  }

  /** Resolves when all that is meant is open, closed, or its obstacle reported. Does not wait while no engine runs.
   * @throws CommandError `stopped`, or the signal's reason */
  async settled(isMeant: (forward: ForwardId) => boolean, signal: AbortSignal): Promise<void> {
    if (this.#state === 'idle') return;
    await this.#current.settled(isMeant, () => this.mustNotHaveStopped(), signal);
  }

  /** @throws CommandError */
  async changeSettings(change: CheckedInput<'settings.change'>['settings']): Promise<Settings> {
    // Pausing closes ports: that must not wait for the disk.
    const isSwitch = Object.keys(change).every((name) => name === 'paused');
    // Without an engine, the stored settings are all there is.
    return await this.profiles.editSettings(() => change, isSwitch && this.#state !== 'idle' ? 'applied' : 'refused');
  }

  /** Resolves when an engine that works with the simulated router, or with the real ones, has taken over.
   * @throws CommandError */
  async switchDemo(on: boolean): Promise<void> {
    const switched = this.#demoSwitched.then(() => this.#switchDemo(on));
    this.#demoSwitched = switched.catch(() => undefined);
    await switched;
  }

  /** See the command `demo.keep`. @throws CommandError; nothing is decided then */
  async decideTried(keep: readonly ProfileId[], discard: readonly ProfileId[]): Promise<CommandResults['demo.keep']> {
    const decided = await this.#tried.decide(keep, discard);
    this.#changed();
    return decided;
  }

  /** Nothing is wanted any more: leftovers of an earlier run are closed, too. Resolves when that is done or reported,
   * or some seconds have passed. */
  async closeAll(): Promise<void> {
    if (this.#state !== 'running') return;
    this.#inherited = [];
    this.#want();
    this.engine.release(this.engine.leftovers.map(({ key }) => key));
    await this.#telling;
    await this.#current.closed();
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

  /** Those that devices of this home can be in; nothing when that is not known. */
  async networks(): Promise<readonly Cidr[] | undefined> {
    const { system, search } = this.#options;
    const router = this.#demo.location ?? searchOf(this.#profiles.settings, search).manual;
    return await networksAround(system, router);
  }

  /** Files were taken away: all that is known is written again. Resolves when it is, or when the failure is reported. */
  async storeAgain(): Promise<void> {
    await this.#profiles.storeAgain();
    await this.#tried.storeAgain();
    await this.engine.storeAgain();
    await this.#realActivity.storeAgain();
  }

  /** The machine was asleep. */
  woke(): void {
    this.activity.woke();
    this.#conditions.lookNow();
    this.engine.woke();
  }

  async #switchDemo(on: boolean): Promise<void> {
    this.mustNotHaveStopped();
    if (on === this.#demo.isOn) return;
    let end = (): void => undefined;
    if (on) {
      const copy = this.#profilesOn(this.#tried);
      await copy.load();
      this.#nextCopy = copy;
      await this.#demo.start();
    } else {
      this.#nextCopy = undefined;
      end = this.#demo.leave();
    }
    if (this.#state === 'idle') this.#current.begin();
    else {
      const taken = this.#current.successor();
      this.#changed();
      await taken;
    }
    // Only now: what it held was closed by the engine before, as real routers are left.
    end();
    this.mustNotHaveStopped();
  }

  /** Another engine is there, with the simulated router or with the real ones: profiles and record change with it. */
  #begun(): void {
    if (this.#demo.isOn === this.isDemo) return;
    this.#copy = this.#nextCopy;
    this.#demoActivity?.stop();
    this.#realActivity.giveWay();
    this.#demoActivity = this.isDemo ? this.#newActivity(undefined) : undefined;
    if (this.#state === 'running') this.activity.begin();
  }

  #profilesOn(store: BookStore): Profiles {
    return new Profiles(store, () => this.#changed(), this.holds, this.guard);
  }

  #newActivity(records: RecordLog | undefined): Activity {
    const { clock, log } = this.#options.system;
    return new Activity({ records, clock, log, seen: () => this.#seen, changed: () => this.#snapshots.changed() });
  }

  /** Does the current engine work with the simulated router? */
  get isDemo(): boolean {
    return this.#copy !== undefined;
  }

  get #obeysSwitches(): boolean {
    return this.#options.switches !== 'ignored' || this.holds.obeysSwitches;
  }

  #isActive({ id, on }: Profile): boolean {
    return this.holds.holdsProfile(id) || (on && this.#obeysSwitches);
  }

  /** Is it to be open by now? One that is active and waits keeps its ports from others all the same. */
  #isDue(profile: Profile): boolean {
    return this.#isActive(profile) && (this.holds.holdsProfile(profile.id) || this.#conditions.isMet(profile));
  }

  #forwards(): readonly Forward[] {
    const { all, settings } = this.profiles;
    const forwards = this.#wantedOf((profile) => this.#isDue(profile));
    if (this.isDemo || this.#profiles.isWhole || settings.paused) return forwards;
    return [...forwards, ...unclaimed(this.#inherited, [...all.flatMap(forwardsOfProfile), ...this.holds.forwards])];
  }

  /** A resident program has quit; what its profiles opened stays open where the person wants it so. */
  #detached(): void {
    const { all, settings } = this.profiles;
    if (this.#obeysSwitches || settings.onQuit === 'close') return;
    const left = all.filter((profile) => {
      return profile.on && !this.holds.holdsProfile(profile.id) && this.#conditions.isMet(profile);
    });
    this.engine.keep(left.flatMap(forwardsOfProfile).map(({ id }) => id));
  }

  /** Forwards wanted by programs, whatever this one wants. */
  #heldForwards(): readonly Forward[] {
    return this.#wantedOf((profile) => {
      const { id, on } = profile;
      return this.holds.holdsProfile(id) || (on && this.holds.obeysSwitches && this.#conditions.isMet(profile));
    });
  }

  #wantedOf(isMeant: (profile: Profile) => boolean): readonly Forward[] {
    const { settings, all } = this.profiles;
    const active = settings.paused ? [] : all.filter(isMeant);
    // A pause is a resident program's: where none is attached, nobody could end it.
    const held = settings.paused && this.#obeysSwitches ? [] : this.holds.forwards;
    const forwards = wantedForwards(active, held, settings, this.#options.gatewayName);
    return this.isDemo ? withoutGateway(forwards) : forwards;
  }

  /** The simulated router opens nothing to anybody. */
  #approved(): readonly string[] | undefined {
    return this.isDemo ? undefined : this.#approval.keys;
  }

  #means(): EngineOptions {
    const { search, upstreamJournal = NOTHING_RECORDED, ...options } = this.#options;
    const { means } = this.#demo;
    const { system, journal, memory, patience } = options;
    if (means !== undefined) return { system, ...means };
    const { settings } = this.#profiles;
    const address = settings.upstreamRouter ?? this.#formerUpstream;
    this.#formerUpstream = address;
    const isFormer = settings.upstreamRouter === null;
    const upstream = address === undefined ? undefined : { address, journal: upstreamJournal, isFormer };
    return { system, search: searchOf(settings, search), upstream, journal, memory, patience };
  }

  /** Profiles, settings or holds are others than before. */
  #changed(): void {
    this.#conditions.lookNow();
    this.probes.settingsChanged();
    this.#wantOther();
  }

  #wantOther(): void {
    this.#isUntold = true;
    void this.#catchUp();
    if (this.#state === 'running') this.#telling = this.#apply();
    else this.#tell();
  }

  /** Goes on for as long as something could not be read or stored. */
  async #catchUp(): Promise<void> {
    const signal = this.#life;
    if (this.#isCatchingUp || signal === undefined) return;
    this.#isCatchingUp = true;
    while (this.#profiles.waitsForStorage && !signal.aborted) {
      await this.#options.system.clock.sleep(STORAGE_AGAIN, signal).catch(() => undefined);
      if (!signal.aborted) await this.#profiles.catchUp();
    }
    this.#isCatchingUp = false;
  }

  /** Publishes once the engine has applied the change: one change, one snapshot. */
  async #apply(): Promise<void> {
    this.#current.replaceIfOutdated();
    this.#want();
    await this.#current.caughtUp();
    if (this.#isUntold) this.#tell();
  }

  #tell(): void {
    this.#isUntold = false;
    // First, so that the snapshot says that there is something new.
    this.activity.observe();
    this.address.observe();
    this.#snapshots.changed();
  }

  #want(): void {
    if (this.#state !== 'running') return;
    this.#current.want(this.#forwards(), this.#approved(), this.address.isNeeded);
  }

  /** The engine's, with what tests from outside have shown. */
  get #shown(): Snapshot {
    const { snapshot } = this.engine;
    const problems = this.isDemo ? [] : this.probes.problems(snapshot);
    return problems.length === 0 ? snapshot : { ...snapshot, problems: [...snapshot.problems, ...problems] };
  }

  get #seen(): ObservedSnapshot {
    const { all: profiles, settings, problems } = this.profiles;
    const { view: address, problems: ofAddress } = this.address;
    const about = { profiles, conditions: this.#conditions.view, settings, address };
    return { ...about, problems: [...problems, ...ofAddress], engine: this.#shown };
  }

  #snapshot(): AppSnapshot {
    this.#revision += 1;
    const { host, search } = this.#options;
    const { all: profiles, settings, problems } = this.profiles;
    return {
      revision: this.#revision,
      profiles,
      held: this.holds.profiles,
      holds: this.holds.view,
      conditions: this.#conditions.view,
      signIns: this.signInKeeper.view,
      obeysSwitches: this.#obeysSwitches,
      isNarrowed: search?.onlyInterfaces !== undefined || (search?.protocol ?? 'auto') !== 'auto',
      settings,
      engine: this.#shown,
      address: this.address.view,
      problems: [...problems, ...this.address.problems, ...this.#hostProblems],
      host: {
        kind: host?.kind ?? 'service',
        hasDemo: host?.demo !== undefined,
        update: host?.updates?.state ?? { at: 'unsupported' },
      },
      demo: this.isDemo,
      tried: this.tried,
      listing: this.tables.listing,
      probes: this.probes.view(this.engine.snapshot),
      diagnosis: this.diagnosing.view,
      activity: this.activity.latest,
    };
  }
}
