/**
 * What should be done now, and when to look again: a pure function of the state. Whatever it plans is reduced as
 * `started` before it is called again, so asking twice without an event yields nothing new.
 */
import type { MappingKey, MappingWish } from '../contract/mapping.ts';
import { mappingIdOf, type ControlKind, type GatewayId, type MappingId } from '../contract/model.ts';
import { isSameNetwork } from '../contract/snapshot.ts';
import { after, elapsed, inSeconds, millis, type EpochMs, type Port } from '../contract/units.ts';
import { approvalOf, type Approval } from './approval.ts';
import { affordableAt, defaultLease, expiryMoment, RENEW_TOGETHER, SPOT_SETTLE } from './schedule.ts';
import {
  clientOf,
  closingControl,
  controlsFor,
  findingControl,
  gatewaysFor,
  isMoving,
  isPinned,
  sharesInternalPort,
} from './choose.ts';
import { descriptionOf } from './expand.ts';
import { awaitedUntil, firstWordUntil, standingOf, upnpExpectedUntil } from './first-word.ts';
import { problemOf, type Problem } from '../contract/problems.ts';
import {
  outerPlaceOf,
  type Action,
  type ControlState,
  type GatewayState,
  type Lease,
  type MappingState,
  type State,
} from './state.ts';

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
  turn.doubts();
  turn.closings();
  turn.openings();
  turn.lookups();
  turn.spotChecks();
  turn.firstWord();
  turn.search();
  return { actions: turn.actions, givenUp: turn.givenUp, wakeAt: turn.wakeAt };
}

/** IGD and pinholes are one server: what is in flight to one counts for the other (X32). */
const serverOf = (kind: ControlKind): string => (kind === 'pinhole' ? 'igd' : kind);

export function hasValidLease(
  mapping: MappingState,
  now: EpochMs,
): mapping is MappingState & { readonly lease: Lease } {
  const { lease } = mapping;
  return lease !== undefined && lease.evidence !== 'asked' && (lease.expiresAt === 'never' || lease.expiresAt > now);
}

