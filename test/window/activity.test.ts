import { text as textFrom } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { inHours, inMinutes, inSeconds } from '../../main/contract/units.ts';
import { tcp, udp } from '../support/app-home.ts';
import type { HomeOnStage } from './stage/staged-app.ts';
import { homeStage, type Stage } from './stage/stage.ts';
import { openView, toEach } from './stage/views.ts';

/** Six hours with Minecraft open, in which the router was off for a quarter of an hour. */
async function eventfulDay(profiles = 1): Promise<Stage<HomeOnStage>> {
  const stage = await homeStage();
  const { home } = stage.app;
  await stage.app.alone(async () => {
    await home.do('settings.change', { settings: { welcomed: true } });
    await home.add('Minecraft', [tcp(25_565), udp(19_132)], true);
    for (let more = 1; more < profiles; more++) {
      await home.add(`Server ${more}`, [tcp(30_000 + more), udp(30_000 + more)], true);
    }
    await home.world.until(() => home.table.length === 2 * profiles, inMinutes(5), 'open');
    await home.world.run(inHours(2));
    home.home.router.powerOff();
    await home.world.run(inMinutes(15));
    home.home.router.powerOn();
    await home.world.until(() => home.table.length === 2 * profiles, inMinutes(10), 'open again');
    await home.world.run(inHours(3));
  });
  return stage;
}

test('events are shown in plain words, and filtered', async () => {
  const stage = await eventfulDay();
  const { page } = await stage.open({ width: 1100 });
  await page.getByRole('link', { name: 'Activity' }).click();
  const entries = page.locator('.timeline-entry');
  await page
    .getByText(/^Minecraft: 25565\/TCP opened on /)
    .first()
    .waitFor();
  await expect.poll(() => entries.filter({ hasText: 'renewed' }).count()).toBe(0);
  await page.getByRole('radio', { name: 'Problems' }).check();
  await expect.poll(() => entries.filter({ hasText: 'opened' }).count()).toBe(0);
  await page
    .getByText(/25565\/TCP is no longer open/)
    .first()
    .waitFor();
  await page.getByRole('radio', { name: 'All' }).check();
  await entries.filter({ hasText: 'renewed' }).first().waitFor();
});

test('new events appear automatically', async () => {
  const stage = await eventfulDay();
  const { page } = await stage.open();
  await page.getByRole('link', { name: 'Activity' }).click();
  await page
    .getByText(/opened on /)
    .first()
    .waitFor();
  const [minecraft] = stage.app.home.snapshot.profiles;
  if (minecraft === undefined) throw new Error('there is no profile');
  await stage.app.alone(() => stage.app.home.do('profile.switch', { id: minecraft.id, on: false }));
  await page.getByText('Minecraft was turned off.').waitFor();
  await page.getByText('Minecraft: 25565/TCP closed.').waitFor();
});

test('the picture of the last day says when each forward was open', async () => {
  const stage = await eventfulDay();
  const { page } = await stage.open({ width: 1100 });
  await page.getByRole('link', { name: 'Activity' }).click();
  const row = page.locator('summary', { hasText: '25565/TCP' });
  await row.waitFor();
  await expect.poll(() => row.locator('.day-sum').textContent()).toMatch(/^open 5 h/);
  // By keyboard, as any disclosure.
  await row.focus();
  await page.keyboard.press('Enter');
  await page
    .getByText(/^Open from \d\d:\d\d to \d\d:\d\d$/)
    .first()
    .waitFor();
  await page
    .getByText(/^Open since \d\d:\d\d$/)
    .first()
    .waitFor();
});

