/** GENA eventing (UPnP Device Architecture 2.0 §4): subscribing to a service, and what it then sends. */
import { seconds, type Seconds } from '../contract/units.ts';
import type { HttpRequest, ReceivedRequest } from './http.ts';
import { hostOf, type HttpUrl } from './url.ts';
import { WireError, type Decoded } from './wire-error.ts';
import { ByName, descendantsOf, isNamed, parseXml } from './xml.ts';

/** @param callback where this machine listens; an own address of the caller, as miniupnpd insists (X39) */
export function subscribeRequest(eventUrl: HttpUrl, callback: HttpUrl, timeout: Seconds): HttpRequest {
  return {
    method: 'SUBSCRIBE',
    target: eventUrl.target,
    host: hostOf(eventUrl),
    headers: [
      ['CALLBACK', `<http://${hostOf(callback)}${callback.target}>`],
      ['NT', 'upnp:event'],
      ['TIMEOUT', `Second-${timeout}`],
    ],
  };
}

/** @param sid as the router gave it */
export function renewalRequest(eventUrl: HttpUrl, sid: string, timeout: Seconds): HttpRequest {
  return {
    method: 'SUBSCRIBE',
    target: eventUrl.target,
    host: hostOf(eventUrl),
    headers: [
      ['SID', sid],
      ['TIMEOUT', `Second-${timeout}`],
    ],
  };
}

export function unsubscribeRequest(eventUrl: HttpUrl, sid: string): HttpRequest {
  return { method: 'UNSUBSCRIBE', target: eventUrl.target, host: hostOf(eventUrl), headers: [['SID', sid]] };
}

/** The TIMEOUT header of an answer: `Second-1800`, `Second-infinite`, or the bare number. */
export function parseTimeout(header: string): Seconds | 'infinite' | undefined {
  const [, amount] = /^(?:Second-)?(\d{1,15}|infinite)$/i.exec(header.trim()) ?? [];
  if (amount === undefined) return undefined;
  return /^\d/.test(amount) ? seconds(Math.min(Number(amount), 0xffff_ffff)) : 'infinite';
}

export interface EventMessage {
  readonly sid: string;
  /** Counts from 0; a gap means that events were lost. Absent when the router sends none. */
  readonly sequence?: number;
  readonly properties: ReadonlyMap<string, string>;
}

/** A router's request to the callback. */
export function decodeEvent(request: ReceivedRequest): Decoded<EventMessage> {
  if (request.method !== 'NOTIFY') return new WireError('not an event notification', request.method);
  const sid = request.headers.get('sid') ?? '';
  if (sid === '') return new WireError('an event without subscription id', request.body);
  const properties = decodePropertySet(request.body);
  if (properties instanceof WireError) return properties;
  const sequence = request.headers.get('seq') ?? '';
  return { sid, ...(/^\d{1,10}$/.test(sequence) ? { sequence: Number(sequence) } : {}), properties };
}

/** Variables by local name, letter case not minded; some stand in the set itself (X44). */
export function decodePropertySet(body: Uint8Array): Decoded<ReadonlyMap<string, string>> {
  const document = parseXml(body);
  if (document instanceof WireError) return document;
  const properties = new ByName<string>();
  const holders = [...descendantsOf(document, 'property')];
  for (const { children } of holders.length === 0 && isNamed(document, 'propertyset') ? [document] : holders) {
    for (const variable of children) properties.set(variable.name, variable.text);
  }
  if (properties.size === 0) return new WireError('no event property', body);
  return properties;
}
