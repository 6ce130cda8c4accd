/** How fast an internet connection is, from two readings of its counters. */
import type { TrafficReading } from './gateway-table.ts';

export interface TrafficRate {
  /** Bytes per second. */
  readonly received: number;
  readonly sent: number;
}

/** WANCommonInterfaceConfig:1 §2.2.6, §2.2.7: `ui4`. Some routers count further. */
const WRAP = 2 ** 32;
/** A wrap goes less than half around: a counter that lost more has begun anew. */
const MOST_AT_ONCE = WRAP / 2;
/** Bytes per second that no home's line is faster than: 10 Gbit/s. */
const FASTEST = 1.25e9;

/**
 * `undefined` when nothing can be told: no time between the two, or the counters began anew (a restarted router, a new
 * connection). Readings further apart than a counter takes to go around (34 s at 1 Gbit/s) tell too little.
 */
export function trafficRate(before: TrafficReading, after: TrafficReading): TrafficRate | undefined {
  const duration = (after.at - before.at) / 1000;
  if (duration <= 0) return undefined;
  // Both at once are not likely to go around, and are sure to begin anew.
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
