/** What a person gives to others so that they reach an open forward: the one place that says it, for every face. */
import { familyOf, isPublic, parseIp, scopeOf, type Family, type IpAddress } from './address.ts';
import type { ForwardId } from './model.ts';
import type { GatewayView, LeaseView, MappingView, Snapshot } from './snapshot.ts';

/** `11.22.33.44:25565`, `11.22.33.44:27015-27020`, `[2001:db8::20]:25565`; absent where nothing can be reached. */
export type Sharing = Partial<Readonly<Record<Family, string>>>;

/** @param mappings of one forward: what is open of each family is shared with the ports that the gateway gave */
export function sharingOf(
  mappings: readonly MappingView[],
  gateways: readonly Pick<GatewayView, 'id' | 'externalAddress'>[],
): Sharing {
  const ipv4 = shared(mappings, 'ipv4', gateways);
  const ipv6 = shared(mappings, 'ipv6', gateways);
  return { ...(ipv4 === undefined ? {} : { ipv4 }), ...(ipv6 === undefined ? {} : { ipv6 }) };
}

/** What is shared first: more people can use IPv4. */
export const firstShared = ({ ipv4, ipv6 }: Sharing): string | undefined => ipv4 ?? ipv6;

/** Of each forward that is open, profiles' and others, in the order of the snapshot. */
export function allShared({ forwards, mappings, gateways }: Snapshot): ReadonlyMap<ForwardId, Sharing> {
  const byForward = Map.groupBy(mappings, ({ forward }) => forward);
  return new Map(forwards.map(({ id }) => [id, sharingOf(byForward.get(id) ?? [], gateways)]));
}

function shared(
  mappings: readonly MappingView[],
  family: Family,
  gateways: readonly Pick<GatewayView, 'id' | 'externalAddress'>[],
): string | undefined {
  const leases = mappings.filter((mapping) => mapping.family === family).flatMap(leaseOf);
  const [lease] = leases;
  const address = lease === undefined ? undefined : addressOf(lease, family, gateways);
  if (address === undefined) return undefined;
  const ports = leases.map(({ external }) => external.port);
  const [first, last] = [Math.min(...ports), Math.max(...ports)];
  return `${family === 'ipv6' ? `[${address}]` : address}:${first === last ? first : `${first}-${last}`}`;
}

function leaseOf({ status }: MappingView): readonly LeaseView[] {
  return status.at === 'open' || status.at === 'renewing' ? [status.lease] : [];
}

/** As the gateway granted it, or as it is known to be reached. One that the internet cannot reach helps nobody. */
function addressOf(
  { external, gateway }: LeaseView,
  family: Family,
  gateways: readonly Pick<GatewayView, 'id' | 'externalAddress'>[],
): IpAddress | undefined {
  const known = gateways.find(({ id }) => id === gateway)?.externalAddress ?? 'unknown';
  const address = external.address ?? parseIp(known);
  if (address === undefined || familyOf(address) !== family) return undefined;
  return isShareable(address) ? address : undefined;
}

/** Can the internet reach it? Addresses for documentation stand for public ones in examples and laboratories. */
export const isShareable = (address: IpAddress): boolean => isPublic(address) || scopeOf(address) === 'documentation';
