/**
 * Summaries of many mappings and leftovers for the plan, computed once for each chunk and each group of chunks, and
 * then remembered for as long as it is true: a plan looks into those groups only in which something is to be done.
 */
import type { ControlKind, GatewayId } from '../contract/model.ts';
import type { EpochMs } from '../contract/units.ts';
import { outerPlaceOf, type Lease, type Leftover, type MappingState, type Request, type State } from './state.ts';
import type { Chunk, Group } from './table.ts';

export type Held = MappingState & { readonly lease: Lease };

export function hasValidLease(mapping: MappingState, now: EpochMs): mapping is Held {
  const { lease } = mapping;
  return lease !== undefined && lease.evidence !== 'asked' && (lease.expiresAt === 'never' || lease.expiresAt > now);
}

/** Some of a chunk, or of a group. Where nothing can be asked for one of a kind, nothing can be for the others of it. */
export interface Bunch<Member> {
  /** In order; of thousands that are renewed, hardly more than the first is looked at. */
  readonly members: Iterable<Member>;
  readonly first: Member | undefined;
  readonly kinds: readonly Member[];
}

interface Span {
  /** It is true from then on … */
  readonly from: number;
  /** … and until then, unless the chunk changes; infinity where time changes nothing. */
  readonly until: number;
  /** The first end of a lease for which no request is under way. */
  readonly firstExpiry: number;
}

export interface MappingDigest extends Span {
  /** Leases, one for each control that holds any. */
  readonly leases: readonly Lease[];
  /** Without a lease, because their gateway has no external address. */
  readonly lineless: readonly GatewayId[];
  readonly hasRefused: boolean;
  /** The first grant of those that hold a lease, with no request under way; infinity where none does. */
  readonly firstGrant: number;
  /** All are open, until then at least; 0 where not all are. */
  readonly openUntil: number;
  /** Mappings that wait for nothing: who holds the port is to be found out … */
  readonly holderWanted: Bunch<MappingState>;
  /** … somebody whose entry was seen holds it … */
  readonly heldByOther: Bunch<MappingState>;
  /** … without a lease, by how often they failed, those that did least often first … */
  readonly wanting: readonly Bunch<MappingState>[];
  readonly doubted: Bunch<Held>;
  /** … leased, by when they are to be renewed. */
  readonly renewed: Bunch<Held>;
}

export interface LeftoverDigest extends Span {
  /** Leases to be closed, one for each control and network. */
  readonly leases: readonly Lease[];
  /** Where it keeps others from being opened: see {@link blockedBy}. */
  readonly blocked: readonly ReadonlyMap<string, readonly Lease[]>[];
  /** To be closed now. */
  readonly closable: Bunch<Leftover>;
}

/** Places in which nothing is opened while the lease is being closed. Whatever the protocol on the internal side: a
 * delete of one can silence the other (see partTwins). */
export function blockedBy(lease: Lease): readonly string[] {
  return [outerPlaceOf(lease), innerPlaceOf(lease.gateway, lease)];
}

export function innerPlaceOf(gateway: GatewayId, { family, internal }: Pick<Lease, 'family' | 'internal'>): string {
  return `${gateway}|${family}|in ${internal.client}:${internal.port}`;
}

const ofMappings = {
  known: new WeakMap<Chunk<MappingState> | Group<MappingState>, MappingDigest>(),
  digest: digestMappings,
  merged: mergedMappings,
};
const ofLeftovers = {
  known: new WeakMap<Chunk<Leftover> | Group<Leftover>, LeftoverDigest>(),
  digest: digestLeftovers,
  merged: mergedLeftovers,
};

interface Digesting<Value, Digest> {
  readonly known: WeakMap<Chunk<Value> | Group<Value>, Digest>;
  readonly digest: (chunk: Chunk<Value>, now: EpochMs) => Digest;
  readonly merged: (digests: readonly Digest[], now: EpochMs) => Digest;
}

/** One for each group. */
export function mappingDigests({ mappings, now }: Pick<State, 'mappings' | 'now'>): readonly MappingDigest[] {
  return mappings.groups.map((group) => ofGroup(group, ofMappings, now));
}

/** One for each group. */
export function leftoverDigests({ leftovers, now }: Pick<State, 'leftovers' | 'now'>): readonly LeftoverDigest[] {
  return leftovers.groups.map((group) => ofGroup(group, ofLeftovers, now));
}

