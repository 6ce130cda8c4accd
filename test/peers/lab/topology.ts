/** Namespaces, cables and addresses of a home. */
import { LAN6, WAN6, type Wan } from './flavours.ts';
import type { LabGateway } from './gateway.ts';
import type { LabHost } from './host.ts';
import type { Namespace } from './namespace.ts';

export interface Socket {
  readonly namespace: Namespace;
  readonly bridge: string;
}

export interface Topology {
  readonly client: LabHost;
  readonly other: LabHost;
  readonly gateway: LabGateway;
  readonly upstream: LabGateway | undefined;
  readonly internet: LabHost;
}

/** @throws Error when this is not root, or iproute2 is missing */
export async function wire(home: Topology, wans: { readonly inner: Wan; readonly outer: Wan }): Promise<void> {
  const { client, other, gateway, upstream, internet } = home;
  const ipv6 = client.address6 !== undefined;
  for (const { namespace } of [client, other, gateway, internet, ...(upstream === undefined ? [] : [upstream])]) {
    await namespace.create();
    // Without duplicate address detection an IPv6 address works at once.
    await namespace.sysctl('net/ipv6/conf/all/accept_dad=0', 'net/ipv6/conf/default/accept_dad=0');
  }

  const outside = await bridge({ namespace: internet.namespace, bridge: 'net0' }, internet.address);
  if (upstream === undefined) {
    await connectGateway(gateway, wans.inner, outside);
  } else {
    await connectGateway(upstream, wans.outer, outside);
    await connectGateway(gateway, wans.inner, { namespace: upstream.namespace, bridge: 'lan0' });
  }
  if (ipv6) await connectGateway6(gateway, internet);
  await connectHost(client, gateway);
  await connectHost(other, gateway);
}

async function bridge(at: Socket, address: string): Promise<Socket> {
  await at.namespace.ip(`
    link add ${at.bridge} type bridge mcast_snooping 0 stp_state 0
    link set ${at.bridge} up
    addr add ${address}/24 dev ${at.bridge}
  `);
  return at;
}

/** A cable: `device` here, `to-…` in the bridge there. */
export async function plug(from: Namespace, device: string, into: Socket): Promise<void> {
  const far = `to-${from.name.split('-').at(-1) ?? ''}`;
  await from.ip(`
    link add ${device} type veth peer name ${far} netns ${into.namespace.name}
    link set ${device} up
  `);
  await into.namespace.ip(`link set ${far} master ${into.bridge} up`);
}

export async function connectGateway(gateway: LabGateway, wan: Wan, uplink: Socket): Promise<void> {
  const { namespace } = gateway;
  await namespace.sysctl('net/ipv4/ip_forward=1');
  await bridge({ namespace, bridge: 'lan0' }, gateway.address);
  await plug(namespace, 'wan0', uplink);
  await namespace.ip(`
    addr add ${wan.address}/${wan.prefix} dev wan0
    route add default via ${wan.gateway}
  `);
}

async function connectGateway6(gateway: LabGateway, internet: LabHost): Promise<void> {
  await gateway.namespace.sysctl('net/ipv6/conf/all/forwarding=1');
  await gateway.namespace.ip(`
    addr add ${LAN6.router}/64 dev lan0 nodad
    addr add ${LAN6.gateway}/64 dev lan0 nodad
    addr add ${WAN6.address}/64 dev wan0 nodad
    route add default via ${WAN6.gateway} dev wan0
  `);
  await internet.namespace.ip(`
    addr add ${WAN6.gateway}/64 dev net0 nodad
    route add ${LAN6.network} via ${WAN6.address}
  `);
}

async function connectHost(host: LabHost, gateway: LabGateway): Promise<void> {
  const { namespace } = host;
  await plug(namespace, 'eth0', { namespace: gateway.namespace, bridge: 'lan0' });
  await namespace.ip(`
    addr add ${host.address}/24 dev eth0
    route add default via ${gateway.address}
    route add 224.0.0.0/4 dev eth0
  `);
  if (host.address6 === undefined) return;
  await namespace.ip(`
    addr add ${host.address6}/64 dev eth0 nodad
    route add default via ${LAN6.router} dev eth0
  `);
}
