/**
 * Actions due now, and when to look again: a pure function of the state. Whatever it plans is reduced as
 * `started` before it is called again, so asking twice without an event yields nothing new.
 */
import type { MappingHandle, MappingKey, MappingWish } from '../contract/mapping.ts';
import { mappingIdOf, type ControlKind, type GatewayId, type MappingId } from '../contract/model.ts';
import { after, elapsed, epochMs, inSeconds, millis, type EpochMs, type Port } from '../contract/units.ts';
import { approvalOf, type Approval } from './approval.ts';
import { affordableAt, defaultLease, expiryMoment, RENEW_TOGETHER, speaksForPcp, SPOT_SETTLE } from './schedule.ts';
import { clientOf, closingControl, controlsFor, findingControl, gatewaysFor, isMoving, isPinned } from './choose.ts';
import {
  blockedBy,
  expiryOf,
  hasValidLease,
  innerPlaceOf,
  isAlike,
  isClosedAlike,
  leftoverDigests,
  mappingDigests,
  type Bunch,
  type Held,
  type LeftoverDigest,
  type MappingDigest,
} from './digest.ts';
import { descriptionOf } from './expand.ts';
import { awaitedUntil, firstWordUntil, standingOf, upnpExpectedUntil } from './first-word.ts';
import { problemOf, type Problem } from '../contract/problems.ts';
import {
  outerPlaceOf,
  type Action,
  type ControlState,
  type GatewayState,
  type Lease,
  type Leftover,
  type MappingState,
  type State,
} from './state.ts';
import { isIn, networkOn } from './whose.ts';

export interface Plan {
  readonly actions: readonly Action[];
  /** Mappings for which nothing can be asked; without a problem, for what the controls said. */
  readonly givenUp: readonly { readonly mapping: MappingId; readonly problem: Problem | undefined }[];
  readonly wakeAt: EpochMs | undefined;
}

export function plan(state: State): Plan {
  const turn = new Planner(state);
  turn.heartbeats();
  turn.mappings();
  turn.inTurn();
  turn.lookups();
  turn.spotChecks();
  turn.firstWord();
  turn.search();
  return { actions: turn.actions, givenUp: turn.givenUp, wakeAt: turn.wakeAt };
}

/** IGD and pinholes are one server: a request in flight to one counts for the other (X32). */
const serverOf = (kind: ControlKind): string => (kind === 'pinhole' ? 'igd' : kind);

class Planner {
  readonly actions: Action[] = [];
  readonly givenUp: { mapping: MappingId; problem: Problem | undefined }[] = [];
  wakeAt: EpochMs | undefined;
  readonly #state: State;
  readonly #now: EpochMs;
  readonly #approval: Approval;
  readonly #inFlight = new Map<string, number>();
  readonly #spent = new Map<string, number>();
  readonly #candidates = new Map<string, readonly GatewayState[]>();
  readonly #inUse = new Set<string>();
  /** Gateways that hold something of ours, by whichever control. */
  readonly #holding = new Set<GatewayId>();
  /** Where something is being closed: it is not opened meanwhile. */
  readonly #blocked: Set<string>;
  readonly #mappings: readonly MappingDigest[];
  readonly #leftovers: readonly LeftoverDigest[];
  /** Where something is being opened: it is neither closed nor opened again meanwhile. */
  readonly #opening = new Set<string>();
  /** Gateways whose table is being looked into, or will be by this very plan. */
  readonly #looking = new Set<GatewayId>();
  /** Controls whose vital signs are being asked for. */
  readonly #beating = new Set<string>();
  /** Asked for in this very plan. */
  readonly #busy = new Set<MappingId>();
  /** Work by chunk, in their order. */
  readonly #doubted: Bunch<Held>[] = [];
  readonly #renewed: Bunch<Held>[] = [];
  readonly #due: Bunch<MappingState>[] = [];
  readonly #wanting: Bunch<MappingState>[] = [];
  readonly #unnamed: Bunch<MappingState>[] = [];
  /** One of each kind for which there is nothing more to be asked now. */
  readonly #notOpened: MappingState[] = [];
  readonly #notClosed: Leftover[] = [];
  readonly #notNamed: MappingState[] = [];
  /** Gateways of which something is due: what will be before then goes with it. */
  readonly #renewUntil = new Map<GatewayId, EpochMs>();
  #request: number;
  #searchNeeded = false;