/** But for those of chunks in which all are open. */
export function* notAllOpen({ mappings, now }: Pick<State, 'mappings' | 'now'>): Iterable<MappingState> {
  for (const group of mappings.groups) {
    if (ofGroup(group, ofMappings, now).openUntil > now) continue;
    for (const chunk of group) {
      if (ofChunk(chunk, ofMappings, now).openUntil > now) continue;
      for (const mapping of chunk) if (mapping !== undefined) yield mapping;
    }
  }
}

function ofGroup<Value, Digest extends Span>(
  group: Group<Value>,
  digesting: Digesting<Value, Digest>,
  now: EpochMs,
): Digest {
  const { known, merged } = digesting;
  const [only, ...others] = group;
  if (only !== undefined && others.length === 0) return ofChunk(only, digesting, now);
  return remembered(known, group, now, () => {
    const digests = group.map((chunk) => ofChunk(chunk, digesting, now));
    return merged(digests, now);
  });
}

function ofChunk<Value, Digest extends Span>(
  chunk: Chunk<Value>,
  { known, digest }: Digesting<Value, Digest>,
  now: EpochMs,
): Digest {
  return remembered(known, chunk, now, () => digest(chunk, now));
}

function remembered<Key extends object, Digest extends Span>(
  known: WeakMap<Key, Digest>,
  key: Key,
  now: EpochMs,
  compute: () => Digest,
): Digest {
  const before = known.get(key);
  if (before !== undefined && before.from <= now && now < before.until) return before;
  const next = compute();
  known.set(key, next);
  return next;
}

/** Members of several bunches, put in order as far as somebody looks. */
class Merged<Member> implements Bunch<Member> {
  readonly kinds: readonly Member[];
  readonly first: Member | undefined;
  readonly #parts: readonly Bunch<Member>[];
  readonly #order: ((one: Member, other: Member) => number) | undefined;

  /** @param order that of each bunch; one after the other without it */
  constructor(
    bunches: readonly Bunch<Member>[],
    isAlike: (one: Member, other: Member) => boolean,
    order?: (one: Member, other: Member) => number,
  ) {
    this.#parts = bunches.filter(({ first }) => first !== undefined);
    this.#order = order;
    const kinds: Member[] = [];
    let first: Member | undefined;
    for (const part of this.#parts) {
      for (const one of part.kinds) if (!kinds.some((kind) => isAlike(kind, one))) kinds.push(one);
      if (first === undefined || (part.first !== undefined && order !== undefined && order(part.first, first) < 0))
        ({ first } = part);
    }
    this.kinds = kinds;
    this.first = first;
  }

  get members(): Iterable<Member> {
    return this.#order === undefined ? inARow(this.#parts) : inOrder(this.#parts, this.#order);
  }
}

function* inARow<Member>(bunches: readonly Bunch<Member>[]): Iterable<Member> {
  for (const { members } of bunches) yield* members;
}

function* inOrder<Member>(
  bunches: readonly Bunch<Member>[],
  order: (one: Member, other: Member) => number,
): Iterable<Member> {
  const heads = bunches.flatMap(({ members }) => {
    const rest = members[Symbol.iterator]();
    const { done, value } = rest.next();
    return done === true ? [] : [{ value, rest }];
  });
  for (;;) {
    const [first, ...others] = heads;
    if (first === undefined) return;
    const next = others.reduce((best, head) => (order(head.value, best.value) < 0 ? head : best), first);
    yield next.value;
    const { done, value } = next.rest.next();
    if (done === true) heads.splice(heads.indexOf(next), 1);
    else next.value = value;
  }
}

const least = <Digest>(digests: readonly Digest[], moment: (digest: Digest) => number): number =>
  digests.reduce((first, digest) => Math.min(first, moment(digest)), Number.POSITIVE_INFINITY);

function spanOf(digests: readonly Span[], now: EpochMs): Span {
  const until = least(digests, (digest) => digest.until);
  return { from: now, until, firstExpiry: least(digests, ({ firstExpiry }) => firstExpiry) };
}

function leasesOf(digests: readonly { readonly leases: readonly Lease[] }[]): readonly Lease[] {
  const leases: Lease[] = [];
  for (const digest of digests) for (const lease of digest.leases) addLease(leases, lease);
  return leases;
}

