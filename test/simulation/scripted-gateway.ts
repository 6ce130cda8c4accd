/** A gateway as the engine's controls show it, without packets: cheap enough for years. Its faults are scripted. */
import { ip, type IpAddress } from '../../main/contract/address.ts';
import type {
  Capabilities,
  FoundMapping,
  Grant,
  MappingKey,
  MappingWish,
  Vitals,
} from '../../main/contract/mapping.ts';
import { asGatewayId, type ControlKind, type Transport } from '../../main/contract/model.ts';
import {
  epochMs,
  inMinutes,
  inSeconds,
  millis,
  port,
  seconds,
  secondsToMillis,
  type Millis,
} from '../../main/contract/units.ts';
import type { Discover } from '../../main/engine/loop/searching.ts';
import { Refused, Unreachable } from '../../main/gateways/failure.ts';
import type { Finding } from '../../main/gateways/gateway.ts';
import type { PortControl } from '../../main/gateways/port-control.ts';
import type { Clock } from '../../main/system/system.ts';
import type { SeededRandom } from '../world/seeded-random.ts';
import type { World } from '../world/world.ts';
import type { Entry, SimulatedGateway } from './simulated-gateway.ts';

export type ScriptedKind = Extract<ControlKind, 'pcp' | 'igd'>;

/** How long a control waits before it gives up, all repetitions included. */
const PATIENCE = inSeconds(8);
const ADDRESS = ip('192.168.1.1');
/** Seconds. */
const LONGEST_LEASE = 3600;
/** RFC 6887 §14.1.1: a response to ANNOUNCE that nobody asked for, to all hosts. */
const ALL_HOSTS = { address: ip('224.0.0.1'), port: 5350 };
const ANNOUNCED_EACH = inMinutes(15);

const CAPABILITIES: Readonly<Record<ScriptedKind, Capabilities>> = {
  pcp: {
    families: ['ipv4'],
    permanentLeases: 'no',
    picksFreePort: true,
    thirdParty: 'no',
    onePerInternalPort: true,
    translatesPorts: true,
    canFind: false,
    parallel: 8,
  },
  igd: {
    families: ['ipv4'],
    permanentLeases: 'yes',
    picksFreePort: false,
    thirdParty: 'yes',
    onePerInternalPort: false,
    translatesPorts: true,
    canFind: true,
    parallel: 1,
  },
};

const placeOf = (transport: Transport, externalPort: number): string => `${transport} ${externalPort}`;

export class ScriptedGateway implements SimulatedGateway {
  readonly kind: ScriptedKind;
  readonly #world: World;
  readonly #random: SeededRandom;
  readonly #entries = new Map<string, Entry>();
  readonly #announces: boolean;
  #epochFrom: number;
  externalAddress: IpAddress | 'none' = ip('11.22.33.44');
  /** Virtual moments until which it is so. */
  #awayUntil = 0;
  #refusesUntil = 0;
  #slowUntil = 0;
  #shortLeasesUntil = 0;
  #losesUntil = 0;
  requests = 0;
  onCut: (entry: Entry) => void = () => undefined;

  /** @param announces itself now and then, and after each restart */
  constructor(kind: ScriptedKind, world: World, announces: boolean) {
    this.kind = kind;
    this.#world = world;
    this.#random = world.timeline.random('scripted gateway');
    this.#epochFrom = world.now;
    this.#announces = announces;
    // Its machine says that; what it is asked does not get there.
    world.host('router').setPower(announces);
    if (announces) this.#announceFrom(ANNOUNCED_EACH);
  }

