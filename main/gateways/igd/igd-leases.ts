/** What a granted or listed lease is worth. */
import type { MappingWish, RouterTraits } from '../../contract/mapping.ts';
import { millis, seconds } from '../../contract/units.ts';
import type { Millis, Seconds } from '../../contract/units.ts';

/** A listed lease this much shorter than the one asked for is the same lease, counting down (L15). */
const COUNTDOWN = 30;
/** A renewal of a younger grant tells nothing about whether it restarted the clock (L8). */
export const TELLING_AGE = millis(30_000);

const PERMANENT = seconds(0);

/** The lease to ask for, 0 for permanent. */
export function leaseToAsk(wish: Pick<MappingWish, 'lease'>, traits: RouterTraits): Seconds {
  if (wish.lease === 'permanent' || traits.leases === 'permanent-only') return PERMANENT;
  return wish.lease;
}

/** The lease of a grant that was not read back. */
export function presumedLease(asked: Seconds, traits: RouterTraits): Seconds | 'permanent' {
  // L7: on these routers not even "permanent" lasts.
  const longest = traits.longestLease === undefined ? undefined : seconds(traits.longestLease);
  if (asked === PERMANENT) return longest ?? 'permanent';
  return longest === undefined ? asked : seconds(Math.min(asked, longest));
}

/** The lease of a grant whose entry was seen: what is listed counts, not what was asked (L6, L7). */
export function listedLease(asked: Seconds, listed: Seconds): Seconds | 'permanent' {
  if (asked === PERMANENT) return listed === PERMANENT ? 'permanent' : listed;
  // L15: a listed 0 says nothing; renewing what may be permanent does no harm.
  if (listed === PERMANENT) return asked;
  const countsDown = listed < asked && asked - listed <= Math.min(COUNTDOWN, asked / 10);
  return countsDown ? asked : listed;
}

/** Does a fresh entry show that the gateway gives less than asked? Then no longer leases are to be presumed. */
export function shownCap(asked: Seconds, listed: Seconds): Seconds | undefined {
  // Caps are whole minutes; anything else is what an older entry has left (L8).
  if (listed === PERMANENT || (listed + 2) % 60 > 2) return undefined;
  const cap = seconds(Math.ceil(listed / 60) * 60);
  if (asked === PERMANENT) return cap;
  return listedLease(asked, listed) === listed && cap < asked ? cap : undefined;
}

/** L8: was the clock of a renewed entry not set back? `before` is what was listed right after the former grant. */
export function isClockStuck(before: Seconds, age: Millis, now: Seconds): boolean {
  if (before === PERMANENT || now === PERMANENT) return false;
  return now <= before - age / 2000;
}
