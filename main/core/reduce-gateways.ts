/** Gateways found, heard of, gone and come back; the machine's own network. */
import type { IpAddress } from '../contract/address.ts';
import type { Vitals } from '../contract/mapping.ts';
import type { ControlKind, GatewayId } from '../contract/model.ts';
import type { Problem } from '../contract/problems.ts';
import { isSameNetwork, type GatewayFacts } from '../contract/snapshot.ts';
import { after, elapsed, epochMs, millis, type EpochMs, type Millis, type Seconds } from '../contract/units.ts';
import { approvalOf } from './approval.ts';
import {
  NOTHING_SPENT,
  ANNOUNCED_SEARCH_GAP,
  isQuiet,
  isTableChanging,
  nextHeartbeat,
  PROMPT_GAP,
  SWEEP_GAP,
  searchAgain,
  SPOT_SETTLE,
} from './schedule.ts';
import {
  abandonLease,
  askedAgain,
  doubtAll,
  lookAtAll,
  suspectLater,
  taken,
  unanswered,
  withControl,
  withEntry,
  withGateway,
  withMapping,
  withoutEntry,
} from './change.ts';
import {
  checkEpoch,
  checkUptime,
  beganAnew,
  NO_SIGNS,
  noteFit,
  noteSign,
  sawReaddress,
  sawRestart,
} from './restarts.ts';
import type { AnnouncedFacts, FoundFacts } from './events.ts';
import { adopt } from './reduce-wanted.ts';
import type { ControlState, GatewayState, HostFacts, Leftover, SearchFacts, State } from './state.ts';
import { isIn, networkOn } from './whose.ts';
import { closingControl, gatewaysFor } from './choose.ts';
import { isStandIn } from './first-word.ts';

/** Descriptions kept at one address besides the one in use. */
const LOCATIONS_KEPT = 8;

function withLocation(known: readonly string[], location: string | undefined): readonly string[] {
  return location === undefined || known.includes(location) ? known : [...known, location].slice(-LOCATIONS_KEPT);
}

export function reduceFound(before: State, found: FoundFacts, random: number): State {
  const { facts } = found;
  const { kind } = found.control;
  const known = before.gateways.get(found.gateway);
  const former = known?.controls.get(kind);
  const wasAway = known !== undefined && !known.reachable;
  const moved = known !== undefined && known.localAddress !== facts.localAddress && sameFamily(known, facts);
  // Remembered and not tried: good for a first request (X36), no sign of life of a gateway that we know. A remembered
  // pinhole control has been asked, and reports no vitals.
  const isUntried =
    kind !== 'pinhole' && found.control.foundBy === 'remembered' && Object.keys(found.vitals).length === 0;
  if (isUntried && known !== undefined && !moved) return before;
  const first = known === undefined || moved;
  const control: ControlState = {
    ...found.control,
    capabilities: found.capabilities,
    epoch: former?.epoch,
    uptime: former?.uptime,
    externalAddress: former?.externalAddress,
    connected: undefined,
    unread: first || wasAway ? undefined : former?.unread,
    foundAt: before.now,
    disabledUntil: undefined,
    vitalsAt: nextHeartbeat(before.now, 0, random, isQuiet(before, found.gateway, kind)),
    answeredFrom: isUntried ? (former?.answeredFrom ?? epochMs(0)) : before.now,
    prompted: false,
    failures: 0,
    mute: false,
    // Found amid trouble, it need not have answered this time.
    answersVitals: former?.answersVitals === true || Object.keys(found.vitals).length > 0,
    // Forgiven after a silence; a search that meets it again is no reason to believe it more (E5).
    findMisses: wasAway ? 0 : (former?.findMisses ?? 0),
    longestLease: former?.longestLease,
  };
  const gateway: GatewayState = {
    ...facts,
    // Only a description gives name and model, and what is remembered goes by the model.
    ...(known !== undefined && facts.name === '' ? { name: known.name } : {}),
    ...(known !== undefined && facts.model === '' ? { model: known.model, fingerprint: known.fingerprint } : {}),
    id: found.gateway,
    address: known?.address ?? facts.address,
    localAddress: first ? facts.localAddress : known.localAddress,
    isDefault: facts.isDefault || (known?.isDefault ?? false),
    controls: withEntry(moved ? new Map() : (known?.controls ?? new Map()), kind, control),
    externalAddress: known?.externalAddress ?? 'unknown',
    reachable: true,
    awaySince: undefined,
    lost: (known?.lost ?? []).filter((silent) => silent !== kind),
    refusesSince: undefined,
    spotAt: known?.spotAt ?? after(before.now, SPOT_SETTLE),
    spotLast: known?.spotLast,
    sweepAt: known?.sweepAt,
    sweptAt: known?.sweptAt,
    filledAt: known?.filledAt,
    firstLook: known?.firstLook ?? false,
    lookAt: undefined,
    lookUntil: known?.lookUntil,
    showsPxp: known?.showsPxp ?? false,
    spent: known?.spent ?? NOTHING_SPENT,
    bootId: known?.bootId,
    ownLocations: withLocation(known?.ownLocations ?? [], found.location),
    otherLocations: known?.otherLocations ?? [],
    searchedAt: known?.searchedAt,
    movedAt: known?.movedAt,
    announcedAt: known?.announcedAt,
    heardAt: before.now,
    promptedAt: known?.promptedAt,
    restarted: known?.restarted,
    backAt: known?.backAt,
    readdressedAt: known?.readdressedAt,
    signs: known?.signs ?? NO_SIGNS,
    falseRestarts: found.falseRestarts,
  };
  const search = { ...before.search, wrongUrl: found.wrongUrl ?? before.search.wrongUrl };
  let state: State = { ...before, search, gateways: withEntry(before.gateways, found.gateway, gateway) };
  if (wasAway) state = returned(state, found.gateway);
  // Meeting again what is there already is no news for what it has just failed to do.
  if (first || wasAway || former === undefined || former.detail !== control.detail) state = awaken(state);
  return readVitals(state, found.gateway, kind, found.vitals);
}

