/** Answers of gateways to openings, closings and look-ups. */
import type { FoundMapping, Grant } from '../contract/mapping.ts';
import { CONTROL_KINDS, type ForwardId, type MappingId } from '../contract/model.ts';
import { problemOf, type Problem } from '../contract/problems.ts';
import {
  after,
  elapsed,
  inMinutes,
  inSeconds,
  millis,
  seconds,
  secondsToMillis,
  type EpochMs,
  type Millis,
} from '../contract/units.ts';
import {
  abandon,
  addLeftover,
  askedAgain,
  afterDelete,
  leftoverOf,
  partTwins,
  doubtAll,
  isShown,
  mappingsInside,
  presumeGone,
  unanswered,
  taken,
  withControl,
  withGateway,
  withLeftover,
  withMapping,
} from './change.ts';
import { closingControl, gatewaysFor } from './choose.ts';
import { readAddress, readEpoch, returned } from './reduce-gateways.ts';
import { adopt } from './reduce-wanted.ts';
import { hasValidLease, isFilling, isHeldByOther, mappingDigests } from './digest.ts';
import { reduceNoAnswer, reduceRefusal, sameForward, silenceProblem, unreadAnswer } from './reduce-refusal.ts';
import {
  backOff,
  blindRenewal,
  expiryMoment,
  isQuiet,
  nextHeartbeat,
  nextSpotCheck,
  renewalMoment,
  renewalRetry,
  LAPSED_AGAIN,
  REFUSED_AGAIN,
  SHORTEST_RENEWAL,
  speaksForPcp,
  AWAY_AFTER,
  LOOK_AGAIN,
  takenAgain,
} from './schedule.ts';
import {
  isSameEntry,
  lastEnd,
  leasesOf,
  leftoverKeyOf,
  type ControlState,
  type FailureFact,
  type Lease,
  type MappingState,
  type Request,
  type State,
} from './state.ts';
import { isOurWish, isOwn } from './whose.ts';

