/** The simulated router, from the first try to the real one: what was tried is the person's to keep. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { inSeconds } from '../../main/contract/units.ts';
import { withDemo } from '../support/demo-in-lan.ts';
import { tcp, udp } from '../support/app-home.ts';
import { homeStage, type Stage } from './stage/stage.ts';
import type { HomeOnStage } from './stage/staged-app.ts';
import { outOfHistory, settledStage, toEach } from './stage/views.ts';

/** Minecraft was there before, switched off; Valheim and a shop are made and switched on with the simulated router. */
async function trying(): Promise<Stage<HomeOnStage>> {
  const stage = await settledStage({ host: withDemo([]) });
  const { home } = stage.app;
  await stage.app.alone(async () => {
    await home.add('Minecraft', [tcp(25_565)]);
    await home.do('demo.switch', { on: true });
    await home.do('profile.switch', { id: await home.add('Valheim', [udp(2456, 2458)]), on: true });
    await home.do('profile.switch', { id: await home.add('Shop', [tcp(80), tcp(443)]), on: true });
  });
  return stage;
}

const question = (page: Page) => page.getByRole('dialog', { name: 'Keep what you tried?' });
const useReal = (page: Page) => page.getByRole('button', { name: 'Use my real router' });
const profiles = ({ app }: Stage<HomeOnStage>) => app.home.snapshot.profiles.map(({ name, on }) => `${name} ${on}`);

test('leaving it asks what is to be kept; that arrives turned off, and the rest can be brought back', async () => {
  const stage = await trying();
  const { page } = await stage.open();
  await useReal(page).click();
  await question(page).getByRole('checkbox', { name: 'Shop' }).uncheck();
  await question(page).getByRole('button', { name: 'Keep 1' }).click();
  await page.getByText('1 profile added, turned off. 1 discarded.').waitFor();
  await useReal(page).waitFor({ state: 'detached' });
  await expect.poll(() => stage.app.home.snapshot.demo).toBe(false);
  expect(profiles(stage)).toEqual(['Minecraft false', 'Valheim false']);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => profiles(stage)).toEqual(['Minecraft false', 'Valheim false', 'Shop false']);
  await stage.app.elapse(inSeconds(60));
  expect(stage.app.home.table).toEqual([]);
});

test('anyone who changes their mind stays with it; anyone who decides later is offered it until they have', async () => {
  const stage = await trying();
  const { page } = await stage.open();
  await useReal(page).click();
  await question(page).waitFor();
  await page.keyboard.press('Escape');
  await question(page).waitFor({ state: 'detached' });
  expect(stage.app.home.snapshot.demo).toBe(true);
  await useReal(page).click();
  await question(page).getByRole('button', { name: 'Decide later' }).click();
  await page.getByText('2 profiles you tried with the simulated router').waitFor();
  expect(profiles(stage)).toEqual(['Minecraft false']);
  await outOfHistory(page);
  await page.reload();
  await page.getByRole('button', { name: 'Choose…' }).click();
  await question(page).getByRole('button', { name: 'Keep 2' }).click();
  await expect.poll(() => profiles(stage)).toEqual(['Minecraft false', 'Valheim false', 'Shop false']);
  await page.getByText('profiles you tried').waitFor({ state: 'detached' });
  expect(stage.app.home.table).toEqual([]);
});

test('nothing is asked where there is nothing to keep', async () => {
  const stage = await settledStage({ host: withDemo([]) });
  await stage.app.alone(async () => {
    const { home } = stage.app;
    const id = await home.add('Minecraft', [tcp(25_565)]);
    await home.do('demo.switch', { on: true });
    await home.do('profile.switch', { id, on: true });
  });
  const { page } = await stage.open();
  await useReal(page).click();
  await useReal(page).waitFor({ state: 'detached' });
  expect(profiles(stage)).toEqual(['Minecraft false']);
});

test('in the first steps it is the same', async () => {
  const stage = await homeStage({ host: withDemo([]) });
  await stage.app.alone(() => stage.app.home.do('demo.switch', { on: true }));
  const { page } = await stage.open();
  await page.getByRole('button', { name: 'Terraria' }).click();
  await page.getByText('1 added').waitFor();
  await page.getByRole('button', { name: 'Look for my router' }).click();
  await question(page).getByRole('button', { name: 'Keep 1 profile' }).click();
  await page.getByText('1 profile added, turned off.').waitFor();
  await expect.poll(() => stage.app.home.snapshot.demo).toBe(false);
  expect(profiles(stage)).toEqual(['Terraria false']);
});

test('a failure to save is shown, and nothing is decided', async () => {
  const stage = await trying();
  const { page } = await stage.open();
  await useReal(page).click();
  stage.app.home.storage.failNext('write', 'no-space');
  await question(page).getByRole('button', { name: 'Keep 2' }).click();
  await question(page).getByRole('alert').locator('.callout').waitFor();
  expect(stage.app.home.snapshot.demo).toBe(true);
  await question(page).getByRole('button', { name: 'Keep 2' }).click();
  await expect.poll(() => profiles(stage)).toHaveLength(3);
});

test('the activity shown is that of the router in use', async () => {
  const stage = await trying();
  const { page } = await stage.open();
  await page.getByRole('link', { name: 'Activity' }).click();
  await page.getByText('Valheim was turned on.').waitFor();
  await useReal(page).click();
  for (const name of ['Valheim', 'Shop']) await question(page).getByRole('checkbox', { name }).uncheck();
  await question(page).getByRole('button', { name: 'Keep none' }).click();
  await page.getByText('Switched back to the real router.').waitFor();
  await expect.poll(() => page.getByText('Valheim was turned on.').count()).toBe(0);
});

test('everybody can answer', async () => {
  const looks = [
    { theme: 'light', width: 1000, language: 'en' },
    { theme: 'dark', width: 1000, language: 'de' },
    { theme: 'dark', width: 320, language: 'en' },
    { theme: 'light', width: 320, language: 'de' },
  ] as const;
  const stage = await trying();
  await stage.app.alone(() =>
    stage.app.home.add(
      'A quite long name of a server that somebody runs for friends and for some others',
      [27015, 27016, 27017, 27018, 27019, 27020].map((port) => tcp(port)),
    ),
  );
  const staged = await stage.open();
  const { page } = staged;
  const mustHold = async (look: string, width: number | undefined): Promise<void> => {
    expect.soft(await staged.accessibilityFaults(), look).toEqual([]);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    expect.soft(wide, look).toBeLessThanOrEqual(width ?? 0);
  };
  await useReal(page).click();
  await page.getByRole('dialog').waitFor();
  await toEach(stage, staged, looks, async (look, { width }) => {
    await staged.shot(`demo-leave-${look}`, false);
    await mustHold(look, width);
  });
  await page.getByRole('dialog').getByRole('button').nth(1).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await expect.poll(() => stage.app.home.snapshot.demo).toBe(false);
  await toEach(stage, staged, looks, async (look, { width }) => {
    await staged.shot(`demo-later-${look}`, false);
    await mustHold(look, width);
  });
});
