/** What a refusal means for a mapping: another port, another control, another time, or a final word. */
import type { RefusalReason } from '../contract/mapping.ts';
import type { GatewayId, MappingId, Transport } from '../contract/model.ts';
import { mappingIdOf } from '../contract/model.ts';
import type { Problem } from '../contract/problems.ts';
import type { EpochMs, Port } from '../contract/units.ts';
import { after, inSeconds, isPort, millis, port } from '../contract/units.ts';
import { abandonLease, withControl, withGateway, withMapping } from './change.ts';
import { controlsFor } from './choose.ts';
import { upnpExpectedUntil } from './late-upnp.ts';
import { problemOf } from './problem-of.ts';
import { backOff, DISABLED_FOR, REFUSED_AGAIN, renewalRetry } from './schedule.ts';
import { findingControl, hasValidLease } from './plan.ts';
import type { FailureFact, MappingState, Refusal, Request, State } from './state.ts';

type Refused = FailureFact & { readonly class: 'refused' };

/** Ports tried one after another for a forward that may take the next free one. */
const PORTS_TRIED = 24;

/** Reasons that concern the control, not this mapping. */
const DISABLING: ReadonlySet<RefusalReason> = new Set(['unsupported', 'not-direct', 'switched-off']);

/** Reasons that may pass by themselves. */
const PASSING: ReadonlySet<RefusalReason> = new Set(['failed', 'table-full', 'no-external-address']);

/** Most telling first. */
const TELLING: readonly RefusalReason[] = [
  'conflict',
  'conflict-other-mechanism',
  'only-for-itself',
  'not-authorized',
  'same-port-only',
  'table-full',
  'no-external-address',
  'switched-off',
  'no-permanent-lease',
  'only-permanent-lease',
  'wildcard-only',
  'bad-arguments',
  'failed',
  'unsupported',
  'not-direct',
  'absent',
];

/** What was held a moment ago is not refused for good: our own entry may be in its way, or a holder that soon goes. */
export function wasJustHeld(mapping: MappingState, now: EpochMs): boolean {
  return hasValidLease(mapping, now) || (mapping.lostAt !== undefined && now < after(mapping.lostAt, REFUSED_AGAIN));
}

export function reduceRefusal(
  before: State,
  mapping: MappingState,
  request: Request,
  failure: Refused,
  random: number,
): State {
  const { spec } = mapping;
  let state = before;
  if (DISABLING.has(failure.reason) && !isThirdParty(mapping)) {
    const disabledUntil = after(state.now, DISABLED_FOR);
    state = withControl(state, request.gateway, request.control, { disabledUntil });
  }
  const gateway = state.gateways.get(request.gateway);
  const isUnknown = state.gateways.get(request.gateway)?.externalAddress === 'unknown';
  if (failure.reason === 'no-external-address' && spec.family === 'ipv4' && isUnknown) {
    state = withControl(state, request.gateway, request.control, { externalAddress: 'none' });
    state = withGateway(state, request.gateway, { externalAddress: 'none' });
  }
  const isConflict = failure.reason === 'conflict' || failure.reason === 'conflict-other-mechanism';
  if (isConflict && !(spec.ifTaken === 'fail' && isDoubtful(state, mapping, request))) {
    return spec.ifTaken === 'next-free'
      ? tryNextPort(state, mapping, request, failure, random)
      : conflict(state, mapping, request, failure, random);
  }
  const refusal: Refusal = {
    gateway: request.gateway,
    control: request.control,
    reason: failure.reason,
    code: failure.code,
  };
  const refusals = [...mapping.refusals, refusal];
  const refused: MappingState = { ...mapping, refusals };
  state = withMapping(state, spec.id, { refusals });
  if (gateway !== undefined && controlsFor(state, refused, gateway).length > 0) {
    return withMapping(state, spec.id, { notBefore: undefined });
  }
  // Its finding ends the wait; without it what refused is asked once more.
  const upnpUntil = gateway === undefined ? undefined : upnpExpectedUntil(state, gateway);
  if (upnpUntil !== undefined) return withMapping(state, spec.id, { refusals: [], notBefore: upnpUntil });
  const worst = mostTelling(refusals);
  const problem = problemFor(state, refused, worst);
  const passing =
    (refusals.some(({ reason }) => PASSING.has(reason)) && PASSING.has(worst.reason)) ||
    wasJustHeld(mapping, state.now);
  const tries = mapping.tries + 1;
  const asked = failure.retryAfter === undefined ? inSeconds(0) : inSeconds(Math.min(failure.retryAfter, 1800));
  const patient = passing ? millis(Math.max(asked, backOff(tries, random, REFUSED_AGAIN))) : REFUSED_AGAIN;
  // What is still open is not given up before its end for one refused renewal.
  const again = hasValidLease(mapping, state.now)
    ? renewalRetry(state.now, mapping.lease.expiresAt, random)
    : after(state.now, patient);
  return withMapping(state, spec.id, {
    refusals: [],
    refused: !passing,
    problem,
    tries,
    notBefore: again < after(state.now, patient) ? again : after(state.now, patient),
    since: state.now,
  });
}

