/** Calls the actions of one UPnP service, in the request shape that its router was seen to take (X43). */
import { familyOf, type IpAddress } from '../../contract/address.ts';
import type { RouterTraits } from '../../contract/mapping.ts';
import type { Millis } from '../../contract/units.ts';
import { decodeServiceDescription } from '../../wire/description.ts';
import type { HttpResponse } from '../../wire/http.ts';
import { decodeAnswer, encodeCall } from '../../wire/soap.ts';
import { httpUrlText, parseHttpUrl, type HttpUrl } from '../../wire/url.ts';
import { WireError } from '../../wire/wire-error.ts';
import { ByName } from '../../wire/xml.ts';
import { isFailure, Malformed, Refused, Unreachable } from '../failure.ts';
import type { RememberedService } from '../gateway.ts';
import type { TraitMemory } from '../port-control.ts';
import { exchange, type HttpNetwork } from './http-exchange.ts';
import type { RequestQueue } from './request-queue.ts';
import { refusalOf, statusRefusal } from './upnp-errors.ts';

/** Everything needed to call a service. */
export type UpnpService = Omit<RememberedService, 'name' | 'model' | 'eventUrl'>;

export type CallArguments = readonly (readonly [name: string, value: string])[];

export interface SoapAnswer {
  readonly values: ReadonlyMap<string, string>;
  /** 200 without a body: perhaps done (X27). */
  readonly empty: boolean;
}

export interface CallOptions {
  /** May be sent again after a broken connection (X34). */
  readonly idempotent?: boolean;
  readonly time?: Millis | undefined;
  /** Instead of the client's own (V1). */
  readonly localAddress?: IpAddress | undefined;
}

export interface ServiceClientOptions {
  readonly network: HttpNetwork;
  readonly queue: RequestQueue;
  readonly service: UpnpService;
  readonly traits: TraitMemory;
  /** Address to call from; the routing table's choice when absent. */
  readonly localAddress?: IpAddress | undefined;
}

export class ServiceClient {
  readonly service: UpnpService;
  readonly #options: ServiceClientOptions;
  readonly #shapes: RequestShapes;
  /** Action → names of its input arguments in order; `undefined` for an action known by name only. */
  #declared: ByName<readonly string[] | undefined> | undefined;
  /** Nothing of it was cut off. */
  #isWhole = true;
  #declarationSought = false;

  /** @throws Malformed when the control URL cannot be used */
  constructor(options: ServiceClientOptions) {
    const { service } = options;
    this.service = service;
    this.#options = options;
    this.#shapes = new RequestShapes(options.traits, service.controlUrl, service.alternativeUrl);
    if (service.actions.length > 0) this.#declared = byName(service.actions.map((name) => [name, undefined]));
  }

