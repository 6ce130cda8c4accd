/** The window in a browser: its address is the key, and stays with the person. */
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { expect, inject, test } from 'vitest';
import { readWindow } from '../../main/connect/window-files.ts';
import { homeStage, type Stage } from './stage/stage.ts';
import type { HomeOnStage } from './stage/staged-app.ts';

const isShown = (page: Page): Promise<void> => page.getByRole('navigation').waitFor();
const isRefused = (page: Page): Promise<void> => page.getByText('portkeeper status').waitFor();

async function welcomedStage(): Promise<Stage<HomeOnStage>> {
  const stage = await homeStage();
  const { app } = stage;
  await app.alone(() => app.home.do('settings.change', { settings: { welcomed: true } }));
  return stage;
}

test('the token leaves the address bar, and a reload has it still', async () => {
  const stage = await welcomedStage();
  const { page } = await stage.open();
  await isShown(page);
  expect(page.url()).not.toContain('token');
  await page.reload();
  await isShown(page);
  expect(await page.evaluate(() => [document.cookie, localStorage.length])).toEqual(['', 0]);
});

test.for([
  ['without the token', ''],
  ['with the token of another start', `#token=${'A'.repeat(43)}`],
])('an address %s: words that say where to find the right one; given that, the window', async ([, end]) => {
  const stage = await welcomedStage();
  const { origin } = new URL(stage.address);
  const staged = await stage.open({ language: 'en' }, `${origin}/${end}`);
  const { page } = staged;
  await isRefused(page);
  // For the browser this is the same page, which it does not load again by itself.
  await page.goto(stage.address);
  await isShown(page);
  expect(page.url()).not.toContain('token');
  const faults = staged.takeFaults();
  expect(faults.filter((fault) => !fault.includes('401 (Unauthorized)'))).toEqual([]);
  expect(faults.length).toBeGreaterThan(0);
});

test('what is shown stays when Portkeeper is started anew, with words that say what to do', async () => {
  const stage = await welcomedStage();
  const staged = await stage.open();
  const { page } = staged;
  await isShown(page);
  await stage.startAnew();
  await isRefused(page);
  await page.goto(stage.address);
  await page.getByText('portkeeper status').waitFor({ state: 'detached' });
  const faults = staged.takeFaults();
  expect(faults.filter((fault) => !/401 \(Unauthorized\)|ERR_CONNECTION_REFUSED|ERR_INCOMPLETE/.test(fault))).toEqual(
    [],
  );
});

test('the first view needs little: other views, presets, the editor and codes are not waited for', async () => {
  const files = await readWindow(inject('window'));
  const needed = new Set<string>();
  const need = (name: string): void => {
    if (needed.has(name)) return;
    needed.add(name);
    const text = files?.get(name)?.bytes.toString() ?? '';
    for (const [, other] of text.matchAll(/(?:from|import) ?"\.\/([^"]+)"/g)) need(`/assets/${other}`);
    for (const [, other] of text.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)) need(`/${other}`);
  };
  need('/');
  const bytes = [...needed].map((name) => gzipSync(files?.get(name)?.bytes ?? '').length);
  expect(needed.size).toBeGreaterThan(2);
  expect([...needed].filter((name) => /preset|editor|settings|router|activity|check-|welcome/.test(name))).toEqual([]);
  expect(bytes.reduce((sum, one) => sum + one)).toBeLessThan(100_000);
});
