/** Eventing of a simulated gateway (UPnP DA 1.1 §4): its subscribers, their subscriptions, and the messages to them. */
import { parseIp, type Endpoint, type IpAddress } from '../../contract/address.ts';
import { after, inSeconds, type EpochMs } from '../../contract/units.ts';
import { forAtMost } from '../../system/deadline.ts';
import { drawUuid, type RouterState } from '../router/router-state.ts';
import { toldFirewall } from './firewall-actions.ts';
import { defaultConnectionService, toldAddress, toldStatus } from './igd-actions.ts';
import type { ServiceKind } from './igd-descriptions.ts';
import type { HttpRequest, HttpResponse } from './igd-http.ts';
import { escapeXml, type OutArguments } from './igd-soap.ts';

const mostSubscriptions = 32;
/** Messages for one subscriber that does not take them; more are lost. */
const mostWaiting = 16;
/** UPnP DA 1.1 §4.1.1. */
const usualTimeout = 1800;
const longestTimeout = 86_400;
const longestAnswer = 4096;
const deliveryLimit = inSeconds(10);
const encoder = new TextEncoder();

interface Subscription {
  readonly id: string;
  readonly kind: ServiceKind;
  readonly to: Endpoint;
  readonly path: string;
  expiresAt: EpochMs;
  /** SEQ of the next message; wraps to 1 (§4.3.1). */
  next: number;
  /** The last value sent. */
  told: string;
  /** Messages leave one after the other. */
  queue: Promise<void>;
  waiting: number;
}

export class GenaPublisher {
  readonly #state: RouterState;
  readonly #signal: AbortSignal;
  readonly #subscriptions = new Map<string, Subscription>();

  /** @param signal the daemon's life: messages under way end with it */
  constructor(state: RouterState, signal: AbortSignal) {
    this.#state = state;
    this.#signal = signal;
  }

  /** SUBSCRIBE, new or renewing (§4.1.2, §4.1.3). */
  subscribe(request: HttpRequest, kind: ServiceKind, from: IpAddress): HttpResponse {
    const { headers } = request;
    const timeout = readTimeout(headers.get('timeout'));
    const expiresAt = after(this.#state.system.clock.now(), inSeconds(timeout));
    this.#expire();
    const known = headers.get('sid');
    if (known !== undefined) {
      const subscription = this.#subscriptions.get(known);
      if (subscription === undefined) return { status: 412 };
      if (headers.has('callback') || headers.has('nt')) return { status: 400 };
      subscription.expiresAt = expiresAt;
      return accepted(known, timeout);
    }
    const callback = readCallback(headers.get('callback'));
    // X39: events go to whoever asks for them, to nobody else.
    if (headers.get('nt') !== 'upnp:event' || callback?.to.address !== from) return { status: 412 };
    if (this.#subscriptions.size >= mostSubscriptions) return { status: 503 };
    const id = `uuid:${drawUuid(this.#state.system.random)}`;
    const subscription: Subscription = {
      id,
      kind,
      ...callback,
      expiresAt,
      next: 0,
      told: '',
      queue: Promise.resolve(),
      waiting: 0,
    };
    this.#subscriptions.set(id, subscription);
    return accepted(id, timeout);
  }

  /** §4.1.2: the first message carries every variable; it follows the answer to SUBSCRIBE. */
  greet(id: string): void {
    const subscription = this.#subscriptions.get(id);
    if (subscription !== undefined && subscription.next === 0) this.#publish(subscription);
  }

  unsubscribe(request: HttpRequest): HttpResponse {
    this.#expire();
    return this.#subscriptions.delete(request.headers.get('sid') ?? '') ? { status: 200 } : { status: 412 };
  }

  /** Something that is evented may be different now. */
  changed(): void {
    this.#expire();
    for (const subscription of this.#subscriptions.values()) {
      if (subscription.next > 0 && subscription.told !== this.#properties(subscription.kind)) {
        this.#publish(subscription);
      }
    }
  }

  #publish(subscription: Subscription): void {
    const properties = this.#properties(subscription.kind);
    const seq = subscription.next;
    subscription.told = properties;
    subscription.next = seq === 0xffff_ffff ? 1 : seq + 1;
    if (subscription.waiting >= mostWaiting) return;
    subscription.waiting += 1;
    subscription.queue = this.#deliverAfter(subscription.queue, subscription, seq, properties);
  }

  async #deliverAfter(former: Promise<void>, to: Subscription, seq: number, properties: string): Promise<void> {
    await former;
    await this.#deliver(to, seq, properties);
    to.waiting -= 1;
  }

