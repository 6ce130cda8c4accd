/** The data folder as the app finds it: of another version, held by another program, or of no use. */
import { chmod, cp, readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { Desktop } from '../stage/desktop.ts';
import { MINECRAFT } from '../stage/stage.ts';
import { until } from '../stage/until.ts';

const OF_FIRST_VERSION = path.join(import.meta.dirname, '../../fixtures/data-0.1');
const IS_OPEN = /^25565\/TCP.*: open$/;

test('of version 0.1: profiles, activity and the window position are there', async () => {
  const desktop = await Desktop.start();
  await desktop.folder('data');
  for (const name of await readdir(OF_FIRST_VERSION)) {
    await cp(path.join(OF_FIRST_VERSION, name), path.join(desktop.data, name));
    await desktop.give(path.join(desktop.data, name));
  }
  const app = desktop.start();
  const page = await app.page();
  await page.shows('2 added');
  await page.click('button', /^Done$/);
  await page.shows('Factorio');
  expect(await desktop.panel.entry('Minecraft: Java Edition')).toMatchObject({ checked: true });
  expect(await desktop.panel.entry('Factorio')).toMatchObject({ checked: false });
  expect(await page.evaluate('[outerWidth, outerHeight]')).toEqual([720, 560]);
  await page.evaluate("location.hash = '#/activity'");
  await page.shows(/25565/);
  expect(await app.file('portkeeper.log').catch(() => '')).not.toMatch(/dropped|unreadable|set aside/);
});

test('of a newer version: says so, and keeps it', async () => {
  const desktop = await Desktop.start();
  await desktop.keep({ profiles: [MINECRAFT], settings: { welcomed: true } }, 2);
  const app = desktop.start();
  await desktop.panel.entry(/couldn’t be read/);
  const page = await app.page();
  await page.click('button', /^Skip for now$/);
  await page.shows(/couldn’t be read/);
  app.signal('SIGTERM');
  await app.end();
  expect(JSON.parse(await app.file('profiles-misunderstood-1.json'))).toMatchObject({
    version: 2,
    profiles: [MINECRAFT],
  });
});

test('that cannot be written: an error box says so, and exit code 1', async () => {
  const desktop = await Desktop.start();
  const folder = await desktop.folder('data');
  await chmod(await desktop.folder('data/window'), 0o555);
  await chmod(folder, 0o555);
  const app = desktop.start();
  await desktop.hasWindow(/./);
  await until('what is wrong', () => /can’t start/i.test(app.said));
  // A busy window manager may lose a key.
  await until('an end', async () => {
    if (app.isRunning) await desktop.press('Return');
    return !app.isRunning;
  });
  expect(await app.end()).toEqual({ code: 1, signal: null });
});

test('that portkeeper serve holds: the app joins it', async () => {
  const desktop = await Desktop.start();
  await desktop.keep({ profiles: [{ ...MINECRAFT, on: false }], settings: { welcomed: true } });
  const serve = desktop.portkeeper('serve', '--demo', '--json');
  await serve.line((line) => (line.includes('"serving"') ? line : undefined));
  await (await desktop.start().page()).shows('Minecraft');
  await desktop.panel.entry(/Another Portkeeper|portkeeper serve/);
  await desktop.panel.choose('Minecraft');
  await serve.line((line) => (line.includes('"open"') && line.includes('25565') ? line : undefined));
  await desktop.panel.entry(IS_OPEN);
});

test('that the app holds: the command line works through it, and serve waits for it', async () => {
  const desktop = await Desktop.start();
  await desktop.keep({ profiles: [{ ...MINECRAFT, on: false }], settings: { welcomed: true } });
  const app = desktop.start(['--demo', '--hidden']);
  await desktop.panel.entry('No port is open');
  const serve = desktop.portkeeper('serve', '--demo', '--json');
  const on = desktop.portkeeper('profile', 'on', 'minecraft');
  expect((await on.exited).code).toBe(0);
  await desktop.panel.entry(IS_OPEN);
  await until('an answer of serve', () => !serve.running);
  expect((await serve.exited).code).toBe(4);
  expect(app.isRunning).toBe(true);
});