function mergedMappings(digests: readonly MappingDigest[], now: EpochMs): MappingDigest {
  const byTries = Map.groupBy(
    digests.flatMap(({ wanting }) => wanting),
    ({ first }) => first?.tries ?? 0,
  );
  const bunches = [...byTries].toSorted(([a], [b]) => a - b).map(([, bunch]) => new Merged(bunch, isAlike));
  const merged = (bunchOf: (digest: MappingDigest) => Bunch<MappingState>) =>
    new Merged(
      digests.map((digest) => bunchOf(digest)),
      isAlike,
    );
  return {
    ...spanOf(digests, now),
    leases: leasesOf(digests),
    lineless: [...new Set(digests.flatMap(({ lineless }) => lineless))],
    hasRefused: digests.some(({ hasRefused }) => hasRefused),
    firstGrant: least(digests, ({ firstGrant }) => firstGrant),
    openUntil: least(digests, ({ openUntil }) => openUntil),
    holderWanted: merged(({ holderWanted }) => holderWanted),
    heldByOther: merged(({ heldByOther }) => heldByOther),
    wanting: bunches,
    doubted: new Merged(
      digests.map(({ doubted }) => doubted),
      isAlike,
    ),
    renewed: new Merged(
      digests.map(({ renewed }) => renewed),
      isAlike,
      byRenewal,
    ),
  };
}

function mergedLeftovers(digests: readonly LeftoverDigest[], now: EpochMs): LeftoverDigest {
  return {
    ...spanOf(digests, now),
    leases: leasesOf(digests),
    blocked: digests.flatMap(({ blocked }) => blocked),
    closable: new Merged(
      digests.map(({ closable }) => closable),
      isClosedAlike,
    ),
  };
}

/** Does some gateway hold anything by this control? */
export function isInUse(state: Pick<State, 'mappings' | 'now'>, id: GatewayId, kind: ControlKind): boolean {
  return mappingDigests(state).some(({ leases }) =>
    leases.some(({ gateway, control }) => gateway === id && control === kind),
  );
}

/** Is anything on its way to be opened or closed there, or made again after a restart? */
export function isFilling(state: State, id: GatewayId): boolean {
  const under = [...state.requests.values()].filter(({ gateway }) => gateway === id);
  const isChange = ({ kind, mapping: of }: Request): boolean => {
    if (kind !== 'open') return kind === 'close';
    const mapping = of === undefined ? undefined : state.mappings.get(of);
    return mapping !== undefined && !hasValidLease(mapping, state.now);
  };
  if (under.some(isChange)) return true;
  // All of it is due at once then.
  const isDue = ({ renewed: { first } }: MappingDigest): boolean =>
    first?.lease.gateway === id && first.lease.renewAt <= state.now;
  return under.some(({ kind }) => kind === 'open') && mappingDigests(state).some(isDue);
}

class SpanOf {
  until = Number.POSITIVE_INFINITY;
  firstExpiry = Number.POSITIVE_INFINITY;
  readonly #now: EpochMs;

  constructor(now: EpochMs) {
    this.#now = now;
  }

  /** True once it has come. */
  passed(moment: EpochMs | undefined): boolean {
    if (moment === undefined || moment <= this.#now) return true;
    this.until = Math.min(this.until, moment);
    return false;
  }

  lease({ expiresAt }: Lease, isUnderWay: boolean): void {
    if (expiresAt === 'never') return;
    this.passed(expiresAt);
    if (!isUnderWay) this.firstExpiry = Math.min(this.firstExpiry, expiresAt);
  }
}

class Gathering<Member> implements Bunch<Member> {
  readonly members: Member[] = [];
  readonly kinds: Member[] = [];
  readonly #isAlike: (one: Member, other: Member) => boolean;

  constructor(isAlike: (one: Member, other: Member) => boolean) {
    this.#isAlike = isAlike;
  }

  get first(): Member | undefined {
    return this.members[0];
  }

