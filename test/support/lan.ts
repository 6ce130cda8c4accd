/** A local network of simulated routers, and of hosts that say what a test tells them to: lamps, cameras, liars. */
import { familyOf, ip, parseCidr, type Cidr, type Endpoint, type IpAddress } from '../../main/contract/address.ts';
import { millis, type Millis } from '../../main/contract/units.ts';
import {
  NetworkError,
  type Connection,
  type NetworkFault,
  type NetworkInterface,
  type NetworkState,
  type System,
  type Tcp,
  type Udp,
} from '../../main/system/system.ts';
import { personality } from '../../main/simulator/personalities/personalities.ts';
import { SimRouter } from '../../main/simulator/router/router.ts';
import type { SimHost } from '../world/sim-host.ts';
import type { Habits } from './igd-scene.ts';
import { firstPacket, never, overheard, QuietWorld } from './quiet-home.ts';

/** How a host answers a datagram; `from` defaults to the address and port that it was sent to. */
export type Reply = (
  bytes: Uint8Array | string,
  options?: { readonly from?: Endpoint; readonly afterMs?: number },
) => void;

export interface LanHost {
  readonly on: string;
  readonly addresses: readonly string[];
  readonly mac?: string;
  /** By port; a datagram to another port of a host with `refusesUdp` brings an ICMP error, else silence. */
  readonly udp?: Readonly<Record<number, (bytes: Uint8Array, reply: Reply, to: Endpoint) => void>>;
  readonly refusesUdp?: boolean;
  /** By port: the whole answer to a request, `hang` (the word) for none at all. Other ports refuse. */
  readonly http?: Readonly<Record<number, (request: string) => string>>;
}

export interface LanRouter extends Partial<Omit<LanHost, 'addresses' | 'http'>> {
  /** More of its addresses; the first of IPv6 is the one that it is served at. */
  readonly also?: readonly string[];
  /** IGD:1, UPnP alone and no announcements unless these say otherwise. */
  readonly habits?: Habits;
  readonly pxpPort?: number;
  /** In the router's place: an answer, `hang`, or another request for it to answer. `undefined`: it answers itself. */
  readonly instead?: (request: string) => string | undefined;
}

const ACME = {
  device: { friendlyName: 'Router', manufacturer: 'Acme', modelName: 'Router', modelNumber: '' },
  ssdp: { announces: false, delay: millis(5) },
} as const;
/** Where routers are looked for (UPnP DA 2.0 §1). */
const GROUPS = ['239.255.255.250', 'ff02::c', 'ff05::c'].map(ip);

export class Lan extends QuietWorld {
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
  readonly routers: SimRouter[] = [];
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

  host({ on, addresses, mac = 'none', udp = {}, refusesUdp = false, http = {} }: LanHost): this {
    const own = addresses.map(ip);
    const host = this.#addHost(`${addresses.join(' ')} on ${on}`, on, own, mac);
    host.answersClosedPorts = refusesUdp;
    this.#answerUdp(host, own, udp);
    for (const [port, answer] of Object.entries(http)) {
      const serve = async (connection: Connection): Promise<void> => {
        const request = new TextDecoder('latin1').decode(await firstPacket(connection));
        const said = answer(request);
        if (said === 'hang') return;
        await host.system.clock.sleep(millis(1), never);
        await say(connection, new TextEncoder().encode(said));
      };
      for (const address of ['0.0.0.0', '::'].map(ip)) void accept(host, { address, port: Number(port) }, serve);
    }
    return this;
  }