  /** Where calls go now. */
  get controlUrl(): string {
    return httpUrlText(this.#shapes.usual.url);
  }

  /** Does the service say that it has this action? `undefined` when its description was not read, not understood, or cut
   * off before that. */
  declares(action: string): boolean | undefined {
    if (this.#declared?.has(action) === true) return true;
    return this.#declared !== undefined && this.#isWhole ? false : undefined;
  }

  /** The same, from the service's description unless that is known or was tried before (X36).
   * @throws the signal's reason */
  async readWhetherDeclared(action: string, signal: AbortSignal): Promise<boolean | undefined> {
    if (this.#declared === undefined) await this.#readDeclaration(signal);
    return this.declares(action);
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
    if (this.declares(action) === false)
      throw new Refused('unsupported', 'upnp undeclared', `${action}: the service does not declare this action`);
    const isIdempotent = options.idempotent === true;
    let isRepeated = false;
    const tried: Shape[] = [];
    for (let shape = this.#shapes.usual; ;) {
      const outcome = await this.#attempt(shape, action, args, options, signal);
      if (isReset(outcome) && isIdempotent && !isRepeated) {
        isRepeated = true;
        continue;
      }
      tried.push(shape);
      const next = this.#shapes.next(tried, outcome, isIdempotent);
      if (next === undefined) {
        if (outcome instanceof Unreachable) throw outcome;
        return this.#answerIn(shape, action, outcome);
      }
      shape = next;
    }
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
    const limits = { time: options.time, localAddress: this.#from(shape.url, options.localAddress) };
    try {
      return await queue.run(() => exchange(network, shape.url, request, limits, signal), signal);
    } catch (error) {
      if (error instanceof Unreachable)
        return new Unreachable(error.why, `${action}: ${error.message}`, { cause: error.cause });
      if (error instanceof Malformed)
        throw new Malformed(`${action}: ${error.message}`, error.capture, {
          cause: error.cause,
          saysNo: error.saysNo,
        });
      throw error;
    }
  }

  /** An IPv4 service may be reached over IPv6 and the other way round (V9); then the routing table chooses. */
  #from(url: HttpUrl, localAddress = this.#options.localAddress): IpAddress | undefined {
    return localAddress !== undefined && familyOf(localAddress) === familyOf(url.address) ? localAddress : undefined;
  }

  #answerIn(shape: Shape, action: string, response: HttpResponse): SoapAnswer {
    const succeeded = response.status < 300;
    if (isBlank(response.body)) {
      if (!succeeded) throw statusRefusal(action, response.status);
      this.#shapes.remember(shape);
      return { values: new Map(), empty: true };
    }
    const decoded = decodeAnswer(response.body, action);
    if (decoded instanceof WireError) {
      if (!succeeded) throw statusRefusal(action, response.status);
      throw new Malformed(`${action}: ${decoded.message}`, decoded.capture, { cause: decoded });
    }
    this.#shapes.remember(shape);
    // X26: a fault counts whatever the status says.
    if (decoded.kind === 'fault') throw refusalOf(this.service.type, action, decoded);
    if (!succeeded) throw statusRefusal(action, response.status);
    return { values: decoded.values, empty: false };
  }

  #declaredArguments(action: string, args: CallArguments): CallArguments {
    const names = this.#declared?.get(action);
    if (names === undefined || names.length === 0) return args;
    const values = byName(args);
    return names.map((name) => [name, values.get(name) ?? ''] as const);
  }

  async #readDeclaration(signal: AbortSignal): Promise<void> {
    const { network, queue, service } = this.#options;
    if (this.#declarationSought || service.scpdUrl === undefined) return;
    this.#declarationSought = true;
    const { version } = this.#shapes.usual;
    try {
      const url = usableUrl(service.scpdUrl);
      const limits = { localAddress: this.#from(url) };
      const response = await queue.run(
        () => exchange(network, url, { method: 'GET', headers: [], version }, limits, signal),
        signal,
      );
      const decoded = response.status < 300 ? decodeServiceDescription(response.body) : undefined;
      if (decoded === undefined || decoded instanceof WireError) return;
      this.#isWhole = decoded.isWhole;
      if (decoded.actions.size > 0)
        this.#declared = byName([...decoded.actions].map(([name, { inputs }]) => [name, inputs]));
    } catch (error) {
      if (!isFailure(error)) throw error;
    }
  }
}

function byName<Value>(entries: Iterable<readonly [name: string, value: Value]>): ByName<Value> {
  const map = new ByName<Value>();
  for (const [name, value] of entries) map.set(name, value);
  return map;
}

export interface Shape {
  readonly version: '1.0' | '1.1';
  readonly method: 'POST' | 'M-POST';
  readonly url: HttpUrl;
}

type SoapTraits = NonNullable<RouterTraits['soap']>;

/** X1, X27: nothing but white space. */
export const isBlank = (body: Uint8Array): boolean => !body.some((byte) => byte > 0x20);

export const isReset = (outcome: unknown): boolean => outcome instanceof Unreachable && outcome.why === 'reset';

/** @throws Malformed when it is no http URL of a literal address */
export function usableUrl(text: string): HttpUrl {
  const url = parseHttpUrl(text);
  if (url instanceof WireError) throw new Malformed(url.message, url.capture, { cause: url });
  return url;
}

/** UPnP DA 1.0 §3.1.1; the M-POST form is RFC 2774 §4. */
export function soapHeaders(method: Shape['method'], soapAction: string): readonly (readonly [string, string])[] {
  const type = ['Content-Type', 'text/xml; charset="utf-8"'] as const;
  return method === 'POST'
    ? [type, ['SOAPAction', soapAction]]
    : [type, ['MAN', '"http://schemas.xmlsoap.org/soap/envelope/"; ns=01'], ['01-SOAPACTION', soapAction]];
}

export class RequestShapes {
  readonly #traits: TraitMemory;
  readonly #controlUrl: HttpUrl;
  readonly #alternativeUrl: HttpUrl | undefined;
  /** The router has answered a call in the present shape: a broken connection is then no matter of shape. */
  #proven = false;

  /** @throws Malformed when a URL cannot be used */
  constructor(traits: TraitMemory, controlUrl: string, alternativeUrl: string | undefined) {
    this.#traits = traits;
    this.#controlUrl = usableUrl(controlUrl);
    this.#alternativeUrl = alternativeUrl === undefined ? undefined : usableUrl(alternativeUrl);
  }

  /** The shape that this router was seen to take. */
  get usual(): Shape {
    const soap = this.#traits.get().soap;
    return {
      version: soap?.httpVersion ?? '1.1',
      method: soap?.method ?? 'POST',
      url: soap?.base === 'urlbase' ? (this.#alternativeUrl ?? this.#controlUrl) : this.#controlUrl,
    };
  }

  /** The next rung for a request that the router has not carried out; `undefined` when there is none.
   * @param tried every shape of this call so far, the last one included */
  next(tried: readonly Shape[], outcome: HttpResponse | Unreachable, isIdempotent: boolean): Shape | undefined {
    const shape = tried.at(-1);
    if (shape === undefined) return undefined;
    const next = this.#rungAbove(shape, outcome, isIdempotent);
    const isNew = !tried.some(
      ({ version, method, url }) => version === next?.version && method === next.method && url === next.url,
    );
    return isNew ? next : undefined;
  }

  #rungAbove(shape: Shape, outcome: HttpResponse | Unreachable, isIdempotent: boolean): Shape | undefined {
    const older = !this.#proven && shape.version === '1.1' ? ({ ...shape, version: '1.0' } as const) : undefined;
    // X22. A call that must not be repeated climbs no further here: nobody knows whether it was carried out.
    if (isReset(outcome)) return isIdempotent ? older : undefined;
    // X13, in either direction: the memory may be old.
    const other = shape.url === this.#controlUrl ? this.#alternativeUrl : this.#controlUrl;
    const elsewhere = other === undefined ? undefined : { ...shape, url: other };
    if (outcome instanceof Unreachable) return outcome.why === 'refused' ? elsewhere : undefined;
    switch (outcome.status) {
      case 400:
      case 505:
        return older;
      case 404:
        return elsewhere;
      case 501:
        return isBlank(outcome.body) ? otherMethod(shape) : undefined;
      case 405:
        return otherMethod(shape);
      default:
        return undefined;
    }
  }

  /** The router has understood a request of this shape. */
  remember(shape: Shape): void {
    this.#proven = true;
    const { usual } = this;
    const learnt: SoapTraits = {
      ...(shape.version === '1.0' && usual.version !== '1.0' ? { httpVersion: '1.0' } : {}),
      ...(shape.method === 'M-POST' && usual.method !== 'M-POST' ? { method: 'M-POST' } : {}),
      ...(shape.url === this.#alternativeUrl && usual.url !== shape.url ? { base: 'urlbase' } : {}),
    };
    const why = Object.keys(learnt).map((key) => QUIRK_OF[key] ?? key);
    if (why.length > 0) this.#traits.learn({ soap: { ...this.#traits.get().soap, ...learnt } }, why.join('; '));
  }
}

const QUIRK_OF: Readonly<Record<string, string>> = {
  httpVersion: 'answered HTTP/1.0 after breaking HTTP/1.1 connections', // X22
  method: 'wants M-POST', // X28
  base: 'answers at URLBase only', // X13
};

/** X28. */
const otherMethod = (shape: Shape): Shape => ({ ...shape, method: shape.method === 'POST' ? 'M-POST' : 'POST' });