/** An IPv4 address of ours changed; an IPv6 control of the same gateway does not move it. */
function sameFamily(known: GatewayFacts, found: GatewayFacts): boolean {
  return known.localAddress.includes(':') === found.localAddress.includes(':');
}

/** Something new may serve what waited (back-off is forgotten on a recovery signal). */
function awaken(state: State): State {
  const mappings = state.mappings.mapped((mapping) => {
    if (mapping.lease !== undefined && mapping.lease.evidence !== 'asked') return mapping;
    if (mapping.notBefore === undefined || mapping.request !== undefined) return mapping;
    return mapping.refused ? askedAgain(mapping, state.now) : { ...mapping, notBefore: undefined };
  });
  return mappings === state.mappings ? state : { ...state, mappings };
}

/** It may have forgotten everything, and the controls that fell silent before it did are to be had again. */
export function returned(state: State, id: GatewayId): State {
  const next = withGateway(doubtAll(state, id), id, { backAt: state.now, bootId: undefined });
  return (next.gateways.get(id)?.lost.length ?? 0) > 0 ? searchNow(next) : next;
}

/** A sign that it lost what it holds; a restart, as far as it shows. */
function heed(before: State, id: GatewayId, kind: keyof GatewayState['signs'], isRestart = false): State {
  const gateway = before.gateways.get(id);
  if (gateway === undefined) return before;
  const { state, heedAt } = noteSign(before, gateway, kind);
  if (heedAt > state.now) return suspectLater(state, id, heedAt);
  const next = doubtAll(isRestart ? sawRestart(state, id) : state, id);
  return kind === 'announced' ? next : awaken(next);
}

export function reduceVitals(before: State, id: number, vitals: Vitals, random: number): State {
  const { state, request } = taken(before, id);
  if (request === undefined) return state;
  const gateway = state.gateways.get(request.gateway);
  if (gateway === undefined) return state;
  let next = withControl(state, gateway.id, request.control, {
    failures: 0,
    mute: false,
    answersVitals: true,
    prompted: false,
    vitalsAt: nextHeartbeat(state.now, 0, random, isQuiet(state, gateway.id, request.control)),
  });
  if (!gateway.reachable) {
    next = withGateway(next, gateway.id, { reachable: true, awaySince: undefined });
    next = awaken(returned(next, gateway.id));
  }
  return readVitals(next, gateway.id, request.control, vitals, request.since);
}

