/**
 * Days of an engine and a scripted gateway: what is wanted changes, things go wrong, and the promises are checked all
 * the while. The same seed and script give the same run.
 */
import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { ip } from '../../main/contract/address.ts';
import { inHours, inMinutes, inSeconds, millis, type Millis } from '../../main/contract/units.ts';
import { Engine, type EngineOptions } from '../../main/engine/loop/engine.ts';
import { createRouterMemory } from '../../main/gateways/router-memory.ts';
import { forward, isOpen } from '../support/engine-home.ts';
import { createHome, type Home } from '../world/home.ts';
import { SeededRandom } from '../world/seeded-random.ts';
import { World } from '../world/world.ts';
import { personality, type PersonalityName } from '../../main/simulator/personalities/personalities.ts';
import { RoutedGateway } from './routed-gateway.ts';
import { ScriptedGateway, type ScriptedKind } from './scripted-gateway.ts';
import type { Entry, SimulatedGateway } from './simulated-gateway.ts';

export const INVARIANTS = ['open', 'uncut', 'closed', 'journalled', 'paced', 'truthful'] as const;
export type Invariant = (typeof INVARIANTS)[number];

export const EXPLANATIONS: Readonly<Record<Invariant, string>> = {
  open: 'what is wanted is open, except in a fault and a stated time after it',
  uncut: 'an entry that works and is wanted is never deleted by us',
  closed: 'what is not wanted is closed soon, or when its lease ends',
  journalled: 'every entry of ours is explained by the journal',
  paced: 'the gateway is asked less often than the ceiling',
  truthful: 'what is shown as open is open, but for the time of a heartbeat',
};

/** Ports wanted or not: one transport each, the same port inside. */
const PORTS = [25_565, 34_197, 8080, 27_015, 51_820] as const;
const OWN = ip('192.168.1.10');
/** After a fault, until all is open or closed again: a heartbeat, its repetitions, a pause and a search. */
const RECOVERY = inMinutes(4);
/** A wish that is new. */
const OPENING = inSeconds(30);
/** A request that was sent again and again may arrive so late. */
const LATE = inMinutes(6);
const LATEST_ANSWER = inSeconds(10);
/** A heartbeat and its repetitions. */
const HEARTBEAT = inSeconds(90);
/** With faults and what they need; and while nothing happens. */
const REQUESTS_PER_MINUTE = { busy: 120, quiet: 6 };
/** Renewals of all, which go together. */
const AT_ONCE = 30;

export interface Happening {
  /** Virtual milliseconds since the start. */
  readonly at: number;
  readonly what: 'want' | Fault;
  /** 0 ≤ draw < 1: how long, which, how far. */
  readonly draw: number;
}

const inDays = (count: number): Millis => inHours(24 * count);

const between = (least: Millis, most: Millis, draw: number): Millis =>
  millis(Math.round(least + draw * (most - least)));

/** Until a lost entry is found out that nothing shows: by looking at each in turn, or by asking again for it. */
const untilShown = ({ canLook }: SimulatedGateway): Millis => (canLook ? inMinutes(6) : inMinutes(11));

