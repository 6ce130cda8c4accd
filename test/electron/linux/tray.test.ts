/** The tray's icon and menu, as a Linux panel has them. */
import { expect, test } from 'vitest';
import { Desktop } from '../stage/desktop.ts';
import { MINECRAFT } from '../stage/stage.ts';
import { until } from '../stage/until.ts';

const DEMO_ADDRESS = '11.22.33.44';
const IS_OPEN = /^25565\/TCP.*: open$/;

test('says that no port is open, and offers to quit', async () => {
  const desktop = await Desktop.start();
  const app = desktop.start(['--demo']);
  await desktop.panel.hasIcon();
  await desktop.panel.entry('No port is open');
  await until('its tooltip', async () => (await desktop.panel.tooltip()) === 'Portkeeper: no port is open');
  await desktop.panel.choose('Quit Portkeeper');
  expect(await app.end()).toEqual({ code: 0, signal: null });
});

test('shows profiles turned on in the window', async () => {
  const desktop = await Desktop.start();
  const page = await desktop.start(['--demo']).page();
  await desktop.panel.hasIcon();
  const before = await desktop.panel.picture();
  await page.click('button', /Minecraft: Java Edition/);
  await page.shows('1 added');
  await page.click('button', /^Done$/);
  await page.click('[role=switch]', /Minecraft/);
  await desktop.panel.entry(IS_OPEN);
  expect(await desktop.panel.entry('Minecraft: Java Edition')).toMatchObject({ checked: true });
  await until('another icon', async () => (await desktop.panel.picture()) !== before);
});

test('switches a profile off and on', async () => {
  const desktop = await Desktop.start();
  await desktop.keep({ profiles: [MINECRAFT] });
  desktop.start(['--demo', '--hidden']);
  await desktop.panel.entry(IS_OPEN);
  await desktop.panel.choose('Minecraft');
  await desktop.panel.entry('No port is open');
  await desktop.panel.choose('Minecraft');
  await desktop.panel.entry(IS_OPEN);
});

test('copies the address', async () => {
  const desktop = await Desktop.start();
  desktop.start(['--demo', '--hidden']);
  await desktop.panel.choose(/11\.22\.33\.44/);
  await until('the address in the clipboard', async () => (await desktop.clipboard()) === DEMO_ADDRESS);
});

test('a click brings back the window that was closed', async () => {
  const desktop = await Desktop.start();
  const app = desktop.start(['--demo']);
  await desktop.panel.hasIcon();
  await desktop.hasWindow();
  await desktop.closeWindow();
  await desktop.hasNoWindow();
  await desktop.panel.activate();
  await desktop.hasWindow();
  expect(app.isRunning).toBe(true);
});

test('a second start at login leaves the window hidden, another shows it', async () => {
  const desktop = await Desktop.start();
  desktop.start(['--demo', '--hidden']);
  await desktop.panel.hasIcon();
  await desktop.startAgain(['--hidden']);
  // It would be there before this has been answered.
  await desktop.panel.entry('Quit Portkeeper');
  expect(await desktop.windows()).toEqual([]);
  await desktop.startAgain();
  await desktop.hasWindow();
});

test('is there again when the panel has been restarted', async () => {
  const desktop = await Desktop.start();
  desktop.start(['--demo', '--hidden']);
  await desktop.panel.hasIcon();
  await desktop.panel.disappear();
  await desktop.panel.appear();
  await desktop.panel.hasIcon();
  await desktop.panel.entry('Quit Portkeeper');
});

test('comes with a panel that starts later', async () => {
  const desktop = await Desktop.start({ tray: false });
  const app = desktop.start(['--demo', '--hidden']);
  await until('its log', () => app.file('portkeeper.log'));
  await desktop.panel.appear();
  await desktop.panel.hasIcon();
  await desktop.panel.entry('Quit Portkeeper');
  expect(await desktop.windows()).toEqual([]);
});

test('where there is none, closing the window quits', async () => {
  const desktop = await Desktop.start({ tray: false });
  const app = desktop.start(['--demo']);
  await (await app.page()).shows(DEMO_ADDRESS);
  await desktop.closeWindow();
  expect(await app.end()).toEqual({ code: 0, signal: null });
});

test('where there is none, the hidden app shows its window after a while, and leaves the focus where it is', async () => {
  const desktop = await Desktop.start({ tray: false });
  await desktop.folder('other');
  await (await desktop.start(['--demo'], { data: `${desktop.home}/other` }).page()).shows(DEMO_ADDRESS);
  await until('a window that is worked in', async () => (await desktop.focused()) !== '');
  const before = await desktop.focused();
  desktop.start(['--demo', '--hidden']);
  await until('two windows', async () => (await desktop.windows()).length === 2);
  expect(await desktop.focused()).toBe(before);
});
