/** A local network whose hosts say what a test tells them to, on a clock that jumps to whatever is awaited next. */
import { setImmediate as nextTurn } from 'node:timers/promises';

import { familyOf, ip, parseCidr, type Endpoint, type IpAddress } from '../../main/contract/address.ts';
import { epochMs, millis, type Millis } from '../../main/contract/units.ts';
import {
  NetworkError,
  type Clock,
  type Connection,
  type Datagram,
  type DefaultRoute,
  type Log,
  type NetworkFault,
  type NetworkInterface,
  type NetworkState,
  type Random,
  type Routes,
  type System,
  type Tcp,
  type Udp,
  type UdpOptions,
  type UdpSocket,
} from '../../main/system/system.ts';

/** How a host answers a datagram; `from` defaults to the address and port that it was sent to. */
export type Reply = (
  bytes: Uint8Array | string,
  options?: { readonly from?: Endpoint; readonly afterMs?: number },
) => void;

export interface ScriptedHost {
  readonly on: string;
  readonly addresses: readonly string[];
  readonly mac?: string;
  /** By port; a datagram to another port of a host with `refusesUdp` brings an ICMP error, else silence. */
  readonly udp?: Readonly<Record<number, (bytes: Uint8Array, reply: Reply, to: Endpoint) => void>>;
  readonly refusesUdp?: boolean;
  /** By port: the whole answer to a request, `hang` (the word) for none at all. Other ports refuse. */
  readonly http?: Readonly<Record<number, (request: string) => string>>;
}

interface Sleep {
  readonly due: number;
  readonly wake: () => void;
}

interface Inbox {
  readonly items: (Datagram | NetworkError)[];
  wake: (() => void) | undefined;
  closed: boolean;
}

export class ScriptedLan {
  readonly log: { readonly level: string; readonly message: string; readonly fields: unknown }[] = [];
  /** Every request line and Host that was sent over TCP, as `192.168.1.1:5000 GET /desc.xml`. */
  readonly requests: string[] = [];
  readonly sent: {
    readonly to: Endpoint;
    readonly text: string;
    readonly at: number;
    readonly from: IpAddress;
    readonly localPort: number;
  }[] = [];
  /** Every TCP connection that was tried. */
  readonly connections: { readonly from: IpAddress | undefined; readonly to: IpAddress }[] = [];
  readonly hosts: ScriptedHost[] = [];
  readonly localSockets = new Map<string, (request: Uint8Array) => Uint8Array>();
  /** Faults of `udp.open` or `send`, by local port or destination text. */
  readonly openFaults = new Map<number, NetworkFault>();
  sendFault: NetworkFault | undefined;
  openSockets = 0;
  state: NetworkState = { interfaces: [], defaultRoutes: [] };
  #now = 0;
  #sleeps: Sleep[] = [];
  #nextPort = 40_000;
  readonly #sockets = new Set<{ readonly options: UdpOptions; readonly local: Endpoint; readonly inbox: Inbox }>();
  readonly #watchers = new Set<() => void>();

  interface(name: string, addresses: readonly string[], options: Partial<NetworkInterface> = {}): this {
    const parsed = addresses.map((text) => {
      const cidr = parseCidr(text);
      if (cidr === undefined) throw new RangeError(text);
      return { ...cidr, temporary: false };
    });
    const added: NetworkInterface = { name, addresses: parsed, loopback: false, virtual: false, ...options };
    this.state = { ...this.state, interfaces: [...this.state.interfaces, added] };
    return this;
  }

  defaultRoute(interfaceName: string, gateway: string, metric = 100): this {
    const address = ip(gateway);
    const route: DefaultRoute = { family: familyOf(address), gateway: address, interfaceName, metric };
    const routes = [...this.state.defaultRoutes, route].toSorted((one, other) => one.metric - other.metric);
    this.state = { ...this.state, defaultRoutes: routes };
    return this;
  }

  host(host: ScriptedHost): this {
    this.hosts.push(host);
    return this;
  }

