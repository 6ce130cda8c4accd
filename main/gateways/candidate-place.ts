/** Where a description may be fetched that somebody on the LAN pointed at (D20, D21). */
import { familyOf, scopeOf } from '../contract/address.ts';
import type { IpAddress } from '../contract/address.ts';
import { parseHttpUrl } from '../wire/url.ts';
import type { HttpUrl } from '../wire/url.ts';
import { WireError } from '../wire/wire-error.ts';
import { isOnLink, isOwn } from './links.ts';
import type { Link } from './links.ts';

export interface Place {
  readonly url: HttpUrl;
  /** LOCATION named another machine or a name: the same port and path on the host that answered are asked instead. */
  readonly isMoved: boolean;
}

/** Only plain http on the host that answered, or on another host of the same link (D8). `undefined` when LOCATION is no
 * http URL at all. */
export function placeOf(location: string, from: IpAddress, link: Link): Place | undefined {
  const url = parseHttpUrl(location);
  if (!(url instanceof WireError)) {
    if (url.address === from || isNeighbour(url.address, link))
      return { url: onLink(url, url.address, link), isMoved: false };
    return { url: onLink(url, from, link), isMoved: true };
  }
  // X38: a name is not looked up.
  const named = parseHttpUrl(location.trim().replace(/^http:\/\/[a-z\d._-]{1,255}(?=[:/?]|$)/i, 'http://0.0.0.0'));
  return named instanceof WireError ? undefined : { url: onLink(named, from, link), isMoved: true };
}

function isNeighbour(address: IpAddress, link: Link): boolean {
  const scope = scopeOf(address);
  if (scope === 'multicast' || scope === 'unspecified') return false;
  // Nobody may point us at our own services.
  return isOnLink(link, address) && (!isOwn(link, address) || link.loopback);
}

function onLink(url: HttpUrl, address: IpAddress, link: Link): HttpUrl {
  const needsZone = familyOf(address) === 'ipv6' && scopeOf(address) === 'link-local';
  return { address, port: url.port, target: url.target, ...(needsZone ? { zone: link.name } : {}) };
}
