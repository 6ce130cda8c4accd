/** Profiles and forwards as people see them: a pure function of the snapshot. */
import type { AppSnapshot, ConditionView, HoldView } from '../../../main/contract/commands.ts';
import {
  forwardState,
  profileState,
  wishOf,
  type ForwardState,
  type Wish,
} from '../../../main/contract/forward-state.ts';
import { asForwardId, type Forward, type ForwardId } from '../../../main/contract/model.ts';
import type { ProbeView } from '../../../main/contract/probe.ts';
import type { LeaseView, MappingHop, MappingView } from '../../../main/contract/snapshot.ts';
import type { Problem } from '../../../main/contract/problems.ts';
import type { Profile, ProfileForward } from '../../../main/contract/profiles/profile.ts';
import type { Sharing, sharingOf } from '../../../main/contract/profiles/sharing.ts';

interface ForwardTest {
  /** Mappings that have been tested, of those that are to be. */
  readonly running?: { readonly done: number; readonly of: number };
  readonly latest: readonly ProbeView[];
}

export interface ForwardShown {
  readonly id: ForwardId;
  readonly forward: ProfileForward;
  readonly state: ForwardState;
  /** The lease of its mappings that ends first. */
  readonly lease?: LeaseView;
  readonly isRenewing: boolean;
  /** The routers on its way outwards, where there are two: of the mapping that fares worst. */
  readonly hops?: readonly MappingHop[];
  /** Addresses for friends to reach it. */
  readonly share: Sharing;
  /** Where it leads: the address is known once it is open. */
  readonly client?: string;
  /** Findings of tests from outside, while it is open. */
  readonly test: ForwardTest;
  /** One of each kind. */
  readonly problems: readonly Problem[];
  /** It suffers from something that is shown once, with the router: see {@link routerProblems}. */
  readonly isSymptom: boolean;
}

export interface ProfileShown {
  readonly id: Profile['id'];
  readonly profile: Profile;
  /** A program holds it open, whatever its switch says. */
  readonly isHeld: boolean;
  /** Condition of a profile that is on and open only while something is so. */
  readonly condition?: ConditionView;
  readonly state: ForwardState;
  readonly forwards: readonly ForwardShown[];
  readonly problems: readonly Problem[];
}

/** In the order of the profiles. @param share absent while it is loading */
export function profilesShown(
  snapshot: Pick<AppSnapshot, 'profiles' | 'held' | 'conditions' | 'settings' | 'engine' | 'address' | 'probes'>,
  share: typeof sharingOf | undefined,
): ProfileShown[] {
  const { profiles, held, engine, probes } = snapshot;
  const mappings = Map.groupBy(engine.mappings, ({ forward }) => forward);
  const told = Map.groupBy(engine.problems, ({ forward }) => forward);
  const causes = new Set(routerProblems(engine).map(causeOf));
  return profiles.map((profile) => {
    const isHeld = held.includes(profile.id);
    const wish = wishOf(profile, snapshot);
    const forwards = profile.forwards.map((forward, at) => {
      const id = asForwardId(`${profile.id}/${at + 1}`);
      const shown = forwardShown(id, forward, wish, mappings.get(id) ?? [], told.get(id) ?? []);
      const own = shown.problems.filter((problem) => !causes.has(causeOf(problem)));
      return {
        ...shown,
        test: testOf(id, probes),
        share: share?.(mappings.get(id) ?? [], engine.gateways, snapshot.address.name) ?? {},
        problems: own,
        isSymptom: own.length < shown.problems.length,
      };
    });
    const all = profile.forwards.flatMap((_, at) => mappings.get(asForwardId(`${profile.id}/${at + 1}`)) ?? []);
    const condition = snapshot.conditions.find((each) => each.profile === profile.id);
    return {
      id: profile.id,
      profile,
      isHeld,
      ...(condition === undefined ? {} : { condition }),
      state: profileState(profile, snapshot, all),
      forwards,
      problems: oneOfEach(forwards.flatMap(({ problems }) => problems)),
    };
  });
}

export interface HoldShown {
  readonly hold: HoldView;
  /** As they were asked for, in that order. */
  readonly forwards: readonly Pick<Forward, 'transports' | 'external'>[];
  readonly state: ForwardState;
}

