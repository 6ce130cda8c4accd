/** What has happened, for people to look back on: plain records; their sentences are in `words`. */
import type { IpAddress } from './address.ts';
import type { Forward, ForwardId } from './model.ts';
import type { ProfileId } from './profile.ts';
import type { Problem } from './problems.ts';
import type { EpochMs, Millis, Port } from './units.ts';

/** A forward as it was then: it may be gone or called otherwise by now. */
export interface ForwardThen {
  readonly forward: ForwardId;
  /** The profile's name, or the label of a forward without one. */
  readonly name: string;
  readonly transports: Forward['transports'];
  readonly external: Forward['external'];
}

/** What people are told. */
export type ShownFact =
  /** Portkeeper began, or ended tidily; `open`: something stays open. After a crash the latter is missing. */
  | { readonly is: 'started' }
  | { readonly is: 'ended'; readonly left: 'closed' | 'open' }
  /** The computer was asleep, or Portkeeper held up, for about so long. */
  | { readonly is: 'woke'; readonly asleep: Millis }
  /** `address`: its outside address, when it was known by then. */
  | { readonly is: 'gateway-found'; readonly gateway: string; readonly address?: IpAddress | 'none' }
  | { readonly is: 'gateway-away' | 'gateway-back' | 'gateway-restarted'; readonly gateway: string }
  | {
      readonly is: 'address-changed';
      readonly gateway: string;
      readonly from: IpAddress | 'none';
      readonly to: IpAddress | 'none';
    }
  | { readonly is: 'switched'; readonly profile: ProfileId; readonly name: string; readonly on: boolean }
  | { readonly is: 'paused' | 'resumed' }
  /** A simulated router takes the place of the real ones, or does no more; what happens with it is not recorded. */
  | { readonly is: 'demo'; readonly on: boolean }
  /** All its mappings are open. `granted` where a router gave another outside port than was wanted. */
  | ({ readonly is: 'opened'; readonly gateway: string; readonly granted?: Port } & ForwardThen)
  /** How many forwards: renewals close together are one entry. */
  | { readonly is: 'renewed'; readonly gateway: string; readonly forwards: number }
  /** Nobody wants it any more, and it is not open any more. */
  | ({ readonly is: 'closed' } & ForwardThen)
  /** It was open, is wanted, and is not open any more; `because` the gateway or the whole network is away. */
  | ({ readonly is: 'lost'; readonly because?: 'gateway' | 'network' } & ForwardThen)
  /** It is wanted and not open, for this reason. */
  | ({ readonly is: 'refused'; readonly problem: Problem } & ForwardThen)
  /** One that concerns more than a forward, and its end. */
  | { readonly is: 'problem' | 'solved'; readonly problem: Problem };

/** What only {@link openTimes} needs. */
type HiddenFact =
  /** A sign of life, so that a crash is known to within minutes. */
  | { readonly is: 'running' }
  /** The record begins here, what came before was cleared or is too old: this was open then. */
  | { readonly is: 'record-begins'; readonly open: readonly ForwardThen[] }
  /** Of the same start, what came before this entry is earlier by so much on the clock as it is set now. */
  | { readonly is: 'clock-set-back'; readonly by: Millis };

export type ActivityFact = ShownFact | HiddenFact;

export interface ActivityEntry {
  /** Grows from entry to entry; numbers may be left out. */
  readonly id: number;
  /** When it happened. It may be noted a little later than what happened after it. */
  readonly at: EpochMs;
  readonly fact: ActivityFact;
}

export function isShown(fact: ActivityFact): fact is ShownFact {
  return fact.is !== 'running' && fact.is !== 'record-begins' && fact.is !== 'clock-set-back';
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
  /** In order, apart from each other and from `unknown`, within the time that was asked for. */
  readonly open: readonly Span[];
  readonly unknown: readonly Span[];
}

/** Something that is worth a person's attention while they do other things. */
export interface Notice {
  /** `recovery`: what was told before is over. `news`: only for those who want to hear all. */
  readonly of: 'trouble' | 'recovery' | 'news';
  /** What happened together, most important first; never empty. */
  readonly facts: readonly ShownFact[];
}
