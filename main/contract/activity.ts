/** The events that people look back on: plain records; their sentences are in `words`. */
import type { IpAddress } from './address.ts';
import type { Forward, ForwardId } from './model.ts';
import type { OpensWhile } from './profiles/opens-while.ts';
import type { ProfileId } from './profiles/profile.ts';
import type { Problem } from './problems.ts';
import { epochMs, type EpochMs, type Millis, type Port } from './units.ts';

/** A forward as it was then: it may be gone or called otherwise by now. */
export interface ForwardThen {
  readonly forward: ForwardId;
  /** The profile's name, or the label of a forward without one. */
  readonly name: string;
  readonly transports: Forward['transports'];
  readonly external: Forward['external'];
}

/** Facts that people are shown. */
export type ShownFact =
  /** Portkeeper began, or ended tidily; `open`: something stays open. After a crash the latter is missing. */
  | { readonly is: 'started' }
  | { readonly is: 'ended'; readonly left: 'closed' | 'open' }
  /** The computer was asleep, or Portkeeper held up, for about so long. */
  | { readonly is: 'woke'; readonly asleep: Millis }
  /** `address`: its external address, when it was known by then. */
  | { readonly is: 'gateway-found'; readonly gateway: string; readonly address?: IpAddress | 'none' }
  | { readonly is: 'gateway-away' | 'gateway-back' | 'gateway-restarted'; readonly gateway: string }
  | {
      readonly is: 'address-changed';
      readonly gateway: string;
      readonly from: IpAddress | 'none';
      readonly to: IpAddress | 'none';
    }
  /** The person's own, because the address changed. */
  | { readonly is: 'command-ran'; readonly program: string }
  /** Its provider has confirmed that it points there. */
  | { readonly is: 'name-updated'; readonly host: string; readonly addresses: readonly IpAddress[] }
  | { readonly is: 'switched'; readonly profile: ProfileId; readonly name: string; readonly on: boolean }
  /** The condition of a profile that is on is met, or no longer met. */
  | {
      readonly is: 'condition';
      readonly profile: ProfileId;
      readonly name: string;
      readonly opensWhile: OpensWhile;
      readonly isMet: boolean;
    }
  | { readonly is: 'paused' | 'resumed' }
  /** A simulated router takes the place of the real ones, or does no more; what happens with it is not recorded. */
  | { readonly is: 'demo'; readonly on: boolean }
  /** All its mappings are open. `granted` where a router gave another external port than was wanted. */
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

/** Facts for {@link openTimes} only. */
type HiddenFact =
  /** A sign of life, so that a crash is known to within minutes. */
  | { readonly is: 'running' }
  /** The record begins here, what came before was cleared or is too old: this was open then. */
  | { readonly is: 'record-begins'; readonly open: readonly ForwardThen[] }
  /** Within the same start, earlier entries are earlier by this much on the clock as it is set now. */
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

/** How far people look back. */
export const TIME_RANGES = ['hour', 'day', 'week'] as const;
export type TimeRange = (typeof TIME_RANGES)[number];

export interface Span {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** When one forward was open, and when that is unknown because Portkeeper did not run. */
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
  /** `recovery`: an earlier trouble is over. `news`: only for those who want to hear all. */
  readonly of: 'trouble' | 'recovery' | 'news';
  /** Simultaneous facts, most important first; never empty. */
  readonly facts: readonly ShownFact[];
}

/**
 * Times of each forward that was open between the two moments, or may have been; under its latest name. One that a
 * person moved to other ports is distinguished by its ports. A start without an end lasts until the next one, the
 * latest until `to`.
 * @param entries in the order of the record; what its clock says to be later than `to` counts as of `to`
 */
export function openTimes(entries: readonly ActivityEntry[], from: EpochMs, to: EpochMs): readonly OpenTimes[] {
  const moments = momentsOf(entries, to);
  const begin = earliest(moments, to);
  const reading = new Reading();
  for (const [at, { fact }] of entries.entries()) reading.read(fact, moments[at] ?? to);
  return reading.end(to).flatMap((row) => row.between(from, to, begin) ?? []);
}

/** The first moment that the record knows of, by the clock as it is now; `to` when it is empty. */
export function recordBegin(entries: readonly ActivityEntry[], to: EpochMs): EpochMs {
  return earliest(momentsOf(entries, to), to);
}

const earliest = (moments: readonly EpochMs[], to: EpochMs): EpochMs =>
  moments.reduce((first, moment) => (moment < first ? moment : first), to);

/** Forwards open after all that, or when Portkeeper was last heard of. */
export function openAfter(entries: readonly ActivityEntry[]): readonly ForwardThen[] {
  const open = new Map<ForwardId, ForwardThen>();
  for (const { fact } of entries) {
    if (fact.is === 'started' || fact.is === 'record-begins') open.clear();
    if (fact.is === 'record-begins') for (const then of fact.open) open.set(then.forward, then);
    else if (fact.is === 'opened') open.set(fact.forward, thenOf(fact));
    else if (isEnd(fact) && open.has(fact.forward)) {
      const then = open.get(fact.forward);
      if (then !== undefined && placeOf(then) === placeOf(fact)) open.delete(fact.forward);
    }
  }
  return [...open.values()];
}

