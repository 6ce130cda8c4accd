/** GENA: what a service says when its state changes (UPnP Device Architecture 2.0 §4). Optional; many say nothing (X40). */
import type { IpAddress } from '../../contract/address.ts';
import { inSeconds, millis, seconds, secondsToMillis, type Millis } from '../../contract/units.ts';
import { NetworkError, type Connection, type Listener, type System } from '../../system/system.ts';
import { decodeEvent, parseTimeout, renewalRequest, subscribeRequest, unsubscribeRequest } from '../../wire/gena.ts';
import {
  encodeResponse,
  HttpRequestReader,
  type HttpRequest,
  type HttpResponse,
  type ReceivedRequest,
} from '../../wire/http.ts';
import { parseHttpUrl, type HttpUrl } from '../../wire/url.ts';
import { WireError } from '../../wire/wire-error.ts';
import { isFailure, Malformed, outcomeOf, Refused, Unreachable } from '../failure.ts';
import type { Finding } from '../gateway.ts';
import { Arrivals } from '../waiting.ts';
import { exchange, withDeadline } from './http-exchange.ts';
import { httpCode } from './upnp-errors.ts';

export type EventNetwork = Pick<System, 'tcp' | 'clock' | 'random' | 'log'>;

export interface EventOptions {
  readonly eventUrl: HttpUrl;
  /** Ours, towards the gateway: it calls back here, and only here (X39). */
  readonly localAddress: IpAddress;
}

/** Asked for; the least that is common (X39). */
const USUAL_TIMEOUT = seconds(1800);
const SHORTEST_RENEWAL = inSeconds(15);
/** Between tries while a subscription still runs, and again after it is lost. */
const RETRY = inSeconds(30);
/** Leaving politely must not hold up a quit (X35). */
const FAREWELL_TIME = inSeconds(2);
/** Events nobody has taken yet; the oldest give way. */
const MOST_WAITING = 64;

interface Subscription {
  readonly sid: string;
  readonly lasts: Millis;
}

/**
 * Variables and their new values as the gateway sends them, the first time all of them. Untrusted: a hint to look.
 * An empty set: the gateway had forgotten the subscription and has a new one, as after a restart (X39).
 * Subscribes, renews in good time, and unsubscribes when `signal` aborts or the consumer stops.
 * @throws Unreachable, Malformed or Refused when subscribing fails at first, or the signal's reason
 */
export async function* subscribeEvents(
  network: EventNetwork,
  options: EventOptions,
  signal: AbortSignal,
): AsyncGenerator<ReadonlyMap<string, string>> {
  const listener = await listen(network, options.localAddress);
  const stop = new AbortController();
  const running = AbortSignal.any([signal, stop.signal]);
  const arrivals = new Arrivals<ReadonlyMap<string, string>>(MOST_WAITING);
  const callback = callbackUrl(network, options.localAddress, listener);
  const subscriber = new Subscriber(network, options, callback);
  try {
    const receiving = receiveEvents(
      { network, listener, gateway: options.eventUrl.address, target: callback.target, isKnown: subscriber.isKnown },
      (properties) => arrivals.push(properties),
      running,
    );
    receiving.then(
      () => arrivals.end(),
      () => arrivals.end(),
    );
    await subscriber.subscribe(running);
    const renewing = subscriber.keepAlive(() => arrivals.push(new Map()), running);
    renewing.catch(() => undefined);
    yield* arrivals.all(running);
  } finally {
    stop.abort();
    listener.close();
    await subscriber.leave();
  }
}

async function listen(network: EventNetwork, address: IpAddress): Promise<Listener> {
  try {
    return await network.tcp.listen({ address });
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    throw new Unreachable('no-route', `events: cannot listen on ${address}: ${error.message}`, { cause: error });
  }
}

