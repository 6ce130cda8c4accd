/** What people see of each profile and forward: a pure function of the snapshot. */
import type { Family } from '../../../main/contract/address.ts';
import type { AppSnapshot, HoldView } from '../../../main/contract/commands.ts';
import type { Forward, ForwardId } from '../../../main/contract/model.ts';
import type { LeaseView, MappingStatus, MappingView } from '../../../main/contract/snapshot.ts';
import { asForwardId } from '../../../main/contract/model.ts';
import type { Problem } from '../../../main/contract/problems.ts';
import type { Profile, ProfileForward } from '../../../main/contract/profile.ts';
import type { EpochMs } from '../../../main/contract/units.ts';

export type StateName =
  | 'off'
  /** Wanted, and closed with everything else. */
  | 'paused'
  | 'opening'
  | 'open'
  /** Some of it is open, the rest is refused or waits. */
  | 'partly'
  | 'waiting'
  | 'refused'
  | 'closing';

type Waiting = Extract<MappingStatus, { at: 'waiting' }>;

export interface State {
  readonly is: StateName;
  /** Mappings that are open, of those that are wanted. */
  readonly open: number;
  readonly wanted: number;
  readonly waitsFor?: Waiting['for'];
  /** When it is tried again. */
  readonly until?: EpochMs;
  /** The gateway may still hold it. */
  readonly mayBeOpenUntil?: EpochMs | 'never';
}

export interface ForwardShown {
  readonly id: ForwardId;
  readonly forward: ProfileForward;
  readonly state: State;
  /** Of its mappings, the one that ends first. */
  readonly lease?: LeaseView;
  readonly isRenewing: boolean;
  /** Where the internet reaches it: IPv4 before IPv6. */
  readonly reach?: LeaseView['external'];
  /** Where it leads: the address is known once it is open. */
  readonly client?: string;
  /** One of each kind. */
  readonly problems: readonly Problem[];
}

export interface ProfileShown {
  readonly id: Profile['id'];
  readonly profile: Profile;
  /** A program holds it open, whatever its switch says. */
  readonly isHeld: boolean;
  readonly state: State;
  readonly forwards: readonly ForwardShown[];
  readonly problems: readonly Problem[];
}

/** In the order of the profiles. */
export function profilesShown(
  snapshot: Pick<AppSnapshot, 'profiles' | 'held' | 'settings' | 'engine'>,
): ProfileShown[] {
  const { profiles, held, settings, engine } = snapshot;
  const mappings = Map.groupBy(engine.mappings, ({ forward }) => forward);
  const told = Map.groupBy(engine.problems, ({ forward }) => forward);
  return profiles.map((profile) => {
    const isHeld = held.includes(profile.id);
    const wish: Wish = profile.on || isHeld ? (settings.paused ? 'paused' : 'wanted') : 'not';
    const forwards = profile.forwards.map((forward, at) => {
      const id = asForwardId(`${profile.id}/${at + 1}`);
      return forwardShown(id, forward, wish, mappings.get(id) ?? [], told.get(id) ?? []);
    });
    const all = profile.forwards.flatMap((_, at) => mappings.get(asForwardId(`${profile.id}/${at + 1}`)) ?? []);
    return {
      id: profile.id,
      profile,
      isHeld,
      state: profile.forwards.length === 0 ? { is: 'off', open: 0, wanted: 0 } : stateOf(wish, all),
      forwards,
      problems: oneOfEach(forwards.flatMap(({ problems }) => problems)),
    };
  });
}

export interface HoldShown {
  readonly hold: HoldView;
  /** As they were asked for, in that order. */
  readonly forwards: readonly Pick<Forward, 'transports' | 'external'>[];
  readonly state: State;
}

/** What programs keep open beside the profiles. */
export function holdsShown({
  holds,
  settings,
  engine,
}: Pick<AppSnapshot, 'holds' | 'settings' | 'engine'>): HoldShown[] {
  return holds.map((hold) => {
    const ids = new Set(hold.forwards);
    const mappings = engine.mappings.filter(({ forward }) => ids.has(forward));
    const forwards = engine.forwards.filter(({ id }) => ids.has(id));
    return { hold, forwards, state: stateOf(settings.paused && forwards.length === 0 ? 'paused' : 'wanted', mappings) };
  });
}

