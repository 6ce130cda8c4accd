/** What has happened, for people to look back on: plain records; their sentences are in `words`. */
import type { IpAddress } from './address.ts';
import type { Forward, ForwardId } from './model.ts';
import type { ProfileId } from './profile.ts';
import type { Problem } from './problems.ts';
import type { EpochMs, Port } from './units.ts';

/** A forward as it was then: it may be gone or called otherwise by now. */
export interface ForwardThen {
  readonly forward: ForwardId;
  /** The profile's name, or the label of a forward without one. */
  readonly name: string;
  readonly transports: Forward['transports'];
  readonly external: Forward['external'];
}

export type ActivityFact =
  /** Portkeeper began, or ended tidily. After a crash the latter is missing. */
  | { readonly is: 'started' }
  | { readonly is: 'ended'; readonly left: 'closed' | 'open' }
  /** A sign of life, so that a crash is known to within minutes; not shown. */
  | { readonly is: 'running' }
  | { readonly is: 'woke' }
  | { readonly is: 'gateway-found' | 'gateway-away' | 'gateway-back' | 'gateway-restarted'; readonly gateway: string }
  | {
      readonly is: 'address-changed';
      readonly gateway: string;
      readonly from: IpAddress | 'none';
      readonly to: IpAddress | 'none';
    }
  | { readonly is: 'switched'; readonly profile: ProfileId; readonly name: string; readonly on: boolean }
  | { readonly is: 'paused' | 'resumed' }
  /** All its mappings are open. `granted` where a router gave another outside port than was wanted. */
  | ({ readonly is: 'opened'; readonly gateway: string; readonly granted?: Port } & ForwardThen)
  /** How many forwards: renewals due together are one entry. */
  | { readonly is: 'renewed'; readonly gateway: string; readonly forwards: number }
  | ({ readonly is: 'closed' } & ForwardThen)
  /** It was open, is wanted, and is not open any more. */
  | ({ readonly is: 'lost' } & ForwardThen)
  | ({ readonly is: 'refused'; readonly problem: Problem } & ForwardThen)
  | { readonly is: 'problem'; readonly problem: Problem };

export interface ActivityEntry {
  /** Grows by one from entry to entry. */
  readonly id: number;
  readonly at: EpochMs;
  readonly fact: ActivityFact;
}

export interface Span {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** When one forward was open, and when nobody can tell because Portkeeper did not run. */
export interface OpenTimes {
  readonly forward: ForwardId;
  readonly name: string;
  readonly transports: Forward['transports'];
  readonly external: Forward['external'];
  /** In order, apart from each other, within the time that was asked for. */
  readonly open: readonly Span[];
  readonly unknown: readonly Span[];
}
