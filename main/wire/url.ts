/**
 * URLs as routers give them: http and literal addresses only (D21, X38), and the path and query kept byte for byte,
 * because routers compare them as they were written (X15).
 */
import { endpointText, parseIp, type IpAddress } from '../contract/address.ts';
import { WireError, type Decoded } from './wire-error.ts';

export interface HttpUrl {
  readonly address: IpAddress;
  /** Interface of a link-local IPv6 address: for the socket, never for the Host header (D19). */
  readonly zone?: string | undefined;
  /** 1 … 65535. */
  readonly port: number;
  /** Path and query as they stand in the request line; starts with `/`. */
  readonly target: string;
}

const MAX_LENGTH = 2048;
const ABSOLUTE = /^[a-z][a-z\d+.-]*:\/\//i;
const HTTP = /^http:\/\/([^/?#]*)([^#]*)/i;
/** RFC 6874 zone, its `%` escaped or not. */
const SIX = /^\[([\da-f:.]+)(?:%(?:25)?([\w.~-]{1,64}))?\](?::(\d{0,5}))?$/i;
const FOUR = /^([\d.]+)(?::(\d{0,5}))?$/;

export function parseHttpUrl(text: string): Decoded<HttpUrl> {
  const url = text.trim();
  const failure = unusable(url);
  if (failure !== undefined) return failure;
  const [, authority, rest] = HTTP.exec(url) ?? [];
  if (authority === undefined || rest === undefined) return new WireError('not an http URL', text);
  const six = SIX.exec(authority);
  const [host, zone, port] = six === null ? pick(FOUR.exec(authority)) : [six[1], six[2], six[3]];
  const address = parseIp(host ?? '');
  if (address === undefined) return new WireError('the URL does not name a literal address', text);
  const number = port === undefined || port === '' ? 80 : Number(port);
  if (number < 1 || number > 65_535) return new WireError('the URL has no usable port', text);
  return { address, zone, port: number, target: targetFrom(rest) };
}

function pick(four: RegExpExecArray | null): [string | undefined, undefined, string | undefined] {
  return [four?.[1], undefined, four?.[2]];
}

function unusable(url: string): WireError | undefined {
  if (url.length > MAX_LENGTH) return new WireError('URL too long', url);
  if (/[\x00-\x1f\x7f]/.test(url)) return new WireError('URL with control characters', url);
  return undefined;
}

function targetFrom(rest: string): string {
  // A blank would end the target in the request line.
  const target = rest.replaceAll(' ', '%20');
  return target.startsWith('/') ? target : `/${target}`;
}

/** RFC 3986 §5.2 without normalising: only dot segments that lead a relative reference are resolved (X14, X15). */
export function resolveHttpUrl(base: HttpUrl, reference: string): Decoded<HttpUrl> {
  const text = reference.trim();
  if (ABSOLUTE.test(text)) return parseHttpUrl(text);
  const failure = unusable(text);
  if (failure !== undefined) return failure;
  if (text.startsWith('//')) {
    const network = parseHttpUrl(`http:${text}`);
    // Otherwise it is a path whose first segment is empty.
    if (!(network instanceof WireError)) return network;
  }
  const [relative = ''] = text.split('#', 1);
  if (relative === '') return base;
  if (relative.startsWith('/')) return { ...base, target: targetFrom(relative) };
  const [path = '/'] = base.target.split('?', 1);
  if (relative.startsWith('?')) return { ...base, target: targetFrom(path + relative) };
  return { ...base, target: targetFrom(merge(path, relative)) };
}

function merge(path: string, reference: string): string {
  let folder = path.slice(0, path.lastIndexOf('/') + 1);
  let rest = reference;
  for (;;) {
    if (rest === '.' || rest.startsWith('./')) {
      rest = rest.slice(2);
    } else if (rest === '..' || rest.startsWith('../')) {
      rest = rest.slice(3);
      folder = folder.slice(0, folder.lastIndexOf('/', folder.length - 2) + 1) || '/';
    } else {
      return folder + rest;
    }
  }
}

/** For the Host header: always with the port (X17), never with the zone (D19). */
export function hostOf(url: HttpUrl): string {
  return endpointText({ address: url.address, port: url.port });
}

/** With the zone, where there is one, as RFC 6874 writes it. */
export function httpUrlText(url: HttpUrl): string {
  const zone = url.zone === undefined ? {} : { zone: `25${url.zone}` };
  return `http://${endpointText({ address: url.address, port: url.port, ...zone }, { zone: true })}${url.target}`;
}