/** A path that cannot be guessed keeps others from speaking for the gateway. */
function callbackUrl(network: EventNetwork, address: IpAddress, listener: Listener): HttpUrl {
  const secret = [...network.random.bytes(16)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return { address, port: listener.local.port, target: `/${secret}` };
}

class Subscriber {
  readonly #network: EventNetwork;
  readonly #options: EventOptions;
  readonly #callback: HttpUrl;
  #current: Subscription | undefined;

  constructor(network: EventNetwork, options: EventOptions, callback: HttpUrl) {
    this.#network = network;
    this.#options = options;
    this.#callback = callback;
  }

  /** The first event may overtake the answer that names the subscription. */
  readonly isKnown = (sid: string): boolean => this.#current === undefined || this.#current.sid === sid;

  /** @throws Unreachable, Malformed, Refused, or the signal's reason */
  async subscribe(signal: AbortSignal): Promise<void> {
    const { eventUrl } = this.#options;
    this.#current = undefined;
    const response = await this.#ask(subscribeRequest(eventUrl, this.#callback, USUAL_TIMEOUT), signal);
    const sid = response.headers.get('sid') ?? '';
    if (sid === '') throw new Malformed('SUBSCRIBE: the answer names no subscription', '');
    this.#current = { sid, lasts: grantedIn(response) };
  }

  /** Renews for as long as the signal lasts. @throws the signal's reason */
  async keepAlive(lostAndFound: () => void, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#network;
    for (;;) {
      // Early: some count from another moment than we do.
      const wait = this.#current === undefined ? RETRY : Math.max(SHORTEST_RENEWAL, this.#current.lasts / 2);
      await clock.sleep(millis(wait), signal);
      try {
        if (this.#current !== undefined && (await this.#renew(this.#current, signal))) continue;
        await this.subscribe(signal);
        lostAndFound();
        log.write('info', 'events: subscribed again after the router lost the subscription', {
          gateway: this.#options.eventUrl.address,
        });
      } catch (error) {
        if (!isFailure(error)) throw error;
        // Polling carries on meanwhile (X40).
        log.write('debug', 'events: not subscribed', { reason: error.message });
        this.#current = undefined;
      }
    }
  }

  /** Best effort, at most {@link FAREWELL_TIME}. */
  async leave(): Promise<void> {
    const subscription = this.#current;
    if (subscription === undefined) return;
    this.#current = undefined;
    const request = unsubscribeRequest(this.#options.eventUrl, subscription.sid);
    await outcomeOf(this.#ask(request, new AbortController().signal, FAREWELL_TIME));
  }

  /** `false` when the gateway does not know the subscription (X39). */
  async #renew(subscription: Subscription, signal: AbortSignal): Promise<boolean> {
    const request = renewalRequest(this.#options.eventUrl, subscription.sid, USUAL_TIMEOUT);
    const response = await outcomeOf(this.#ask(request, signal));
    if (response instanceof Refused) return false;
    if (isFailure(response)) throw response;
    this.#current = { sid: response.headers.get('sid') ?? subscription.sid, lasts: grantedIn(response) };
    return true;
  }

  async #ask(request: HttpRequest, signal: AbortSignal, time?: Millis): Promise<HttpResponse> {
    const { eventUrl, localAddress } = this.#options;
    const response = await exchange(this.#network, eventUrl, request, { localAddress, time }, signal);
    if (response.status >= 300)
      throw new Refused(
        'unsupported',
        httpCode(response.status),
        `${request.method}: the gateway answered HTTP ${response.status}`,
      );
    return response;
  }
}

/** The events of a finding's service; `undefined` when it names no place to subscribe at.
 * The generator throws Unreachable | Malformed | Refused when subscribing fails, or the signal's reason. */
export function eventsOf(
  system: System,
  finding: Finding,
  signal: AbortSignal,
): AsyncGenerator<ReadonlyMap<string, string>> | undefined {
  if (finding.eventUrl === undefined) return undefined;
  const eventUrl = parseHttpUrl(finding.eventUrl);
  if (eventUrl instanceof WireError) return undefined;
  return subscribeEvents(system, { eventUrl, localAddress: finding.localAddress }, signal);
}

function grantedIn(response: HttpResponse): Millis {
  const granted = parseTimeout(response.headers.get('timeout') ?? '');
  return secondsToMillis(granted === undefined || granted === 'infinite' ? USUAL_TIMEOUT : granted);
}

export interface CallbackOptions {
  readonly network: Pick<System, 'clock' | 'log'>;
  readonly listener: Listener;
  /** The only address that is listened to. */
  readonly gateway: IpAddress;
  /** The only path that is known. */
  readonly target: string;
  readonly isKnown: (sid: string) => boolean;
}

/** From the connection to the last byte of a notification. */
const CALL_TIME = inSeconds(5);
const MAX_BODY = 64 * 1024;
/** A gateway sends its events one after the other. */
const MOST_AT_ONCE = 8;

/** Serves until the listener is closed or the signal aborts. @throws the signal's reason */
export async function receiveEvents(
  options: CallbackOptions,
  onEvent: (properties: ReadonlyMap<string, string>) => void,
  signal: AbortSignal,
): Promise<void> {
  let open = 0;
  for (;;) {
    let connection: Connection;
    try {
      connection = await options.listener.accept(signal);
    } catch (error) {
      if (error instanceof NetworkError && error.fault === 'closed') return;
      if (!(error instanceof NetworkError)) throw error;
      // A connection that broke before it was taken.
      await options.network.clock.sleep(inSeconds(1), signal);
      continue;
    }
    if (connection.remote.address !== options.gateway || open >= MOST_AT_ONCE) {
      connection.close();
      continue;
    }
    open += 1;
    void serve(options, connection, onEvent, signal).finally(() => {
      open -= 1;
    });
  }
}

async function serve(
  options: CallbackOptions,
  connection: Connection,
  onEvent: (properties: ReadonlyMap<string, string>) => void,
  signal: AbortSignal,
): Promise<void> {
  const { network } = options;
  try {
    await withDeadline(network.clock, CALL_TIME, 'event notification', signal, async (inTime) => {
      const request = await readRequest(connection, inTime);
      const verdict = request instanceof WireError ? { status: 400 } : judge(options, request);
      if (verdict.properties !== undefined) onEvent(verdict.properties);
      await connection.write(encodeResponse({ status: verdict.status, reason: verdict.status === 200 ? 'OK' : 'No' }));
    });
  } catch (error) {
    if (!isFailure(error) && !(error instanceof NetworkError) && !signal.aborted)
      network.log.write('error', 'events: callback failed', { error: String(error) });
  } finally {
    connection.close();
  }
}

async function readRequest(connection: Connection, signal: AbortSignal): Promise<ReceivedRequest | WireError> {
  const reader = new HttpRequestReader({ maxBody: MAX_BODY });
  for (;;) {
    const chunk = await connection.read(signal);
    const progress = chunk === undefined ? reader.end() : reader.push(chunk);
    if (progress instanceof WireError) return progress;
    if (progress === 'done') return reader.request;
  }
}

/** UPnP DA 2.0 §4.3.2: 412 informs the gateway that there is no such subscriber. */
function judge(
  options: CallbackOptions,
  request: ReceivedRequest,
): { readonly status: number; readonly properties?: ReadonlyMap<string, string> } {
  if (request.target !== options.target) return { status: 404 };
  const event = decodeEvent(request);
  if (event instanceof WireError) return { status: 400 };
  return options.isKnown(event.sid) ? { status: 200, properties: event.properties } : { status: 412 };
}
