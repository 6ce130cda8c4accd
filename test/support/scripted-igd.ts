/** A router's HTTP side as a test writes it down: an answer per action and per document, on a clock that jumps to
 * whatever is awaited next. What the test has not written down fails the test. Speaks HTTP and SOAP by itself. */
import { ip, type Endpoint, type IpAddress } from '../../main/contract/address.ts';
import type { RouterTraits } from '../../main/contract/mapping.ts';
import { epochMs, millis } from '../../main/contract/units.ts';
import type { TraitMemory } from '../../main/gateways/port-control.ts';
import {
  NetworkError,
  type Clock,
  type Connection,
  type Listener,
  type Log,
  type NetworkFault,
  type Random,
  type Routes,
  type Tcp,
} from '../../main/system/system.ts';

export interface ScriptedRequest {
  readonly method: string;
  readonly target: string;
  readonly version: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** Start line and headers as they came. */
  readonly head: string;
  readonly body: string;
  readonly to: Endpoint;
  readonly from: IpAddress | undefined;
  /** Milliseconds since the test began. */
  readonly at: number;
}

export interface ScriptedCall extends ScriptedRequest {
  readonly service: string;
  readonly action: string;
  readonly args: Readonly<Record<string, string>>;
  /** Argument names in the order in which they came. */
  readonly order: readonly string[];
  /** Counts the calls of this action, from 1. */
  readonly nth: number;
}

/** `closed`: the connection ends without an answer. `hang`: nothing ever comes. */
export type Reply = (
  | { readonly values: Readonly<Record<string, string>> }
  | { readonly fault: number }
  | { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> }
  | { readonly raw: string }
  | { readonly breaks: 'reset' | 'closed' | 'hang' }
) & { readonly afterMs?: number };

type OnCall = Reply | ((call: ScriptedCall) => Reply);
type OnRequest = Reply | ((request: ScriptedRequest) => Reply);

export interface IgdScript {
  readonly actions?: Readonly<Record<string, OnCall>>;
  /** By path and query. */
  readonly documents?: Readonly<Record<string, OnRequest>>;
  /** By method, for all but GET and POST. */
  readonly methods?: Readonly<Record<string, OnRequest>>;
}

interface Event {
  readonly at: number;
  readonly happen: () => void;
}

const MOST_EVENTS = 50_000;
const START = 1_700_000_000_000;

export class ScriptedIgd {
  readonly address = ip('192.168.1.1');
  readonly localAddress = ip('192.168.1.7');
  readonly calls: ScriptedCall[] = [];
  readonly requests: ScriptedRequest[] = [];
  /** Connections open now. */
  atOnce = 0;
  /** Connections at one time, at most. */
  mostAtOnce = 0;
  actions: Record<string, OnCall>;
  documents: Record<string, OnRequest>;
  methods: Record<string, OnRequest>;
  /** Connecting fails so. */
  connectFault: NetworkFault | undefined;
  readonly refusedPorts = new Set<number>();
  /** Added to the wall clock: what a sleep of the machine leaves behind. */
  wallJump = 0;
  readonly traits: TraitMemory & { readonly learnt: string[] };
  interfaceAddresses: readonly string[] = ['192.168.1.7'];
  #now = 0;
  #events: Event[] = [];
  #unscripted: string | undefined;
  #listener: { readonly local: Endpoint; readonly take: (connection: Connection) => void } | undefined;

  constructor(script: IgdScript = {}, known: RouterTraits = {}) {
    this.actions = { ...script.actions };
    this.documents = { ...script.documents };
    this.methods = { ...script.methods };
    let traits = known;
    const learnt: string[] = [];
    this.traits = {
      learnt,
      get: () => traits,
      learn: (more, why) => {
        traits = { ...traits, ...more };
        learnt.push(why);
      },
    };
  }

  get now(): number {
    return this.#now;
  }

  /** Names of the actions called, in order. */
  get called(): readonly string[] {
    return this.calls.map(({ action }) => action);
  }