export function reduceGranted(before: State, id: number, grant: Grant, random: number): State {
  const { state, request } = taken(before, id);
  if (request?.asked === undefined) return state;
  const asked = request.asked;
  const expiresAt = expiryMoment(state.now, grant.lease);
  const isPresumed = asked.control === 'igd' && grant.evidence === 'answered' && expiresAt !== 'never';
  const lease: Lease = {
    ...asked,
    external: { ...grant.external },
    internal: grant.internal,
    handle: { ...asked.handle, ...grant.handle },
    grantedAt: state.now,
    renewAt: renewAt(state, asked, grant.lease, random),
    expiresAt,
    evidence: grant.evidence,
    // UPnP does not say for how long: what was not seen in the table may last as long as was asked for.
    ...(isPresumed && asked.expiresAt !== 'never' && asked.expiresAt > expiresAt
      ? { mayLastUntil: asked.expiresAt }
      : {}),
  };
  let next = readAgain(heard(filled(state, before, request), request, grant, random), request);
  if (request.mapping === undefined) {
    // Nobody wants it any more: close exactly what was granted.
    const old = request.leftover === undefined ? undefined : next.leftovers.get(request.leftover);
    // A lease held before and renewed elsewhere is something to close of its own.
    const isReplaced = old !== undefined && (old.lease === asked || isSameEntry(old.lease, lease));
    if (isReplaced) next = { ...next, leftovers: next.leftovers.without(old.key) };
    const about = { mapping: old?.mapping, forward: old?.forward, label: old?.label ?? '', kept: old?.kept ?? false };
    // Unless it is wanted again.
    return adopt(addLeftover(next, leftoverOf(lease, about, next.now)));
  }
  const mapping = next.mappings.get(request.mapping);
  if (mapping === undefined) return next;
  // What was given up while it was renewed is held by its mapping again, and closing what another control has made there
  // would close it.
  for (const control of next.leftovers.size === 0 ? [] : CONTROL_KINDS) {
    const former = next.leftovers.get(leftoverKeyOf({ ...lease, control }));
    if (former !== undefined && former.request === undefined && (control === lease.control || !former.kept))
      next = { ...next, leftovers: next.leftovers.without(former.key) };
  }
  const others = leasesOf(mapping).filter((one) => !isSameEntry(one, lease));
  next = abandon(next, mapping.spec, others);
  const fleeting = fleetingProblem(lease, mapping.spec.forward);
  const renewed = mapping.lease?.evidence === 'asked' ? undefined : mapping.lease;
  const renewals = renewed === undefined ? 0 : renewed.renewals + 1;
  // Also of a lease from before a restart of this program, which may end as it would have (L8). Of one that was granted just
  // before, the end would be about the same.
  const isTelling = mapping.lease !== undefined && elapsed(mapping.lease.grantedAt, next.now) > 2 * LEASE_TOLERANCE;
  const formerEnd = isTelling ? { formerEnd: mapping.lease.expiresAt } : {};
  const kept = mapping.lease?.evidence ?? 'asked';
  const evidence = grant.evidence === 'answered' && kept !== 'asked' ? kept : grant.evidence;
  if (mapping.broughtBack && lease.external.port === mapping.spec.external.port)
    for (const id of sameForward(next, mapping.spec)) next = withMapping(next, id, { broughtBack: false });
  const shown = shortened(
    { ...lease, renewals, ...formerEnd, evidence },
    controlOf(next, request)?.longestLease,
    random,
  );
  return withMapping(next, request.mapping, {
    lease: shown,
    mayBeHeld: [],
    doubted: false,
    handle: lease.handle,
    otherPort: undefined,
    refusals: [],
    tries: 0,
    notBefore: fleeting === undefined ? undefined : after(next.now, LAPSED_AGAIN),
    // Only traffic shows that what was listed without effect works now.
    problem: mapping.problem?.code === 'listed-but-dead' ? mapping.problem : fleeting,
    refused: false,
    holderWanted: false,
  });
}

function filled(state: State, before: State, { gateway }: Request): State {
  return isFilling(before, gateway) ? withGateway(state, gateway, { filledAt: state.now }) : state;
}

function renewAt(state: State, asked: Lease, granted: Grant['lease'], random: number): EpochMs {
  const usual = renewalMoment(state.now, granted, random);
  const gateway = state.gateways.get(asked.gateway);
  if (gateway === undefined || asked.family !== 'ipv4' || isShown(gateway, asked)) return usual;
  const sooner = blindRenewal(state.now, state.mappings.size, random);
  return sooner < usual ? sooner : usual;
}

/** It lapses before it may be asked for again. */
function fleetingProblem(
  { transport, external, grantedAt, expiresAt }: Lease,
  forward: ForwardId,
): Problem | undefined {
  if (expiresAt === 'never' || elapsed(grantedAt, expiresAt) >= SHORTEST_RENEWAL) return undefined;
  const parameters = { transport, port: external.port, lease: elapsed(grantedAt, expiresAt) };
  return problemOf('lease-too-short', parameters, grantedAt, { forward });
}

/** An opening was answered where others were not: they are tried again now. */
function readAgain(state: State, { gateway, control }: Request): State {
  if (state.gateways.get(gateway)?.controls.get(control)?.unread === undefined) return state;
  const next = withControl(state, gateway, control, { unread: undefined });
  const mappings = next.mappings.mapped((mapping) => {
    const { problem, request } = mapping;
    const isUnread = problem?.code === 'open-unanswered' || problem?.code === 'router-garbled';
    const isMeant = isUnread && problem.gateway === gateway && request === undefined;
    return isMeant ? { ...mapping, notBefore: undefined } : mapping;
  });
  return { ...next, mappings };
}

