/** A router's HTTP side as a test writes it down: an answer per action and per document. What the test has not written down
 * fails the test. Speaks HTTP and SOAP on its own. */
import { ip, type Endpoint, type IpAddress } from '../../../main/contract/address.ts';
import type { RouterTraits } from '../../../main/contract/mapping.ts';
import { millis, type Millis } from '../../../main/contract/units.ts';
import type { TraitMemory } from '../../../main/gateways/port-control.ts';
import {
  NetworkError,
  type Connection,
  type Listener,
  type NetworkFault,
  type Tcp,
} from '../../../main/system/system.ts';
import type { SimHost } from '../../world/sim-host.ts';
import { TcpStream } from '../../world/transport/tcp-stream.ts';
import { firstPacket, FOR_EVER, interfaceAddresses, never, ScriptedHome } from './scripted-home.ts';

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
  readonly from: IpAddress;
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

export class ScriptedIgd extends ScriptedHome {
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
  readonly refusedPorts = new Set<number>();
  /** For each connection, the address that it was to come from; `undefined` where the routes decide. */
  readonly chosenAddresses: (IpAddress | undefined)[] = [];
  readonly traits: TraitMemory & { readonly learnt: string[] };
  readonly #served = new Set<number>();
  #unscripted: string | undefined;

  constructor(script: IgdScript = {}, known: RouterTraits = {}) {
    super({ client: ['192.168.1.7'], router: ['192.168.1.1', 'fe80::1', '2a01:db9::1'] });
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

  /** Names of the actions called, in order. */
  get called(): readonly string[] {
    return this.calls.map(({ action }) => action);
  }

  readonly tcp: Tcp = {
    connect: async (to, options, signal) => {
      this.chosenAddresses.push(options.localAddress);
      await this.#listenAt(to.port);
      const connection = await this.system.tcp.connect(to, options, signal);
      this.atOnce += 1;
      this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce);
      return this.#counted(connection);
    },
    listen: (options) => this.system.tcp.listen(options),
    connectLocal: (path, signal) => this.system.tcp.connectLocal(path, signal),
  };

  /** Connecting fails so from now on. */
  set connectFault(fault: NetworkFault | undefined) {
    this.client.deny = fault && (({ content }) => (content.kind === 'syn' ? fault : undefined));
  }

  set interfaceAddresses(addresses: readonly string[]) {
    this.client.interface('eth0')?.setAddresses(interfaceAddresses(addresses.map(ip)));
  }

  /** The wall clock goes on by so much: what a sleep of the machine leaves behind. */
  jump(difference: Millis): void {
    this.client.clock.jump(difference);
  }

  /** Lets time pass until the conversation is over; what the script does not know fails it. */
  override async run<Value>(conversation: Promise<Value>): Promise<Value> {
    let isOver = false;
    const end = (): void => {
      isOver = true;
    };
    conversation.then(end, end);
    await this.world.until(() => isOver || this.#unscripted !== undefined, FOR_EVER, 'the end of the conversation');
    if (this.#unscripted !== undefined) throw new Error(`not in the script: ${this.#unscripted}`);
    return await conversation;
  }

  /** The router (or somebody else) calls the event callback. Resolves to the answer's status. */
  async notify(
    from: string,
    request: { readonly target?: string; readonly sid: string; readonly properties: Readonly<Record<string, string>> },
  ): Promise<number | 'hung up'> {
    const properties = Object.entries(request.properties)
      .map(([name, value]) => `<e:property><${name}>${value}</${name}></e:property>`)
      .join('');
    const body = `<e:propertyset xmlns:e="urn:schemas-upnp-org:event-1-0">${properties}</e:propertyset>`;
    const callback = this.#callback;
    const text =
      `NOTIFY ${request.target ?? callback.pathname} HTTP/1.1\r\nHost: x\r\nNT: upnp:event\r\nNTS: upnp:propchange\r\n` +
      `SID: ${request.sid}\r\nSEQ: 0\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const to = { address: ip(callback.hostname), port: Number(callback.port) };
    return await this.run(answerTo(text, from === this.address ? this.router : this.#stranger(from), to));
  }

  get isListening(): boolean {
    return this.client.tcp.listeners.all().length > 0;
  }

  /** As given in the last SUBSCRIBE. */
  get #callback(): URL {
    const { headers } = this.requests.findLast((request) => request.headers['callback'] !== undefined) ?? {};
    return new URL((headers?.['callback'] ?? '').replaceAll(/[<>]/g, ''));
  }

  #stranger(address: string): SimHost {
    const { network } = this.world;
    return network.hosts.find(({ name }) => name === address) ?? this.addHost(address, [address]);
  }

  /** All ports are served but those that are refused. */
  async #listenAt(port: number): Promise<void> {
    if (this.refusedPorts.has(port) || this.#served.has(port)) return;
    this.#served.add(port);
    for (const address of ['0.0.0.0', '::'].map(ip)) {
      void this.#serve(await this.router.system.tcp.listen({ address, port }));
    }
  }

  async #serve(listener: Listener): Promise<never> {
    for (;;) void this.#answer(await listener.accept(never));
  }

  async #answer(connection: Connection): Promise<void> {
    const text = textOf(await firstPacket(connection));
    if (text === '') return;
    const request = this.#parse(text, connection);
    const reply = this.#replyTo(request);
    if ('breaks' in reply && reply.breaks === 'hang') return;
    await this.router.system.clock.sleep(millis(reply.afterMs ?? 2), never);
    if ('breaks' in reply && reply.breaks === 'reset' && connection instanceof TcpStream) connection.reset();
    else {
      if (!('breaks' in reply))
        await connection.write(new TextEncoder().encode(responseText(request, reply))).catch(() => undefined);
      connection.close();
    }
  }

  #counted(connection: Connection): Connection {
    let isOpen = true;
    return {
      local: connection.local,
      remote: connection.remote,
      write: (bytes) => connection.write(bytes),
      read: (signal) => connection.read(signal),
      close: () => {
        if (isOpen) this.atOnce -= 1;
        isOpen = false;
        connection.close();
      },
    };
  }

  #parse(text: string, { local: to, remote: { address: from } }: Connection): ScriptedRequest {
    const [head = '', ...rest] = text.split('\r\n\r\n');
    const [startLine = '', ...lines] = head.split('\r\n');
    const [method = '', target = '', version = ''] = startLine.split(' ');
    const headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    );
    const request = { method, target, version, headers, head, body: rest.join('\r\n\r\n'), to, from, at: this.now };
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
}

async function answerTo(text: string, from: SimHost, to: Endpoint): Promise<number | 'hung up'> {
  try {
    const connection = await from.system.tcp.connect(to, {}, never);
    await connection.write(new TextEncoder().encode(text));
    const answer = await connection.read(never);
    connection.close();
    return answer === undefined ? 'hung up' : Number(/^HTTP\/1\.1 (\d+)/.exec(textOf(answer))?.[1]);
  } catch (error) {
    if (error instanceof NetworkError) return 'hung up';
    throw error;
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