/** Ports that programs keep open beside the profiles. */
export function holdsShown({
  holds,
  settings,
  engine,
}: Pick<AppSnapshot, 'holds' | 'settings' | 'engine'>): HoldShown[] {
  return holds.map((hold) => {
    const ids = new Set(hold.forwards);
    const mappings = engine.mappings.filter(({ forward }) => ids.has(forward));
    const forwards = engine.forwards.filter(({ id }) => ids.has(id));
    return {
      hold,
      forwards,
      state: forwardState(mappings, settings.paused && forwards.length === 0 ? 'paused' : 'wanted'),
    };
  });
}

function forwardShown(
  id: ForwardId,
  forward: ProfileForward,
  wish: Wish,
  mappings: readonly MappingView[],
  told: readonly Problem[],
): Omit<ForwardShown, 'share' | 'test' | 'isSymptom'> {
  const leases = mappings.flatMap(({ status }) => ('lease' in status && status.at !== 'closing' ? [status.lease] : []));
  const [lease] = leases.toSorted((a, b) => endOf(a) - endOf(b));
  const client =
    forward.internal.client ?? mappings.find(({ internal }) => internal.client !== undefined)?.internal.client;
  const problems = mappings.flatMap(({ status }) =>
    'problem' in status && status.problem !== undefined ? [status.problem] : [],
  );
  const ways = mappings.flatMap(({ hops }) => (hops === undefined ? [] : [hops]));
  const hops = ways.find((way) => way.some(({ at }) => !isOpenHop(at))) ?? ways[0];
  return {
    id,
    forward,
    state: forwardState(mappings, wish),
    isRenewing: mappings.some(({ status }) => status.at === 'renewing'),
    ...(lease === undefined ? {} : { lease }),
    ...(client === undefined ? {} : { client }),
    ...(hops === undefined ? {} : { hops }),
    problems: oneOfEach([...problems, ...told]),
  };
}

export const isOpenHop = (at: MappingHop['at']): boolean => at === 'open' || at === 'renewing';

function testOf(forward: ForwardId, { running, latest }: AppSnapshot['probes']): ForwardTest {
  const now = running.find((each) => each.forward === forward);
  return {
    ...(now === undefined ? {} : { running: { done: now.done, of: now.of } }),
    latest: latest.filter((each) => each.forward === forward),
  };
}

const endOf = ({ expiresAt }: LeaseView): number => (expiresAt === 'never' ? Infinity : expiresAt);

/** Problems of many ports of a range, or of TCP and UDP, appear once. */
function oneOfEach(problems: readonly Problem[]): readonly Problem[] {
  const seen = new Map<string, Problem>();
  for (const problem of problems) {
    const key = `${problem.code} ${problem.forward ?? ''}`;
    if (!seen.has(key)) seen.set(key, problem);
  }
  return [...seen.values()];
}

/**
 * Router problems, each cause once: those that they report themselves, and those shared by several forwards.
 * A forward that a router cannot open for such a reason shows no panel of its own.
 */
export function routerProblems({ mappings, problems }: AppSnapshot['engine']): readonly Problem[] {
  const own = problems.filter(({ forward }) => forward === undefined);
  const ofForwards = oneOfEach([
    ...mappings.flatMap(({ status }) => ('problem' in status && status.problem !== undefined ? [status.problem] : [])),
    ...problems.filter(({ forward }) => forward !== undefined),
  ]);
  const byCause = Map.groupBy(ofForwards, causeOf);
  const shared = [...byCause.values()].flatMap(([first, second]) =>
    first === undefined || second === undefined || own.some((each) => causeOf(each) === causeOf(first)) ? [] : [first],
  );
  return [...own, ...shared];
}

/** Troubles that name the port that met them first, though all others would meet them, too. */
const OF_WHOLE_ROUTER: ReadonlySet<Problem['code']> = new Set(['table-full', 'pinholes-off']);

/** The same for problems with one cause. */
const causeOf = ({ code, gateway, parameters }: Problem): string =>
  OF_WHOLE_ROUTER.has(code) ? `${code} ${gateway ?? ''}` : `${code} ${JSON.stringify(parameters)}`;
