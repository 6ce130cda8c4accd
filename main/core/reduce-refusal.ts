/** Meaning of a refusal for a mapping: another port, another control, another time, or a final word. */
import { isPublic, type IpAddress } from '../contract/address.ts';
import type { RefusalReason, UnreachableReason } from '../contract/mapping.ts';
import { mappingIdOf, type GatewayId, type MappingId, type Transport } from '../contract/model.ts';
import { problemOf, type Problem, type UnansweredHow } from '../contract/problems.ts';
import { after, inSeconds, isPort, millis, port, type EpochMs, type Port } from '../contract/units.ts';
import { isShown, abandonLease, movedOff, withControl, withMapping } from './change.ts';
import { controlsFor, findingControl } from './choose.ts';
import { upnpExpectedUntil } from './first-word.ts';
import { readAddress } from './reduce-gateways.ts';
import { backOff, DISABLED_FOR, offlineRetry, REFUSED_AGAIN, renewalRetry, takenAgain } from './schedule.ts';
import { hasValidLease } from './digest.ts';
import type { FailureFact, GatewayState, MappingState, Refusal, Request, State } from './state.ts';

/** FRITZ!OS: the change has to be confirmed at the router. */
const SECOND_FACTOR: ReadonlySet<string> = new Set(['upnp 866', 'upnp 867', 'upnp 868']);

type Refused = FailureFact & { readonly class: 'refused' };

/** Ports tried one after another for a forward that may take the next free one. */
const PORTS_TRIED = 24;

/** Reasons that concern the control, not this mapping. */
const DISABLING: ReadonlySet<RefusalReason> = new Set(['unsupported', 'not-direct', 'switched-off']);

/** Reasons that may pass on their own. */
const PASSING: ReadonlySet<Refusal['reason']> = new Set<Refusal['reason']>([
  'failed',
  'table-full',
  'no-external-address',
  'firewall-failed',
  'garbled',
  'unanswered',
]);

/** Another port is no better. */
const NO_OTHER_PORT: ReadonlySet<RefusalReason> = new Set(['same-port-only', 'one-transport']);

/** Failed openings of others that count: about a minute's wait. */
const MOST_SHARED = 6;

/** Reasons about the gateway as a whole: they explain why UPnP, which has no word for them, just failed. */
const EXPLAINING: ReadonlySet<Refusal['reason']> = new Set<Refusal['reason']>([
  'no-external-address',
  'firewall-failed',
]);

/** Most telling first. */
const TELLING: readonly Refusal['reason'][] = [
  'conflict',
  'conflict-other-mechanism',
  'one-transport',
  'only-for-itself',
  'not-authorized',
  'same-port-only',
  'table-full',
  'no-external-address',
  'firewall-failed',
  'switched-off',
  'no-permanent-lease',
  'only-permanent-lease',
  'wildcard-only',
  'garbled',
  'unanswered',
  'bad-arguments',
  'failed',
  'unsupported',
  'not-direct',
  'absent',
];

/** A mapping that it held a moment ago is not refused for good: our own entry may be in its way, or a holder that soon
 * goes. */
export function wasJustHeld(mapping: MappingState, gateway: GatewayId | undefined, now: EpochMs): boolean {
  const isHeld = hasValidLease(mapping, now) && (gateway === undefined || mapping.lease.gateway === gateway);
  return isHeld || (mapping.lostAt !== undefined && now < after(mapping.lostAt, REFUSED_AGAIN));
}

export function reduceRefusal(
  before: State,
  mapping: MappingState,
  request: Request,
  failure: Refused,
  random: number,
): State {
  const { spec } = mapping;
  let state = withControl(before, request.gateway, request.control, { unread: undefined });
  if (DISABLING.has(failure.reason) && !isThirdParty(mapping)) {
    const disabledUntil = after(state.now, DISABLED_FOR);
    state = withControl(state, request.gateway, request.control, { disabledUntil });
  }
  if (failure.reason === 'no-external-address' && spec.family === 'ipv4') {
    const gateway = state.gateways.get(request.gateway);
    const told = gateway?.controls.get(request.control)?.externalAddress;
    const known = told ?? gateway?.externalAddress ?? 'unknown';
    // A private address is reason enough to refuse.
    const isNews = told !== 'unknown' && (known === 'unknown' || known === 'none' || isPublic(known));
    if (isNews) state = readAddress(state, request.gateway, request.control, 'none');
  }
  const isConflict = failure.reason === 'conflict' || failure.reason === 'conflict-other-mechanism';
  if (isConflict && !(spec.ifTaken === 'fail' && isDoubtful(state, mapping, request))) {
    const translates = state.gateways.get(request.gateway)?.controls.get(request.control)?.capabilities.translatesPorts;
    return spec.ifTaken === 'next-free' && translates !== false
      ? tryNextPort(state, mapping, request, failure, random)
      : conflict(state, mapping, request, failure, random);
  }
  if (mapping.otherPort !== undefined && !mapping.broughtBack && NO_OTHER_PORT.has(failure.reason))
    return broughtBack(state, mapping, request, failure);
  const refusal: Refusal = {
    gateway: request.gateway,
    control: request.control,
    reason: failure.reason,
    code: failure.code,
  };
  return noted(state, mapping, refusal, failure.retryAfter, random);
}

