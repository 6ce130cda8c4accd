/** Has a PCP or NAT-PMP server lost its state? Told by the clock that it reports (RFC 6887 §8.5). */
import type { Millis, Seconds } from '../contract/units.ts';

export interface EpochReading {
  /** What the server reported: seconds since it lost its state. */
  readonly epoch: Seconds;
  /** Ours, when the answer came: a clock that neither jumps nor stands still while the machine sleeps. */
  readonly at: Millis;
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
