/** Somebody without a mouse, from the first start to an open port. */
import { expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { homeStage } from './stage/stage.ts';

const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const { activeElement } = document;
    return activeElement?.getAttribute('aria-label') ?? activeElement?.textContent ?? '';
  });

/** Tab until something of that name has the focus. @returns how often */
async function tabTo(page: Page, name: RegExp): Promise<number> {
  for (let times = 1; times <= 40; times += 1) {
    await page.keyboard.press('Tab');
    if (name.test(await focused(page))) return times;
  }
  throw new Error(`${name} is not reached; the focus is on ${await focused(page)}`);
}

test('a preset is found, added and opened, its address copied and its first words read, by keys alone', async () => {
  const stage = await homeStage();
  const { home } = stage.app;
  const { page } = await stage.open();
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByText('11.22.33.44').waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('/');
  await page.keyboard.type('factorio');
  // A monogram stands before the name.
  await tabTo(page, /Factorio/);
  await page.keyboard.press('Enter');
  await expect.poll(() => home.snapshot.profiles.length).toBe(1);
  await tabTo(page, /^Done$/);
  await page.keyboard.press('Enter');
  // The next item has the focus.
  await expect.poll(() => focused(page)).toBe('Keep Factorio open');
  await page.keyboard.press('Space');
  await expect.poll(() => home.table.length).toBe(1);
  const panel = page.getByRole('region', { name: 'Factorio is open to the internet' });
  await panel.waitFor();
  expect(await tabTo(page, /^Copy 11\.22\.33\.44:34197$/)).toBeLessThanOrEqual(2);
  await page.keyboard.press('Enter');
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe('11.22.33.44:34197');
  while (!/^Got it$/.test(await focused(page))) await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  await panel.waitFor({ state: 'detached' });
  await expect.poll(() => focused(page)).toContain('Factorio');
});

test('keys that belong to views do nothing before there are any', async () => {
  const stage = await homeStage();
  const { page } = await stage.open();
  await page.getByText('11.22.33.44').waitFor();
  const { hash } = new URL(page.url());
  await page.keyboard.press('n');
  await page.keyboard.press('Control+2');
  expect(await page.getByRole('dialog').count()).toBe(0);
  expect(new URL(page.url()).hash).toBe(hash);
});
