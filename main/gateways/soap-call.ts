/** Calls the actions of one UPnP service, in the request shape that its router was seen to take (X43). */
import { familyOf } from '../contract/address.ts';
import type { IpAddress } from '../contract/address.ts';
import type { RouterTraits } from '../contract/mapping.ts';
import type { Millis } from '../contract/units.ts';
import { decodeServiceDescription } from '../wire/description.ts';
import type { HttpResponse } from '../wire/http.ts';
import { decodeAnswer, encodeCall } from '../wire/soap.ts';
import { httpUrlText, parseHttpUrl } from '../wire/url.ts';
import type { HttpUrl } from '../wire/url.ts';
import { WireError } from '../wire/wire-error.ts';
import { isFailure, Malformed, Refused, Unreachable } from './failure.ts';
import { exchange } from './http-exchange.ts';
import type { ExchangeLimits, HttpNetwork } from './http-exchange.ts';
import type { TraitMemory } from './port-control.ts';
import type { RequestQueue } from './request-queue.ts';
import { httpCode, refusalOf } from './upnp-errors.ts';

/** A service as its device's description names it; plain JSON. */
export interface UpnpService {
  readonly type: string;
  readonly controlUrl: string;
  /** The control URL by the description's URLBase, where that differs (X13). */
  readonly alternativeUrl?: string;
  readonly scpdUrl?: string;
  /** Empty when the service's own description has not been read. */
  readonly actions: readonly string[];
}

export type CallArguments = readonly (readonly [name: string, value: string])[];

export interface SoapAnswer {
  readonly values: ReadonlyMap<string, string>;
  /** 200 without a body: perhaps done (X27). */
  readonly empty: boolean;
}

export interface CallOptions {
  /** May be sent again after a broken connection (X34). */
  readonly idempotent?: boolean;
  readonly time?: Millis;
  /** Instead of the client's own (V1). */
  readonly localAddress?: IpAddress;
}

export interface ServiceClientOptions {
  readonly network: HttpNetwork;
  readonly queue: RequestQueue;
  readonly service: UpnpService;
  readonly traits: TraitMemory;
  /** Address to call from; the routing table's choice when absent. */
  readonly localAddress?: IpAddress;
}

interface Shape {
  readonly version: '1.0' | '1.1';
  readonly method: 'POST' | 'M-POST';
  readonly url: HttpUrl;
}

type SoapTraits = NonNullable<RouterTraits['soap']>;

export class ServiceClient {
  readonly service: UpnpService;
  readonly #options: ServiceClientOptions;
  readonly #controlUrl: HttpUrl;
  readonly #alternativeUrl: HttpUrl | undefined;
  /** Action → names of its input arguments in order; `undefined` for an action known by name only. */
  #declared: ReadonlyMap<string, readonly string[] | undefined> | undefined;
  #declarationSought = false;
  /** The router has answered a call in the present shape: a broken connection is then no matter of shape. */
  #proven = false;

  /** @throws Malformed when the control URL cannot be used */
  constructor(options: ServiceClientOptions) {
    const { service } = options;
    this.service = service;
    this.#options = options;
    this.#controlUrl = usableUrl(service.controlUrl);
    this.#alternativeUrl = service.alternativeUrl === undefined ? undefined : usableUrl(service.alternativeUrl);
    if (service.actions.length > 0) this.#declared = new Map(service.actions.map((name) => [name, undefined]));
  }

