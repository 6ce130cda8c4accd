/** When to renew, when to try again, when to look, as pure functions of what was granted and of a random number; and how
 * many requests one gateway gets in a minute. */
import { CONTROL_KINDS, type ControlKind } from '../contract/model.ts';
import {
  after,
  elapsed,
  inMinutes,
  inSeconds,
  millis,
  seconds,
  secondsToMillis,
  epochMs,
  type EpochMs,
  type Millis,
  type Seconds,
} from '../contract/units.ts';
import type { GatewayView } from '../contract/snapshot.ts';
import { withGateway } from './change.ts';
import { isFilling, isInUse } from './digest.ts';
import type { GatewayState, BudgetUse, State } from './state.ts';

/** RFC 6886 §3.3: "The RECOMMENDED Port Mapping Lifetime is 7200 seconds". */
const DATAGRAM_LEASE = seconds(7200);
/** WANIPConnection:2 §2.2.21 recommends 3600; also inside what WANIPv6FirewallControl:1 §2.5.1 allows (V10). */
const UPNP_LEASE = seconds(3600);

export function defaultLease(kind: ControlKind): Seconds {
  return kind === 'pcp' || kind === 'nat-pmp' ? DATAGRAM_LEASE : UPNP_LEASE;
}

/** The time before expiry that is kept for retries. */
const LEAST_MARGIN = inSeconds(60);
const MARGIN_SHARE = 1 / 10;
const MARGIN_SPREAD = 1 / 4;

/** Routers' permanent leases are verified, not believed, and renewed within the seven days that some secretly give (L7). */
const PERMANENT_REFRESH = inMinutes(24 * 60);

/**
 * Renew a tenth of the lease before its end, at least a minute before, at the latest at its half; spread at random so
 * that many clients of one router do not meet. RFC 6886 §3.3 and RFC 6887 §11.2.1 begin at the half: that is twice the
 * traffic, and the heartbeat already shows within a minute when a router has lost its table.
 * @param random 0 ≤ value < 1
 */
export function renewalMoment(grantedAt: EpochMs, lease: Seconds | 'permanent', random: number): EpochMs {
  if (lease === 'permanent') return after(grantedAt, millis(PERMANENT_REFRESH * (1 - MARGIN_SPREAD * random)));
  const whole = secondsToMillis(lease);
  const margin = Math.max(LEAST_MARGIN, whole * MARGIN_SHARE) * (1 + MARGIN_SPREAD * random);
  const moment = Math.max(whole - margin, whole * (1 / 2 - random / 16));
  return after(grantedAt, millis(Math.max(moment, SHORTEST_RENEWAL)));
}

/** How often to ask again where nothing can be looked at: it may be lost, and there is no other way to find out. */
const BLIND = inMinutes(10);
/** … but no more than one in this time, for on some routers a rule is gone for milliseconds while it is renewed (L23). */
const BLIND_EACH = inMinutes(1);

/** @param count mappings that are wanted; spread at random, so that they do not go together */
export function blindRenewal(grantedAt: EpochMs, count: number, random: number): EpochMs {
  return after(grantedAt, millis(Math.max(BLIND, BLIND_EACH * count) * (1 - random / 2)));
}

/** However short a lease is. A shorter one lapses before, and is asked for again after {@link LAPSED_AGAIN}. */
export const SHORTEST_RENEWAL: Millis = inSeconds(2);
export const LAPSED_AGAIN: Millis = inSeconds(10);

export function expiryMoment(grantedAt: EpochMs, lease: Seconds | 'permanent'): EpochMs | 'never' {
  return lease === 'permanent' ? 'never' : after(grantedAt, secondsToMillis(lease));
}

/** Renewals of one gateway that fall due within this time go together. */
export const RENEW_TOGETHER: Millis = inSeconds(5);

/**
 * After a failed renewal: half of what is left, RFC 6887 §11.2.1, but not more often than each four seconds. What does not
 * expire is in no hurry.
 */
export function renewalRetry(now: EpochMs, expiresAt: EpochMs | 'never', random: number): EpochMs {
  const wait = expiresAt === 'never' ? REFUSED_AGAIN : Math.min(Math.max(4000, (expiresAt - now) / 2), 60_000);
  return after(now, millis(wait * (1 - random / 8)));
}

/** Without a line no renewal succeeds, and its return need not be heard of: ever more rarely, but once more before the end. */
export function offlineRetry(now: EpochMs, expiresAt: EpochMs | 'never', tries: number, random: number): EpochMs {
  const usual = backOff(tries, random);
  const left = expiresAt === 'never' ? Infinity : expiresAt - now - LAST_TRY;
  return after(now, millis(Math.max(Math.min(usual, left), 4000)));
}

