/** A local network whose hosts say what a test tells them to. */
import { familyOf, ip, parseCidr, type Cidr, type Endpoint, type IpAddress } from '../../../main/contract/address.ts';
import { millis, type Millis } from '../../../main/contract/units.ts';
import {
  NetworkError,
  type Connection,
  type NetworkFault,
  type NetworkInterface,
  type NetworkState,
  type System,
  type Tcp,
  type Udp,
} from '../../../main/system/system.ts';
import type { SimHost } from '../../world/sim-host.ts';
import { firstPacket, never, QuietWorld } from '../quiet-home.ts';

/** How a host answers a datagram; `from` defaults to the address and port that it was sent to. */
export type Reply = (
  bytes: Uint8Array | string,
  options?: { readonly from?: Endpoint; readonly afterMs?: number },
) => void;

export interface ScriptedHost {
  readonly on: string;
  readonly addresses: readonly string[];
  readonly mac?: string;
  /** By port; a datagram to another port of a host with `refusesUdp` brings an ICMP error, else silence. */
  readonly udp?: Readonly<Record<number, (bytes: Uint8Array, reply: Reply, to: Endpoint) => void>>;
  readonly refusesUdp?: boolean;
  /** By port: the whole answer to a request, `hang` (the word) for none at all. Other ports refuse. */
  readonly http?: Readonly<Record<number, (request: string) => string>>;
}

/** Where routers are looked for (UPnP DA 2.0 §1). */
const GROUPS = ['239.255.255.250', 'ff02::c', 'ff05::c'].map(ip);

export class ScriptedLan extends QuietWorld {
  /** Every request line that was sent over TCP, as `192.168.1.1:5000 GET /desc.xml`. */
  readonly requests: string[] = [];
  readonly sent: {
    readonly to: Endpoint;
    readonly text: string;
    readonly at: number;
    readonly from: IpAddress;
    readonly localPort: number;
  }[] = [];
  /** Every TCP connection that was tried. */
  readonly connections: { readonly from: IpAddress | undefined; readonly to: IpAddress }[] = [];
  /** Faults of `udp.open`, by local port. */
  readonly openFaults = new Map<number, NetworkFault>();
  openSockets = 0;
  #loopback: NetworkInterface | undefined;

  constructor() {
    super();
    this.world.network.onPacket = (host, { transport, source, destination: to, content }) => {
      if (host !== this.client || transport !== 'udp' || content.kind !== 'datagram') return;
      const text = new TextDecoder('latin1').decode(content.bytes);
      this.sent.push({ to, text, at: this.now, from: source.address, localPort: source.port });
    };
  }

  interface(
    name: string,
    addresses: readonly string[],
    { loopback, virtual, peer }: { readonly loopback?: true; readonly virtual?: true; readonly peer?: string } = {},
  ): this {
    const parsed = addresses.map((text) => ({ ...cidrOf(text), temporary: false }));
    if (loopback === true) this.#loopback = { name, addresses: parsed, loopback: true, virtual: false };
    else {
      const segment = this.world.network.segment(name);
      const end = peer === undefined ? {} : { peer: ip(peer) };
      this.client.addInterface({ name, segment, addresses: parsed, virtual: virtual ?? false, ...end });
    }
    return this;
  }

  defaultRoute(interfaceName: string, gateway: string, metric = 100): this {
    const address = ip(gateway);
    const route = { family: familyOf(address), gateway: address, interfaceName, metric };
    this.client.setDefaultRoutes([...this.client.links.defaultRoutes, route]);
    return this;
  }

  host({ on, addresses, mac = 'none', udp = {}, refusesUdp = false, http = {} }: ScriptedHost): this {
    const own = addresses.map(ip);
    const host = this.#addHost(`${addresses.join(' ')} on ${on}`, on, own, mac);
    host.answersClosedPorts = refusesUdp;
    for (const [text, handle] of Object.entries(udp)) {
      const port = Number(text);
      for (const address of own) void this.#listen(host, { address, port }, address, handle);
      for (const group of GROUPS) {
        const address = own.find((each) => familyOf(each) === familyOf(group));
        if (address !== undefined) void this.#listen(host, { address: group, port }, address, handle);
      }
    }
    for (const [port, answer] of Object.entries(http)) {
      const serve = async (connection: Connection): Promise<void> => {
        const request = new TextDecoder('latin1').decode(await firstPacket(connection));
        const { local } = connection;
        this.requests.push(`${local.address}:${local.port} ${request.split(' HTTP/')[0] ?? ''}`);
        const said = answer(request);
        if (said === 'hang') return;
        await host.system.clock.sleep(millis(1), never);
        await say(connection, new TextEncoder().encode(said));
      };
      for (const address of ['0.0.0.0', '::'].map(ip)) void accept(host, { address, port: Number(port) }, serve);
    }
    return this;
  }

  /** A service of the client's own machine, at this path, that says this. */
  localService(path: string, says: Uint8Array): void {
    const at = { address: ip('127.0.0.1'), port: 4000 + this.client.localServices.size };
    this.client.localServices.set(path, at);
    void accept(this.client, at, async (connection) => {
      await firstPacket(connection);
      await say(connection, says);
    });
  }

