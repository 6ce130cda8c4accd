/** Where SSDP speaks (UPnP Device Architecture 2.0 §1.1 and annex A). */
import { ip } from '../../contract/address.ts';
import type { Family, IpAddress } from '../../contract/address.ts';
import type { UdpOptions } from '../../system/system.ts';
import { addressesOf } from './links.ts';
import type { Link } from './links.ts';

export const SSDP_PORT = 1900;

export const SSDP_GROUPS: Readonly<Record<Family, readonly IpAddress[]>> = {
  ipv4: [ip('239.255.255.250')],
  // Link-local and site-local scope.
  ipv6: [ip('ff02::c'), ip('ff05::c')],
};

/** Does NT or ST name something that a router is? Only for sorting out what was said unasked: what a device really is, its
 * description tells (D3). */
export function isGatewayTarget(target: string): boolean {
  // Bounded: `WAN` may stand in it again and again.
  return /InternetGatewayDevice|WAN(?:Connection)?Device|WAN\w{0,32}Connection|WANIPv6FirewallControl|^upnp:rootdevice$/i.test(
    target,
  );
}

/** For hearing `groups` on one interface, beside other programs that listen on the same port (H2, H5).
 * `undefined` when the link has no address of that family. */
export function listeningOn(
  link: Link,
  family: Family,
  port: number,
  groups: readonly IpAddress[],
): UdpOptions | undefined {
  const [own] = addressesOf(link, family);
  if (own === undefined) return undefined;
  return {
    family,
    localPort: port,
    share: true,
    multicast: { groups, interfaceName: link.name, interfaceAddress: own.address },
  };
}