type Wish = 'wanted' | 'paused' | 'not';

function forwardShown(
  id: ForwardId,
  forward: ProfileForward,
  wish: Wish,
  mappings: readonly MappingView[],
  told: readonly Problem[],
): ForwardShown {
  const leases = mappings.flatMap(({ status }) => ('lease' in status && status.at !== 'closing' ? [status.lease] : []));
  const reach = leaseOf(mappings, 'ipv4') ?? leaseOf(mappings, 'ipv6');
  const [lease] = leases.toSorted((a, b) => endOf(a) - endOf(b));
  const client =
    forward.internal.client ?? mappings.find(({ internal }) => internal.client !== undefined)?.internal.client;
  const problems = mappings.flatMap(({ status }) =>
    'problem' in status && status.problem !== undefined ? [status.problem] : [],
  );
  return {
    id,
    forward,
    state: stateOf(wish, mappings),
    isRenewing: mappings.some(({ status }) => status.at === 'renewing'),
    ...(lease === undefined ? {} : { lease }),
    ...(reach === undefined ? {} : { reach: reach.external }),
    ...(client === undefined ? {} : { client }),
    problems: oneOfEach([...problems, ...told]),
  };
}

function leaseOf(mappings: readonly MappingView[], family: Family): LeaseView | undefined {
  const status = mappings.find((mapping) => mapping.family === family)?.status;
  return status !== undefined && 'lease' in status && status.at !== 'closing' ? status.lease : undefined;
}

const endOf = ({ expiresAt }: LeaseView): number => (expiresAt === 'never' ? Infinity : expiresAt);

/** What is said of many ports of a range, or of TCP and UDP, is said once. */
function oneOfEach(problems: readonly Problem[]): readonly Problem[] {
  const seen = new Map<string, Problem>();
  for (const problem of problems) {
    const key = `${problem.code} ${problem.forward ?? ''}`;
    if (!seen.has(key)) seen.set(key, problem);
  }
  return [...seen.values()];
}

function stateOf(wish: Wish, mappings: readonly MappingView[]): State {
  const statuses = mappings.map(({ status }) => status);
  const closing = statuses.filter(({ at }) => at === 'closing').length;
  if (wish !== 'wanted') {
    const is = closing > 0 ? 'closing' : wish === 'paused' ? 'paused' : 'off';
    return { is, open: closing, wanted: 0 };
  }
  // What still closes was wanted elsewhere, or under another port.
  const wanted = statuses.filter(({ at }) => at !== 'closing');
  const open = wanted.filter(({ at }) => at === 'open' || at === 'renewing').length;
  const count = { open, wanted: wanted.length };
  // It has been asked for; the engine has not taken it up yet.
  if (wanted.length === 0) return { is: 'opening', ...count };
  if (wanted.some(({ at }) => at === 'refused')) return { is: open > 0 ? 'partly' : 'refused', ...count };
  const waiting = wanted.filter((status) => status.at === 'waiting');
  const [first] = waiting;
  if (first !== undefined) {
    const until = earliest(waiting.map((each) => each.until));
    const mayBeOpenUntil = latest(waiting.map((each) => each.mayBeOpenUntil));
    return {
      is: open > 0 ? 'partly' : 'waiting',
      ...count,
      waitsFor: first.for,
      ...(until === undefined ? {} : { until }),
      ...(mayBeOpenUntil === undefined ? {} : { mayBeOpenUntil }),
    };
  }
  return { is: open === wanted.length ? 'open' : 'opening', ...count };
}

function earliest(moments: readonly (EpochMs | undefined)[]): EpochMs | undefined {
  return moments.filter((moment) => moment !== undefined).toSorted((a, b) => a - b)[0];
}

function latest(moments: readonly (EpochMs | 'never' | undefined)[]): EpochMs | 'never' | undefined {
  const known = moments.filter((moment) => moment !== undefined);
  return known.includes('never') ? 'never' : known.filter((moment) => moment !== 'never').toSorted((a, b) => b - a)[0];
}
