import { expect, test } from 'vitest';
import { seconds } from '../../../main/contract/units.ts';
import { personality } from '../../../main/simulator/personalities/personalities.ts';
import { holdForAMonth, LEASE } from '../../support/month.ts';

// A file of its own, so that it runs beside the month over PCP: a virtual minute here is six requests over HTTP.
test(
  'fifty forwards are held for thirty days of ten-minute leases over UPnP, without a gap',
  { timeout: 1_800_000 },
  async () => {
    const month = await holdForAMonth(personality('upnp-only', { lease: { longest: seconds(LEASE) } }));
    expect(month.lost).toEqual([]);
    expect(month.doubts).toEqual([]);
    expect(month.renewals).toBeLessThanOrEqual(1.2 * month.leastRenewals);
    expect(month.requests['AddPortMapping']).toBeLessThanOrEqual(1.2 * month.leastRenewals);
    // Each minute the outside address, the uptime and one entry; now and then an event subscription.
    expect(month.totalRequests - (month.requests['AddPortMapping'] ?? 0)).toBeLessThanOrEqual(4 * month.minutes);
  },
);