function readVitals(before: State, id: GatewayId, kind: ControlKind, vitals: Vitals, askedAt?: EpochMs): State {
  let state = before;
  if (vitals.epoch !== undefined) state = readEpoch(state, id, kind, vitals.epoch);
  if (vitals.uptime !== undefined) state = readUptime(state, id, kind, vitals.uptime, askedAt);
  if (vitals.connected !== undefined) state = withControl(state, id, kind, { connected: vitals.connected });
  if (vitals.externalAddress !== undefined) state = readAddress(state, id, kind, vitals.externalAddress);
  return state;
}

/** RFC 6887 §8.5, also for RFC 6886 §3.6: a server that lost its state, or may have (L21). */
export function readEpoch(state: State, id: GatewayId, kind: ControlKind, epoch: Seconds): State {
  const control = state.gateways.get(id)?.controls.get(kind);
  if (control === undefined) return state;
  const reading = { epoch, at: millis(state.now) };
  const verdict = checkEpoch(control.epoch, reading);
  let next = withControl(state, id, kind, { epoch: reading });
  if (verdict === 'same') return noteFit(next, id);
  // It may be another address (L21), which PCP reports with a mapping only.
  if (kind === 'pcp') next = withControl(prompt(next, id), id, kind, { vitalsAt: control.vitalsAt });
  const isNew = control.epoch !== undefined && beganAnew(state, epoch, control.epoch.epoch, epochMs(control.epoch.at));
  return heed(next, id, 'answered', isNew);
}

function readUptime(
  state: State,
  id: GatewayId,
  kind: ControlKind,
  uptime: Seconds,
  askedAt: EpochMs | undefined,
): State {
  const before = state.gateways.get(id)?.controls.get(kind)?.uptime;
  const onItsWay = askedAt === undefined ? undefined : elapsed(askedAt, state.now);
  const { verdict, reading } = checkUptime(before, { seconds: uptime, at: state.now }, onItsWay);
  const next = withControl(state, id, kind, { uptime: reading });
  if (verdict === 'unknown' || before === undefined) return next;
  if (verdict === 'same') return noteFit(next, id);
  return heed(next, id, 'answered', beganAnew(state, uptime, before.seconds, before.at));
}

/** A control that reports another address than before; what another control reports is no change. */
export function readAddress(
  state: State,
  id: GatewayId,
  kind: ControlKind,
  address: IpAddress | 'none' | 'unknown',
): State {
  const gateway = state.gateways.get(id);
  const control = gateway?.controls.get(kind);
  if (gateway === undefined || control === undefined) return state;
  const before = control.externalAddress;
  if (before === address) return state;
  let next = withControl(state, id, kind, { externalAddress: address });
  for (const other of gateway.controls.values()) {
    // Reported before the change, and not asked since.
    if (other.kind !== kind && other.externalAddress === before)
      next = withControl(next, id, other.kind, { externalAddress: undefined });
  }
  next = withGateway(next, id, { externalAddress: agreedAddress(next, gateway, address) });
  if (before === undefined) return next;
  next = heed(sawReaddress(next, id), id, 'answered');
  if (address === 'none' || address === 'unknown') return next;
  const mappings = next.mappings.mapped((mapping) => {
    const { lease } = mapping;
    if (lease?.gateway !== id || lease.family !== 'ipv4' || lease.external.address === undefined) return mapping;
    return { ...mapping, lease: { ...lease, external: { ...lease.external, address } } };
  });
  return { ...next, mappings };
}

/** The gateway's address as long as one control still reports it, else the one just reported, else any reported one. */
function agreedAddress(
  state: State,
  gateway: GatewayState,
  told: IpAddress | 'none' | 'unknown',
): GatewayState['externalAddress'] {
  const controls = state.gateways.get(gateway.id)?.controls.values() ?? [];
  const all = [...controls].flatMap(({ externalAddress }) => externalAddress ?? []);
  const real = all.filter((address) => address !== 'none' && address !== 'unknown');
  const { externalAddress } = gateway;
  if (externalAddress !== 'unknown' && externalAddress !== 'none' && real.includes(externalAddress))
    return externalAddress;
  if (told !== 'none' && told !== 'unknown') return told;
  return real[0] ?? (all.includes('none') ? 'none' : 'unknown');
}

