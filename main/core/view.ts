/** The state as people see it. */
import { isPublic, scopeOf } from '../contract/address.ts';
import {
  gatewayFacts,
  addressOfNetwork,
  type GatewayView,
  type LeaseView,
  type MappingStatus,
  type MappingView,
  type NetworkView,
  type Snapshot,
} from '../contract/snapshot.ts';
import { asForwardId, type ControlKind, type ForwardId } from '../contract/model.ts';
import { problemOf, type Problem } from '../contract/problems.ts';
import type { EpochMs } from '../contract/units.ts';
import { approvalOf } from './approval.ts';
import { budgetOf } from './schedule.ts';
import { gatewaysFor } from './choose.ts';
import { awaitedUntil, firstFor, isDefaultRouter, isStandIn } from './first-word.ts';
import { hasValidLease, notAllOpen } from './digest.ts';
import type { DefaultRouter, GatewayState, Lease, Leftover, MappingState, State } from './state.ts';
import { isIn } from './whose.ts';

export function statusOf(state: State, mapping: MappingState): MappingStatus {
  const request = mapping.request === undefined ? undefined : state.requests.get(mapping.request);
  if (hasValidLease(mapping, state.now)) {
    const lease = leaseView(mapping.lease);
    const away = state.gateways.get(mapping.lease.gateway)?.reachable !== true;
    if (away) return { at: 'waiting', for: 'gateway', mayBeOpenUntil: mapping.lease.expiresAt };
    return request?.kind === 'open' ? { at: 'renewing', lease } : { at: 'open', lease };
  }
  const uncertain = mapping.lease === undefined ? {} : { mayBeOpenUntil: mapping.lease.expiresAt };
  const { problem, notBefore } = mapping;
  // The last try's outcome stands until the next one is answered.
  const isRetried = problem !== undefined && (mapping.refused || mapping.tries > 0);
  if (request?.kind === 'open' && !isRetried) return { at: 'opening', since: mapping.since };
  const approval = approvalOf(state);
  if (approval === 'refused') return { at: 'waiting', for: 'approval', ...uncertain };
  if (mapping.refused && problem !== undefined)
    return { at: 'refused', problem, ...(notBefore === undefined ? {} : { until: notBefore }) };
  const [gateway] = gatewaysFor(state, mapping.spec);
  if (gateway === undefined || !gateway.reachable) {
    const missing = state.host?.network === '-' && !state.manual ? 'network' : 'gateway';
    return { at: 'waiting', for: missing, ...uncertain };
  }
  if (approval === 'unclear') return { at: 'waiting', for: 'approval', ...uncertain };
  const isInTime = notBefore !== undefined && notBefore > state.now;
  const known = problem === undefined || isInDoubt(gateway, problem) ? undefined : problem;
  if (isInTime || (isRetried && known !== undefined)) {
    return {
      at: 'waiting',
      for: 'retry',
      ...(isInTime ? { until: notBefore } : {}),
      ...(known === undefined ? {} : { problem: known }),
      ...uncertain,
    };
  }
  return { at: 'opening', since: mapping.since };
}

/** Whether the gateway leaves only this unanswered, or everything, its heartbeat is about to show. */
export function isInDoubt({ controls }: GatewayState, { code }: Problem): boolean {
  return code === 'open-unanswered' && [...controls.values()].some(({ failures }) => failures > 0);
}

function leaseView(lease: Lease): LeaseView {
  const { gateway, control, external, grantedAt, renewAt, expiresAt, evidence } = lease;
  return {
    gateway,
    control,
    external,
    grantedAt,
    renewAt,
    expiresAt,
    evidence: evidence === 'asked' ? 'answered' : evidence,
  };
}

/** An unchanged view is the same value in the next snapshot: watchers pass over it. */
const views = new WeakMap<MappingState | Leftover, MappingView>();

function mappingView(state: State, mapping: MappingState): MappingView {
  const status = statusOf(state, mapping);
  const before = views.get(mapping);
  if (before !== undefined && isSameStatus(before.status, status)) return before;
  const next = newMappingView(mapping, status);
  views.set(mapping, next);
  return next;
}

/** For one mapping that has not changed itself: its lease and its problem are the same. */
function isSameStatus(one: MappingStatus, other: MappingStatus): boolean {
  if (one.at !== 'waiting' || other.at !== 'waiting') return one.at === other.at;
  return one.for === other.for && one.until === other.until && one.problem === other.problem;
}

function newMappingView(mapping: MappingState, status: MappingStatus): MappingView {
  const { id, forward, family, transport, external, internal } = mapping.spec;
  const client = internal.client ?? mapping.lease?.internal.client;
  return {
    id,
    forward,
    family,
    transport,
    external,
    internal: { port: internal.port, ...(client === undefined ? {} : { client }) },
    status,
  };
}

