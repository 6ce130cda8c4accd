/** This connection's addresses on the internet: the router's, and over IPv6 this computer's own. */
import { familyOf, parseIp, type IpAddress } from '../../contract/address.ts';
import { isShareable } from '../../contract/profiles/sharing.ts';
import type { GatewayView, OwnAddresses, Snapshot } from '../../contract/snapshot.ts';
import { inMinutes } from '../../contract/units.ts';
import { NetworkError, type System } from '../../system/system.ts';
import { hostFactsOf } from '../loop/host-facts.ts';

/** How old knowledge of this computer's own addresses may be: on some systems each look costs processes. */
export const LOOK_EVERY = inMinutes(1);

/** The router that this computer is behind; none on a network where no port is opened, such as a café's. */
export function ownRouter({ network, gateways }: Pick<Snapshot, 'network' | 'gateways'>): GatewayView | undefined {
  if (network?.approved !== true) return undefined;
  const reachable = gateways.filter((gateway) => gateway.reachable);
  // A person who chose another one means that.
  return reachable.find(({ isDefault }) => isDefault) ?? reachable[0];
}

/** As the router reports it; one that the internet cannot reach is none. */
export function ownIpv4(router: GatewayView | undefined): IpAddress | undefined {
  const address = parseIp(router?.externalAddress ?? '');
  return address !== undefined && familyOf(address) === 'ipv4' && isShareable(address) ? address : undefined;
}

/** This computer's lasting one on the link to the router. @throws the signal's reason */
export async function ownIpv6(
  { routes }: System,
  router: GatewayView | undefined,
  signal: AbortSignal,
): Promise<IpAddress | undefined> {
  if (router === undefined) return undefined;
  try {
    const { publicIpv6 } = await hostFactsOf(await routes.read(signal), routes, {});
    return publicIpv6.get(router.interfaceName);
  } catch (error) {
    if (error instanceof NetworkError) return undefined;
    throw error;
  }
}

/** Has any address that is known now changed? One that is no longer known has not. */
export const isNew = (now: OwnAddresses, before: OwnAddresses): boolean =>
  (['ipv4', 'ipv6'] as const).some((family) => now[family] !== undefined && now[family] !== before[family]);
