/** The machine's interfaces as a search sees them: which are worth asking, in which order, and who is on them. */
import { familyOf, inNetwork, ip, scopeOf, type Family, type IpAddress } from '../../contract/address.ts';
import { asGatewayId, type GatewayId } from '../../contract/model.ts';
import type { DefaultRoute, InterfaceAddress, NetworkInterface, NetworkState, Routes } from '../../system/system.ts';
import type { SearchOptions } from '../gateway.ts';
import { parseHttpUrl, type HttpUrl } from '../../wire/url.ts';
import { WireError } from '../../wire/wire-error.ts';

export interface Link {
  readonly name: string;
  readonly addresses: readonly InterfaceAddress[];
  readonly loopback: boolean;
  readonly virtual: boolean;
  /** Default routers reached through this interface, best first, each once. */
  readonly routers: readonly IpAddress[];
  /** Families whose best default route on this machine leaves here. */
  readonly defaultFor: readonly Family[];
  /** Our address as seen by the gateway that is asked over it, where a NAT lies between. */
  readonly seenAs?: IpAddress | undefined;
}

export type LinkChoice = Pick<SearchOptions, 'onlyInterfaces' | 'exceptInterfaces'>;

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

export interface SearchTarget {
  readonly url: HttpUrl;
  /** LOCATION named another machine or a name: the same port and path on the host that answered are asked instead. */
  readonly isMoved: boolean;
}

/** Only plain http on the host that answered, on a default router of its link, for which another may answer (D8), or
 * on a global IPv6 address of that link when the default router itself says so: routes know its link-local one only.
 * `undefined` when LOCATION is no http URL at all. */
export function placeOf(location: string, from: IpAddress, link: Link): SearchTarget | undefined {
  const url = parseHttpUrl(location);
  if (!(url instanceof WireError)) {
    if (isTrusted(url.address, from, link)) return { url: onLink(url, url.address, link), isMoved: false };
    return { url: onLink(url, from, link), isMoved: true };
  }
  // X38: a name is not looked up.
  const named = parseHttpUrl(location.trim().replace(/^http:\/\/[a-z\d._-]{1,255}(?=[:/?]|$)/i, 'http://0.0.0.0'));
  return named instanceof WireError ? undefined : { url: onLink(named, from, link), isMoved: true };
}

function isTrusted(address: IpAddress, from: IpAddress, link: Link): boolean {
  if (address === from) return true;
  // Nobody may point us at our own services.
  if (isOwn(link, address) && !link.loopback) return false;
  if (link.routers.includes(address)) return true;
  const isLinkLocalRouter = link.routers.includes(from) && isIpv6LinkLocal(from);
  return isLinkLocalRouter && familyOf(address) === 'ipv6' && !isIpv6LinkLocal(address) && isOnLink(link, address);
}

const isIpv6LinkLocal = (address: IpAddress): boolean =>
  familyOf(address) === 'ipv6' && scopeOf(address) === 'link-local';

function onLink(url: HttpUrl, address: IpAddress, link: Link): HttpUrl {
  return { address, port: url.port, target: url.target, ...(isIpv6LinkLocal(address) ? { zone: link.name } : {}) };
}