/** A gateway that answered is there. */
function heard(state: State, request: Request, grant: Grant, random: number): State {
  const before = state.gateways.get(request.gateway);
  const control = controlOf(state, request);
  const wasAway = before?.reachable === false;
  const mute = control?.answersVitals === false && (wasAway || control.mute);
  let next = withControl(state, request.gateway, request.control, { failures: 0, mute });
  const gateway = next.gateways.get(request.gateway);
  if (gateway !== undefined) {
    next = withGateway(next, gateway.id, { reachable: true, awaySince: undefined });
    // While it was silent it may have forgotten the others; a mute one is no witness of that.
    if (wasAway && !mute) next = returned(next, gateway.id);
    const { address } = grant.external;
    // An IPv6 opening's address is the client's own.
    const isOutside = request.asked?.family === 'ipv4';
    if (address !== undefined && isOutside) next = readAddress(next, gateway.id, request.control, address);
  }
  if (grant.epoch === undefined || !tellsEpoch(control, request.asked)) return next;
  next = readEpoch(next, request.gateway, request.control, grant.epoch);
  const known = next.gateways.get(request.gateway);
  // As good as a heartbeat, of one daemon for both.
  const isForBoth = request.control === 'pcp' && known !== undefined && speaksForPcp(known);
  for (const kind of isForBoth ? (['pcp', 'nat-pmp'] as const) : [request.control])
    next = withControl(next, request.gateway, kind, {
      vitalsAt: nextHeartbeat(next.now, 0, random, isQuiet(next, request.gateway, kind)),
    });
  return next;
}

/** A server of the other family may count from another moment; heartbeats ask that of IPv4 where there is one. */
function tellsEpoch(control: ControlState | undefined, asked: Lease | undefined): boolean {
  return asked?.family === 'ipv4' || control?.capabilities.families.includes('ipv4') !== true;
}

export function reduceClosed(before: State, id: number): State {
  const { state, request } = taken(before, id);
  const leftover = request?.leftover === undefined ? undefined : state.leftovers.get(request.leftover);
  if (request === undefined || leftover === undefined) return state;
  const closed = { ...filled(state, before, request), leftovers: state.leftovers.without(leftover.key) };
  return freed(afterDelete(closed, leftover.lease), leftover.lease);
}

export function reduceFailed(before: State, id: number, failure: FailureFact, random: number): State {
  const { state, request } = taken(before, id);
  if (request === undefined) return state;
  // An answer from a place that the service has left since says nothing about the new one (D14).
  const foundAt = controlOf(state, request)?.foundAt;
  const isStale = failure.class === 'unreachable' && foundAt !== undefined && foundAt > request.since;
  if (isStale) return askedElsewhere(state, request);
  const next = failure.class === 'unreachable' ? reduceSilence(state, request, failure, random) : state;
  switch (request.kind) {
    case 'open':
      return openingFailed(next, request, failure, random);
    case 'close':
      return closingFailed(next, request, failure, random);
    case 'find':
      return lookUpFailed(next, request, failure);
    case 'vitals': {
      if (isAlone(state, request, failure))
        return withControl(next, request.gateway, request.control, {
          vitalsAt: nextHeartbeat(next.now, 1, random, false),
        });
      // A router without the optional actions is there all the same (N6).
      const failures = failure.class === 'unreachable' ? (controlOf(next, request)?.failures ?? 0) : 0;
      return withControl(next, request.gateway, request.control, {
        vitalsAt: nextHeartbeat(next.now, failures, random, isQuiet(next, request.gateway, request.control)),
      });
    }
  }
}

/** It is asked again at once, where the control is now. The old place may have done it all the same. */
function askedElsewhere(state: State, request: Request): State {
  if (request.kind === 'vitals') {
    return withControl(state, request.gateway, request.control, { vitalsAt: state.now });
  }
  const mapping = request.mapping === undefined ? undefined : state.mappings.get(request.mapping);
  if (mapping === undefined || request.kind !== 'open') return state;
  return withMapping(state, mapping.spec.id, unanswered(mapping, request.asked, state.now));
}

