/**
 * The contract over HTTP, whatever the connection: `POST /command/NAME` answers, `GET /snapshots` is a line for each
 * snapshot. Who may ask is each server's own question.
 */
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { CommandReason } from '../contract/fault-reasons.ts';
import { COMMAND_PATH, JSON_TYPE, SNAPSHOTS_PATH, LINES_TYPE } from '../contract/window-protocol.ts';
import { commandFault } from '../contract/words/faults.ts';
import type { Dispatch } from '../engine/dispatch.ts';
import type { Log } from '../system/system.ts';
import { http, MOST_INPUT } from './protocol.ts';

export interface RemoteServer {
  /** Ends every connection. Idempotent. */
  stop(): Promise<void>;
}

/** Milliseconds for the head, and for the whole, of a request; answers may take as long as routers do. */
const HEAD_WITHIN = 5000;
const REQUEST_WITHIN = 15_000;
const MOST_CONNECTIONS = 128;
const MOST_HEAD = 8192;

/** An answer with a status other than 200. */
export class HttpFault extends Error {
  override readonly name = 'HttpFault';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

type Answering = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** Bounded in connections, and in the size and time of requests. */
export function boundedServer(answer: Answering, log: Log): Server {
  const listener: RequestListener = (request, response) => {
    const work = async (): Promise<void> => answer(request, response);
    work().catch((error: unknown) => refuse(response, error, log));
  };
  const server = http().createServer(
    {
      headersTimeout: HEAD_WITHIN,
      requestTimeout: REQUEST_WITHIN,
      maxHeaderSize: MOST_HEAD,
      // Node looks again and again, also while nobody is connected. Only what `hurry` leaves out is left to that.
      connectionsCheckingInterval: 60_000,
    },
    listener,
  );
  server.maxConnections = MOST_CONNECTIONS;
  hurry(server);
  return server;
}

/** Ends connections whose first request does not come in time, and those of a request that is not whole in time. */
function hurry(server: Server): void {
  const heads = new WeakMap<Socket, NodeJS.Timeout>();
  server.on('connection', (socket) => {
    const timer = setTimeout(() => socket.destroy(), HEAD_WITHIN).unref();
    heads.set(socket, timer);
    socket.once('close', () => clearTimeout(timer));
  });
  server.on('request', (request) => {
    clearTimeout(heads.get(request.socket));
    const timer = setTimeout(() => request.complete || request.socket.destroy(), REQUEST_WITHIN).unref();
    request.once('close', () => clearTimeout(timer));
  });
}

/** @throws Error of `listen` */
export async function listening(server: Server, listen: (done: () => void) => void, log: Log): Promise<RemoteServer> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  listen(resolve);
  await promise;
  server.off('error', reject);
  server.on('error', (error) => log.write('warn', 'local server failed', { error: error.message }));
  return { stop: () => stopped(server) };
}

async function stopped(server: Server): Promise<void> {
  if (!server.listening) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeAllConnections();
  await promise;
}

/** `false` when the path is none of the contract's. @throws HttpFault, or the reason for which the wait ended */
export async function answerContract(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  dispatch: Dispatch,
): Promise<boolean> {
  if (path === SNAPSHOTS_PATH) {
    mustBe(['GET'], request);
    sendSnapshots(response, dispatch);
    return true;
  }
  const command = await commandOf(path, request);
  if (command === undefined) return false;
  sendJson(response, 200, await dispatch.command(command.name, command.input, untilClosed(response)));
  return true;
}

export interface Command {
  readonly name: string;
  readonly input: unknown;
}

/** `undefined` when the path is none of a command. @throws HttpFault */
export async function commandOf(path: string, request: IncomingMessage): Promise<Command | undefined> {
  if (!path.startsWith(COMMAND_PATH)) return undefined;
  mustBe(['POST'], request);
  return { name: nameAfter(COMMAND_PATH, path), input: await bodyOf(request) };
}

/** @throws HttpFault */
export function mustBe(methods: readonly string[], request: IncomingMessage): void {
  if (!methods.includes(request.method ?? '')) {
    throw new HttpFault(405, `only ${methods.join(' and ')} is answered here`);
  }
}

/** @throws HttpFault */
export function nameAfter(prefix: string, path: string): string {
  try {
    return decodeURIComponent(path.slice(prefix.length));
  } catch {
    throw new HttpFault(400, 'the path is not encoded as it must be');
  }
}

/** Aborts when whoever asked is gone. */
export function untilClosed(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  const abort = (): void => gone.abort(new HttpFault(499, 'whoever asked is gone'));
  if (response.destroyed) abort();
  else response.once('close', abort);
  return gone.signal;
}

/** @throws HttpFault */
export async function bodyOf(request: IncomingMessage): Promise<unknown> {
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

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  if (response.destroyed) return;
  const bytes = Buffer.from(JSON.stringify(value));
  response
    .writeHead(status, { 'Content-Type': JSON_TYPE, 'Content-Length': bytes.length, 'Cache-Control': 'no-store' })
    .end(bytes);
}

function refuse(response: ServerResponse, error: unknown, log: Log): void {
  const status = error instanceof HttpFault ? error.status : 500;
  if (status === 500 && !response.destroyed) log.write('error', 'request failed', { error: String(error) });
  if (response.destroyed || response.headersSent) {
    response.destroy();
    return;
  }
  const reason: CommandReason =
    error instanceof HttpFault
      ? { code: 'bad-request', parameters: { text: error.message } }
      : { code: 'own-fault', parameters: {} };
  // The rest of the request is not read.
  response.setHeader('Connection', 'close');
  sendJson(response, status, { ok: false, fault: commandFault('failed', '', reason) });
}

export interface SnapshotStream {
  /** A line between two snapshots; what was to be shown before it is shown before it. */
  insert(line: unknown): void;
}

/** A slow reader misses snapshots, not the latest one; nothing piles up but what is inserted. */
export function sendSnapshots(response: ServerResponse, dispatch: Pick<Dispatch, 'watch'>): SnapshotStream {
  let latest: unknown;
  const inserted: unknown[] = [];
  let isFull = false;
  const send = (): void => {
    while (!isFull && !response.destroyed) {
      const next = latest ?? inserted.shift();
      if (next === undefined) return;
      latest = undefined;
      isFull = !response.write(`${JSON.stringify(next)}\n`);
    }
  };
  response.writeHead(200, { 'Content-Type': LINES_TYPE, 'Cache-Control': 'no-store' }).flushHeaders();
  const unwatch = dispatch.watch((snapshot) => {
    latest = snapshot;
    send();
  });
  response.on('drain', () => {
    isFull = false;
    send();
  });
  response.once('close', unwatch);
  return {
    insert(line) {
      inserted.push(line);
      send();
    },
  };
}
