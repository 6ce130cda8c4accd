/** Addresses that a person gives to others so that they reach an open forward: the one source for every UI. */
import { familyOf, isPublic, parseIp, scopeOf, type Family, type IpAddress } from '../address.ts';
import type { NameView } from '../dynamic-dns.ts';
import type { ForwardId } from '../model.ts';
import type { GatewayView, LeaseView, MappingView, Snapshot } from '../snapshot.ts';

/** `11.22.33.44:25565`, `11.22.33.44:27015-27020`, `[2001:db8::20]:25565`, `home.example.org:25565`; absent where nothing
 * can be reached, or the other says the same. */
export type Sharing = Partial<Readonly<Record<Family, string>>>;

/**
 * @param mappings of one forward: what is open of each family is shared with the ports that the gateway gave
 * @param name of the person's connection: it takes the place of an address that it points to now
 */
export function sharingOf(
  mappings: readonly MappingView[],
  gateways: readonly Pick<GatewayView, 'id' | 'externalAddress'>[],
  name: NameView | null,
): Sharing {
  const ipv4 = shared(mappings, 'ipv4', gateways, name);
  const ipv6 = shared(mappings, 'ipv6', gateways, name);
  return { ...(ipv4 === undefined ? {} : { ipv4 }), ...(ipv6 === undefined || ipv6 === ipv4 ? {} : { ipv6 }) };
}

/** The address to share first: more people can use IPv4. */
export const firstShared = ({ ipv4, ipv6 }: Sharing): string | undefined => ipv4 ?? ipv6;

/** Shared addresses of each open forward, profiles' and others, in the order of the snapshot. */
export function allShared(
  { forwards, mappings, gateways }: Snapshot,
  name: NameView | null,
): ReadonlyMap<ForwardId, Sharing> {
  const byForward = Map.groupBy(mappings, ({ forward }) => forward);
  return new Map(forwards.map(({ id }) => [id, sharingOf(byForward.get(id) ?? [], gateways, name)]));
}

function shared(
  mappings: readonly MappingView[],
  family: Family,
  gateways: readonly Pick<GatewayView, 'id' | 'externalAddress'>[],
  name: NameView | null,
): string | undefined {
  const leases = mappings.filter((mapping) => mapping.family === family).flatMap(leaseOf);
  const [lease] = leases;
  const address = lease === undefined ? undefined : addressOf(lease, family, gateways);
  if (address === undefined) return undefined;
  const ports = leases.map(({ external }) => external.port);
  const [first, last] = [Math.min(...ports), Math.max(...ports)];
  const host = isCalled(address, name) ? name.name : family === 'ipv6' ? `[${address}]` : address;
  return `${host}:${first === last ? first : `${first}-${last}`}`;
}

/** Does the name lead there? One that a person keeps themselves is that of their router, which knows no IPv6 of others. */
function isCalled(address: IpAddress, name: NameView | null): name is NameView {
  if (name === null || name.name === '') return false;
  const family = familyOf(address);
  return name.at === 'given' ? family === 'ipv4' : name.pointsTo[family] === address;
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