  /** A simulated router, its description at port 5000. Whatever `udp` answers is not answered by it. */
  router(address: string, { on = 'eth0', mac = 'none', also = [], ...more }: LanRouter = {}): this {
    const { habits = [], pxpPort, instead, udp = {}, refusesUdp = false } = more;
    const own = [address, ...also].map(ip);
    const host = this.#addHost(`${own.join(' ')} on ${on}`, on, own, mac);
    host.answersClosedPorts = refusesUdp;
    this.#answerUdp(host, own, udp);
    const six = own.find((each) => familyOf(each) === 'ipv6');
    const system = overheard(host.system, (request, connection) => {
      const said = instead?.(request);
      if (said === undefined || said.startsWith('GET ')) return said ?? request;
      if (said !== 'hang') void say(connection, new TextEncoder().encode(said));
      return undefined;
    });
    const router = new SimRouter({
      system,
      lan: { interfaceName: on, address: ip(address), ...(six === undefined ? {} : { address6: six }) },
      wan: { address: ip('11.22.33.44') },
      personality: personality('miniupnpd-igd1', 'upnp-only', ACME, ...habits),
      ports: { http: 5000, ssdp: udp[1900] === undefined, ...(pxpPort === undefined ? {} : { pxp: pxpPort }) },
    });
    this.routers.push(router);
    this.world.spawn(() => router.start());
    return this;
  }

  /** Nothing that is left to be done is a router's. */
  powerOff(): void {
    for (const router of this.routers) router.powerOff();
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
      write: (bytes) => {
        const [request, version] = new TextDecoder('latin1').decode(bytes).split(' HTTP/');
        if (version !== undefined)
          this.requests.push(`${connection.remote.address}:${connection.remote.port} ${request}`);
        return connection.write(bytes);
      },
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

  #answerUdp(host: SimHost, own: readonly IpAddress[], udp: NonNullable<LanHost['udp']>): void {
    for (const [text, handle] of Object.entries(udp)) {
      const port = Number(text);
      for (const address of own) void this.#listen(host, { address, port }, address, handle);
      for (const group of GROUPS) {
        const address = own.find((each) => familyOf(each) === familyOf(group));
        if (address !== undefined) void this.#listen(host, { address: group, port }, address, handle);
      }
    }
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

const IGD1 = 'urn:schemas-upnp-org:device:InternetGatewayDevice:1';

/** Byte for byte by hand, so that no test agrees with the program's own encoders. */
export function searchAnswer(location: string, target = IGD1): string {
  return (
    `HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nST: ${target}\r\nUSN: uuid:1::${target}\r\n` +
    `EXT:\r\nSERVER: Test/1 UPnP/1.1\r\nLOCATION: ${location}\r\n\r\n`
  );
}

/** Answers every search with these, whatever is looked for. */
export const answering = (...locations: readonly string[]): NonNullable<LanHost['udp']> => ({
  1900: (_bytes, reply) => {
    for (const location of locations) reply(searchAnswer(location));
  },
});

export function http(status: number, body = ''): string {
  return `HTTP/1.1 ${status} Whatever\r\nContent-Type: text/xml\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
}

/** A device's description, with a WANIPConnection at that control URL, or without any service. */
export function description(name: string, control?: string): string {
  const service =
    control === undefined
      ? ''
      : '<service><serviceType>urn:schemas-upnp-org:service:WANIPConnection:1</serviceType><serviceId>x</serviceId>' +
        `<controlURL>${control}</controlURL><eventSubURL>/evt</eventSubURL><SCPDURL>/x.xml</SCPDURL></service>`;
  return (
    '<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device>' +
    `<deviceType>${IGD1}</deviceType><friendlyName>${name}</friendlyName><manufacturer>Acme</manufacturer>` +
    `<modelName>${name}</modelName><UDN>uuid:1</UDN><serviceList>${service}</serviceList></device></root>`
  );
}

export const ROUTER = '192.168.1.1';
export const MAC = '00:11:22:33:44:55';

/** This machine, and a default route to nobody. */
export const home = (): Lan => new Lan().interface('eth0', ['192.168.1.7/24']).defaultRoute('eth0', ROUTER);

export const homeRouter = (router: LanRouter = {}): Lan => home().router(ROUTER, { mac: MAC, ...router });

export const PXP: Habits = [{ protocols: { igd: true, natPmp: true, pcp: true } }];
export const PCP_ONLY: Habits = [{ protocols: { igd: false, natPmp: false, pcp: true } }];
