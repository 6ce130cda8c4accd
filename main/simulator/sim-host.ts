import { type IpAddress, familyOf, ip, scopeOf } from '../contract/address.ts';
import type {
  DefaultRoute,
  Log,
  LogLevel,
  NetworkFault,
  NetworkState,
  Random,
  Routes,
  System,
} from '../system/system.ts';
import { NetworkError } from '../system/system.ts';
import { HostClock } from './host-clock.ts';
import { MemoryStorage } from './memory-storage.ts';
import type { Packet, PacketPlane } from './packet.ts';
import { PortTable } from './port-table.ts';
import { Program } from './program.ts';
import type { SeededRandom } from './seeded-random.ts';
import { type InterfaceOptions, SimInterface } from './sim-interface.ts';
import { TcpTable, type VirtualListener, VirtualTcp } from './virtual-tcp.ts';
import { VirtualUdp, type VirtualUdpSocket } from './virtual-udp.ts';
import type { Carried, Journey, VirtualNetwork } from './virtual-network.ts';

export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Log lines kept; older ones go. */
const MOST_LINES = 5000;

/** A machine: interfaces, routes, clocks, disk, and the programs that run on it. */
export class SimHost {
  readonly name: string;
  readonly network: VirtualNetwork;
  readonly clock: HostClock;
  readonly storage: MemoryStorage;
  readonly tcp: TcpTable;
  /** Local stream sockets by path, and where their service listens. */
  readonly localServices = new Map<string, { readonly address: IpAddress; readonly port: number }>();
  readonly logged: LogLine[] = [];
  /** For machines that forward. */
  plane: PacketPlane | undefined;
  /** Its own rules for what it sends: the fault that the program gets, or nothing (H1, H4). */
  deny: ((packet: Packet) => NetworkFault | undefined) | undefined;
  /** Its firewall: `true` for what never reaches a program, and is not answered (H4, H7). */
  dropInbound: ((packet: Packet) => boolean) | undefined;
  /** Says that a UDP port is closed (ICMP port unreachable). */
  answersClosedPorts = true;
  readonly #udp: PortTable<VirtualUdpSocket>;
  readonly #links: SimInterface[] = [];
  readonly #random: SeededRandom;
  readonly #neighbours = new Map<IpAddress, string>();
  readonly #routeWatchers = new Set<() => void>();
  #defaultRoutes: readonly DefaultRoute[] = [];
  #powered = true;
  #program = new Program();
  #system: System;

  constructor(name: string, network: VirtualNetwork) {
    this.name = name;
    this.network = network;
    this.clock = new HostClock(name, network.timeline);
    this.storage = new MemoryStorage(network.timeline, name);
    this.#random = network.timeline.random(`host ${name}`);
    this.#udp = new PortTable(network.timeline.random(`udp ports of ${name}`));
    this.tcp = new TcpTable(this, new PortTable<VirtualListener>(network.timeline.random(`tcp ports of ${name}`)));
    this.#system = this.#boot();
  }

  /** What the programs that run now have; one that was taken before a crash is dead. */
  get system(): System {
    return this.#system;
  }

  get awake(): boolean {
    return this.#powered && !this.clock.asleep;
  }

  // ── interfaces and routes ──

