import dgram from 'node:dgram';
import { once } from 'node:events';
import {
  endpointText,
  familyOf,
  inNetwork,
  scopeOf,
  type Endpoint,
  type IpAddress,
} from '../../../contract/address.ts';
import { NetworkError, type Datagram, type Udp, type UdpOptions, type UdpSocket } from '../../system.ts';
import { attachedNetworks, endpointFromNode, isDirectlyConnected, nodeAddress, scopeText } from './endpoints.ts';
import { Inbox } from './inbox.ts';
import { closedError, codeOf, networkError } from './network-fault.ts';

/** As `UdpSocket.receive` states. */
const unreadLimit = 256;

export function createNodeUdp(): Udp {
  return { open };
}

/**
 * `share` is SO_REUSEADDR, which libuv makes SO_REUSEPORT on macOS. Linux' own SO_REUSEPORT is not used: it spreads
 * unicast among the sharers and wants all of them under one user.
 */
async function open(options: UdpOptions): Promise<UdpSocket> {
  const socket = dgram.createSocket({
    type: options.family === 'ipv4' ? 'udp4' : 'udp6',
    reuseAddr: options.share === true,
    ipv6Only: options.family === 'ipv6',
    // Addresses, never names: Node would ask that of an expression that takes milliseconds to compile.
    lookup: (address, _options, done) => process.nextTick(done, null, address, options.family === 'ipv4' ? 4 : 6),
  });
  const opened = new NodeUdpSocket(socket, options);
  try {
    await bind(socket, options);
    if (options.multicast !== undefined) joinGroups(socket, options.multicast, options.family);
    if (options.connectTo !== undefined) await connect(socket, options.connectTo);
    opened.begin();
    return opened;
  } catch (error) {
    opened.close();
    throw error;
  }
}

async function bind(socket: dgram.Socket, options: UdpOptions): Promise<void> {
  const zone = options.multicast?.interfaceName;
  const { localAddress: address } = options;
  const scoped =
    address !== undefined && zone !== undefined && scopeOf(address) === 'link-local' ? { address, zone } : { address };
  try {
    socket.bind({
      port: options.localPort ?? 0,
      ...(scoped.address === undefined ? {} : { address: nodeAddress({ ...scoped, address: scoped.address }) }),
      exclusive: true,
    });
    await once(socket, 'listening');
  } catch (error) {
    throw networkError(error, `bind UDP port ${options.localPort ?? 0} of ${address ?? 'any address'}`, {
      binding: true,
    });
  }
}

/** H2: membership and outgoing interface are named, or the operating system picks one by its own metric. */
function joinGroups(
  socket: dgram.Socket,
  multicast: NonNullable<UdpOptions['multicast']>,
  family: UdpOptions['family'],
): void {
  const through = family === 'ipv4' ? multicast.interfaceAddress : `::%${scopeText(multicast.interfaceName)}`;
  try {
    for (const group of multicast.groups) socket.addMembership(group, through);
    socket.setMulticastInterface(through);
    socket.setMulticastTTL(multicast.hops ?? 2);
    // Our packets are for others; only the loopback interface's others are this machine.
    socket.setMulticastLoopback(scopeOf(multicast.interfaceAddress) === 'loopback');
  } catch (error) {
    throw networkError(error, `join ${multicast.groups.join(', ')} on ${multicast.interfaceName}`);
  }
}

async function connect(socket: dgram.Socket, to: Endpoint): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      // The callback is Node's only report of a failed connect, where `once` would miss it.
      socket.connect(to.port, nodeAddress(to), (error?: Error) => {
        if (error === undefined || error === null) resolve();
        else reject(error);
      });
    });
  } catch (error) {
    throw networkError(error, `connect UDP to ${endpointText(to)}`, {
      directlyConnected: () => isDirectlyConnected(to.address),
    });
  }
}

class NodeUdpSocket implements UdpSocket {
  readonly #socket: dgram.Socket;
  readonly #options: UdpOptions;
  readonly #inbox = new Inbox<Datagram | NetworkError>(unreadLimit);
  #local: Endpoint | undefined;
  #closed = false;

