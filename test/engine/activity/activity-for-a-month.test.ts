import { expect, test } from 'vitest';
import { epochMs, inHours, inMinutes } from '../../../main/contract/units.ts';
import { personality } from '../../../main/simulator/personalities/personalities.ts';
import { picture } from '../../support/activity-talk.ts';
import { AppHome, tcp } from '../../support/app-home.ts';

const FORWARDS = 25;
const DAYS = 24;

test(
  '25 forwards for 24 days, and a router that restarts four times a day: the record stays short and knows the last day',
  { timeout: 900_000 },
  async () => {
    const at = await AppHome.start({ router: personality('pcp-only') });
    const ports = Array.from({ length: FORWARDS }, (_, n) => tcp(30_000 + n));
    await at.add('Games', ports, true);
    for (let quarter = 0; quarter < 4 * DAYS; quarter++) {
      await at.world.run(inMinutes(6 * 60 - 20));
      at.home.router.reboot({ downFor: inMinutes(5) });
      await at.world.run(inMinutes(20));
    }
    const { entries, oldest } = await at.do('activity.read', {});
    expect(oldest).toBeGreaterThan(1);
    expect(entries.length).toBeLessThanOrEqual(5501);
    expect(at.storage.records('activity').length).toBeLessThanOrEqual(10_000);
    // Bounded, and yet a week at the least.
    expect(at.world.now - (entries[0]?.at ?? at.world.now)).toBeGreaterThan(inHours(7 * 24));
    const lines = await picture(at, epochMs(at.world.now - inHours(24)));
    expect(lines).toHaveLength(FORWARDS);
    for (const line of lines)
      expect(line).toMatch(/: open 0-34\d 34\d-70\d 70\d-106\d 106\d-142\d 142\d-1440, unknown -$/);
    await at.stop();
  },
);
