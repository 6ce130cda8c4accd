/**
 * What a plan has to know of many mappings and leftovers, told of each chunk of them once and then remembered for as long
 * as it is true: a plan looks into those chunks only in which something is to be done.
 */
import type { ControlKind, GatewayId, MappingId } from '../contract/model.ts';
import type { EpochMs } from '../contract/units.ts';
import { outerPlaceOf, type Lease, type Leftover, type LeftoverKey, type MappingState, type State } from './state.ts';
import type { Table } from './table.ts';

export type Held = MappingState & { readonly lease: Lease };

export function hasValidLease(mapping: MappingState, now: EpochMs): mapping is Held {
  const { lease } = mapping;
  return lease !== undefined && lease.evidence !== 'asked' && (lease.expiresAt === 'never' || lease.expiresAt > now);
}

/** Some of a chunk. Where nothing can be asked for one of a kind, nothing can be for the others of it. */
export interface Bunch<Member> {
  readonly members: readonly Member[];
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
  /** Without a lease, because their gateway has no outside address. */
  readonly lineless: readonly GatewayId[];
  readonly hasRefused: boolean;
  /** The first grant of those that hold a lease, with no request under way; infinity where none does. */
  readonly firstGrant: number;
  /** All are open, until then at least; 0 where not all are. */
  readonly openUntil: number;
  /** Of those that wait for nothing: who holds the port is to be found out … */
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
  /** Of what is to be closed, one for each control and network. */
  readonly leases: readonly Lease[];
  /** Where it keeps others from being opened: see {@link blockedBy}. */
  readonly blocked: ReadonlyMap<string, readonly Lease[]>;
  /** To be closed now. */
  readonly closable: Bunch<Leftover>;
}

/** Places in which nothing is opened while the lease is being closed. Whatever the protocol on the inner side: a delete
 * of one can silence the other (see partTwins). */
export function blockedBy(lease: Lease): readonly string[] {
  return [outerPlaceOf(lease), innerPlaceOf(lease.gateway, lease)];
}

export function innerPlaceOf(gateway: GatewayId, { family, internal }: Pick<Lease, 'family' | 'internal'>): string {
  return `${gateway}|${family}|in ${internal.client}:${internal.port}`;
}

type Chunk<Value> = readonly (Value | undefined)[];

const ofMappings = new WeakMap<Chunk<MappingState>, MappingDigest>();
const ofLeftovers = new WeakMap<Chunk<Leftover>, LeftoverDigest>();

export function mappingDigests({ mappings, now }: Pick<State, 'mappings' | 'now'>): readonly MappingDigest[] {
  return digests(mappings, ofMappings, digestMappings, now);
}

export function leftoverDigests({ leftovers, now }: Pick<State, 'leftovers' | 'now'>): readonly LeftoverDigest[] {
  return digests(leftovers, ofLeftovers, digestLeftovers, now);
}

function digests<Value extends object, Digest extends Span>(
  table: Table<MappingId | LeftoverKey, Value> | Table<MappingId, Value> | Table<LeftoverKey, Value>,
  known: WeakMap<Chunk<Value>, Digest>,
  digest: (chunk: Chunk<Value>, now: EpochMs) => Digest,
  now: EpochMs,
): readonly Digest[] {
  return table.chunks.map((chunk) => {
    const before = known.get(chunk);
    if (before !== undefined && before.from <= now && now < before.until) return before;
    const next = digest(chunk, now);
    known.set(chunk, next);
    return next;
  });
}

/** Does some gateway hold anything by this control? */
export function isInUse(state: Pick<State, 'mappings' | 'now'>, id: GatewayId, kind: ControlKind): boolean {
  return mappingDigests(state).some(({ leases }) =>
    leases.some(({ gateway, control }) => gateway === id && control === kind),
  );
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

class Gathering<Member> {
  readonly members: Member[] = [];
  readonly kinds: Member[] = [];
  readonly #isAlike: (one: Member, other: Member) => boolean;

  constructor(isAlike: (one: Member, other: Member) => boolean) {
    this.#isAlike = isAlike;
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
  renewed.members.sort((a, b) => a.lease.renewAt - b.lease.renewAt || expiryOf(a) - expiryOf(b));
  const { until, firstExpiry } = span;
  const of = { holderWanted, heldByOther, wanting, doubted, renewed };
  const told = { leases, lineless: [...lineless], hasRefused, firstGrant, openUntil };
  return { from: now, until, firstExpiry, ...told, ...of };
}

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
    // One that could not be closed does not block for ever: the opening then says who is in the way.
    if (tries === 0 || request !== undefined)
      for (const place of blockedBy(lease)) blocked.set(place, [...(blocked.get(place) ?? []), lease]);
    if (request === undefined && span.passed(notBefore)) closable.add(leftover);
  }
  const { until, firstExpiry } = span;
  return { from: now, until, firstExpiry, leases, blocked, closable };
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

/** Are both asked of the same controls, as far as what they are themselves tells? */
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