/** Untrusted: it starts a check, nothing more. */
export function reduceAnnounced(before: State, announced: AnnouncedFacts): State {
  const toAll = announced.kind !== 'event' && announced.kind !== 'table';
  const known = [...before.gateways.values()].find(({ address }) => address === announced.from);
  const state = known === undefined || !toAll ? before : withGateway(before, known.id, { announcedAt: before.now });
  const gateway = known && state.gateways.get(known.id);
  if (gateway === undefined) {
    // A router we do not know: worth a search when something waits for one.
    const isRouter = state.host?.defaultRouters?.some(({ address }) => address === announced.from) === true;
    const waits = [...state.mappings.values()].some(({ spec }) => {
      const [serving] = gatewaysFor(state, spec);
      return serving === undefined || (isRouter && isStandIn(state, spec, serving));
    });
    return waits && announced.kind !== 'byebye' && !state.search.running ? searchNow(state) : state;
  }
  if (announced.kind === 'table') return tableShrank(state, gateway);
  if (announced.kind !== 'alive') return checkSoon(state, gateway);
  const { location, bootId } = announced;
  const isOwn = location === undefined || gateway.ownLocations.includes(location);
  if (!isOwn && gateway.otherLocations.includes(location)) return gateway.reachable ? state : checkSoon(state, gateway);
  const otherLocations = isOwn ? gateway.otherLocations : withLocation(gateway.otherLocations, location);
  const newBoot = isOwn && bootId !== undefined && bootId !== gateway.bootId;
  let next = withGateway(state, gateway.id, { otherLocations, ...(newBoot ? { bootId } : {}) });
  if (isOwn && !newBoot && gateway.reachable) return next;
  next = checkSoon(next, gateway);
  // The first boot id that is heard may be a new one: the check decides.
  const restarted = newBoot && gateway.bootId !== undefined;
  if (restarted) next = sawRestart(next, gateway.id, true);
  if (gateway.reachable && isOwn && !restarted) return next;
  const searched = gateway.searchedAt;
  if (gateway.reachable && searched !== undefined && state.now < after(searched, ANNOUNCED_SEARCH_GAP)) return next;
  if (restarted) next = heed(next, gateway.id, 'announced');
  return searchNow(withGateway(next, gateway.id, { searchedAt: state.now }));
}

/** What an entry that is gone may have been the reason for. */
const IN_THE_WAY: ReadonlySet<Problem['code']> = new Set<Problem['code']>([
  'conflict',
  'conflict-in-router',
  'one-per-internal-port',
  'one-transport',
]);

/** The lost entries may be ours, or those that stand in our way. Our own tries may be what changes the table: none follows
 * another at once. */
function tableShrank(before: State, gateway: GatewayState): State {
  const { id, sweptAt } = gateway;
  const mappings = before.mappings.mapped((mapping) => {
    const { refused, problem, request, since, notBefore } = mapping;
    if (!refused || request !== undefined || problem === undefined || !IN_THE_WAY.has(problem.code)) return mapping;
    if (gatewaysFor(before, mapping.spec)[0]?.id !== id) return mapping;
    const soonest = after(since, SWEEP_GAP);
    if (notBefore !== undefined && notBefore <= soonest) return mapping;
    return { ...mapping, notBefore: soonest < before.now ? before.now : soonest };
  });
  const state = { ...before, mappings };
  // No more than what we do ourselves, most likely. It is counted again later.
  if (isTableChanging(state, gateway, state.now)) return state;
  const soonest = sweptAt === undefined ? state.now : after(sweptAt, SWEEP_GAP);
  return sweep(withGateway(state, id, { sweepAt: soonest < state.now ? state.now : soonest }));
}

/** Looks at everything due for a look by now. */
export function sweep(before: State): State {
  let state = before;
  for (const { id, sweepAt } of before.gateways.values()) {
    if (sweepAt === undefined || sweepAt > state.now) continue;
    state = lookAtAll(withGateway(state, id, { sweepAt: undefined, sweptAt: state.now }), id);
  }
  return state;
}

