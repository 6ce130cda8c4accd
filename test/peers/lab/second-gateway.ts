/** A second gateway beside a home's own: another router on the same LAN, or a VPN that opens ports. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { UNRESTRICTED } from './flavours.ts';
import { LabGateway } from './gateway.ts';
import type { Home } from './home.ts';
import { Namespace } from './namespace.ts';
import { connectGateway, plug } from './topology.ts';

const WAN = { address: '11.22.33.66', gateway: '11.22.33.1', prefix: 24 };

/** Where ports that a second gateway opens are reached. */
export const SECOND_WAN = WAN.address;
/** Ours in the VPN, whose interface is `wg0`. */
export const VPN = { gateway: '10.2.0.1', client: '10.2.0.2', interfaceName: 'wg0' };

async function gatewayAt(home: Home, name: string, address: string): Promise<LabGateway> {
  const namespace = new Namespace(`${home.prefix}-${name}`, join(home.folder, name));
  await namespace.create();
  const gateway = new LabGateway(name, namespace, { v4: address, v6: undefined, wan: WAN });
  await connectGateway(gateway, WAN, { namespace: home.internet.namespace, bridge: 'net0' });
  // Answers go back the way they came, whatever the client's default route.
  await namespace.nft(`
    table ip back {
      chain postrouting {
        type nat hook postrouting priority 90; policy accept
        oifname "lan0" masquerade
      }
    }
  `);
  return gateway;
}

/** Another router on the home's LAN, with all protocols; it goes away with the home. */
export async function addRouter(home: Home): Promise<LabGateway> {
  const router = await gatewayAt(home, 'second', '192.168.71.2');
  await plug(router.namespace, 'uplink', { namespace: home.gateway.namespace, bridge: 'lan0' });
  await router.namespace.ip('link set uplink master lan0');
  await router.daemon.configure(UNRESTRICTED, { ipv6: false, uuid: randomUUID() });
  await router.start();
  return router;
}

/** Another network of the client's with a router of its own, over an interface of its own. */
export const OTHER_NETWORK = { gateway: '192.168.72.1', client: '192.168.72.10', interfaceName: 'wlan0' };

/** @param metric of the default route through it; the home router's is 0 */
export async function addNetwork(home: Home, metric: number): Promise<LabGateway> {
  const { gateway, client, interfaceName } = OTHER_NETWORK;
  const router = await gatewayAt(home, 'network', gateway);
  await plug(home.client.namespace, interfaceName, { namespace: router.namespace, bridge: 'lan0' });
  await home.client.namespace.ip(`
    addr add ${client}/24 dev ${interfaceName}
    route add default via ${gateway} dev ${interfaceName} metric ${metric}
  `);
  await router.daemon.configure(UNRESTRICTED, { ipv6: false, uuid: randomUUID() });
  await router.start();
  return router;
}

/** A VPN beside the home router, not the default route, whose gateway speaks NAT-PMP only (M11). */
export async function addVpn(home: Home): Promise<LabGateway> {
  const vpn = await gatewayAt(home, 'vpn', VPN.gateway);
  await plug(home.client.namespace, VPN.interfaceName, { namespace: vpn.namespace, bridge: 'lan0' });
  await home.client.namespace.ip(`addr add ${VPN.client}/24 dev ${VPN.interfaceName}`);
  await vpn.daemon.configure({ ...UNRESTRICTED, upnp: false }, { ipv6: false, uuid: randomUUID() });
  // The first byte of a request is the protocol's version: 2 is PCP.
  await vpn.namespace.nft(`
    table inet natpmp-only {
      chain input {
        type filter hook input priority -400; policy accept
        udp dport 5351 @th,64,8 2 drop
      }
    }
  `);
  await vpn.start();
  return vpn;
}
