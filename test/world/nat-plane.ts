import { familyOf, type Endpoint, type IpAddress } from '../../main/contract/address.ts';
import type { ForwardingRule, RouterPlane } from '../../main/simulator/router/router-state.ts';
import { scopeOfMemo } from './address-memo.ts';
import type { Packet, PacketPlane } from './packet.ts';
import type { SimHost } from './sim-host.ts';

export interface NatPlaneOptions {
  readonly host: SimHost;
  readonly wan: { readonly interfaceName: string; readonly prefix: number };
  readonly lan: { readonly interfaceName: string };
  /** Forwards reach their client from the LAN by the external address too; most routers can, some cannot (N8). */
  readonly hairpin?: boolean;
  /** A packet came in by this rule. */
  readonly onUse?: (rule: ForwardingRule) => void;
}

/** Traffic between an inner and an outer endpoint, as the router tracks it while it is used. */
interface Flow {
  readonly inner: Endpoint;
  /** The router's endpoint, as the far end sees it; the inner endpoint itself over IPv6. */
  readonly outer: Endpoint;
  readonly far: Endpoint;
  readonly transport: Packet['transport'];
  /** Came in by a rule, and goes with it. */
  readonly rule: ForwardingRule | undefined;
  /** A client of the LAN that came by the external address; the router stands between the two. */
  readonly hairpin: { readonly client: Endpoint; readonly router: Endpoint } | undefined;
  lastUsed: number;
}

/** RFC 4787 REQ-5: no UDP mapping ends before 2 minutes; Linux keeps established TCP for days. */
const IDLE = { udp: 180_000, tcp: 5 * 24 * 3_600_000 };
const MOST_FLOWS = 4096;

/** Address and port translation with port-restricted filtering, masquerading and pinholes, as on a Linux router. */
export class NatPlane implements PacketPlane, RouterPlane {
  readonly #host: SimHost;
  readonly #wan: NatPlaneOptions['wan'];
  readonly #lan: NatPlaneOptions['lan'];
  readonly #hairpin: boolean;
  readonly #onUse: ((rule: ForwardingRule) => void) | undefined;
  #read: () => readonly ForwardingRule[] = () => [];
  /** As read; absent until a packet needs them. */
  #rules: readonly ForwardingRule[] | undefined;
  readonly #byOuter = new Map<string, Flow>();
  readonly #byInner = new Map<string, Flow>();
  #nextPort = 20_000;

  constructor(options: NatPlaneOptions) {
    this.#host = options.host;
    this.#wan = options.wan;
    this.#lan = options.lan;
    this.#hairpin = options.hairpin ?? true;
    this.#onUse = options.onUse;
    options.host.plane = this;
  }

  get rules(): readonly ForwardingRule[] {
    this.#rules ??= this.#read();
    return this.#rules;
  }

  // ── what the router says ──

