/** Small steps from one state to the next, shared by the parts of `reduce`. */
import type { FoundMapping } from '../contract/mapping.ts';
import type { GatewayId, MappingId } from '../contract/model.ts';
import { after, inSeconds, type EpochMs } from '../contract/units.ts';
import { findingControl } from './choose.ts';
import {
  isSameEntry,
  leasesOf,
  leftoverKeyOf,
  type ControlState,
  type GatewayState,
  toLastEnd,
  type Lease,
  type Leftover,
  type LeftoverKey,
  type MappingSpec,
  type MappingState,
  type Request,
  type RequestId,
  type State,
} from './state.ts';

export function withEntry<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key, value: Value): ReadonlyMap<Key, Value> {
  return new Map(map).set(key, value);
}

export function withoutEntry<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key): ReadonlyMap<Key, Value> {
  if (!map.has(key)) return map;
  const next = new Map(map);
  next.delete(key);
  return next;
}

/** Those that forward to this internal port. */
export function mappingsInside({ mappings, internalPorts }: State, port: number): readonly MappingState[] {
  return (internalPorts.get(port) ?? []).flatMap((id) => mappings.get(id) ?? []);
}

export function withMapping(state: State, id: MappingId, change: Partial<MappingState>): State {
  const mapping = state.mappings.get(id);
  return mapping === undefined ? state : { ...state, mappings: state.mappings.with(id, { ...mapping, ...change }) };
}

export function withGateway(state: State, id: GatewayId, change: Partial<GatewayState>): State {
  const gateway = state.gateways.get(id);
  return gateway === undefined
    ? state
    : { ...state, gateways: withEntry(state.gateways, id, { ...gateway, ...change }) };
}

export function withControl(
  state: State,
  id: GatewayId,
  kind: ControlState['kind'],
  change: Partial<ControlState>,
): State {
  const gateway = state.gateways.get(id);
  const control = gateway?.controls.get(kind);
  if (gateway === undefined || control === undefined) return state;
  return withGateway(state, id, { controls: withEntry(gateway.controls, kind, { ...control, ...change }) });
}

export function withLeftover(state: State, key: LeftoverKey, change: Partial<Leftover>): State {
  const leftover = state.leftovers.get(key);
  return leftover === undefined
    ? state
    : { ...state, leftovers: state.leftovers.with(key, { ...leftover, ...change }) };
}

/** Takes the request out of flight. */
export function taken(state: State, id: RequestId): { readonly state: State; readonly request: Request | undefined } {
  const request = state.requests.get(id);
  if (request === undefined) return { state, request };
  let next: State = { ...state, requests: withoutEntry(state.requests, id) };
  if (request.mapping !== undefined && state.mappings.get(request.mapping)?.request === id) {
    next = withMapping(next, request.mapping, { request: undefined });
  }
  if (request.leftover !== undefined) next = withLeftover(next, request.leftover, { request: undefined });
  return { state: next, request };
}

export function leftoverOf(
  lease: Lease,
  about: Pick<Leftover, 'mapping' | 'forward' | 'label'> & {
    readonly request?: RequestId | undefined;
    readonly kept?: boolean;
  },
  now: EpochMs,
): Leftover {
  return {
    key: leftoverKeyOf(lease),
    lease: toLastEnd(lease),
    mapping: about.mapping,
    forward: about.forward,
    label: about.label,
    kept: about.kept ?? false,
    request: about.request,
    tries: 0,
    notBefore: undefined,
    refusedBy: [],
    since: now,
  };
}

export function addLeftover(state: State, leftover: Leftover): State {
  const request = leftover.request ?? state.leftovers.get(leftover.key)?.request;
  return { ...state, leftovers: state.leftovers.with(leftover.key, { ...leftover, request }) };
}

/** All that may be held for it becomes something to close. */
export function abandonLease(state: State, mapping: MappingState): State {
  return withMapping(abandon(state, mapping.spec, leasesOf(mapping)), mapping.spec.id, {
    lease: undefined,
    mayBeHeld: [],
  });
}

/** The mapping no longer needs them: they are closed. */
export function abandon(state: State, { id, forward, label }: MappingSpec, leases: readonly Lease[]): State {
  const about = { mapping: id, forward, label };
  return leases.reduce((next, lease) => addLeftover(next, leftoverOf(lease, about, state.now)), state);
}

/** What was asked for may have been done all the same. */
export function unanswered(
  { lease, mayBeHeld }: MappingState,
  asked: Lease | undefined,
  now: EpochMs,
): Partial<MappingState> {
  if (lease === undefined || asked === undefined) return { lease: lease ?? asked };
  if (!isSameEntry(lease, asked)) return {};
  const hasEnded = lease.expiresAt !== 'never' && lease.expiresAt <= now;
  // It may be another control's by now, which alone can close it then (P15).
  if (hasEnded || lease.control !== asked.control) return { mayBeHeld: withLease(mayBeHeld, asked) };
  return asked.expiresAt === 'never' ? {} : { lease: { ...lease, mayLastUntil: asked.expiresAt } };
}

/** Only the latest of one control for one entry. */
export const withLease = (leases: readonly Lease[], lease: Lease): readonly Lease[] => [
  ...leases.filter((one) => leftoverKeyOf(one) !== leftoverKeyOf(lease)),
  lease,
];

/** The gateway that is to serve has refused for good: what another one holds is not kept in its place. */
export function movedOff(state: State, id: MappingId, gateway: GatewayId | undefined): State {
  const mapping = state.mappings.get(id);
  if (gateway === undefined || mapping?.lease === undefined || mapping.lease.gateway === gateway) return state;
  return abandonLease(state, mapping);
}

/** So long looks that fail are repeated; then all is asked for again without one. */
const LOOK_PATIENCE = inSeconds(2);

