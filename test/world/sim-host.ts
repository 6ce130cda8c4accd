import { parseIp, type IpAddress } from '../../main/contract/address.ts';
import {
  NetworkError,
  type DefaultRoute,
  type Log,
  type LogLevel,
  type NetworkFault,
  type Random,
  type System,
} from '../../main/system/system.ts';
import { scopeOfMemo } from './address-memo.ts';
import { HostClock } from './host-clock.ts';
import { HostLinks } from './host-links.ts';
import { MemoryStorage } from './memory-storage.ts';
import type { Packet, PacketPlane } from './packet.ts';
import { PortTable } from './transport/port-table.ts';
import { Program } from './program.ts';
import type { SeededRandom } from './seeded-random.ts';
import { type InterfaceOptions, SimInterface } from './sim-interface.ts';
import { TcpTable, type VirtualListener, VirtualTcp } from './transport/virtual-tcp.ts';
import { VirtualUdp, type VirtualUdpSocket } from './transport/virtual-udp.ts';
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
  readonly links: HostLinks;
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
  /** Its TCP streams arrive in pieces cut at random. */
  splitsStreams: boolean;
  /** Says that a UDP port is closed (ICMP port unreachable). */
  answersClosedPorts = true;
  readonly #udp: PortTable<VirtualUdpSocket>;
  readonly #random: SeededRandom;
  #powered = true;
  #program = new Program();
  #system: System;

  constructor(name: string, network: VirtualNetwork) {
    this.name = name;
    this.network = network;
    this.splitsStreams = network.splitStreams;
    this.links = new HostLinks(name);
    this.clock = new HostClock(name, network.timeline);
    this.storage = new MemoryStorage(this.clock, network.timeline.random(`disk of ${name}`), name);
    this.#random = network.timeline.random(`host ${name}`);
    this.#udp = new PortTable(network.timeline.random(`udp ports of ${name}`));
    this.tcp = new TcpTable(this, new PortTable<VirtualListener>(network.timeline.random(`tcp ports of ${name}`)));
    this.#system = this.#boot();
  }

  /** The system for the programs running now; one taken before a crash is dead. */
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
    const link = new SimInterface(options, mac, () => this.links.changed());
    options.segment.join({ host: this, link });
    this.links.add(link);
    return link;
  }

  interface(name: string): SimInterface | undefined {
    return this.links.find(name);
  }

  setDefaultRoutes(routes: readonly DefaultRoute[]): void {
    this.links.setDefaultRoutes(routes);
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
  take(arrived: Packet, interfaceName: string | undefined): boolean {
    const packet = withZone(arrived, interfaceName);
    if (packet.transport === 'tcp') return this.tcp.take(packet);
    const sockets = this.#udp.at(packet.destination.port);
    const group = packet.destination.address;
    if (scopeOfMemo(group) === 'multicast') {
      return sockets
        .filter((socket) => socket.joined(group, interfaceName))
        .map((socket) => socket.take(packet))
        .includes(true);
    }
    let best: { socket: VirtualUdpSocket; match: number } | undefined;
    for (const socket of sockets) {
      const match = socket.match(packet, interfaceName);
      if (match > 0 && match >= (best?.match ?? 0)) best = { socket, match };
    }
    if (best !== undefined) return best.socket.take(packet);
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

  /** Off: silent, its sockets are gone and no peer is notified. Its programs must be stopped by their owner. */
  setPower(on: boolean): void {
    if (on === this.#powered) return;
    this.#powered = on;
    if (on) return;
    this.tcp.vanish();
    for (const socket of this.#udp.all()) socket.close();
  }

  /** The programs die at this moment: none of their waits ever settles, their unfinished writes are lost. Afterwards
   * `system` is that of a fresh start. With `power-cut` peers are not notified, and the host is on again at once. */
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
      routes: this.links.of(program),
      ...(this.network.hash === undefined ? {} : { hash: this.network.hash }),
      addressesOf: async (name) => {
        const address = parseIp(/^host-((?:\d+-){3}\d+)$/.exec(name)?.[1]?.replaceAll('-', '.') ?? '');
        return address === undefined ? [] : [address];
      },
    };
  }
}

/** Link-local senders are known by the interface that they were heard on (RFC 4007 §6). */
function withZone(packet: Packet, interfaceName: string | undefined): Packet {
  if (interfaceName === undefined || !packet.source.address.startsWith('fe80:')) return packet;
  return { ...packet, source: { ...packet.source, zone: interfaceName } };
}
