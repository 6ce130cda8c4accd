/** IP addresses as canonical text, compared with `===`. Parsing is ipaddr.js's; what an address means is RFC 6890's. */
import ipaddr from 'ipaddr.js';

declare const canonical: unique symbol;
/** Canonical text of an IPv4 or IPv6 address without zone; an IPv4-mapped IPv6 address is held as IPv4. */
export type IpAddress = string & { readonly [canonical]: 'ip' };
export type Family = 'ipv4' | 'ipv6';

export type AddressScope =
  | 'public'
  | 'private'
  | 'shared'
  | 'unique-local'
  | 'link-local'
  | 'loopback'
  | 'multicast'
  | 'unspecified'
  | 'documentation'
  | 'reserved';

export interface Endpoint {
  readonly address: IpAddress;
  /** 0 … 65535; plain, because peers may send from anything. */
  readonly port: number;
  /** Interface name of a link-local IPv6 address. */
  readonly zone?: string;
}

export interface Cidr {
  readonly address: IpAddress;
  readonly prefix: number;
}

/** Looked at first: the library throws, and catches, an error for each text that is no address. */
const FOUR_PARTS = /^\d{1,3}(?:\.\d{1,3}){3}$/;

function parsed(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  if (text.length > 64 || text.includes('%')) return undefined;
  if (FOUR_PARTS.test(text)) return ipaddr.IPv4.isValidFourPartDecimal(text) ? ipaddr.IPv4.parse(text) : undefined;
  if (!text.includes(':') || !ipaddr.IPv6.isValid(text)) return undefined;
  const six = ipaddr.IPv6.parse(text);
  return six.isIPv4MappedAddress() ? six.toIPv4Address() : six;
}

function known(address: IpAddress): ipaddr.IPv4 | ipaddr.IPv6 {
  return ipaddr.parse(address);
}

/** Four-part decimal IPv4 or RFC 4291 IPv6 text, brackets and zone not accepted; surrounding blanks are. */
export function parseIp(text: string): IpAddress | undefined {
  return parsed(text.trim())?.toString() as IpAddress | undefined;
}

/** @throws RangeError when `text` is not an address; for constants and values already checked */
export function ip(text: string): IpAddress {
  const address = parseIp(text);
  if (address === undefined) throw new RangeError(`not an IP address: ${text}`);
  return address;
}

export function familyOf(address: IpAddress): Family {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}

/** Ranges of RFC 6890; 100.64/10 is `shared` (RFC 6598), fc00::/7 `unique-local` (RFC 4193). */
export function scopeOf(address: IpAddress): AddressScope {
  if (latest?.address !== address) latest = { address, scope: scopeIn(address) };
  return latest.scope;
}

/** The same question is asked about everything open through a router. */
let latest: { readonly address: IpAddress; readonly scope: AddressScope } | undefined;

function scopeIn(address: IpAddress): AddressScope {
  const range: string = known(address).range();
  switch (range) {
    case 'unicast':
      return 'public';
    case 'private':
      return 'private';
    case 'carrierGradeNat':
      return 'shared';
    case 'uniqueLocal':
      return 'unique-local';
    case 'linkLocal':
      return 'link-local';
    case 'loopback':
      return 'loopback';
    case 'multicast':
      return 'multicast';
    case 'unspecified':
      return 'unspecified';
    default:
      return address.startsWith('192.0.2.') ||
        address.startsWith('198.51.100.') ||
        address.startsWith('203.0.113.') ||
        address.startsWith('2001:db8:')
        ? 'documentation'
        : 'reserved';
  }
}

/** Can a packet from anywhere in the internet be routed to it? */
export const isPublic = (address: IpAddress): boolean => scopeOf(address) === 'public';

/** Sixteen bytes as PCP carries addresses: IPv4 as ::ffff:a.b.c.d (RFC 6887 §5). */
export function toBytes16(address: IpAddress): Uint8Array {
  const value = known(address);
  const six = value instanceof ipaddr.IPv4 ? value.toIPv4MappedAddress() : value;
  return Uint8Array.from(six.toByteArray());
}

/** @throws RangeError when there are not 4 or 16 bytes */
export function fromBytes(bytes: Uint8Array): IpAddress {
  if (bytes.length !== 4 && bytes.length !== 16)
    throw new RangeError(`an address has 4 or 16 bytes, not ${bytes.length}`);
  return ip(ipaddr.fromByteArray([...bytes]).toString());
}

/** Four bytes of an IPv4 address. @throws RangeError for IPv6 */
export function toBytes4(address: IpAddress): Uint8Array {
  const value = known(address);
  if (!(value instanceof ipaddr.IPv4)) throw new RangeError(`not an IPv4 address: ${address}`);
  return Uint8Array.from(value.toByteArray());
}

/** `192.168.1.0/24`, `fd00::/8`, or a bare address as its own network. */
export function parseCidr(text: string): Cidr | undefined {
  const [head, tail, more] = text.trim().split('/');
  const address = parseIp(head ?? '');
  if (address === undefined || more !== undefined) return undefined;
  const width = familyOf(address) === 'ipv4' ? 32 : 128;
  if (tail === undefined) return { address, prefix: width };
  if (!/^\d{1,3}$/.test(tail)) return undefined;
  const prefix = Number(tail);
  return prefix <= width ? { address, prefix } : undefined;
}

export function inNetwork(address: IpAddress, network: Cidr): boolean {
  const value = known(address);
  const base = known(network.address);
  if (value instanceof ipaddr.IPv4 && base instanceof ipaddr.IPv4) return value.match(base, network.prefix);
  if (value instanceof ipaddr.IPv6 && base instanceof ipaddr.IPv6) return value.match(base, network.prefix);
  return false;
}

/** The first address of a network, which names it, and the last: over IPv4 that of everybody in it (RFC 919 §7). */
export function edgesOf({ address, prefix }: Cidr): { readonly first: IpAddress; readonly last: IpAddress } {
  const text = `${address}/${prefix}`;
  const kind = familyOf(address) === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6;
  const [first, last] = [kind.networkAddressFromCIDR(text), kind.broadcastAddressFromCIDR(text)];
  return { first: ip(first.toString()), last: ip(last.toString()) };
}

/** `1.2.3.4:80` or `[fe80::1%eth0]:80`, for URLs, headers and messages. */
export function endpointText(endpoint: Endpoint, options: { readonly zone?: boolean } = {}): string {
  const zone = options.zone === true && endpoint.zone !== undefined ? `%${endpoint.zone}` : '';
  return familyOf(endpoint.address) === 'ipv4'
    ? `${endpoint.address}:${endpoint.port}`
    : `[${endpoint.address}${zone}]:${endpoint.port}`;
}

/** Where the router in front probably is: at the first address of its network, or at the last one. @param external IPv4 */
export function likelyUpstream(external: IpAddress): IpAddress {
  const first = ip(external.replace(/\d+$/, '1'));
  return first === external ? ip(external.replace(/\d+$/, '254')) : first;
}
