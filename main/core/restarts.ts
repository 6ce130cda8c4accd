/** Has a gateway restarted, or has it only another external address? For people; what it holds is checked in any case. And
 * has a PCP or NAT-PMP server lost its state, by the clock that it reports (RFC 6887 §8.5)? */
import type { GatewayId } from '../contract/model.ts';
import {
  after,
  elapsed,
  inMinutes,
  inSeconds,
  secondsToMillis,
  epochMs,
  millis,
  type EpochMs,
  type Millis,
  type Seconds,
} from '../contract/units.ts';
import { withGateway } from './change.ts';
import type { GatewayState, State, EpochReading, UptimeReading } from './state.ts';

/** Signs of one event come within this time: a heartbeat of each control, with room for one that is lost. */
const TOGETHER = inMinutes(2);

/** Counters are in whole seconds, and their answers take a while. */
const COARSE = inSeconds(2);

const isRecent = (moment: EpochMs | undefined, { now }: State): boolean =>
  moment !== undefined && now <= after(moment, TOGETHER);

/** A count that went back, or is of less time than has passed since the reading before, whose moment is `since`. After
 * a jump of our own clock nobody knows how much that is.
 * @param count seconds, as the gateway counts from its restart */
export function beganAnew(state: State, count: Seconds, before: Seconds, since: EpochMs): boolean {
  if (count < before) return true;
  const isKnown = state.wokeAt === undefined || state.wokeAt < since;
  return isKnown && secondsToMillis(count) + COARSE < elapsed(since, state.now);
}

/**
 * One of its counters restarted. Servers do that too when the external address changes, and keep all they hold (L21);
 * one that was silent just before did restart.
 * @param certain when nothing but a restart explains it
 */
export function sawRestart(state: State, id: GatewayId, certain = false): State {
  const gateway = state.gateways.get(id);
  if (gateway === undefined) return state;
  const { restarted, backAt, readdressedAt } = gateway;
  const isCertain = certain || isRecent(backAt, state);
  if (!isCertain && isRecent(readdressedAt, state)) return state;
  // Each of its controls may report it.
  if (restarted !== undefined && isRecent(restarted.at, state)) {
    return isCertain ? withGateway(state, id, { restarted: { at: restarted.at, certain: true } }) : state;
  }
  // A boot id heard before is of the former start: the next one that is heard is no news.
  const bootId = certain ? gateway.bootId : undefined;
  return withGateway(state, id, { bootId, restarted: { at: state.now, certain: isCertain } });
}

/** Another external address: what looked like a restart may have been no more than that. */
export function sawReaddress(state: State, id: GatewayId): State {
  const restarted = state.gateways.get(id)?.restarted;
  const wasDoubtful = restarted !== undefined && !restarted.certain && isRecent(restarted.at, state);
  return withGateway(state, id, { readdressedAt: state.now, ...(wasDoubtful ? { restarted: undefined } : {}) });
}

/** One restart shows in the clock of each control, in their uptime and in the address. */
const BELIEVED_AT_ONCE = 6;
/** From then on they are taken for false. */
const MOST_SIGNS = 12;
/** One sign fades within this time. */
const FADES: Millis = inMinutes(2);
/** Times at which there were any; and the time in which one of those fades. */
const MOST_ALARMS = 5;
const ALARM_FADES: Millis = inMinutes(15);
const FIRST_WAIT: Millis = inSeconds(30);
const LONGEST_WAIT: Millis = inMinutes(15);

export const NO_SIGNS: GatewayState['signs'] = {
  answered: { count: 0, at: epochMs(0), alarms: 0, alarmAt: epochMs(0) },
  announced: { count: 0, at: epochMs(0), alarms: 0, alarmAt: epochMs(0) },
};

/**
 * One more sign that the gateway may have lost what it holds. The first few are heeded at once, those that keep coming
 * later and later: a clock that jumps at each answer would else have everything asked for again without end.
 * @returns when it is to be heeded
 */
