/** Forwards opened, closed, lost, refused and renewed. */
import type { ForwardThen } from '../../contract/activity.ts';
import type { Forward, ForwardId } from '../../contract/model.ts';
import type { GatewayView, MappingView } from '../../contract/snapshot.ts';
import type { Problem } from '../../contract/problems.ts';
import { placeOfForward } from '../../contract/profiles/forward-names.ts';
import type { ProfileId } from '../../contract/profiles/profile.ts';
import { after, inHours, inSeconds, type EpochMs, type Port } from '../../contract/units.ts';
import { isOfPort, statusProblem, type FactCollector, type NewFact, type ObservedSnapshot } from './activity-seen.ts';

interface Open {
  readonly what: ForwardThen;
  /** Another external port than was wanted. */
  readonly granted: Port | undefined;
  readonly grantedAt: EpochMs;
}

interface ToldForward {
  /** As reported to people, and when. */
  readonly open: (Open & { readonly since: EpochMs }) | undefined;
  readonly notOpenSince: EpochMs | undefined;
  /** Why not, as reported since it was last open. */
  readonly refusal: string | undefined;
  /** Signs by which it was found open: the same again is no news. */
  readonly seen: readonly unknown[];
}

interface Renewals {
  readonly since: EpochMs;
  readonly latest: EpochMs;
  readonly forwards: ReadonlySet<ForwardId>;
}

export interface ToldForwards {
  readonly forwards: ReadonlyMap<ForwardId, ToldForward>;
  /** Not reported yet, by the gateway's name. */
  readonly renewals: ReadonlyMap<string, Renewals>;
}

export const NO_FORWARDS: ToldForwards = { forwards: new Map(), renewals: new Map() };

const NOT_OPEN: ToldForward = { open: undefined, notOpenSince: undefined, refusal: undefined, seen: [] };

/** Where nothing can be looked at, one or another is renewed each minute: see `blindRenewal` of the schedule. */
const RENEWALS_TOGETHER = inHours(1);
/** Former grants are requested again when a gateway is back. */
const CONFIRMED = inSeconds(10);
/** The holder of a port is asked for after a refusal. */
const HOLDER_IS_NAMED = inSeconds(2);

export function forwardFacts(before: ToldForwards, seen: ObservedSnapshot, look: FactCollector): ToldForwards {
  const forwards = new ForwardLook(before, seen, look);
  forwards.atRenewals();
  for (const forward of seen.engine.forwards) forwards.at(forward);
  forwards.atTheRest();
  return { forwards: forwards.forwards, renewals: forwards.renewals };
}

/** Renewals not reported yet, because more may belong to them. */
export function renewalFacts({ renewals }: ToldForwards): readonly NewFact[] {
  return [...renewals].map(([gateway, { latest, forwards }]) => ({
    at: latest,
    fact: { is: 'renewed', gateway, forwards: forwards.size },
  }));
}

/** As reported to people: also ports that are still being closed. */
export const isAnyOpen = ({ forwards }: ToldForwards): boolean =>
  [...forwards.values()].some(({ open }) => open !== undefined);

export const openNow = ({ forwards }: ToldForwards): readonly ForwardThen[] =>
  [...forwards.values()].flatMap(({ open }) => open?.what ?? []);

class ForwardLook {
  readonly forwards = new Map<ForwardId, ToldForward>();
  readonly renewals: Map<string, Renewals>;
  readonly #before: ToldForwards;
  readonly #seen: ObservedSnapshot;
  readonly #look: FactCollector;
  readonly #now: EpochMs;
  readonly #mappings: ReadonlyMap<ForwardId, readonly MappingView[]>;
  readonly #names: ReadonlyMap<ProfileId, string>;

  constructor(before: ToldForwards, seen: ObservedSnapshot, look: FactCollector) {
    this.#before = before;
    this.#seen = seen;
    this.#look = look;
    this.#now = look.now;
    this.renewals = new Map(before.renewals);
    this.#names = new Map(seen.profiles.map(({ id, name }) => [id, name]));
    this.#mappings = Map.groupBy(seen.engine.mappings, ({ forward }) => forward);
  }

