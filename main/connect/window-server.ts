/**
 * The window for a browser on this computer: the page, and the contract at `/api` for whoever has the token of this
 * start. On 127.0.0.1 only.
 */
import { randomBytes, createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse, IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { checked } from '../contract/checked.ts';
import { COMMANDS } from '../contract/commands.ts';
import { API, TOKEN_PARAMETER } from '../contract/window-protocol.ts';
import { commandFault } from '../contract/words/faults.ts';
import type { Dispatch } from '../engine/dispatch.ts';
import type { Log } from '../system/system.ts';
import { HttpFault, boundedServer, listening, mustBe, type RemoteServer } from './answering.ts';
import { Watchers } from './watchers.ts';
import type { WindowFile, WindowFiles } from './window-files.ts';

export interface WindowServerOptions {
  readonly dispatch: Dispatch;
  readonly log: Log;
  readonly files: WindowFiles;
  /** 0: any free one. */
  readonly port: number;
  /** When it is in use: this many of those that follow are tried, then any free one. No other when absent. */
  readonly orNext?: number;
}

export interface WindowServer extends RemoteServer {
  /** For people, with the token: `http://127.0.0.1:8788/#token=…` */
  readonly address: string;
  readonly port: number;
  /** Opens the same, once: for command lines, which others on this computer can read. */
  readonly addressForOnce: () => string;
}

const LOOPBACK = '127.0.0.1';

/** Milliseconds in which whoever has shown no token must have read an answer. */
const READ_WITHIN = 10_000;

const HEADERS = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "font-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;

/** @throws Error of `listen` */
export async function serveWindow(options: WindowServerOptions): Promise<WindowServer> {
  const { log } = options;
  const token = randomBytes(32).toString('base64url');
  const withToken = `/#${TOKEN_PARAMETER}=${token}`;
  const once = new Map<string, string>();
  const watchers = new Watchers(fromBrowser(options.dispatch), log);
  let access: WindowAccess | undefined;
  const server = boundedServer((request, response) => {
    access ??= windowAccess(portOf(server), token);
    return answer(request, response, { access, watchers, files: options.files, once, strangers });
  }, log);
  const strangers = strangersOf(server);
  const running = await listenFrom(server, options);
  const port = portOf(server);
  const origin = `http://${LOOPBACK}:${port}`;
  return {
    address: `${origin}${withToken}`,
    port,
    addressForOnce: () => {
      const path = `/once/${randomBytes(32).toString('base64url')}`;
      once.set(path, withToken);
      return `${origin}${path}`;
    },
    stop: () => running.stop(),
  };
}

/**
 * A page must not say what runs on this computer: anyone with the window's address may open ports, no more. An App's
 * import leaves that out itself.
 */
function fromBrowser(dispatch: Dispatch): Dispatch {
  return {
    ...dispatch,
    async command(name, input, signal) {
      if (name === 'settings.change' && setsCommand(input)) {
        const fault = commandFault('not-here', 'settings.addressCommand', {
          code: 'command-by-terminal',
          parameters: {},
        });
        return { ok: false, fault };
      }
      return await dispatch.command(name, input, signal);
    },
  };
}

/** Input that is not understood is refused by whatever checks it. */
function setsCommand(input: unknown): boolean {
  const parsed = checked(COMMANDS['settings.change'], input);
  return parsed.ok && typeof parsed.value.settings.addressCommand === 'string';
}

async function listenFrom(server: Server, { port, orNext, log }: WindowServerOptions): Promise<RemoteServer> {
  const others = orNext === undefined ? [] : [...Array.from({ length: orNext }, (_, each) => port + 1 + each), 0];
  for (let next: number | undefined = port; ;) {
    try {
      return await listening(server, (done) => server.listen(next, LOOPBACK, done), log);
    } catch (error) {
      next = others.shift();
      if (next === undefined || !isInUse(error)) throw error;
    }
  }
}

const isInUse = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Connections that have shown no token; with more, the oldest is hung up on. */
const MOST_STRANGERS = 128;
/** All together, with those that have just come or are about to go. */
const MOST_CONNECTIONS = 1024;

/** Any user of this computer can connect: however many do, and wait, they never keep out whoever has the token. */
function strangersOf(server: Server): Set<Socket> {
  const strangers = new Set<Socket>();
  server.maxConnections = MOST_CONNECTIONS;
  server.on('connection', (socket: Socket) => {
    strangers.add(socket);
    socket.once('close', () => strangers.delete(socket));
    const [oldest] = strangers;
    if (strangers.size > MOST_STRANGERS) oldest?.destroy();
  });
  return strangers;
}

interface Answering {
  readonly access: WindowAccess;
  readonly strangers: Set<Socket>;
  readonly watchers: Watchers;
  readonly files: WindowFiles;
  /** Where the paths lead that are good for one request. */
  readonly once: Map<string, string>;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { access, watchers, files, once, strangers }: Answering,
): Promise<void> {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  const slow = setTimeout(() => request.socket.destroy(), READ_WITHIN);
  response.once('close', () => clearTimeout(slow));
  access.mustBeLocal(request.headers);
  const path = request.url ?? '';
  if (path.startsWith(`${API}/`)) {
    access.mustBeAllowed(request.headers);
    strangers.delete(request.socket);
    clearTimeout(slow);
    if (await watchers.answer(path.slice(API.length), request, response)) return;
  } else {
    const location = once.get(path);
    if (location !== undefined) {
      mustBe(['GET'], request);
      once.delete(path);
      response.writeHead(302, { Location: location, 'Cache-Control': 'no-store' }).end();
      return;
    }
    const file = files.get(path.split('?')[0] ?? '');
    if (file !== undefined) {
      mustBe(['GET', 'HEAD'], request);
      sendFile(response, file);
      return;
    }
  }
  throw new HttpFault(404, 'there is nothing here');
}

function sendFile(response: ServerResponse, { type, bytes, isForEver }: WindowFile): void {
  response
    .writeHead(200, {
      'Content-Type': type,
      'Content-Length': bytes.length,
      'Cache-Control': isForEver ? 'private, max-age=31536000, immutable' : 'no-cache',
    })
    .end(bytes);
}

/** The port that addresses do not name. */
const HTTP_PORT = 80;

interface WindowAccess {
  /** Every request must be sent to this computer by its own name, and by no page of another place.
   * @throws HttpFault */
  mustBeLocal(headers: IncomingHttpHeaders): void;
  /** Requirements for a request that learns or changes anything. @throws HttpFault */
  mustBeAllowed(headers: IncomingHttpHeaders): void;
}

function windowAccess(port: number, token: string): WindowAccess {
  const names = ['127.0.0.1', 'localhost', '[::1]'];
  // A name of another place that was made to lead here (DNS rebinding) is not among them.
  const hosts = new Set(names.flatMap((name) => [`${name}:${port}`, ...(port === HTTP_PORT ? [name] : [])]));
  const expected = digest(`Bearer ${token}`);
  return {
    mustBeLocal({ host, origin }) {
      if (host === undefined || !hosts.has(host)) throw new HttpFault(403, 'this Host is not answered');
      if (origin !== undefined && origin !== `http://${host}`) {
        throw new HttpFault(403, 'pages of other places are not answered');
      }
    },
    mustBeAllowed(headers) {
      const site = headers['sec-fetch-site'];
      if (site !== undefined && site !== 'same-origin' && site !== 'none') {
        throw new HttpFault(403, 'pages of other places are not answered');
      }
      if (!timingSafeEqual(digest(headers.authorization ?? ''), expected)) {
        throw new HttpFault(401, 'the token is missing, or is of another start');
      }
    },
  };
}

/** Equal lengths, whatever was given. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
