/**
 * Two routers in a row: derives the front router's forwards from what ours holds, and merges both into one snapshot. Each
 * router has its own engine; a mapping of ours is a forward of the front engine.
 */
import { familyOf, inNetwork, isPublic, parseIp, type IpAddress } from '../contract/address.ts';
import { asForwardId, type Forward, type ForwardId, type MappingId } from '../contract/model.ts';
import { problemOf, type Problem } from '../contract/problems.ts';
import type { GatewayView, LeaseView, MappingHop, MappingStatus, MappingView, Snapshot } from '../contract/snapshot.ts';
import { epochMs, type EpochMs, type Port } from '../contract/units.ts';

/** Our router's address on the front router's network, where that one forwards to; `unknown`: ours reports a different
 * address, so only NAT-PMP, which needs none, can be used. */
export type InnerAddress = IpAddress | 'unknown';

/** The router whose network this computer is in. */
const innerGateway = ({ gateways }: Pick<Snapshot, 'gateways'>): GatewayView | undefined =>
  gateways.find(({ isDefault }) => isDefault) ?? gateways[0];

/** Is ours the very router that is meant to be in front? So it may be on another network, or where a person names that one. */
export const isItself = (snapshot: Pick<Snapshot, 'gateways'>, upstream: IpAddress): boolean =>
  innerGateway(snapshot)?.address === upstream;

/** @returns nothing as long as it may become known */
export function innerAddress(snapshot: Snapshot, upstream: IpAddress): InnerAddress | undefined {
  const gateway = innerGateway(snapshot);
  if (gateway?.reachable !== true || gateway.externalAddress === 'none') return undefined;
  const address = parseIp(gateway.externalAddress);
  if (address === undefined) return snapshot.search.running ? undefined : 'unknown';
  if (familyOf(address) !== 'ipv4') return 'unknown';
  return !isPublic(address) || inNetwork(address, { address: upstream, prefix: 24 }) ? address : 'unknown';
}

/** The front router's forward for one mapping of ours, named after it. */
export interface FrontForward {
  readonly mapping: MappingId;
  readonly forward: ForwardId;
  readonly wanted: Forward;
}

export type FrontForwards = ReadonlyMap<ForwardId, FrontForward>;

/**
 * Forwards for the front router: everything ours holds, also while ours restarts. A port that ours refuses is of no
 * use there.
 * @param before the previous result
 */
export function frontForwards(
  { forwards, mappings }: Snapshot,
  client: InnerAddress,
  before: FrontForwards,
): FrontForwards {
  const byId = new Map(forwards.map((forward) => [forward.id, forward]));
  const next = new Map<ForwardId, FrontForward>();
  for (const { id: mapping, forward, family, transport, external, status } of mappings) {
    const wish = byId.get(forward);
    if (wish === undefined || family !== 'ipv4') continue;
    const id = asForwardId(mapping);
    const inner = innerPort(status) ?? (isUnderWay(status) ? before.get(id)?.wanted.internal.first : undefined);
    if (inner === undefined) continue;
    const { label, lease, ifTaken } = wish;
    const wanted: Forward = {
      id,
      label,
      transports: [transport],
      families: ['ipv4'],
      external: { first: external.port, last: external.port },
      internal: { first: inner, ...(client === 'unknown' ? {} : { client }) },
      ...(lease === undefined ? {} : { lease }),
      ifTaken,
    };
    next.set(id, { mapping, forward, wanted });
  }
  return next;
}

const innerPort = (status: MappingStatus): Port | undefined =>
  status.at === 'open' || status.at === 'renewing' ? status.lease.external.port : undefined;

const isUnderWay = ({ at }: MappingStatus): boolean => at === 'opening' || at === 'waiting';

export interface Upstream {
  readonly address: IpAddress;
  readonly client: InnerAddress | undefined;
  /** Absent until it is asked for anything. */
  readonly snapshot: Snapshot | undefined;
  /** Has a search for it ended? */
  readonly hasSearched: boolean;
  /** Our mapping and forward behind each of its forwards, those being closed included. */
  readonly known: FrontForwards;
}

/**
 * A port is open once both routers have opened it: it is reached at the outermost address and port. Where our router
 * reports a public address and nobody is in front of it, as on another network, ours alone counts.
 */
