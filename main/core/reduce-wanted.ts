/** People's wishes, an earlier run's leftovers, and what time takes away. */
import type { Forward, ForwardId, MappingId } from '../contract/model.ts';
import { addLeftover, askedAgain, leftoverOf, withLease } from './change.ts';
import type { RecoveredLease } from './events.ts';
import { leftoverDigests, mappingDigests } from './digest.ts';
import { sameWish, specsOf } from './expand.ts';
import { after, millis, type Millis } from '../contract/units.ts';
import { Table } from './table.ts';
import {
  isSameEntry,
  leasesOf,
  toLastEnd,
  type Lease,
  type Leftover,
  type LeftoverKey,
  type MappingSpec,
  type MappingState,
  type State,
} from './state.ts';
import { isIn } from './whose.ts';

export function newMapping(spec: MappingSpec, state: State): MappingState {
  return {
    spec,
    lease: undefined,
    mayBeHeld: [],
    request: undefined,
    doubted: false,
    handle: {},
    otherPort: undefined,
    broughtBack: false,
    refusals: [],
    lostAt: undefined,
    tries: 0,
    notBefore: undefined,
    problem: undefined,
    refused: false,
    holderWanted: false,
    since: state.now,
  };
}

export function reduceWanted(state: State, forwards: readonly Forward[]): State {
  const wanted = new Map<ForwardId, Forward>();
  const mappings = new Map<MappingId, MappingState>();
  const inside = new Set<string>();
  const dropped: MappingState[] = [];
  for (const forward of forwards) {
    wanted.set(forward.id, forward);
    for (const alone of specsOf(forward)) {
      const place = internalPlaceOf(alone);
      const spec = inside.has(place) ? { ...alone, sharesInternalPort: true } : alone;
      inside.add(place);
      const before = state.mappings.get(spec.id);
      if (before === undefined) mappings.set(spec.id, newMapping(spec, state));
      else if (sameWish(before.spec, spec)) mappings.set(spec.id, keptOn(before, spec, state));
      else {
        dropped.push(before);
        mappings.set(spec.id, newMapping(spec, state));
      }
    }
  }
  for (const [id, mapping] of state.mappings) if (!mappings.has(id)) dropped.push(mapping);
  let next: State = {
    ...state,
    forwards: wanted,
    mappings: Table.of(mappings),
    internalPorts: byInternalPort(mappings),
  };
  const leftovers = new Map(state.leftovers);
  const requests = new Map(state.requests);
  for (const mapping of dropped) leave(mapping, state, leftovers, requests);
  if (dropped.length > 0) next = { ...next, leftovers: Table.of(leftovers), requests };
  return adopt(next);
}

/** A changed label or lease time keeps ports open; a changed lease time is requested now. */
function keptOn(before: MappingState, spec: MappingSpec, state: State): MappingState {
  if (before.spec.lease !== spec.lease && before.lease !== undefined) {
    return { ...before, spec, lease: { ...before.lease, renewAt: state.now } };
  }
  if (before.spec.ifTaken !== spec.ifTaken) return askedAgain({ ...before, spec }, state.now);
  return { ...before, spec };
}

function leave(
  mapping: MappingState,
  state: State,
  leftovers: Map<LeftoverKey, Leftover>,
  requests: Map<number, NonNullable<ReturnType<State['requests']['get']>>>,
): void {
  const { id, forward, label } = mapping.spec;
  const request = mapping.request === undefined ? undefined : requests.get(mapping.request);
  const about = { mapping: id, forward, label };
  for (const held of leasesOf(mapping)) {
    const leftover = leftoverOf(held, about, state.now);
    // It may be being closed already, from before.
    leftovers.set(leftover.key, { ...leftover, request: leftovers.get(leftover.key)?.request });
  }
  if (request?.asked !== undefined && mapping.request !== undefined) {
    // The answer is still to come: what it grants is closed as soon as it is known.
    const leftover = leftoverOf(request.asked, { ...about, request: request.id }, state.now);
    const same = leftovers.get(leftover.key);
    // A renewal that goes unanswered may have been granted: it lasts as long as was asked for.
    const { expiresAt } = request.asked;
    const lasting =
      same === undefined ? leftover : { ...same, lease: { ...same.lease, expiresAt }, request: request.id };
    leftovers.set(leftover.key, lasting);
    requests.set(request.id, { ...request, mapping: undefined, leftover: leftover.key });
  } else if (request !== undefined) {
    // A look at it that nobody waits for any more.
    requests.set(request.id, { ...request, mapping: undefined });
  }
}