  /** Where calls go now. */
  get controlUrl(): string {
    return httpUrlText(this.#shape().url);
  }

  /** Actions that the service says it has; `undefined` when its description was not read or not understood. */
  get actions(): readonly string[] | undefined {
    return this.#declared === undefined ? undefined : [...this.#declared.keys()];
  }

  /** Reads the service's description unless that is known or was tried before (X36).
   * @throws the signal's reason */
  async readActions(signal: AbortSignal): Promise<readonly string[] | undefined> {
    if (this.#declared === undefined) await this.#readDeclaration(signal);
    return this.actions;
  }

  /** X31: would the service rather have other arguments, or another order, than was sent?
   * @throws the signal's reason */
  async differsFromDeclared(action: string, args: CallArguments, signal: AbortSignal): Promise<boolean> {
    await this.#readDeclaration(signal);
    const names = (list: CallArguments): string => list.map(([name]) => name).join(' ');
    return names(this.#declaredArguments(action, args)) !== names(args);
  }

  /** @throws Unreachable, Malformed, Refused, or the signal's reason */
  async call(action: string, args: CallArguments, signal: AbortSignal, options: CallOptions = {}): Promise<SoapAnswer> {
    if (this.#declared?.has(action) === false)
      throw new Refused('unsupported', 'upnp undeclared', `${action}: the service does not declare this action`);
    let repeated = false;
    for (let shape = this.#shape(); ;) {
      const outcome = await this.#attempt(shape, action, args, options, signal);
      if (isReset(outcome) && options.idempotent === true && !repeated) {
        repeated = true;
        continue;
      }
      const next = this.#nextShape(shape, outcome, options.idempotent === true);
      if (next === undefined) {
        if (outcome instanceof Unreachable) throw outcome;
        return this.#answerIn(shape, action, outcome);
      }
      shape = next;
    }
  }

  #shape(): Shape {
    const soap = this.#options.traits.get().soap;
    return {
      version: soap?.httpVersion ?? '1.1',
      method: soap?.method ?? 'POST',
      url: soap?.base === 'urlbase' ? (this.#alternativeUrl ?? this.#controlUrl) : this.#controlUrl,
    };
  }

  async #attempt(
    shape: Shape,
    action: string,
    args: CallArguments,
    options: CallOptions,
    signal: AbortSignal,
  ): Promise<HttpResponse | Unreachable> {
    const { network, queue } = this.#options;
    const call = encodeCall({
      serviceType: this.service.type,
      action,
      args: this.#declaredArguments(action, args),
    });
    const request = {
      method: shape.method,
      version: shape.version,
      headers: soapHeaders(shape.method, call.soapAction),
      body: call.body,
    };
    const limits = {
      ...(options.time === undefined ? {} : { time: options.time }),
      ...this.#from(shape.url, options.localAddress),
    };
    try {
      return await queue.run(() => exchange(network, shape.url, request, limits, signal), signal);
    } catch (error) {
      if (error instanceof Unreachable)
        return new Unreachable(error.why, `${action}: ${error.message}`, { cause: error.cause });
      if (error instanceof Malformed)
        throw new Malformed(`${action}: ${error.message}`, error.capture, { cause: error.cause });
      throw error;
    }
  }

  /** An IPv4 service may be reached over IPv6 and the other way round (V9); then the routing table chooses. */
  #from(url: HttpUrl, localAddress = this.#options.localAddress): ExchangeLimits {
    if (localAddress === undefined || familyOf(localAddress) !== familyOf(url.address)) return {};
    return { localAddress };
  }

  /** The next rung for a request that the router did not even look at; `undefined` when there is none. */
  #nextShape(shape: Shape, outcome: HttpResponse | Unreachable, idempotent: boolean): Shape | undefined {
    const status = outcome instanceof Unreachable ? undefined : outcome.status;
    const silent = !(outcome instanceof Unreachable) && isBlank(outcome.body);
    const older = !this.#proven && shape.version === '1.1' ? ({ ...shape, version: '1.0' } as const) : undefined;
    // X22. A call that must not be repeated climbs no further here: nobody knows whether it was carried out.
    if (isReset(outcome)) return idempotent ? older : undefined;
    if (status === 505 || status === 400) return older;
    // X28.
    if ((status === 405 || (status === 501 && silent)) && shape.method === 'POST')
      return { ...shape, method: 'M-POST' };
    // X13.
    const gone = status === 404 || (outcome instanceof Unreachable && outcome.why === 'refused');
    if (gone && this.#alternativeUrl !== undefined && shape.url === this.#controlUrl)
      return { ...shape, url: this.#alternativeUrl };
    return undefined;
  }

  #answerIn(shape: Shape, action: string, response: HttpResponse): SoapAnswer {
    const succeeded = response.status < 300;
    if (isBlank(response.body)) {
      if (!succeeded) throw statusRefusal(action, response.status);
      this.#remember(shape);
      return { values: new Map(), empty: true };
    }
    const decoded = decodeAnswer(response.body, action);
    if (decoded instanceof WireError) {
      if (!succeeded) throw statusRefusal(action, response.status);
      throw new Malformed(`${action}: ${decoded.message}`, decoded.capture, { cause: decoded });
    }
    this.#remember(shape);
    // X26: a fault counts whatever the status says.
    if (decoded.kind === 'fault') throw refusalOf(this.service.type, action, decoded);
    if (!succeeded) throw statusRefusal(action, response.status);
    return { values: decoded.values, empty: false };
  }

  #remember(shape: Shape): void {
    this.#proven = true;
    const { traits } = this.#options;
    const usual = this.#shape();
    const learnt: SoapTraits = {
      ...(shape.version === '1.0' && usual.version !== '1.0' ? { httpVersion: '1.0' } : {}),
      ...(shape.method === 'M-POST' && usual.method !== 'M-POST' ? { method: 'M-POST' } : {}),
      ...(shape.url === usual.url ? {} : { base: 'urlbase' }),
    };
    const what = Object.keys(learnt).map((key) => QUIRK_OF[key] ?? key);
    if (what.length > 0) traits.learn({ soap: { ...traits.get().soap, ...learnt } }, what.join('; '));
  }

  #declaredArguments(action: string, args: CallArguments): CallArguments {
    const names = this.#declared?.get(action);
    if (names === undefined || names.length === 0) return args;
    const values = new Map(args);
    return names.map((name) => [name, values.get(name) ?? ''] as const);
  }

