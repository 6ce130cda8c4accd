/**
 * Events, derived from how things stand and what was reported before: pure. A hiccup of seconds is not
 * reported, and nothing is reported twice.
 */
import type { ActivityEntry } from '../../contract/activity.ts';
import type { IpAddress } from '../../contract/address.ts';
import type { GatewayId } from '../../contract/model.ts';
import type { GatewayView } from '../../contract/snapshot.ts';
import type { Problem, ProblemCode } from '../../contract/problems.ts';
import type { ProfileId } from '../../contract/profiles/profile.ts';
import { inSeconds, type EpochMs } from '../../contract/units.ts';
import { forwardFacts, NO_FORWARDS, type ToldForwards } from './activity-forward-facts.ts';
import { isOfPort, FactCollector, statusProblem, type NewFact, type ObservedSnapshot } from './activity-seen.ts';

interface ToldSwitches {
  readonly on: ReadonlyMap<ProfileId, boolean>;
  readonly met: ReadonlyMap<ProfileId, boolean>;
  readonly paused: boolean;
}

/** Facts that people have seen reported, and those not yet certain enough. */
export interface ReportedState {
  /** Absent before the first look: profiles that are on then were not switched on just now. */
  readonly switches: ToldSwitches | undefined;
  /** The latest run that was reported; absent before the first look. */
  readonly command: { readonly at: EpochMs | undefined } | undefined;
  /** Where the person's name pointed to; absent before the first look. */
  readonly name: { readonly name: string; readonly pointsTo: readonly IpAddress[] } | undefined;
  readonly gateways: ToldGateways;
  readonly problems: ToldProblems;
  readonly forwards: ToldForwards;
}

export const NOTHING_REPORTED: ReportedState = {
  switches: undefined,
  command: undefined,
  name: undefined,
  gateways: { known: new Map(), met: new Map(), addresses: new Map() },
  problems: new Map(),
  forwards: NO_FORWARDS,
};

/**
 * Causes come before what they cause.
 * @param now engine time, not before that of the snapshot
 * @returns `lookAt`: when there may be more to report though nothing changes
 */
export function newFacts(
  before: ReportedState,
  seen: ObservedSnapshot,
  now: EpochMs,
): { readonly told: ReportedState; readonly facts: readonly NewFact[]; readonly lookAt: EpochMs | undefined } {
  const look = new FactCollector(now);
  const told = {
    switches: switchFacts(before.switches, seen, look),
    gateways: gatewayFacts(before.gateways, seen.engine, look),
    command: commandFacts(before.command, seen, look),
    name: nameFacts(before.name, seen, look),
    problems: problemFacts(before.problems, seen, look),
    forwards: forwardFacts(before.forwards, seen, look),
  };
  return { told, facts: look.facts, lookAt: look.lookAt };
}

/** Only the gateways' addresses are still of use from an earlier start's reports. */
export function withFormerAddresses(told: ReportedState, entries: readonly ActivityEntry[]): ReportedState {
  const addresses = new Map<string, IpAddress>();
  for (const { fact } of entries) {
    const address = fact.is === 'gateway-found' ? fact.address : fact.is === 'address-changed' ? fact.to : undefined;
    if (address !== undefined && address !== 'none' && 'gateway' in fact) addresses.set(fact.gateway, address);
  }
  for (const [gateway, address] of told.gateways.addresses) addresses.set(gateway, address);
  return { ...told, gateways: { ...told.gateways, addresses } };
}

function switchFacts(
  before: ToldSwitches | undefined,
  { profiles, conditions, settings }: ObservedSnapshot,
  look: FactCollector,
): ToldSwitches {
  const told: ToldSwitches = {
    on: new Map(profiles.map(({ id, on }) => [id, on])),
    met: new Map(conditions.map(({ profile, isMet }) => [profile, isMet])),
    paused: settings.paused,
  };
  if (before === undefined) return told;
  for (const { id, name, on, opensWhile } of profiles) {
    // One that was just added is off as long as nobody switches it on.
    if ((before.on.get(id) ?? false) !== on) look.note({ is: 'switched', profile: id, name, on });
    const isMet = told.met.get(id);
    if (opensWhile === undefined || isMet === undefined || (before.met.get(id) ?? false) === isMet) continue;
    look.note({ is: 'condition', profile: id, name, opensWhile, isMet });
  }
  if (before.paused !== told.paused) look.note({ is: told.paused ? 'paused' : 'resumed' });
  return told;
}

