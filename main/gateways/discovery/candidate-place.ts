/** Where a description may be fetched that somebody on the LAN pointed at (D20, D21). */
import { familyOf, scopeOf } from '../../contract/address.ts';
import type { IpAddress } from '../../contract/address.ts';
import { parseHttpUrl } from '../../wire/url.ts';
import type { HttpUrl } from '../../wire/url.ts';
import { WireError } from '../../wire/wire-error.ts';
import { isOnLink, isOwn } from './links.ts';
import type { Link } from './links.ts';

export interface Place {
  readonly url: HttpUrl;
  /** LOCATION named another machine or a name: the same port and path on the host that answered are asked instead. */
  readonly isMoved: boolean;
}

/** Only plain http on the host that answered, on a default router of its link, for which another may answer (D8), or
 * on a global IPv6 address of that link when the default router itself says so: routes know its link-local one only.
 * `undefined` when LOCATION is no http URL at all. */
export function placeOf(location: string, from: IpAddress, link: Link): Place | undefined {
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