test('the picture of a first hour fills its axis, and reaches further when it is asked to', async () => {
  const stage = await homeStage();
  const { home } = stage.app;
  await stage.app.alone(async () => {
    await home.do('settings.change', { settings: { welcomed: true } });
    await home.add('Minecraft', [tcp(25_565)], true);
    await home.world.run(inMinutes(40));
  });
  const { page } = await stage.open({ width: 1100 });
  await page.getByRole('link', { name: 'Activity' }).click();
  const piece = page.locator('.day-piece[data-kind=open]');
  const share = () => piece.evaluate((bar) => bar.clientWidth / (bar.parentElement?.clientWidth ?? 1));
  await expect.poll(share).toBeGreaterThan(0.95);
  expect(await page.locator('.day-piece[data-kind=unknown]').count()).toBe(0);
  const ticks = page.locator('.day-tick');
  expect((await ticks.allTextContents()).filter((text) => !/^\d\d:[0-5]0$/.test(text))).toEqual([]);
  expect(await ticks.count()).toBeGreaterThan(1);
  // Asleep, for the most: two days that are lived through take half a minute of ours.
  home.home.client.clock.suspend(inHours(47));
  await stage.app.elapse(inHours(50));
  await page.getByRole('radio', { name: '1 h' }).check();
  await expect.poll(share).toBeGreaterThan(0.95);
  await page.getByRole('radio', { name: '7 days' }).check();
  await expect.poll(() => ticks.allTextContents()).toEqual(['Mon', 'Tue']);
});

test('events are searched, and saved as they are shown', async () => {
  const stage = await eventfulDay(2);
  const { page } = await stage.open({ width: 1100 });
  await page.getByRole('link', { name: 'Activity' }).click();
  const entries = page.locator('.timeline-entry');
  await entries.first().waitFor();
  await page.getByRole('searchbox', { name: 'Search activity' }).fill('opened minecraft 25565');
  await expect.poll(() => entries.count()).toBe(2);
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export' }).click();
  const file = await saved;
  expect(file.suggestedFilename()).toMatch(/^portkeeper-activity-\d{4}-\d\d-\d\d\.csv$/);
  const lines = (await textFrom(await file.createReadStream())).replace('\uFEFF', '').trim().split('\r\n');
  expect(lines[0]).toBe('Time,Kind,What happened');
  expect(lines.slice(1)).toEqual([
    expect.stringMatching(/^\d{4}-.*Z,Good,Minecraft: 25565\/TCP opened on /),
    expect.stringMatching(/^\d{4}-.*Z,Good,Minecraft: 25565\/TCP opened on /),
  ]);
  await page.getByRole('searchbox', { name: 'Search activity' }).fill('no such thing');
  await page.getByText('No matches.').waitFor();
  await page.getByRole('button', { name: 'Show all' }).click();
  await entries.nth(3).waitFor();
});

test('many forwards stand beneath their profiles', async () => {
  const stage = await eventfulDay(10);
  const { page } = await stage.open({ width: 1100 });
  await page.getByRole('link', { name: 'Activity' }).click();
  const minecraft = page.getByRole('button', { name: /Minecraft, 2 forwards/ });
  await minecraft.click();
  await page.locator('summary', { hasText: '19132/UDP' }).waitFor();
  await expect.poll(() => minecraft.getAttribute('aria-expanded')).toBe('true');
});

test('it is cleared once the person confirms, and starts again', async () => {
  const stage = await eventfulDay();
  const { page } = await stage.open();
  await page.getByRole('link', { name: 'Activity' }).click();
  await page
    .getByText(/opened on /)
    .first()
    .waitFor();
  await page.getByRole('button', { name: 'Clear…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await page
    .getByText(/opened on /)
    .first()
    .waitFor();
  await page.getByRole('button', { name: 'Clear…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Clear', exact: true }).click();
  await page.getByText('No activity yet.').waitFor();
  expect(stage.app.home.table).toHaveLength(2);
});

test('it can be used by everybody', async () => {
  const stage = await eventfulDay(3);
  await stage.app.elapse(inSeconds(5));
  const staged = await openView(stage, 'activity', { width: 1100, height: 800 });
  const { page } = staged;
  await page.locator('.timeline-entry').first().waitFor();
  await page.locator('summary').first().waitFor();
  const looks = [
    { width: 1100, height: 800 },
    { width: 1100, height: 800, theme: 'dark' },
    { width: 320, height: 640, language: 'de' },
    { width: 480, height: 800, theme: 'dark', language: 'de' },
  ] as const;
  await toEach(stage, staged, looks, async (look) => {
    await staged.shot(`activity-${look}`);
    expect.soft(await staged.accessibilityFaults(), look).toEqual([]);
    expect.soft(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), look).toBe(true);
  });
});
