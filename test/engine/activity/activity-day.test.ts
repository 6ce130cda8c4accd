import { describe, expect, test } from 'vitest';
import { inHours, inMinutes, inSeconds } from '../../../main/contract/units.ts';
import { picture, told } from '../../support/activity-talk.ts';
import { AppHome, tcp, type AppHomeOptions } from '../../support/app-home.ts';

/** One forward, wanted and open from the start. */
async function web(options: AppHomeOptions = {}): Promise<AppHome> {
  const at = await AppHome.start(options);
  await at.add('Web', [tcp(8080)], true);
  return at;
}

const pictureOf = async (at: AppHome): Promise<readonly string[]> => await picture(at, at.world.timeline.start);

describe('the picture of the last 24 hours', () => {
  test('shows forwards that are open, were closed, or are wanted and were never open', async () => {
    const at = await web();
    const game = await at.add('Game', [tcp(9000)], true);
    await at.world.run(inMinutes(30));
    await at.do('profile.switch', { id: game, on: false });
    await at.world.run(inMinutes(30));
    at.home.router.powerOff();
    await at.world.run(inMinutes(5));
    const late = await at.add('Late', [tcp(9001)]);
    // It never settles: nobody waits for it.
    void at.client.ask('profile.switch', { id: late, on: true });
    await at.world.run(inMinutes(5));
    expect(await pictureOf(at)).toEqual([
      expect.stringMatching(/^8080: open 0-6[12], unknown -$/),
      '9001: open -, unknown -',
      '9000: open 0-30, unknown -',
    ]);
    await at.stop();
  });

  test('has a gap where the router was away, and none for a restart that took seconds', async () => {
    const at = await web();
    await at.world.run(inMinutes(30));
    at.home.router.reboot();
    await at.world.run(inMinutes(30));
    at.home.router.powerOff();
    await at.world.run(inMinutes(30));
    at.home.router.powerOn();
    await at.world.run(inMinutes(30));
    // It is away once two heartbeats went unanswered.
    expect(await pictureOf(at)).toEqual([expect.stringMatching(/^8080: open 0-6[12] 90-120, unknown -$/)]);
    await at.stop();
  });

  test('does not know of the time after a crash, from the last sign of life on', async () => {
    const first = await web();
    await first.world.run(inMinutes(60));
    first.kill();
    await first.world.run(inMinutes(60));
    const at = await first.again();
    await at.world.run(inMinutes(60));
    const [line] = await pictureOf(at);
    const [, open, unknown] = /open 0-(\d+) 120-180, unknown (\d+)-120$/.exec(line ?? '') ?? [];
    expect(unknown).toBe(open);
    expect(Number(open)).toBeGreaterThanOrEqual(54);
    expect(Number(open)).toBeLessThanOrEqual(60);
    await at.stop();
  });

  test('is drawn while nothing runs as well, and then ends with what nobody knows', async () => {
    const first = await web();
    await first.world.run(inMinutes(60));
    await first.finish(first.app.leave(inSeconds(15), 'keep'));
    await first.stop();
    await first.world.run(inMinutes(60));
    const idle = await first.again({ runs: false });
    expect(await pictureOf(idle)).toEqual(['8080: open 0-60, unknown 60-120']);
  });

  test('shows what was closed at the end as closed', async () => {
    const first = await web();
    await first.world.run(inMinutes(60));
    await first.finish(first.app.leave(inSeconds(15), 'close'));
    await first.stop();
    await first.world.run(inMinutes(60));
    const at = await first.again();
    await at.world.run(inMinutes(60));
    expect(await pictureOf(at)).toEqual(['8080: open 0-60 120-180, unknown -']);
    await at.stop();
  });

  test.for(['stands-still', 'goes-on'] as const)(
    'does not know of the time that the computer slept, its clock %s (H9)',
    async (monotonic) => {
      const at = await web();
      await at.world.run(inMinutes(60));
      at.home.client.clock.suspend(inHours(3), { monotonic });
      await at.world.run(inHours(3));
      at.app.woke();
      await at.world.run(inMinutes(60));
      expect(await told(at)).toContain('woke');
      const [line] = await pictureOf(at);
      const [, from, unknown] = /open 0-(\d+) 240-300, unknown (\d+)-240$/.exec(line ?? '') ?? [];
      expect(unknown).toBe(from);
      // The latest look before it slept.
      expect(Number(from)).toBeGreaterThanOrEqual(58);
      await at.stop();
    },
  );

  test('goes by the clock as it is now, after that was set back', async () => {
    const at = await web();
    await at.world.run(inMinutes(60));
    at.home.client.clock.jump(inHours(-3));
    await at.world.run(inMinutes(60));
    const begin = at.world.timeline.start - inHours(3);
    const { forwards, to } = await at.do('activity.times', {});
    expect(to).toBe(at.home.client.system.clock.now());
    const [first, ...more] = forwards[0]?.open ?? [];
    expect(more).toEqual([]);
    expect(Math.abs((first?.from ?? 0) - begin)).toBeLessThan(5000);
    expect(first?.to).toBe(to);
    await at.stop();
  });
});

describe('the time that is shown', () => {
  test('begins with the record, so that a first hour is not a sliver of a day', async () => {
    const at = await web();
    await at.world.run(inMinutes(60));
    for (const range of ['day', 'week'] as const) {
      const { from, to, forwards } = await at.do('activity.times', { range });
      expect(to).toBe(Math.floor(at.world.now));
      expect(Math.abs(from - at.world.timeline.start)).toBeLessThan(inSeconds(10));
      expect(forwards[0]?.unknown).toEqual([]);
    }
    await at.stop();
  });

  test('is not shorter than a few minutes', async () => {
    const at = await web();
    await at.world.run(inSeconds(10));
    const { from, to } = await at.do('activity.times', {});
    expect(to - from).toBe(inMinutes(5));
    await at.stop();
  });

  test('is as long as requested, where more is known', async () => {
    const at = await web();
    // Asleep, for the most: nothing has to be lived through.
    at.home.client.clock.suspend(inHours(29));
    await at.world.run(inHours(30));
    for (const [range, hours] of [
      ['hour', 1],
      ['day', 24],
      ['week', 30],
    ] as const) {
      const { from, to } = await at.do('activity.times', { range });
      expect(Math.round((to - from) / inHours(1))).toBe(hours);
    }
    await at.stop();
  });
});

test('cleared events are gone for people, and ports open now are still known', async () => {
  const at = await web();
  await at.world.run(inMinutes(60));
  const before = at.snapshot.activity;
  await at.do('activity.clear', {});
  expect(at.snapshot.activity).toBeGreaterThan(before);
  expect(await told(at)).toEqual([]);
  expect((await at.do('activity.read', {})).oldest).toBe(at.snapshot.activity);
  await at.world.run(inMinutes(60));
  expect(await pictureOf(at)).toEqual(['8080: open 60-120, unknown -']);
  await at.do('profile.switch', { id: at.snapshot.profiles[0]?.id ?? '', on: false });
  expect(await told(at)).toEqual(['renewed 1', 'Web off', 'closed Web 8080']);
  await at.stop();
});
