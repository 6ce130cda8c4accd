/**
 * HTTP/1.x for talking to routers: requests in the shape that old ones read, answers in whatever shape they come.
 * Redirects, cookies, compression and kept connections are left out on purpose (D21, X33).
 */
import {
  bodyOfLength,
  bodyUntilClose,
  ChunkedBody,
  encodeMessage,
  type BodyReader,
  type Header,
  type MessageHead,
} from './http-parts.ts';
import { MessageReader, type Framing, type MessageLimits, type Progress } from './http-reader.ts';
import { WireError, type Decoded } from './wire-error.ts';

export interface HttpRequest {
  readonly method: string;
  /** Sent byte for byte (X15). */
  readonly target: string;
  /** Address and port (X17); see `hostOf` in url.ts. */
  readonly host: string;
  /** Sent after Host, in this order and spelling (X16). */
  readonly headers: readonly Header[];
  readonly body?: string;
  /** 1.1 when absent; some routers take only 1.0 (X22). */
  readonly version?: '1.1' | '1.0';
}

export interface HttpResponse {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

export interface ReceivedRequest {
  /** Upper case. */
  readonly method: string;
  readonly target: string;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
}

/** To be handed to the kernel in one write (X19). A body always has its Content-Length (X21); never `Expect` (X18). */
export function encodeRequest(request: HttpRequest): Uint8Array {
  const body = request.body;
  return encodeMessage(
    `${request.method} ${request.target.replaceAll(' ', '%20')} HTTP/${request.version ?? '1.1'}`,
    [
      ['Host', request.host],
      ...request.headers,
      ...(body === undefined ? [] : [contentLength(body)]),
      ['Connection', 'close'],
    ],
    body,
  );
}

/** Answers to event notifications. */
export function encodeResponse(response: {
  readonly status: number;
  readonly reason: string;
  readonly headers?: readonly Header[];
  readonly body?: string;
}): Uint8Array {
  const body = response.body ?? '';
  return encodeMessage(
    `HTTP/1.1 ${response.status} ${response.reason}`,
    [...(response.headers ?? []), contentLength(body), ['Connection', 'close']],
    body,
  );
}

function contentLength(body: string): Header {
  return ['Content-Length', String(new TextEncoder().encode(body).length)];
}

/** One response; 1xx are passed over. Push what comes until it is no longer `more`, or call `end` when the peer closes. */
export class HttpResponseReader {
  readonly #reader: MessageReader;
  #status = 200;
  #headers: ReadonlyMap<string, string> = new Map();

  constructor(limits: MessageLimits = {}) {
    this.#reader = new MessageReader({ frame: (head) => this.#frame(head), mayLackHead: true }, limits);
  }

  push(bytes: Uint8Array): Progress {
    return this.#reader.push(bytes);
  }

  end(): 'done' | WireError {
    return this.#reader.end();
  }

  /** 200 as long as none was read. */
  get status(): number {
    return this.#status;
  }

  /** @throws Error before the reader is done */
  get response(): HttpResponse {
    requireDone(this.#reader);
    return { status: this.#status, headers: this.#headers, body: this.#reader.body };
  }

  #frame(head: MessageHead): Decoded<Framing> {
    const status = statusOf(head.startLine);
    if (status === undefined) return new WireError('not an HTTP status line', head.startLine);
    if (status < 200) return 'skip';
    this.#status = status;
    this.#headers = head.headers;
    return status === 204 || status === 304 ? 'none' : (framedBody(head) ?? bodyUntilClose());
  }
}

/** `HTTP/1.1 200 OK`, and `HTTP/1.1 200OK`, `HTTP 200`, `ICY 200 OK`, `200 OK` (X24). */
function statusOf(line: string): number | undefined {
  const digits = /^(?:(?:HTTP|ICY)[/\d.]{0,12}\s+)?([1-5]\d\d)(?!\d)/i.exec(line)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function framedBody(head: MessageHead): BodyReader | undefined {
  if (/chunked/i.test(head.headers.get('transfer-encoding') ?? '')) return new ChunkedBody();
  const length = /^\d{1,15}/.exec(head.headers.get('content-length') ?? '')?.[0];
  return length === undefined ? undefined : bodyOfLength(Number(length));
}

/** One request, for the GENA event callback. */
export class HttpRequestReader {
  readonly #reader: MessageReader;
  #method = '';
  #target = '';
  #headers: ReadonlyMap<string, string> = new Map();

  constructor(limits: MessageLimits = {}) {
    this.#reader = new MessageReader({ frame: (head) => this.#frame(head), mayLackHead: false }, limits);
  }

  push(bytes: Uint8Array): Progress {
    return this.#reader.push(bytes);
  }

  end(): 'done' | WireError {
    return this.#reader.end();
  }

  /** @throws Error before the reader is done */
  get request(): ReceivedRequest {
    requireDone(this.#reader);
    return { method: this.#method, target: this.#target, headers: this.#headers, body: this.#reader.body };
  }

  #frame(head: MessageHead): Decoded<Framing> {
    const [, method, target] = /^([a-z-]{1,32})\s+(\S{1,2048})(?:\s+HTTP.*)?$/i.exec(head.startLine) ?? [];
    if (method === undefined || target === undefined) return new WireError('not an HTTP request line', head.startLine);
    this.#method = method.toUpperCase();
    this.#target = target;
    this.#headers = head.headers;
    const body = framedBody(head);
    if (body !== undefined) return body;
    // A notification always has a property set, with or without its length.
    return this.#method === 'NOTIFY' ? bodyUntilClose() : 'none';
  }
}

function requireDone(reader: MessageReader): void {
  if (!reader.isDone) throw new Error('the HTTP message is not complete');
}