  at(forward: Forward): void {
    const mappings = this.#mappings.get(forward.id) ?? [];
    const wanted = mappings.filter(({ status }) => status.at !== 'closing');
    const told = this.#before.forwards.get(forward.id) ?? NOT_OPEN;
    const seen = [forward, this.#seen.profiles, ...mappings];
    if (told.seen.length === seen.length && told.seen.every((one, at) => one === seen[at])) {
      this.forwards.set(forward.id, told);
      return;
    }
    const open = this.#open(forward, wanted);
    this.forwards.set(
      forward.id,
      open === undefined
        ? this.#notOpen(forward, told, wanted, wanted.length < mappings.length)
        : { ...this.#isOpen(open, told, wanted), seen },
    );
  }

  /** Forwards that nobody wants any more. */
  atTheRest(): void {
    for (const [id, told] of this.#before.forwards) {
      if (this.forwards.has(id) || told.open === undefined) continue;
      // The gateway may still hold it.
      if (this.#mappings.has(id)) this.forwards.set(id, told);
      else this.#closed(told.open);
    }
  }

  /** Before those that are seen now: they start over. */
  atRenewals(): void {
    for (const [gateway, renewals] of this.#before.renewals) {
      // Reported with whatever happens next: that nothing else happens is no reason to look.
      if (this.#now < after(this.#look.since(renewals.since), RENEWALS_TOGETHER)) continue;
      this.#look.facts.push(...renewalFacts({ ...this.#before, renewals: new Map([[gateway, renewals]]) }));
      this.renewals.delete(gateway);
    }
  }

  #open(forward: Forward, wanted: readonly MappingView[]): Open | undefined {
    const leases = wanted.flatMap(({ status }) =>
      status.at === 'open' || status.at === 'renewing' ? status.lease : [],
    );
    const [first] = leases;
    if (first === undefined || leases.length < wanted.length) return undefined;
    const granted = leases.map((lease) => lease.external.port).find((port, at) => port !== wanted[at]?.external.port);
    const grantedAt = leases.map((lease) => lease.grantedAt).reduce((one, other) => (other > one ? other : one));
    return { what: this.#then(forward), granted, grantedAt };
  }

  #isOpen(open: Open, told: ToldForward, wanted: readonly MappingView[]): Omit<ToldForward, 'seen'> {
    const { what, granted } = open;
    const former = told.open;
    const isMoved = former !== undefined && !isSamePlace(former.what, what);
    const gateway = this.#gatewayOf(wanted)?.name ?? '';
    if (isMoved) this.#closed(former);
    let since = this.#now;
    if (former === undefined || isMoved || former.granted !== granted) {
      this.#look.note({ is: 'opened', gateway, ...(granted === undefined ? {} : { granted }), ...what });
    } else {
      since = this.#look.since(former.since);
      // A confirmation right after a gateway's return is a part of that.
      const isNews = former.grantedAt !== open.grantedAt && this.#now >= after(since, CONFIRMED);
      if (isNews) this.#renewed(what.forward, gateway);
    }
    return { open: { ...open, since }, notOpenSince: undefined, refusal: undefined };
  }

  #notOpen(forward: Forward, told: ToldForward, wanted: readonly MappingView[], isClosing: boolean): ToldForward {
    const now = this.#now;
    const since = this.#look.since(told.notOpenSince);
    const then = this.#then(forward);
    let { open, refusal } = told;
    const isMoved = open !== undefined && !isSamePlace(open.what, then);
    if (open !== undefined && isMoved && !isClosing) {
      this.#closed(open);
      open = undefined;
    }
    const wasOpen = open !== undefined && !isMoved;
    const mayBeTold = wasOpen || wanted.some((mapping) => statusProblem(mapping) !== undefined);
    const isLasting = mayBeTold && !this.#look.isTooNew(since);
    const problem = this.#refusalOf(wanted, isLasting);
    if (problem !== undefined && keyOf(problem) !== refusal) {
      this.#look.note({ is: 'refused', problem, ...then }, wasOpen ? since : now);
      refusal = keyOf(problem);
      if (wasOpen) open = undefined;
    } else if (wasOpen && isLasting) {
      const because = causeOf(wanted);
      this.#look.note({ is: 'lost', ...(because === undefined ? {} : { because }), ...then }, since);
      open = undefined;
    }
    return { open, notOpenSince: since, refusal, seen: [] };
  }

  #refusalOf(wanted: readonly MappingView[], isLasting: boolean): Problem | undefined {
    for (const mapping of wanted) {
      const problem = statusProblem(mapping);
      if (problem === undefined || !isOfPort(problem)) continue;
      if (mapping.status.at === 'refused' ? this.#isWhole(problem) : isLasting) return problem;
    }
    return undefined;
  }

  /** Or is there more to come? */
  #isWhole(problem: Problem): boolean {
    if (problem.code !== 'conflict') return true;
    const { holder, holderHost } = problem.parameters;
    if ((holder ?? holderHost) !== undefined) return true;
    const mayBeNamed = this.#seen.engine.gateways.some(({ canList }) => canList);
    return !mayBeNamed || !this.#look.isTooNew(problem.since, HOLDER_IS_NAMED);
  }

  #renewed(forward: ForwardId, gateway: string): void {
    const before = this.renewals.get(gateway);
    const forwards = new Set(before?.forwards).add(forward);
    this.renewals.set(gateway, { since: before?.since ?? this.#now, latest: this.#now, forwards });
  }

  #closed({ what }: Open): void {
    this.#look.note({ is: 'closed', ...what });
  }

  #gatewayOf([mapping]: readonly MappingView[]): GatewayView | undefined {
    if (mapping === undefined || !('lease' in mapping.status)) return undefined;
    const { gateway } = mapping.status.lease;
    return this.#seen.engine.gateways.find(({ id }) => id === gateway);
  }

  #then({ id, label, transports, external }: Forward): ForwardThen {
    const profile = placeOfForward(id)?.profile;
    const name = profile === undefined ? undefined : this.#names.get(profile);
    return { forward: id, name: name ?? label, transports, external };
  }
}

function isSamePlace(one: ForwardThen, other: ForwardThen): boolean {
  const isSameRange = one.external.first === other.external.first && one.external.last === other.external.last;
  return isSameRange && one.transports.toSorted().join('+') === other.transports.toSorted().join('+');
}

const keyOf = ({ code, parameters }: Problem): string => {
  const port = 'port' in parameters ? `${parameters.transport} ${parameters.port}` : '';
  return `${code} ${port}`;
};

function causeOf(wanted: readonly MappingView[]): 'gateway' | 'network' | undefined {
  for (const { status } of wanted) {
    if (status.at === 'waiting' && (status.for === 'gateway' || status.for === 'network')) return status.for;
  }
  return undefined;
}
