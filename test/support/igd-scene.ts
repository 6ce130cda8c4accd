/** A control at a simulated router that is watched while it answers. A test may answer in the router's place, for what none of
 * the simulator's habits says. */
import { ip, type Endpoint, type IpAddress } from '../../main/contract/address.ts';
import type { MappingWish, RouterTraits } from '../../main/contract/mapping.ts';
import type { Transport } from '../../main/contract/model.ts';
import { after, millis, port, seconds, secondsToMillis, type Millis } from '../../main/contract/units.ts';
import type { RememberedService } from '../../main/gateways/gateway.ts';
import { createIgdControl, type IgdControl, type IgdOptions } from '../../main/gateways/igd/igd.ts';
import type { TraitMemory } from '../../main/gateways/port-control.ts';
import { personality, type PersonalityName } from '../../main/simulator/personalities/personalities.ts';
import type { Traits } from '../../main/simulator/router/personality.ts';
import { SimRouter } from '../../main/simulator/router/router.ts';
import type { Connection, NetworkFault, System, Tcp } from '../../main/system/system.ts';
import { TcpStream } from '../world/transport/tcp-stream.ts';
import { interfaceAddresses, never, overheard, QuietHome } from './quiet-home.ts';

export { never };
export const LAPTOP = ip('192.168.1.7');
export const TELEVISION = ip('192.168.1.30');
export const ROUTER = ip('192.168.1.1');

export const WANIP1 = 'urn:schemas-upnp-org:service:WANIPConnection:1';
export const WANIP2 = 'urn:schemas-upnp-org:service:WANIPConnection:2';

export interface Asked {
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
  /** Both empty but for control requests. */
  readonly service: string;
  readonly action: string;
  readonly args: Readonly<Record<string, string>>;
  /** Argument names in the order in which they came. */
  readonly order: readonly string[];
  /** Counts the requests of this action, from 1. */
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

/** In the router's place, by action, or by method and target (`GET /desc.xml`). `undefined`: the router answers. */
export type Answers = Readonly<Record<string, Reply | ((request: Asked) => Reply | undefined)>>;

export type Habits = readonly (PersonalityName | Traits)[];

export interface WatchedOptions {
  readonly router?: Habits;
  readonly answers?: Answers;
  /** The router's memory. */
  readonly known?: RouterTraits;
}

/** IGD:1, so that permanent is for good and nothing but the port asked for is given. */
export class WatchedRouter extends QuietHome {
  readonly requests: Asked[] = [];
  answers: Answers;
  readonly traits: TraitMemory & { readonly learnt: string[] };
  readonly device: SimRouter;

  constructor({ router = [], answers = {}, known = {} }: WatchedOptions = {}) {
    super({ client: [LAPTOP], router: [ROUTER, 'fe80::1', '2a01:db9::1'] });
    this.answers = answers;
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
    this.device = new SimRouter({
      system: overheard(this.router.system, (text, connection) => this.#hear(text, connection)),
      lan: { interfaceName: 'eth0', address: ROUTER, address6: ip('fe80::1') },
      wan: { address: ip('11.22.33.44') },
      personality: personality('miniupnpd-igd1', 'upnp-only', ...router),
      ports: { http: 5000, ssdp: false },
    });
    this.world.spawn(() => this.device.start());
  }

  /** Control requests. */
  get calls(): readonly Asked[] {
    return this.requests.filter(({ action }) => action !== '');
  }

  /** Names of the actions called, in order. */
  get called(): readonly string[] {
    return this.calls.map(({ action }) => action);
  }

  get tcp(): Tcp {
    return this.system.tcp;
  }

  /** Everything before is forgotten. */
  forget(): void {
    this.requests.length = 0;
  }

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

  #hear(text: string, connection: Connection): string | undefined {
    const request = this.#read(text, connection);
    const answer = this.answers[request.action] ?? this.answers[`${request.method} ${request.target}`];
    const reply = typeof answer === 'function' ? answer(request) : answer;
    if (reply === undefined) return text;
    void this.#say(connection, request, reply);
    return undefined;
  }

  async #say(connection: Connection, request: Asked, reply: Reply): Promise<void> {
    if ('breaks' in reply && reply.breaks === 'hang') return;
    await this.router.system.clock.sleep(millis(reply.afterMs ?? 2), never);
    if ('breaks' in reply && reply.breaks === 'reset' && connection instanceof TcpStream) connection.reset();
    else {
      if (!('breaks' in reply))
        await connection.write(new TextEncoder().encode(responseText(request, reply))).catch(() => undefined);
      connection.close();
    }
  }

