import { type IpAddress, ip } from '../../main/contract/address.ts';
import { inSeconds } from '../../main/contract/units.ts';
import type { InterfaceAddress } from '../../main/system/system.ts';
import type { HomeOptions } from './home.ts';
import { NatPlane } from './nat-plane.ts';
import { personality } from '../../main/simulator/personalities/personalities.ts';
import type { Personality } from '../../main/simulator/router/personality.ts';
import { SimRouter } from '../../main/simulator/router/router.ts';
import type { SimHost } from './sim-host.ts';
import type { World } from './world.ts';

/** A router and the machine that it runs on. */
export interface RouterSite {
  readonly router: SimRouter;
  readonly host: SimHost;
  readonly plane: NatPlane;
}

export const LAN = 'lan';
export const INTERNET = 'internet';
const OUTER_LAN = 'outer-lan';
export const lanPrefix6 = '2a02:1111:2222:1';
/** Between a router and the one before it. */
const ranges = {
  private: { gateway: '10.0.0.1', inner: '10.0.0.2' },
  shared: { gateway: '100.64.0.1', inner: '100.64.0.2' },
} as const;

export function homeRouter(world: World, options: HomeOptions): RouterSite {
  const { network } = world;
  const ipv6 = options.ipv6 === true;
  const host = network.addHost('router');
  host.addInterface({
    name: 'lan0',
    segment: network.segment(LAN),
    addresses: [
      interfaceAddress('192.168.1.1', 24),
      ...(ipv6 ? [interfaceAddress('fe80::1', 64), interfaceAddress(`${lanPrefix6}::1`, 64)] : []),
    ],
  });
  const { doubleNat } = options;
  const outer = doubleNat === undefined ? undefined : ranges[doubleNat.range];
  const outside6 = '2a02:1111::44';
  host.addInterface({
    name: 'wan0',
    segment: network.segment(outer === undefined ? INTERNET : OUTER_LAN),
    addresses: ipv6 && outer === undefined ? [interfaceAddress(outside6, 0)] : [],
  });
  if (ipv6 && outer === undefined)
    network.segment(INTERNET).delegate({ address: ip(`${lanPrefix6}::`), prefix: 64 }, ip(outside6));
  if (outer !== undefined)
    host.setDefaultRoutes([{ family: 'ipv4', gateway: ip(outer.gateway), interfaceName: 'wan0', metric: 0 }]);
  return site(host, {
    wan: options.wan ?? ip(outer?.inner ?? '11.22.33.44'),
    wanPrefix: outer === undefined ? 0 : 24,
    lan: { interfaceName: 'lan0', address: ip('192.168.1.1'), ...(ipv6 ? { address6: ip('fe80::1') } : {}) },
    traits: options.router ?? personality(),
    ...(options.hairpin === undefined ? {} : { hairpin: options.hairpin }),
  });
}

export function outerRouter(world: World, options: NonNullable<HomeOptions['doubleNat']>): RouterSite {
  const { network } = world;
  const host = network.addHost('outer-router');
  const { gateway } = ranges[options.range];
  host.addInterface({ name: 'lan0', segment: network.segment(OUTER_LAN), addresses: [interfaceAddress(gateway, 24)] });
  host.addInterface({ name: 'wan0', segment: network.segment(INTERNET) });
  return site(host, {
    wan: ip('11.22.33.44'),
    wanPrefix: 0,
    lan: { interfaceName: 'lan0', address: ip(gateway) },
    traits: options.router ?? personality(),
  });
}

/** Another host of the LAN that opens ports; the clients' default route is not through it. */
export function secondRouter(world: World, traits: Personality): RouterSite {
  const { network } = world;
  const host = network.addHost('second-router');
  const address = '192.168.1.66';
  host.addInterface({ name: 'lan0', segment: network.segment(LAN), addresses: [interfaceAddress(address, 24)] });
  host.addInterface({ name: 'wan0', segment: network.segment(INTERNET) });
  return site(host, {
    wan: ip('11.22.33.66'),
    wanPrefix: 0,
    lan: { interfaceName: 'lan0', address: ip(address) },
    traits,
  });
}

/** The client's tunnel, preferred over its LAN. */
export function vpnGateway(world: World, client: SimHost, choice: true | Personality): RouterSite {
  const { network } = world;
  const host = network.addHost('vpn');
  const tunnel = network.segment('vpn', { latency: { least: inSeconds(0.01), most: inSeconds(0.05) } });
  host.addInterface({
    name: 'tun0',
    segment: tunnel,
    mac: 'none',
    addresses: [interfaceAddress('10.2.0.1', 24)],
    virtual: true,
  });
  host.addInterface({ name: 'wan0', segment: network.segment(INTERNET) });
  client.addInterface({
    name: 'tun0',
    segment: tunnel,
    mac: 'none',
    addresses: [interfaceAddress('10.2.0.2', 24)],
    virtual: true,
  });
  client.setDefaultRoutes([
    { family: 'ipv4', gateway: ip('10.2.0.1'), interfaceName: 'tun0', metric: 50 },
    ...client.links.defaultRoutes,
  ]);
  return site(host, {
    wan: ip('77.88.99.100'),
    wanPrefix: 0,
    lan: { interfaceName: 'tun0', address: ip('10.2.0.1') },
    traits: choice === true ? personality('natpmp-only-vpn') : choice,
  });
}

function site(
  host: SimHost,
  options: {
    readonly wan: IpAddress | 'none';
    readonly wanPrefix: number;
    readonly lan: { readonly interfaceName: string; readonly address: IpAddress; readonly address6?: IpAddress };
    readonly traits: Personality;
    readonly hairpin?: boolean;
  },
): RouterSite {
  const plane = new NatPlane({
    host,
    wan: { interfaceName: 'wan0', prefix: options.wanPrefix },
    lan: { interfaceName: options.lan.interfaceName },
    hairpin: options.hairpin ?? true,
    // L10: traffic keeps an entry from being cleaned away.
    onUse: ({ family, transport, external }) => {
      if (family === 'ipv4') router.lookup(transport, external.port);
    },
  });
  const router = new SimRouter({
    system: host.system,
    lan: options.lan,
    wan: { address: options.wan },
    personality: options.traits,
    plane,
  });
  return { router, host, plane };
}

export function interfaceAddress(text: string, prefix: number): InterfaceAddress {
  return { address: ip(text), prefix, temporary: false };
}
