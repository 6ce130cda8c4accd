/** From a described or remembered UPnP service to a finding. */
import { familyOf, scopeOf, type IpAddress } from '../../contract/address.ts';
import type { Vitals } from '../../contract/mapping.ts';
import { inSeconds } from '../../contract/units.ts';
import { httpUrlText, parseHttpUrl } from '../../wire/url.ts';
import { WireError } from '../../wire/wire-error.ts';
import { Malformed, Unreachable } from '../failure.ts';
import type { Finding, RememberedService } from '../gateway.ts';
import { createIgdControl, type IgdOptions } from '../igd/igd.ts';
import { PinholeControl } from '../pinholes/pinholes.ts';
import type { PortControl } from '../port-control.ts';
import type { LateTraits } from '../router-memory.ts';
import { withDeadline } from '../upnp/http-exchange.ts';
import type { RequestQueue } from '../upnp/request-queue.ts';
import type { FindingMaker, FoundControl } from './finding-maker.ts';
import { localAddressTo, type Link } from './links.ts';

/** A control that is there can be used, however slow it is to say how it feels (X35). */
const VITALS_TIME = inSeconds(2);

export interface ServiceSource extends Pick<Finding, 'foundBy' | 'name' | 'model'> {
  readonly link: Link;
  /** The host that the service is on. */
  readonly address: IpAddress;
  readonly location: string | undefined;
  readonly traits: LateTraits;
  readonly queue?: RequestQueue;
  /** It may be used before it has answered. */
  readonly isTrusted?: boolean;
}

export type IgdServices = Pick<IgdOptions, 'service' | 'alternatives' | 'common'>;

/** @throws Unreachable | Malformed when the control URL leads nowhere, or the signal's reason */
export async function reportIgd(
  make: FindingMaker,
  source: ServiceSource,
  services: IgdServices,
  signal: AbortSignal,
): Promise<void> {
  const localAddress = localAddressTo(source.link, source.address);
  if (localAddress === undefined) return;
  const { traits, queue } = source;
  const { seenAs } = source.link;
  const { service, common } = services;
  const control = createIgdControl({ network: make.system, ...services, localAddress, seenAs, traits, queue });
  const traffic = common === undefined ? undefined : control;
  const made = { control, list: control, traffic, localAddress };
  if (source.isTrusted === true)
    await make.reportUntried(found(source, service, { ...made, vitals: {} }, common), signal);
  const answer = await vitalsOf(make, control, signal);
  const vitals = answer ?? {};
  // A remembered control has nothing but this answer to speak for it (D15).
  if (source.foundBy === 'remembered' && Object.keys(vitals).length === 0) {
    if (answer === undefined) throw new Unreachable('timeout', 'the remembered control does not answer');
    throw new Malformed('the remembered control does not answer as one', control.detail);
  }
  await make.report(found(source, service, { ...made, vitals }, common), signal);
}

/** Pinholes are asked for over IPv6, from the address to be opened (V1): of a router described over IPv4 its IPv6 address is
 * asked, where the routing table names one. Nothing is reported for a machine without an IPv6 address worth opening.
 * @throws Unreachable | Malformed | Refused when the firewall does not answer there, or the signal's reason */
export async function reportPinholes(
  make: FindingMaker,
  source: ServiceSource,
  described: RememberedService,
  signal: AbortSignal,
): Promise<void> {
  const { link, traits, queue } = source;
  const address = familyOf(source.address) === 'ipv6' ? source.address : ipv6Of(link, source.address);
  const localAddress = address === undefined ? undefined : localAddressTo(link, address);
  if (address === undefined || localAddress === undefined || scopeOf(localAddress) === 'link-local') return;
  const service = movedTo(described, address, link);
  const control = new PinholeControl({ network: make.system, service, localAddress, traits, queue });
  await withDeadline(make.system.clock, VITALS_TIME, 'firewall status', signal, (inTime) =>
    control.firewallStatus(inTime),
  );
  await make.report(found({ ...source, address }, service, { control, localAddress, vitals: {} }), signal);
}

/** The IPv6 address of the same default router. */
function ipv6Of(link: Link, address: IpAddress): IpAddress | undefined {
  return link.routers.includes(address) ? link.routers.find((router) => familyOf(router) === 'ipv6') : undefined;
}

function movedTo(service: RememberedService, address: IpAddress, link: Link): RememberedService {
  const moved = (text: string): string => {
    const url = parseHttpUrl(text);
    if (url instanceof WireError || url.address === address) return text;
    const zone = scopeOf(address) === 'link-local' ? link.name : undefined;
    return httpUrlText({ address, port: url.port, target: url.target, zone });
  };
  const { alternativeUrl, eventUrl, scpdUrl } = service;
  return {
    ...service,
    controlUrl: moved(service.controlUrl),
    alternativeUrl: alternativeUrl && moved(alternativeUrl),
    eventUrl: eventUrl && moved(eventUrl),
    scpdUrl: scpdUrl && moved(scpdUrl),
  };
}

/** @param common what counts the traffic */
function found(
  { link, address, foundBy, name, model, location }: ServiceSource,
  service: RememberedService,
  made: Pick<Finding, 'control' | 'list' | 'traffic' | 'localAddress' | 'vitals'>,
  common?: RememberedService,
): FoundControl {
  return {
    ...made,
    link,
    address,
    name,
    model,
    foundBy,
    detail: `${service.type} at ${service.controlUrl}`,
    remember: { kind: made.control.kind, interfaceName: link.name, address, location, service, common },
    // Through a NAT no event would reach us.
    eventUrl: link.seenAs === undefined ? service.eventUrl : undefined,
  };
}

/** `undefined` when the router is slow to answer. @throws Unreachable when nobody is there */
async function vitalsOf(make: FindingMaker, control: PortControl, signal: AbortSignal): Promise<Vitals | undefined> {
  try {
    return await withDeadline(make.system.clock, VITALS_TIME, 'vitals', signal, (inTime) => control.vitals(inTime));
  } catch (error) {
    if (error instanceof Unreachable && error.why === 'timeout') return undefined;
    throw error;
  }
}