function commandFacts(
  before: ReportedState['command'],
  { address: { command } }: ObservedSnapshot,
  look: FactCollector,
): ReportedState['command'] {
  // One that failed is reported as a problem.
  if (before !== undefined && command?.isDone === true && command.at !== before.at) {
    look.note({ is: 'command-ran', program: command.program });
  }
  return { at: command?.at };
}

function nameFacts(
  before: ReportedState['name'],
  { address: { name: view } }: ObservedSnapshot,
  look: FactCollector,
): ReportedState['name'] {
  const { ipv4, ipv6 } = view?.pointsTo ?? {};
  const pointsTo = [ipv4, ipv6].filter((address) => address !== undefined);
  const name = view?.name ?? '';
  const isOther = before?.name !== name || before.pointsTo.join() !== pointsTo.join();
  // Updates that only confirm are not reported.
  if (before !== undefined && isOther && pointsTo.length > 0)
    look.note({ is: 'name-updated', host: name, addresses: pointsTo });
  return { name, pointsTo };
}

// Gateways found, away, back and restarted, and their external addresses.

type Outside = IpAddress | 'none';

interface ToldGateway {
  readonly isAway: boolean;
  readonly restartedAt: EpochMs | undefined;
  readonly address: Outside | undefined;
  /** It has had no address since then. */
  readonly noneSince: EpochMs | undefined;
}

interface ToldGateways {
  readonly known: ReadonlyMap<GatewayId, ToldGateway>;
  /** First sight of those not reported yet. */
  readonly met: ReadonlyMap<GatewayId, EpochMs>;
  /** The latest addresses by the gateways' names, also of those that are gone: they may come back with another. */
  readonly addresses: ReadonlyMap<string, IpAddress>;
}

/** Networks that a laptop comes around in. */
const MOST_ADDRESSES = 50;

/** A restart that turns out to be a change of the external address only is taken back within seconds. */
const RESTART_SETTLES = inSeconds(5);

function gatewayFacts(before: ToldGateways, engine: ObservedSnapshot['engine'], look: FactCollector): ToldGateways {
  const gateways = new GatewayLook(before, engine, look);
  for (const gateway of engine.gateways) gateways.at(gateway);
  const { known, met, addresses } = gateways;
  return { known, met, addresses };
}

class GatewayLook {
  readonly known = new Map<GatewayId, ToldGateway>();
  readonly met = new Map<GatewayId, EpochMs>();
  addresses: ReadonlyMap<string, IpAddress>;
  readonly #before: ToldGateways;
  readonly #engine: ObservedSnapshot['engine'];
  readonly #look: FactCollector;

  constructor(before: ToldGateways, engine: ObservedSnapshot['engine'], look: FactCollector) {
    this.#before = before;
    this.#engine = engine;
    this.#look = look;
    this.addresses = before.addresses;
  }

