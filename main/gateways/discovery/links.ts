/** The machine's interfaces as a search sees them: which are worth asking, in which order, and who is on them. */
import { familyOf, inNetwork, ip, scopeOf } from '../../contract/address.ts';
import type { Family, IpAddress } from '../../contract/address.ts';
import type { DefaultRoute, InterfaceAddress, NetworkInterface, NetworkState } from '../../system/system.ts';

export interface Link {
  readonly name: string;
  readonly addresses: readonly InterfaceAddress[];
  readonly loopback: boolean;
  readonly virtual: boolean;
  /** Default routers reached through this interface, best first, each once. */
  readonly routers: readonly IpAddress[];
  /** Families whose best default route on this machine leaves here. */
  readonly defaultFor: readonly Family[];
}

export interface LinkChoice {
  readonly onlyInterfaces?: readonly string[];
  readonly exceptInterfaces?: readonly string[];
}

const isRouter = (route: DefaultRoute): boolean => scopeOf(route.gateway) !== 'unspecified';

/** Interfaces with a usable address, those that own a default route first, then real ones before virtual ones (H3).
 * Loopback is among them only when it is asked for by name. */
export function linksOf(state: NetworkState, choice: LinkChoice): readonly Link[] {
  const bestOf = (family: Family): string | undefined =>
    state.defaultRoutes.find((route) => route.family === family)?.interfaceName;
  const place = (name: string): number => {
    const index = state.defaultRoutes.findIndex((route) => route.interfaceName === name);
    return index === -1 ? state.defaultRoutes.length : index;
  };
  return state.interfaces
    .filter((candidate) => isChosen(candidate, choice))
    .map((candidate) => ({
      name: candidate.name,
      addresses: candidate.addresses.filter(({ address }) => isUsable(address, candidate.loopback)),
      loopback: candidate.loopback,
      virtual: candidate.virtual,
      routers: [
        ...new Set(
          state.defaultRoutes
            .filter((route) => route.interfaceName === candidate.name && isRouter(route))
            .map((route) => route.gateway),
        ),
      ],
      defaultFor: (['ipv4', 'ipv6'] as const).filter((family) => bestOf(family) === candidate.name),
    }))
    .filter((link) => link.addresses.length > 0)
    .toSorted((one, other) => place(one.name) - place(other.name) || Number(one.virtual) - Number(other.virtual));
}

function isChosen(candidate: NetworkInterface, { onlyInterfaces, exceptInterfaces }: LinkChoice): boolean {
  if (exceptInterfaces?.includes(candidate.name) === true) return false;
  return onlyInterfaces === undefined ? !candidate.loopback : onlyInterfaces.includes(candidate.name);
}

function isUsable(address: IpAddress, onLoopback: boolean): boolean {
  const scope = scopeOf(address);
  return scope !== 'unspecified' && scope !== 'multicast' && (scope !== 'loopback' || onLoopback);
}

export function addressesOf(link: Link, family: Family): readonly InterfaceAddress[] {
  return link.addresses.filter(({ address }) => familyOf(address) === family);
}

/** One of the link's own addresses? */
export const isOwn = (link: Link, address: IpAddress): boolean => link.addresses.some((own) => own.address === address);

/** Does the machine's traffic leave through this router? One that a tunnel does not name counts by its link. */
export function isDefaultRouter(link: Link, address: IpAddress): boolean {
  const family = familyOf(address);
  const named = link.routers.find((router) => familyOf(router) === family);
  return link.defaultFor.includes(family) && (named ?? address) === address;
}

/** Reachable on the link without a router, or one of its default routers (which may lie outside its subnets on VPNs). */
export function isOnLink(link: Link, address: IpAddress): boolean {
  if (link.routers.includes(address)) return true;
  if (familyOf(address) === 'ipv6' && scopeOf(address) === 'link-local') {
    return addressesOf(link, 'ipv6').length > 0;
  }
  return link.addresses.some((own) => inNetwork(address, own));
}

/** The link an address is on; addresses of several links (fe80::) belong to the first. */
export function linkOf(links: readonly Link[], address: IpAddress): Link | undefined {
  return links.find((link) => isOnLink(link, address));
}

/** Our address to talk to `peer` from. For IPv6 it is the stable global one, since gateways open pinholes only to the
 * address that asks (V1, V2); a link-local one only when there is no other.
 * `undefined` when the link has no address of that family. */
export function localAddressTo(link: Link, peer: IpAddress): IpAddress | undefined {
  const family = familyOf(peer);
  const own = addressesOf(link, family);
  if (family === 'ipv4') return (own.find((one) => inNetwork(peer, one)) ?? own[0])?.address;
  return own.toSorted((one, other) => reach(one) - reach(other))[0]?.address;
}

/** Has the link an IPv6 address that others could be let in to? */
export const hasGlobalIpv6 = (link: Link): boolean =>
  addressesOf(link, 'ipv6').some(({ address }) => !['link-local', 'loopback'].includes(scopeOf(address)));

/** How far an IPv6 address of ours serves as a pinhole's target; lower is better. */
function reach({ address, temporary }: InterfaceAddress): number {
  const scope = scopeOf(address);
  const distance = scope === 'link-local' || scope === 'loopback' ? 4 : scope === 'unique-local' ? 2 : 0;
  return distance + (temporary ? 1 : 0);
}

/** Where the gateway of a tunnel without a default route probably is: the first host of its subnet, or of the /24
 * around a lone address (P24, M11). One guess, for tunnels only: bridges of containers and virtual machines are their own
 * first host. */
export function guessedRouter(link: Link): IpAddress | undefined {
  if (!link.virtual || link.loopback || link.routers.some((router) => familyOf(router) === 'ipv4')) return undefined;
  const own = addressesOf(link, 'ipv4').find(({ address }) => ['private', 'shared'].includes(scopeOf(address)));
  if (own === undefined) return undefined;
  const first = firstHost(own.address, own.prefix >= 31 ? 24 : own.prefix);
  return isOwn(link, first) ? undefined : first;
}

function firstHost(address: IpAddress, prefix: number): IpAddress {
  const value = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - prefix);
  const first = value - (value % size) + 1;
  return ip([24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.'));
}