  readonly clock: Clock = {
    now: () => epochMs(START + this.#now + this.wallJump),
    monotonic: () => millis(this.#now),
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

  readonly random: Random = { unit: () => 0.5, bytes: (count) => new Uint8Array(count).fill(0xab) };
  readonly log: Log = { write: () => undefined };

  readonly routes: Routes = {
    read: () =>
      Promise.resolve({
        interfaces: [
          {
            name: 'eth0',
            addresses: this.interfaceAddresses.map((text) => ({ address: ip(text), prefix: 64, temporary: false })),
            loopback: false,
            virtual: false,
          },
        ],
        defaultRoutes: [],
      }),
    neighbours: async () => [],
    neighbour: () => Promise.resolve(undefined),
    changed: () => new Promise(() => undefined),
  };

  readonly tcp: Tcp = {
    connect: (to, options, signal) => {
      signal.throwIfAborted();
      if (this.refusedPorts.has(to.port)) return Promise.reject(new NetworkError('refused', 'scripted refusal'));
      if (this.connectFault !== undefined)
        return Promise.reject(new NetworkError(this.connectFault, `scripted ${this.connectFault}`));
      return Promise.resolve(this.#connection(to, options.localAddress));
    },
    listen: ({ address }) => Promise.resolve(this.#listen({ address, port: 49_200 })),
    connectLocal: () => Promise.reject(new NetworkError('unreachable', 'no such path')),
  };

  /** Lets time pass until the conversation is over; what the script does not know fails it. */
  async run<Value>(conversation: Promise<Value>): Promise<Value> {
    let over = false;
    conversation.then(
      () => (over = true),
      () => (over = true),
    );
    for (let count = 0; ; count += 1) {
      await settle();
      if (this.#unscripted !== undefined) throw new Error(`not in the script: ${this.#unscripted}`);
      if (over) return conversation;
      if (count > MOST_EVENTS) throw new Error('the conversation does not end');
      this.#step();
    }
  }

  /** Lets time pass, whatever happens in it. */
  async pass(duration: number): Promise<void> {
    const end = this.#now + duration;
    for (await settle(); (this.#events[0]?.at ?? Infinity) <= end; await settle()) this.#step();
    this.#now = end;
  }

  /** The router (or somebody else) calls the event callback. Resolves to the answer's status. */
  async notify(
    from: string,
    request: { readonly target?: string; readonly sid: string; readonly properties: Readonly<Record<string, string>> },
  ): Promise<number | 'hung up'> {
    const listener = this.#listener;
    if (listener === undefined) throw new Error('nobody listens');
    const properties = Object.entries(request.properties)
      .map(([name, value]) => `<e:property><${name}>${value}</${name}></e:property>`)
      .join('');
    const body = `<e:propertyset xmlns:e="urn:schemas-upnp-org:event-1-0">${properties}</e:propertyset>`;
    const text =
      `NOTIFY ${request.target ?? this.callbackTarget} HTTP/1.1\r\nHost: x\r\nNT: upnp:event\r\nNTS: upnp:propchange\r\n` +
      `SID: ${request.sid}\r\nSEQ: 0\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    return await this.run(
      new Promise<number | 'hung up'>((resolve) => {
        let sent = false;
        listener.take({
          local: listener.local,
          remote: { address: ip(from), port: 50_000 },
          write: (bytes) => {
            resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(textOf(bytes))?.[1]));
            return Promise.resolve();
          },
          read: () => {
            const first = !sent;
            sent = true;
            return Promise.resolve(first ? new TextEncoder().encode(text) : undefined);
          },
          close: () => resolve('hung up'),
        });
      }),
    );
  }

  /** Path of the callback that was given in the last SUBSCRIBE. */
  get callbackTarget(): string {
    const callback = this.requests.findLast(({ headers }) => headers['callback'] !== undefined)?.headers['callback'];
    return /<http:\/\/[^/]+(\/[^>]*)>/.exec(callback ?? '')?.[1] ?? '/';
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

  #connection(to: Endpoint, from: IpAddress | undefined): Connection {
    const inbox = new Inbox();
    let open = true;
    this.atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce);
    return {
      local: { address: from ?? this.localAddress, port: 40_000 },
      remote: to,
      write: (bytes) => {
        // X19: a router reads one packet and answers that.
        const request = this.#parse(textOf(bytes), to, from);
        const reply = this.#replyTo(request);
        if ('breaks' in reply && reply.breaks === 'hang') return Promise.resolve();
        this.#schedule(reply.afterMs ?? 2, () => {
          if ('breaks' in reply && reply.breaks === 'reset') inbox.push(new NetworkError('reset', 'scripted reset'));
          else if (!('breaks' in reply)) inbox.push(new TextEncoder().encode(responseText(request, reply)));
          inbox.push(undefined);
        });
        return Promise.resolve();
      },
      read: (signal) => inbox.next(signal),
      close: () => {
        if (open) this.atOnce -= 1;
        open = false;
      },
    };
  }

  #parse(text: string, to: Endpoint, from: IpAddress | undefined): ScriptedRequest {
    const [head = '', ...rest] = text.split('\r\n\r\n');
    const [startLine = '', ...lines] = head.split('\r\n');
    const [method = '', target = '', version = ''] = startLine.split(' ');
    const headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    );
    const request = { method, target, version, headers, head, body: rest.join('\r\n\r\n'), to, from, at: this.#now };
    this.requests.push(request);
    return request;
  }

  #replyTo(request: ScriptedRequest): Reply {
    const isCall = request.method === 'POST' || (request.method === 'M-POST' && this.methods['M-POST'] === undefined);
    if (isCall) {
      const call = this.#callIn(request);
      const scripted = this.actions[call.action];
      if (scripted !== undefined) return typeof scripted === 'function' ? scripted(call) : scripted;
      this.#unscripted = `${call.action} ${JSON.stringify(call.args)}`;
      return { breaks: 'hang' };
    }
    const scripted = request.method === 'GET' ? this.documents[request.target] : this.methods[request.method];
    if (scripted !== undefined) return typeof scripted === 'function' ? scripted(request) : scripted;
    this.#unscripted = `${request.method} ${request.target}`;
    return { breaks: 'hang' };
  }

  #callIn(request: ScriptedRequest): ScriptedCall {
    const soapAction = request.headers['soapaction'] ?? request.headers['01-soapaction'] ?? '';
    const [, service = '', action = ''] = /^"([^"#]+)#(\w+)"$/.exec(soapAction) ?? [];
    const inner = new RegExp(`<u:${action}[^>]*>(.*)</u:${action}>`, 's').exec(request.body)?.[1] ?? '';
    const pairs = [...inner.matchAll(/<(\w+)>([^<]*)<\/\1>/g)].map(
      ([, name = '', value = '']) => [name, value] as const,
    );
    const nth = this.calls.filter((call) => call.action === action).length + 1;
    const call = {
      ...request,
      service,
      action,
      args: Object.fromEntries(pairs),
      order: pairs.map(([name]) => name),
      nth,
    };
    this.calls.push(call);
    return call;
  }

  #listen(local: Endpoint): Listener {
    const waiting: Connection[] = [];
    const takers: ((connection: Connection) => void)[] = [];
    let fail: ((reason: unknown) => void) | undefined;
    this.#listener = {
      local,
      take: (connection) => {
        const taker = takers.shift();
        if (taker === undefined) waiting.push(connection);
        else taker(connection);
      },
    };
    return {
      local,
      accept: (signal) =>
        new Promise((resolve, reject) => {
          signal.throwIfAborted();
          fail = reject;
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
          const first = waiting.shift();
          if (first === undefined) takers.push(resolve);
          else resolve(first);
        }),
      close: () => {
        this.#listener = undefined;
        fail?.(new NetworkError('closed', 'closed'));
      },
    };
  }

  get isListening(): boolean {
    return this.#listener !== undefined;
  }
}

class Inbox {
  readonly #items: (Uint8Array | NetworkError | undefined)[] = [];
  #take: (() => void) | undefined;

  push(item: Uint8Array | NetworkError | undefined): void {
    this.#items.push(item);
    this.#take?.();
  }

  next(signal: AbortSignal): Promise<Uint8Array | undefined> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const take = (): void => {
        if (this.#items.length === 0) return;
        this.#take = undefined;
        signal.removeEventListener('abort', cancel);
        const item = this.#items.shift();
        if (item instanceof NetworkError) reject(item);
        else resolve(item);
      };
      const cancel = (): void => {
        this.#take = undefined;
        reject(signal.reason);
      };
      this.#take = take;
      signal.addEventListener('abort', cancel, { once: true });
      take();
    });
  }
}

function responseText(request: ScriptedRequest, reply: Exclude<Reply, { readonly breaks: string }>): string {
  if ('raw' in reply) return reply.raw;
  if ('status' in reply) {
    const headers = Object.entries(reply.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
    const body = reply.body ?? '';
    return `HTTP/1.1 ${reply.status} x\r\n${headers.join('')}Content-Length: ${body.length}\r\n\r\n${body}`;
  }
  const envelope = (inner: string): string =>
    '<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">' +
    `<s:Body>${inner}</s:Body></s:Envelope>`;
  if ('fault' in reply) {
    const body = envelope(
      '<s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail>' +
        `<UPnPError xmlns="urn:schemas-upnp-org:control-1-0"><errorCode>${reply.fault}</errorCode>` +
        '<errorDescription>scripted</errorDescription></UPnPError></detail></s:Fault>',
    );
    return `HTTP/1.1 500 Internal Server Error\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  }
  const action = /#(\w+)"/.exec(request.headers['soapaction'] ?? request.headers['01-soapaction'] ?? '')?.[1] ?? '';
  const values = Object.entries(reply.values).map(([name, value]) => `<${name}>${value}</${name}>`);
  const body = envelope(`<u:${action}Response xmlns:u="urn:x">${values.join('')}</u:${action}Response>`);
  return `HTTP/1.1 200 OK\r\nContent-Length: ${new TextEncoder().encode(body).length}\r\n\r\n${body}`;
}

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Every promise that can settle by itself has done so after a turn of the real event loop. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
