import { expect, test } from 'vitest';
import { seconds } from '../../../main/contract/units.ts';
import { personality } from '../../../main/simulator/personalities/personalities.ts';
import { DAYS, holdForDays, LEASE, PATIENCE } from './hold-for-days.ts';

// A file of its own, so that it runs beside the days over PCP: a virtual minute here is six requests over HTTP.
test(
  `fifty forwards are held for ${24 * DAYS} hours of ten-minute leases over UPnP, without a gap`,
  { timeout: PATIENCE },
  async () => {
    const held = await holdForDays(personality('upnp-only', { lease: { longest: seconds(LEASE) } }));
    expect(held.lost).toEqual([]);
    expect(held.doubts).toEqual([]);
    expect(held.renewals).toBeLessThanOrEqual(1.2 * held.leastRenewals);
    expect(held.requests['AddPortMapping']).toBeLessThanOrEqual(1.2 * held.leastRenewals);
    // Each minute the public IP address, the uptime and one entry; now and then an event subscription, and a few to begin with.
    expect(held.totalRequests - (held.requests['AddPortMapping'] ?? 0)).toBeLessThanOrEqual(4 * held.minutes + 100);
  },
);
