import { expect, test } from 'vitest';
import { seconds } from '../../../main/contract/units.ts';
import { personality } from '../../../main/simulator/personalities/personalities.ts';
import { holdForAMonth, LEASE } from '../../support/month.ts';

test(
  'fifty forwards are held for thirty days of ten-minute leases over PCP, without a gap',
  { timeout: 900_000 },
  async () => {
    const month = await holdForAMonth(personality('pcp-only', { pxp: { longest: seconds(LEASE) } }));
    expect(month.lost).toEqual([]);
    expect(month.doubts).toEqual([]);
    expect(month.renewals).toBeLessThanOrEqual(1.2 * month.leastRenewals);
    // Every request, retransmissions and answers that were lost included.
    expect(month.requests['pcp MAP']).toBeLessThanOrEqual(1.2 * month.leastRenewals);
    // A heartbeat each minute, and nothing else.
    expect(month.totalRequests - (month.requests['pcp MAP'] ?? 0)).toBeLessThanOrEqual(1.25 * month.minutes);
  },
);
