import { expect, test } from 'vitest';
import { after, epochMs, inHours, inMinutes, millis, type EpochMs } from '../../../main/contract/units.ts';
import { personality } from '../../../main/simulator/personalities/personalities.ts';
import { picture } from '../../support/activity-talk.ts';
import { AppHome, tcp, type AppHomeOptions } from '../../support/app-home.ts';

const FORWARDS = 25;
/** Of former starts. */
const DAYS = 23;
const DAY = inHours(24);

interface Recorded {
  readonly id: number;
  readonly at: EpochMs;
}

async function home(options: AppHomeOptions = {}): Promise<AppHome> {
  return await AppHome.start({ router: personality('pcp-only'), ...options });
}

/** Quarters of days, at the end of each of which the router restarts. */
async function live(at: AppHome, quarters: number): Promise<void> {
  for (let quarter = 0; quarter < quarters; quarter++) {
    await at.world.run(inMinutes(6 * 60 - 20));
    at.home.router.reboot({ downFor: inMinutes(5) });
    await at.world.run(inMinutes(20));
  }
}

async function addGames(at: AppHome): Promise<void> {
  const ports = Array.from({ length: FORWARDS }, (_, n) => tcp(30_000 + n));
  await at.add('Games', ports, true);
}

/** As Portkeeper itself wrote it on one such day. */
async function recordOfADay(): Promise<readonly Recorded[]> {
  const at = await home();
  await addGames(at);
  await live(at, 4);
  const records = at.storage.records('activity') as readonly Recorded[];
  await at.stop();
  return records;
}

test(
  '25 forwards for 24 days, and a router that restarts four times a day: the record stays short and knows the last day',
  { timeout: 900_000 },
  async () => {
    const day = await recordOfADay();
    // The first days are that one again and again, written by earlier starts: each takes as long as it to live through.
    const before = Array.from({ length: DAYS }, (_, n) =>
      day.map(({ id, at, ...entry }) => ({
        ...entry,
        id: n * day.length + id,
        at: after(at, millis((n - DAYS) * DAY)),
      })),
    ).flat();
    const at = await home({ prepare: (storage) => storage.putRecords('activity', before) });
    await addGames(at);
    await live(at, 5);
    const { entries, oldest } = await at.do('activity.read', {});
    expect(oldest).toBeGreaterThan(1);
    expect(entries.length).toBeLessThanOrEqual(5501);
    expect(at.storage.records('activity').length).toBeLessThanOrEqual(10_000);
    // Bounded, and yet a week at the least.
    expect(at.world.now - (entries[0]?.at ?? at.world.now)).toBeGreaterThan(7 * DAY);
    const lines = await picture(at, epochMs(at.world.now - DAY));
    expect(lines).toHaveLength(FORWARDS);
    for (const line of lines)
      expect(line).toMatch(/: open 0-34\d 34\d-70\d 70\d-106\d 106\d-142\d 142\d-1440, unknown -$/);
    await at.stop();
  },
);
