/** State that the servers of one simulated router share. */
import {
  familyOf,
  inNetwork,
  isPublic,
  parseCidr,
  scopeOf,
  type Cidr,
  type Family,
  type IpAddress,
} from '../../contract/address.ts';
import type { Transport } from '../../contract/model.ts';
import { elapsed, seconds, type EpochMs, type Millis, type Seconds } from '../../contract/units.ts';
import type { Clock, Random, System } from '../../system/system.ts';
import type { Personality } from './personality.ts';
import type { PinholeTable } from './pinhole-table.ts';
import type { RouterTable } from './router-table.ts';

export interface RouterLan {
  readonly interfaceName: string;
  readonly address: IpAddress;
  readonly address6?: IpAddress;
}

export interface RouterState {
  readonly system: System;
  readonly personality: Personality;
  readonly lan: RouterLan;
  readonly table: RouterTable;
  readonly pinholes: PinholeTable;
  readonly permissions: readonly PermissionRule[];
  readonly counters: RequestCounters;
  wan(): IpAddress | 'none';
  /** The external address when mappings can be made on it (N3, N4). */
  mappableWan(): IpAddress | undefined;
  /** Since the boot, or since the last address change (L21). */
  epoch(): Seconds;
  /** Since the WAN came up. */
  uptime(): Seconds;
  /** Password for signing in, where it asks for one. */
  password(): string;
  readonly boot: Boot;
  /** The daemon dies now and is back after a while, its table as it was. */
  crash(downFor: Millis): void;
}

/** Drawn again each time the daemon starts. */
export interface Boot {
  /** BOOTID.UPNP.ORG (UPnP DA 2.0 §1.2.2). */
  readonly id: number;
  /** Without `uuid:`. */
  readonly udn: string;
  /** Start of the description's and control URLs; empty unless the paths are random (D15). */
  readonly pathPrefix: string;
}

/** Does the port belong to an entry, its other transport counted in where the two exclude each other (C16)? */
export function isTaken(state: RouterState, transport: Transport, externalPort: number): boolean {
  const other = transport === 'tcp' ? 'udp' : 'tcp';
  return (
    state.table.get(transport, externalPort) !== undefined ||
    (state.personality.mapping.transports === 'second-refused' && state.table.get(other, externalPort) !== undefined)
  );
}

/** C18, C19. */
export function isFull(state: RouterState): boolean {
  const { capacity } = state.personality.mapping;
  return capacity !== undefined && state.table.size >= capacity.entries;
}

/** Names and numbers that a router keeps, boot after boot. */
export class RouterIdentity {
  readonly #random: Random;
  readonly #personality: Personality;
  readonly #udn: string;
  #lastBootId = 0;

  constructor(random: Random, personality: Personality) {
    this.#random = random;
    this.#personality = personality;
    this.#udn = drawUuid(random);
  }

