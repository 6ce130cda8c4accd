/**
 * Everything the engine takes from the outside world. `system/node*` implements it on Node, `simulator/world` on a
 * virtual clock. Waits take an `AbortSignal` and reject with its `reason`.
 */
import type { Cidr, Endpoint, Family, IpAddress } from '../contract/address.ts';
import type { StorageFault } from '../contract/fault-reasons.ts';
import type { Transport } from '../contract/model.ts';
import type { LocalTime } from '../contract/profiles/opens-while.ts';
import type { EpochMs, Millis, Port } from '../contract/units.ts';

export interface Clock {
  /** Wall clock; jumps when it is set. */
  now(): EpochMs;
  /** Milliseconds since some fixed moment; never goes back, may stand still while the machine sleeps. */
  monotonic(): Millis;
  /** @throws the signal's reason when aborted; a duration at or below 0 still yields once */
  sleep(duration: Millis, signal: AbortSignal): Promise<void>;
}

export interface Random {
  bytes(count: number): Uint8Array;
  /** 0 ≤ value < 1. */
  unit(): number;
}

/**
 * `refused`: the peer's host said that nobody listens (ICMP port unreachable, RST).
 * `unreachable`: no route, host down. `denied`: this machine forbids it (EPERM, EACCES).
 * `local-network`: EHOSTUNREACH to a directly connected address, as macOS answers without the Local Network permission.
 * `in-use`: the local port is taken. `reset`: the connection broke. `closed`: we closed it.
 */
export type NetworkFault =
  | 'refused'
  | 'unreachable'
  | 'denied'
  | 'local-network'
  | 'in-use'
  | 'reset'
  | 'closed'
  | 'other';

export class NetworkError extends Error {
  override readonly name = 'NetworkError';
  readonly fault: NetworkFault;
  constructor(fault: NetworkFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}

export interface Datagram {
  readonly from: Endpoint;
  readonly bytes: Uint8Array;
}

export interface UdpOptions {
  readonly family: Family;
  /** Local address to bind; the unspecified address when absent. */
  readonly localAddress?: IpAddress;
  /** Local port; 0 or absent for any. */
  readonly localPort?: number;
  /** Share the local port with other programs (SO_REUSEADDR), as listeners on 1900 and 5350 must. */
  readonly share?: boolean;
  /** Talk to this peer only: others' datagrams are dropped, ICMP errors arrive as `NetworkError`. */
  readonly connectTo?: Endpoint;
  /** For multicast: join these groups, receive and send on this interface only. */
  readonly multicast?: {
    readonly groups: readonly IpAddress[];
    readonly interfaceName: string;
    readonly interfaceAddress: IpAddress;
    /** Hop limit (TTL); 2 when absent (UPnP DA 2.0 §1.3.2). */
    readonly hops?: number;
  };
}

export interface UdpSocket {
  readonly local: Endpoint;
  /** `to` is required unless connected. @throws NetworkError */
  send(bytes: Uint8Array, to?: Endpoint): Promise<void>;
  /** The next datagram, or a `NetworkError` that ICMP brought. At most 256 wait unread, later ones are dropped.
   * @throws NetworkError, or the signal's reason */
  receive(signal: AbortSignal): Promise<Datagram>;
  /** Idempotent; a waiting `receive` rejects with fault `closed`. */
  close(): void;
}

export interface Udp {
  /** @throws NetworkError */
  open(options: UdpOptions): Promise<UdpSocket>;
}

export interface Connection {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** One call is handed to the kernel as one write. @throws NetworkError */
  write(bytes: Uint8Array): Promise<void>;
  /** The next bytes; `undefined` once the peer has ended. @throws NetworkError, or the signal's reason */
  read(signal: AbortSignal): Promise<Uint8Array | undefined>;
  /** Idempotent. */
  close(): void;
}

export interface Listener {
  readonly local: Endpoint;
  /** @throws NetworkError with fault `closed`, or the signal's reason */
  accept(signal: AbortSignal): Promise<Connection>;
  close(): void;
}

export interface Tcp {
  /** @throws NetworkError, or the signal's reason */
  connect(to: Endpoint, options: { readonly localAddress?: IpAddress }, signal: AbortSignal): Promise<Connection>;
  /** @throws NetworkError */
  listen(options: { readonly address: IpAddress; readonly port?: number }): Promise<Listener>;
  /** A local stream socket by path (minissdpd). @throws NetworkError; fault `unreachable` when the path is absent */
  connectLocal(path: string, signal: AbortSignal): Promise<Connection>;
}

export interface InterfaceAddress extends Cidr {
  /** IPv6 privacy address (RFC 8981) or one that is being phased out: not for pinholes. */
  readonly temporary: boolean;
}

export interface NetworkInterface {
  readonly name: string;
  /** Lower case, colon separated; absent for tunnels. */
  readonly mac?: string;
  readonly addresses: readonly InterfaceAddress[];
  readonly loopback: boolean;
  /** Tunnels and virtual adapters, judging by name and type (H3, H10). */
  readonly virtual: boolean;
}

export interface DefaultRoute {
  readonly family: Family;
  readonly gateway: IpAddress;
  readonly interfaceName: string;
  /** Lower wins. */
  readonly metric: number;
}

export interface NetworkState {
  readonly interfaces: readonly NetworkInterface[];
  /** Best first. */
  readonly defaultRoutes: readonly DefaultRoute[];
}

export interface Routes {
  /** @throws NetworkError when the operating system's tables cannot be read */
  read(signal: AbortSignal): Promise<NetworkState>;
  /** Hardware address of a neighbour already talked to, lower case; `undefined` when not known. */
  neighbour(address: IpAddress): Promise<string | undefined>;
  /** IPv4 neighbours already talked to, as far as the operating system shows them. */
  neighbours(): Promise<readonly IpAddress[]>;
  /** Resolves at the next change of interfaces, addresses or default routes after the call. */
  changed(signal: AbortSignal): Promise<void>;
}

/** Named JSON documents, each replaced whole and atomically. */
export interface DocumentStore {
  /**
   * `undefined` when there is none. An unusable one gives way to the last good version, is kept under another name, and
   * `onSetAside` (given at construction) is called.
   * @throws StorageError when it cannot be used and there is no good version; both files are then as they were
   */
  read(name: string, options?: ReadOptions): Promise<unknown>;
  /** An unusable file is set aside first. @throws StorageError; the former version is then still there */
  write(name: string, document: unknown): Promise<void>;
}

export interface ReadOptions {
  /** Is it of the right shape? One that is not is returned only where there is no good version. */
  readonly isUsable: (document: unknown) => boolean;
  /** The last good version is returned in its place. */
  readonly onLastGood: () => void;
}

/** An append-only record of JSON values. */
export interface RecordLog {
  /** Every whole record from the start; a torn last one is dropped. What cannot be a log is kept under another name, and
   * a new one begins. @throws StorageError */
  load(): Promise<readonly unknown[]>;
  /** Durable once resolved; calls of one turn share one write. @throws StorageError */
  append(records: readonly unknown[]): Promise<void>;
  /** Replaces the whole log atomically. @throws StorageError */
  rewrite(records: readonly unknown[]): Promise<void>;
}

export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly fault: StorageFault;
  readonly path: string;
  constructor(fault: StorageFault, path: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
    this.path = path;
  }
}

