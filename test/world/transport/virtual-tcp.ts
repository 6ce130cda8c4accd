import { type Endpoint, type IpAddress, familyOf } from '../../../main/contract/address.ts';
import { type Connection, type Listener, NetworkError, type Tcp } from '../../../main/system/system.ts';
import type { Packet } from '../packet.ts';
import type { PortTable } from './port-table.ts';
import type { Program } from '../program.ts';
import type { SimHost } from '../sim-host.ts';
import { TcpStream } from './tcp-stream.ts';

/** Connections that wait to be accepted; more are not answered (Node's default backlog is 511). */
const BACKLOG = 511;

const endpointKey = ({ address, port }: Endpoint): string => `${address} ${port}`;
const streamKey = (local: Endpoint, remote: Endpoint): string => `${endpointKey(local)} ${endpointKey(remote)}`;

/** A host's TCP, as its kernel keeps it: listeners and connections of all its programs. */
export class TcpTable {
  readonly listeners: PortTable<VirtualListener>;
  readonly #streams = new Map<string, TcpStream>();
  readonly #host: SimHost;

  constructor(host: SimHost, listeners: PortTable<VirtualListener>) {
    this.#host = host;
    this.listeners = listeners;
  }

  /** @throws NetworkError with fault `in-use` */
  create(program: Program, local: Endpoint, remote: Endpoint, state: 'connecting' | 'open'): TcpStream {
    const key = streamKey(local, remote);
    if (this.#streams.has(key)) throw new NetworkError('in-use', `there is a connection ${key} already`);
    const stream = new TcpStream(this.#host, program, { local, remote }, state, () => this.#streams.delete(key));
    this.#streams.set(key, stream);
    return stream;
  }

  isConnected(local: Endpoint, remote: Endpoint): boolean {
    return this.#streams.has(streamKey(local, remote));
  }

  take(packet: Packet): boolean {
    const { content, source, destination } = packet;
    const stream = this.#streams.get(streamKey(destination, source));
    if (stream !== undefined && content.kind !== 'syn') return stream.take(content);
    if (content.kind === 'syn') {
      const listener = this.listeners
        .at(destination.port)
        .find(({ local }) => local.address === destination.address || coversAll(local.address, destination.address));
      if (listener !== undefined) return listener.take(packet);
    }
    // RFC 9293 §3.5.2; an end or a reset without its connection is ignored here, everything else is reset.
    if (content.kind !== 'rst' && content.kind !== 'fin' && content.kind !== 'taken') {
      this.#host.send({ transport: 'tcp', source: destination, destination: source, content: { kind: 'rst' } });
    }
    return true;
  }

  /** Every connection breaks and the peers are notified. */
  resetAll(): void {
    for (const stream of this.#streams.values()) stream.reset();
  }

  closeAll(): void {
    for (const listener of this.listeners.all()) listener.close();
    for (const stream of this.#streams.values()) stream.close();
  }

  /** Power loss: nobody is notified. */
  vanish(): void {
    for (const stream of this.#streams.values()) stream.vanish();
    for (const listener of this.listeners.all()) listener.close();
  }
}

const coversAll = (bound: IpAddress, address: IpAddress): boolean =>
  bound === (familyOf(address) === 'ipv4' ? '0.0.0.0' : '::');

export class VirtualListener implements Listener {
  readonly local: Endpoint;
  readonly share = false;
  readonly #host: SimHost;
  readonly #program: Program;
  readonly #waiting: TcpStream[] = [];
  readonly #acceptors: { resolve: (connection: Connection) => void; reject: (reason: unknown) => void }[] = [];
  #closed = false;

  constructor(host: SimHost, program: Program, local: Endpoint) {
    this.#host = host;
    this.#program = program;
    this.local = local;
  }

  accept(signal: AbortSignal): Promise<Connection> {
    return this.#program.wait<Connection>(signal, (resolve, reject) => {
      const acceptor = { resolve, reject };
      const next = this.#waiting.shift();
      if (next !== undefined) resolve(next);
      else if (this.#closed) reject(new NetworkError('closed', 'this listener is closed'));
      else this.#acceptors.push(acceptor);
      return () => {
        const at = this.#acceptors.indexOf(acceptor);
        if (at >= 0) this.#acceptors.splice(at, 1);
      };
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#host.tcp.listeners.remove(this.local.port, this);
    for (const stream of this.#waiting.splice(0)) stream.reset();
    for (const { reject } of this.#acceptors.splice(0)) reject(new NetworkError('closed', 'this listener was closed'));
  }

  /** @returns false when it is left unanswered */
  take(packet: Packet): boolean {
    if (this.#waiting.length >= BACKLOG) return false;
    const stream = this.#host.tcp.create(this.#program, packet.destination, packet.source, 'open');
    stream.acknowledge();
    const acceptor = this.#acceptors.shift();
    if (acceptor === undefined) this.#waiting.push(stream);
    else acceptor.resolve(stream);
    return true;
  }
}

/** The TCP of one run of a host's programs. */
export class VirtualTcp implements Tcp {
  readonly #host: SimHost;
  readonly #program: Program;

  constructor(host: SimHost, program: Program) {
    this.#host = host;
    this.#program = program;
  }

  connect(to: Endpoint, options: { readonly localAddress?: IpAddress }, signal: AbortSignal): Promise<Connection> {
    return this.#program.wait<Connection>(signal, (resolve, reject) => {
      let stream: TcpStream;
      try {
        stream = this.#dial(to, options.localAddress);
      } catch (error) {
        reject(error);
        return () => {};
      }
      stream.start((error) => {
        if (error === undefined) resolve(stream);
        else reject(error);
      });
      return () => stream.close();
    });
  }

  listen(options: { readonly address: IpAddress; readonly port?: number }): Promise<Listener> {
    const { address } = options;
    const host = this.#host;
    if (address !== '0.0.0.0' && address !== '::' && !host.links.owns(address))
      return this.#program.failed(new NetworkError('other', `cannot listen on ${address}: not of ${host.name}`));
    try {
      const port = host.tcp.listeners.claim(address, options.port ?? 0, false);
      const listener = new VirtualListener(host, this.#program, { address, port });
      host.tcp.listeners.add(port, listener);
      return this.#program.done<Listener>(listener);
    } catch (error) {
      return this.#program.failed(error);
    }
  }

  connectLocal(path: string, signal: AbortSignal): Promise<Connection> {
    return this.#program.wait<Connection>(signal, (resolve, reject) => {
      const service = this.#host.localServices.get(path);
      if (service === undefined) reject(new NetworkError('unreachable', `there is no ${path}`));
      else this.connect(service, {}, signal).then(resolve, reject);
      return () => {};
    });
  }

  #dial(to: Endpoint, localAddress: IpAddress | undefined): TcpStream {
    const host = this.#host;
    if (localAddress !== undefined && !host.links.owns(localAddress))
      throw new NetworkError('other', `cannot connect from ${localAddress}: not an address of ${host.name}`);
    const address = localAddress ?? host.links.sourceFor(to.address, to.zone);
    const port = host.tcp.listeners.claim(address, 0, false, (own) => host.tcp.isConnected({ address, port: own }, to));
    return host.tcp.create(this.#program, { address, port }, to, 'connecting');
  }
}