  nextBoot(now: EpochMs): Boot {
    const { device, description } = this.#personality;
    // Later than any boot before, whatever the clock says (UPnP DA 1.1 §1.2.2).
    this.#lastBootId = Math.max(this.#lastBootId + 1, Math.floor(now / 1000) % 0x7fff_ffff);
    return {
      id: this.#lastBootId,
      udn: device.udnPerBoot ? drawUuid(this.#random) : this.#udn,
      pathPrefix: description.randomPath ? `/${drawUuid(this.#random).slice(0, 8)}` : '',
    };
  }
}

export const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function drawUuid(random: Random): string {
  return hex(random.bytes(16)).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** The router's external address and how long it has had it. */
export class WanLine {
  readonly #clock: Clock;
  readonly #traits: Personality['wan'];
  #address: IpAddress | 'none';
  #since: EpochMs;
  #broken = false;

  constructor(clock: Clock, traits: Personality['wan'], address: IpAddress | 'none') {
    this.#clock = clock;
    this.#traits = traits;
    this.#address = traits.address ?? address;
    this.#since = clock.now();
  }

  get address(): IpAddress | 'none' {
    return this.#address;
  }

  comeUp(address: IpAddress | 'none' = this.#address): void {
    this.#address = address;
    this.#since = this.#clock.now();
    if (address === 'none' && this.#traits.dropIsFinal) this.#broken = true;
  }

  /** The daemon looks at the line again (L17). */
  mend(): void {
    this.#broken = false;
  }

  /** N3, N4: the address when mappings can be made on it. Documentation addresses pass: simulated worlds are written
   * with them. */
  get mappable(): IpAddress | undefined {
    const address = this.#address;
    if (this.#broken || address === 'none' || familyOf(address) !== 'ipv4') return undefined;
    const outside = isPublic(address) || scopeOf(address) === 'documentation';
    return outside || this.#traits.mapsWithoutPublicAddress ? address : undefined;
  }

  get uptime(): Seconds {
    return wholeSecondsSince(this.#clock, this.#since);
  }
}

export function wholeSecondsSince(clock: Clock, moment: EpochMs): Seconds {
  return seconds(Math.max(0, Math.floor(elapsed(moment, clock.now()) / 1000)));
}

/** Requests of clients to a simulated router, by kind: `AddPortMapping`, `GET description`, `pcp MAP`, `M-SEARCH` … */
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

interface Ports {
  readonly first: number;
  readonly last: number;
}

/** A line of miniupnpd's `allow` and `deny`: external ports, internal network, internal ports; the first match decides. */
export interface PermissionRule {
  readonly verdict: 'allow' | 'deny';
  readonly external: Ports;
  readonly network: Cidr;
  readonly internal: Ports;
}

function parsePorts(text: string | undefined): Ports | undefined {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text ?? '');
  if (match === null) return undefined;
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  return first <= last && last <= 65_535 ? { first, last } : undefined;
}

/** @throws RangeError when the line is not `allow|deny PORTS NETWORK PORTS` */
export function parsePermissionRule(line: string): PermissionRule {
  const [verdict, external, network, internal, ...more] = line.trim().split(/\s+/);
  const outside = parsePorts(external);
  const inside = parsePorts(internal);
  const cidr = parseCidr(network ?? '');
  if (
    (verdict !== 'allow' && verdict !== 'deny') ||
    outside === undefined ||
    inside === undefined ||
    cidr === undefined ||
    more.length > 0
  ) {
    throw new RangeError(`not a permission rule: ${line}`);
  }
  return { verdict, external: outside, network: cidr, internal: inside };
}

const within = (ports: Ports, port: number): boolean => ports.first <= port && port <= ports.last;

/** Allowed when no rule matches, as miniupnpd has it. */
export function isPermitted(
  rules: readonly PermissionRule[],
  wish: { readonly externalPort: number; readonly internalClient: IpAddress; readonly internalPort: number },
): boolean {
  const deciding = rules.find(
    (rule) =>
      within(rule.external, wish.externalPort) &&
      within(rule.internal, wish.internalPort) &&
      inNetwork(wish.internalClient, rule.network),
  );
  return deciding?.verdict !== 'deny';
}

/** A rule that really forwards. A router may list more than this (L11, L20: listed, but dead) or less. */
export interface ForwardingRule {
  /** `ipv4`: the port is translated. `ipv6`: a pinhole; external and internal port are the same. */
  readonly family: Family;
  readonly transport: Transport;
  /** 0 stands for every port that no other rule names (C8). */
  readonly external: { readonly port: number };
  readonly internal: { readonly client: IpAddress; readonly port: number };
  /** Only from there; anyone when absent. */
  readonly remote?: { readonly address?: IpAddress; readonly port?: number };
}

/**
 * Carries the traffic of a router: it is given the current forwards. On the virtual network a `NatPlane` translates
 * packets by them, on loopback proxies carry real connections.
 */
export interface RouterPlane {
  /** Replaces all rules, to be read when they are needed; called after every change. What a missing rule carried ends. */
  forward(rules: () => readonly ForwardingRule[]): void;
  /** The WAN interface's address; `none`: the line is down. */
  setExternalAddress(address: IpAddress | 'none'): void;
  /** Off: the host is silent on every interface, its sockets are gone; nothing is forwarded. */
  setPower(on: boolean): void;
}