function controlOf(state: State, request: Request) {
  return state.gateways.get(request.gateway)?.controls.get(request.control);
}

/** Nothing came back, and what was asked of the same control later was answered: that is no silence. */
function isAlone(state: State, request: Request, failure: FailureFact): boolean {
  const answeredFrom = controlOf(state, request)?.answeredFrom;
  return failure.class === 'unreachable' && answeredFrom !== undefined && answeredFrom > request.since;
}

/** How long a service that refuses connections is searched for at each of its heartbeats. */
const HASTE = inMinutes(10);

/** Nothing came back, or nobody listens there any more. */
function reduceSilence(
  state: State,
  request: Request,
  failure: FailureFact & { class: 'unreachable' },
  random: number,
): State {
  const gateway = state.gateways.get(request.gateway);
  const control = gateway?.controls.get(request.control);
  if (gateway === undefined || control === undefined || isAlone(state, request, failure)) return state;
  // One unanswered request does not mean that the gateway is away: its heartbeat shows that, where it has one.
  if (request.kind !== 'vitals' && gateway.reachable && control.answersVitals && !control.mute) {
    return withControl(state, gateway.id, control.kind, {
      failures: Math.max(1, control.failures),
      vitalsAt: state.now,
    });
  }
  const failures = control.failures + 1;
  // A connection refused means that the service stopped or moved (D14): that needs no second proof.
  const away = failures >= AWAY_AFTER || failure.why === 'refused';
  let next = withControl(state, gateway.id, control.kind, {
    failures,
    vitalsAt: nextHeartbeat(state.now, failures, random, false),
  });
  if (control.kind === 'nat-pmp' && speaksForPcp(gateway))
    next = withControl(next, gateway.id, 'pcp', { vitalsAt: state.now });
  if (!away) return next;
  // D14: it is back, at another port. It may also be gone for good, so the haste ends after a while.
  const refusesSince = failure.why === 'refused' ? (gateway.refusesSince ?? next.now) : undefined;
  const isBack = refusesSince !== undefined && next.now < after(refusesSince, HASTE);
  next = { ...next, search: { ...next.search, nextAt: isBack ? next.now : (next.search.nextAt ?? next.now) } };
  if (gateway.controls.size > 1) {
    // Another way in may still work: it is asked now. The search brings this one back when it answers again.
    const others = [...gateway.controls].filter(([kind]) => kind !== control.kind);
    const asked = others.map(([kind, other]) => [kind, { ...other, vitalsAt: state.now }] as const);
    const lost = [...gateway.lost.filter((kind) => kind !== control.kind), control.kind];
    return withGateway(next, gateway.id, { controls: new Map(asked), lost });
  }
  const awaySince = gateway.awaySince ?? next.now;
  return withGateway(next, gateway.id, { reachable: false, awaySince, refusesSince });
}

