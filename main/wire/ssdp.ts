/** SSDP: searching for gateways and hearing what they announce (UPnP Device Architecture 2.0 §1). */
import { seconds, type Seconds } from '../contract/units.ts';
import { decodeText } from './bytes.ts';
import { encodeMessage, parseHead } from './http-parts.ts';
import { WireError, type Decoded } from './wire-error.ts';

/** Targets that routers were seen to answer, most telling first (D1); some answer only one of them. */
export const SEARCH_TARGETS = [
  'urn:schemas-upnp-org:device:InternetGatewayDevice:2',
  'urn:schemas-upnp-org:device:InternetGatewayDevice:1',
  'urn:schemas-upnp-org:service:WANIPConnection:2',
  'urn:schemas-upnp-org:service:WANIPConnection:1',
  'urn:schemas-upnp-org:service:WANPPPConnection:1',
  'upnp:rootdevice',
  'ssdp:all',
] as const;

export interface Search {
  /** `239.255.255.250:1900`, or the router's own address and 1900 for a unicast search (D6 wants both tried). */
  readonly host: string;
  readonly target: string;
  /** Seconds over which answers may be spread, 1 … 5; 0 leaves the header out, as a unicast search may. */
  readonly mx: number;
  /** `st-first` is the variant for routers whose parser minds the order (D9); `classic` when absent. */
  readonly order?: 'classic' | 'st-first';
}

export interface SsdpMessage {
  readonly kind: 'response' | 'alive' | 'byebye' | 'update' | 'search';
  /** ST or NT; `''` when missing. Only its description says what a device is (D3). */
  readonly target: string;
  /** Opaque text (D11); `''` when missing. */
  readonly usn: string;
  /** Untrusted (D20, D21). */
  readonly location: string | undefined;
  /** SERVER, or USER-AGENT of a search; `''` when missing. */
  readonly server: string;
  readonly maxAge: Seconds | undefined;
  /** BOOTID.UPNP.ORG, or 01-NLS where a UPnP 1.0 device counts its starts there. */
  readonly bootId: number | undefined;
  readonly configId: number | undefined;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Header order, upper case and the blank line are what the pickiest parsers take (D9). */
export function encodeSearch(search: Search): Uint8Array {
  const target = ['ST', search.target] as const;
  const wait = search.mx > 0 ? [['MX', String(search.mx)] as const] : [];
  const man = ['MAN', '"ssdp:discover"'] as const;
  return encodeMessage('M-SEARCH * HTTP/1.1', [
    ['HOST', search.host],
    ...(search.order === 'st-first' ? [target, man, ...wait] : [man, ...wait, target]),
  ]);
}

/** No UDP datagram is longer. */
const MAX_DATAGRAM = 65_535;

export function decodeSsdp(bytes: Uint8Array): Decoded<SsdpMessage> {
  if (bytes.length > MAX_DATAGRAM) return new WireError('SSDP message too long', bytes);
  const { startLine, headers } = parseHead(decodeText(bytes));
  const kind = kindOf(startLine, headers);
  if (kind === undefined) return new WireError('not an SSDP message', bytes);
  const location = headers.get('location');
  return {
    kind,
    target: headers.get('st') ?? headers.get('nt') ?? '',
    usn: headers.get('usn') ?? '',
    location: location === '' ? undefined : location,
    server: headers.get('server') ?? headers.get('user-agent') ?? '',
    maxAge: maxAgeOf(headers),
    bootId: numberIn(headers, 'bootid.upnp.org') ?? numberIn(headers, '01-nls'),
    configId: numberIn(headers, 'configid.upnp.org'),
    headers,
  };
}

function kindOf(startLine: string, headers: ReadonlyMap<string, string>): SsdpMessage['kind'] | undefined {
  if (/^HTTP\/\d(?:\.\d)?\s+200(?!\d)/i.test(startLine)) return 'response';
  if (/^M-SEARCH\s/i.test(startLine)) return 'search';
  if (!/^NOTIFY\s/i.test(startLine)) return undefined;
  switch (headers.get('nts')?.toLowerCase()) {
    case 'ssdp:alive':
      return 'alive';
    case 'ssdp:byebye':
      return 'byebye';
    case 'ssdp:update':
      return 'update';
    default:
      return undefined;
  }
}

function maxAgeOf(headers: ReadonlyMap<string, string>): Seconds | undefined {
  const digits = /max-age\s{0,8}=\s{0,8}"?(\d{1,15})/i.exec(headers.get('cache-control') ?? '')?.[1];
  return digits === undefined ? undefined : seconds(Math.min(Number(digits), 0xffff_ffff));
}

function numberIn(headers: ReadonlyMap<string, string>, name: string): number | undefined {
  const text = headers.get(name) ?? '';
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