function closingView(leftover: Leftover): MappingView | undefined {
  const { lease, mapping } = leftover;
  if (mapping === undefined || leftover.kept) return undefined;
  const before = views.get(leftover);
  if (before !== undefined) return before;
  const view: MappingView = {
    id: mapping,
    forward: leftover.forward ?? asForwardId(''),
    family: lease.family,
    transport: lease.transport,
    external: { port: lease.external.port },
    internal: lease.internal,
    status: { at: 'closing', lease: leaseView(lease) },
  };
  views.set(leftover, view);
  return view;
}

/** Many a model's name begins with its maker's, and ends with its number: each is shown once. */
function modelText({ model }: Pick<GatewayState, 'model'>): string {
  return model.replace(/^(\S.*?) (?=\1(?: |$))/iu, '').replace(/ (\S+) \1$/iu, ' $1');
}

export function nameOf(gateway: Pick<GatewayState, 'name' | 'model' | 'address'>): string {
  if (gateway.name !== '') return gateway.name;
  return gateway.model === '' ? gateway.address : modelText(gateway);
}

/** As far as the state knows it; only the live controls know the rest. */
type GatewayStateView = Omit<GatewayView, 'canList' | 'countsTraffic'>;
export type SnapshotFacts = Omit<Snapshot, 'gateways'> & { readonly gateways: readonly GatewayStateView[] };

/** The order in which people read protocols, in every list. */
const KINDS: readonly ControlKind[] = ['igd', 'pinhole', 'nat-pmp', 'pcp'];

function gatewayView(state: State, gateway: GatewayState): GatewayStateView {
  const controls = KINDS.flatMap((kind) => gateway.controls.get(kind) ?? []);
  const uptime = controls.find((control) => control.uptime !== undefined)?.uptime?.seconds;
  return {
    ...gatewayFacts(gateway),
    id: gateway.id,
    name: nameOf(gateway),
    model: modelText(gateway),
    controls: controls.map(({ kind, foundBy, foundIn, detail }) => ({ kind, foundBy, foundIn, detail })),
    externalAddress: gateway.externalAddress,
    isDefault: isDefaultRouter(state, gateway),
    reachable: gateway.reachable,
    budget: budgetOf(state, gateway),
    ...(uptime === undefined ? {} : { uptime }),
    ...(gateway.restarted === undefined ? {} : { restartedAt: gateway.restarted.at }),
  };
}

/** Nobody is shown in the default router's place while it may still answer. */
function shownGateways(state: State): readonly GatewayState[] {
  const gateways = [...state.gateways.values()];
  if (awaitedUntil(state) === undefined) return gateways;
  const holders = new Set([...state.mappings.values()].map(({ lease }) => lease?.gateway));
  return gateways.filter((gateway) => isDefaultRouter(state, gateway) || holders.has(gateway.id));
}

/** On a network on which nothing is opened, what keeps its routers from opening ports is nobody's trouble. */
function approvalProblem({ host, gateways, mappings, refusedSince }: State): Problem | undefined {
  if (refusedSince === undefined || host === undefined) return undefined;
  const router = [...gateways.values()].find(({ isDefault }) => isDefault);
  const name = router === undefined ? addressOfNetwork(host.network) : nameOf(router);
  const severity = mappings.size === 0 ? 'info' : 'warning';
  return problemOf('network-not-approved', { network: host.network, name }, refusedSince, { severity });
}

function networkView(state: State): NetworkView | undefined {
  const { host } = state;
  if (host === undefined || host.network === '-') return undefined;
  return { key: host.network, approved: approvalOf(state) === 'approved' };
}