function openingFailed(state: State, request: Request, failure: FailureFact, random: number): State {
  if (request.mapping === undefined) {
    // Was given up meanwhile. A refusal means that nothing is there; otherwise it may be, and is to be closed unless it is
    // wanted again.
    const leftover = request.leftover === undefined ? undefined : state.leftovers.get(request.leftover);
    const isGone = failure.class === 'refused' && leftover?.lease.evidence === 'asked';
    return adopt(isGone ? { ...state, leftovers: state.leftovers.without(leftover.key) } : state);
  }
  const mapping = state.mappings.get(request.mapping);
  if (mapping === undefined) return state;
  if (failure.class === 'refused') return reduceRefusal(state, mapping, request, failure, random);
  const tries = mapping.tries + 1;
  const { asked } = request;
  const { id } = mapping.spec;
  const isHeld = hasValidLease(mapping, state.now);
  const isElsewhere = asked !== undefined && mapping.lease !== undefined && mapping.lease.gateway !== asked.gateway;
  // The table of this control, and no other, shows that nothing was made, or that what it held is gone.
  const isUnmade = !isElsewhere && failure.undone === true && mapping.lease?.control === request.control;
  const isLost = isHeld && isUnmade;
  const isRenewal = isHeld && !isUnmade;
  const lost = isLost ? { ...mapping.lease, evidence: 'asked' as const } : undefined;
  // Moving from another gateway: this one may hold it as well by now.
  const both = isElsewhere && !isUndone(failure) ? abandon(state, mapping.spec, [asked]) : state;
  const mayBe = isElsewhere || isUndone(failure) ? {} : unanswered(mapping, asked, state.now);
  const next = withMapping(both, id, {
    ...(isUnmade ? { lease: lost } : mayBe),
    lostAt: isLost ? state.now : mapping.lostAt,
  });
  const unread = isRenewal && tries < 2 ? undefined : unreadAnswer(request, failure);
  // An open port has time; otherwise the next control is asked, as after a refusal.
  if (unread !== undefined) return reduceNoAnswer(next, request, unread, random);
  return withMapping(next, id, {
    tries,
    notBefore:
      isRenewal && mapping.lease !== undefined
        ? renewalRetry(state.now, mapping.lease.expiresAt, random)
        : after(state.now, backOff(tries, random)),
    problem: silenceProblem(state, mapping, failure),
  });
}

/** Not even a part of it can have been done. */
function isUndone(failure: Exclude<FailureFact, { class: 'refused' }>): boolean {
  if (failure.undone === true) return true;
  return failure.class === 'unreachable' && failure.why !== 'timeout' && failure.why !== 'reset';
}

/** Mappings that were refused this port because of it are requested again. */
export function freed(
  state: State,
  {
    gateway,
    transport,
    family,
    external,
  }: Pick<Lease, 'gateway' | 'transport' | 'family'> & Pick<FoundMapping, 'external'>,
): State {
  let next = state;
  if (!mappingDigests(state).some(({ hasRefused }) => hasRefused)) return state;
  for (const [id, mapping] of state.mappings) {
    const { spec } = mapping;
    if (!mapping.refused || spec.transport !== transport || spec.family !== family) continue;
    if (spec.external.port !== external.port || mapping.request !== undefined) continue;
    if (gatewaysFor(state, spec)[0]?.id !== gateway) continue;
    next = withMapping(next, id, askedAgain(mapping, state.now));
  }
  return next;
}

function closingFailed(state: State, request: Request, failure: FailureFact, random: number): State {
  const leftover = request.leftover === undefined ? undefined : state.leftovers.get(request.leftover);
  if (leftover === undefined) return state;
  // An entry unknown to another control may be there all the same.
  if (failure.class === 'refused' && failure.reason === 'absent' && request.control === leftover.lease.control) {
    return { ...state, leftovers: state.leftovers.without(leftover.key) };
  }
  const tries = leftover.tries + 1;
  const longest = millis(failure.class === 'refused' ? 900_000 : 60_000);
  const later = { tries, notBefore: after(state.now, backOff(tries, random, longest)) };
  if (failure.class !== 'refused') return withLeftover(state, leftover.key, later);
  const refusedBy = [...leftover.refusedBy, request.control];
  const gateway = state.gateways.get(request.gateway);
  const other = gateway === undefined ? undefined : closingControl(gateway, { ...leftover, refusedBy });
  const hasOther = other !== undefined && !refusedBy.includes(other.kind);
  // It counts as a try once every control has refused: whoever waits for the end waits for the other's word.
  return withLeftover(
    state,
    leftover.key,
    hasOther ? { refusedBy, notBefore: undefined } : { ...later, refusedBy: [] },
  );
}

/** Looks at one entry that fail while others are answered, before it is asked for again without one. */
const MOST_LOOKS = 3;

