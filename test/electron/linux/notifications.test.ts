/** Notifications of the desktop, and what a click on one does. */
import { expect, test } from 'vitest';
import { Desktop, type DesktopOptions } from '../stage/desktop.ts';
import { MINECRAFT } from '../stage/stage.ts';

const OTHER = '127.0.0.77';
const TAKEN = /25565.* to 127\.0\.0\.77/;

/** The app, hidden, and a router whose port 25565 another device has. */
async function conflict(options: DesktopOptions = {}, label = 'Xbox'): Promise<Desktop> {
  const desktop = await Desktop.start(options);
  const router = await desktop.demoRouter();
  await router.addForeign(25_565, OTHER, label);
  await desktop.keep({ profiles: [MINECRAFT], settings: { gateway: router.url, welcomed: true } });
  desktop.start(['--hidden']);
  return desktop;
}

test('a port that another device has: a click on the notification shows it in the window', async () => {
  const desktop = await conflict();
  const shown = await desktop.panel.notification(TAKEN);
  expect(shown.title).toBe('Minecraft is not open');
  expect(await desktop.windows()).toEqual([]);
  desktop.panel.click(shown);
  await desktop.hasWindow();
});

test('a port that another device has: the tray takes the next one', async () => {
  const desktop = await conflict();
  await desktop.panel.choose(/Use 25566/);
  await desktop.panel.entry(/^25566\/TCP.*: open$/);
});

test('come from Portkeeper', async () => {
  const desktop = await conflict();
  const { app, hints } = await desktop.panel.notification(TAKEN);
  expect(app).toBe('Portkeeper');
  expect(hints['desktop-entry']).toBe('portkeeper-desktop');
});

test('escape what a router says where the panel draws markup', async () => {
  const desktop = await conflict({ markup: true }, '&lt;b&gt;loud&lt;/b&gt;');
  const { body } = await desktop.panel.notification(TAKEN);
  expect(body).toContain('&lt;b&gt;loud&lt;/b&gt;');
});

test('say what a router says as it is where the panel draws none', async () => {
  const desktop = await conflict({}, '&lt;b&gt;loud&lt;/b&gt;');
  const { body } = await desktop.panel.notification(TAKEN);
  expect(body).toContain('<b>loud</b>');
});

test('that the panel refuses to show bring the window', async () => {
  const desktop = await conflict({ refusesNotifications: true });
  await desktop.hasWindow();
});