const LAST_TRY = inSeconds(5);

/** Doubling from two seconds to a minute, less up to a quarter at random. Tries count from 1. */
export function backOff(tries: number, random: number, longest: Millis = inSeconds(60)): Millis {
  const base = Math.min(longest, 2000 * 2 ** Math.min(tries - 1, 20));
  return millis(base * (1 - random / 4));
}

/** How often a port that somebody else holds is looked at; where nothing can be looked at, it is requested ever more
 * rarely. */
const TAKEN_AGAIN = inSeconds(60);

export function takenAgain(tries: number, canLook: boolean): Millis {
  return canLook ? TAKEN_AGAIN : millis(Math.min(REFUSED_AGAIN, TAKEN_AGAIN * 2 ** Math.min(tries - 1, 10)));
}

/** Looks at all that a gateway holds because its table has lost something are this far apart. */
export const SWEEP_GAP: Millis = inSeconds(10);

/** A final refusal is asked again after this long, in case somebody changed the router's settings. */
export const REFUSED_AGAIN: Millis = inMinutes(15);
/** A control that said that it may not or cannot is asked again after this long (P16). */
export const DISABLED_FOR: Millis = inMinutes(24 * 60);

/**
 * One cheap exchange per gateway and control in use. A gateway that announces itself also reveals its restarts;
 * with all others nothing else does.
 */
const HEARTBEAT = { heard: inSeconds(60), unheard: inSeconds(20) };
const HEARTBEAT_AGAIN = inSeconds(4);
/** Routers announce themselves every 15 to 30 minutes, or not at all (D22). */
const HEARD_FOR = inMinutes(35);
/** Heartbeats that fail in a row before the gateway counts as away, and while it may be back any moment. */
export const AWAY_AFTER = 2;
const SOON_BACK = 20;

/** Two daemons may have started together: PCP is asked itself as often as this, if nothing else is. */
const SPOKEN_FOR = inMinutes(10);
/** Seconds, and whole ones. */
const CLOCKS_APART = 3;

/** One daemon serves both, as its clocks show: NAT-PMP's heartbeat then counts for PCP, and brings the address as well. */
export function speaksForPcp({ controls }: Pick<GatewayState, 'controls'>): boolean {
  const [pcp, natPmp] = [controls.get('pcp'), controls.get('nat-pmp')];
  if (pcp?.epoch === undefined || natPmp?.epoch === undefined) return false;
  if (!natPmp.answersVitals || natPmp.mute || natPmp.failures > 0) return false;
  const passed = natPmp.epoch.at - pcp.epoch.at;
  return passed <= SPOKEN_FOR && Math.abs(natPmp.epoch.epoch - pcp.epoch.epoch - passed / 1000) <= CLOCKS_APART;
}

/** Need it not be asked as often? The gateway announces itself, or another of its controls in use reports as much. */
export function isQuiet(state: State, id: GatewayState['id'], kind: ControlKind): boolean {
  const gateway = state.gateways.get(id);
  if (gateway === undefined) return false;
  const { announcedAt, controls } = gateway;
  if (announcedAt !== undefined && state.now < after(announcedAt, HEARD_FOR)) return true;
  const isOne = speaksForPcp(gateway);
  const isBeating = (one: ControlKind): boolean =>
    controls.get(one)?.answersVitals === true && isInUse(state, id, one === 'nat-pmp' && isOne ? 'pcp' : one);
  const first = CONTROL_KINDS.find((one) => !(one === 'pcp' && isOne) && isBeating(one));
  return first !== undefined && first !== kind;
}

export function nextHeartbeat(now: EpochMs, failures: number, random: number, quiet: boolean): EpochMs {
  if (failures === 0)
    return after(now, millis(quiet ? HEARTBEAT.heard * (0.9 - random / 10) : HEARTBEAT.unheard * (0.95 - random / 20)));
  const longest = failures < SOON_BACK ? inSeconds(6) : inSeconds(45);
  return after(now, failures < AWAY_AFTER ? HEARTBEAT_AGAIN : backOff(failures, random, longest));
}

/** One entry of ours is looked up per gateway. Of many each is met so rarely that it is the count of the table that finds one
 * missing, and a third as often will do where the heartbeat shows a restart. */
const SPOT_CHECK = { few: inSeconds(55), many: inSeconds(180) };
const FEW = 10;
/** Just after a grant some routers do not show it yet (E10). */
export const SPOT_SETTLE: Millis = inSeconds(5);