function lookUpFailed(state: State, request: Request, failure: FailureFact): State {
  const next = withGateway(state, request.gateway, { spotAt: nextSpotCheck(state, request.gateway) });
  if (request.mapping === undefined) return next;
  const looked = next.mappings.get(request.mapping);
  const isDoubted = looked?.doubted === true;
  const told = withMapping(next, request.mapping, { holderWanted: false });
  if (isDoubted && isAlone(state, request, failure)) {
    const tries = looked.tries + 1;
    if (tries < MOST_LOOKS)
      return withMapping(told, request.mapping, { tries, notBefore: after(state.now, LOOK_AGAIN) });
    const lease = looked.lease && { ...looked.lease, renewAt: state.now };
    return withMapping(told, request.mapping, { tries: 0, notBefore: undefined, doubted: false, lease });
  }
  if (isDoubted) {
    const { lookUntil } = state.gateways.get(request.gateway) ?? {};
    if (lookUntil === undefined || state.now >= lookUntil) return presumeGone(told, request.gateway);
    return withGateway(told, request.gateway, { lookAt: after(state.now, LOOK_AGAIN) });
  }
  const mapping = told.mappings.get(request.mapping);
  if (mapping === undefined || !isHeldByOther(mapping)) return told;
  return withMapping(told, request.mapping, { notBefore: takenUntil(told, mapping, 'cannot-tell') });
}

/** Entries seen in the table: to name who holds a port, or to see whether ours is still there. */
export function reduceLookedUp(
  before: State,
  id: number,
  found: FoundMapping | 'absent' | 'cannot-tell',
  random: number,
): State {
  const { state, request } = taken(before, id);
  const mapping = request?.mapping === undefined ? undefined : state.mappings.get(request.mapping);
  if (request === undefined || mapping === undefined) return state;
  if (mapping.holderWanted || isHeldByOther(mapping)) return nameHolder(state, mapping, request, found, random);
  const next = withGateway(state, request.gateway, {
    spotAt: nextSpotCheck(state, request.gateway),
    spotLast: mapping.spec.id,
  });
  const { lease } = mapping;
  if (lease === undefined || lease.gateway !== request.gateway) return next;
  const control = controlOf(next, request);
  if (control === undefined) return next;
  const gateway = next.gateways.get(request.gateway);
  // A doubted mapping that is gone says nothing against the look-ups.
  const findMisses = mapping.doubted && found === 'absent' ? control.findMisses : control.findMisses + 1;
  const missed = withControl(next, request.gateway, control.kind, { findMisses });
  if (found === 'cannot-tell') return mapping.doubted ? presumeGone(missed, request.gateway) : missed;
  if (found === 'absent') {
    // A router need not list in UPnP what it holds for PCP.
    if (gateway === undefined || !isShown(gateway, lease)) return missed;
    const others = mapping.doubted ? missed : doubtAll(missed, gateway.id);
    const again = { ...lease, renewAt: state.now, isMissed: true };
    const gone = withMapping(others, mapping.spec.id, { doubted: false, lease: again, notBefore: undefined });
    return mapping.doubted && request.afresh ? presumeGone(gone, gateway.id) : gone;
  }
  const shown = lease.control === 'igd' ? {} : { showsPxp: true };
  // Begun before the doubt, or what the gateway remembers: it does not settle anything.
  const isOpen = gateway?.firstLook === true && !request.afresh;
  const told = withGateway(next, request.gateway, { firstLook: isOpen, ...shown });
  const seen = withControl(told, request.gateway, control.kind, { findMisses: 0 });
  const doubted = mapping.doubted && isOpen;
  if (found.internal.client !== lease.internal.client || found.internal.port !== lease.internal.port) {
    // Somebody else has it now; asking again reveals who, by the refusal.
    return withMapping(seen, mapping.spec.id, {
      doubted: false,
      lease: undefined,
      lostAt: state.now,
      notBefore: undefined,
    });
  }
  const back = readBack(next, lease, found, random);
  return learnt(
    withMapping(seen, mapping.spec.id, { doubted, lease: back }),
    request,
    { before: lease, back, found },
    random,
  );
}