/** Nothing that can be read came back from this control. */
export function reduceNoAnswer(before: State, request: Request, refusal: Refusal, random: number): State {
  const { gateway, control, since } = request;
  const known = before.gateways.get(gateway)?.controls.get(control)?.unread;
  // Those in flight together fail together.
  const count = known === undefined ? 1 : known.count + (since >= known.at ? 1 : 0);
  const state = withControl(before, gateway, control, { unread: { count, at: before.now } });
  const mapping = request.mapping === undefined ? undefined : state.mappings.get(request.mapping);
  return mapping === undefined ? state : noted(state, mapping, refusal, undefined, random);
}

/** No control is left to ask, as one was lost or disabled meanwhile: what the others said is the reason. */
export function reduceExhausted(state: State, id: MappingId, random: number): State {
  const mapping = state.mappings.get(id);
  return mapping === undefined ? state : concluded(state, mapping, undefined, random);
}

/** The next control is asked; with none left, what was said is the last word for now. */
function noted(
  before: State,
  mapping: MappingState,
  refusal: Refusal,
  retryAfter: number | undefined,
  random: number,
): State {
  const { spec } = mapping;
  const refused: MappingState = { ...mapping, refusals: [...mapping.refusals, refusal] };
  const state = withMapping(before, spec.id, { refusals: refused.refusals });
  const gateway = state.gateways.get(refusal.gateway);
  if (gateway !== undefined && controlsFor(state, refused, gateway).length > 0) {
    return withMapping(state, spec.id, { notBefore: undefined });
  }
  // Its finding ends the wait; without it what refused is asked again.
  const upnpUntil = gateway === undefined ? undefined : upnpExpectedUntil(state, gateway);
  if (upnpUntil !== undefined) return withMapping(state, spec.id, { refusals: [], notBefore: upnpUntil });
  return concluded(state, refused, retryAfter, random);
}

function concluded(before: State, mapping: MappingState, retryAfter: number | undefined, random: number): State {
  const { refusals, spec } = mapping;
  const state = withoutProof(before, mapping);
  const worst = mostTelling(refusals);
  const problem = problemFor(state, mapping, worst);
  // What went unanswered may have been done, and be in the way of the others (P15).
  const isUnsure = refusals.some(({ reason }) => reason === 'unanswered' || reason === 'garbled');
  const passing = PASSING.has(worst.reason) || isUnsure || wasJustHeld(mapping, worst.gateway, state.now);
  const tries = mapping.tries + 1;
  // Where openings go unanswered or unread, one mapping's failure speaks for the others too.
  const unread = state.gateways.get(worst.gateway)?.controls.get(worst.control)?.unread?.count ?? 0;
  const patience = Math.max(tries, Math.min(unread, MOST_SHARED));
  const asked = retryAfter === undefined ? inSeconds(0) : inSeconds(Math.min(retryAfter, 1800));
  const patient = passing ? millis(Math.max(asked, backOff(patience, random, REFUSED_AGAIN))) : REFUSED_AGAIN;
  // An open port is not given up before its end for one refused renewal.
  const held = state.mappings.get(spec.id) ?? mapping;
  const again = hasValidLease(held, state.now)
    ? worst.reason === 'no-external-address'
      ? offlineRetry(state.now, held.lease.expiresAt, patience, random)
      : renewalRetry(state.now, held.lease.expiresAt, random)
    : after(state.now, patient);
  return withMapping(passing ? state : movedOff(state, spec.id, worst.gateway), spec.id, {
    refusals: [],
    refused: !passing,
    problem,
    tries,
    notBefore: again < after(state.now, patient) ? again : after(state.now, patient),
    since: state.now,
  });
}

