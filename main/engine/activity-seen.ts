/** What is looked at to tell what has happened. */
import type { ActivityFact } from '../contract/activity.ts';
import type { AppSnapshot } from '../contract/commands.ts';
import type { EpochMs } from '../contract/units.ts';
import { elapsed, inSeconds } from '../contract/units.ts';

export type Seen = Pick<AppSnapshot, 'profiles' | 'settings' | 'engine' | 'problems'>;

export interface NewFact {
  /** Engine time, as in the snapshot that it was told from, and not later. */
  readonly at: EpochMs;
  readonly fact: ActivityFact;
}

/** What does not last longer is not told. */
const HICCUP = inSeconds(10);

export const isHiccup = (since: EpochMs, now: EpochMs, limit = HICCUP): boolean => elapsed(since, now) < limit;

/** Since when it has been so; an engine that begins anew may count from an earlier moment. */
export function sinceWhen(before: EpochMs | undefined, now: EpochMs): EpochMs {
  return before === undefined || before > now ? now : before;
}