/** What one entry shows of how long this router's leases are holds for all. */
function learnt(
  state: State,
  request: Request,
  { before, back, found }: { readonly before: Lease; readonly back: Lease; readonly found: FoundMapping },
  random: number,
): State {
  const known = controlOf(state, request)?.longestLease;
  if (before.control !== 'igd' || found.lease === 0 || before.evidence === 'asked' || back.recreate) return state;
  const whole = elapsed(before.grantedAt, after(state.now, secondsToMillis(found.lease)));
  // To renew all of them so often would leave no time for looks. Each is looked at itself.
  if (whole < LEAST_LEARNT) return state;
  if (back.expiresAt === before.expiresAt) {
    const isMore = known !== undefined && whole > known + LEASE_TOLERANCE;
    return isMore ? withControl(state, request.gateway, request.control, { longestLease: undefined }) : state;
  }
  const next = withControl(state, request.gateway, request.control, { longestLease: whole });
  const mappings = next.mappings.mapped((mapping) => {
    const { lease } = mapping;
    if (lease?.gateway !== request.gateway || lease.control !== request.control || lease === back) return mapping;
    const short = shortened(lease, whole, random);
    if (short === lease) return mapping;
    // It may have ended: the table tells.
    return short.expiresAt !== 'never' && short.expiresAt <= next.now
      ? { ...mapping, doubted: true }
      : { ...mapping, lease: short };
  });
  return { ...next, mappings };
}

/** It ends after `longest`, as its router's leases do, unless its table shows more. */
function shortened(lease: Lease, longest: Millis | undefined, random: number): Lease {
  const { grantedAt, expiresAt } = lease;
  const mayLastUntil = lastEnd(lease);
  if (longest === undefined || expiresAt === 'never' || mayLastUntil === 'never') return lease;
  const end = after(grantedAt, longest);
  if (end >= expiresAt - LEASE_TOLERANCE) return lease;
  const renewAt = renewalMoment(grantedAt, seconds(longest / 1000), random);
  return {
    ...lease,
    expiresAt: end,
    renewAt: renewAt < lease.renewAt ? renewAt : lease.renewAt,
    mayLastUntil,
  };
}

const LEAST_LEARNT = inSeconds(60);

/** A table counts in whole seconds or minutes, and by its own clock. */
const LEASE_TOLERANCE = inSeconds(30);

/** The router's own count of the remaining time, where it is shorter than ours. Where it ends as it would have before the
 * latest renewal, that did not restart it (L7, L8); otherwise the router gives less than before. */
function readBack(state: State, lease: Lease, found: FoundMapping, random: number): Lease {
  const evidence = lease.evidence === 'traffic' ? 'traffic' : 'read-back';
  const seen: Lease = { ...lease, evidence, isMissed: false };
  if (found.lease === 0 || lease.control !== 'igd') return seen;
  const expiresAt = after(state.now, secondsToMillis(found.lease));
  if (lease.expiresAt !== 'never' && expiresAt >= lease.expiresAt - LEASE_TOLERANCE) return seen;
  const renewAt = renewalMoment(state.now, found.lease, random);
  const earlier = renewAt < lease.renewAt ? renewAt : lease.renewAt;
  const { formerEnd } = lease;
  const isStuck = formerEnd !== undefined && formerEnd !== 'never' && expiresAt <= after(formerEnd, LEASE_TOLERANCE);
  return { ...seen, expiresAt, renewAt: earlier, recreate: isStuck && expiresAt >= formerEnd - LEASE_TOLERANCE };
}