  async #readDeclaration(signal: AbortSignal): Promise<void> {
    const { network, queue, service } = this.#options;
    if (this.#declarationSought || service.scpdUrl === undefined) return;
    this.#declarationSought = true;
    try {
      const url = usableUrl(service.scpdUrl);
      const limits = this.#from(url);
      const response = await queue.run(
        () => exchange(network, url, { method: 'GET', headers: [], version: this.#shape().version }, limits, signal),
        signal,
      );
      const decoded = response.status < 300 ? decodeServiceDescription(response.body) : undefined;
      if (decoded === undefined || decoded instanceof WireError) return;
      if (decoded.actions.size > 0)
        this.#declared = new Map([...decoded.actions].map(([name, { inputs }]) => [name, inputs]));
    } catch (error) {
      if (!isFailure(error)) throw error;
    }
  }
}

const QUIRK_OF: Readonly<Record<string, string>> = {
  httpVersion: 'X22: answered HTTP/1.0 after breaking HTTP/1.1 connections',
  method: 'X28: wants M-POST',
  base: 'X13: answers at URLBase only',
};

const isBlank = (body: Uint8Array): boolean => !body.some((byte) => byte > 0x20);

const isReset = (outcome: unknown): boolean => outcome instanceof Unreachable && outcome.why === 'reset';

function usableUrl(text: string): HttpUrl {
  const url = parseHttpUrl(text);
  if (url instanceof WireError) throw new Malformed(url.message, url.capture, { cause: url });
  return url;
}

/** UPnP DA 1.0 §3.1.1; the M-POST form is RFC 2774 §4. */
function soapHeaders(method: Shape['method'], soapAction: string): readonly (readonly [string, string])[] {
  const type = ['Content-Type', 'text/xml; charset="utf-8"'] as const;
  return method === 'POST'
    ? [type, ['SOAPAction', soapAction]]
    : [type, ['MAN', '"http://schemas.xmlsoap.org/soap/envelope/"; ns=01'], ['01-SOAPACTION', soapAction]];
}

/** What a status means when no SOAP fault explains it. */
function statusRefusal(action: string, status: number): Refused | Unreachable {
  const text = `${action}: the gateway answered HTTP ${status}`;
  // D15: paths change when a router restarts, so this is the same news as a closed port.
  if (status === 404 || status === 410) return new Unreachable('refused', `${text}, the service has moved`);
  if (status === 401 || status === 403) return new Refused('not-authorized', httpCode(status), text);
  if (status === 405 || status === 501) return new Refused('unsupported', httpCode(status), text);
  return new Refused('failed', httpCode(status), text);
}
