/** A UDP server whose reactions a test writes down, on a clock that moves only when nothing else can happen. */
import { ip, type Endpoint, type IpAddress } from '../../main/contract/address.ts';
import { epochMs, millis, type EpochMs, type Millis } from '../../main/contract/units.ts';
import {
  NetworkError,
  type Clock,
  type Datagram,
  type Log,
  type NetworkFault,
  type Random,
  type Udp,
  type UdpOptions,
  type UdpSocket,
} from '../../main/system/system.ts';

/** `after`: milliseconds from the datagram that caused it. */
type Reaction =
  | { readonly bytes: Uint8Array; readonly after?: number; readonly from?: Endpoint }
  | { readonly fault: NetworkFault; readonly after?: number };

export interface SentDatagram {
  readonly at: number;
  readonly bytes: Uint8Array;
  /** Counts the sockets opened so far, from 1. */
  readonly socket: number;
}

/** What comes back for the nth datagram (from 1); nothing when it is lost. */
export type Script = (bytes: Uint8Array, nth: number) => readonly Reaction[] | Reaction | undefined;

interface Event {
  readonly at: number;
  readonly happen: () => void;
}

/** More than this in one conversation is a loop. */
const MOST_EVENTS = 20_000;

export class ScriptedUdp {
  readonly server: Endpoint;
  readonly localAddress: IpAddress;
  readonly sent: SentDatagram[] = [];
  readonly opened: UdpOptions[] = [];
  readonly logged: string[] = [];
  openSockets = 0;
  script: Script;
  /** Makes `send` and `open` reject. */
  sendFault: NetworkFault | undefined;
  openFault: NetworkFault | undefined;
  #now = 0;
  #events: Event[] = [];
  #seed = 7;

  constructor(script: Script, addresses: { readonly server?: string; readonly local?: string } = {}) {
    this.script = script;
    this.server = { address: ip(addresses.server ?? '192.168.1.1'), port: 5351 };
    this.localAddress = ip(addresses.local ?? '192.168.1.7');
  }

  get now(): number {
    return this.#now;
  }

  readonly clock: Clock = {
    now: (): EpochMs => epochMs(1_700_000_000_000 + this.#now),
    monotonic: (): Millis => millis(this.#now),
    sleep: (duration, signal) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted();
        const cancel = (): void => {
          this.#events = this.#events.filter((event) => event !== alarm);
          reject(signal.reason);
        };
        const alarm = this.#schedule(duration, () => {
          signal.removeEventListener('abort', cancel);
          resolve();
        });
        signal.addEventListener('abort', cancel, { once: true });
      }),
  };

  readonly random: Random = {
    unit: () => {
      this.#seed = (this.#seed * 48_271) % 2_147_483_647;
      return this.#seed / 2_147_483_647;
    },
    bytes: (count) => Uint8Array.from({ length: count }, () => Math.floor(this.random.unit() * 256)),
  };

  readonly log: Log = { write: (_level, message) => void this.logged.push(message) };

  readonly udp: Udp = {
    open: (options) => {
      if (this.openFault !== undefined) return Promise.reject(new NetworkError(this.openFault, this.openFault));
      this.opened.push(options);
      this.openSockets += 1;
      return Promise.resolve(this.#socket(this.opened.length));
    },
  };

  /** Sleeps that nobody has cancelled and datagrams still on their way. */
  get pending(): number {
    return this.#events.length;
  }

  /** Something that happens meanwhile. */
  at(moment: number, happen: () => void): void {
    this.#schedule(moment - this.#now, happen);
  }

  /** Lets time pass until the conversation is over. */
  async run<Value>(conversation: Promise<Value>): Promise<Value> {
    let over = false;
    conversation.then(
      () => (over = true),
      () => (over = true),
    );
    for (let count = 0; ; count += 1) {
      await settle();
      if (over) return conversation;
      if (count > MOST_EVENTS) throw new Error('the conversation does not end');
      this.#step();
    }
  }

  /** Lets everything on its way arrive. */
  async quiet(): Promise<void> {
    await settle();
    while (this.#events.length > 0) {
      this.#step();
      await settle();
    }
  }

  #step(): void {
    const next = this.#events.shift();
    if (next === undefined) throw new Error('the conversation waits for something that can never happen');
    this.#now = Math.max(this.#now, next.at);
    next.happen();
  }

  #schedule(after: number, happen: () => void): Event {
    const event = { at: this.#now + Math.max(0, after), happen };
    const later = this.#events.findIndex((other) => other.at > event.at);
    this.#events.splice(later === -1 ? this.#events.length : later, 0, event);
    return event;
  }

  #socket(number: number): UdpSocket {
    let closed = false;
    let waiting: { readonly take: (next: Datagram | NetworkError) => void } | undefined;
    const unread: (Datagram | NetworkError)[] = [];
    const arrive = (next: Datagram | NetworkError): void => {
      if (closed) return;
      if (waiting === undefined) unread.push(next);
      else waiting.take(next);
    };
    return {
      local: { address: this.localAddress, port: 40_000 + number },
      send: (bytes) => {
        if (closed) return Promise.reject(new NetworkError('closed', 'closed'));
        if (this.sendFault !== undefined) return Promise.reject(new NetworkError(this.sendFault, this.sendFault));
        this.sent.push({ at: this.#now, bytes, socket: number });
        for (const reaction of [this.script(bytes, this.sent.length) ?? []].flat()) {
          this.#schedule(reaction.after ?? 1, () => {
            if ('fault' in reaction) arrive(new NetworkError(reaction.fault, `ICMP says ${reaction.fault}`));
            else arrive({ from: reaction.from ?? this.server, bytes: reaction.bytes });
          });
        }
        return Promise.resolve();
      },
      receive: (signal) =>
        new Promise((resolve, reject) => {
          signal.throwIfAborted();
          if (closed) throw new NetworkError('closed', 'closed');
          const settleWith = (next: Datagram | NetworkError): void => {
            if (next instanceof NetworkError) reject(next);
            else resolve(next);
          };
          const first = unread.shift();
          if (first !== undefined) {
            settleWith(first);
            return;
          }
          const cancel = (): void => {
            waiting = undefined;
            reject(signal.reason);
          };
          waiting = {
            take: (next) => {
              waiting = undefined;
              signal.removeEventListener('abort', cancel);
              settleWith(next);
            },
          };
          signal.addEventListener('abort', cancel, { once: true });
        }),
      close: () => {
        if (closed) return;
        arrive(new NetworkError('closed', 'closed'));
        closed = true;
        this.openSockets -= 1;
      },
    };
  }
}

/** Every promise that can settle by itself has done so after a turn of the real event loop. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