/** Each returns when it is over, and from then on all must be well within {@link RECOVERY} and `more`. */
const FAULTS = {
  reboot: (at, draw) => {
    const away = between(inSeconds(15), inMinutes(3), draw);
    at.gateway.restart(false, away);
    return { lasts: away };
  },
  flush: (at) => {
    at.gateway.restart(false, millis(0));
    return { lasts: 0 };
  },
  'restart-intact': (at) => {
    at.gateway.restart(true, millis(0));
    return { lasts: 0 };
  },
  away: (at, draw) => {
    const away = between(inSeconds(5), inMinutes(30), draw);
    at.gateway.away(away);
    // An engine that is started meanwhile searches every five minutes after a while.
    return { lasts: away, more: away > inMinutes(7) ? inMinutes(2) : 0 };
  },
  loss: (at, draw) => {
    const lasts = between(inMinutes(1), inMinutes(20), draw);
    at.gateway.loses(lasts);
    return { lasts, more: inMinutes(2) };
  },
  slow: (at, draw) => {
    const lasts = between(inMinutes(1), inMinutes(20), draw);
    at.gateway.isSlow(lasts);
    return { lasts };
  },
  'early-expiry': (at, draw) => {
    const ours = at.ours();
    const one = ours[Math.floor(draw * ours.length)];
    if (one !== undefined) at.gateway.forget(one);
    return { lasts: untilShown(at.gateway), isSilent: true };
  },
  'short-leases': (at, draw) => {
    at.gateway.givesShortLeases(between(inMinutes(10), inMinutes(300), draw));
    // UPnP does not say so, and not every entry of a router that was as good as its word is looked at.
    return { lasts: 0, more: at.gateway.canLook ? inMinutes(12) : 0 };
  },
  refusal: (at, draw) => {
    const lasts = between(inMinutes(1), inMinutes(10), draw);
    at.gateway.refuses(lasts);
    return { lasts, more: inMinutes(15) };
  },
  theirs: (at, draw) => {
    const port = PORTS[Math.floor(draw * PORTS.length)] ?? PORTS[0];
    const isTaken = at.gateway.take('tcp', port);
    const lasts = isTaken ? between(inMinutes(1), inMinutes(60), (draw * 97) % 1) : 0;
    if (isTaken) {
      at.world.after(millis(lasts), () => {
        const entry = at.gateway.entry('tcp', port);
        if (entry !== undefined && entry.client !== OWN) at.gateway.forget(entry);
      });
    }
    // A conflict is looked at again after a quarter of an hour.
    return { lasts, more: inMinutes(16) };
  },
  line: (at, draw) => {
    const lasts = between(inSeconds(5), inMinutes(10), draw);
    at.gateway.externalAddress = 'none';
    at.world.after(lasts, () => {
      at.gateway.externalAddress = ip(`11.22.33.${20 + Math.floor(draw * 50)}`);
    });
    return { lasts };
  },
  crash: (at) => {
    at.crash();
    return { lasts: 0 };
  },
  sleep: (at, draw) => {
    const { clock } = at.home.client;
    if (clock.asleep) return { lasts: 0 };
    const lasts = between(inMinutes(1), inMinutes(180), draw);
    clock.suspend(lasts);
    return { lasts };
  },
  jump: (at, draw) => {
    const { clock } = at.home.client;
    // Nobody sets the clock of a machine that sleeps.
    if (clock.asleep) return { lasts: 0 };
    clock.jump(between(inDays(-30), inDays(30), draw));
    return { lasts: 0 };
  },
  'crash-busy': (at, draw) => {
    at.want(draw);
    at.world.after(between(millis(0), millis(400), (draw * 97) % 1), () => at.crash());
    return { lasts: 400 };
  },
  duplicates: (at, draw) => {
    const lasts = between(inMinutes(1), inMinutes(60), draw);
    at.routed?.duplicates(lasts);
    return { lasts };
  },
  disorder: (at, draw) => {
    const lasts = between(inMinutes(1), inMinutes(20), draw);
    at.routed?.disorders(lasts);
    return { lasts };
  },
  serial: (at, draw) => {
    const lasts = between(inMinutes(1), inMinutes(60), draw);
    at.routed?.toils(lasts);
    // Requests meanwhile queue up.
    if (draw < 0.5) at.world.after(inMinutes(1), () => at.gateway.restart(draw < 0.25, millis(0)));
    // What has queued up is still to be worked off.
    return { lasts, more: inMinutes(5) };
  },
  broken: (at, draw) => {
    const lasts = between(inMinutes(1), inMinutes(20), draw);
    at.routed?.breaks(lasts);
    return { lasts };
  },
  partial: (at, draw) => {
    const lasts = between(inMinutes(1), inMinutes(20), draw);
    at.routed?.refuses(lasts, 3);
    return { lasts, more: inMinutes(15) };
  },
  disk: (at, draw) => {
    const lasts = between(inSeconds(10), inMinutes(10), draw);
    const { storage } = at.home.client;
    for (const call of ['append', 'rewrite', 'write'] as const) storage.failNext(call, 'no-space', 1_000_000);
    at.world.after(lasts, () => storage.heal());
    return { lasts, more: inMinutes(2) };
  },
} satisfies Record<string, FaultScene>;