  constructor(socket: dgram.Socket, options: UdpOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on('error', (error) => this.#onError(error));
  }

  /** Once bound, joined and connected. */
  begin(): void {
    this.#local = endpointFromNode(this.#socket.address());
    let foreign: ((sender: Endpoint) => boolean) | undefined;
    this.#socket.on('message', (bytes, from) => {
      const sender = endpointFromNode(from);
      foreign ??= this.#foreignNetworks();
      if (foreign(sender)) return;
      this.#inbox.put({ from: sender, bytes: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) });
    });
  }

  get local(): Endpoint {
    if (this.#local === undefined) throw closedError('the UDP socket');
    return this.#local;
  }

  async send(bytes: Uint8Array, to?: Endpoint): Promise<void> {
    const peer = this.#options.connectTo ?? to;
    if (peer === undefined) throw new TypeError('an unconnected socket needs to be told where to send');
    if (this.#closed) throw closedError('the UDP socket');
    try {
      await this.#sendOnce(bytes, peer);
    } catch (error) {
      if (this.#options.connectTo === undefined || !isRefusal(error)) throw this.#sendError(error, peer);
      // The kernel reports here what ICMP said about an earlier datagram, and has not sent this one.
      this.#onError(error);
      await this.#sendOnce(bytes, peer).catch((again: unknown) => {
        throw this.#sendError(again, peer);
      });
    }
  }

  receive(signal: AbortSignal): Promise<Datagram> {
    return this.#inbox.take(signal).then((item) => {
      if (item instanceof NetworkError) throw item;
      return item;
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#inbox.discard(closedError('the UDP socket'));
    this.#socket.close();
  }

  #sendOnce(bytes: Uint8Array, to: Endpoint): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (error: Error | null): void => (error === null ? resolve() : reject(error));
      if (this.#options.connectTo !== undefined) this.#socket.send(bytes, done);
      else this.#socket.send(bytes, to.port, nodeAddress(this.#scoped(to)), done);
    });
  }

  /** Link-local and multicast IPv6 want a zone; a socket for one interface knows it. */
  #scoped(to: Endpoint): Endpoint {
    const zone = to.zone ?? this.#options.multicast?.interfaceName;
    if (zone === undefined || familyOf(to.address) === 'ipv4') return to;
    const scope = scopeOf(to.address);
    return scope === 'link-local' || scope === 'multicast' ? { ...to, zone } : to;
  }

  #sendError(error: unknown, to: Endpoint): NetworkError {
    if (this.#closed) return closedError('the UDP socket');
    return networkError(error, `send UDP to ${endpointText(to)}`, {
      directlyConnected: () => isDirectlyConnected(to.address),
    });
  }

  #onError(error: unknown): void {
    // Without a peer of its own the socket cannot know whose refusal it was (Windows: WSAECONNRESET on receive).
    const { connectTo } = this.#options;
    if (connectTo === undefined && isRefusal(error)) return;
    const doing = connectTo === undefined ? 'receive UDP' : `reach UDP ${endpointText(connectTo)}`;
    const translated = networkError(error, doing, {
      directlyConnected: () => connectTo !== undefined && isDirectlyConnected(connectTo.address),
    });
    this.#inbox.put(
      translated.fault === 'reset' ? new NetworkError('refused', translated.message, { cause: error }) : translated,
    );
  }

  /**
   * Linux hands a group's datagrams to every socket of the port, whichever interface any of them joined on
   * (IP_MULTICAST_ALL). A sender that is a neighbour on another of our interfaces only is another socket's.
   */
  #foreignNetworks(): (sender: Endpoint) => boolean {
    const { multicast } = this.#options;
    if (multicast === undefined) return () => false;
    const attached = attachedNetworks();
    const on = (ours: boolean, address: IpAddress): boolean =>
      attached.some(
        (one) => (one.interfaceName === multicast.interfaceName) === ours && inNetwork(address, one.network),
      );
    return (sender) =>
      sender.zone === undefined
        ? on(false, sender.address) && !on(true, sender.address)
        : sender.zone !== multicast.interfaceName;
  }
}

function isRefusal(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ECONNREFUSED' || code === 'ECONNRESET';
}
