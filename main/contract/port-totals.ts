/** How many ports may be asked for at once, and which ranges a person is asked about first. */
import type { Forward } from './model.ts';

export type Range = Pick<Forward, 'transports' | 'external'>;
type Counted = Pick<Forward, 'transports' | 'families' | 'external'>;

/**
 * Mappings: each port of a range, over each transport and each IP version. Of one profile: enough for a thousand passive
 * FTP ports over TCP and UDP, and for a file of 3000 ports; more than home routers keep.
 */
export const MOST_OF_PROFILE = 4000;
/** Of all profiles, on or off, and of all that one command opens: far more costs memory, and no router can take them. */
export const MOST_IN_ALL = 10_000;
/** Of profiles and of what programs hold beside them. */
export const MOST_WANTED = 2 * MOST_IN_ALL;

/** Ports of a range that is opened without a question; programs need fewer. */
export const WIDEST_UNASKED = 64;

const portsIn = ({ external }: Range): number => external.last - external.first + 1;

/** Counted, never listed. */
export function mappingCount(forwards: readonly Counted[]): number {
  return forwards.reduce(
    (sum, forward) => sum + portsIn(forward) * forward.transports.length * forward.families.length,
    0,
  );
}

export function mappingCountOf(profiles: readonly { readonly forwards: readonly Counted[] }[]): number {
  return profiles.reduce((sum, { forwards }) => sum + mappingCount(forwards), 0);
}

/** As many as there is room for, those that are on first; in the order given. */
export function withinTotals<Each extends { readonly on: boolean; readonly forwards: readonly Counted[] }>(
  profiles: readonly Each[],
): readonly Each[] {
  const taken = new Set<Each>();
  let count = 0;
  for (const each of profiles.toSorted((one, other) => Number(other.on) - Number(one.on))) {
    const more = mappingCount(each.forwards);
    if (count + more > MOST_IN_ALL) continue;
    count += more;
    taken.add(each);
  }
  return profiles.filter((each) => taken.has(each));
}

export interface WideRanges {
  readonly ranges: readonly Range[];
  /** Of all of them; TCP and UDP of one port count once. */
  readonly ports: number;
}

/** Ranges that a person is asked about, without those that were there `before`; `undefined` when there is none. */
export function wideRangesIn(forwards: readonly Range[], before: readonly Range[] = []): WideRanges | undefined {
  const ranges = forwards.filter(
    (forward) => portsIn(forward) > WIDEST_UNASKED && !before.some((other) => holds(other, forward)),
  );
  return ranges.length === 0 ? undefined : { ranges, ports: ranges.reduce((sum, range) => sum + portsIn(range), 0) };
}

function holds(one: Range, other: Range): boolean {
  return (
    one.external.first <= other.external.first &&
    one.external.last >= other.external.last &&
    other.transports.every((transport) => one.transports.includes(transport))
  );
}