  addInterface(options: InterfaceOptions): SimInterface {
    const mac = `02:${[...this.network.timeline.random(`mac ${this.name} ${options.name}`).bytes(5)]
      .map((byte) => byte.toString(16).padStart(2, '0'))
      .join(':')}`;
    const link = new SimInterface(options, mac, () => this.#routesChanged());
    this.#links.push(link);
    options.segment.join({ host: this, link });
    this.#routesChanged();
    return link;
  }

  interface(name: string): SimInterface | undefined {
    return this.#links.find((link) => link.name === name);
  }

  get interfaces(): readonly SimInterface[] {
    return this.#links;
  }

  get defaultRoutes(): readonly DefaultRoute[] {
    return this.#defaultRoutes
      .filter((route) => this.interface(route.interfaceName)?.up === true)
      .toSorted((one, other) => one.metric - other.metric);
  }

  setDefaultRoutes(routes: readonly DefaultRoute[]): void {
    this.#defaultRoutes = routes;
    this.#routesChanged();
  }

  owns(address: IpAddress): boolean {
    return scopeOf(address) === 'loopback' || this.#links.some((link) => link.owns(address));
  }

  /** Where a packet leaves and who gets it next. `interfaceName` decides for link-local addresses only. */
  wayTo(
    address: IpAddress,
    interfaceName?: string,
  ): { readonly link: SimInterface; readonly nextHop: IpAddress } | undefined {
    if (scopeOf(address) === 'link-local') {
      const link = this.#links.find((each) => each.up && each.name === interfaceName);
      return link === undefined ? undefined : { link, nextHop: address };
    }
    let best: { link: SimInterface; length: number } | undefined;
    for (const link of this.#links) {
      const length = link.onLink(address);
      if (length !== undefined && (best === undefined || length > best.length)) best = { link, length };
    }
    if (best !== undefined) return { link: best.link, nextHop: address };
    const route = this.defaultRoutes.find(({ family }) => family === familyOf(address));
    const link = route === undefined ? undefined : this.interface(route.interfaceName);
    return route === undefined || link === undefined ? undefined : { link, nextHop: route.gateway };
  }

  /** Where multicast leaves. */
  linkFor(group: IpAddress, interfaceName?: string): SimInterface | undefined {
    if (interfaceName !== undefined) return this.#links.find((link) => link.up && link.name === interfaceName);
    const route = this.defaultRoutes.find(({ family }) => family === familyOf(group));
    return route === undefined ? this.#links.find((link) => link.up) : this.interface(route.interfaceName);
  }

  /** @throws NetworkError with fault `unreachable` */
  sourceFor(address: IpAddress, interfaceName?: string): IpAddress {
    if (this.owns(address)) return address;
    const link =
      scopeOf(address) === 'multicast'
        ? this.linkFor(address, interfaceName)
        : this.wayTo(address, interfaceName)?.link;
    const source = link?.sourceFor(address);
    if (source === undefined) throw new NetworkError('unreachable', `${this.name} has no route to ${address}`);
    return source;
  }

  /** The neighbour's hardware address was learnt (ARP). */
  met(address: IpAddress, mac: string): void {
    if (mac !== 'none') this.#neighbours.set(address, mac);
  }

  // ── packets ──

  carry(packet: Packet, journey: Journey = {}): Carried {
    const fault = this.deny?.(packet);
    if (fault !== undefined) return { fault };
    return this.network.carry(this, packet, journey);
  }

  /** For what is sent and forgotten. */
  send(packet: Packet, journey: Journey = {}): NetworkError | undefined {
    const { fault } = this.carry(packet, journey);
    const to = packet.destination.address;
    return fault === undefined ? undefined : new NetworkError(fault, `${this.name} cannot send to ${to}: ${fault}`);
  }

  drops(packet: Packet): boolean {
    return this.dropInbound?.(packet) ?? false;
  }

  /** @returns whether anybody here took it */
  take(packet: Packet, interfaceName: string | undefined): boolean {
    if (packet.transport === 'tcp') return this.tcp.take(packet);
    const sockets = this.#udp.at(packet.destination.port);
    const group = packet.destination.address;
    if (scopeOf(group) === 'multicast') {
      return sockets
        .filter((socket) => socket.joined(group, interfaceName))
        .map((socket) => socket.take(packet, interfaceName))
        .includes(true);
    }
    let best: { socket: VirtualUdpSocket; match: number } | undefined;
    for (const socket of sockets) {
      const match = socket.match(packet, interfaceName);
      if (match > 0 && match >= (best?.match ?? 0)) best = { socket, match };
    }
    if (best !== undefined) return best.socket.take(packet, interfaceName);
    if (packet.content.kind === 'datagram' && this.answersClosedPorts) {
      const { source, destination } = packet;
      this.send({ transport: 'udp', source: destination, destination: source, content: { kind: 'port-unreachable' } });
    }
    return false;
  }

  /** How long the next piece of a stream is, 1 … `most`; every other time all of it. */
  pieceLength(most: number): number {
    return this.#random.unit() < 0.5 ? most : this.#random.between(1, most);
  }

  // ── power ──

  /** Off: silent, its sockets are gone and no peer is told. Its programs must be stopped by their owner. */
  setPower(on: boolean): void {
    if (on === this.#powered) return;
    this.#powered = on;
    if (on) return;
    this.tcp.vanish();
    for (const socket of this.#udp.all()) socket.close();
  }

  /** The programs die at this moment: none of their waits ever settles, their unfinished writes are lost. Afterwards
   * `system` is that of a fresh start. With `power-cut` peers are not told, and the host is on again at once. */
  crash(how: 'killed' | 'power-cut' = 'killed'): void {
    this.#program.end();
    this.storage.crash();
    if (how === 'power-cut') this.setPower(false);
    else this.tcp.closeAll();
    for (const socket of this.#udp.all()) socket.close();
    this.#powered = true;
    this.#program = new Program();
    this.#system = this.#boot();
  }

  #boot(): System {
    const program = this.#program;
    const random: Random = { bytes: (count) => this.#random.bytes(count), unit: () => this.#random.unit() };
    const log: Log = {
      write: (level, message, fields = {}) => {
        if (!program.alive) return;
        if (this.logged.length >= MOST_LINES) this.logged.shift();
        this.logged.push({ level, message, fields });
      },
    };
    return {
      clock: this.clock.of(program),
      random,
      log,
      udp: new VirtualUdp(this, program, this.#udp),
      tcp: new VirtualTcp(this, program),
      routes: this.#routesFor(program),
    };
  }

  #routesFor(program: Program): Routes {
    return {
      read: (signal) =>
        program.wait<NetworkState>(signal, (resolve) => {
          resolve(this.#networkState());
          return () => {};
        }),
      neighbour: (address) => program.done(this.#neighbours.get(address)),
      changed: (signal) =>
        program.wait<void>(signal, (resolve) => {
          const watcher = (): void => resolve();
          this.#routeWatchers.add(watcher);
          return () => this.#routeWatchers.delete(watcher);
        }),
    };
  }

  #networkState(): NetworkState {
    const loopback = { address: ip('127.0.0.1'), prefix: 8, temporary: false };
    const loopback6 = { address: ip('::1'), prefix: 128, temporary: false };
    return {
      interfaces: [
        { name: 'lo', addresses: [loopback, loopback6], loopback: true, virtual: false },
        ...this.#links.filter((link) => link.up).map((link) => link.state()),
      ],
      defaultRoutes: this.defaultRoutes,
    };
  }

  #routesChanged(): void {
    const watchers = [...this.#routeWatchers];
    this.#routeWatchers.clear();
    for (const watcher of watchers) watcher();
  }
}