/** Refused for somebody whose entry was seen: it is looked at before the port is asked for again. */
export function isHeldByOther({ refused, problem }: MappingState): boolean {
  if (!refused || problem?.code !== 'conflict') return false;
  return (problem.parameters.holder ?? problem.parameters.holderHost) !== undefined;
}

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
  /** Where something is being opened: it is neither closed nor opened again meanwhile. */
  readonly #opening = new Set<string>();
  /** Whose table is being looked into, or will be by this very plan. */
  readonly #looking = new Set<GatewayId>();
  /** Controls whose vital signs are being asked for. */
  readonly #beating = new Set<string>();
  /** Asked for in this very plan. */
  readonly #busy = new Set<MappingId>();
  readonly #doubted: (MappingState & { readonly lease: Lease })[] = [];
  readonly #due: MappingState[] = [];
  readonly #wanting: MappingState[] = [];
  readonly #unnamed: MappingState[] = [];
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
    let last: Lease | undefined;
    for (const { lease } of state.mappings.values()) {
      if (lease === undefined || (lease.gateway === last?.gateway && lease.control === last.control)) continue;
      this.#inUse.add(`${lease.gateway}|${lease.control}`);
      this.#holding.add(lease.gateway);
      last = lease;
    }
    // Whoever waits for a line to come up is to hear of it.
    for (const { lease, problem } of state.mappings.values()) {
      if (lease !== undefined || problem?.code !== 'no-external-address' || problem.gateway === undefined) continue;
      for (const kind of state.gateways.get(problem.gateway)?.controls.keys() ?? []) {
        if (kind !== 'pcp' && kind !== 'pinhole') this.#inUse.add(`${problem.gateway}|${kind}`);
      }
    }
    if (state.watchesAddress && this.#approval === 'approved') this.#watchAddress(state);
    for (const { lease, tries, kept, request } of state.leftovers.values()) {
      // The same address in another network is another router.
      if (kept || (state.host !== undefined && !isSameNetwork(lease.network, state.host.network))) continue;
      this.#inUse.add(`${lease.gateway}|${lease.control}`);
      this.#holding.add(lease.gateway);
      // One that could not be closed does not block for ever: the opening then says who is in the way.
      if (tries === 0 || request !== undefined) this.#block(lease);
    }
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

  #block(lease: Lease): void {
    this.#blocked.add(outerPlaceOf(lease));
    // Whatever the protocol: a delete of one can silence the other (see partTwins).
    this.#blocked.add(`${lease.gateway}|${lease.family}|in ${lease.internal.client}:${lease.internal.port}`);
  }

  heartbeats(): void {
    for (const gateway of this.#state.gateways.values()) {
      // Once the control that holds something fell silent the others have to tell whether the gateway is still there.
      const isAsked = (kind: ControlKind): boolean => this.#inUse.has(`${gateway.id}|${kind}`);
      const isOrphaned = this.#holding.has(gateway.id) && ![...gateway.controls.keys()].some(isAsked);
      for (const control of gateway.controls.values()) {
        const isDoubted = control.failures > 0;
        const isWanted = gateway.firstLook && control.externalAddress !== undefined;
        if (!isAsked(control.kind) && !isOrphaned && !isDoubted && !isWanted && gateway.reachable) continue;
        if (control.mute && gateway.reachable) continue;
        if (this.#beating.has(`${gateway.id}|${control.kind}`) || !this.#reached(control.vitalsAt)) continue;
        // Paced by themselves: what else is asked must not keep us from hearing that the gateway is gone, or back.
        if (!this.#mayAsk(gateway, control, true)) continue;
        const whole = control.prompted || isDoubted || !gateway.reachable;
        this.#ask(gateway, control, (request) => ({ do: 'vitals', ...request, whole }));
      }
    }
  }

  /** Sorts the mappings by what they need. */
  mappings(): void {
    const dueGateways = new Set<string>();
    for (const mapping of this.#state.mappings.values()) {
      if (mapping.request !== undefined) continue;
      if (mapping.holderWanted) this.#unnamed.push(mapping);
      const waits = mapping.notBefore !== undefined && !this.#reached(mapping.notBefore);
      if (waits) continue;
      if (isHeldByOther(mapping) && this.#canLook(mapping)) this.#unnamed.push(mapping);
      else if (!hasValidLease(mapping, this.#now)) this.#wanting.push(mapping);
      else if (this.#isOutranked(mapping) || this.#isMoved(mapping)) this.#due.push(mapping);
      else if (mapping.doubted) this.#doubted.push(mapping);
      else if (mapping.lease.renewAt <= this.#now) dueGateways.add(mapping.lease.gateway);
      if (hasValidLease(mapping, this.#now) && mapping.lease.expiresAt !== 'never') this.#wake(mapping.lease.expiresAt);
    }
    const together = after(this.#now, RENEW_TOGETHER);
    for (const mapping of this.#state.mappings.values()) {
      if (mapping.request !== undefined || !hasValidLease(mapping, this.#now)) continue;
      if (mapping.notBefore !== undefined && mapping.notBefore > this.#now) continue;
      const { lease } = mapping;
      if (mapping.doubted || this.#isOutranked(mapping) || this.#isMoved(mapping)) continue;
      if (lease.renewAt <= (dueGateways.has(lease.gateway) ? together : this.#now)) this.#due.push(mapping);
      else this.#wake(lease.renewAt);
    }
    const expiry = ({ lease }: MappingState): number =>
      lease === undefined || lease.expiresAt === 'never' ? Number.MAX_VALUE : lease.expiresAt;
    this.#due.sort((a, b) => expiry(a) - expiry(b));
    // Where each takes its time, those that fail again and again do not keep the others from their first try.
    this.#wanting.sort((a, b) => a.tries - b.tries);
  }

  #canLook(mapping: MappingState): boolean {
    return this.#gatewaysFor(mapping).some((gateway) => gateway.reachable && findingControl(gateway) !== undefined);
  }

  /** What works must not be cut by asking for it again: it is looked at. What cannot be is asked for. */
  doubts(): void {
    for (const mapping of this.#doubted) {
      const { lease, spec } = mapping;
      const gateway = this.#state.gateways.get(lease.gateway);
      const control = gateway === undefined ? undefined : findingControl(gateway);
      if (gateway === undefined || control === undefined) {
        const isExpected = gateway?.lookUntil !== undefined && gateway.lost.includes('igd');
        if (!isExpected || this.#reached(gateway.lookUntil)) this.#due.push(mapping);
        continue;
      }
      if (gateway.lookAt !== undefined && !this.#reached(gateway.lookAt)) continue;
      if (!gateway.reachable) {
        if (this.#reached(lease.renewAt)) this.#due.push(mapping);
        continue;
      }
      if (gateway.firstLook && this.#looking.has(gateway.id)) continue;
      if (!this.#mayAsk(gateway, control)) continue;
      this.#look(gateway, control, { mapping: spec.id, lease, afresh: gateway.firstLook });
    }
  }

  closings(): void {
    for (const leftover of this.#state.leftovers.values()) {
      const { lease } = leftover;
      if (lease.expiresAt !== 'never') this.#wake(lease.expiresAt);
      if (leftover.kept || leftover.request !== undefined) continue;
      if (this.#state.host === undefined || !isSameNetwork(lease.network, this.#state.host.network)) continue;
      const gateway = this.#state.gateways.get(lease.gateway);
      const control = gateway === undefined ? undefined : closingControl(gateway, leftover);
      if (gateway === undefined || control === undefined || !gateway.reachable) {
        this.#searchNeeded = true;
        continue;
      }
      if (leftover.notBefore !== undefined && !this.#reached(leftover.notBefore)) continue;
      // Closing what was opened is never put off for the budget; closing it again is.
      if (!this.#mayAsk(gateway, control, leftover.tries === 0)) continue;
      if (this.#opening.has(outerPlaceOf(lease))) continue;
      this.#block(lease);
      this.#ask(gateway, control, (request) => ({
        do: 'close',
        ...request,
        leftover: leftover.key,
        key: keyOf(lease),
      }));
    }
  }

  openings(): void {
    if (this.#approval !== 'approved') return;
    for (const mapping of [...this.#due, ...this.#wanting]) this.#open(mapping);
  }

  #open(mapping: MappingState): void {
    const { spec } = mapping;
    const gateway = this.#gatewayFor(mapping);
    if (gateway !== undefined && this.#waitsForRouter(mapping, gateway)) return;
    if (gateway === undefined || !gateway.reachable) this.#searchNeeded = true;
    if (gateway === undefined) this.#giveUpFamily(mapping);
    if (gateway === undefined || (!gateway.reachable && !this.#mayBeAnswered(mapping, gateway))) return;
    const [control] = controlsFor(this.#state, mapping, gateway);
    if (control === undefined) {
      // What is not heard of does not count as what it cannot do.
      if (gateway.reachable) this.#giveUp(mapping, gateway);
      return;
    }
    const client = clientOf(spec, gateway, this.#state.host);
    if (client === undefined) {
      const parameters = { transport: spec.transport, port: spec.external.port, family: spec.family };
      const problem = problemOf('wrong-family', parameters, this.#now, { forward: spec.forward });
      this.givenUp.push({ mapping: spec.id, problem });
      return;
    }
    const held =
      mapping.lease?.gateway === gateway.id && mapping.lease.internal.client === client ? mapping.lease : undefined;
    const sibling = this.#siblingOf(mapping, gateway);
    if (held === undefined && sibling === 'first') return;
    const fixed = typeof sibling === 'number' ? sibling : undefined;
    const port = held?.external.port ?? fixed ?? mapping.otherPort ?? spec.external.port;
    const { family, transport } = spec;
    const place = outerPlaceOf({ gateway: gateway.id, family, transport, external: { port } });
    // A former wish for it is being answered, or what is there is being closed.
    if (this.#opening.has(place) || this.#blocked.has(place)) return;
    if (this.#blocked.has(`${gateway.id}|${spec.family}|in ${client}:${spec.internal.port}`)) return;
    if (!this.#mayAsk(gateway, control)) return;
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
      handle: held?.handle ?? mapping.handle,
      recreate: held?.recreate ?? false,
    };
    const asked: Lease = {
      gateway: gateway.id,
      network: this.#state.host?.network ?? '-',
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

  /** What is open stays where it is while a gateway of higher standing is away. */
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
  #giveUpFamily({ spec }: MappingState): void {
    const { search, host } = this.#state;
    const [gateway] = gatewaysFor(this.#state, { ...spec, family: spec.family === 'ipv6' ? 'ipv4' : 'ipv6' });
    if (gateway === undefined || host === undefined) return;
    const hasAddress = spec.family === 'ipv4' || host.publicIpv6.has(gateway.interfaceName);
    if (hasAddress && (search.running || search.completed === 0)) return;
    const at = { transport: spec.transport, port: spec.external.port };
    const about = { forward: spec.forward, gateway: gateway.id };
    const problem =
      spec.family === 'ipv6' && hasAddress
        ? problemOf('pinholes-off', at, this.#now, about)
        : problemOf('wrong-family', { ...at, family: spec.family }, this.#now, about);
    this.givenUp.push({ mapping: spec.id, problem });
  }

  #giveUp(mapping: MappingState, gateway: GatewayState): void {
    const { spec } = mapping;
    const upnpUntil = upnpExpectedUntil(this.#state, gateway);
    if (upnpUntil !== undefined) {
      this.#wake(upnpUntil);
      return;
    }
    if (isMoving(this.#state, gateway, spec.family)) return;
    // One that fell silent is looked for: nobody knows yet what is left.
    if (gateway.lost.length > 0 && (this.#state.search.running || this.#state.search.nextAt !== undefined)) return;
    this.givenUp.push({ mapping: spec.id, problem: this.#whyNone(mapping, gateway) });
  }

  /** Only what is known: each control is ruled out by the router's word, by a rule of its protocol, or not there. */
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
    return client === undefined || (isShared && sharesInternalPort(this.#state, mapping))
      ? problemOf('one-per-internal-port', { ...at, internal }, this.#now, about)
      : problemOf('only-for-itself', { ...at, client }, this.#now, about);
  }

  lookups(): void {
    if (this.#approval !== 'approved') return;
    for (const mapping of this.#unnamed) {
      if (this.#busy.has(mapping.spec.id)) continue;
      for (const gateway of this.#gatewaysFor(mapping)) {
        const control = findingControl(gateway);
        if (control === undefined || !gateway.reachable || !this.#mayAsk(gateway, control)) continue;
        const { id, transport, external } = mapping.spec;
        const port = mapping.otherPort ?? external.port;
        const key = { transport, external: { port } };
        this.#ask(gateway, control, (request) => ({ do: 'find', ...request, mapping: id, key, afresh: false }));
        break;
      }
    }
  }

  spotChecks(): void {
    for (const gateway of this.#state.gateways.values()) {
      if (gateway.sweepAt !== undefined) this.#wake(gateway.sweepAt);
      const control = findingControl(gateway);
      if (control === undefined || !gateway.reachable || this.#looking.has(gateway.id)) continue;
      const mapping = this.#nextToCheck(gateway);
      if (mapping === undefined || !this.#reached(gateway.spotAt) || !this.#mayAsk(gateway, control)) continue;
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
