/** SOAP 1.1 as UPnP uses it (UPnP DA 1.1 §3), read and written by hand: a router that shared the client's code would agree with its mistakes. */
import type { IpAddress } from '../../contract/address.ts';
import type { Transport } from '../../contract/model.ts';
import type { Personality } from '../router/personality.ts';

export interface SoapCall {
  readonly action: string;
  /** The service type of the SOAPAction header. */
  readonly service: string;
  /** By local name, entities decoded; an absent argument is absent here. */
  readonly arguments: ReadonlyMap<string, string>;
}

export interface Caller {
  readonly address: IpAddress;
}

/** In the order of the service description. */
export type OutArguments = Readonly<Record<string, string | number>>;

/** `hang-up`: the connection ends without an answer; `die`: so does the daemon. */
export type ActionResult = { readonly out: OutArguments } | { readonly fault: number } | 'hang-up' | 'die' | 'bare-500';

export const fault = (code: number): ActionResult => ({ fault: code });
export const success: ActionResult = { out: {} };

/** A whole number of at most ten digits, `undefined` when it is none. */
export function numberOf(call: SoapCall, name: string): number | undefined {
  const text = call.arguments.get(name)?.trim();
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

export function transportOf(call: SoapCall): Transport | undefined {
  const text = call.arguments.get('NewProtocol')?.trim().toUpperCase();
  if (text === 'TCP') return 'tcp';
  return text === 'UDP' ? 'udp' : undefined;
}

/** Names of the codes (UPnP DA 1.1 §3.2.2, WANIPConnection:2 §2.6, WANIPv6FirewallControl:1 §2.6). */
const faultTexts: Readonly<Record<number, string>> = {
  401: 'Invalid Action',
  402: 'Invalid Args',
  501: 'Action Failed',
  602: 'Optional Action Not Implemented',
  605: 'String Argument Too Long',
  606: 'Action not authorized',
  701: 'PinholeSpaceExhausted',
  702: 'FirewallDisabled',
  703: 'InboundPinholeNotAllowed',
  704: 'NoSuchEntry',
  705: 'ProtocolNotSupported',
  706: 'InternalPortWildcardingNotAllowed',
  708: 'SrcAddressWildcardNotAllowed',
  709: 'NoTrafficReceived',
  713: 'SpecifiedArrayIndexInvalid',
  714: 'NoSuchEntryInArray',
  716: 'WildCardNotPermittedInExtPort',
  718: 'ConflictInMappingEntry',
  724: 'SamePortValuesRequired',
  725: 'OnlyPermanentLeasesSupported',
  727: 'ExternalPortOnlySupportsWildcard',
  728: 'NoPortMapsAvailable',
  729: 'ConflictWithOtherMechanisms',
  730: 'PortMappingNotFound',
  731: 'ReadOnly',
  733: 'InconsistentParameters',
};

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function decodeXml(text: string): string {
  return text.replace(/&(?:#(\d{1,6})|#x([\da-fA-F]{1,5})|(\w{1,8}));/g, (whole, decimal, hex, name) => {
    if (typeof name === 'string') return entities[name] ?? whole;
    const code = typeof decimal === 'string' ? Number(decimal) : Number.parseInt(String(hex), 16);
    return code > 0 && code < 0x11_0000 ? String.fromCodePoint(code) : '';
  });
}

/** `undefined` when the header names no action or the body does not hold its element. */
export function readCall(soapAction: string | undefined, body: string): SoapCall | undefined {
  const header = /^"?([^"#]*)#(\w{1,64})"?$/.exec(soapAction?.trim() ?? '');
  const [, service, action] = header ?? [];
  if (service === undefined || action === undefined) return undefined;
  const opening = new RegExp(`<(?:[\\w.-]{1,32}:)?${action}(?=[\\s/>])[^>]*>`).exec(body);
  if (opening === null) return undefined;
  const found = new Map<string, string>();
  if (!opening[0].endsWith('/>')) {
    const rest = body.slice(opening.index + opening[0].length);
    const inner = rest.split(new RegExp(`</(?:[\\w.-]{1,32}:)?${action}\\s*>`), 1)[0] ?? '';
    for (const match of inner.matchAll(/<(?:[\w.-]{1,32}:)?(\w{1,64})(?:\s[^>]*)?(?:\/>|>([^<]*)<\/)/g)) {
      const [, name, value] = match;
      if (name !== undefined) found.set(name, decodeXml(value ?? ''));
    }
  }
  return { action, service, arguments: found };
}

const envelopeStart =
  '<?xml version="1.0"?>\r\n<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>';
const envelopeEnd = '</s:Body></s:Envelope>\r\n';

/** `padded`: blanks and line ends around values and tags (X4). `outputs`: X44. */
export function writeResponse(
  call: SoapCall,
  out: OutArguments,
  { padded, outputs }: Pick<Personality['soap'], 'padded' | 'outputs'>,
): string {
  const space = padded ? '\r\n  ' : '';
  const values = Object.entries(out).map(([name, value]) => {
    const tag = outputs === 'lower-case' ? name.toLowerCase() : name;
    const element = `${space}<${tag}>${space}${listingOrText(name, value)}${space}</${tag}>`;
    return outputs === 'nested' ? `<value>${element}</value>` : element;
  });
  return `${envelopeStart}${space}<u:${call.action}Response xmlns:u="${escapeXml(call.service)}">${values.join('')}${space}</u:${call.action}Response>${envelopeEnd}`;
}

/** The listing of WANIPConnection:2 is XML inside a value: miniupnpd sends it as CDATA (E9). */
function listingOrText(name: string, value: string | number): string {
  return name === 'NewPortListing' ? `<![CDATA[${value}]]>` : escapeXml(String(value));
}

export function writeFault(code: number): string {
  const text = faultTexts[code] ?? 'Vendor error';
  return `${envelopeStart}<s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail><UPnPError xmlns="urn:schemas-upnp-org:control-1-0"><errorCode>${code}</errorCode><errorDescription>${text}</errorDescription></UPnPError></detail></s:Fault>${envelopeEnd}`;
}
