/** When a name is updated: pure. What each kind of answer asks for is the provider's rule, see `providers`. */
import type { DnsDelay, DnsRefusal } from '../../contract/dynamic-dns.ts';
import type { OwnAddresses } from '../../contract/snapshot.ts';
import {
  after,
  epochMs,
  inHours,
  inMinutes,
  inSeconds,
  millis,
  type EpochMs,
  type Millis,
} from '../../contract/units.ts';
import { isNew } from './own-addresses.ts';

/** A provider's verdict on an update. `detail`: how its answer begins, for people. */
export type NameOutcome =
  | { readonly is: 'good' }
  | { readonly is: 'refused'; readonly why: DnsRefusal; readonly detail: string }
  /** `atLeast`: the provider's own word for how long to wait. */
  | { readonly is: 'later'; readonly why: DnsDelay; readonly detail: string; readonly atLeast?: Millis };

export interface NamePace {
  /** Between two updates, however often the address changes. */
  readonly gap: Millis;
  /** An update after this long although nothing changed, or the provider forgets the name; never when absent. */
  readonly refresh?: Millis;
}

/** Memory from one update to the next, over restarts too. */
export interface NameRecord {
  /** The setup; with any other, all this is over. */
  readonly setup: string;
  readonly pointsTo: OwnAddresses;
  readonly updatedAt?: EpochMs;
  readonly askedAt?: EpochMs;
  /** In a row. */
  readonly failures: number;
  readonly notBefore?: EpochMs;
  readonly refreshAt?: EpochMs;
  readonly trouble?:
    | { readonly is: 'refused'; readonly why: DnsRefusal; readonly detail: string; readonly since: EpochMs }
    | { readonly is: 'later'; readonly why: DnsDelay; readonly detail: string; readonly since: EpochMs };
}

export const newRecord = (setup: string): NameRecord => ({ setup, pointsTo: {}, failures: 0 });

/** After a person has set up something else: soon, but not with every key that is typed. */
const TRY_GAP = inSeconds(15);

/**
 * The first pause after a failure; it doubles up to `longest`. 911 and dnserr: half an hour at least (No-IP, "Interpret
 * Response"; Dyn, "Return Codes"). A network that is down comes back at any time, and nobody is asked meanwhile.
 */
const PAUSES: Readonly<Record<DnsDelay, { readonly first: Millis; readonly longest: Millis }>> = {
  unreachable: { first: inMinutes(1), longest: inHours(1) },
  silent: { first: inMinutes(2), longest: inHours(2) },
  server: { first: inMinutes(30), longest: inHours(24) },
  busy: { first: inHours(1), longest: inHours(24) },
  garbled: { first: inMinutes(30), longest: inHours(24) },
  // For this computer, which is asked for nothing else.
  locked: { first: inMinutes(1), longest: inMinutes(10) },
  elsewhere: { first: inHours(1), longest: inHours(24) },
};

/** More than any provider may ask for: one that says "in a year" is tried tomorrow. */
const LONGEST_PAUSE = inHours(24);

/** When to update; `undefined`: not unless something changes. @param wanted addresses as they are known now */
export function updateAt(record: NameRecord, wanted: OwnAddresses, pace: NamePace, now: EpochMs): EpochMs | undefined {
  const { pointsTo, askedAt, notBefore, refreshAt, trouble } = record;
  if (Object.keys(wanted).length === 0 || trouble?.is === 'refused') return undefined;
  const due = isNew(wanted, pointsTo) || trouble !== undefined ? now : refreshAt;
  if (due === undefined) return undefined;
  const gap = record.updatedAt === undefined ? TRY_GAP : pace.gap;
  const apart = askedAt === undefined ? now : after(askedAt, gap);
  return epochMs(Math.max(due, notBefore ?? now, apart, now));
}

/** As it is by a clock that was set back meanwhile: an hour must not become a year. */
export function byClock(record: NameRecord, now: EpochMs): NameRecord {
  const { askedAt, updatedAt, notBefore, refreshAt, ...rest } = record;
  if (askedAt === undefined || askedAt <= now) return record;
  const ahead = millis(now - askedAt);
  return {
    ...rest,
    askedAt: now,
    ...(updatedAt === undefined ? {} : { updatedAt: after(updatedAt, ahead) }),
    ...(notBefore === undefined ? {} : { notBefore: after(notBefore, ahead) }),
    ...(refreshAt === undefined ? {} : { refreshAt: after(refreshAt, ahead) }),
  };
}

/** Share of the provider's time limit: dy.fi wants the fifth to sixth day of seven, "at a slightly random interval". */
const LATEST_REFRESH = 1.2;

/** @param random 0 ≤ value < 1 */
export function afterUpdate(
  record: NameRecord,
  sent: OwnAddresses,
  outcome: NameOutcome,
  pace: NamePace,
  { now, random }: { readonly now: EpochMs; readonly random: number },
): NameRecord {
  const { setup, pointsTo, updatedAt, failures, refreshAt, trouble } = record;
  if (outcome.is === 'good') {
    const next = pace.refresh === undefined ? undefined : millis(pace.refresh * (1 + random * (LATEST_REFRESH - 1)));
    return {
      setup,
      pointsTo: { ...pointsTo, ...sent },
      updatedAt: now,
      askedAt: now,
      failures: 0,
      ...(next === undefined ? {} : { refreshAt: after(now, next) }),
    };
  }
  const kept = {
    setup,
    pointsTo,
    ...(updatedAt === undefined ? {} : { updatedAt }),
    ...(refreshAt === undefined ? {} : { refreshAt }),
    askedAt: now,
    failures: failures + 1,
  };
  const { is, why, detail } = outcome;
  const since = trouble?.is === is && trouble.why === why ? trouble.since : now;
  if (outcome.is === 'refused') return { ...kept, trouble: { is: 'refused', why: outcome.why, detail, since } };
  const { first, longest } = PAUSES[outcome.why];
  const doubled = Math.min(first * 2 ** Math.min(failures, 20), longest);
  // Never sooner than the rule says, and not all at the same moment.
  const pause = Math.max(doubled, outcome.atLeast ?? 0) * (1 + random / 4);
  const notBefore = after(now, millis(Math.min(pause, LONGEST_PAUSE)));
  return { ...kept, notBefore, trouble: { is: 'later', why: outcome.why, detail, since } };
}

/** A person wants it tried now: what the provider said is put aside, and what was asked a moment ago is not asked again. */
export function tryNow(record: NameRecord): NameRecord {
  const { setup, pointsTo, updatedAt, askedAt, refreshAt } = record;
  return {
    setup,
    pointsTo,
    failures: 0,
    ...(updatedAt === undefined ? {} : { updatedAt }),
    ...(askedAt === undefined ? {} : { askedAt }),
    ...(refreshAt === undefined ? {} : { refreshAt }),
  };
}