/**
 * Whatever this gateway holds may be gone, or be listed without its rule (L20). What its table shows is looked at; the
 * rest is asked for again now.
 */
export function doubtAll(before: State, id: GatewayId): State {
  const state = forgetUnread(before, id);
  const gateway = state.gateways.get(id);
  const mappings = state.mappings.mapped((mapping) => {
    const { lease } = mapping;
    if (lease?.gateway === id) {
      const doubted = gateway !== undefined && isShown(gateway, lease);
      // A pinhole goes by a number that may be another's by now (V8).
      const recreate = lease.recreate || lease.control === 'pinhole';
      const known = doubted ? lease : { ...lease, renewAt: state.now, recreate };
      return { ...mapping, doubted, lease: known, notBefore: undefined, tries: 0 };
    }
    const isPutOff = mapping.refusals.some((refusal) => refusal.gateway === id) || mapping.notBefore !== undefined;
    return isPutOff ? askedAgain(mapping, state.now) : mapping;
  });
  const lookUntil = after(state.now, LOOK_PATIENCE);
  return withGateway({ ...state, mappings }, id, { firstLook: true, lookAt: undefined, lookUntil });
}

/** Each of our entries in its table is looked at. */
export function lookAtAll(state: State, id: GatewayId): State {
  const gateway = state.gateways.get(id);
  if (gateway === undefined) return state;
  const mappings = state.mappings.mapped((mapping) =>
    mapping.lease?.gateway === id && isShown(gateway, mapping.lease) ? { ...mapping, doubted: true } : mapping,
  );
  return { ...state, mappings };
}

/** Would a look into the gateway's table find it, if it is there? */
export function isShown(gateway: GatewayState, lease: Lease): boolean {
  const isListed = lease.control === 'igd' || gateway.showsPxp;
  // UPnP that has just fallen silent is most likely back soon.
  const canLook = findingControl(gateway) !== undefined || gateway.lost.includes('igd');
  return isListed && lease.family === 'ipv4' && canLook;
}

/** Anything still doubted there is requested again now, without a look. */
export function presumeGone(state: State, id: GatewayId): State {
  const mappings = state.mappings.mapped((mapping) => {
    const { lease, doubted } = mapping;
    if (!doubted || lease?.gateway !== id) return mapping;
    return { ...mapping, doubted: false, lease: { ...lease, renewAt: state.now } };
  });
  return withGateway({ ...state, mappings }, id, { firstLook: false });
}

/** As {@link doubtAll}, of a gateway that is not to be believed at once: it is asked again by then at the latest. */
export function suspectLater(state: State, gateway: GatewayId, moment: EpochMs): State {
  const mappings = state.mappings.mapped((mapping) => {
    const { lease } = mapping;
    if (lease?.gateway !== gateway || lease.renewAt <= moment) return mapping;
    return { ...mapping, lease: { ...lease, renewAt: moment } };
  });
  return { ...state, mappings };
}

/** Requests that it left unanswered it may answer from now on. */
function forgetUnread(state: State, id: GatewayId): State {
  const gateway = state.gateways.get(id);
  if (gateway === undefined) return state;
  const controls = [...gateway.controls].map(([kind, control]) => [kind, { ...control, unread: undefined }] as const);
  return withGateway(state, id, { controls: new Map(controls) });
}

/**
 * TCP and UDP of one internal port, both to be made again on a UPnP router: both are deleted before either is added.
 * miniupnpd deletes rules by client and internal port whatever the protocol, so that a delete silences the twin, which
 * stays listed (2.3.1, seen in the lab).
 */
export function partTwins(before: State): State {
  const twins = new Map<string, MappingState[]>();
  for (const mapping of before.mappings.values()) {
    const { lease } = mapping;
    if (lease?.recreate !== true || lease.control !== 'igd' || mapping.request !== undefined) continue;
    const place = `${lease.gateway}|${lease.internal.client}:${lease.internal.port}`;
    twins.set(place, [...(twins.get(place) ?? []), mapping]);
  }
  let state = before;
  for (const group of twins.values()) {
    if (group.length < 2) continue;
    for (const { spec, lease } of group) {
      if (lease === undefined) continue;
      // Of another control, in the same place: that is made again.
      state = withMapping(abandon(state, spec, [lease]), spec.id, { lease: undefined });
    }
  }
  return state;
}

/** A delete took `lease` away: what else may be gone with it is to be made again. */
export function afterDelete(
  before: State,
  lease: Pick<Lease, 'gateway' | 'control' | 'transport'> & Pick<FoundMapping, 'external' | 'internal'>,
): State {
  let { mappings } = before;
  for (const mapping of mappingsInside(before, lease.internal.port)) {
    const held = mapping.lease;
    if (held?.gateway !== lease.gateway || held.control !== lease.control) continue;
    if (held.internal.client !== lease.internal.client || held.internal.port !== lease.internal.port) continue;
    const isTwin = held.transport !== lease.transport;
    // PCP and NAT-PMP delete by internal port, whatever the external one (RFC 6886 §3.4, RFC 6887 §15.1).
    const isSame = lease.control !== 'igd' || held.external.port === lease.external.port;
    if (isTwin ? lease.control !== 'igd' : !isSame) continue;
    const again = { ...held, renewAt: before.now, recreate: isTwin };
    mappings = mappings.with(mapping.spec.id, { ...mapping, lease: again, notBefore: undefined });
  }
  return mappings === before.mappings ? before : { ...before, mappings };
}

/** Forgets refusals and back-off. */
export function askedAgain(mapping: MappingState, now: EpochMs): MappingState {
  return {
    ...mapping,
    refusals: [],
    tries: 0,
    notBefore: undefined,
    refused: false,
    problem: undefined,
    holderWanted: false,
    since: now,
  };
}
