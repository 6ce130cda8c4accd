import { expect, test } from 'vitest';
import { seconds } from '../../../main/contract/units.ts';
import { personality } from '../../../main/simulator/personalities/personalities.ts';
import { DAYS, holdForDays, LEASE, PATIENCE } from './hold-for-days.ts';

test(
  `fifty forwards are held for ${24 * DAYS} hours of ten-minute leases over PCP, without a gap`,
  { timeout: PATIENCE },
  async () => {
    const held = await holdForDays(personality('pcp-only', { pxp: { longest: seconds(LEASE) } }));
    expect(held.lost).toEqual([]);
    expect(held.doubts).toEqual([]);
    expect(held.renewals).toBeLessThanOrEqual(1.2 * held.leastRenewals);
    // Every request, retransmissions and answers that were lost included.
    expect(held.requests['pcp MAP']).toBeLessThanOrEqual(1.2 * held.leastRenewals);
    // A heartbeat each 20 s, as it announces nothing, and nothing else.
    expect(held.totalRequests - (held.requests['pcp MAP'] ?? 0)).toBeLessThanOrEqual(3.5 * held.minutes);
  },
);
