/** How a forward, a profile or a hold is, for every UI: they add words, icons and colours only. */
import type { AppSnapshot } from './commands.ts';
import type { Profile } from './profiles/profile.ts';
import type { MappingStatus, MappingView } from './snapshot.ts';
import { epochMs, type EpochMs } from './units.ts';

export type ForwardStateName =
  | 'off'
  /** Wanted, and closed with everything else. */
  | 'paused'
  /** Its switch is on, and it opens as soon as its condition is met. */
  | 'standby'
  | 'opening'
  | 'open'
  /** Some of it is open, the rest is refused or waits. */
  | 'partly'
  | 'waiting'
  | 'refused'
  | 'closing';

type Waiting = Extract<MappingStatus, { at: 'waiting' }>;

export interface ForwardState {
  readonly is: ForwardStateName;
  /** Mappings that are open, of those that are wanted. */
  readonly open: number;
  readonly wanted: number;
  readonly waitsFor?: Waiting['for'];
  /** When it is tried again. */
  readonly until?: EpochMs;
  /** The gateway may still hold it. */
  readonly mayBeOpenUntil?: EpochMs | 'never';
}

export type Wish = 'wanted' | 'paused' | 'standby' | 'not';

/** The state of a profile's forwards: wanted by its switch or by a program, unless everything is paused. */
export function wishOf({ id, on }: Profile, { held, settings, conditions }: WishSource): Wish {
  const isHeld = held.includes(id);
  if (!on && !isHeld) return 'not';
  if (settings.paused) return 'paused';
  return isHeld || conditions.every(({ profile, isMet }) => profile !== id || isMet) ? 'wanted' : 'standby';
}

type WishSource = Pick<AppSnapshot, 'held' | 'settings' | 'conditions'>;

/** @param mappings those of the profile's forwards */
export function profileState(profile: Profile, snapshot: WishSource, mappings: readonly MappingView[]): ForwardState {
  if (profile.forwards.length === 0) return { is: 'off', open: 0, wanted: 0 };
  return forwardState(mappings, wishOf(profile, snapshot));
}

/** @param mappings of one forward, or of several that are shown as one */
export function forwardState(mappings: readonly MappingView[], wish: Wish = 'wanted'): ForwardState {
  const { open, refused, waiting, closing } = mappingTally(mappings);
  if (wish !== 'wanted') {
    const is = closing > 0 ? 'closing' : wish === 'not' ? 'off' : wish;
    return { is, open: closing, wanted: 0 };
  }
  // Closing mappings do not count: they were wanted elsewhere, or under another port.
  const count = { open, wanted: mappings.length - closing };
  if (refused > 0) return { is: open > 0 ? 'partly' : 'refused', ...count, ...retryOf(mappings) };
  if (waiting > 0) return { is: open > 0 ? 'partly' : 'waiting', ...count, ...waitOf(mappings) };
  if (count.wanted === 0 && closing > 0) return { is: 'closing', open: closing, wanted: 0 };
  // Without any mapping it has been requested, and the engine has not taken it up yet.
  return { is: open > 0 && open === count.wanted ? 'open' : 'opening', ...count };
}

/** Numbers of mappings; a renewal counts as open. */
export type MappingTally = Readonly<Record<'open' | 'refused' | 'waiting' | 'opening' | 'closing', number>>;

export function mappingTally(mappings: readonly Pick<MappingView, 'status'>[]): MappingTally {
  const tally = { open: 0, refused: 0, waiting: 0, opening: 0, closing: 0 };
  for (const { status } of mappings) {
    if (status.at !== 'off') tally[status.at === 'renewing' ? 'open' : status.at] += 1;
  }
  return tally;
}

/** When the first of those that were refused or wait is tried again. */
function retryOf(mappings: readonly MappingView[]): Pick<ForwardState, 'until'> {
  const moments = mappings.flatMap(({ status }) =>
    status.at === 'waiting' || status.at === 'refused' ? (status.until ?? []) : [],
  );
  return moments.length === 0 ? {} : { until: epochMs(Math.min(...moments)) };
}

function waitOf(mappings: readonly MappingView[]): Pick<ForwardState, 'waitsFor' | 'until' | 'mayBeOpenUntil'> {
  const waiting = mappings.map(({ status }) => status).filter((status) => status.at === 'waiting');
  const [first] = waiting;
  const [mayBeOpenUntil] = waiting
    .flatMap((each) => each.mayBeOpenUntil ?? [])
    // Not a difference: there is none between two that never end.
    .toSorted((a, b) => (a === 'never' ? -1 : b === 'never' ? 1 : b - a));
  return {
    ...(first === undefined ? {} : { waitsFor: first.for }),
    ...retryOf(mappings),
    ...(mayBeOpenUntil === undefined ? {} : { mayBeOpenUntil }),
  };
}