function internalPlaceOf({ family, transport, internal, gateway, interfaceName }: MappingSpec): string {
  return [family, transport, internal.client ?? '', internal.port, gateway ?? '', interfaceName ?? ''].join('|');
}

function byInternalPort(mappings: ReadonlyMap<MappingId, MappingState>): ReadonlyMap<number, readonly MappingId[]> {
  const byPort = new Map<number, MappingId[]>();
  for (const { spec } of mappings.values()) {
    const { port } = spec.internal;
    const ids = byPort.get(port);
    if (ids === undefined) byPort.set(port, [spec.id]);
    else ids.push(spec.id);
  }
  return byPort;
}

/** Takes back whatever is held or being asked for; it is wanted as before. */
export function withdraw(state: State): State {
  const isHeld = (mapping: MappingState): boolean => leasesOf(mapping).length > 0 || mapping.request !== undefined;
  if (![...state.mappings.values()].some(isHeld)) return state;
  const leftovers = new Map(state.leftovers);
  const requests = new Map(state.requests);
  const mappings = state.mappings.mapped((mapping) => {
    if (!isHeld(mapping)) return mapping;
    leave(mapping, state, leftovers, requests);
    return newMapping(mapping.spec, state);
  });
  return { ...state, mappings, leftovers: Table.of(leftovers), requests };
}

/** A leftover that serves a wish becomes its lease, to be confirmed by asking for it again (U10, C2, P15). */
export function adopt(state: State): State {
  if (state.host === undefined || state.leftovers.size === 0) return state;
  const own = new Set([...state.host.interfaces.values()].flat());
  const byPlace = new Map<string, Leftover[]>();
  const awaited: Lease[] = [];
  for (const leftover of state.leftovers.values()) {
    const { lease } = leftover;
    if (leftover.request !== undefined) awaited.push(lease);
    if (leftover.request !== undefined || !isIn(state.host, lease.network)) continue;
    const client = own.has(lease.internal.client) ? '' : lease.internal.client;
    for (const port of ['*', lease.external.port]) {
      const place = placeOf(lease, client, port);
      byPlace.set(place, [...(byPlace.get(place) ?? []), leftover]);
    }
  }
  if (byPlace.size === 0) return state;
  const leftovers = new Map(state.leftovers);
  const mappings = state.mappings.mapped((mapping) => {
    if (mapping.lease !== undefined || mapping.request !== undefined) return mapping;
    const { spec } = mapping;
    const client = spec.internal.client === undefined || own.has(spec.internal.client) ? '' : spec.internal.client;
    const fitting =
      byPlace.get(placeOf(spec, client, spec.external.port)) ??
      (spec.ifTaken === 'next-free' ? byPlace.get(placeOf(spec, client, '*')) : undefined);
    const free = fitting?.filter(({ key }) => leftovers.has(key)) ?? [];
    const lease = free.at(-1)?.lease;
    // What is under way in the same place decides first.
    if (lease === undefined || awaited.some((one) => isSameEntry(one, lease))) return mapping;
    // Several controls may have been asked for it without an answer: to close it by one of them would close it.
    const same = free.filter((one) => isSameEntry(one.lease, lease));
    for (const { key } of same) leftovers.delete(key);
    const mayBeHeld = [...mapping.mayBeHeld, ...same.slice(0, -1).map((one) => one.lease)];
    return { ...mapping, handle: lease.handle, lease: { ...lease, renewAt: state.now }, mayBeHeld };
  });
  return mappings === state.mappings ? state : { ...state, mappings, leftovers: Table.of(leftovers) };
}

function placeOf(
  of: Pick<Lease, 'family' | 'transport'> & { internal: { port: number } },
  client: string,
  port: number | string,
): string {
  return `${of.family}/${of.transport}/${port}/${client}/${of.internal.port}`;
}