interface FaultEffect {
  readonly lasts: number;
  readonly more?: number;
  /** Nothing shows it before. */
  readonly isSilent?: boolean;
}
type FaultScene = (at: SimulatedHome, draw: number) => FaultEffect;
export type Fault = keyof typeof FAULTS;
export const FAULT_NAMES = Object.keys(FAULTS).filter((name): name is Fault => name in FAULTS);
/** They have no effect without packets. */
const WITH_PACKETS: ReadonlySet<Fault> = new Set(['duplicates', 'disorder', 'serial', 'broken', 'partial']);
export const CONTROL_FAULTS = FAULT_NAMES.filter((name) => !WITH_PACKETS.has(name));

/** `pcp` and `igd` without packets, at the level of port control; the others are simulated routers. */
export const CONTROL_KINDS = ['pcp', 'igd'] as const satisfies readonly ScriptedKind[];
export const ROUTER_KINDS = [
  'miniupnpd',
  'upnp-only',
  'pcp-only',
  'pxp-only',
  'busy-pxp',
] as const satisfies readonly PersonalityName[];
export type HomeKind = (typeof CONTROL_KINDS)[number] | (typeof ROUTER_KINDS)[number];

/** @param perDay faults of a day; a wish changes twice as often */
export function scriptOf(seed: number, days: number, faults: readonly Fault[], perDay: number): readonly Happening[] {
  const random = new SeededRandom(seed, 'script');
  const script: Happening[] = [];
  const pick = (): 'want' | Fault => faults[random.between(0, 3 * faults.length - 1)] ?? 'want';
  for (let at = 0; ;) {
    at += random.between(1000, Math.round((2 * inDays(1)) / (3 * perDay)));
    if (at >= inDays(days)) return script;
    script.push({ at, what: pick(), draw: random.unit() });
  }
}

export interface SimulationOptions {
  readonly seed: number;
  readonly kind: HomeKind;
  readonly days: number;
  readonly script: readonly Happening[];
  /** A fault of the engine, made on purpose: what the promises are worth. */
  readonly mutate?: ((options: EngineOptions) => EngineOptions) | undefined;
}

export interface Violation {
  readonly invariant: Invariant;
  readonly at: string;
  readonly what: string;
}

export interface Outcome {
  readonly violations: readonly Violation[];
  /** How often each was looked at. */
  readonly checks: Readonly<Record<Invariant, number>>;
  readonly requests: number;
  /** Digest of all events: the same for the same seed. */
  readonly digest: string;
}

const JournalRecord = v.union([
  v.object({
    op: v.literal('held'),
    lease: v.object({
      network: v.string(),
      gateway: v.string(),
      control: v.string(),
      family: v.string(),
      transport: v.string(),
      internal: v.object({ client: v.string(), port: v.number() }),
      external: v.object({ port: v.number() }),
    }),
  }),
  v.object({ op: v.literal('gone'), key: v.string() }),
]);

export class SimulatedHome {
  readonly world: World;
  readonly home: Home;
  readonly gateway: SimulatedGateway;
  /** Where there are packets. */
  readonly routed: RoutedGateway | undefined;
  readonly #options: SimulationOptions;
  readonly #checks: Record<Invariant, number> = { open: 0, uncut: 0, closed: 0, journalled: 0, paced: 0, truthful: 0 };
  readonly #violations: Violation[] = [];
  readonly #digest = createHash('sha256');
  /** Ports, since when. */
  readonly #wantedSince = new Map<number, number>();
  readonly #unwantedSince = new Map<number, number>();
  readonly #claimedSince = new Map<number, number>();
  /** Places of entries that nobody can know of: a request that came late made them, or the disk was full and then the
   * process died. They end with their lease. */
  readonly #unknowable = new Set<string>();
  /** Until then a fault excuses what is not open or not closed, and what is not known. */
  #excusedUntil = 0;
  #silentUntil = 0;
  #lookedAt = 0;
  #unwrittenUntil = 0;
  #engine: Engine;
  #stop = new AbortController();
  #minute = { from: 0, requests: 0 };
  /** As it was read last. */
  #journal = { rewritten: -1, read: 0, places: new Map<string, string>() };

