/**
 * The contract over HTTP: `POST /command/NAME` answers, `GET /snapshots` is a line for each snapshot, `POST /hold/ID`
 * holds a profile for as long as its connection lasts.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { Dispatch } from '../engine/dispatch.ts';
import type { Log } from '../system/system.ts';
import {
  COMMAND_PATH,
  HELLO_PATH,
  HOLD_PATH,
  HOST,
  JSON_TYPE,
  LINES_TYPE,
  MOST_INPUT,
  SNAPSHOTS_PATH,
} from './protocol.ts';

export interface RemoteServerOptions {
  readonly dispatch: Dispatch;
  readonly log: Log;
  /** `Host` headers that are answered; others are whoever was made to ask by a page or a name that rebinds. */
  readonly hosts?: ReadonlySet<string>;
}

export interface RemoteServer {
  /** Ends every connection. Idempotent. */
  stop(): Promise<void>;
}

/** Milliseconds for the head, and for the whole, of a request; answers may take as long as routers do. */
const HEAD_WITHIN = 5000;
const REQUEST_WITHIN = 15_000;
const MOST_CONNECTIONS = 128;
const MOST_HEAD = 8192;

class HttpFault extends Error {
  override readonly name = 'HttpFault';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** @param address path of a Unix socket, or name of a pipe @throws Error of `listen` */
export async function serveOn(address: string, options: RemoteServerOptions): Promise<RemoteServer> {
  const { log } = options;
  const server = createServer(
    {
      headersTimeout: HEAD_WITHIN,
      requestTimeout: REQUEST_WITHIN,
      maxHeaderSize: MOST_HEAD,
      // Looked for more often than those limits are long.
      connectionsCheckingInterval: 1000,
    },
    (request, response) => {
      answer(request, response, options).catch((error: unknown) => {
        refuse(response, error, log);
      });
    },
  );
  server.maxConnections = MOST_CONNECTIONS;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(address, resolve);
  await promise;
  server.on('error', (error) => log.write('warn', 'the control socket failed', { error: error.message }));
  return { stop: () => stopped(server) };
}

async function stopped(server: Server): Promise<void> {
  if (!server.listening) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeAllConnections();
  await promise;
}

async function answer(request: IncomingMessage, response: ServerResponse, options: RemoteServerOptions): Promise<void> {
  const { dispatch, hosts = new Set([HOST]) } = options;
  if (!hosts.has(request.headers.host ?? '')) throw new HttpFault(403, 'this Host is not answered');
  const path = request.url ?? '';
  if (path === HELLO_PATH) {
    mustBe('GET', request);
    sendJson(response, 200, {});
  } else if (path === SNAPSHOTS_PATH) {
    mustBe('GET', request);
    sendSnapshots(response, dispatch);
  } else if (path.startsWith(COMMAND_PATH)) {
    mustBe('POST', request);
    const input = await bodyOf(request);
    const { signal } = untilClosed(response);
    sendJson(response, 200, await dispatch.command(nameAfter(COMMAND_PATH, path), input, signal));
  } else if (path.startsWith(HOLD_PATH)) {
    mustBe('POST', request);
    await bodyOf(request);
    const answered = await dispatch.hold(nameAfter(HOLD_PATH, path), untilClosed(response).signal);
    if (response.destroyed) return;
    response.writeHead(200, { 'Content-Type': LINES_TYPE }).write(`${JSON.stringify(answered)}\n`);
    if (!answered.ok) response.end();
  } else throw new HttpFault(404, 'there is nothing here');
}

function mustBe(method: 'GET' | 'POST', request: IncomingMessage): void {
  if (request.method !== method) throw new HttpFault(405, `only ${method} is answered here`);
}

function nameAfter(prefix: string, path: string): string {
  try {
    return decodeURIComponent(path.slice(prefix.length));
  } catch {
    throw new HttpFault(400, 'the path is not encoded as it must be');
  }
}

/** Aborts when whoever asked is gone. */
function untilClosed(response: ServerResponse): AbortController {
  const gone = new AbortController();
  const abort = (): void => gone.abort(new HttpFault(499, 'whoever asked is gone'));
  if (response.destroyed) abort();
  else response.once('close', abort);
  return gone;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const type = request.headers['content-type']?.split(';')[0]?.trim();
  // A page of another origin can send other types without being asked first.
  if (type !== JSON_TYPE) throw new HttpFault(415, `only ${JSON_TYPE} is understood`);
  if (Number(request.headers['content-length'] ?? 0) > MOST_INPUT) throw new HttpFault(413, 'this is too much');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MOST_INPUT) throw new HttpFault(413, 'this is too much');
    chunks.push(bytes);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch {
    throw new HttpFault(400, 'this is no JSON');
  }
}

/** Whoever reads slowly misses snapshots, not the latest one; nothing piles up. */
function sendSnapshots(response: ServerResponse, dispatch: Dispatch): void {
  let latest: unknown;
  let isFull = false;
  const send = (): void => {
    if (latest === undefined || isFull || response.destroyed) return;
    const line = `${JSON.stringify(latest)}\n`;
    latest = undefined;
    isFull = !response.write(line);
  };
  response.writeHead(200, { 'Content-Type': LINES_TYPE, 'Cache-Control': 'no-store' });
  const unwatch = dispatch.watch((snapshot) => {
    latest = snapshot;
    send();
  });
  response.on('drain', () => {
    isFull = false;
    send();
  });
  response.once('close', unwatch);
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  if (response.destroyed) return;
  const bytes = Buffer.from(JSON.stringify(value));
  response
    .writeHead(status, { 'Content-Type': JSON_TYPE, 'Content-Length': bytes.length, 'Cache-Control': 'no-store' })
    .end(bytes);
}

function refuse(response: ServerResponse, error: unknown, log: Log): void {
  const status = error instanceof HttpFault ? error.status : 500;
  if (status === 500 && !response.destroyed) log.write('error', 'a request failed', { error: String(error) });
  if (response.destroyed || response.headersSent) {
    response.destroy();
    return;
  }
  const message = error instanceof HttpFault ? error.message : 'Portkeeper met an error of its own';
  // What is left of the request is not read.
  response.setHeader('Connection', 'close');
  sendJson(response, status, { ok: false, fault: { code: 'failed', place: '', message } });
}
