/** Questions that a person may ask one gateway. */
import type { Family, IpAddress } from './address.ts';
import type { ForwardId, GatewayId, Transport } from './model.ts';
import type { ProfileId } from './profiles/profile.ts';
import type { EpochMs, Seconds } from './units.ts';

export type EntryOwner =
  /** Provably opened by this Portkeeper; the forward, unless it is a leftover. */
  | { readonly is: 'ours'; readonly forward?: ForwardId; readonly profile?: ProfileId | undefined }
  /** Forwards to this computer, and was made by another program. */
  | { readonly is: 'this-computer' }
  | { readonly is: 'other' };

/** One line of a gateway's own table; over IPv6, which no protocol lists, of what Portkeeper was granted. */
export interface TableEntryView {
  readonly family: Family;
  readonly transport: Transport;
  /** 0: a rule over all ports (an "exposed host"), which only the router's own pages can take away. */
  readonly external: { readonly port: number };
  /** `name`: what the gateway gives in the place of an address (E17). */
  readonly internal: { readonly client?: IpAddress | undefined; readonly name?: string; readonly port: number };
  readonly description: string;
  readonly enabled: boolean;
  /** As the gateway reports it: granted, remaining or constant; 0 when it does not say (L15). */
  readonly lease: Seconds;
  /** Absent: anybody. */
  readonly remoteHost?: string | undefined;
  readonly owner: EntryOwner;
}

export interface GatewayTable {
  readonly gateway: GatewayId;
  readonly at: EpochMs;
  readonly entries: readonly TableEntryView[];
  /** `false`: the gateway broke off; these are what it had listed by then. */
  readonly whole: boolean;
}

/** Totals of the internet connection; they wrap or restart (WANCommonInterfaceConfig:1 §2.4.3). */
export interface TrafficReading {
  readonly at: EpochMs;
  /** Bytes. */
  readonly received: number;
  readonly sent: number;
}

/** One thing that a router has shown that it needs. */
export interface TraitView {
  readonly name: string;
  /** As JSON. */
  readonly value: string;
  /** The router's behaviour, as in `refused a lease with 725`; `BY_HAND` where a person has set it. */
  readonly why: string;
  readonly learntAt: EpochMs;
  readonly expiresAt: EpochMs;
}

export interface RouterMemoryView {
  readonly fingerprint: string;
  readonly traits: readonly TraitView[];
}

/** How fast an internet connection is. */
export interface TrafficRate {
  /** Bytes per second. */
  readonly received: number;
  readonly sent: number;
}

/** WANCommonInterfaceConfig:1 §2.2.6, §2.2.7: `ui4`. Some routers count further. */
const WRAP = 2 ** 32;
/** A wrap goes less than half around: a counter that lost more has restarted. */
const MOST_AT_ONCE = WRAP / 2;
/** Bytes per second that no home's line is faster than: 10 Gbit/s. */
const FASTEST = 1.25e9;

/**
 * `undefined` when unknown: no time between the two, or the counters restarted (a restarted router, a new
 * connection). Readings further apart than a counter takes to go around (34 s at 1 Gbit/s) say too little.
 */
export function trafficRate(before: TrafficReading, after: TrafficReading): TrafficRate | undefined {
  const duration = (after.at - before.at) / 1000;
  if (duration <= 0) return undefined;
  // Both at once are unlikely to wrap, and certain to restart.
  if (after.received < before.received && after.sent < before.sent) return undefined;
  const received = grownBy(before.received, after.received, duration);
  const sent = grownBy(before.sent, after.sent, duration);
  if (received === undefined || sent === undefined) return undefined;
  return { received: received / duration, sent: sent / duration };
}

function grownBy(before: number, after: number, duration: number): number | undefined {
  if (after >= before) return after - before;
  // A counter of more than 32 bits has no reason to go back.
  if (before >= WRAP) return undefined;
  const grown = after + WRAP - before;
  return grown < MOST_AT_ONCE && grown <= FASTEST * duration ? grown : undefined;
}