/** A look has missed it; a restart may have taken what cannot be looked at, and what is held needs no more room: refused after
 * that, or for that, nothing speaks for it any more. */
function withoutProof(state: State, { spec, lease, refusals }: MappingState): State {
  const gateway = lease === undefined ? undefined : state.gateways.get(lease.gateway);
  if (lease === undefined || gateway === undefined || lease.evidence === 'asked') return state;
  const isMissed = lease.isMissed === true;
  if (!isMissed && isShown(gateway, lease)) return state;
  const isSinceRestart = gateway.restarted !== undefined && gateway.restarted.at >= lease.grantedAt;
  const isForRoom = refusals.some((each) => each.gateway === lease.gateway && each.reason === 'table-full');
  if (!isMissed && !isSinceRestart && !isForRoom) return state;
  return withMapping(state, spec.id, { lease: { ...lease, evidence: 'asked' }, lostAt: state.now });
}

/** PCP and NAT-PMP say "cannot provide this port" where UPnP says whether it is taken or forbidden: it is asked too. */
function isDoubtful(state: State, mapping: MappingState, request: Request): boolean {
  if (request.control !== 'pcp' && request.control !== 'nat-pmp') return false;
  const gateway = state.gateways.get(request.gateway);
  if (gateway === undefined) return false;
  const canAsk = controlsFor(state, mapping, gateway).some(({ kind }) => kind === 'igd');
  return canAsk || upnpExpectedUntil(state, gateway) !== undefined;
}

const isThirdParty = ({ spec }: MappingState): boolean => spec.internal.client !== undefined;

/** UPnP's word counts where it was asked: its reasons are the clearest. */
function mostTelling(refusals: readonly Refusal[]): Refusal {
  const byIgd = refusals.filter(({ control }) => control === 'igd');
  const explained = refusals.filter(({ reason }) => EXPLAINING.has(reason));
  const isUnexplained = byIgd.every(({ reason }) => reason === 'failed');
  const [first, ...others] = isUnexplained && explained.length > 0 ? explained : byIgd.length > 0 ? byIgd : refusals;
  if (first === undefined) throw new RangeError('no refusal');
  return others.reduce((a, b) => (TELLING.indexOf(b.reason) < TELLING.indexOf(a.reason) ? b : a), first);
}

/** TCP and UDP of one forward keep one port. */
function tryNextPort(before: State, mapping: MappingState, request: Request, failure: Refused, random: number): State {
  const tries = mapping.tries + 1;
  const { spec } = mapping;
  if (tries > PORTS_TRIED) {
    // From then on no more than the wanted one is asked for.
    const isWalked = mapping.otherPort !== undefined || mapping.broughtBack || mapping.refused;
    return withMapping(movedOff(before, spec.id, request.gateway), spec.id, {
      tries: isWalked ? PORTS_TRIED : 0,
      otherPort: undefined,
      refused: true,
      problem: conflictProblem(before, mapping, undefined),
      notBefore: after(before.now, REFUSED_AGAIN),
    });
  }
  const from = request.asked?.external.port ?? spec.external.port;
  const offered = failure.offeredPort;
  return moved(
    before,
    mapping,
    request,
    isPort(offered) && offered !== from ? offered : candidate(before, spec, from, tries, random),
  );
}

/** The whole forward moves, or returns to the port that is wanted. */
function moved(before: State, { spec, tries }: MappingState, request: Request, otherPort?: Port): State {
  let state = before;
  for (const id of sameForward(before, spec)) {
    const member = state.mappings.get(id);
    if (member === undefined) continue;
    // A lease at another gateway is closed once this one has granted.
    const isHere = member.lease?.gateway === request.gateway;
    state = withMapping(isHere ? abandonLease(state, member) : state, id, {
      otherPort,
      tries: tries + 1,
      notBefore: undefined,
    });
  }
  return state;
}

/** Where equal ports are wanted, a wanted port that is taken ends the walk; here its other transport may stay elsewhere. */
function broughtBack(before: State, mapping: MappingState, request: Request, { reason }: Refused): State {
  const state = moved(before, mapping, request);
  if (reason !== 'one-transport') return state;
  return sameForward(state, mapping.spec).reduce((next, id) => withMapping(next, id, { broughtBack: true }), state);
}