/** At most once in a while, however much is announced. */
function checkSoon(state: State, gateway: GatewayState): State {
  const soonest = gateway.promptedAt === undefined ? state.now : after(gateway.promptedAt, PROMPT_GAP);
  const tooSoon = gateway.reachable && state.now < soonest;
  const next = prompt(state, gateway.id, tooSoon ? soonest : state.now);
  return tooSoon ? next : withGateway(recalled(next, gateway), gateway.id, { promptedAt: state.now });
}

/** A request that is as old was most likely sent while nobody listened, and is repeated ever more rarely. */
const LEFT_LYING: Millis = millis(500);

/** Requests that have waited since before the gateway's last answer are taken back, to be sent again at once. */
function recalled(before: State, { id, heardAt }: GatewayState): State {
  let state = before;
  for (const request of before.requests.values()) {
    const { gateway, since, asked, mapping: of, kind } = request;
    if (gateway !== id || since < heardAt || before.now < after(since, LEFT_LYING)) continue;
    ({ state } = taken(state, request.id));
    const mapping = of === undefined ? undefined : state.mappings.get(of);
    if (kind === 'open' && mapping !== undefined)
      state = withMapping(state, mapping.spec.id, { ...unanswered(mapping, asked, state.now), notBefore: undefined });
  }
  return state;
}

/** Check this gateway at `moment`, if not sooner. */
function prompt(state: State, id: GatewayId, moment: EpochMs = state.now): State {
  const gateway = state.gateways.get(id);
  if (gateway === undefined) return state;
  const controls = new Map(gateway.controls);
  const sooner = (planned: EpochMs): EpochMs => (planned < moment ? planned : moment);
  for (const [kind, control] of controls)
    controls.set(kind, { ...control, vitalsAt: sooner(control.vitalsAt), prompted: true });
  return withGateway(state, id, { controls, spotAt: sooner(gateway.spotAt) });
}

export function searchNow(state: State): State {
  return { ...state, search: { ...state.search, nextAt: state.now, fruitless: 0 } };
}

export function reduceSearchStarted(state: State): State {
  const routersAskedAt = state.search.routersAskedAt ?? state.now;
  return {
    ...state,
    search: {
      ...state.search,
      running: true,
      since: state.now,
      nextAt: undefined,
      routersAskedAt,
      isNobodyThere: false,
    },
  };
}

const routersText = ({ defaultRouters = [] }: HostFacts): string =>
  defaultRouters.map(({ family, interfaceName, address }) => `${family} ${interfaceName} ${address}`).join();

export function reduceNetwork(before: State, host: HostFacts): State {
  const former = before.host;
  let state: State = { ...before, host };
  const sameNetwork = former === undefined || isSameNetwork(former.network, host.network);
  if (!sameNetwork || former === undefined || routersText(former) !== routersText(host)) {
    state = { ...state, search: { ...state.search, routersAskedAt: undefined } };
  }
  for (const gateway of before.gateways.values()) {
    const { interfaceName, localAddress } = gateway;
    // One that we reach through a NAT sees us by an address of that one.
    const isNear = former?.interfaces.get(interfaceName)?.includes(localAddress) ?? true;
    const own = host.interfaces.get(interfaceName);
    const isStillThere = isNear ? own?.includes(localAddress) : own !== undefined;
    const isLeft =
      former !== undefined && !isSameNetwork(networkOn(former, interfaceName), networkOn(host, interfaceName));
    if (isStillThere !== true || (isLeft && (gateway.isDefault || !isNear))) {
      state = forget(state, gateway.id);
      continue;
    }
    state = prompt(state, gateway.id);
    if (former !== undefined && former.publicIpv6.get(interfaceName) !== host.publicIpv6.get(interfaceName))
      state = withGateway(state, gateway.id, { movedAt: state.now });
  }
  const mappings = state.mappings.mapped((mapping) =>
    mapping.request === undefined ? askedAgain(mapping, state.now) : mapping,
  );
  state = adopt({ ...state, mappings });
  // A running search uses the addresses of before: the next one starts when it ends.
  return searchNow(state);
}