  static async run(options: SimulationOptions): Promise<Outcome> {
    const { seed, kind } = options;
    const world = new World({ seed });
    // Its personality changes with what it suffers.
    const router = kind === 'pcp' || kind === 'igd' ? undefined : structuredClone(personality(kind));
    const home = await createHome(world, router === undefined ? { stopped: true } : { router });
    return await new SimulatedHome(world, home, options).#run();
  }

  private constructor(world: World, home: Home, options: SimulationOptions) {
    this.world = world;
    this.home = home;
    this.#options = options;
    const { kind, seed } = options;
    this.routed = kind === 'pcp' || kind === 'igd' ? undefined : new RoutedGateway(home);
    // Half of the homes of each kind hear from their gateway.
    this.gateway = this.routed ?? new ScriptedGateway(kind === 'igd' ? kind : 'pcp', world, seed % 4 < 2);
    this.gateway.onCut = (entry) => this.#cut(entry);
    if (this.routed !== undefined) this.routed.onMade = (entry) => this.#made(entry);
    this.#engine = this.#begin();
  }

  ours(): readonly Entry[] {
    return this.gateway.table().filter(({ client }) => client === OWN);
  }

  /** `kill -9`, and the next start. */
  crash(): void {
    if (this.world.now <= this.#unwrittenUntil) this.#forgot();
    // A write under way may have happened.
    this.#journal.rewritten = -1;
    this.#stop.abort();
    this.home.client.crash();
    this.#engine = this.#begin();
    this.#want();
  }

  /** Nobody does while the machine sleeps. */
  want(draw: number): void {
    if (this.home.client.clock.asleep) return;
    for (const [n, port] of PORTS.entries()) {
      if (Math.floor(draw * 2 ** (n + 1)) % 2 === 0) this.#unwant(port);
      else if (!this.#wantedSince.has(port)) this.#wantedSince.set(port, this.world.now);
    }
    this.#want();
  }

  #begin(): Engine {
    const { system, storage } = this.home.client;
    const options: EngineOptions = {
      system,
      journal: storage.log('journal'),
      memory: createRouterMemory(storage.documents(), system.log, system.clock),
      search: { protocol: 'auto' },
      discover: this.gateway.discover(),
    };
    const engine = new Engine(this.#options.mutate?.(options) ?? options);
    this.#stop = new AbortController();
    this.world.spawn(() => engine.run(this.#stop.signal));
    return engine;
  }

  #want(): void {
    this.#engine.want([...this.#wantedSince.keys()].map((port) => forward(`p${port}`, port)));
  }

  async #run(): Promise<Outcome> {
    const { script, days } = this.#options;
    const start = this.world.now;
    for (const happening of script) {
      await this.#pass(start + happening.at);
      this.#happen(happening);
      // Something that is wrong goes on being wrong.
      if (this.#violations.length > 0) break;
    }
    if (this.#violations.length === 0) await this.#pass(start + inDays(days));
    if (this.#violations.length === 0) await this.#end();
    this.#stop.abort();
    await this.world.run(inSeconds(20));
    this.#note(`${this.gateway.requests} requests`);
    return {
      violations: this.#violations,
      checks: this.#checks,
      requests: this.gateway.requests,
      digest: this.#digest.digest('hex').slice(0, 16),
    };
  }

  /** Lets time pass, looking every quarter of a minute while something is new, and else every five minutes. */
  async #pass(until: number): Promise<void> {
    while (this.world.now < until && this.#violations.length === 0) {
      const isQuiet = this.world.now > this.#excusedUntil + RECOVERY;
      const step = isQuiet ? inMinutes(5) : inSeconds(15);
      await this.world.run(millis(Math.min(step, until - this.world.now)));
      this.#check();
    }
  }

  /** All is switched off: nothing of ours is left. */
  async #end(): Promise<void> {
    await this.#pass(Math.max(this.world.now, this.#excusedUntil) + inMinutes(1));
    for (const port of PORTS) this.#unwant(port);
    this.#want();
    await this.#pass(this.world.now + 2 * RECOVERY);
    this.#checks.closed += 1;
    const left = this.ours().map(placeOf);
    if (left.length > 0) this.#broke('closed', `left at the end: ${left.join(', ')}`);
  }

  #happen({ what, draw }: Happening): void {
    this.#note(`${what} ${draw}`);
    if (what === 'want') {
      this.want(draw);
      return;
    }
    const scene: FaultScene = FAULTS[what];
    const { lasts, more = 0, isSilent = false } = scene(this, draw);
    const over = this.world.now + lasts;
    this.#excusedUntil = Math.max(this.#excusedUntil, over + more + RECOVERY);
    if (isSilent) this.#silentUntil = Math.max(this.#silentUntil, over);
    if (what === 'disk') this.#unwrittenUntil = this.#excusedUntil;
  }

  #unwant(port: number): void {
    if (this.#wantedSince.delete(port)) this.#unwantedSince.set(port, this.world.now);
  }

  #check(): void {
    const { now } = this.world;
    // Who sleeps, or asks in vain, finds nothing out meanwhile: without a line each renewal is refused.
    const { isAway, externalAddress } = this.gateway;
    const isDeaf = this.home.client.clock.asleep || isAway || externalAddress === 'none';
    if (isDeaf && this.#silentUntil > this.#lookedAt) this.#silentUntil += now - this.#lookedAt;
    this.#lookedAt = now;
    const places = new Set(this.ours().map(placeOf));
    for (const place of this.#unknowable) if (!places.has(place)) this.#unknowable.delete(place);
    const ours = this.ours();
    const known = ours.filter((entry) => !this.#unknowable.has(placeOf(entry)));
    const isThere = (port: number): boolean =>
      ours.some((one) => one.externalPort === port && one.internalPort === port);
    const isExcused = now <= this.#excusedUntil;
    for (const [port, since] of this.#wantedSince) {
      if (isExcused || now - since <= OPENING) continue;
      this.#checks.open += 1;
      if (!isThere(port)) this.#broke('open', `${port} is wanted and not in the table`);
    }
    for (const entry of known) {
      const since = this.#unwantedSince.get(entry.externalPort);
      if (this.#wantedSince.has(entry.externalPort) || since === undefined) continue;
      if (isExcused || now - since <= RECOVERY) continue;
      this.#checks.closed += 1;
      this.#broke('closed', `${placeOf(entry)} is not wanted and in the table`);
    }
    this.#checkTruth(isThere);
    if (now > this.#unwrittenUntil) {
      const journalled = this.#journalled();
      for (const entry of known) {
        // The entry that makes a router read its firewall forwards nothing (L20).
        if (!PORTS.some((port) => port === entry.externalPort)) continue;
        // Ours ends when the request was sent, the router's when it was carried out.
        if (entry.expiresAt - now < LATEST_ANSWER) continue;
        this.#checks.journalled += 1;
        if (!journalled.has(placeOf(entry))) this.#broke('journalled', `${placeOf(entry)} is not in the journal`);
      }
    }
    if (now - this.#minute.from >= inMinutes(1)) {
      const asked = this.gateway.requests - this.#minute.requests;
      const isQuiet = this.#minute.from > this.#excusedUntil;
      const each = isQuiet ? REQUESTS_PER_MINUTE.quiet : REQUESTS_PER_MINUTE.busy;
      const most = each * Math.ceil((now - this.#minute.from) / inMinutes(1)) + (isQuiet ? AT_ONCE : 0);
      this.#checks.paced += 1;
      if (asked > most) this.#broke('paced', `${asked} requests in ${now - this.#minute.from} ms`);
      this.#minute = { from: now, requests: this.gateway.requests };
    }
  }

  #checkTruth(isThere: (port: number) => boolean): void {
    const { now } = this.world;
    const { mappings } = this.#engine.snapshot;
    // An engine that sleeps shows nothing to anybody.
    const isAwake = !this.home.client.clock.asleep && now > this.#silentUntil;
    for (const port of PORTS) {
      const status = mappings.find((one) => one.external.port === port)?.status;
      const isClaimed = status !== undefined && isOpen(status) && isAwake;
      if (!isClaimed || isThere(port)) {
        this.#claimedSince.delete(port);
        if (isClaimed) this.#checks.truthful += 1;
        continue;
      }
      const since = this.#claimedSince.get(port) ?? now;
      this.#claimedSince.set(port, since);
      // Seconds late, each packet of its connection: it takes that long to ask, and to ask again.
      if (now - since > (this.routed?.isLate === true ? 2 * HEARTBEAT : HEARTBEAT))
        this.#broke('truthful', `${port} is shown as open for ${now - since} ms, and is not`);
    }
  }

  #cut(entry: Entry): void {
    const since = this.#wantedSince.get(entry.externalPort);
    this.#checks.uncut += 1;
    this.#note(`cut ${placeOf(entry)}`);
    if (since === undefined || entry.client !== OWN || entry.internalPort !== entry.externalPort) return;
    // The request may have left before the wish came. Nothing shows that it was carried out since.
    if (this.world.now - since > (this.routed === undefined ? OPENING : LATE))
      this.#broke('uncut', `${placeOf(entry)} worked, was wanted, and was deleted`);
    else this.#silentUntil = Math.max(this.#silentUntil, this.world.now + untilShown(this.gateway));
  }

  /** What was never written down died with the process; what PCP made its nonce alone renews (P15), so that its port is
   * not to be had before its lease has ended, and is asked for again each quarter of an hour. */
  #forgot(): void {
    const known = this.#journalled();
    for (const entry of this.ours()) {
      if (known.has(placeOf(entry))) continue;
      this.#unknowable.add(placeOf(entry));
      this.#excusedUntil = Math.max(this.#excusedUntil, entry.expiresAt + inMinutes(16));
    }
  }

  #made(entry: Entry): void {
    const since = this.#unwantedSince.get(entry.externalPort) ?? -Infinity;
    const isLate = this.world.now <= this.#excusedUntil && this.world.now - since <= LATE;
    const isUnwanted = !this.#wantedSince.has(entry.externalPort);
    // The first of two copies was refused.
    const isRepeated = this.routed?.repeats === true && !this.#journalled().has(placeOf(entry));
    if ((isUnwanted && isLate) || isRepeated) this.#unknowable.add(placeOf(entry));
    else this.#unknowable.delete(placeOf(entry));
  }

  /** Ports that may be open by the journal; reads only what was appended since the last call. */
  #journalled(): ReadonlySet<string> {
    const { storage } = this.home.client;
    const { rewrite } = storage.calls;
    if (this.#journal.rewritten !== rewrite) this.#journal = { rewritten: rewrite, read: 0, places: new Map() };
    const { places, read } = this.#journal;
    const records = storage.records('journal', read);
    this.#journal.read += records.length;
    for (const record of records) {
      const entry = v.parse(JournalRecord, record);
      if (entry.op === 'gone') places.delete(entry.key);
      else {
        const { network, gateway, control, family, transport, internal, external } = entry.lease;
        const target = `${internal.client}:${internal.port}`;
        const key = [network, gateway, control, family, transport, target, external.port].join('|');
        places.set(key, `${transport} ${external.port}`);
      }
    }
    return new Set(places.values());
  }

  #broke(invariant: Invariant, what: string): void {
    const at = this.world.timeline.clockText();
    if (!this.#violations.some((one) => one.invariant === invariant)) this.#violations.push({ invariant, at, what });
    this.#note(`${invariant} ${what}`);
  }

  #note(what: string): void {
    this.#digest.update(`${this.world.now} ${what}\n`);
  }
}

const placeOf = ({ transport, externalPort }: Entry): string => `${transport} ${externalPort}`;

/** The script with as little in it as still breaks the invariant. */
export async function shrink(
  options: SimulationOptions,
  invariant: Invariant,
  runs = 60,
): Promise<readonly Happening[]> {
  let { script } = options;
  let left = runs;
  for (let size = Math.ceil(script.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < script.length && left > 0;) {
      const shorter = script.toSpliced(from, size);
      left -= 1;
      const { violations } = await SimulatedHome.run({ ...options, script: shorter });
      if (violations.some((one) => one.invariant === invariant)) script = shorter;
      else from += size;
    }
  }
  return script;
}