  async #deliver({ id, to, path }: Subscription, seq: number, properties: string): Promise<void> {
    const body = `<?xml version="1.0"?>\n<e:propertyset xmlns:e="urn:schemas-upnp-org:event-1-0">${properties}</e:propertyset>`;
    const host = to.address.includes(':') ? `[${to.address}]` : to.address;
    const head = [
      `NOTIFY ${path} HTTP/1.1`,
      `HOST: ${host}:${to.port}`,
      'CONTENT-TYPE: text/xml; charset="utf-8"',
      `CONTENT-LENGTH: ${encoder.encode(body).length}`,
      'NT: upnp:event',
      'NTS: upnp:propchange',
      `SID: ${id}`,
      `SEQ: ${seq}`,
      'CONNECTION: close',
    ];
    const { clock, tcp, log } = this.#state.system;
    try {
      await forAtMost(clock, deliveryLimit, this.#signal, async (signal) => {
        const connection = await tcp.connect(to, {}, signal);
        try {
          await connection.write(encoder.encode(`${head.join('\r\n')}\r\n\r\n${body}`));
          // The answer is read to its end: closing before it would look like a reset.
          let taken: number | undefined = 0;
          for (let sum = 0; taken !== undefined && sum < longestAnswer; sum += taken ?? 0) {
            taken = (await connection.read(signal))?.length;
          }
        } finally {
          connection.close();
        }
      });
    } catch (error) {
      // A lost message stays lost; the subscriber sees the gap in SEQ (§4.3.1).
      if (!this.#signal.aborted) log.write('debug', 'simulated router: event not delivered', { error });
    }
  }

  #properties(kind: ServiceKind): string {
    return Object.entries(this.#variables(kind))
      .map(([name, value]) => `<e:property><${name}>${escapeXml(String(value))}</${name}></e:property>`)
      .join('');
  }

  #variables(kind: ServiceKind): OutArguments {
    switch (kind) {
      case 'connection':
        return {
          PossibleConnectionTypes: 'IP_Routed',
          ConnectionStatus: toldStatus(this.#state),
          ExternalIPAddress: toldAddress(this.#state),
          PortMappingNumberOfEntries: this.#state.table.size,
        };
      case 'dead-connection':
      case 'dead-ppp':
        return { ConnectionStatus: 'Disconnected' };
      case 'wan-common':
        return { PhysicalLinkStatus: this.#state.wan() === 'none' ? 'Down' : 'Up' };
      case 'firewall':
        return toldFirewall(this.#state);
      case 'l3f':
        return { DefaultConnectionService: defaultConnectionService(this.#state) };
    }
  }

  #expire(): void {
    const now = this.#state.system.clock.now();
    for (const [id, { expiresAt }] of this.#subscriptions) if (expiresAt <= now) this.#subscriptions.delete(id);
  }
}

const accepted = (id: string, timeout: number): HttpResponse => ({
  status: 200,
  headers: [
    ['Timeout', `Second-${timeout}`],
    ['SID', id],
  ],
});

function readTimeout(header: string | undefined): number {
  const asked = /^Second-(\d{1,9})$/i.exec(header ?? '')?.[1];
  return asked === undefined ? usualTimeout : Math.min(Math.max(Number(asked), 1), longestTimeout);
}

function readCallback(header: string | undefined): { readonly to: Endpoint; readonly path: string } | undefined {
  const text = /<([^<>\s]{1,512})>/.exec(header ?? '')?.[1];
  if (text === undefined || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const address = parseIp(url.hostname.replace(/^\[|\]$/g, ''));
  if (url.protocol !== 'http:' || address === undefined) return undefined;
  return { to: { address, port: url.port === '' ? 80 : Number(url.port) }, path: `${url.pathname}${url.search}` };
}