  #read(text: string, { local: to, remote: { address: from } }: Connection): Asked {
    const [head = '', ...rest] = text.split('\r\n\r\n');
    const [startLine = '', ...lines] = head.split('\r\n');
    const [method = '', target = '', version = ''] = startLine.split(' ');
    const headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    );
    const body = rest.join('\r\n\r\n');
    const soapAction = headers['soapaction'] ?? headers['01-soapaction'] ?? '';
    const [, service = '', action = ''] = /^"([^"#]+)#(\w+)"$/.exec(soapAction) ?? [];
    const inner = new RegExp(`<u:${action}[^>]*>(.*)</u:${action}>`, 's').exec(body)?.[1] ?? '';
    const pairs = [...inner.matchAll(/<(\w+)>([^<]*)<\/\1>/g)].map(
      ([, name = '', value = '']) => [name, value] as const,
    );
    const request = {
      method,
      target,
      version,
      headers,
      head,
      body,
      to,
      from,
      at: this.now,
      service,
      action,
      args: Object.fromEntries(pairs),
      order: pairs.map(([name]) => name),
      nth: this.calls.filter((call) => call.action === action).length + 1,
    };
    if (method !== '') this.requests.push(request);
    return request;
  }
}

function responseText(request: Asked, reply: Exclude<Reply, { readonly breaks: string }>): string {
  if ('raw' in reply) return reply.raw;
  if ('status' in reply) {
    const headers = Object.entries(reply.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
    const body = reply.body ?? '';
    return `HTTP/1.1 ${reply.status} x\r\n${headers.join('')}Content-Length: ${body.length}\r\n\r\n${body}`;
  }
  const isFault = 'fault' in reply;
  const inner = isFault
    ? `<s:Fault><detail><UPnPError><errorCode>${reply.fault}</errorCode></UPnPError></detail></s:Fault>`
    : `<u:${request.action}Response xmlns:u="urn:x">${Object.entries(reply.values)
        .map(([name, value]) => `<${name}>${value}</${name}>`)
        .join('')}</u:${request.action}Response>`;
  const body = `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${inner}</s:Body></s:Envelope>`;
  return `HTTP/1.1 ${isFault ? 500 : 200} x\r\nContent-Length: ${new TextEncoder().encode(body).length}\r\n\r\n${body}`;
}

export function service(change: Partial<RememberedService> = {}): RememberedService {
  return {
    type: WANIP1,
    controlUrl: 'http://192.168.1.1:5000/ctl/WANIPCn',
    actions: [],
    name: 'Router',
    model: 'Acme R1',
    ...change,
  };
}

export const wish: MappingWish = {
  family: 'ipv4',
  transport: 'tcp',
  external: { port: port(8080) },
  internal: { client: LAPTOP, port: port(80) },
  lease: seconds(3600),
  description: 'Portkeeper web TCP 8080',
  acceptOtherPort: false,
  handle: {},
  recreate: false,
};

/** An entry of the router's table. */
export interface Row {
  readonly external: number;
  readonly transport: Transport;
  readonly client: IpAddress;
  readonly internal: number;
  readonly description: string;
  /** Seconds from now; 0 for permanent. */
  readonly lease: number;
  readonly remoteHost: string;
}

export const row = (change: Partial<Row> = {}): Row => ({
  external: 8080,
  transport: 'tcp',
  client: LAPTOP,
  internal: 80,
  description: wish.description,
  lease: 3600,
  remoteHost: '',
  ...change,
});

export interface SceneOptions extends WatchedOptions {
  readonly rows?: readonly Row[];
  readonly options?: Partial<IgdOptions>;
  /** This machine's resolver. */
  readonly addressesOf?: System['addressesOf'];
}

export function scene({ rows = [], options = {}, addressesOf, ...watched }: SceneOptions = {}) {
  const igd = new WatchedRouter(watched);
  const put = ({ external, transport, client, internal, description, lease, remoteHost }: Row): void =>
    igd.device.addMapping({
      transport,
      externalPort: external,
      internalClient: client,
      internalPort: internal,
      description,
      remoteHost,
      expiresAt: lease === 0 ? 'never' : after(igd.world.now, secondsToMillis(seconds(lease))),
      owner: 'igd',
    });
  // The router lists the newest first.
  for (const entry of rows.toReversed()) put(entry);
  const make = (): IgdControl =>
    createIgdControl({
      network: { clock: igd.clock, tcp: igd.tcp, ...(addressesOf === undefined ? {} : { addressesOf }) },
      service: service(),
      localAddress: LAPTOP,
      traits: igd.traits,
      ...options,
    });
  const control = make();
  return {
    igd,
    control,
    put,
    /** The router's table, as `tcp/8080 → 192.168.1.7:80`. */
    table: () =>
      igd.device
        .table()
        .map(
          ({ transport, externalPort, internalClient, internalPort }) =>
            `${transport}/${externalPort} → ${internalClient}:${internalPort}`,
        ),
    /** The router loses everything. */
    clear: () => {
      for (const { transport, externalPort } of igd.device.table()) igd.device.removeMapping(transport, externalPort);
    },
    /** Another control at the same router with the same memory, as after a restart of the program. */
    restarted: make,
    open: (change: Partial<MappingWish> = {}) => igd.run(control.open({ ...wish, ...change }, never)),
    close: () => igd.run(control.close(wish, never)),
  };
}