export type LogLevel = 'error' | 'warn' | 'info' | 'debug' | 'trace';

export interface Log {
  /** `fields` are plain values; secrets (nonces, tokens) are never among them. */
  write(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** `system`: where only the person can read it, as the system sees to. `file`: a file that only its owner may read. */
export type SecretPlace = 'system' | 'file';

/** `locked`: the person has to unlock the system's store. `elsewhere`: another program of Portkeeper has sealed it. */
export type SecretFault = 'locked' | 'elsewhere' | 'unavailable';

export class SecretError extends Error {
  override readonly name = 'SecretError';
  readonly fault: SecretFault;
  constructor(fault: SecretFault, options?: ErrorOptions) {
    super(`the secret store is ${fault}`, options);
    this.fault = fault;
  }
}

/** Passwords and tokens: never in documents, exports, logs or reports. */
export interface SecretStore {
  /** Asks nobody anything. @throws SecretError, StorageError, or the signal's reason */
  read(key: string, signal: AbortSignal): Promise<{ readonly secret: string; readonly place: SecretPlace } | undefined>;
  /** `undefined` removes it. The system may ask the person to unlock its store. @returns where it is now
   * @throws StorageError, or the signal's reason */
  write(key: string, secret: string | undefined, signal: AbortSignal): Promise<SecretPlace>;
}

export interface WebRequest {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface WebAnswer {
  readonly status: number;
  /** How it begins, 64 KiB at most. */
  readonly body: string;
  /** As sent; absent when it is not. */
  readonly retryAfter?: string;
}

/** Servers on the web. */
export interface Web {
  /** One exchange: no redirect is followed, certificates are checked. @throws NetworkError, or the signal's reason */
  ask(request: WebRequest, signal: AbortSignal): Promise<WebAnswer>;
}

/** A program of the person's choice: a file and its arguments, without a shell. */
export interface Program {
  /** Absolute. */
  readonly file: string;
  readonly args: readonly string[];
  /** Beside those of this process. */
  readonly environment: Readonly<Record<string, string>>;
}

export type ProgramEnd =
  /** `code` is absent where a signal ended it. `output`: how what it printed begins, 8 KiB at most. */
  | { readonly is: 'ended'; readonly code: number | undefined; readonly output: string }
  /** `fault` is the system's word, such as ENOENT. */
  | { readonly is: 'not-started'; readonly fault: string };

export interface Network {
  readonly udp: Udp;
  readonly tcp: Tcp;
  readonly routes: Routes;
}

/** A listening TCP socket, or a UDP socket without a peer. */
export interface WaitingSocket {
  readonly transport: Transport;
  /** The unspecified address: all of this machine's. */
  readonly address: IpAddress;
  readonly port: Port;
}

/** How routers are answered that ask for a password (HTTP Digest, RFC 7616). */
export interface SignIns {
  /** Has the person signed in to the router at this address, and was it not refused? */
  has(address: IpAddress): boolean;
  /** For one exchange with that router; `undefined` where nothing is to be sent, such as to another device at its address. */
  at(address: IpAddress): Promise<RouterSession | undefined>;
}

export interface RouterSession {
  /** The value of `Authorization`; `undefined` before the router has asked. */
  authorization(method: string, target: string): string | undefined;
  /**
   * Called with each answer. `again`: the same request may be answered now.
   * @param sent the `Authorization` of the request
   * @param response `challenge`: its `WWW-Authenticate`, empty where there is none
   */
  answered(
    sent: string | undefined,
    response: { readonly status: number; readonly challenge: string },
  ): 'again' | 'done';
}

export interface System extends Network {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /**
   * May this program wait for what nobody has asked for? Where the system would ask the person about it, it does without:
   * such things are hints, and found out by asking, if later (X40). Absent: it may.
   */
  readonly mayListen?: () => Promise<boolean>;
  /** Absent: no server on the web can be asked. */
  readonly web?: Web;
  /** Ends it, and what it started, with the signal. Absent: none can be run. @throws the signal's reason */
  readonly runProgram?: (program: Program, signal: AbortSignal) => Promise<ProgramEnd>;
  /** Name of a device by the home's name server; absent: it cannot be asked. `undefined`: it has no name. */
  readonly nameOf?: (address: IpAddress, signal: AbortSignal) => Promise<string | undefined>;
  /** Addresses of a host name, by this machine's name servers; none where they know none. Absent: unavailable. */
  readonly addressesOf?: (name: string, signal: AbortSignal) => Promise<readonly IpAddress[]>;
  /** Sockets of this machine that wait for others. Absent: they cannot be known.
   * @throws the system's error when it does not say, or the signal's reason */
  readonly listeners?: (signal: AbortSignal) => Promise<readonly WaitingSocket[]>;
  /** File names of the programs that run on this machine, in lower case and without `.exe`. Absent: they cannot be known.
   * @throws as `listeners` */
  readonly programs?: (signal: AbortSignal) => Promise<ReadonlySet<string>>;
  /** File name of the program that waits on the port; empty when that is not known. Absent: it cannot be known. */
  readonly programOn?: (transport: Transport, port: Port, signal: AbortSignal) => Promise<string>;
  /**
   * The first routers on the way to an address, nearest first, `undefined` for one that says nothing; whether the address
   * is there does not matter. Absent: it cannot be known.
   * @throws where no tool does it, or the signal's reason
   */
  readonly hops?: (to: IpAddress, most: number, signal: AbortSignal) => Promise<readonly (IpAddress | undefined)[]>;
  /** The firewalls of this machine that are on, as far as this user may know. Absent: it cannot be known. */
  readonly firewalls?: (packet: IncomingPacket) => Promise<readonly FirewallReading[]>;
  /** Absent: nobody has signed in anywhere. */
  readonly signIns?: SignIns;
  /** Lower-case hexadecimal digest of a text in UTF-8. Absent: routers with passwords cannot be answered. */
  readonly hash?: (algorithm: 'md5' | 'sha-256', text: string) => string;
  /** Where this machine is, by its own time zone. Absent: UTC is taken. */
  readonly localTime?: (at: EpochMs) => LocalTime;
}

/** One that would come in here, the first of its kind. */
export interface IncomingPacket {
  readonly transport: Transport;
  readonly port: number;
  readonly from: Endpoint;
  readonly interfaceName: string;
  /** To something that was sent from here. */
  readonly isAnswer?: boolean;
  /** The program that waits for it, where that matters and is known. */
  readonly program?: string;
}

export interface FirewallReading {
  /** As its makers call it. */
  readonly name: string;
  readonly verdict: 'lets-in' | 'blocks' | 'unknown';
  /** The rule's place; empty when it is not known. */
  readonly where: string;
}