  at(gateway: GatewayView): void {
    const { id, reachable, externalAddress, controls, name, address } = gateway;
    const told = this.#before.known.get(id);
    if (told !== undefined) {
      const isAway = this.#away(gateway, told);
      const restartedAt = this.#restarted(gateway, told);
      this.known.set(id, { isAway, restartedAt, ...this.#address(gateway, told) });
      return;
    }
    // A router that is only remembered may not be there.
    const hasAnswered = externalAddress !== 'unknown' || controls.some(({ foundBy }) => foundBy !== 'remembered');
    if (!reachable || !hasAnswered) return;
    const since = this.#look.since(this.#before.met.get(id));
    // Its name is often the last thing that becomes known.
    if (name === address && this.#engine.search.running) this.met.set(id, since);
    else this.known.set(id, this.#found(gateway, since));
  }

  #found(gateway: GatewayView, at: EpochMs): ToldGateway {
    const { name, externalAddress, restartedAt } = gateway;
    const address = externalAddress === 'unknown' ? undefined : externalAddress;
    this.#look.note({ is: 'gateway-found', gateway: name, ...(address === undefined ? {} : { address }) }, at);
    const former = this.addresses.get(name);
    if (former !== undefined && address !== undefined && address !== 'none' && address !== former) {
      this.#look.note({ is: 'address-changed', gateway: name, from: former, to: address }, at);
    }
    this.#remember(name, address);
    return { isAway: false, restartedAt, address, noneSince: undefined };
  }

  #away({ id, name, reachable }: GatewayView, { isAway }: ToldGateway): boolean {
    const away = this.#engine.problems.find((problem) => problem.code === 'gateway-away' && problem.gateway === id);
    if (isAway && reachable) this.#look.note({ is: 'gateway-back', gateway: name });
    if (isAway || away === undefined) return isAway && !reachable;
    const since = this.#look.since(away.since);
    if (this.#look.isTooNew(since)) return false;
    this.#look.note({ is: 'gateway-away', gateway: name }, since);
    return true;
  }

  #restarted({ name, restartedAt }: GatewayView, told: ToldGateway): EpochMs | undefined {
    if (restartedAt === undefined || restartedAt === told.restartedAt) return told.restartedAt;
    if (this.#look.isTooNew(restartedAt, RESTART_SETTLES)) return told.restartedAt;
    this.#look.note({ is: 'gateway-restarted', gateway: name }, this.#look.since(restartedAt));
    return restartedAt;
  }

  #address({ name, externalAddress }: GatewayView, told: ToldGateway): Pick<ToldGateway, 'address' | 'noneSince'> {
    const { address: from } = told;
    if (externalAddress === 'unknown' || externalAddress === from) return { address: from, noneSince: undefined };
    // Between two addresses there is often none for a moment.
    const since = this.#look.since(told.noneSince);
    if (externalAddress === 'none' && this.#look.isTooNew(since)) return { address: from, noneSince: since };
    if (from !== undefined) {
      const moment = externalAddress === 'none' ? since : this.#look.now;
      this.#look.note({ is: 'address-changed', gateway: name, from, to: externalAddress }, moment);
    }
    this.#remember(name, externalAddress);
    return { address: externalAddress, noneSince: undefined };
  }

  #remember(name: string, address: Outside | undefined): void {
    if (address === undefined || address === 'none' || this.addresses.get(name) === address) return;
    const others = [...this.addresses].filter(([other]) => other !== name).slice(1 - MOST_ADDRESSES);
    this.addresses = new Map([...others, [name, address]]);
  }
}

// Problems that concern more than one forward's opening, and their ends.

interface ToldProblem {
  readonly problem: Problem;
  readonly since: EpochMs;
  readonly isTold: boolean;
  readonly goneSince: EpochMs | undefined;
}

type ToldProblems = ReadonlyMap<string, ToldProblem>;

/** Come and go while a computer or a router starts. */
const PASSING: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'no-network',
  'no-gateway',
  'port-control-off',
  'router-url',
  'router-password',
  'no-external-address',
  'local-network-denied',
  'traffic-denied',
  'router-garbled',
  'open-unanswered',
  'not-our-gateway',
]);
const PASSES = inSeconds(30);
const AT_ONCE = inSeconds(0);

function problemFacts(
  before: ToldProblems,
  { engine, problems }: Pick<ObservedSnapshot, 'engine' | 'problems'>,
  look: FactCollector,
): ToldProblems {
  const now = problemsNow(engine, problems);
  // Without a network nobody knows whether the others are still there.
  const isBlind = engine.problems.some(({ code }) => code === 'no-network');
  const told = new Map<string, ToldProblem>();
  for (const [key, problem] of now) {
    const known = before.get(key);
    const since = look.since(known?.since);
    const isTold = known?.isTold === true || !look.isTooNew(since, PASSING.has(problem.code) ? PASSES : AT_ONCE);
    if (isTold && known?.isTold !== true) look.note({ is: 'problem', problem }, since);
    told.set(key, { problem, since, isTold, goneSince: undefined });
  }
  for (const [key, known] of before) {
    if (now.has(key)) continue;
    const goneSince = look.since(known.goneSince);
    if (isBlind && known.problem.code !== 'no-network') told.set(key, known);
    else if (look.isTooNew(goneSince)) told.set(key, { ...known, goneSince });
    else if (known.isTold) look.note({ is: 'solved', problem: known.problem }, goneSince);
  }
  return told;
}

/** Once each, however many forwards meet it. */
function problemsNow(engine: ObservedSnapshot['engine'], others: readonly Problem[]): ReadonlyMap<string, Problem> {
  const now = new Map<string, Problem>();
  for (const problem of [...others, ...engine.problems]) {
    // Reported about the gateway itself.
    if (problem.code !== 'gateway-away') add(now, problem);
  }
  for (const mapping of engine.mappings) {
    const problem = statusProblem(mapping);
    if (problem !== undefined && !isOfPort(problem)) add(now, problem);
  }
  return now;
}

function add(now: Map<string, Problem>, problem: Problem): void {
  const { code, gateway = '', forward = '' } = problem;
  const key = isOfPort(problem) ? `${code} ${gateway} ${forward}` : `${code} ${gateway}`;
  if (!now.has(key) && problem.severity !== 'info') now.set(key, problem);
}
