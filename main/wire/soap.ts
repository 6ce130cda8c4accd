/** SOAP 1.1 as UPnP uses it (UPnP Device Architecture 2.0 §3): calls in the plainest shape, answers in any. */
import { decodeText } from './bytes.ts';
import { WireError, type Decoded } from './wire-error.ts';
import { ByName, childOf, descendantsOf, escapeXml, isNamed, parseXml, textOf, type XmlElement } from './xml.ts';

export interface Call {
  readonly serviceType: string;
  readonly action: string;
  /** In the order of the service description (X31). */
  readonly args: readonly (readonly [name: string, value: string])[];
}

export type SoapAnswer =
  | {
      readonly kind: 'answer';
      /** By name, letter case not minded (X44). */
      readonly values: ReadonlyMap<string, string>;
    }
  | {
      readonly kind: 'fault';
      /** Vendors send negative ones (L5); 0 when the fault names none. */
      readonly code: number;
      readonly description: string;
    };

/** The value of the SOAPAction header is quoted (X16); the body has no white space in front or inside (X29). */
export function encodeCall(call: Call): { readonly body: string; readonly soapAction: string } {
  // Both come from the router's description and stand between quotes.
  const type = call.serviceType.replaceAll('"', '');
  const args = call.args.map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`).join('');
  return {
    body:
      '<?xml version="1.0"?>' +
      '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" ' +
      's:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>' +
      `<u:${call.action} xmlns:u="${escapeXml(type)}">${args}</u:${call.action}></s:Body></s:Envelope>`,
    soapAction: `"${type}#${call.action}"`,
  };
}

/** A fault is recognised by its error code, wherever that stands and whatever the HTTP status was (X26). */
export function decodeAnswer(body: Uint8Array, action: string): Decoded<SoapAnswer> {
  if (!body.some((byte) => byte > 0x20)) return new WireError('empty SOAP answer');
  const document = parseXml(body);
  if (document instanceof WireError) return faultIn(body) ?? document;
  return (
    faultOf(document) ??
    answerOf(document, action) ??
    faultIn(body) ??
    unnamedFault(document) ??
    new WireError('no SOAP answer', body)
  );
}

const CODE = /^[+-]?\d{1,10}$/;

function faultOf(document: XmlElement): SoapAnswer | undefined {
  for (const element of descendantsOf(document, 'errorCode')) {
    // Broken text may follow the number (X26).
    const code = /^[+-]?\d{1,10}/.exec(element.text)?.[0];
    if (code === undefined) continue;
    const description = descendantsOf(document, 'errorDescription').next().value;
    return { kind: 'fault', code: Number(code), description: description?.text ?? '' };
  }
  return undefined;
}

/** In bytes that are no XML, or where the fault is text inside of something else; not a number that was cut off. */
function faultIn(body: Uint8Array): SoapAnswer | undefined {
  const text = decodeText(body).slice(0, 65_536);
  const code = /errorCode[^>&]{0,64}(?:>|&gt;)\s{0,64}([+-]?\d{1,10})(?=\D)/i.exec(text)?.[1];
  if (code === undefined) return undefined;
  const description = /errorDescription[^>&]{0,64}(?:>|&gt;)([^<&]{0,256})/i.exec(text)?.[1] ?? '';
  return { kind: 'fault', code: Number(code), description: description.trim() };
}

function unnamedFault(document: XmlElement): SoapAnswer | undefined {
  const fault = isNamed(document, 'Fault') ? document : descendantsOf(document, 'Fault').next().value;
  if (fault === undefined) return undefined;
  const texts = ['faultcode', 'faultstring'].map((name) => childOf(fault, name)?.text ?? '');
  const code = texts.find((text) => CODE.test(text)) ?? '0';
  return { kind: 'fault', code: Number(code), description: texts[1] ?? '' };
}

function answerOf(document: XmlElement, action: string): SoapAnswer | undefined {
  const wanted = `${action}Response`;
  const named = isNamed(document, wanted) ? document : descendantsOf(document, wanted).next().value;
  const body = bodyOf(document);
  const response = named ?? body.find((element) => !isNamed(element, 'Fault'));
  if (response === undefined) return undefined;
  return { kind: 'answer', values: valuesIn(response, body) };
}

/** Some answer under the call's own name; a body holds one element anyway. An HTML page has a body, too (X25). */
const bodyOf = (document: XmlElement): readonly XmlElement[] =>
  (isNamed(document, 'Envelope') ? childOf(document, 'Body') : undefined)?.children ?? [];

/** Values right in the response count; else those deeper, or beside it (X44). */
function valuesIn(response: XmlElement, body: readonly XmlElement[]): ReadonlyMap<string, string> {
  const values = new ByName<string>();
  const add = ({ name }: XmlElement, text: string): void => {
    if (!values.has(name)) values.set(name, text);
  };
  for (const child of response.children) add(child, child.children.length === 0 ? child.text : innerXml(child));
  const beside = body.filter((element) => element !== response || element.text !== '');
  for (let level = [...response.children, ...beside]; level.length > 0;) {
    for (const element of level) if (element.children.length === 0) add(element, element.text);
    level = level.flatMap(({ children }) => children);
  }
  return values;
}

/** A listing that stands as elements where text is meant (E9). */
function innerXml(element: XmlElement): string {
  return element.children
    .map((child) => `<${child.name}>${escapeXml(child.text)}${innerXml(child)}</${child.name}>`)
    .join('');
}

/** A row of GetListOfPortMappings (WANIPConnection:2 §2.3.25). */
export interface PortListEntry {
  /** As listed: `''`, `0.0.0.0` and `*` all mean any (C11). */
  readonly remoteHost: string;
  /** 0 … 65535. */
  readonly externalPort: number;
  /** Upper case: `TCP`, `UDP`. */
  readonly protocol: string;
  /** 0 … 65535. */
  readonly internalPort: number;
  readonly internalClient: string;
  readonly enabled: boolean;
  readonly description: string;
  /** Seconds, 0 … 2³²−1; what it means differs (L15). */
  readonly leaseDuration: number;
}

const MAX_ROWS = 1000;

/** The text of `NewPortListing`, escaped again or not (E9). At most 1000 rows; unusable rows are left out. */
export function decodePortListing(text: string): Decoded<readonly PortListEntry[]> {
  if (text.trim() === '') return [];
  const document = parseXml(text.includes('<') ? text : `<p>${text}</p>`);
  if (document instanceof WireError) return document;
  const list = document.text.includes('<') ? parseXml(document.text) : document;
  if (list instanceof WireError) return list;
  const rows: PortListEntry[] = [];
  for (const element of descendantsOf(list, 'PortMappingEntry')) {
    if (rows.length >= MAX_ROWS) break;
    const row = rowOf(element);
    if (row !== undefined) rows.push(row);
  }
  return rows;
}

function rowOf(element: XmlElement): PortListEntry | undefined {
  const externalPort = numberIn(element, 'NewExternalPort', 65_535);
  const internalPort = numberIn(element, 'NewInternalPort', 65_535);
  const protocol = textOf(element, 'NewProtocol').toUpperCase();
  if (externalPort === undefined || internalPort === undefined || protocol === '') return undefined;
  return {
    remoteHost: textOf(element, 'NewRemoteHost'),
    externalPort,
    protocol,
    internalPort,
    internalClient: textOf(element, 'NewInternalClient'),
    enabled: !/^(?:0|false|no)$/i.test(textOf(element, 'NewEnabled')),
    description: textOf(element, 'NewDescription'),
    leaseDuration:
      numberIn(element, 'NewLeaseTime', 0xffff_ffff) ?? numberIn(element, 'NewLeaseDuration', 0xffff_ffff) ?? 0,
  };
}

function numberIn(element: XmlElement, name: string, most: number): number | undefined {
  const text = textOf(element, name);
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return value <= most ? value : undefined;
}
