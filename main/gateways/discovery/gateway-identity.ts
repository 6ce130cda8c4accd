/** How gateways, routers and networks are recognised again. */
import { familyOf, inNetwork } from '../../contract/address.ts';
import type { IpAddress } from '../../contract/address.ts';
import { asGatewayId } from '../../contract/model.ts';
import type { GatewayId } from '../../contract/model.ts';
import type { NetworkState, Routes } from '../../system/system.ts';
import type { Link } from './links.ts';

/** `<interface name>/<address>`, see {@link addressOfGateway}. */
export function gatewayIdOf(link: Link, address: IpAddress): GatewayId {
  return asGatewayId(`${link.name}/${addressOfGateway(link, address)}`);
}

/** The address by which the gateway at `address` goes: an IPv6 default router counts as the IPv4 default router of the same
 * interface. */
export function addressOfGateway(link: Link, address: IpAddress): IpAddress {
  if (familyOf(address) === 'ipv4' || !link.routers.includes(address)) return address;
  return link.routers.find((router) => familyOf(router) === 'ipv4') ?? address;
}

/** Key of router memory: hardware address and model; the UDN changes at each reboot of some routers and is left out
 * (D13). Without a hardware address (tunnels) interface and address stand for it. */
export function fingerprintOf(router: {
  readonly mac: string | undefined;
  readonly gateway: GatewayId;
  readonly model: string;
}): string {
  const identity = router.mac ?? router.gateway;
  return router.model === '' ? identity : `${identity} ${router.model.slice(0, 120)}`;
}

/** Names the network that the machine is in: its default router's address, subnet and, once known, hardware address
 * (`192.168.1.1/24 00:11:22:33:44:55`); without a router its first subnet (`- 192.168.1.7/24`). */
export async function networkKeyOf(state: NetworkState, neighbour: Routes['neighbour']): Promise<string> {
  const [route] = state.defaultRoutes;
  const addressesAt = (name: string | undefined): NetworkState['interfaces'][number]['addresses'] =>
    state.interfaces.find((candidate) => candidate.name === name)?.addresses ?? [];
  if (route === undefined) {
    const own = state.interfaces.find((candidate) => !candidate.loopback && candidate.addresses.length > 0)
      ?.addresses[0];
    return own === undefined ? '-' : `- ${own.address}/${own.prefix}`;
  }
  const subnet = addressesAt(route.interfaceName).find((own) => inNetwork(route.gateway, own));
  const place = `${route.gateway}/${subnet?.prefix ?? (familyOf(route.gateway) === 'ipv4' ? 32 : 128)}`;
  const mac = await neighbour(route.gateway);
  return mac === undefined ? place : `${place} ${mac}`;
}
