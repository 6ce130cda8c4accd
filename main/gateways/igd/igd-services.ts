/** Reads an Internet Gateway Device's description and picks the services that can open ports. */
import type { IpAddress } from '../../contract/address.ts';
import type { Millis } from '../../contract/units.ts';
import { withoutHidden } from '../../contract/words/hidden.ts';
import { decodeDescription, servicesOf, type Description, type ServiceEntry } from '../../wire/description.ts';
import type { HttpResponse } from '../../wire/http.ts';
import { httpUrlText, resolveHttpUrl, type HttpUrl } from '../../wire/url.ts';
import { WireError } from '../../wire/wire-error.ts';
import { Malformed, Unreachable } from '../failure.ts';
import type { RememberedService } from '../gateway.ts';
import type { TraitMemory } from '../port-control.ts';
import { exchange, type HttpNetwork } from '../upnp/http-exchange.ts';
import { RequestQueue } from '../upnp/request-queue.ts';
import { statusRefusal } from '../upnp/upnp-errors.ts';
import { rankServices } from './igd-status.ts';

export interface IgdDescription {
  /** `http://…`, as it was asked. */
  readonly location: string;
  readonly name: string;
  readonly model: string;
  /** Services that map IPv4 ports, best first; several may be views of one connection, or connections of their own
   * (X10). Empty: it cannot map ports (D17). */
  readonly wan: readonly RememberedService[];
  /** WANIPv6FirewallControl. */
  readonly firewall: RememberedService | undefined;
  /** WANCommonInterfaceConfig of the best connection's device: byte counters. */
  readonly common: RememberedService | undefined;
  /** To be shared by the controls made from this (X32). */
  readonly queue: RequestQueue;
}

export interface ReadOptions {
  readonly traits: TraitMemory;
  readonly localAddress?: IpAddress | undefined;
  /** For the description; 10 s when absent. */
  readonly time?: Millis;
}

/** Names shown to people; some routers put novels there. */
const MAX_NAME = 100;
/** More WAN connections than any router has. */
const MOST_SERVICES = 16;

/**
 * Reads the description at `location`. When it names several services that map ports they are asked for their status
 * and put in order; a single one costs no further request.
 * @throws Unreachable, Malformed, Refused (`http 401` and the like: not a router of ours, X37), or the signal's reason
 */
export async function readIgd(
  network: HttpNetwork,
  location: HttpUrl,
  signal: AbortSignal,
  options: ReadOptions,
): Promise<IgdDescription> {
  const queue = new RequestQueue({ clock: network.clock, traits: options.traits });
  const response = await fetchDescription(network, location, options, queue, signal);
  const decoded = decodeDescription(response.body);
  if (decoded instanceof WireError)
    throw new Malformed(`description at ${httpUrlText(location)}: ${decoded.message}`, decoded.capture);
  const found = usableServices(decoded, location);
  const wan = await rankServices(network, [...found.wan.keys()], { ...options, queue }, signal);
  const [best] = wan;
  return {
    location: httpUrlText(location),
    ...namesIn(decoded),
    wan,
    firewall: found.firewall,
    common: best === undefined ? undefined : found.wan.get(best),
    queue,
  };
}

async function fetchDescription(
  network: HttpNetwork,
  location: HttpUrl,
  { traits, ...limits }: ReadOptions,
  queue: RequestQueue,
  signal: AbortSignal,
): Promise<HttpResponse> {
  const what = `description at ${httpUrlText(location)}`;
  const get = async (version: '1.0' | '1.1'): Promise<HttpResponse> =>
    await queue.run(() => exchange(network, location, { method: 'GET', headers: [], version }, limits, signal), signal);
  const known = traits.get().soap?.httpVersion ?? '1.1';
  let response: HttpResponse;
  try {
    response = await get(known);
  } catch (error) {
    // X22, X34: reading may be repeated.
    if (!(error instanceof Unreachable) || error.why !== 'reset') throw error;
    response = await get('1.0');
  }
  if (response.status >= 400) throw statusRefusal(what, response.status);
  return response;
}

/** The IGD may sit below another root; the device that says WAN is the one people know. */
function namesIn({ root }: Description): { readonly name: string; readonly model: string } {
  const model = [root.manufacturer, root.modelName, root.modelNumber]
    .map(withoutHidden)
    .filter((part, index, parts) => {
      return part !== '' && parts.indexOf(part) === index;
    });
  return { name: withoutHidden(root.friendlyName).slice(0, MAX_NAME), model: model.join(' ').slice(0, MAX_NAME) };
}

/** URNs with or without a version, of the standard or the legacy dslforum family (X8). */
const isKind = (type: string, kind: string): boolean => new RegExp(`:service:${kind}(?::\\d+)?$`, 'i').test(type);
const mapsPorts = (type: string): boolean => isKind(type, 'WANIPConnection') || isKind(type, 'WANPPPConnection');

function usableServices(
  description: Description,
  location: HttpUrl,
): {
  /** With the WANCommonInterfaceConfig of the same device. */
  readonly wan: ReadonlyMap<RememberedService, RememberedService | undefined>;
  /** WANIPv6FirewallControl. */
  readonly firewall: RememberedService | undefined;
} {
  const names = namesIn(description);
  const wan = new Map<RememberedService, RememberedService | undefined>();
  let firewall: RememberedService | undefined;
  let common: RememberedService | undefined;
  // X6, X7: anywhere in the tree, by type only. A WANDevice's own services come before those of its connections.
  for (const { service } of servicesOf(description)) {
    const usable = usableService(service, description, location);
    if (usable === undefined) continue;
    const named = { ...usable, ...names };
    if (isKind(named.type, 'WANCommonInterfaceConfig')) common = named;
    else if (isKind(named.type, 'WANIPv6FirewallControl')) firewall ??= named;
    else if (mapsPorts(named.type) && wan.size < MOST_SERVICES) wan.set(named, common);
  }
  return { wan, firewall };
}

function usableService(
  { type, controlUrl, eventUrl, scpdUrl }: ServiceEntry,
  { urlBase }: Description,
  location: HttpUrl,
): Omit<RememberedService, 'name' | 'model'> | undefined {
  const urlOf = (reference: string, base = location): HttpUrl | undefined =>
    reference === '' ? undefined : onSameHost(location, base, reference);
  const control = textOf(urlOf(controlUrl));
  if (control === undefined) return undefined;
  // X13: URLBase is often wrong; LOCATION comes first.
  const base = urlOf(urlBase);
  const alternative = base === undefined ? undefined : textOf(urlOf(controlUrl, base));
  return {
    type,
    controlUrl: control,
    alternativeUrl: alternative === control ? undefined : alternative,
    eventUrl: textOf(urlOf(eventUrl)),
    scpdUrl: textOf(urlOf(scpdUrl)),
    actions: [],
  };
}

/** D20, D21: whatever host a description names, only the one that gave it is asked, at the port and path it names. */
function onSameHost(location: HttpUrl, base: HttpUrl, reference: string): HttpUrl | undefined {
  const url = resolveHttpUrl(base, reference);
  return url instanceof WireError ? undefined : { ...location, port: url.port, target: url.target };
}

const textOf = (url: HttpUrl | undefined): string | undefined => url && httpUrlText(url);