  get #now(): number {
    return this.#world.now;
  }

  get canLook(): boolean {
    return this.kind === 'igd';
  }

  get isAway(): boolean {
    return this.#now < this.#awayUntil;
  }

  table(): readonly Entry[] {
    for (const [place, { expiresAt }] of this.#entries) if (expiresAt <= this.#now) this.#entries.delete(place);
    return [...this.#entries.values()];
  }

  entry(transport: Transport, externalPort: number): Entry | undefined {
    return this.table().find((one) => one.transport === transport && one.externalPort === externalPort);
  }

  // ── what it suffers ──

  away(duration: Millis): void {
    this.#awayUntil = this.#now + duration;
  }

  restart(keepsTable: boolean, away: Millis): void {
    this.#epochFrom = this.#now;
    if (away > 0) this.away(away);
    if (!keepsTable) this.#entries.clear();
    if (this.#announces) this.#world.after(millis(500), () => this.#announce());
  }

  #announceFrom(delay: Millis): void {
    this.#world.after(delay, () => {
      this.#announce();
      this.#announceFrom(ANNOUNCED_EACH);
    });
  }

  /** Once it is there. */
  #announce(): void {
    if (this.isAway) {
      this.#world.at(epochMs(this.#awayUntil + 500), () => this.#announce());
      return;
    }
    const bytes = Buffer.alloc(24);
    bytes.writeUInt8(2, 0);
    bytes.writeUInt8(0x80, 1);
    bytes.writeUInt32BE(this.#epoch(), 8);
    const source = { address: ADDRESS, port: 5351 };
    const content = { kind: 'datagram', bytes } as const;
    const packet = { transport: 'udp', source, destination: ALL_HOSTS, content } as const;
    this.#world.host('router').send(packet, { interfaceName: 'lan0' });
  }

  loses(duration: Millis): void {
    this.#losesUntil = this.#now + duration;
  }

  refuses(duration: Millis): void {
    this.#refusesUntil = this.#now + duration;
  }

  isSlow(duration: Millis): void {
    this.#slowUntil = this.#now + duration;
  }

  givesShortLeases(duration: Millis): void {
    this.#shortLeasesUntil = this.#now + duration;
  }

  forget({ transport, externalPort }: Entry): void {
    this.#entries.delete(placeOf(transport, externalPort));
  }

  take(transport: Transport, externalPort: number): boolean {
    if (this.entry(transport, externalPort) !== undefined) return false;
    const entry = {
      transport,
      externalPort,
      client: ip('192.168.1.11'),
      internalPort: externalPort,
      expiresAt: Infinity,
    };
    this.#entries.set(placeOf(transport, externalPort), entry);
    return true;
  }

  // ── what is asked of it ──

  discover(): Discover {
    const find = (clock: Clock, signal: AbortSignal): Promise<Vitals | undefined> =>
      this.#control(clock)
        .vitals(signal)
        .catch((error: unknown) => {
          if (error instanceof Unreachable) return undefined;
          throw error;
        });
    const finding = (clock: Clock, vitals: Vitals): Finding => this.#finding(clock, vitals);
    return async function* ({ clock }, _options, _memory, signal) {
      const vitals = await find(clock, signal);
      if (vitals !== undefined) yield finding(clock, vitals);
      const alive = vitals !== undefined;
      const routers = [{ address: ADDRESS, interfaceName: 'eth0', alive }];
      return { routers, noNetwork: false, denied: false, localNetworkDenied: false, passedOver: [] };
    };
  }

  #finding(clock: Clock, vitals: Vitals): Finding {
    return {
      gateway: asGatewayId(`eth0/${ADDRESS}`),
      control: this.#control(clock),
      vitals,
      name: 'Scripted',
      model: '',
      address: ADDRESS,
      interfaceName: 'eth0',
      localAddress: ip('192.168.1.10'),
      isDefault: true,
      fingerprint: 'scripted',
      foundBy: 'ssdp-multicast',
      foundIn: millis(10),
      detail: this.kind,
      remember: { kind: this.kind, interfaceName: 'eth0', address: ADDRESS },
    };
  }

  /** @param clock of the program that asks: it may be killed while the gateway goes on */
  #control(clock: Clock): PortControl {
    return {
      kind: this.kind,
      capabilities: CAPABILITIES[this.kind],
      open: (wish, signal) => this.#ask(clock, signal, () => this.#open(wish)),
      close: (key, signal) => this.#ask(clock, signal, () => this.#close(key)),
      find: (key, signal) => this.#ask(clock, signal, () => this.#find(key)),
      vitals: (signal) => this.#ask(clock, signal, () => this.#vitals()),
    };
  }

  /** The request travels, is done or lost, and its answer travels or is lost. */
  async #ask<Answer>(clock: Clock, signal: AbortSignal, answer: () => Answer): Promise<Answer> {
    signal.throwIfAborted();
    this.requests += 1;
    const leg = this.#now < this.#slowUntil ? this.#random.between(200, 2000) : this.#random.between(1, 20);
    const isLost = (): boolean => this.isAway || (this.#now < this.#losesUntil && this.#random.chance(20));
    let answered: { readonly answer: Answer } | { readonly refused: unknown } | undefined;
    this.#world.timeline.after(leg, 'a request arrives', () => {
      if (isLost()) return;
      try {
        answered = { answer: answer() };
      } catch (error) {
        answered = { refused: error };
      }
    });
    await clock.sleep(millis(2 * leg), signal);
    if (answered === undefined || isLost()) {
      await clock.sleep(PATIENCE, signal);
      throw new Unreachable('timeout', 'no answer');
    }
    if ('refused' in answered) throw answered.refused;
    return answered.answer;
  }

  #open({ transport, external, internal, lease, acceptOtherPort, recreate }: MappingWish): Grant {
    if (this.#now < this.#refusesUntil) throw new Refused('failed', 'scripted 501', 'it failed');
    const there = this.entry(transport, external.port);
    const isOurs = there?.client === internal.client && there.internalPort === internal.port;
    if (there !== undefined && !isOurs) throw new Refused('conflict', 'scripted 718', 'it is taken');
    if (acceptOtherPort && this.externalAddress === 'none')
      throw new Refused('no-external-address', 'scripted', 'no line');
    // UPnP makes an entry again by deleting it first.
    if (there !== undefined && recreate && this.kind === 'igd') this.onCut(there);
    const most = this.#now < this.#shortLeasesUntil ? LONGEST_LEASE / 20 : LONGEST_LEASE;
    const granted = lease === 'permanent' ? lease : seconds(Math.min(lease, most));
    const expiresAt = granted === 'permanent' ? Infinity : this.#now + secondsToMillis(granted);
    const { client } = internal;
    const entry = { transport, externalPort: external.port, client, internalPort: internal.port, expiresAt };
    this.#entries.set(placeOf(transport, external.port), entry);
    const address = this.externalAddress === 'none' ? {} : { address: this.externalAddress };
    return {
      external: { ...address, port: port(external.port) },
      internal,
      lease: granted,
      handle: this.kind === 'pcp' ? { nonce: '0123456789abcdef01234567' } : {},
      evidence: this.kind === 'igd' ? 'read-back' : 'answered',
      ...(this.kind === 'pcp' ? { epoch: this.#epoch() } : {}),
    };
  }

  #close({ transport, external, internal }: MappingKey): void {
    const there = this.entry(transport, external.port);
    if (there === undefined || there.client !== internal.client) return;
    this.onCut(there);
    this.forget(there);
  }

  #find({ transport, external }: Pick<MappingKey, 'transport' | 'external'>): FoundMapping | 'absent' | 'cannot-tell' {
    if (this.kind === 'pcp') return 'cannot-tell';
    const there = this.entry(transport, external.port);
    if (there === undefined) return 'absent';
    const { client, internalPort, expiresAt } = there;
    return {
      transport,
      external,
      internal: { client, port: internalPort },
      description: 'scripted',
      enabled: true,
      lease: seconds(Number.isFinite(expiresAt) ? Math.max(1, Math.round((expiresAt - this.#now) / 1000)) : 0),
      remoteHost: undefined,
    };
  }

  #vitals(): Vitals {
    const since = this.#epoch();
    return { externalAddress: this.externalAddress, ...(this.kind === 'pcp' ? { epoch: since } : { uptime: since }) };
  }

  #epoch() {
    return seconds(Math.floor((this.#now - this.#epochFrom) / 1000));
  }
}
