/** HTTP/1.x of a simulated gateway, small and bounded: one request per connection, as miniupnpd has it. */
import type { Connection } from '../../system/system.ts';
import type { Personality } from '../router/personality.ts';
import { joined } from '../router/router-state.ts';

const longestHead = 8192;
const longestBody = 65_536;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export interface HttpRequest {
  readonly method: string;
  /** As in the request line. */
  readonly target: string;
  /** `1.0`, `1.1`. */
  readonly version: string;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
  readonly type?: string;
}

const reasons: Readonly<Record<number, string>> = {
  200: 'OK',
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  412: 'Precondition Failed',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
};

interface Head {
  readonly text: string;
  /** Where the body begins. */
  readonly end: number;
}

function findHead(bytes: Uint8Array): Head | undefined {
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== 10) continue;
    const next = bytes[at + 1] === 13 ? at + 2 : at + 1;
    if (bytes[next] === 10) return { text: decoder.decode(bytes.subarray(0, at)), end: next + 1 };
  }
  return undefined;
}

/** By lower-case name; lines without a colon are passed over. */
export function headersOf(lines: readonly string[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const at = line.indexOf(':');
    if (at > 0) headers.set(line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim());
  }
  return headers;
}

function parseHead(text: string): Omit<HttpRequest, 'body'> | undefined {
  const [first = '', ...lines] = text.split(/\r?\n/);
  const [, method, target, version] = /^([\w-]{1,16}) (\S{1,2000}) HTTP\/(\d\.\d)$/.exec(first.trimEnd()) ?? [];
  if (method === undefined || target === undefined || version === undefined) return undefined;
  return { method, target, version, headers: headersOf(lines) };
}

/** The request, `bad` when it is none or too large, `gone` when the client left or (X19) sent it in pieces.
 * @throws NetworkError, or the signal's reason */
export async function readRequest(
  connection: Connection,
  onePacket: boolean,
  signal: AbortSignal,
): Promise<HttpRequest | 'bad' | 'gone'> {
  let bytes: Uint8Array = new Uint8Array();
  for (;;) {
    const more = await connection.read(signal);
    if (more === undefined) return bytes.length === 0 ? 'gone' : 'bad';
    bytes = joined(bytes, more);
    const head = findHead(bytes);
    if (head === undefined) {
      if (onePacket) return 'gone';
      if (bytes.length > longestHead) return 'bad';
      continue;
    }
    const parsed = parseHead(head.text);
    const length = Number(parsed?.headers.get('content-length') ?? 0);
    if (parsed === undefined || !Number.isInteger(length) || length < 0 || length > longestBody) return 'bad';
    // X21: like most routers, no chunked requests.
    if (parsed.headers.has('transfer-encoding')) return 'bad';
    if (bytes.length >= head.end + length) {
      return { ...parsed, body: decoder.decode(bytes.subarray(head.end, head.end + length)) };
    }
    if (onePacket) return 'gone';
  }
}

/** The whole answer; its version is the request's, as miniupnpd has it. */
export function writeHttp(
  traits: Personality['http'],
  server: string,
  version: string,
  response: HttpResponse,
): Uint8Array {
  const body = encoder.encode(response.body ?? '');
  const framing = version === '1.0' && traits.framing === 'chunked' ? 'until-close' : traits.framing;
  const lines = [
    `HTTP/${version} ${response.status} ${reasons[response.status] ?? 'Unknown'}`,
    `Content-Type: ${response.type ?? 'text/xml; charset="utf-8"'}`,
    'Connection: close',
    ...(framing === 'length' ? [`Content-Length: ${body.length}`] : []),
    ...(framing === 'chunked' ? ['Transfer-Encoding: chunked'] : []),
    `Server: ${server}`,
    'Ext:',
    ...(response.headers ?? []).map(([name, value]) => `${name}: ${value}`),
  ];
  const head = encoder.encode(`${lines.join(traits.lineEnd)}${traits.lineEnd}${traits.lineEnd}`);
  return joined(head, framing === 'chunked' ? inChunks(body) : body);
}

function inChunks(body: Uint8Array): Uint8Array {
  const size = 700;
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < body.length; at += size) {
    const part = body.subarray(at, at + size);
    chunks.push(encoder.encode(`${part.length.toString(16)}\r\n`), part, encoder.encode('\r\n'));
  }
  return joined(...chunks, encoder.encode('0\r\n\r\n'));
}