  add(member: Member): void {
    this.members.push(member);
    if (!this.kinds.some((kind) => this.#isAlike(kind, member))) this.kinds.push(member);
  }
}

function digestMappings(chunk: Chunk<MappingState>, now: EpochMs): MappingDigest {
  const span = new SpanOf(now);
  const leases: Lease[] = [];
  const lineless = new Set<GatewayId>();
  let hasRefused = false;
  let openUntil = Number.POSITIVE_INFINITY;
  let firstGrant = Number.POSITIVE_INFINITY;
  const [holderWanted, heldByOther] = [new Gathering(isAlike), new Gathering(isAlike)] as const;
  const byTries = new Map<number, Gathering<MappingState>>();
  const [doubted, renewed] = [new Gathering<Held>(isAlike), new Gathering<Held>(isAlike)] as const;
  for (const mapping of chunk) {
    if (mapping === undefined) continue;
    const { lease, problem, request, notBefore } = mapping;
    hasRefused ||= mapping.refused;
    if (lease !== undefined) {
      addLease(leases, lease);
      span.lease(lease, request !== undefined);
    } else if (problem?.code === 'no-external-address' && problem.gateway !== undefined) lineless.add(problem.gateway);
    const isOpen = hasValidLease(mapping, now);
    if (!isOpen) openUntil = 0;
    else if (mapping.lease.expiresAt !== 'never') openUntil = Math.min(openUntil, mapping.lease.expiresAt);
    if (request !== undefined) continue;
    if (isOpen) firstGrant = Math.min(firstGrant, mapping.lease.grantedAt);
    if (mapping.holderWanted) holderWanted.add(mapping);
    if (!span.passed(notBefore)) continue;
    if (isHeldByOther(mapping)) heldByOther.add(mapping);
    else if (!isOpen) gathered(byTries, mapping);
    else if (mapping.doubted) doubted.add(mapping);
    else renewed.add(mapping);
  }
  const wanting = [...byTries].toSorted(([a], [b]) => a - b).map(([, bunch]) => bunch);
  renewed.members.sort(byRenewal);
  const { until, firstExpiry } = span;
  const of = { holderWanted, heldByOther, wanting, doubted, renewed };
  const told = { leases, lineless: [...lineless], hasRefused, firstGrant, openUntil };
  return { from: now, until, firstExpiry, ...told, ...of };
}

const byRenewal = (a: Held, b: Held): number => a.lease.renewAt - b.lease.renewAt || expiryOf(a) - expiryOf(b);

function gathered(byTries: Map<number, Gathering<MappingState>>, mapping: MappingState): void {
  const same = byTries.get(mapping.tries) ?? new Gathering(isAlike);
  byTries.set(mapping.tries, same);
  same.add(mapping);
}

function digestLeftovers(chunk: Chunk<Leftover>, now: EpochMs): LeftoverDigest {
  const span = new SpanOf(now);
  const leases: Lease[] = [];
  const blocked = new Map<string, Lease[]>();
  const closable = new Gathering<Leftover>(isClosedAlike);
  for (const leftover of chunk) {
    if (leftover === undefined) continue;
    const { lease, kept, tries, request, notBefore } = leftover;
    span.lease(lease, request !== undefined);
    if (kept) continue;
    addLease(leases, lease);
    // One that could not be closed does not block forever: the opening then says who is in the way.
    if (tries === 0 || request !== undefined)
      for (const place of blockedBy(lease)) blocked.set(place, [...(blocked.get(place) ?? []), lease]);
    if (request === undefined && span.passed(notBefore)) closable.add(leftover);
  }
  const { until, firstExpiry } = span;
  return { from: now, until, firstExpiry, leases, blocked: blocked.size === 0 ? [] : [blocked], closable };
}

function addLease(leases: Lease[], lease: Lease): void {
  const isKnown = leases.some(
    ({ gateway, control, network }) =>
      gateway === lease.gateway && control === lease.control && network === lease.network,
  );
  if (!isKnown) leases.push(lease);
}

export const expiryOf = ({ lease }: MappingState): number =>
  lease === undefined || lease.expiresAt === 'never' ? Number.MAX_VALUE : lease.expiresAt;

/** Refused for somebody whose entry was seen: it is looked at before the port is asked for again. */
export function isHeldByOther({ refused, problem }: MappingState): boolean {
  if (!refused || problem?.code !== 'conflict') return false;
  return (problem.parameters.holder ?? problem.parameters.holderHost) !== undefined;
}

/** Are both asked of the same controls, judging by their own specs? */
export function isAlike(one: MappingState, other: MappingState): boolean {
  const [a, b] = [one.spec, other.spec];
  return (
    a.family === b.family &&
    a.gateway === b.gateway &&
    a.interfaceName === b.interfaceName &&
    a.internal.client === b.internal.client &&
    (a.lease === 'permanent') === (b.lease === 'permanent') &&
    a.sharesInternalPort === b.sharesInternalPort &&
    one.lease?.gateway === other.lease?.gateway &&
    one.lease?.control === other.lease?.control &&
    one.lease?.internal.client === other.lease?.internal.client &&
    one.refusals.length === other.refusals.length &&
    one.refusals.every(
      ({ gateway, control }, at) => other.refusals[at]?.gateway === gateway && other.refusals[at].control === control,
    )
  );
}

export function isClosedAlike(one: Leftover, other: Leftover): boolean {
  const [a, b] = [one.lease, other.lease];
  return (
    a.network === b.network &&
    a.gateway === b.gateway &&
    a.control === b.control &&
    a.family === b.family &&
    (one.tries === 0) === (other.tries === 0) &&
    one.refusedBy.join() === other.refusedBy.join()
  );
}
