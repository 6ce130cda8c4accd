/** The outer shape of SOAP requests, and the ladder of other shapes for routers that do not take the usual one (X43). */
import type { RouterTraits } from '../../contract/mapping.ts';
import type { HttpResponse } from '../../wire/http.ts';
import { parseHttpUrl, type HttpUrl } from '../../wire/url.ts';
import { WireError } from '../../wire/wire-error.ts';
import { Malformed, Unreachable } from '../failure.ts';
import type { TraitMemory } from '../port-control.ts';

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

  /** What this router was seen to take. */
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