  /** Tells those who watch the routing tables. */
  changeRoutes(state: NetworkState): void {
    this.state = state;
    for (const wake of this.#watchers) wake();
  }

  /** Ours, of which datagrams went there. */
  localAddressesTo(address: string, port: number): readonly IpAddress[] {
    const matching = this.sent.filter(({ to }) => to.address === ip(address) && to.port === port);
    return [...new Set(matching.map(({ from }) => from))];
  }

  ms(count: number): Millis {
    return millis(count);
  }

  get elapsedMs(): number {
    return this.#now;
  }

  /** Lets a host say something unasked to a multicast group; every socket that joined it on that interface hears it. */
  announce(interfaceName: string, group: string, port: number, from: Endpoint, bytes: Uint8Array | string): void {
    for (const socket of this.#sockets) {
      const { multicast } = socket.options;
      if (multicast?.interfaceName !== interfaceName || socket.local.port !== port) continue;
      if (multicast.groups.includes(ip(group))) this.#deliver(socket.inbox, { from, bytes: bytesOf(bytes) });
    }
  }

  /** Awaits `work`, jumping the clock to the next sleep whenever nothing else can happen.
   * @throws Error when `work` waits for something that cannot come */
  async run<Value>(work: Promise<Value>): Promise<Value> {
    const progress = { settled: false };
    const done = work.finally(() => {
      progress.settled = true;
    });
    done.catch(() => undefined);
    for (let idle = 0; idle < 50; idle = this.#step() ? 0 : idle + 1) {
      for (let turn = 0; turn < 4; turn += 1) await nextTurn();
      if (progress.settled) return await done;
    }
    throw new Error('nothing left that could happen');
  }

  /** Lets happen what can happen without the clock. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 12; turn += 1) await nextTurn();
  }

  #step(): boolean {
    const next = this.#sleeps.toSorted((one, other) => one.due - other.due)[0];
    if (next === undefined) return false;
    this.#sleeps = this.#sleeps.filter((sleep) => sleep !== next);
    this.#now = Math.max(this.#now, next.due);
    next.wake();
    return true;
  }

  #after(duration: number, wake: () => void): () => void {
    const sleep = { due: this.#now + Math.max(0, duration), wake };
    this.#sleeps.push(sleep);
    return () => {
      this.#sleeps = this.#sleeps.filter((other) => other !== sleep);
    };
  }

  get pendingSleeps(): number {
    return this.#sleeps.length;
  }

  readonly clock: Clock = {
    now: () => epochMs(1_700_000_000_000 + this.#now),
    monotonic: () => millis(this.#now),
    sleep: (duration: Millis, signal: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        if (signal.aborted) {
          reject(signal.reason);
          return;
        }
        const abort = (): void => {
          cancel();
          reject(signal.reason);
        };
        const cancel = this.#after(duration, () => {
          signal.removeEventListener('abort', abort);
          resolve();
        });
        signal.addEventListener('abort', abort, { once: true });
      }),
  };

  readonly random: Random = { bytes: (count) => new Uint8Array(count).fill(7), unit: () => 0.5 };

  readonly routes: Routes = {
    read: () => Promise.resolve(this.state),
    neighbours: async () => [],
    neighbour: (address) =>
      Promise.resolve(this.hosts.find((host) => host.addresses.some((own) => ip(own) === address))?.mac),
    changed: (signal) =>
      new Promise<void>((resolve, reject) => {
        const wake = (): void => {
          this.#watchers.delete(wake);
          resolve();
        };
        this.#watchers.add(wake);
        signal.addEventListener('abort', () => {
          this.#watchers.delete(wake);
          reject(signal.reason);
        });
      }),
  };

  readonly udp: Udp = { open: (options) => this.#open(options) };
  readonly tcp: Tcp = {
    connect: (to, { localAddress }, signal) => {
      this.connections.push({ from: localAddress, to: to.address });
      return this.#connect(to, signal);
    },
    listen: () => Promise.reject(new NetworkError('other', 'not in this network')),
    connectLocal: (path) => {
      const answer = this.localSockets.get(path);
      if (answer === undefined) return Promise.reject(new NetworkError('unreachable', `no ${path}`));
      return Promise.resolve(this.#conversation({ address: ip('127.0.0.1'), port: 0 }, (bytes) => answer(bytes)));
    },
  };

  get system(): System {
    const log: Log = { write: (level, message, fields) => this.log.push({ level, message, fields }) };
    return { clock: this.clock, random: this.random, routes: this.routes, udp: this.udp, tcp: this.tcp, log };
  }

  #deliver(inbox: Inbox, item: Datagram | NetworkError): void {
    if (inbox.closed) return;
    inbox.items.push(item);
    inbox.wake?.();
  }

  async #open(options: UdpOptions): Promise<UdpSocket> {
    await Promise.resolve();
    const fault = this.openFaults.get(options.localPort ?? 0);
    if (fault !== undefined) throw new NetworkError(fault, `cannot bind ${options.localPort}`);
    const local: Endpoint = {
      address: options.localAddress ?? ip(options.family === 'ipv4' ? '0.0.0.0' : '::'),
      port: options.localPort === undefined || options.localPort === 0 ? this.#nextPort++ : options.localPort,
    };
    const inbox: Inbox = { items: [], wake: undefined, closed: false };
    const socket = { options, local, inbox };
    this.#sockets.add(socket);
    this.openSockets += 1;
    return {
      local,
      send: async (bytes, to) => {
        const target = to ?? options.connectTo;
        if (target === undefined) throw new NetworkError('other', 'no destination');
        if (inbox.closed) throw new NetworkError('closed', 'closed');
        if (this.sendFault !== undefined) throw new NetworkError(this.sendFault, 'send failed');
        await Promise.resolve();
        this.sent.push({
          to: target,
          text: new TextDecoder('latin1').decode(bytes),
          at: this.#now,
          from: local.address,
          localPort: local.port,
        });
        this.#carry(bytes, target, options, inbox);
      },
      receive: async (signal) => {
        for (;;) {
          signal.throwIfAborted();
          const item = inbox.items.shift();
          if (item instanceof NetworkError) throw item;
          if (item !== undefined) return item;
          if (inbox.closed) throw new NetworkError('closed', 'closed');
          await new Promise<void>((resolve) => {
            inbox.wake = resolve;
            signal.addEventListener('abort', () => resolve(), { once: true });
          });
        }
      },
      close: () => {
        if (inbox.closed) return;
        inbox.closed = true;
        this.#sockets.delete(socket);
        this.openSockets -= 1;
        inbox.wake?.();
      },
    };
  }

  #carry(bytes: Uint8Array, to: Endpoint, options: UdpOptions, inbox: Inbox): void {
    const toGroup = /^(2[23]\d\.|ff)/.test(to.address);
    const receivers = this.hosts.filter((host) =>
      toGroup ? host.on === options.multicast?.interfaceName : host.addresses.some((own) => ip(own) === to.address),
    );
    for (const host of receivers) {
      const handler = host.udp?.[to.port];
      const own = host.addresses.map(ip).find((address) => familyOf(address) === options.family);
      if (own === undefined) continue;
      if (handler === undefined) {
        if (host.refusesUdp === true && !toGroup && options.connectTo !== undefined)
          this.#after(1, () => this.#deliver(inbox, new NetworkError('refused', 'port unreachable')));
        continue;
      }
      const reply: Reply = (answer, how = {}) => {
        const from = how.from ?? { address: toGroup ? own : to.address, port: to.port };
        if (options.connectTo !== undefined && options.connectTo.address !== from.address) return;
        this.#after(how.afterMs ?? 1, () => this.#deliver(inbox, { from, bytes: bytesOf(answer) }));
      };
      handler(bytes, reply, to);
    }
  }

  async #connect(to: Endpoint, signal: AbortSignal): Promise<Connection> {
    signal.throwIfAborted();
    await this.clock.sleep(millis(1), signal);
    const host = this.hosts.find((candidate) => candidate.addresses.some((own) => ip(own) === to.address));
    if (host === undefined) {
      await this.clock.sleep(millis(3_000), signal);
      throw new NetworkError('unreachable', `no route to ${to.address}`);
    }
    const serve = host.http?.[to.port];
    if (serve === undefined) throw new NetworkError('refused', `${to.address}:${to.port} refused`);
    return this.#conversation(to, (bytes) => {
      const request = new TextDecoder('latin1').decode(bytes);
      this.requests.push(`${to.address}:${to.port} ${request.split(' HTTP/')[0] ?? ''}`);
      const answer = serve(request);
      return answer === 'hang' ? 'hang' : new TextEncoder().encode(answer);
    });
  }

  #conversation(to: Endpoint, answer: (bytes: Uint8Array) => Uint8Array | 'hang'): Connection {
    this.openSockets += 1;
    let closed = false;
    let pending: Uint8Array | 'hang' | undefined;
    return {
      local: { address: ip('192.0.2.1'), port: 1 },
      remote: to,
      write: (bytes) => {
        pending = answer(bytes);
        return Promise.resolve();
      },
      read: async (signal) => {
        signal.throwIfAborted();
        if (pending === 'hang') await this.clock.sleep(millis(1e9), signal);
        await this.clock.sleep(millis(1), signal);
        const bytes = pending;
        pending = undefined;
        return bytes === 'hang' ? undefined : bytes;
      },
      close: () => {
        if (!closed) this.openSockets -= 1;
        closed = true;
      },
    };
  }
}

function bytesOf(value: Uint8Array | string): Uint8Array {
  return typeof value === 'string' ? new TextEncoder().encode(value) : value;
}