/** A symptom is hidden beneath its cause: without a network there is no word about gateways. */
export function problemsOf(state: State): readonly Problem[] {
  const problems: Problem[] = [];
  const since: EpochMs = state.search.since ?? state.now;
  const { summary, wrongUrl } = state.search;
  if (state.host?.network === '-' && !state.manual) return [problemOf('no-network', {}, since)];
  const notApproved = approvalProblem(state);
  if (notApproved !== undefined) return [notApproved];
  if (state.gateways.size === 0 && summary !== undefined) {
    if (summary.localNetworkDenied) problems.push(problemOf('local-network-denied', {}, since));
    else if (summary.noNetwork && !state.manual) problems.push(problemOf('no-network', {}, since));
    else {
      const alive = summary.routers.find((router) => router.alive);
      const routers = summary.routers.map(({ address }) => address);
      if (summary.denied) problems.push(problemOf('traffic-denied', { gateway: routers[0] ?? '' }, since));
      else if (wrongUrl !== undefined) problems.push(problemOf('router-url', wrongUrl, since));
      else if (alive === undefined) problems.push(problemOf('no-gateway', { routers }, since));
      else if (alive.guarded === true) problems.push(problemOf('router-password', { router: alive.address }, since));
      else problems.push(problemOf('port-control-off', { router: alive.address }, since));
    }
  } else if (wrongUrl !== undefined) problems.push(problemOf('router-url', wrongUrl, since, { severity: 'warning' }));
  for (const mapping of state.mappings.values()) {
    if (mapping.problem?.code === 'listed-but-dead' && hasValidLease(mapping, state.now))
      problems.push(mapping.problem);
  }
  for (const gateway of shownGateways(state)) {
    const about = { gateway: gateway.id };
    const wanted = [...state.mappings.values()].some(({ lease }) => lease?.gateway === gateway.id) || gateway.isDefault;
    if (!gateway.reachable && wanted && gateway.awaySince !== undefined) {
      const parameters = { gateway: nameOf(gateway), since: gateway.awaySince };
      problems.push(problemOf('gateway-away', parameters, gateway.awaySince, about));
    }
    const standsIn = standInFor(state, gateway);
    if (standsIn !== undefined) {
      const { address, model, name } = gateway;
      const parameters = { gateway: name === '' ? model : name, address, router: standsIn.address };
      problems.push(problemOf('not-default-router', parameters, state.now, { ...about, severity: 'warning' }));
    }
    const { externalAddress } = gateway;
    if (externalAddress === 'none') {
      const parameters = { gateway: nameOf(gateway) };
      problems.push(problemOf('no-external-address', parameters, state.now, { ...about, severity: 'warning' }));
    } else if (
      externalAddress !== 'unknown' &&
      !isPublic(externalAddress) &&
      scopeOf(externalAddress) !== 'documentation'
    ) {
      const parameters = { gateway: nameOf(gateway), external: externalAddress };
      problems.push(problemOf('behind-another-nat', parameters, state.now, { ...about, severity: 'warning' }));
    }
  }
  return problems;
}

/** The default router that says nothing while this gateway holds something in its place. */
function standInFor(state: State, gateway: GatewayState): DefaultRouter | undefined {
  for (const mapping of state.mappings.values()) {
    if (mapping.lease?.gateway !== gateway.id || !hasValidLease(mapping, state.now)) continue;
    if (isStandIn(state, mapping.spec, gateway)) return firstFor(state, mapping.spec);
  }
  return undefined;
}

/** A mapping wanted here too and still held on another network is shown once, as it stands here. */
function isElsewhere({ host, mappings }: State, { lease, mapping }: Leftover): boolean {
  if (mapping === undefined || !mappings.has(mapping) || host === undefined) return false;
  return !isIn(host, lease.network);
}

export function snapshotOf(state: State): SnapshotFacts {
  const closing = [...state.leftovers.values()]
    .filter((leftover) => !isElsewhere(state, leftover))
    .flatMap((leftover) => closingView(leftover) ?? []);
  const { running, since, nextAt } = state.search;
  const network = networkView(state);
  return {
    revision: state.revision,
    at: state.now,
    search: { running, ...(since === undefined ? {} : { since }), ...(nextAt === undefined ? {} : { nextAt }) },
    ...(network === undefined ? {} : { network }),
    gateways: shownGateways(state).map((gateway) => gatewayView(state, gateway)),
    forwards: [...state.forwards.values()],
    mappings: [...[...state.mappings.values()].map((mapping) => mappingView(state, mapping)), ...closing],
    problems: problemsOf(state),
  };
}

/**
 * Is everything wanted open or its obstacle reported, and everything to be closed closed or reported?
 * @param isMeant which forwards count; all when absent
 */
export function isSettled(state: State, isMeant: (forward: ForwardId) => boolean = () => true): boolean {
  for (const mapping of notAllOpen(state)) {
    if (isMeant(mapping.spec.forward) && !isMappingSettled(state, mapping)) return false;
  }
  for (const leftover of state.leftovers.values()) {
    const { forward } = leftover;
    if ((forward === undefined || isMeant(forward)) && !isLeftoverSettled(state, leftover)) return false;
  }
  return true;
}

const isNobodyThere = ({ search, gateways }: State): boolean =>
  search.isNobodyThere && [...gateways.values()].every(({ reachable }) => !reachable);

function isMappingSettled(state: State, mapping: MappingState): boolean {
  if (hasValidLease(mapping, state.now)) return true;
  if (mapping.holderWanted) return false;
  const status = statusOf(state, mapping);
  switch (status.at) {
    case 'refused':
      return true;
    case 'waiting':
      // Why, is what people wait for.
      if (status.for === 'retry') return mapping.tries > 0 && status.problem === mapping.problem;
      if (status.for === 'approval' && approvalOf(state) === 'refused') return true;
      return state.search.completed > 0 || isNobodyThere(state) || status.for === 'network';
    default:
      return false;
  }
}

function isLeftoverSettled(state: State, leftover: Leftover): boolean {
  if (leftover.kept || leftover.tries > 0) return true;
  if (state.host !== undefined && !isIn(state.host, leftover.lease.network)) return true;
  const gateway = state.gateways.get(leftover.lease.gateway);
  if (gateway === undefined) return state.search.completed > 0 || isNobodyThere(state) || state.host?.network === '-';
  return !gateway.reachable;
}
