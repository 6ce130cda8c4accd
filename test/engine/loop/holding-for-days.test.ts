import { expect, test } from 'vitest';
import { inHours, seconds } from '../../../main/contract/units.ts';
import { personality } from '../../../main/simulator/personalities/personalities.ts';
import { EngineHome, forward } from '../../support/engine-home.ts';
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

/** Requests in two hours for a hundred forwards, where asking again each minute takes 12,000. */
test.each([
  ['miniupnpd', 330],
  ['upnp-only', 570],
  ['pxp-only', 430],
] as const)(
  'a router that nothing happens to is asked rarely (%s: %i times)',
  { timeout: PATIENCE },
  async (router, most) => {
    const at = await EngineHome.start({ router: personality(router), world: { splitStreams: false } });
    await at.want(
      ...Array.from({ length: 50 }, (_, n) => forward(`f${n}`, 20_000 + n, { transports: ['tcp', 'udp'] })),
    );
    const { counters } = at.home.router;
    counters.reset();
    await at.world.run(inHours(2));
    expect(counters.total - counters.of('M-SEARCH')).toBeLessThanOrEqual(most);
    expect(at.allOpen).toBe(true);
    await at.stop();
  },
);