/** Do we change the gateway's table, or did a moment ago? Its count then says little. */
export function isTableChanging(state: State, { id, filledAt }: GatewayState, now: EpochMs): boolean {
  return isFilling(state, id) || (filledAt !== undefined && now < after(filledAt, SPOT_SETTLE));
}

export function nextSpotCheck({ now, mappings, gateways }: State, id: GatewayState['id']): EpochMs {
  const controls = [...(gateways.get(id)?.controls.values() ?? [])];
  const showsRestarts = controls.some(({ epoch, uptime }) => epoch !== undefined || (uptime?.fits ?? 0) > 0);
  return after(now, mappings.size > FEW && showsRestarts ? SPOT_CHECK.many : SPOT_CHECK.few);
}

/** A failed look at what may be gone is repeated after this long. */
export const LOOK_AGAIN: Millis = millis(400);
/** Prompts (announcements) are answered with a check at most this often. */
export const PROMPT_GAP: Millis = inSeconds(2);
/** … and with a search at most this often: anybody on the LAN can forge them. */
export const ANNOUNCED_SEARCH_GAP: Millis = inSeconds(20);

/** A visible bound, in trouble too: room for opening everything at once, for its renewals, and for looking. */
export function budgetPerMinute(mappings: number): number {
  return 120 + 12 * mappings;
}

/** Searches that found nothing of use before they become rare; whoever comes back announces itself or is heard of. */
const SOON_SEARCHES = 10;

/** A search that found nothing of use is repeated: 5 s, doubling to a minute, in the end to five. */
export function searchAgain(now: EpochMs, fruitless: number, random: number): EpochMs {
  const longest = fruitless < SOON_SEARCHES ? inSeconds(60) : inMinutes(5);
  return after(now, backOff(fruitless + 1, random, longest));
}

/** Requests are shown by the minute (X32, U9). */
const MINUTE = inMinutes(1);

/** This share of the bound may leave at once, and that much more in each minute: the bound then holds for any minute, with
 * room for what one request takes more than one packet for, and whoever has used it up is asked on at an even pace. */
const AT_ONCE = 0.4;
const EACH_MINUTE = 0.5;
/** People's actions are not put off, and may take more: it is made up for within a minute. */
const MOST_PRESSURE = 0.85;

export const NOTHING_SPENT: BudgetUse = { minute: 0, count: 0, listing: 0, pressure: 0, at: epochMs(0) };

export function spentBy(state: Bounds, { spent }: Pick<GatewayState, 'spent'>, now: EpochMs): BudgetUse {
  const minute = Math.floor(now / MINUTE);
  const eased = (elapsed(spent.at, now) / MINUTE) * EACH_MINUTE * mostOf(state);
  const pressure = Math.max(0, spent.pressure - eased);
  return { ...(spent.minute === minute ? spent : NOTHING_SPENT), minute, pressure, at: now };
}

export function withSpent(state: State, id: GatewayState['id'], what: 'count' | 'listing', requests: number): State {
  const gateway = state.gateways.get(id);
  if (gateway === undefined || requests === 0) return state;
  const spent = spentBy(state, gateway, state.now);
  const pressure = Math.min(spent.pressure + (what === 'count' ? requests : 0), MOST_PRESSURE * mostOf(state));
  return withGateway(state, id, { spent: { ...spent, [what]: spent[what] + requests, pressure } });
}

/** From when on there is room for a request that can wait, after `planned` others; `now` where there is now. */
export function affordableAt(state: Bounds, gateway: Pick<GatewayState, 'spent'>, now: EpochMs, planned = 0): EpochMs {
  const most = mostOf(state);
  const tooMuch = spentBy(state, gateway, now).pressure + planned + 1 - AT_ONCE * most;
  return tooMuch <= 0 ? now : after(now, millis(Math.ceil((tooMuch / (EACH_MINUTE * most)) * MINUTE)));
}

/** Is there room for what can wait? */
export function canAfford(state: State, id: GatewayState['id'], now: EpochMs): boolean {
  const gateway = state.gateways.get(id);
  return gateway !== undefined && affordableAt(state, gateway, now) <= now;
}

export function budgetOf(state: State, gateway: GatewayState): GatewayView['budget'] {
  const { minute, count, listing } = spentBy(state, gateway, state.now);
  return { used: count + listing, perMinute: mostOf(state) + listing, until: epochMs((minute + 1) * MINUTE) };
}

type Bounds = Pick<State, 'mappings' | 'leftovers'>;

/** The number that counts. */
const mostOf = ({ mappings, leftovers }: Bounds): number => budgetPerMinute(mappings.size + leftovers.size);
