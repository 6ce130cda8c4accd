import { type IpAddress, ip } from '../../main/contract/address.ts';
import type { Transport } from '../../main/contract/model.ts';
import { type Millis, inSeconds } from '../../main/contract/units.ts';
import { askEcho, startEcho } from './echo.ts';
import type { NatPlane } from './nat-plane.ts';
import type { Personality } from '../../main/simulator/router/personality.ts';
import type { SimRouter } from '../../main/simulator/router/router.ts';
import {
  INTERNET,
  LAN,
  type RouterSite,
  homeRouter,
  interfaceAddress,
  lanPrefix6,
  outerRouter,
  secondRouter,
  vpnGateway,
} from './router-site.ts';
import type { SimHost } from './sim-host.ts';
import type { World } from './world.ts';

export interface HomeOptions {
  /** The router's personality: `personality('miniupnpd')` when absent. */
  readonly router?: Personality;
  /** Its external address; 11.22.33.44 when absent. */
  readonly wan?: IpAddress | 'none';
  /** Other hosts of the LAN; 1 when absent. */
  readonly others?: number;
  /** Global and link-local IPv6 addresses for everyone; off when absent. */
  readonly ipv6?: boolean;
  /** Clients of a forward are reached from the LAN by the external address (N8); true when absent. */
  readonly hairpin?: boolean;
  /** The client's default route is a tunnel to a gateway like this: `personality('natpmp-only-vpn')` when true. */
  readonly vpn?: true | Personality;
  /** The router's WAN is the LAN of another: private addresses, or shared ones of a carrier (RFC 6598). */
  readonly doubleNat?: { readonly range: 'private' | 'shared'; readonly router?: Personality };
  /** Another host of the LAN, 192.168.1.66, that opens ports on an internet connection of its own, 11.22.33.66. */
  readonly second?: Personality;
  /** The servers do not start automatically. */
  readonly stopped?: boolean;
}

/** A client, its neighbours and their router, and somebody on the internet. */
export class Home implements RouterSite {
  readonly world: World;
  readonly client: SimHost;
  readonly others: readonly SimHost[];
  readonly router: SimRouter;
  /** The router's machine. */
  readonly host: SimHost;
  readonly plane: NatPlane;
  /** Somebody out there: 9.9.9.9, 2620:fe::9. */
  readonly internet: SimHost;
  readonly vpn: RouterSite | undefined;
  /** The router before the router, of a double NAT. */
  readonly outer: RouterSite | undefined;
  /** Another host of the LAN that opens ports; nobody's default route. */
  readonly second: RouterSite | undefined;
  readonly #echoes = new Map<string, AbortController>();

  constructor(world: World, options: HomeOptions) {
    this.world = world;
    const { network } = world;
    network.segment(INTERNET, { latency: { least: inSeconds(0.005), most: inSeconds(0.03) } });
    this.internet = network.addHost('internet');
    this.internet.addInterface({
      name: 'eth0',
      segment: network.segment(INTERNET),
      addresses: [
        interfaceAddress('9.9.9.9', 0),
        ...(options.ipv6 === true ? [interfaceAddress('2620:fe::9', 0)] : []),
      ],
    });
    this.outer = options.doubleNat === undefined ? undefined : outerRouter(world, options.doubleNat);
    const site = homeRouter(world, options);
    this.router = site.router;
    this.host = site.host;
    this.plane = site.plane;
    this.client = this.#addHost('client', 10, options);
    this.others = Array.from({ length: options.others ?? 1 }, (_, at) =>
      this.#addHost(`neighbour-${at + 1}`, 11 + at, options),
    );
    this.second = options.second === undefined ? undefined : secondRouter(world, options.second);
    this.vpn = options.vpn === undefined ? undefined : vpnGateway(world, this.client, options.vpn);
    // X19: such a router reads one segment, so that a request must not be cut on its way.
    if (this.router.personality.http.onePacket)
      for (const host of [this.client, ...this.others]) host.splitsStreams = false;
  }

  /** The external address by which the internet knows this home; `undefined` while the line is down. */
  get outside(): IpAddress | undefined {
    const { wanAddress } = this.outer?.router ?? this.router;
    return wanAddress === 'none' ? undefined : wanAddress;
  }

  /** Starts, or starts again, a program on `host` that answers with the host's name. */
  async serve(host: SimHost, transport: Transport, port: number): Promise<void> {
    const key = `${host.name} ${transport} ${port}`;
    this.#echoes.get(key)?.abort();
    const stop = new AbortController();
    this.#echoes.set(key, stop);
    await this.world.finish(startEcho(host.system, host.name, { transport, port }, stop.signal));
  }

  /** Real traffic from the internet to the external address: the name of the host that answered, if any did. Time passes
   * meanwhile. */
  async whoAnswers(transport: Transport, externalPort: number, patience?: Millis): Promise<string | undefined> {
    const outside = this.outside;
    if (outside === undefined) return undefined;
    return this.world.finish(
      askEcho(this.internet.system, transport, { address: outside, port: externalPort }, patience),
    );
  }

  /** The client gets another address from DHCP. */
  readdress(host: SimHost, to: IpAddress): void {
    const link = host.interface('eth0');
    link?.setAddresses([interfaceAddress(to, 24), ...link.addresses.filter((own) => own.address.includes(':'))]);
  }

  #addHost(name: string, last: number, options: HomeOptions): SimHost {
    const host = this.world.network.addHost(name);
    const six = [interfaceAddress(`fe80::${last}`, 64), interfaceAddress(`${lanPrefix6}::${last}`, 64)];
    host.addInterface({
      name: 'eth0',
      segment: this.world.network.segment(LAN),
      addresses: [interfaceAddress(`192.168.1.${last}`, 24), ...(options.ipv6 === true ? six : [])],
    });
    const four = { family: 'ipv4', gateway: ip('192.168.1.1'), interfaceName: 'eth0', metric: 100 } as const;
    const gateway6 = { family: 'ipv6', gateway: ip('fe80::1'), interfaceName: 'eth0', metric: 100 } as const;
    host.setDefaultRoutes(options.ipv6 === true ? [four, gateway6] : [four]);
    return host;
  }
}

/** Its servers listen once resolved, unless it is `stopped`. */
export async function createHome(world: World, options: HomeOptions = {}): Promise<Home> {
  const home = new Home(world, options);
  if (options.stopped === true) return home;
  for (const site of [home.outer, home, home.second, home.vpn])
    if (site !== undefined) await world.finish(site.router.start());
  return home;
}
