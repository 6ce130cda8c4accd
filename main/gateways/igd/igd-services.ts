/** Reads an Internet Gateway Device's description and picks the services that can open ports. */
import type { IpAddress } from '../../contract/address.ts';
import type { Millis } from '../../contract/units.ts';
import { decodeDescription, servicesOf, type Description, type ServiceEntry } from '../../wire/description.ts';
import type { HttpResponse } from '../../wire/http.ts';
import { httpUrlText, resolveHttpUrl, type HttpUrl } from '../../wire/url.ts';
import { WireError } from '../../wire/wire-error.ts';
import { Malformed, Unreachable } from '../failure.ts';
import type { RememberedService } from '../gateway.ts';
import type { TraitMemory } from '../port-control.ts';
import { exchange, type HttpNetwork } from '../upnp/http-exchange.ts';
import { RequestQueue } from '../upnp/request-queue.ts';
import type { UpnpService } from '../upnp/soap-call.ts';
import { statusRefusal } from '../upnp/upnp-errors.ts';
import { rankServices } from './igd-status.ts';

/** All that a control needs. */
export type IgdService = RememberedService & UpnpService;

export interface IgdDescription {
  /** `http://…`, as it was asked. */
  readonly location: string;
  readonly name: string;
  readonly model: string;
  /** Opaque (D11); changes at each reboot of some routers (D13). */
  readonly udn: string;
  /** Services that map IPv4 ports, best first; several may be views of one connection, or connections of their own
   * (X10). Empty: it cannot map ports (D17). */
  readonly wan: readonly IgdService[];
  /** WANIPv6FirewallControl. */
  readonly firewall: IgdService | undefined;
  /** WANCommonInterfaceConfig of the best connection's device: byte counters. */
  readonly common: IgdService | undefined;
  /** To be shared by the controls made from this (X32). */
  readonly queue: RequestQueue;
}

export interface ReadOptions {
  /** Absent: nothing is known and nothing is kept. */
  readonly traits?: TraitMemory;
  readonly localAddress?: IpAddress;
  readonly queue?: RequestQueue;
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
  options: ReadOptions = {},
): Promise<IgdDescription> {
  const traits = options.traits ?? forgetfulTraits();
  const queue = options.queue ?? new RequestQueue({ clock: network.clock, traits });
  const response = await fetchDescription(network, location, options, traits, queue, signal);
  const decoded = decodeDescription(response.body);
  if (decoded instanceof WireError)
    throw new Malformed(`description at ${httpUrlText(location)}: ${decoded.message}`, decoded.capture);
  const found = usableServices(decoded, location);
  const wan = await rankServices(network, [...found.wan.keys()], { ...options, traits, queue }, signal);
  const [best] = wan;
  return {
    location: httpUrlText(location),
    ...namesIn(decoded),
    udn: decoded.root.udn.slice(0, MAX_NAME),
    wan,
    firewall: found.firewall,
    common: best === undefined ? undefined : found.wan.get(best),
    queue,
  };
}

async function fetchDescription(
  network: HttpNetwork,
  location: HttpUrl,
  options: ReadOptions,
  traits: TraitMemory,
  queue: RequestQueue,
  signal: AbortSignal,
): Promise<HttpResponse> {
  const what = `description at ${httpUrlText(location)}`;
  const limits = {
    ...(options.time === undefined ? {} : { time: options.time }),
    ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
  };
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
  const model = [root.manufacturer, root.modelName, root.modelNumber].filter((part, index, parts) => {
    return part !== '' && parts.indexOf(part) === index;
  });
  return { name: root.friendlyName.slice(0, MAX_NAME), model: model.join(' ').slice(0, MAX_NAME) };
}

interface Found {
  /** With the WANCommonInterfaceConfig of the same device. */
  readonly wan: ReadonlyMap<IgdService, IgdService | undefined>;
  readonly firewall: IgdService | undefined;
}

/** URNs with or without a version, of the standard or the legacy dslforum family (X8). */
const isKind = (type: string, kind: string): boolean => new RegExp(`:service:${kind}(?::\\d+)?$`, 'i').test(type);
const mapsPorts = (type: string): boolean => isKind(type, 'WANIPConnection') || isKind(type, 'WANPPPConnection');

function usableServices(description: Description, location: HttpUrl): Found {
  const names = namesIn(description);
  const wan = new Map<IgdService, IgdService | undefined>();
  let firewall: IgdService | undefined;
  let common: IgdService | undefined;
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
  service: ServiceEntry,
  description: Description,
  location: HttpUrl,
): Omit<IgdService, 'name' | 'model'> | undefined {
  const control = onSameHost(location, location, service.controlUrl);
  if (control === undefined || service.controlUrl === '') return undefined;
  // X13: URLBase is often wrong; LOCATION comes first.
  const base = description.urlBase === '' ? undefined : onSameHost(location, location, description.urlBase);
  const alternative = base === undefined ? undefined : onSameHost(location, base, service.controlUrl);
  const event = service.eventUrl === '' ? undefined : onSameHost(location, location, service.eventUrl);
  const scpd = service.scpdUrl === '' ? undefined : onSameHost(location, location, service.scpdUrl);
  return {
    type: service.type,
    controlUrl: httpUrlText(control),
    ...(alternative === undefined || httpUrlText(alternative) === httpUrlText(control)
      ? {}
      : { alternativeUrl: httpUrlText(alternative) }),
    ...(event === undefined ? {} : { eventUrl: httpUrlText(event) }),
    ...(scpd === undefined ? {} : { scpdUrl: httpUrlText(scpd) }),
    actions: [],
  };
}

/** D20, D21: whatever host a description names, only the one that gave it is asked, at the port and path it names. */
function onSameHost(location: HttpUrl, base: HttpUrl, reference: string): HttpUrl | undefined {
  const url = resolveHttpUrl(base, reference);
  if (url instanceof WireError) return undefined;
  const zone = location.zone === undefined ? {} : { zone: location.zone };
  return { address: location.address, ...zone, port: url.port, target: url.target };
}

function forgetfulTraits(): TraitMemory {
  let known = {};
  return {
    get: () => known,
    learn: (traits) => {
      known = { ...known, ...traits };
    },
  };
}
