/** Is the router's address reachable from the internet? Distinguishes double NAT from the provider's NAT. */
import { familyOf, inNetwork, ip, likelyUpstream, parseIp, scopeOf, type IpAddress } from '../../contract/address.ts';
import { problemOf } from '../../contract/problems.ts';
import { parseProbePlace } from '../../contract/probe.ts';
import { inSeconds, port } from '../../contract/units.ts';
import { discover } from '../../gateways/discovery/discover.ts';
import type { Finding as FoundControl } from '../../gateways/gateway.ts';
import type { System } from '../../system/system.ts';
import { askStun } from '../../gateways/stun.ts';
import {
  finding,
  merged,
  problemFinding,
  type Check,
  type CheckFinding,
  type Examination,
  type KnownGateway,
} from '../examination.ts';

export const line: Check = async (examination, signal) => {
  // It takes a second: begun before it is known whether it is needed.
  const next = routerBeyond(examination.system, signal).catch(() => undefined);
  const seen = seenFromOutside(examination, signal);
  const gateway = await examination.defaultGateway();
  if (gateway === undefined) return [];
  const { externalAddress } = gateway;
  return externalAddress === 'none' || externalAddress === 'unknown'
    ? await judgedByWay(examination, gateway, await next, signal)
    : [
        ...(await judgedByAddress(examination, gateway, { external: externalAddress, next: await next, seen }, signal)),
        ...((await seen) === 'silent'
          ? [finding('hint', 'stun-silent', { server: examination.stunServer ?? '' })]
          : []),
      ];
};

/** Homes use them, providers do not: a router beyond ours that has one is another home router (RFC 1918). */
const isHomeRouter = (address: IpAddress): boolean => inNetwork(address, { address: ip('192.168.0.0'), prefix: 16 });

/** A second router of the home on the way out, whatever the first one reports; nothing where none is known.
 * @throws the signal's reason */
export async function homeRouterBeyond(system: System, signal: AbortSignal): Promise<IpAddress | undefined> {
  const beyond = await routerBeyond(system, signal).catch(() => undefined);
  signal.throwIfAborted();
  return beyond !== undefined && isHomeRouter(beyond) ? beyond : undefined;
}

async function judgedByAddress(
  examination: Examination,
  { name, id, upstream: known }: KnownGateway,
  {
    external,
    next,
    seen,
  }: { readonly external: IpAddress; readonly next: IpAddress | undefined; readonly seen: Promise<Seen> },
  signal: AbortSignal,
): Promise<readonly CheckFinding[]> {
  const about = { gateway: id };
  const scope = scopeOf(external);
  switch (scope) {
    case 'public':
    case 'documentation': {
      const told = await seen;
      const isConfirmed = told === external;
      if (next !== undefined && isHomeRouter(next) && next !== known?.address) {
        const upstream = await routerAt(examination, next, signal);
        return [finding('trouble', 'double-nat', { gateway: name, external: undefined, upstream }, about)];
      }
      if (told !== undefined && told !== 'silent' && !isConfirmed) {
        return [finding('trouble', 'other-address', { gateway: name, external, seen: told }, about)];
      }
      return [finding('fine', 'public-address', { gateway: name, external, isConfirmed }, about)];
    }
    case 'private': {
      const upstream = await routerAt(examination, next ?? likelyUpstream(external), signal, next !== undefined);
      return [finding('trouble', 'double-nat', { gateway: name, external, upstream }, about)];
    }
    case 'shared':
      return [finding('trouble', 'carrier-nat', { gateway: name, shared: external, isNext: false }, about)];
    default:
      return [finding('trouble', 'unusable-address', { gateway: name, external, scope }, about)];
  }
}

/** The router says no address: whose is the next one on the way out? */
async function judgedByWay(
  examination: Examination,
  { name, id, externalAddress }: KnownGateway,
  next: IpAddress | undefined,
  signal: AbortSignal,
): Promise<readonly CheckFinding[]> {
  const about = { gateway: id };
  const now = examination.system.clock.now();
  const isNone = externalAddress === 'none';
  const problem = isNone
    ? problemOf('no-external-address', { gateway: name }, now, about)
    : problemOf('external-address-unknown', { gateway: name }, now, { ...about, severity: 'info' });
  const scope = next === undefined ? undefined : scopeOf(next);
  if (next !== undefined && isNone && scope === 'shared') {
    const cause = finding('trouble', 'carrier-nat', { gateway: name, shared: next, isNext: true }, about);
    return [cause, problemFinding('trouble', problem)];
  }
  // Providers use private addresses for routers of their own: where nothing is wrong, that says nothing.
  if (next !== undefined && (isNone ? scope === 'private' : isHomeRouter(next))) {
    const upstream = await routerAt(examination, next, signal);
    const cause = finding('trouble', 'double-nat', { gateway: name, external: undefined, upstream }, about);
    return [cause, ...(isNone ? [problemFinding('trouble', problem)] : [])];
  }
  return [problemFinding(isNone ? 'trouble' : 'unknown', problem)];
}

type Seen = IpAddress | 'silent' | undefined;

/** By a STUN server, where the person chose one. Over IPv4: over IPv6 there is no NAT to find. */
async function seenFromOutside({ system, stunServer }: Examination, signal: AbortSignal): Promise<Seen> {
  const place = stunServer === undefined ? undefined : parseProbePlace(stunServer, STUN_PORT);
  if (place === undefined) return undefined;
  try {
    const literal = parseIp(place.host);
    const addresses = literal === undefined ? ((await system.addressesOf?.(place.host, signal)) ?? []) : [literal];
    const address = addresses.find((one) => familyOf(one) === 'ipv4');
    if (address === undefined) return 'silent';
    return (await askStun(system, { address, port: place.port }, signal)) ?? 'silent';
  } catch {
    return 'silent';
  }
}

/** RFC 8489 §18.6. */
const STUN_PORT = port(3478);

/** No host has it (RFC 5737): packets to it go the way to the internet, and end there. */
const NOBODY = ip('192.0.2.1');

/** The router beyond the default one; nothing where it does not say. @throws where it cannot be asked for */
async function routerBeyond(system: System, signal: AbortSignal): Promise<IpAddress | undefined> {
  const [first, second] = (await system.hops?.(NOBODY, 2, signal)) ?? [];
  return second === first ? undefined : second;
}

/** The router in front answers within its own network. */
const WINDOW = inSeconds(1);

/** @param isThere it has been seen; else only if it answers */
async function routerAt(
  { system, around }: Examination,
  address: IpAddress,
  signal: AbortSignal,
  isThere = true,
): Promise<{ readonly address: IpAddress; readonly protocols: KnownGateway['protocols'] } | undefined> {
  if (familyOf(address) !== 'ipv4') return undefined;
  const findings: FoundControl[] = [];
  const options = { protocol: 'auto', manual: address, remembered: [], window: WINDOW } as const;
  for await (const found of discover(system, options, around.memory, signal)) findings.push(found);
  const [upstream] = merged([], findings);
  const protocols = upstream?.protocols ?? [];
  return isThere || protocols.length > 0 ? { address, protocols } : undefined;
}