/** The next port up, then at random among the high ones where routers with rules say yes more often (C13, C14). */
function candidate(state: State, spec: MappingState['spec'], from: Port, tries: number, random: number): Port {
  const taken = new Set<number>();
  for (const other of state.mappings.values()) {
    if (other.spec.forward === spec.forward && other.spec.external.port === spec.external.port) continue;
    taken.add(other.spec.external.port);
    if (other.lease !== undefined) taken.add(other.lease.external.port);
  }
  let next: number = tries <= PORTS_TRIED / 2 ? from + 1 : 10_000 + Math.floor(random * 50_000);
  while (taken.has(next) || next < 1024 || next > 65_535) next = next > 65_534 ? 1024 : next + 1;
  return port(next);
}

export function sameForward(state: State, spec: MappingState['spec']): readonly MappingId[] {
  const both: readonly Transport[] = ['tcp', 'udp'];
  return both
    .map((transport) => mappingIdOf(spec.forward, spec.family, transport, spec.external.port))
    .filter((id) => state.mappings.has(id));
}

function conflict(before: State, mapping: MappingState, request: Request, failure: Refused, random: number): State {
  const isFinal = !wasJustHeld(mapping, request.gateway, before.now);
  const lostAt = !isFinal && hasValidLease(mapping, before.now) ? before.now : mapping.lostAt;
  // Whether the router still holds it nobody knows: it stays on record.
  const lease = isFinal || mapping.lease === undefined ? undefined : { ...mapping.lease, evidence: 'asked' as const };
  const tries = mapping.tries + 1;
  const left = isFinal ? movedOff(before, mapping.spec.id, request.gateway) : before;
  const state = withMapping(left, mapping.spec.id, { lease, lostAt });
  const gateway = state.gateways.get(request.gateway);
  const offered = isPort(failure.offeredPort) ? failure.offeredPort : undefined;
  const { spec } = mapping;
  const known =
    failure.reason === 'conflict-other-mechanism'
      ? problemOf(
          'conflict-in-router',
          { transport: spec.transport, port: spec.external.port, suggestion: suggestionFor(state, spec, offered) },
          state.now,
          { forward: spec.forward, gateway: request.gateway },
        )
      : conflictProblem(state, mapping, offered);
  const canName = gateway !== undefined && findingControl(gateway) !== undefined;
  // A rule of the router's own stays.
  const again = known.code === 'conflict' ? takenAgain(tries, canName) : REFUSED_AGAIN;
  return withMapping(state, spec.id, {
    refused: isFinal,
    refusals: [],
    problem: known,
    tries,
    holderWanted: canName && known.code === 'conflict',
    notBefore: after(state.now, isFinal ? again : backOff(tries, random)),
    since: state.now,
  });
}

function conflictProblem(state: State, { spec }: MappingState, offered: Port | undefined): Problem {
  return problemOf(
    'conflict',
    {
      transport: spec.transport,
      port: spec.external.port,
      holder: undefined,
      holderName: undefined,
      suggestion: suggestionFor(state, spec, offered),
    },
    state.now,
    { forward: spec.forward },
  );
}

function suggestionFor(state: State, spec: MappingState['spec'], offered: Port | undefined): Port | undefined {
  return offered ?? candidate(state, spec, spec.external.port, 1, 0);
}

/** Ports below this are refused by many routers' rules; the same number is free above (C13). */
function highPort(low: Port): Port {
  return port(low + 8000 <= 65_535 ? low + 8000 : low);
}

