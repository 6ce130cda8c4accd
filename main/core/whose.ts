/** The owner of an entry of a gateway's table, as far as it can be proven. */
import type { IpAddress } from '../contract/address.ts';
import type { FoundMapping } from '../contract/mapping.ts';
import type { ForwardId, GatewayId } from '../contract/model.ts';
import { isSameNetwork } from '../contract/snapshot.ts';
import { mappingsInside } from './change.ts';
import { gatewaysFor } from './choose.ts';
import { looksOurs } from './expand.ts';
import type { HostFacts, Lease, Leftover, MappingState, State } from './state.ts';

export type Owner =
  /** Without the forward: nobody wants it any more, or another Portkeeper on this computer holds it. */
  { readonly is: 'ours'; readonly forward?: ForwardId } | { readonly is: 'this-computer' } | { readonly is: 'other' };

export interface OwnerFacts {
  readonly isOwnAddress: (address: IpAddress) => boolean;
  /** A journal or a lease knows it: PCP and NAT-PMP carry no text of ours into the table. */
  readonly isRecorded: (entry: FoundMapping) => boolean;
}

export function ownerOf(entry: FoundMapping, { isOwnAddress, isRecorded }: OwnerFacts): Owner {
  if (isRecorded(entry)) return { is: 'ours' };
  const { client } = entry.internal;
  if (client === undefined || !isOwnAddress(client)) return { is: 'other' };
  return looksOurs(entry.description) ? { is: 'ours' } : { is: 'this-computer' };
}

/** As the engine knows it that holds the leases. */
export function ownerIn(state: State, gateway: GatewayId, entry: FoundMapping): Owner {
  const near = mappingsInside(state, entry.internal.port);
  const holder = near.find(({ lease }) => isOf(lease, gateway, entry));
  if (holder !== undefined) return { is: 'ours', forward: holder.spec.forward };
  const wisher = near.find((mapping) => isOurWish(state, mapping, gateway, entry));
  if (wisher !== undefined) return { is: 'ours', forward: wisher.spec.forward };
  return ownerOf(entry, {
    isOwnAddress: (address) => isOwn(state, address),
    isRecorded: () => leftoverIn(state, gateway, entry) !== undefined,
  });
}

/** A lease that is being closed, or was kept by an earlier run. */
export function leftoverIn(state: State, gateway: GatewayId, entry: FoundMapping): Leftover | undefined {
  return [...state.leftovers.values()].find(({ lease }) => isOf(lease, gateway, entry));
}

/** The forward that holds the entry, or would open it again as soon as it is gone. */
export function forwardWanting(state: State, gateway: GatewayId, entry: FoundMapping): ForwardId | undefined {
  const wisher = mappingsInside(state, entry.internal.port).find(
    (mapping) => isOf(mapping.lease, gateway, entry) || isWished(state, mapping, gateway, entry),
  );
  return wisher?.spec.forward;
}

export interface Opening {
  readonly lease: Lease;
  readonly label: string;
  /** The forward that wants it; none any more when absent. */
  readonly forward: ForwardId | undefined;
}

/** Our IPv6 openings at a gateway: no protocol lists them, so they are reported from what was granted. */
export function openingsIn({ mappings, leftovers, now }: State, gateway: GatewayId): readonly Opening[] {
  const held = [...mappings.values()].flatMap(({ lease, spec: { label, forward } }) =>
    lease === undefined ? [] : [{ lease, label, forward }],
  );
  const left = [...leftovers.values()].map(({ lease, label }) => ({ lease, label, forward: undefined }));
  return [...held, ...left].filter(
    ({ lease: { gateway: at, family, evidence, expiresAt } }) =>
      at === gateway && family === 'ipv6' && evidence !== 'asked' && (expiresAt === 'never' || expiresAt > now),
  );
}

/** Is this machine in that network, by whichever of its default routes? */
export function isIn({ network: first, defaultRouters = [] }: HostFacts, network: string): boolean {
  return [first, ...defaultRouters.flatMap((router) => router.network ?? [])].some((one) =>
    isSameNetwork(one, network),
  );
}

/** The network of the default router on this interface; where it has none, that of the first. */
export function networkOn(host: HostFacts | undefined, interfaceName: string): string {
  const router = host?.defaultRouters?.find((one) => one.interfaceName === interfaceName && one.network !== undefined);
  return router?.network ?? host?.network ?? '-';
}

export function isOwn(state: Pick<State, 'host'>, address: IpAddress): boolean {
  return [...(state.host?.interfaces.values() ?? [])].some((addresses) => addresses.includes(address));
}

function isOf(lease: Lease | undefined, gateway: GatewayId, entry: FoundMapping): boolean {
  return lease?.gateway === gateway && lease.family === 'ipv4' && isAt(entry, lease);
}

/** Does it forward to this machine and the very port that the mapping is for? Then it is ours, whoever wrote its text:
 * PCP and NAT-PMP carry none of ours into the table (P26). */
export function isOurWish(state: State, mapping: MappingState, gateway: GatewayId, entry: FoundMapping): boolean {
  const { client } = entry.internal;
  return client !== undefined && isOwn(state, client) && isWished(state, mapping, gateway, entry);
}

function isWished(state: State, { spec, otherPort }: MappingState, id: GatewayId, entry: FoundMapping): boolean {
  const outer = otherPort ?? spec.external.port;
  if (spec.family !== 'ipv4' || spec.transport !== entry.transport || outer !== entry.external.port) return false;
  const [gateway] = gatewaysFor(state, spec);
  if (gateway?.id !== id) return false;
  const { transport, internal } = spec;
  const { client = gateway.localAddress, port } = internal;
  return isAt(entry, { transport, external: { port: outer }, internal: { client, port } });
}

/** One for a single remote host is none of ours. */
function isAt(
  { transport, external, internal, remoteHost }: FoundMapping,
  place: Pick<Lease, 'transport' | 'external' | 'internal'>,
): boolean {
  return (
    remoteHost === undefined &&
    transport === place.transport &&
    external.port === place.external.port &&
    internal.client === place.internal.client &&
    internal.port === place.internal.port
  );
}