/** PCP and NAT-PMP say "cannot provide this port" where UPnP tells whether it is taken or forbidden: it is asked as well. */
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
  const [first, ...others] = byIgd.length > 0 ? byIgd : refusals;
  if (first === undefined) throw new RangeError('no refusal');
  return others.reduce((a, b) => (TELLING.indexOf(b.reason) < TELLING.indexOf(a.reason) ? b : a), first);
}

/** The whole forward moves: TCP and UDP of one forward keep one port. */
function tryNextPort(before: State, mapping: MappingState, request: Request, failure: Refused, random: number): State {
  const tries = mapping.tries + 1;
  const { spec } = mapping;
  if (tries > PORTS_TRIED) {
    return withMapping(before, spec.id, {
      tries: 0,
      otherPort: undefined,
      refused: true,
      problem: conflictProblem(before, mapping, undefined),
      notBefore: after(before.now, REFUSED_AGAIN),
    });
  }
  const from = request.asked?.external.port ?? spec.external.port;
  const offered = failure.offeredPort;
  const next = isPort(offered) && offered !== from ? offered : candidate(before, spec, from, tries, random);
  let state = before;
  for (const id of sameForward(before, spec)) {
    const member = state.mappings.get(id);
    if (member === undefined) continue;
    state = withMapping(abandonLease(state, member), id, { otherPort: next, tries, notBefore: undefined });
  }
  return state;
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

function sameForward(state: State, spec: MappingState['spec']): readonly MappingId[] {
  const both: readonly Transport[] = ['tcp', 'udp'];
  return both
    .map((transport) => mappingIdOf(spec.forward, spec.family, transport, spec.external.port))
    .filter((id) => state.mappings.has(id));
}

function conflict(before: State, mapping: MappingState, request: Request, failure: Refused, random: number): State {
  const isFinal = !wasJustHeld(mapping, before.now);
  const lostAt = hasValidLease(mapping, before.now) ? before.now : mapping.lostAt;
  // Whether the router still holds it nobody knows: it stays on record.
  const lease = isFinal || mapping.lease === undefined ? undefined : { ...mapping.lease, evidence: 'asked' as const };
  const tries = mapping.tries + 1;
  const state = withMapping(before, mapping.spec.id, { lease, lostAt });
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
  return withMapping(state, spec.id, {
    refused: isFinal,
    refusals: [],
    problem: known,
    tries,
    holderWanted: canName && known.code === 'conflict',
    notBefore: after(state.now, isFinal ? REFUSED_AGAIN : backOff(tries, random)),
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
  const { client } = spec.internal;
  switch (refusal.reason) {
    case 'only-for-itself':
      return client === undefined
        ? problemOf('router-refused', { ...at, code: refusal.code }, now, about)
        : problemOf('only-for-itself', { ...at, client }, now, about);
    case 'not-authorized':
      if (client !== undefined && spec.external.port >= 1024) {
        return problemOf('only-for-itself', { ...at, client }, now, about);
      }
      return notAllowed(at, spec.external.port, refusal.code, now, about);
    case 'bad-arguments':
    case 'failed':
      if (spec.external.port < 1024) return notAllowed(at, spec.external.port, refusal.code, now, about);
      return refusal.reason === 'failed'
        ? problemOf('router-failed', { ...at, code: refusal.code }, now, about)
        : problemOf('router-refused', { ...at, code: refusal.code }, now, about);
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
        : problemOf('router-refused', { ...at, code: refusal.code }, now, about);
    case 'conflict':
      return conflictProblem(state, mapping, undefined);
    case 'conflict-other-mechanism':
      return problemOf('conflict-in-router', { ...at, suggestion: suggestionFor(state, spec, undefined) }, now, about);
    case 'only-permanent-lease':
    case 'wildcard-only':
    case 'unsupported':
    case 'not-direct':
    case 'absent':
      return problemOf('router-refused', { ...at, code: refusal.code }, now, about);
  }
}

function notAllowed(
  at: { readonly transport: Transport; readonly port: Port },
  external: Port,
  code: string,
  now: EpochMs,
  about: Parameters<typeof problemOf>[3],
): Problem {
  const suggestion = external < 1024 ? highPort(external) : undefined;
  return problemOf('port-not-allowed', { ...at, suggestion, code }, now, about);
}

function gatewayName(state: State, id: GatewayId | undefined): string {
  const gateway = id === undefined ? undefined : state.gateways.get(id);
  return gateway === undefined ? '' : gateway.name === '' ? gateway.address : gateway.name;
}

/** What to show while an unanswered or unreadable opening is waiting for its next try. */
export function refusalProblem(state: State, mapping: MappingState, failure: FailureFact): Problem | undefined {
  const name = gatewayName(state, mapping.lease?.gateway);
  if (failure.class === 'malformed') return problemOf('router-garbled', { gateway: name }, state.now);
  if (failure.class !== 'unreachable') return mapping.problem;
  if (failure.why === 'denied') return problemOf('traffic-denied', { gateway: name }, state.now);
  if (failure.why === 'local-network') return problemOf('local-network-denied', {}, state.now);
  return mapping.problem;
}