export function reduceRecovered(state: State, leases: readonly RecoveredLease[]): State {
  let next = state;
  for (const { lease, label, kept } of leases) {
    if (lease.expiresAt !== 'never' && lease.expiresAt <= state.now) continue;
    const unproven: Lease = { ...lease, evidence: 'asked' };
    next = addLeftover(next, leftoverOf(unproven, { mapping: undefined, forward: undefined, label, kept }, state.now));
  }
  return adopt(next);
}

/** Open ports stay open, and are no longer wanted. @param forwards which of them; all when absent */
export function reduceKept(state: State, forwards?: readonly ForwardId[]): State {
  const kept = new Set(forwards ?? state.forwards.keys());
  let next = state;
  for (const mapping of state.mappings.values()) {
    if (!kept.has(mapping.spec.forward)) continue;
    if (mapping.lease === undefined || mapping.lease.evidence === 'asked') continue;
    const { id, forward, label } = mapping.spec;
    for (const lease of leasesOf(mapping))
      next = addLeftover(next, leftoverOf(lease, { mapping: id, forward, label, kept: true }, state.now));
  }
  const mappings = state.mappings.mapped((mapping) => {
    const keeps = kept.has(mapping.spec.forward) && mapping.lease !== undefined && mapping.lease.evidence !== 'asked';
    return keeps ? { ...mapping, lease: undefined, mayBeHeld: [] } : mapping;
  });
  return reduceWanted(
    { ...next, mappings },
    [...state.forwards.values()].filter(({ id }) => !kept.has(id)),
  );
}

export function reduceUnkept(state: State, keys: readonly LeftoverKey[]): State {
  let { leftovers } = state;
  for (const key of keys) {
    const leftover = leftovers.get(key);
    if (leftover !== undefined)
      leftovers = leftovers.with(key, { ...leftover, kept: false, tries: 0, notBefore: undefined });
  }
  return { ...state, leftovers };
}

/** A lease whose end has come only if the machine slept, and not if its clock was set, may be open still: it is asked for
 * again, or closed. */
export function reduceUnsure(state: State, unsure: Millis = millis(0)): State {
  if (unsure === 0) return state;
  const doubted = (lease: Lease): Lease => {
    if (lease.expiresAt === 'never' || lease.expiresAt > state.now) return lease;
    const expiresAt = after(lease.expiresAt, unsure);
    return expiresAt <= state.now ? lease : { ...lease, evidence: 'asked', renewAt: state.now, expiresAt };
  };
  const mappings = state.mappings.mapped((mapping) => {
    const lease = mapping.lease && doubted(mapping.lease);
    const mayBeHeld = mapping.mayBeHeld.map(doubted);
    const isSame = mayBeHeld.every((one, at) => one === mapping.mayBeHeld[at]);
    if (lease === mapping.lease) return isSame ? mapping : { ...mapping, mayBeHeld };
    return { ...mapping, lease, mayBeHeld, lostAt: state.now };
  });
  const leftovers = state.leftovers.mapped((leftover) => {
    const lease = doubted(leftover.lease);
    return lease === leftover.lease ? leftover : { ...leftover, lease };
  });
  return { ...state, mappings, leftovers };
}

export function reduceTime(state: State): State {
  const all = [...mappingDigests(state), ...leftoverDigests(state)];
  if (!all.some(({ firstExpiry }) => firstExpiry <= state.now)) return state;
  const isExpired = ({ lease, request }: Pick<MappingState, 'lease' | 'request'>): boolean =>
    request === undefined && lease !== undefined && lease.expiresAt !== 'never' && lease.expiresAt <= state.now;
  const mappings = state.mappings.mapped((mapping) => {
    if (!isExpired(mapping)) return mapping;
    const { lease } = mapping;
    const mayBeHeld =
      lease?.mayLastUntil === undefined
        ? mapping.mayBeHeld
        : withLease(mapping.mayBeHeld, { ...toLastEnd(lease), evidence: 'asked' });
    const lostAt = mapping.lease?.evidence === 'asked' ? mapping.lostAt : state.now;
    return { ...mapping, lease: undefined, mayBeHeld, lostAt, since: state.now };
  });
  const leftovers = Table.of([...state.leftovers].filter(([, leftover]) => !isExpired(leftover)));
  return { ...state, mappings, leftovers };
}