  forward(rules: () => readonly ForwardingRule[]): void {
    this.#read = rules;
    this.#rules = undefined;
    if (this.#byOuter.size === 0) return;
    const still = new Set(this.rules.map((rule) => JSON.stringify(rule)));
    for (const flow of this.#byOuter.values())
      if (flow.rule !== undefined && !still.has(JSON.stringify(flow.rule))) this.#forget(flow);
  }

  setExternalAddress(address: IpAddress | 'none'): void {
    const link = this.#host.interface(this.#wan.interfaceName);
    if (link === undefined) return;
    const others = link.addresses.filter((own) => familyOf(own.address) === 'ipv6');
    const own = address === 'none' ? [] : [{ address, prefix: this.#wan.prefix, temporary: false }];
    if (own[0]?.address === this.#external) return;
    link.setAddresses([...own, ...others]);
    for (const flow of this.#byOuter.values()) if (familyOf(flow.outer.address) === 'ipv4') this.#forget(flow);
  }

  setPower(on: boolean): void {
    this.#host.setPower(on);
    if (on) return;
    this.#byOuter.clear();
    this.#byInner.clear();
  }

  // ── what crosses it ──

  inbound(packet: Packet, interfaceName: string): Packet | undefined {
    if (interfaceName === this.#wan.interfaceName) return this.#fromWan(packet);
    if (interfaceName !== this.#lan.interfaceName) return packet;
    const flow = this.#byInner.get(innerKey(packet.transport, packet.source, packet.destination));
    if (flow?.hairpin !== undefined) {
      // The client of a forward answers the router, which stands for the one who asked.
      return { ...this.#used(flow, packet), source: flow.outer, destination: flow.hairpin.client };
    }
    if (packet.destination.address === this.#external) return this.#hairpinned(packet);
    return packet;
  }

  outbound(packet: Packet, interfaceName: string): Packet | undefined {
    if (interfaceName !== this.#wan.interfaceName) return packet;
    const { transport, source, destination } = packet;
    const known = this.#byInner.get(innerKey(transport, source, destination));
    if (known !== undefined && !this.#stale(known)) return { ...this.#used(known, packet), source: known.outer };
    const outer = familyOf(source.address) === 'ipv6' ? source : this.#freeOuter(packet);
    if (outer === undefined) return undefined;
    this.#remember({ inner: source, outer, far: destination, transport, rule: undefined, hairpin: undefined });
    return { ...packet, source: outer };
  }

  /** Where a new packet from `from` to this external port would end, by the rules alone. */
  target(transport: Packet['transport'], externalPort: number, from?: Endpoint): Endpoint | undefined {
    const rule = this.#match('ipv4', transport, externalPort, undefined, from);
    return rule === undefined ? undefined : inside(rule, externalPort);
  }

  get #external(): IpAddress | undefined {
    return this.#host.interface(this.#wan.interfaceName)?.addresses.find(({ address }) => familyOf(address) === 'ipv4')
      ?.address;
  }

  #fromWan(packet: Packet): Packet | undefined {
    const { transport, source, destination } = packet;
    const scope = scopeOfMemo(destination.address);
    if (scope === 'multicast' || scope === 'link-local') return undefined;
    const flow = this.#byOuter.get(outerKey(transport, destination, source));
    if (flow !== undefined && !this.#stale(flow)) return { ...this.#used(flow, packet), destination: flow.inner };
    const family = familyOf(destination.address);
    if (family === 'ipv4' && destination.address !== this.#external) return undefined;
    if (packet.content.kind === 'port-unreachable') return undefined;
    const rule = this.#match(family, transport, destination.port, destination.address, source);
    if (rule === undefined) return undefined;
    const inner = inside(rule, destination.port);
    this.#onUse?.(rule);
    this.#remember({ inner, outer: destination, far: source, transport, rule, hairpin: undefined });
    return { ...packet, destination: inner };
  }

  /** From the LAN to the external address. Without a rule for it, it is for the router's own servers. */
  #hairpinned(packet: Packet): Packet | undefined {
    const { transport, source, destination } = packet;
    const rule = this.#match('ipv4', transport, destination.port, undefined, source);
    if (rule === undefined) return packet;
    const address = this.#host.interface(this.#lan.interfaceName)?.sourceFor(rule.internal.client);
    if (!this.#hairpin || address === undefined) return undefined;
    const known = this.#byOuter.get(outerKey(transport, destination, source));
    const router = known?.hairpin?.router ?? { address, port: this.#takePort() };
    const inner = inside(rule, destination.port);
    const flow: Omit<Flow, 'lastUsed'> = {
      inner,
      outer: destination,
      far: router,
      transport,
      rule,
      hairpin: { client: source, router },
    };
    if (known === undefined) this.#remember(flow);
    return { ...packet, source: router, destination: inner };
  }

  #match(
    family: ForwardingRule['family'],
    transport: Packet['transport'],
    externalPort: number,
    client: IpAddress | undefined,
    from: Endpoint | undefined,
  ): ForwardingRule | undefined {
    const fits = this.rules.filter(
      (rule) =>
        rule.family === family &&
        rule.transport === transport &&
        (rule.external.port === externalPort || rule.external.port === 0) &&
        (family === 'ipv4' || rule.internal.client === client) &&
        (rule.remote?.address === undefined || rule.remote.address === from?.address) &&
        (rule.remote?.port === undefined || rule.remote.port === from?.port),
    );
    return fits.find((rule) => rule.external.port !== 0) ?? fits[0];
  }

  /** The inner port when it is free, as Linux chooses. */
  #freeOuter(packet: Packet): Endpoint | undefined {
    const address = this.#external;
    if (address === undefined) return undefined;
    const free = (port: number): boolean =>
      !this.#byOuter.has(outerKey(packet.transport, { address, port }, packet.destination)) &&
      this.#match('ipv4', packet.transport, port, undefined, packet.destination) === undefined;
    if (free(packet.source.port)) return { address, port: packet.source.port };
    for (let tries = 0; tries < MOST_FLOWS; tries += 1) {
      const port = this.#takePort();
      if (free(port)) return { address, port };
    }
    return undefined;
  }

  #takePort(): number {
    this.#nextPort = this.#nextPort >= 30_000 ? 20_000 : this.#nextPort + 1;
    return this.#nextPort;
  }

  #used(flow: Flow, packet: Packet): Packet {
    flow.lastUsed = this.#host.network.timeline.now;
    if (flow.rule !== undefined) this.#onUse?.(flow.rule);
    return packet;
  }

  #stale(flow: Flow): boolean {
    if (this.#host.network.timeline.now - flow.lastUsed <= IDLE[flow.transport]) return false;
    this.#forget(flow);
    return true;
  }

  #remember(flow: Omit<Flow, 'lastUsed'>): void {
    const oldest = this.#byOuter.values().next().value;
    if (this.#byOuter.size >= MOST_FLOWS && oldest !== undefined) this.#forget(oldest);
    const kept: Flow = { ...flow, lastUsed: this.#host.network.timeline.now };
    this.#byOuter.set(outerKey(flow.transport, flow.outer, flow.hairpin?.client ?? flow.far), kept);
    this.#byInner.set(innerKey(flow.transport, flow.inner, flow.far), kept);
  }

  #forget(flow: Flow): void {
    this.#byOuter.delete(outerKey(flow.transport, flow.outer, flow.hairpin?.client ?? flow.far));
    this.#byInner.delete(innerKey(flow.transport, flow.inner, flow.far));
  }
}

const key = (transport: string, near: Endpoint, far: Endpoint): string =>
  `${transport} ${near.address} ${near.port} ${far.address} ${far.port}`;
const outerKey = key;
const innerKey = key;

/** Where a rule leads; one for all ports keeps the port (C8). */
function inside(rule: ForwardingRule, externalPort: number): Endpoint {
  return { address: rule.internal.client, port: rule.internal.port === 0 ? externalPort : rule.internal.port };
}
