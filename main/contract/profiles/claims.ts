/** External ports that forwards claim: which ones two forwards share (one port of a router can lead to one place only),
 * and how many may be requested at once. */
import type { Forward, Transport } from '../model.ts';

type Claiming = Pick<Forward, 'transports' | 'families' | 'external' | 'internal' | 'gateway' | 'interfaceName'>;

/** Ports that two forwards both claim. */
export interface Clash {
  readonly transport: Transport;
  readonly first: number;
  readonly last: number;
}

/** The first ports that a forward of one list and a forward of the other both claim. */
export function clashOf(forwards: readonly Claiming[], others: readonly Claiming[]): Clash | undefined {
  for (const forward of forwards) {
    for (const other of others) {
      const clash = clashBetween(forward, other);
      if (clash !== undefined) return clash;
    }
  }
  return undefined;
}

/** `25565/tcp`, `27015-27020/udp`. */
export function rangeText({ first, last, transport }: Clash): string {
  return `${first === last ? first : `${first}-${last}`}/${transport}`;
}

function clashBetween(one: Claiming, other: Claiming): Clash | undefined {
  // First what is cheap and sorts out nearly all: lists of thousands are compared each with each.
  const isOutside = one.external.first <= other.external.last && other.external.first <= one.external.last;
  if (!isOutside && !one.families.includes('ipv6')) return undefined;
  // Routers named differently are different routers, as far as can be known here.
  if (one.gateway !== undefined && other.gateway !== undefined && one.gateway !== other.gateway) return undefined;
  const isElsewhere = one.interfaceName !== undefined && other.interfaceName !== undefined;
  if (isElsewhere && one.interfaceName !== other.interfaceName) return undefined;
  const transport = one.transports.find((each) => other.transports.includes(each));
  if (transport === undefined) return undefined;
  if (one.families.includes('ipv4') && other.families.includes('ipv4')) {
    const shared = overlap(one.external, other.external);
    if (shared !== undefined) return { transport, ...shared };
  }
  // IPv6 is not translated: the port is the inside one, and each host has its own.
  if (!one.families.includes('ipv6') || !other.families.includes('ipv6')) return undefined;
  if (one.internal.client !== other.internal.client) return undefined;
  const shared = overlap(insideOf(one), insideOf(other));
  return shared === undefined ? undefined : { transport, ...shared };
}

interface Span {
  readonly first: number;
  readonly last: number;
}

const insideOf = ({ external, internal }: Claiming): Span => ({
  first: internal.first,
  last: internal.first + external.last - external.first,
});

function overlap(one: Span, other: Span): Span | undefined {
  const first = Math.max(one.first, other.first);
  const last = Math.min(one.last, other.last);
  return first <= last ? { first, last } : undefined;
}

type Counted = Pick<Forward, 'transports' | 'families' | 'external'>;

/**
 * Mappings: each port of a range, over each transport and each IP version. Of one profile: enough for a thousand passive
 * FTP ports over TCP and UDP, and for a file of 3000 ports; more than home routers keep.
 */
export const MOST_OF_PROFILE = 4000;
/** Limit for all profiles, on or off, and for one command: far more costs memory, and no router can take them. */
export const MOST_IN_ALL = 10_000;
/** Limit for profiles and what programs hold beside them. */
export const MOST_WANTED = 2 * MOST_IN_ALL;

/** Counted, never listed. */
export function mappingCount(forwards: readonly Counted[]): number {
  return forwards.reduce(
    (sum, { external, transports, families }) =>
      sum + (external.last - external.first + 1) * transports.length * families.length,
    0,
  );
}

export function mappingCountOf(profiles: readonly { readonly forwards: readonly Counted[] }[]): number {
  return profiles.reduce((sum, { forwards }) => sum + mappingCount(forwards), 0);
}