function problemFor(state: State, mapping: MappingState, refusal: Refusal): Problem {
  const { spec } = mapping;
  const at = { transport: spec.transport, port: spec.external.port };
  const about = { forward: spec.forward, gateway: refusal.gateway };
  const { now } = state;
  const name = gatewayName(state, refusal.gateway);
  if (refusal.reason === 'garbled')
    return problemOf('router-garbled', { gateway: name, seen: refusal.seen }, now, about);
  if (refusal.reason === 'unanswered')
    return problemOf('open-unanswered', { gateway: name, how: refusal.how }, now, about);
  const { client } = spec.internal;
  const { code } = refusal;
  const external = publicAddress(state.gateways.get(refusal.gateway));
  const suggestion = spec.external.port < 1024 ? highPort(spec.external.port) : undefined;
  switch (refusal.reason) {
    case 'only-for-itself':
      return client === undefined
        ? problemOf('router-refused', { ...at, code, suggestion: undefined }, now, about)
        : problemOf('only-for-itself', { ...at, client }, now, about);
    case 'not-authorized':
      if (code === 'http 401') return problemOf('router-password', { router: name }, now, about);
      if (SECOND_FACTOR.has(code)) return problemOf('router-confirmation', { router: name }, now, about);
      if (client !== undefined && spec.external.port >= 1024) {
        return problemOf('only-for-itself', { ...at, client }, now, about);
      }
      return problemOf('port-not-allowed', { ...at, suggestion, code }, now, about);
    case 'firewall-failed':
      return external === undefined
        ? problemOf('router-failed', { ...at, code, external, suggestion }, now, about)
        : problemOf('firewall-failed', { ...at, code, external }, now, about);
    case 'failed':
      return problemOf('router-failed', { ...at, code, external, suggestion }, now, about);
    case 'same-port-only':
      return problemOf('same-port-only', { ...at, internal: spec.internal.port }, now, about);
    case 'table-full':
      return problemOf('table-full', at, now, about);
    case 'no-external-address':
      return problemOf('no-external-address', { gateway: name }, now, about);
    case 'no-permanent-lease':
      return problemOf('no-permanent-lease', at, now, about);
    case 'switched-off':
      return spec.family === 'ipv6'
        ? problemOf('pinholes-off', at, now, about)
        : problemOf('router-refused', { ...at, code, suggestion: undefined }, now, about);
    case 'conflict':
      return conflictProblem(state, mapping, undefined);
    case 'conflict-other-mechanism':
      return problemOf('conflict-in-router', { ...at, suggestion: suggestionFor(state, spec, undefined) }, now, about);
    case 'one-transport':
      return problemOf('one-transport', { ...at, port: mapping.otherPort ?? at.port }, now, about);
    case 'bad-arguments':
      return problemOf('router-refused', { ...at, code, suggestion }, now, about);
    case 'only-permanent-lease':
    case 'wildcard-only':
    case 'unsupported':
    case 'not-direct':
    case 'absent':
      return problemOf('router-refused', { ...at, code, suggestion: undefined }, now, about);
  }
}

function gatewayName(state: State, id: GatewayId | undefined): string {
  const gateway = id === undefined ? undefined : state.gateways.get(id);
  return gateway === undefined ? '' : gateway.name === '' ? gateway.address : gateway.name;
}

/** Where its line is known to be up. */
function publicAddress(gateway: GatewayState | undefined): IpAddress | undefined {
  if (gateway === undefined) return undefined;
  const { externalAddress: address, controls } = gateway;
  if (address === 'none' || address === 'unknown' || !isPublic(address)) return undefined;
  return [...controls.values()].some(({ connected }) => connected === false) ? undefined : address;
}

/** The rest is this computer's, or its network's. */
const UNANSWERED: Partial<Record<UnreachableReason, UnansweredHow>> = {
  timeout: 'silent',
  reset: 'hung-up',
  refused: 'not-there',
};

/** So much of an unreadable answer is shown. */
const MOST_SEEN = 80;

/** Untrusted: nothing but plain printable characters, and few of them. */
function safe(capture: string): string {
  const text = capture
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .replaceAll(/ {2,}/g, ' ')
    .trim();
  return text.length > MOST_SEEN ? `${text.slice(0, MOST_SEEN)}…` : text;
}

/** An opening that came to nothing, as a word of the control; `undefined` where the network here is at fault. */
export function unreadAnswer({ gateway, control }: Request, failure: FailureFact): Refusal | undefined {
  if (failure.class === 'malformed') return { gateway, control, reason: 'garbled', seen: safe(failure.capture) };
  if (failure.class === 'refused') return undefined;
  const how = UNANSWERED[failure.why];
  return how === undefined ? undefined : { gateway, control, reason: 'unanswered', how };
}

/** The problem to show while an unanswered opening is waiting for its next try. */
export function silenceProblem(state: State, mapping: MappingState, failure: FailureFact): Problem | undefined {
  const name = gatewayName(state, mapping.lease?.gateway);
  if (failure.class !== 'unreachable') return mapping.problem;
  if (failure.why === 'denied') return problemOf('traffic-denied', { gateway: name }, state.now);
  if (failure.why === 'local-network') return problemOf('local-network-denied', {}, state.now);
  return mapping.problem;
}
