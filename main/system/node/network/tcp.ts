import { once } from 'node:events';
import net from 'node:net';
import { endpointText, ip, type Endpoint } from '../../../contract/address.ts';
import type { Connection, Listener, NetworkError, Tcp } from '../../system.ts';
import { endpointFromNode, isDirectlyConnected, nodeAddress } from './endpoints.ts';
import { Inbox } from './inbox.ts';
import { closedError, networkError } from './network-fault.ts';

/** Unread chunks (of at most 64 KiB each) after which the kernel is left to hold the peer back. */
const unreadChunks = 4;
/** Accepted connections that nobody took; more are dropped. */
const acceptBacklog = 64;

/** Local stream sockets have no addresses; both ends say this. */
const local: Endpoint = { address: ip('0.0.0.0'), port: 0 };

export function createNodeTcp(): Tcp {
  return {
    connect: (to, options, signal) =>
      open(
        {
          host: nodeAddress(to),
          port: to.port,
          ...(options.localAddress === undefined
            ? {}
            : { localAddress: nodeAddress({ ...to, address: options.localAddress }) }),
          autoSelectFamily: false,
        },
        (error) =>
          networkError(error, `connect to ${endpointText(to)}`, {
            directlyConnected: () => isDirectlyConnected(to.address),
          }),
        signal,
      ),
    connectLocal: (path, signal) => open({ path }, (error) => networkError(error, `connect to ${path}`), signal),
    listen,
  };
}

async function open(
  where: net.NetConnectOpts,
  explain: (error: unknown) => NetworkError,
  signal: AbortSignal,
): Promise<Connection> {
  signal.throwIfAborted();
  // X20: without allowHalfOpen Node answers the peer's end with ours; we end only by closing altogether.
  const socket = new net.Socket({ allowHalfOpen: true });
  try {
    socket.connect(where).setNoDelay(true);
    await once(socket, 'connect', { signal });
    return new NodeConnection(socket);
  } catch (error) {
    socket.destroy();
    throw signal.aborted ? signal.reason : explain(error);
  }
}

async function listen(options: Parameters<Tcp['listen']>[0]): Promise<Listener> {
  const server = net.createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true });
  const inbox = new Inbox<NodeConnection>(acceptBacklog);
  server.on('connection', (socket) => {
    if (socket.remoteAddress === undefined) return void socket.destroy();
    const connection = new NodeConnection(socket);
    if (!inbox.put(connection)) connection.close();
  });
  const where = { address: options.address, port: options.port ?? 0 };
  try {
    server.listen({ host: options.address, port: where.port, exclusive: true, ipv6Only: true });
    await once(server, 'listening');
  } catch (error) {
    server.close();
    throw networkError(error, `listen on ${endpointText(where)}`, { binding: true });
  }
  server.on('error', (error) => inbox.end(networkError(error, `accept on ${endpointText(where)}`)));
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw closedError('the listener');
  return {
    local: endpointFromNode(bound),
    accept: (signal) => inbox.take(signal),
    close: () => {
      server.close();
      for (const connection of inbox.discard(closedError('the listener'))) connection.close();
    },
  };
}

class NodeConnection implements Connection {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly #socket: net.Socket;
  readonly #inbox = new Inbox<Uint8Array | undefined>(Number.POSITIVE_INFINITY);
  #closed = false;
  #peerEnded = false;

  constructor(socket: net.Socket) {
    this.#socket = socket;
    this.local = endOf(socket.localAddress, socket.localPort);
    this.remote = endOf(socket.remoteAddress, socket.remotePort);
    socket.on('data', (bytes) => {
      this.#inbox.put(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      if (this.#inbox.size >= unreadChunks) socket.pause();
    });
    socket.on('end', () => {
      this.#peerEnded = true;
      this.#inbox.put(undefined);
    });
    socket.on('error', (error) => this.#inbox.end(this.#explain(error, 'read from')));
    socket.on('close', () => this.#inbox.end(closedError('the connection')));
    socket.resume();
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#closed) return Promise.reject(closedError('the connection'));
    return new Promise((resolve, reject) => {
      // X19: one buffer is one write(2), and with TCP_NODELAY one segment where it fits.
      this.#socket.write(bytes, (error) => {
        if (error === undefined || error === null) resolve();
        else reject(this.#explain(error, 'write to'));
      });
    });
  }

  async read(signal: AbortSignal): Promise<Uint8Array | undefined> {
    if (this.#peerEnded && this.#inbox.size === 0 && !this.#closed) return undefined;
    const bytes = await this.#inbox.take(signal);
    if (this.#inbox.size < unreadChunks) this.#socket.resume();
    return bytes;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#inbox.discard(closedError('the connection'));
    this.#socket.destroy();
  }

  #explain(error: unknown, doing: string): NetworkError {
    if (this.#closed) return closedError('the connection');
    return networkError(error, `${doing} ${endpointText(this.remote)}`);
  }
}

function endOf(address: string | undefined, port: number | undefined): Endpoint {
  return address === undefined || port === undefined ? local : endpointFromNode({ address, port });
}
