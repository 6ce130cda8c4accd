import { type Endpoint, type IpAddress, familyOf, ip } from '../../../main/contract/address.ts';
import { type Datagram, NetworkError, type Udp, type UdpOptions, type UdpSocket } from '../../../main/system/system.ts';
import type { Packet } from '../packet.ts';
import type { PortTable } from './port-table.ts';
import type { Program } from '../program.ts';
import type { SimHost } from '../sim-host.ts';

/** Datagrams that wait unread; see `UdpSocket.receive`. */
const QUEUE = 256;
/** Longest UDP payload over IPv4. */
const LONGEST = 65_507;

/** The UDP of one run of a host's programs. */
export class VirtualUdp implements Udp {
  readonly #host: SimHost;
  readonly #program: Program;
  readonly #ports: PortTable<VirtualUdpSocket>;

  constructor(host: SimHost, program: Program, ports: PortTable<VirtualUdpSocket>) {
    this.#host = host;
    this.#program = program;
    this.#ports = ports;
  }

  open(options: UdpOptions): Promise<UdpSocket> {
    try {
      return this.#program.done<UdpSocket>(this.#open(options));
    } catch (error) {
      return this.#program.failed(error);
    }
  }

  #open(options: UdpOptions): UdpSocket {
    const host = this.#host;
    const unspecified = ip(options.family === 'ipv4' ? '0.0.0.0' : '::');
    const { connectTo, multicast } = options;
    if (multicast !== undefined && host.links.find(multicast.interfaceName)?.up !== true)
      throw new NetworkError('unreachable', `no interface ${multicast.interfaceName} to join groups on`);
    let address = options.localAddress ?? unspecified;
    if (address !== unspecified && !host.links.owns(address))
      throw new NetworkError('other', `cannot bind to ${address}: not an address of ${host.name}`);
    if (connectTo !== undefined && address === unspecified)
      address = host.links.sourceFor(connectTo.address, connectTo.zone ?? multicast?.interfaceName);
    const port = this.#ports.claim(address, options.localPort ?? 0, options.share ?? false);
    const socket = new VirtualUdpSocket(host, this.#program, { address, port }, options, () => {
      this.#ports.remove(port, socket);
    });
    this.#ports.add(port, socket);
    return socket;
  }
}

export class VirtualUdpSocket implements UdpSocket {
  readonly local: Endpoint;
  readonly share: boolean;
  readonly #host: SimHost;
  readonly #program: Program;
  readonly #options: UdpOptions;
  readonly #onClose: () => void;
  readonly #queue: (Datagram | NetworkError)[] = [];
  readonly #readers: { resolve: (datagram: Datagram) => void; reject: (reason: unknown) => void }[] = [];
  #closed = false;

  constructor(host: SimHost, program: Program, local: Endpoint, options: UdpOptions, onClose: () => void) {
    this.#host = host;
    this.#program = program;
    this.local = local;
    this.share = options.share ?? false;
    this.#options = options;
    this.#onClose = onClose;
  }

  send(bytes: Uint8Array, to?: Endpoint): Promise<void> {
    if (!this.#program.alive) return this.#program.done(undefined);
    const error = this.#send(bytes, to);
    return error === undefined ? this.#program.done(undefined) : this.#program.failed(error);
  }

  #send(bytes: Uint8Array, to: Endpoint | undefined): NetworkError | undefined {
    const { connectTo, multicast } = this.#options;
    const destination = connectTo ?? to;
    if (this.#closed) return new NetworkError('closed', 'this socket is closed');
    if (destination === undefined) return new NetworkError('other', 'a socket without a peer needs a destination');
    if (familyOf(destination.address) !== this.#options.family)
      return new NetworkError('other', `a ${this.#options.family} socket cannot send to ${destination.address}`);
    if (bytes.length > LONGEST) return new NetworkError('other', `a datagram of ${bytes.length} bytes is too long`);
    let source: IpAddress;
    try {
      source = this.#isUnspecified
        ? this.#host.links.sourceFor(destination.address, destination.zone ?? multicast?.interfaceName)
        : this.local.address;
    } catch (error) {
      return error instanceof NetworkError ? error : new NetworkError('other', String(error));
    }
    const packet: Packet = {
      transport: 'udp',
      source: { address: source, port: this.local.port },
      destination,
      content: { kind: 'datagram', bytes: bytes.slice() },
    };
    return this.#host.send(packet, multicast === undefined ? {} : { interfaceName: multicast.interfaceName });
  }

  receive(signal: AbortSignal): Promise<Datagram> {
    return this.#program.wait<Datagram>(signal, (resolve, reject) => {
      const reader = { resolve, reject };
      const next = this.#queue.shift();
      if (next instanceof NetworkError) reject(next);
      else if (next !== undefined) resolve(next);
      else if (this.#closed) reject(new NetworkError('closed', 'this socket is closed'));
      else this.#readers.push(reader);
      return () => {
        const at = this.#readers.indexOf(reader);
        if (at >= 0) this.#readers.splice(at, 1);
      };
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue.length = 0;
    this.#onClose();
    for (const reader of this.#readers.splice(0)) reader.reject(new NetworkError('closed', 'this socket was closed'));
  }

  /** Would this socket be given the packet? Higher is a closer match; 0 is none. */
  match(packet: Packet, interfaceName: string | undefined): number {
    const { connectTo, multicast, family } = this.#options;
    const { source, destination } = packet;
    if (familyOf(destination.address) !== family) return 0;
    if (multicast !== undefined && interfaceName !== undefined && multicast.interfaceName !== interfaceName) return 0;
    const toUs = this.#isUnspecified || this.local.address === destination.address;
    const toGroup = multicast?.groups.includes(destination.address) ?? false;
    if (!toUs && !toGroup) return 0;
    if (connectTo === undefined) return this.#isUnspecified ? 1 : 2;
    return connectTo.address === source.address && connectTo.port === source.port ? 3 : 0;
  }

  joined(group: IpAddress, interfaceName: string | undefined): boolean {
    const { multicast } = this.#options;
    return multicast !== undefined && multicast.interfaceName === interfaceName && multicast.groups.includes(group);
  }

  /** @returns whether it was read or queued */
  take(packet: Packet): boolean {
    const { content, source } = packet;
    if (content.kind === 'port-unreachable') {
      if (this.#options.connectTo === undefined) return false;
      return this.#hand(
        new NetworkError('refused', `${source.address} says that nobody listens on port ${source.port}`),
      );
    }
    if (content.kind !== 'datagram') return false;
    return this.#hand({ from: source, bytes: content.bytes.slice() });
  }

  #hand(item: Datagram | NetworkError): boolean {
    const reader = this.#readers.shift();
    if (reader === undefined) {
      if (this.#queue.length >= QUEUE) return false;
      this.#queue.push(item);
    } else if (item instanceof NetworkError) reader.reject(item);
    else reader.resolve(item);
    return true;
  }

  get #isUnspecified(): boolean {
    return this.local.address === '0.0.0.0' || this.local.address === '::';
  }
}