export function noteSign(
  state: State,
  { id, signs, falseRestarts, backAt }: GatewayState,
  kind: keyof GatewayState['signs'],
): { readonly state: State; readonly heedAt: EpochMs } {
  const { now } = state;
  const before = signs[kind];
  const count = Math.min(MOST_SIGNS, Math.max(0, before.count - elapsed(before.at, now) / FADES) + 1);
  // One that was silent did restart.
  const isOfAlarm = isRecent(before.alarmAt, state) || isRecent(backAt, state);
  const { alarms, alarmAt } = isOfAlarm
    ? before
    : { alarms: Math.max(0, before.alarms - elapsed(before.alarmAt, now) / ALARM_FADES) + 1, alarmAt: now };
  const surplus = Math.ceil(count) - BELIEVED_AT_ONCE;
  const isFalse = kind === 'answered' && (count >= MOST_SIGNS || alarms >= MOST_ALARMS);
  const wait = surplus <= 0 ? 0 : Math.min(FIRST_WAIT * 2 ** (surplus - 1), LONGEST_WAIT);
  const next = withGateway(state, id, {
    signs: { ...signs, [kind]: { count, at: now, alarms, alarmAt } },
    falseRestarts: falseRestarts || isFalse,
  });
  return { state: next, heedAt: after(now, kind === 'answered' && falseRestarts ? LONGEST_WAIT : millis(wait)) };
}

/** An answer that fits the one before it speaks for the clock: a gateway that really restarts gives many of those. */
const ALARMS_PER_FIT = 0.5;

export function noteFit(state: State, id: GatewayId): State {
  const signs = state.gateways.get(id)?.signs;
  if (signs === undefined || signs.answered.alarms === 0) return state;
  const alarms = Math.max(0, signs.answered.alarms - ALARMS_PER_FIT);
  return withGateway(state, id, { signs: { ...signs, answered: { ...signs.answered, alarms } } });
}

/**
 * Both clocks must have advanced alike, give or take two seconds and one sixteenth; the server's may go back by one
 * second, because answers overtake each other. NAT-PMP's own test (RFC 6886 §3.6) is the weaker half of it, so PCP's
 * serves both (P14). `restarted` means "check and re-send", not "lost" (L21).
 */
export function checkEpoch(previous: EpochReading | undefined, current: EpochReading): 'same' | 'restarted' {
  if (previous === undefined) return 'same';
  const server = current.epoch - previous.epoch;
  if (server < -1) return 'restarted';
  const client = Math.max(0, current.at - previous.at) / 1000;
  const tooFast = client + 2 < server - server / 16;
  const tooSlow = server + 2 < client - client / 16;
  return tooFast || tooSlow ? 'restarted' : 'same';
}

/** Some routers count in steps of ten seconds: so many readings show what this one does. */
const FITS_TO_KNOW = 6;
const LAG_FADES = 0.8;

/**
 * A connection that is up for less time than before was down in between. How exact a counter is, its readings show; until
 * then 15 seconds are allowed. Counters that stand still say nothing.
 * @param onItsWay so long ago it was asked; absent where that is not known
 */
export function checkUptime(
  previous: UptimeReading | undefined,
  current: Pick<UptimeReading, 'seconds' | 'at'>,
  onItsWay: Millis | undefined,
): { readonly verdict: 'same' | 'restarted' | 'unknown'; readonly reading: UptimeReading } {
  const first = { ...current, fits: 0, lag: 0 };
  if (previous === undefined || current.seconds === previous.seconds) return { verdict: 'unknown', reading: first };
  const passed = elapsed(previous.at, current.at) / 1000;
  const missing = previous.seconds + passed - current.seconds;
  const { fits, lag } = previous;
  const isKnown = fits >= FITS_TO_KNOW && onItsWay !== undefined;
  const allowed = isKnown ? 2 + 2 * lag + onItsWay / 1000 + passed / 16 : 15 + passed / 8;
  const wentBack = current.seconds < previous.seconds && missing > 3;
  // A restart doesn't change how the counter runs.
  if (wentBack || missing > allowed) return { verdict: 'restarted', reading: { ...current, fits, lag } };
  return {
    verdict: 'same',
    reading: { ...current, fits: fits + 1, lag: Math.max(Math.abs(missing), lag * LAG_FADES) },
  };
}
