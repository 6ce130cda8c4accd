/** “Test from outside” in the row of an open forward. */
import type { Page } from 'playwright-core';
import { expect, test, onTestFinished } from 'vitest';
import { inSeconds } from '../../main/contract/units.ts';
import { tcp } from '../support/app-home.ts';
import { ProbeScene } from '../support/probe-scene.ts';
import type { Look } from './stage/look.ts';
import { openView, settledStage } from './stage/views.ts';

/** A game over both transports, and a web server; the probe server stands on the internet. */
async function staged(look: Look = {}, isOpen = true) {
  const stage = await settledStage();
  const { home } = stage.app;
  const server = await stage.app.alone(async () => {
    await home.add('Minecraft', [{ ...tcp(25_565), transports: ['tcp', 'udp'] }], isOpen);
    await home.add('Web', [tcp(443)], isOpen);
    return await ProbeScene.start(home.home);
  });
  onTestFinished(async () => {
    await stage.stop();
    await server.stop();
  });
  const use = () => stage.app.alone(() => home.do('settings.change', { settings: { probeServer: '9.9.9.9' } }));
  const seen = await openView(stage, 'forwards', look);
  return { stage, home, server, use, staged: seen, page: seen.page };
}

const button = (page: Page, name: string) =>
  page.getByRole('button', { name: new RegExp(`^(?:Test from outside|Test again): ${name}$`) });

test('without a server it says how to get one, and the button opens its setting', async () => {
  const { page } = await staged();
  await button(page, 'Minecraft').click();
  await page.getByText('There is no probe server to test with.').waitFor();
  await page.getByRole('link', { name: 'Choose a server' }).click();
  const field = page.getByLabel('Test from outside', { exact: true });
  await expect.poll(() => field.evaluate((input) => input === document.activeElement)).toBe(true);
  await field.fill('9.9.9.9:x');
  await page.keyboard.press('Enter');
  await page.getByText('Not saved.').waitFor();
  await field.fill('9.9.9.9');
  await page.keyboard.press('Enter');
  await page.getByText('Saved', { exact: true }).waitFor();
});

test('program and port are distinguished, and a test can be cancelled', async () => {
  const { page, stage, home, use } = await staged();
  await use();
  await button(page, 'Web').click();
  await page.getByText('Open, but no program is listening').waitFor();
  await stage.app.alone(() => home.home.serve(home.home.client, 'tcp', 443));
  await button(page, 'Web').click();
  await page.getByText('Reachable from outside').waitFor();

  home.home.router.wipeFirewall();
  await button(page, 'Minecraft').click();
  await page.getByText('Testing: 0 of 2').waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await button(page, 'Minecraft').waitFor();
  await button(page, 'Minecraft').click();
  await page.getByText(/^Testing/).waitFor();
  await stage.app.elapse(inSeconds(20));
  await page.getByText('Not reachable from outside').waitFor();
  // Only while it is open.
  await page.getByRole('switch', { name: 'Keep Web open' }).click();
  await button(page, 'Web').waitFor({ state: 'detached' });
  await page.getByText('Reachable from outside', { exact: true }).waitFor({ state: 'detached' });
});

test('fits a narrow window, and has no fault that axe-core finds', async () => {
  const { staged: seen, page, use, home, stage } = await staged({ width: 320, language: 'de', theme: 'dark' });
  await use();
  home.home.router.wipeFirewall();
  for (const name of ['Minecraft', 'Web']) {
    await page.getByRole('button', { name: new RegExp(`(?:from outside|Von außen testen): ${name}`) }).click();
  }
  await page.locator('.outside-button [aria-busy=true]').last().waitFor();
  await stage.app.elapse(inSeconds(20));
  await expect.poll(() => page.locator('.outside-outcome .notice').count()).toBe(2);
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  expect(await seen.accessibilityFaults()).toEqual([]);
  await seen.shot('probe-320');
});