/** Entries taken for ours by the addresses alone may belong to another network with the same ones. */
export function reduceNetworkNamed(before: State, network: string): State {
  const { host } = before;
  if (host === undefined || !isSameNetwork(host.network, network)) return before;
  const { defaultRouters = [] } = host;
  const named = defaultRouters.map((router) => (router.network === host.network ? { ...router, network } : router));
  let state: State = {
    ...before,
    host: { ...host, network, ...(host.defaultRouters === undefined ? {} : { defaultRouters: named }) },
  };
  for (const mapping of before.mappings.values()) {
    const { lease, spec } = mapping;
    if (lease === undefined || !isSameNetwork(lease.network, host.network)) continue;
    if (!isSameNetwork(lease.network, network)) state = abandonLease(state, mapping);
    else if (lease.evidence !== 'asked') state = withMapping(state, spec.id, { lease: { ...lease, network } });
  }
  return adopt(state);
}

/** Its entries are still there, and are closed should we meet it again. */
function forget(before: State, id: GatewayId): State {
  let state: State = { ...before, gateways: withoutEntry(before.gateways, id) };
  for (const mapping of before.mappings.values()) {
    if (mapping.lease?.gateway === id) state = abandonLease(state, mapping);
  }
  return state;
}

export function reduceWoke(before: State): State {
  let state: State = { ...before, wokeAt: before.now };
  for (const id of before.gateways.keys()) state = prompt(state, id);
  return awaken(searchNow(state));
}

/** Ours to close on this network, and nobody there to close it with. */
function isStranded(state: State, leftover: Leftover): boolean {
  const { lease, kept } = leftover;
  if (kept || state.host === undefined || !isIn(state.host, lease.network)) return false;
  const gateway = state.gateways.get(lease.gateway);
  return gateway === undefined || !gateway.reachable || closingControl(gateway, leftover) === undefined;
}

/** A control that is not back by then was switched off. */
const SEARCHES_FOR_LOST = 10;

/** A first answer: why, as far as it shows. Where no router is there at all nothing more is waited for. */
export function reduceSearchSilent(state: State, summary: SearchFacts): State {
  const isNobodyThere = !summary.routers.some(({ alive }) => alive);
  // A router that asked for a password before is asked later in each search.
  const known = state.search.summary?.routers ?? [];
  const routers = summary.routers.map((router) => {
    const isGuarded = known.some(({ address, guarded }) => guarded === true && address === router.address);
    return isGuarded ? { ...router, guarded: true } : router;
  });
  return { ...state, search: { ...state.search, summary: { ...summary, routers }, isNobodyThere } };
}

export function reduceSearchEnded(state: State, summary: SearchFacts | undefined, random: number): State {
  // A search that was broken off found nothing out.
  if (summary === undefined) return { ...state, search: { ...state.search, running: false, since: undefined } };
  const mayOpen = approvalOf(state) !== 'refused';
  const wanting =
    [...state.mappings.values()].some((mapping) => {
      if (!mayOpen) return false;
      const [gateway] = gatewaysFor(state, mapping.spec);
      // A wish that no gateway here can fulfil is asked for again later.
      if (gateway === undefined) return !mapping.refused;
      return !gateway.reachable || (mapping.lease !== undefined && isStandIn(state, mapping.spec, gateway));
    }) ||
    [...state.leftovers.values()].some((leftover) => isStranded(state, leftover)) ||
    // Its lease may be renewable only by the control that fell silent (P15).
    (state.search.fruitless < SEARCHES_FOR_LOST && [...state.gateways.values()].some(({ lost }) => lost.length > 0));
  const fruitless = wanting ? state.search.fruitless + 1 : 0;
  const asked = state.search.nextAt;
  const nextAt = wanting ? searchAgain(state.now, fruitless, random) : undefined;
  return {
    ...state,
    search: {
      ...state.search,
      running: false,
      since: undefined,
      summary,
      wrongUrl: summary.wrongUrl,
      fruitless,
      completed: state.search.completed + 1,
      nextAt: asked ?? nextAt,
    },
  };
}