  /** Whatever the client sends over UDP fails so. */
  set sendFault(fault: NetworkFault) {
    this.client.deny = ({ transport }) => (transport === 'udp' ? fault : undefined);
  }

  get state(): NetworkState {
    const { links } = this.client;
    const interfaces = links.all.map((link) => link.state());
    return {
      interfaces: this.#loopback === undefined ? interfaces : [this.#loopback, ...interfaces],
      defaultRoutes: links.defaultRoutes,
    };
  }

  /** Ours, of which datagrams went there. */
  localAddressesTo(address: string, port: number): readonly IpAddress[] {
    const matching = this.sent.filter(({ to }) => to.address === ip(address) && to.port === port);
    return [...new Set(matching.map(({ from }) => from))];
  }

  ms(count: number): Millis {
    return millis(count);
  }

  /** Somebody on that network says something unasked to a multicast group, and may give any address for his. */
  announce(interfaceName: string, group: string, port: number, from: Endpoint, bytes: Uint8Array | string): void {
    this.#say(interfaceName, from, { address: ip(group), port }, bytes);
  }

  readonly #udp: Udp = {
    open: async (options) => {
      const fault = this.openFaults.get(options.localPort ?? 0);
      if (fault !== undefined) throw new NetworkError(fault, `cannot bind ${options.localPort}`);
      const socket = await this.client.system.udp.open(options);
      return {
        local: socket.local,
        send: (bytes, to) => socket.send(bytes, to),
        receive: (signal) => socket.receive(signal),
        close: this.#counted(() => socket.close()),
      };
    },
  };

  readonly #tcp: Tcp = {
    connect: async (to, options, signal) => {
      this.connections.push({ from: options.localAddress, to: to.address });
      return this.#connection(await this.client.system.tcp.connect(to, options, signal));
    },
    listen: (options) => this.client.system.tcp.listen(options),
    connectLocal: async (path, signal) => this.#connection(await this.client.system.tcp.connectLocal(path, signal)),
  };

  override get system(): System {
    return { ...this.client.system, udp: this.#udp, tcp: this.#tcp };
  }

  #connection(connection: Connection): Connection {
    return {
      local: connection.local,
      remote: connection.remote,
      write: (bytes) => connection.write(bytes),
      read: (signal) => connection.read(signal),
      close: this.#counted(() => connection.close()),
    };
  }

  #counted(close: () => void): () => void {
    let isOpen = true;
    this.openSockets += 1;
    return () => {
      if (isOpen) this.openSockets -= 1;
      isOpen = false;
      close();
    };
  }

  /** Everybody is its neighbour, whatever its address. */
  #addHost(name: string, on: string, addresses: readonly IpAddress[], mac = 'none'): SimHost {
    const { network } = this.world;
    const host = network.addHost(name);
    const own = addresses.map((address) => ({ address, prefix: 0, temporary: false }));
    host.addInterface({ name: on, segment: network.segment(on), mac, addresses: own });
    return host;
  }

  async #listen(
    host: SimHost,
    to: Endpoint,
    own: IpAddress,
    handle: (bytes: Uint8Array, reply: Reply, to: Endpoint) => void,
  ): Promise<void> {
    const [link] = host.links.all;
    if (link === undefined) return;
    const isGroup = GROUPS.includes(to.address);
    const multicast = { groups: [to.address], interfaceName: link.name, interfaceAddress: own };
    const socket = await host.system.udp.open({
      family: familyOf(to.address),
      localPort: to.port,
      share: true,
      ...(isGroup ? { multicast } : { localAddress: to.address }),
    });
    for (;;) {
      const { bytes, from } = await socket.receive(never);
      const reply: Reply = (answer, { from: source = { address: own, port: to.port }, afterMs = 1 } = {}) =>
        this.world.after(millis(afterMs), () => this.#say(link.name, source, from, answer));
      handle(bytes, reply, to);
    }
  }

  /** With any source at all: a voice without an address of its own. */
  #say(on: string, source: Endpoint, destination: Endpoint, said: Uint8Array | string): void {
    const { network } = this.world;
    const name = `a voice on ${on}`;
    const voice =
      network.hosts.find((host) => host.name === name) ??
      this.#addHost(name, on, ['192.0.2.254', '2001:db8:ffff::fe'].map(ip));
    const bytes = typeof said === 'string' ? new TextEncoder().encode(said) : said;
    voice.carry({ transport: 'udp', source, destination, content: { kind: 'datagram', bytes } }, { interfaceName: on });
  }
}

async function accept(host: SimHost, at: Endpoint, serve: (connection: Connection) => Promise<void>): Promise<never> {
  const listener = await host.system.tcp.listen(at);
  for (;;) void serve(await listener.accept(never));
}

/** Whoever has hung up meanwhile does not hear it. */
async function say(connection: Connection, bytes: Uint8Array): Promise<void> {
  await connection.write(bytes).catch(() => undefined);
  connection.close();
}

function cidrOf(text: string): Cidr {
  const cidr = parseCidr(text);
  if (cidr === undefined) throw new RangeError(text);
  return cidr;
}