  constructor(state: State) {
    this.#state = state;
    this.#now = state.now;
    this.#approval = approvalOf(state);
    this.#request = state.nextRequest;
    this.#blocked = new Set(state.removing);
    for (const request of state.requests.values()) {
      this.#count(request.gateway, request.control, 1);
      if (request.asked !== undefined) this.#opening.add(outerPlaceOf(request.asked));
      if (request.kind === 'find') this.#looking.add(request.gateway);
      if (request.kind === 'vitals') this.#beating.add(`${request.gateway}|${request.control}`);
    }
    this.#mappings = mappingDigests(state);
    this.#leftovers = leftoverDigests(state);
    for (const { leases, lineless } of this.#mappings) {
      for (const lease of leases) this.#use(lease);
      // A mapping that waits for a line to come up is to hear of it.
      for (const id of lineless) {
        for (const kind of state.gateways.get(id)?.controls.keys() ?? [])
          if (kind !== 'pcp' && kind !== 'pinhole') this.#inUse.add(`${id}|${kind}`);
      }
    }
    if (state.watchesAddress && this.#approval === 'approved') this.#watchAddress(state);
    for (const { leases } of this.#leftovers) for (const lease of leases) if (this.#isHere(lease)) this.#use(lease);
  }

  /** By the heartbeat of one control, where none of that router beats already. */
  #watchAddress({ gateways }: State): void {
    for (const { id, isDefault, controls } of gateways.values()) {
      const kinds = [...controls.keys()];
      if (!isDefault && gateways.size > 1) continue;
      if (kinds.some((kind) => this.#inUse.has(`${id}|${kind}`))) continue;
      const teller = kinds.find((kind) => controls.get(kind)?.externalAddress !== undefined);
      if (teller !== undefined) this.#inUse.add(`${id}|${teller}`);
    }
  }

  #use({ gateway, control }: Lease): void {
    this.#inUse.add(`${gateway}|${control}`);
    this.#holding.add(gateway);
  }

  /** The same address in another network is another router. */
  #isHere({ network }: Lease): boolean {
    const { host } = this.#state;
    return host === undefined || isIn(host, network);
  }

  #isBlocked(place: string): boolean {
    if (this.#blocked.has(place)) return true;
    return this.#leftovers.some(({ blocked }) =>
      blocked.some((leases) => leases.get(place)?.some((lease) => this.#isHere(lease))),
    );
  }

  heartbeats(): void {
    for (const gateway of this.#state.gateways.values()) {
      // Once the control that holds something fell silent, the others have to show whether the gateway is still there.
      const isOne = speaksForPcp(gateway);
      const isInUse = (kind: ControlKind): boolean => this.#inUse.has(`${gateway.id}|${kind}`);
      const isAsked = (kind: ControlKind): boolean => isInUse(kind) || (kind === 'nat-pmp' && isOne && isInUse('pcp'));
      const isOrphaned = this.#holding.has(gateway.id) && ![...gateway.controls.keys()].some(isAsked);
      for (const control of gateway.controls.values()) {
        const isDoubted = control.failures > 0;
        const isWanted = gateway.firstLook && control.externalAddress !== undefined;
        if (!isAsked(control.kind) && !isOrphaned && !isDoubted && !isWanted && gateway.reachable) continue;
        if (control.mute && gateway.reachable) continue;
        if (control.kind === 'pcp' && isOne && !isDoubted && !control.prompted && gateway.reachable) continue;
        if (this.#beating.has(`${gateway.id}|${control.kind}`) || !this.#reached(control.vitalsAt)) continue;
        // Paced separately: other requests must not keep us from hearing that the gateway is gone, or back.
        if (!this.#mayAsk(gateway, control, true)) continue;
        const whole = control.prompted || isDoubted || !gateway.reachable;
        this.#ask(gateway, control, (request) => ({ do: 'vitals', ...request, whole }));
      }
    }
  }

  /** Sorts the mappings by what they need. */
  mappings(): void {
    for (const digest of this.#mappings) {
      this.#wakeAtEndOf(digest);
      this.#unnamed.push(digest.holderWanted);
      this.#wanting.push(...digest.wanting);
      for (const mapping of digest.heldByOther.members) this.#sortRefused(mapping);
      this.#doubted.push(this.#inPlace(digest.doubted));
      this.#renewed.push(this.#inPlace(digest.renewed));
    }
    const due = new Set<GatewayId>();
    for (const bunch of this.#renewed) {
      const { first, kinds } = bunch;
      if (first === undefined || first.lease.renewAt > this.#now) continue;
      if (kinds.every(({ lease }) => due.has(lease.gateway))) continue;
      for (const { lease } of bunch.members) {
        if (lease.renewAt > this.#now) break;
        due.add(lease.gateway);
      }
    }
    for (const gateway of due) this.#renewUntil.set(gateway, after(this.#now, RENEW_TOGETHER));
    for (const { first } of this.#renewed) {
      if (first !== undefined && !this.#isDue(first)) this.#wake(first.lease.renewAt);
    }
  }

  #wakeAtEndOf({ until, firstExpiry }: MappingDigest | LeftoverDigest): void {
    for (const moment of [until, firstExpiry]) if (Number.isFinite(moment)) this.#wake(epochMs(moment));
  }

  /** Refused for somebody whose entry was seen. */
  #sortRefused(mapping: MappingState): void {
    if (this.#canLook(mapping)) this.#unnamed.push(only(mapping));
    else if (!hasValidLease(mapping, this.#now)) this.#wanting.push(only(mapping));
    else if (this.#isMisplaced(mapping)) this.#due.push(only(mapping));
    else if (mapping.doubted) this.#doubted.push(only(mapping));
    else this.#renewed.push(only(mapping));
  }

  /** But for those that are to be had elsewhere: they are asked for there now. */
  #inPlace(bunch: Bunch<Held>): Bunch<Held> {
    const misplaced = bunch.kinds.filter((kind) => this.#isMisplaced(kind));
    if (misplaced.length === 0) return bunch;
    const isStaying = (one: Held): boolean => !misplaced.some((kind) => isAlike(kind, one));
    const all = [...bunch.members];
    const members = all.filter((one) => !isStaying(one)).toSorted(byExpiry);
    this.#due.push({ members, first: members[0], kinds: misplaced });
    const left = all.filter(isStaying);
    return { members: left, first: left[0], kinds: bunch.kinds.filter(isStaying) };
  }

  #isMisplaced(mapping: Held): boolean {
    return this.#isOutranked(mapping) || this.#isMoved(mapping);
  }

  #isDue({ lease }: Held): boolean {
    return lease.renewAt <= (this.#renewUntil.get(lease.gateway) ?? this.#now);
  }

  #canLook(mapping: MappingState): boolean {
    return this.#gatewaysFor(mapping).some((gateway) => gateway.reachable && findingControl(gateway) !== undefined);
  }

  /** Looks, closings, renewals and openings: whichever are first take what room there is, so they are first in turn. */
  inTurn(): void {
    const work = [
      () => this.#doubts(),
      () => this.#closings(),
      () => this.#renewals(this.#due, this.#renewed),
      () => this.#openings(),
    ];
    // Scattered by the golden ratio (Fibonacci hashing): other gateways' requests count as well, and at a fixed distance one kind
    // would always be first here.
    const first = Math.imul(this.#request, 0x9e_37_79_b1) >>> 30;
    for (const part of [...work.slice(first), ...work.slice(0, first)]) part();
  }

  /** Asking again must not cut what works: it is looked at. Where that is impossible, it is requested again. */
  #doubts(): void {
    const due: Bunch<MappingState>[] = [];
    const verdicts = new Map<GatewayId, 'no more' | 'due'>();
    for (const bunch of this.#doubted) {
      if (bunch.first === undefined) continue;
      const [verdict, ...others] = new Set(bunch.kinds.map(({ lease }) => verdicts.get(lease.gateway)));
      if (verdict === 'due' && others.length === 0) due.push(bunch);
      if (verdict !== undefined && others.length === 0) continue;
      for (const mapping of bunch.members) {
        const { gateway } = mapping.lease;
        const known = verdicts.get(gateway);
        const next = known ?? this.#lookAtDoubted(mapping, due);
        if (next !== undefined) verdicts.set(gateway, next);
        if (next === 'due') due.push(only(mapping));
      }
    }
    this.#renewals(due, []);
  }

  /** @returns what holds for all of its gateway */
  #lookAtDoubted(mapping: Held, due: Bunch<MappingState>[]): 'no more' | 'due' | undefined {
    const { lease, spec } = mapping;
    const gateway = this.#state.gateways.get(lease.gateway);
    const control = gateway === undefined ? undefined : findingControl(gateway);
    if (gateway === undefined || control === undefined) {
      const isExpected = gateway?.lookUntil !== undefined && gateway.lost.includes('igd');
      return isExpected && !this.#reached(gateway.lookUntil) ? 'no more' : 'due';
    }
    if (gateway.lookAt !== undefined && !this.#reached(gateway.lookAt)) return 'no more';
    if (!gateway.reachable) {
      if (this.#reached(lease.renewAt)) due.push(only(mapping));
      return undefined;
    }
    if (gateway.firstLook && this.#looking.has(gateway.id)) return 'no more';
    if (!this.#mayAsk(gateway, control)) return 'no more';
    this.#look(gateway, control, { mapping: spec.id, lease, afresh: gateway.firstLook });
    return undefined;
  }

  #closings(): void {
    for (const digest of this.#leftovers) {
      this.#wakeAtEndOf(digest);
      this.#eachAskable(digest.closable, this.#notClosed, isClosedAlike, (leftover) => this.#close(leftover));
    }
  }

  #close(leftover: Leftover): 'none alike' | undefined {
    const { lease } = leftover;
    if (this.#state.host === undefined || !this.#isHere(lease)) return 'none alike';
    const gateway = this.#state.gateways.get(lease.gateway);
    const control = gateway === undefined ? undefined : closingControl(gateway, leftover);
    if (gateway === undefined || control === undefined || !gateway.reachable) {
      this.#searchNeeded = true;
      return 'none alike';
    }
    // Closing what was opened is never put off for the budget; closing it again is.
    if (!this.#mayAsk(gateway, control, leftover.tries === 0)) return 'none alike';
    if (this.#opening.has(outerPlaceOf(lease))) return undefined;
    for (const place of blockedBy(lease)) this.#blocked.add(place);
    this.#ask(gateway, control, (request) => ({
      do: 'close',
      ...request,
      leftover: leftover.key,
      key: keyOf(lease),
    }));
    return undefined;
  }

  #renewals(due: readonly Bunch<MappingState>[], renewed: readonly Bunch<Held>[]): void {
    if (this.#approval !== 'approved') return;
    this.#openInRounds(due, () => true);
    this.#openInRounds(renewed, (mapping) => this.#isDue(mapping));
  }

  #openings(): void {
    if (this.#approval !== 'approved') return;
    // Where each takes its time, those that fail again and again do not keep the others from their first try.
    for (const bunch of this.#wanting.toSorted(byTries)) {
      this.#eachAskable(bunch, this.#notOpened, isAlike, (mapping) => this.#open(mapping));
    }
  }

  /** The earliest end comes first, one of each bunch in turn. */
  #openInRounds<Member extends MappingState>(
    bunches: readonly Bunch<Member>[],
    isDue: (mapping: Member) => boolean,
  ): void {
    const isExhausted = (one: MappingState): boolean => this.#notOpened.some((kind) => isAlike(kind, one));
    const isLeft = ({ kinds }: Bunch<Member>, next: Member | undefined): boolean =>
      next !== undefined && isDue(next) && !kinds.every(isExhausted);
    let left = bunches
      .filter((bunch) => isLeft(bunch, bunch.first))
      .map((bunch) => ({ bunch, members: bunch.members[Symbol.iterator]() }));
    while (left.length > 0) {
      const heads = left.map((each) => ({ ...each, next: each.members.next() }));
      const round = heads.filter(({ bunch, next }) => next.done !== true && isLeft(bunch, next.value));
      const members = round.flatMap(({ next }) => (next.done === true ? [] : next.value));
      for (const mapping of members.toSorted(byExpiry)) {
        if (!isExhausted(mapping) && this.#open(mapping) === 'none alike') this.#notOpened.push(mapping);
      }
      left = round;
    }
  }

  /** Asks for each until there is nothing more to be had for its kind. */
  #eachAskable<Member>(
    bunch: Bunch<Member>,
    exhausted: Member[],
    areAlike: (one: Member, other: Member) => boolean,
    ask: (member: Member) => 'none alike' | undefined,
  ): void {
    const isExhausted = (one: Member): boolean => exhausted.some((kind) => areAlike(kind, one));
    if (bunch.kinds.every(isExhausted)) return;
    for (const member of bunch.members) {
      if (isExhausted(member) || ask(member) === undefined) continue;
      exhausted.push(member);
      if (bunch.kinds.every(isExhausted)) return;
    }
  }

  #open(mapping: MappingState): 'none alike' | undefined {
    const { spec } = mapping;
    const gateway = this.#gatewayFor(mapping);
    if (gateway !== undefined && this.#waitsForRouter(mapping, gateway)) return 'none alike';
    if (gateway === undefined || !gateway.reachable) this.#searchNeeded = true;
    if (gateway === undefined) return this.#giveUpFamily(mapping);
    if (!gateway.reachable && !this.#mayBeAnswered(mapping, gateway))
      return mapping.lease === undefined ? 'none alike' : undefined;
    const [control] = controlsFor(this.#state, mapping, gateway);
    if (control === undefined) {
      // A gateway that is away does not count as unable.
      return gateway.reachable ? this.#giveUp(mapping, gateway) : undefined;
    }
    const client = clientOf(spec, gateway, this.#state.host);
    if (client === undefined) {
      const parameters = { transport: spec.transport, port: spec.external.port, family: spec.family };
      const problem = problemOf('wrong-family', parameters, this.#now, { forward: spec.forward });
      this.givenUp.push({ mapping: spec.id, problem });
      return undefined;
    }
    const held =
      mapping.lease?.gateway === gateway.id && mapping.lease.internal.client === client ? mapping.lease : undefined;
    const known = held && ([held, ...mapping.mayBeHeld].find((lease) => lease.control === control.kind) ?? held);
    const sibling = this.#siblingOf(mapping, gateway);
    if (held === undefined && sibling === 'first') return undefined;
    const fixed = typeof sibling === 'number' ? sibling : undefined;
    const port = held?.external.port ?? fixed ?? mapping.otherPort ?? spec.external.port;
    const { family, transport } = spec;
    const place = outerPlaceOf({ gateway: gateway.id, family, transport, external: { port } });
    // A former wish for it is being answered, or its entry is being closed.
    const inner = innerPlaceOf(gateway.id, { family, internal: { client, port: spec.internal.port } });
    if (this.#opening.has(place) || this.#isBlocked(place) || this.#isBlocked(inner)) return undefined;
    if (!this.#mayAsk(gateway, control)) return 'none alike';
    const lease = spec.lease ?? defaultLease(control.kind);
    const granted =
      lease === 'permanent' && control.capabilities.permanentLeases === 'no' ? defaultLease(control.kind) : lease;
    const wish: MappingWish = {
      family: spec.family,
      transport: spec.transport,
      external: { port },
      internal: { client, port: spec.internal.port },
      lease: granted,
      description: descriptionOf(spec),
      acceptOtherPort:
        spec.ifTaken === 'next-free' && control.capabilities.picksFreePort && held === undefined && fixed === undefined,
      handle: { ...nonceAlone(mapping.handle), ...known?.handle },
      recreate: held?.recreate ?? false,
      isRenewal: held?.control === control.kind && hasValidLease(mapping, this.#now),
    };
    const asked: Lease = {
      gateway: gateway.id,
      network: networkOn(this.#state.host, gateway.interfaceName),
      control: control.kind,
      family: spec.family,
      transport: spec.transport,
      external: { port },
      internal: wish.internal,
      handle: wish.handle,
      grantedAt: this.#now,
      renewAt: this.#now,
      expiresAt: expiryMoment(this.#now, granted),
      evidence: 'asked',
      renewals: 0,
      recreate: false,
    };
    this.#opening.add(outerPlaceOf(asked));
    this.#ask(gateway, control, (request) => ({ do: 'open', ...request, mapping: spec.id, wish, lease: asked }));
    return undefined;
  }

  /** A renewal is tried even of a gateway that is away, when its time has come: it may be answered where heartbeats are not
   * (P25). */
  #mayBeAnswered({ lease }: MappingState, gateway: GatewayState): boolean {
    if (lease?.gateway !== gateway.id) return false;
    const { grantedAt, expiresAt } = lease;
    return expiresAt === 'never' || this.#reached(after(grantedAt, millis(elapsed(grantedAt, expiresAt) / 2)));
  }

  /**
   * TCP and UDP of one forward that may take another port take the same one: UDP waits for TCP (`first`) and then asks
   * for its port, and that only.
   */
  #siblingOf({ spec }: MappingState, gateway: GatewayState): 'none' | 'first' | Port {
    if (spec.ifTaken !== 'next-free' || spec.transport !== 'udp') return 'none';
    const tcp = this.#state.mappings.get(mappingIdOf(spec.forward, spec.family, 'tcp', spec.external.port));
    if (tcp === undefined || tcp.refused || (tcp.tries > 0 && tcp.request === undefined)) return 'none';
    return hasValidLease(tcp, this.#now) && tcp.lease.gateway === gateway.id ? tcp.lease.external.port : 'first';
  }

  /** An open port stays where it is while a gateway of higher standing is away. */
  #gatewayFor(mapping: MappingState): GatewayState | undefined {
    const candidates = this.#gatewaysFor(mapping);
    const [best] = candidates;
    if (best === undefined || best.reachable || !hasValidLease(mapping, this.#now)) return best;
    return candidates.find(({ id, reachable }) => reachable && id === mapping.lease.gateway) ?? best;
  }

  /** It is served until a gateway of higher standing turns up. */
  #isOutranked(mapping: MappingState & { readonly lease: Lease }): boolean {
    const { spec, lease } = mapping;
    const [best] = this.#gatewaysFor(mapping);
    if (best === undefined || best.id === lease.gateway || !best.reachable) return false;
    const holder = this.#state.gateways.get(lease.gateway);
    return holder !== undefined && standingOf(this.#state, spec, best) > standingOf(this.#state, spec, holder);
  }

  /** It forwards to a former IPv6 address of ours (V11). Another IPv4 address is another gateway to the engine. */
  #isMoved(mapping: MappingState & { readonly lease: Lease }): boolean {
    const { spec, lease } = mapping;
    const gateway = this.#state.gateways.get(lease.gateway);
    if (gateway === undefined || spec.family !== 'ipv6') return false;
    const client = clientOf(spec, gateway, this.#state.host);
    if (client === undefined || client === lease.internal.client) return false;
    return controlsFor(this.#state, mapping, gateway).length > 0;
  }

  /** Another gateway serves once the default router has had its time, or when a person chose it. */
  #waitsForRouter({ spec }: MappingState, gateway: GatewayState): boolean {
    if (standingOf(this.#state, spec, gateway) === 2 || isPinned(spec, gateway)) return false;
    const until = firstWordUntil(this.#state, spec);
    if (until === undefined) return false;
    if (until === 'not-asked') this.#searchNeeded = true;
    else this.#wake(until);
    return true;
  }

  /** Then the others are shown. */
  firstWord(): void {
    const until = awaitedUntil(this.#state);
    if (until !== undefined && until !== 'not-asked') this.#wake(until);
  }

  /** There are gateways, but none for this mapping's family. */
  #giveUpFamily({ spec }: MappingState): 'none alike' | undefined {
    const { search, host } = this.#state;
    const [gateway] = gatewaysFor(this.#state, { ...spec, family: spec.family === 'ipv6' ? 'ipv4' : 'ipv6' });
    if (gateway === undefined || host === undefined) return 'none alike';
    const hasAddress = spec.family === 'ipv4' || host.publicIpv6.has(gateway.interfaceName);
    if (hasAddress && (search.running || search.completed === 0)) return 'none alike';
    const at = { transport: spec.transport, port: spec.external.port };
    const about = { forward: spec.forward, gateway: gateway.id };
    const problem =
      spec.family === 'ipv6' && hasAddress
        ? problemOf('pinholes-off', at, this.#now, about)
        : problemOf('wrong-family', { ...at, family: spec.family }, this.#now, about);
    this.givenUp.push({ mapping: spec.id, problem });
    return undefined;
  }

  #giveUp(mapping: MappingState, gateway: GatewayState): 'none alike' | undefined {
    const { spec } = mapping;
    const upnpUntil = upnpExpectedUntil(this.#state, gateway);
    if (upnpUntil !== undefined) {
      this.#wake(upnpUntil);
      return 'none alike';
    }
    if (isMoving(this.#state, gateway, spec.family)) return 'none alike';
    // One that fell silent is looked for: nobody knows yet which controls are left.
    if (gateway.lost.length > 0 && (this.#state.search.running || this.#state.search.nextAt !== undefined))
      return 'none alike';
    this.givenUp.push({ mapping: spec.id, problem: this.#whyNone(mapping, gateway) });
    return undefined;
  }

  /** Only known reasons: each control is ruled out by the router's word, by a rule of its protocol, or not there. */
  #whyNone(mapping: MappingState, gateway: GatewayState): Problem | undefined {
    const { spec } = mapping;
    const at = { transport: spec.transport, port: spec.external.port };
    const about = { forward: spec.forward, gateway: gateway.id };
    const usable = [...gateway.controls.values()].filter(
      (control) =>
        control.capabilities.families.includes(spec.family) &&
        !(control.disabledUntil !== undefined && control.disabledUntil > this.#now),
    );
    if (usable.length === 0) return problemOf('port-control-off', { router: gateway.address }, this.#now, about);
    if (mapping.refusals.some((refusal) => refusal.gateway === gateway.id)) return undefined;
    const { client, port: internal } = spec.internal;
    const isForeign = client !== undefined && client !== gateway.localAddress;
    const isShared = usable.some(
      ({ capabilities }) => capabilities.onePerInternalPort && !(isForeign && capabilities.thirdParty === 'no'),
    );
    return client === undefined || (isShared && spec.sharesInternalPort)
      ? problemOf('one-per-internal-port', { ...at, internal }, this.#now, about)
      : problemOf('only-for-itself', { ...at, client }, this.#now, about);
  }

  lookups(): void {
    if (this.#approval !== 'approved') return;
    for (const bunch of this.#unnamed) {
      this.#eachAskable(bunch, this.#notNamed, isAlike, (mapping) => this.#name(mapping));
    }
  }

  #name(mapping: MappingState): 'none alike' | undefined {
    if (this.#busy.has(mapping.spec.id)) return undefined;
    for (const gateway of this.#gatewaysFor(mapping)) {
      const control = findingControl(gateway);
      if (control === undefined || !gateway.reachable || !this.#mayAsk(gateway, control)) continue;
      const { id, transport, external } = mapping.spec;
      const port = mapping.otherPort ?? external.port;
      const key = { transport, external: { port } };
      this.#ask(gateway, control, (request) => ({ do: 'find', ...request, mapping: id, key, afresh: false }));
      return undefined;
    }
    return 'none alike';
  }

  spotChecks(): void {
    for (const gateway of this.#state.gateways.values()) {
      if (gateway.sweepAt !== undefined) this.#wake(gateway.sweepAt);
      const control = findingControl(gateway);
      if (control === undefined || !gateway.reachable || this.#looking.has(gateway.id)) continue;
      if (!this.#holding.has(gateway.id) || !this.#reached(gateway.spotAt)) continue;
      const firstGrant = Math.min(...this.#mappings.map((digest) => digest.firstGrant));
      const isAnySettled = Number.isFinite(firstGrant) && this.#reached(after(epochMs(firstGrant), SPOT_SETTLE));
      if (!isAnySettled || !this.#mayAsk(gateway, control)) continue;
      const mapping = this.#nextToCheck(gateway);
      if (mapping === undefined) continue;
      this.#look(gateway, control, { mapping: mapping.spec.id, lease: mapping.lease, afresh: false });
    }
  }

  #look(
    gateway: GatewayState,
    control: ControlState,
    { lease, ...about }: { readonly mapping: MappingId; readonly lease: Lease; readonly afresh: boolean },
  ): void {
    const key = { transport: lease.transport, external: { port: lease.external.port } };
    this.#ask(gateway, control, (request) => ({ do: 'find', ...request, ...about, key }));
    this.#looking.add(gateway.id);
  }

  #nextToCheck(gateway: GatewayState): (MappingState & { readonly lease: Lease }) | undefined {
    let first: (MappingState & { readonly lease: Lease }) | undefined;
    let passed = gateway.spotLast === undefined;
    const settled = this.#now - SPOT_SETTLE;
    for (const mapping of this.#state.mappings.values()) {
      const { spec } = mapping;
      if (
        mapping.request === undefined &&
        !this.#busy.has(spec.id) &&
        hasValidLease(mapping, this.#now) &&
        mapping.lease.gateway === gateway.id &&
        mapping.lease.family === 'ipv4'
      ) {
        if (mapping.lease.grantedAt > settled) {
          this.#wake(after(mapping.lease.grantedAt, SPOT_SETTLE));
        } else {
          if (passed) return mapping;
          first ??= mapping;
        }
      }
      if (spec.id === gateway.spotLast) passed = true;
    }
    return first;
  }

  search(): void {
    const { search, host } = this.#state;
    if (search.running || host === undefined || (host.network === '-' && !this.#state.manual)) return;
    if (search.nextAt !== undefined) {
      if (this.#reached(search.nextAt)) this.actions.push({ do: 'search' });
    } else if (this.#searchNeeded) {
      this.actions.push({ do: 'search' });
    }
  }

  #gatewaysFor({ spec }: MappingState): readonly GatewayState[] {
    const key = `${spec.gateway ?? ''}|${spec.interfaceName ?? ''}|${spec.family}`;
    let found = this.#candidates.get(key);
    if (found === undefined) {
      found = gatewaysFor(this.#state, spec);
      this.#candidates.set(key, found);
    }
    return found;
  }

  #mayAsk(gateway: GatewayState, control: ControlState, isFree = false): boolean {
    const flying = this.#inFlight.get(`${gateway.id}|${serverOf(control.kind)}`) ?? 0;
    if (flying >= control.capabilities.parallel) return false;
    if (isFree) return true;
    return this.#reached(affordableAt(this.#state, gateway, this.#now, this.#spent.get(gateway.id)));
  }

  #ask(
    gateway: GatewayState,
    control: ControlState,
    action: (request: { request: number; gateway: GatewayState['id']; control: ControlKind }) => Action,
  ): void {
    this.#count(gateway.id, control.kind, 1);
    this.#spent.set(gateway.id, (this.#spent.get(gateway.id) ?? 0) + 1);
    const asked = action({ request: this.#request++, gateway: gateway.id, control: control.kind });
    if ('mapping' in asked) this.#busy.add(asked.mapping);
    this.actions.push(asked);
  }

  #count(gateway: string, control: ControlKind, by: number): void {
    const key = `${gateway}|${serverOf(control)}`;
    this.#inFlight.set(key, (this.#inFlight.get(key) ?? 0) + by);
  }

  /** True once `moment` has come; until then the engine is to wake at it. */
  #reached(moment: EpochMs): boolean {
    if (moment <= this.#now) return true;
    this.#wake(moment);
    return false;
  }

  #wake(moment: EpochMs): void {
    if (moment > this.#now && (this.wakeAt === undefined || moment < this.wakeAt)) this.wakeAt = moment;
  }
}

const only = <Member>(member: Member): Bunch<Member> => ({ members: [member], first: member, kinds: [member] });

const byExpiry = (one: MappingState, other: MappingState): number => expiryOf(one) - expiryOf(other);

const byTries = ({ first: a }: Bunch<MappingState>, { first: b }: Bunch<MappingState>): number =>
  (a?.tries ?? 0) - (b?.tries ?? 0);

/** A pinhole's number says nothing of another one: to another address of ours, or in another router. */
const nonceAlone = ({ nonce }: MappingHandle): MappingHandle => (nonce === undefined ? {} : { nonce });

export function keyOf(lease: Lease): MappingKey {
  return {
    family: lease.family,
    transport: lease.transport,
    external: { port: lease.external.port },
    internal: lease.internal,
    handle: lease.handle,
  };
}

/** A sleep is never planned longer than this: clocks jump. */
export const LONGEST_SLEEP = inSeconds(3600);