export function withUpstream(inner: Snapshot, upstream: Upstream): Snapshot {
  const { snapshot: outer } = upstream;
  const gateway = innerGateway(inner);
  const closed = closedProblem(inner, upstream);
  const front = outer?.gateways[0];
  const isAlone = closed !== undefined && upstream.client === 'unknown';
  const ofForward = new Map(outer?.mappings.map((mapping) => [mapping.forward, mapping]));
  const mappings = inner.mappings.map((mapping) => {
    if (mapping.family !== 'ipv4' || mapping.status.at === 'closing' || isAlone) return mapping;
    const beyond = ofForward.get(asForwardId(mapping.id));
    const means = [beyond, routerOf(mapping, inner), upstream.address, front?.id, outsideOf(front), closed?.since];
    const before = views.get(mapping);
    if (before?.means.every((each, at) => each === means[at]) === true) return before.view;
    const own: MappingHop = { router: routerOf(mapping, inner), ...hopOf(mapping.status) };
    const next: MappingHop = { router: upstream.address, ...hopOf(beyond?.status ?? { at: 'off' }) };
    const status = bothStatus(mapping, beyond?.status, { address: upstream.address, front, closed });
    const view = { ...mapping, status, hops: [own, next] };
    views.set(mapping, { means, view });
    return view;
  });
  const shown = new Set(inner.mappings.map(({ id }) => id));
  const closing = (outer?.mappings ?? []).flatMap((mapping) => {
    const of = upstream.known.get(mapping.forward);
    if (of === undefined || mapping.status.at !== 'closing' || shown.has(of.mapping)) return [];
    return [{ ...mapping, id: of.mapping, forward: of.forward }];
  });
  return {
    ...inner,
    revision: inner.revision + (outer?.revision ?? 0),
    gateways: inner.gateways.map((each) =>
      each !== gateway
        ? each
        : {
            ...each,
            externalAddress: isAlone ? each.externalAddress : outsideOf(front),
            upstream: {
              address: upstream.address,
              ...(front === undefined ? {} : { gateway: front }),
              ...(upstream.client === undefined ? {} : { client: upstream.client }),
            },
          },
    ),
    mappings: [...mappings, ...closing],
    problems: [
      // A problem that the router in front solves.
      ...inner.problems.filter(({ code, gateway: of }) => code !== 'behind-another-nat' || of !== gateway?.id),
      ...(closed === undefined ? [] : [closed]),
      ...(outer?.problems ?? []).filter(({ code }) => OF_UPSTREAM.has(code)).map((one) => ofOurs(one, upstream)),
    ],
  };
}

/** Lets an unchanged mapping be the same value in the next snapshot. By mapping of ours; `means`: all else that it is made of. */
const views = new WeakMap<MappingView, { readonly means: readonly unknown[]; readonly view: MappingView }>();

const outsideOf = (front: GatewayView | undefined): GatewayView['externalAddress'] =>
  front?.externalAddress ?? 'unknown';

/** The others are about this computer, and said once. */
const OF_UPSTREAM: ReadonlySet<Problem['code']> = new Set([
  'gateway-away',
  'behind-another-nat',
  'no-external-address',
  'storage-failed',
  'journal-unreadable',
]);

function routerOf({ status }: MappingView, inner: Snapshot): IpAddress | undefined {
  const gateway = 'lease' in status ? inner.gateways.find(({ id }) => id === status.lease.gateway) : undefined;
  return (gateway ?? innerGateway(inner))?.address;
}

function hopOf(status: MappingStatus): Omit<MappingHop, 'router'> {
  return { at: status.at, ...('lease' in status ? { external: status.lease.external } : {}) };
}

function bothStatus(
  { status: own, forward }: MappingView,
  beyond: MappingStatus | undefined,
  { address, front, closed }: { address: IpAddress; front: GatewayView | undefined; closed: Problem | undefined },
): MappingStatus {
  if (own.at !== 'open' && own.at !== 'renewing') return own;
  const since = own.lease.grantedAt;
  const about = { forward, front: address, ...(front === undefined ? {} : { gateway: front.id }) };
  switch (beyond?.at) {
    case 'open':
    case 'renewing': {
      const at = own.at === 'renewing' ? own.at : beyond.at;
      return { at, lease: bothLease(own.lease, beyond.lease, outsideOf(front)) };
    }
    case 'refused':
      return { ...beyond, problem: { ...beyond.problem, ...about } };
    case 'waiting':
      return {
        ...beyond,
        ...(beyond.problem === undefined ? {} : { problem: { ...beyond.problem, ...about } }),
        ...(closed === undefined ? {} : { problem: { ...closed, ...about } }),
      };
    case 'opening':
      return beyond;
    case 'off':
    case 'closing':
    case undefined:
      return closed === undefined ? { at: 'opening', since } : { at: 'waiting', for: 'gateway', problem: closed };
  }
}

const PROOFS: readonly LeaseView['evidence'][] = ['answered', 'read-back', 'traffic'];

/** As good as the worse of the two. */
function bothLease(inner: LeaseView, outer: LeaseView, outside: GatewayView['externalAddress']): LeaseView {
  const address = outer.external.address ?? parseIp(outside);
  const end = (one: EpochMs | 'never'): number => (one === 'never' ? Infinity : one);
  const expiresAt = Math.min(end(inner.expiresAt), end(outer.expiresAt));
  return {
    ...inner,
    external: { port: outer.external.port, ...(address === undefined ? {} : { address }) },
    renewAt: epochMs(Math.min(inner.renewAt, outer.renewAt)),
    expiresAt: Number.isFinite(expiresAt) ? epochMs(expiresAt) : 'never',
    evidence: PROOFS.indexOf(inner.evidence) < PROOFS.indexOf(outer.evidence) ? inner.evidence : outer.evidence,
  };
}

function closedProblem(inner: Snapshot, { address, client, snapshot, hasSearched }: Upstream): Problem | undefined {
  if (snapshot === undefined || !hasSearched || snapshot.gateways.length > 0) return undefined;
  const gateway = innerGateway(inner);
  const since = snapshot.problems[0]?.since ?? snapshot.at;
  const parameters = {
    router: address,
    gateway: gateway?.name ?? '',
    client: client === 'unknown' ? undefined : client,
  };
  const severity = inner.mappings.length === 0 || client === 'unknown' ? 'warning' : 'error';
  return problemOf('upstream-closed', parameters, since, { severity });
}

/** Its forwards are ours under another name. */
function ofOurs(problem: Problem, { known, address }: Upstream): Problem {
  const of = problem.forward === undefined ? undefined : known.get(problem.forward);
  return { ...problem, front: address, ...(of === undefined ? {} : { forward: of.forward }) };
}