/** Until the other's lease ends, by the table, but not for longer than it takes to notice that the port is free. */
function takenUntil(state: State, { tries }: MappingState, found: FoundMapping | 'absent' | 'cannot-tell'): EpochMs {
  const isSeen = typeof found === 'object';
  const latest = after(state.now, found === 'absent' ? REFUSED_AGAIN : takenAgain(tries, isSeen));
  const end = isSeen && found.lease > 0 ? after(state.now, millis(secondsToMillis(found.lease) + 1000)) : latest;
  return end < latest ? end : latest;
}

function nameHolder(
  state: State,
  mapping: MappingState,
  { gateway }: Request,
  found: FoundMapping | 'absent' | 'cannot-tell',
  random: number,
): State {
  // He may have let go since.
  if (!mapping.holderWanted && found === 'absent')
    return withMapping(state, mapping.spec.id, askedAgain(mapping, state.now));
  const notBefore = mapping.refused ? takenUntil(state, mapping, found) : mapping.notBefore;
  const next = withMapping(state, mapping.spec.id, { holderWanted: false, notBefore });
  const { problem, spec } = mapping;
  // Nobody stands in our way but we: it is asked for again.
  if (typeof found === 'object' && isOurWish(state, mapping, gateway, found)) {
    const soon = after(state.now, backOff(mapping.tries, random));
    return withMapping(next, spec.id, { refused: false, problem: undefined, notBefore: soon });
  }
  if (problem?.code !== 'conflict') return next;
  const at = { transport: spec.transport, port: spec.external.port };
  if (typeof found === 'object') {
    const { client: holder, name } = found.internal;
    const parameters = {
      ...problem.parameters,
      holder,
      ...(name === undefined ? {} : { holderHost: name }),
      holderName: found.description === '' ? undefined : found.description,
    };
    return withMapping(next, spec.id, { problem: { ...problem, parameters } });
  }
  if (found === 'cannot-tell') return next;
  const { client } = spec.internal;
  const { since, severity, forward } = problem;
  const about = { since, severity, ...(forward === undefined ? {} : { forward }) };
  return withMapping(next, spec.id, {
    problem:
      client !== undefined && !isOwn(state, client)
        ? { code: 'only-for-itself', parameters: { ...at, client }, ...about }
        : { code: 'conflict-in-router', parameters: { ...at, suggestion: problem.parameters.suggestion }, ...about },
  });
}

/** Traffic from outside did or did not come through. */
export function reduceProbed(state: State, id: MappingId, passes: boolean): State {
  const mapping = state.mappings.get(id);
  const lease = mapping?.lease;
  if (mapping === undefined || lease === undefined || lease.evidence === 'asked') return state;
  if (passes) {
    return withMapping(state, id, { lease: { ...lease, evidence: 'traffic', recreate: false }, problem: undefined });
  }
  if (mapping.problem?.code === 'listed-but-dead') {
    // Made again once already and still dead: again with its renewals, no sooner.
    return withMapping(state, id, { lease: { ...lease, evidence: 'answered', recreate: true } });
  }
  const { transport, external, forward } = mapping.spec;
  const twins = twinsOf(state, lease).map(({ spec }) => spec.id);
  let next = state;
  for (const twin of twins) {
    const held = state.mappings.get(twin)?.lease;
    if (held !== undefined) next = withMapping(next, twin, { lease: { ...held, recreate: true, renewAt: state.now } });
  }
  next = withMapping(next, id, {
    lease: { ...lease, evidence: 'answered', recreate: true, renewAt: state.now },
    notBefore: undefined,
    problem: {
      code: 'listed-but-dead',
      parameters: { transport, port: external.port },
      severity: 'warning',
      since: state.now,
      forward,
    },
  });
  return partTwins(next);
}

/** The other protocol on the same internal port of the same router. */
function twinsOf(state: State, lease: Lease): readonly MappingState[] {
  return mappingsInside(state, lease.internal.port).filter(
    ({ lease: other }) =>
      other !== undefined &&
      other.gateway === lease.gateway &&
      other.transport !== lease.transport &&
      other.internal.client === lease.internal.client &&
      other.internal.port === lease.internal.port,
  );
}