const isEnd = (fact: ActivityFact): fact is Extract<ActivityFact, { is: 'closed' | 'lost' | 'refused' }> =>
  fact.is === 'closed' || fact.is === 'lost' || fact.is === 'refused';

function thenOf({ forward, name, transports, external }: ForwardThen): ForwardThen {
  return { forward, name, transports, external };
}

const placeOf = ({ forward, transports, external }: ForwardThen): string =>
  `${forward} ${transports.toSorted().join('+')} ${external.first}-${external.last}`;

/**
 * By the clock as it is now. Within one start of Portkeeper it is known how far the clock was set back; between two it
 * may have been set while nobody looked: what seems to be later than the next start was just before it.
 */
function momentsOf(entries: readonly ActivityEntry[], to: EpochMs): readonly EpochMs[] {
  const moments: EpochMs[] = [];
  let latest = to;
  let shift = 0;
  for (const { at, fact } of entries.toReversed()) {
    const moment = epochMs(Math.min(at - shift, latest));
    moments.push(moment);
    if (fact.is === 'clock-set-back') shift += fact.by;
    if (fact.is !== 'started') continue;
    shift = 0;
    latest = moment;
  }
  return moments.toReversed();
}

type PortStatus = 'open' | 'closed' | 'unknown';

/** One forward at its ports: how it stands, and how it stood. */
class Row {
  #then: ForwardThen;
  #standing: PortStatus = 'closed';
  #since = -Infinity;
  readonly #spans: Record<'open' | 'unknown', Span[]> = { open: [], unknown: [] };

  constructor(then: ForwardThen) {
    this.#then = then;
  }

  get isOpen(): boolean {
    return this.#standing === 'open';
  }

  call(then: ForwardThen): void {
    this.#then = then;
  }

  /** A report about a moment before the latest change counts as of that change. */
  turn(standing: PortStatus, moment: EpochMs): void {
    if (standing === this.#standing) return;
    const at = Math.max(moment, this.#since);
    if (this.#standing !== 'closed' && at > this.#since) {
      append(this.#spans[this.#standing], { from: epochMs(this.#since), to: epochMs(at) });
    }
    this.#standing = standing;
    this.#since = at;
  }

  /** @param begin of the record: of what was before nothing is known */
  between(from: EpochMs, to: EpochMs, begin: EpochMs): OpenTimes | undefined {
    const open = cut(this.#spans.open, from, to);
    const doubtful = cut(this.#spans.unknown, from, to);
    if (open.length + doubtful.length === 0) return undefined;
    const unknown: Span[] = [];
    for (const span of cut([{ from, to: begin }, ...doubtful], from, to)) append(unknown, span);
    return { ...this.#then, open, unknown };
  }
}

function append(spans: Span[], span: Span): void {
  const last = spans.at(-1);
  if (last?.to === span.from) spans[spans.length - 1] = { from: last.from, to: span.to };
  else spans.push(span);
}

function cut(spans: readonly Span[], from: EpochMs, to: EpochMs): readonly Span[] {
  return spans
    .map((span) => ({ from: epochMs(Math.max(span.from, from)), to: epochMs(Math.min(span.to, to)) }))
    .filter((span) => span.from < span.to);
}

class Reading {
  readonly #rows = new Map<string, Row>();
  /** The latest sign of life. */
  #alive: EpochMs | undefined;
  #hasEnded = false;

  read(fact: ActivityFact, at: EpochMs): void {
    if (fact.is === 'started') {
      this.#doubt(this.#alive ?? at, at, 'closed');
      this.#alive = at;
      this.#hasEnded = false;
    }
    if (this.#alive === undefined || at > this.#alive) this.#alive = at;
    if (fact.is === 'ended') this.#hasEnded = true;
    else if (fact.is === 'woke') this.#doubt(epochMs(at - fact.asleep), at, 'open');
    else if (fact.is === 'opened') this.#opened(thenOf(fact), at);
    else if (fact.is === 'record-begins') for (const then of fact.open) this.#opened(thenOf(then), at);
    else if (isEnd(fact)) this.#rows.get(placeOf(fact))?.turn('closed', at);
  }

  end(to: EpochMs): readonly Row[] {
    const rows = [...this.#rows.values()];
    if (this.#hasEnded) this.#doubt(this.#alive ?? to, to, 'closed');
    for (const row of rows) row.turn('closed', to);
    return rows;
  }

  #opened(then: ForwardThen, at: EpochMs): void {
    const place = placeOf(then);
    const row = this.#rows.get(place) ?? new Row(then);
    this.#rows.set(place, row);
    row.call(then);
    row.turn('open', at);
  }

  /** Nobody knows of what was open then whether it was between the two moments. */
  #doubt(from: EpochMs, to: EpochMs, afterwards: PortStatus): void {
    for (const row of this.#rows.values()) {
      if (!row.isOpen) continue;
      row.turn('unknown', from);
      row.turn(afterwards, to);
    }
  }
}
