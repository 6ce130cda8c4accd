/** Login, sleep, shutdown: the session around the app. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { homeOf } from '../../peers/lab/holding.ts';
import { Desktop } from '../stage/desktop.ts';
import { MINECRAFT, PROGRAM } from '../stage/stage.ts';
import { until } from '../stage/until.ts';

const IS_OPEN = /^25565\/TCP.*: open$/;
/** Milliseconds. A router's epoch shows a restart only to those who saw it larger. */
const UP_FOR = 8000;
const isRoot = process.getuid?.() === 0;

test('starts at login, hidden, once that is ticked in the tray', async () => {
  const desktop = await Desktop.start();
  desktop.start(['--demo', '--hidden']);
  await desktop.panel.choose('Start at login');
  const file = path.join(desktop.home, '.config/autostart/Portkeeper.desktop');
  await until('the entry', async () => (await readFile(file, 'utf8')).includes(`Exec="${PROGRAM}" --hidden\n`));
  await until('a tick', async () => (await desktop.panel.entry('Start at login')).checked);
  expect(await desktop.windows()).toEqual([]);
});

test('is presented well among what starts at login', async () => {
  const desktop = await Desktop.start();
  desktop.start(['--demo', '--hidden']);
  await desktop.panel.choose('Start at login');
  const file = path.join(desktop.home, '.config/autostart/Portkeeper.desktop');
  // It is written first, and presented then.
  const entry = await until('the entry', async () => {
    const text = await readFile(file, 'utf8');
    return text.includes('Icon=') && text;
  });
  expect(entry).toMatch(/^Name=Portkeeper$/m);
  expect(entry).toMatch(/^Comment=Keeps the ports you need open on your home router$/m);
  expect(entry).toMatch(/^Icon=portkeeper-desktop$/m);
});

/** Which key stores of such a desktop are asked for something, until the window is there. */
async function keyStoresAsked(name: string, stores: readonly string[]): Promise<readonly string[]> {
  const desktop = await Desktop.start({ name });
  await desktop.panel.keepKeys(stores);
  desktop.start(['--demo', '--hidden']);
  await desktop.panel.entry('No port is open');
  await desktop.startAgain();
  await desktop.hasWindow();
  return desktop.panel.keyStoreCalls;
}

test('leaves the key store of GNOME alone', async () => {
  expect(await keyStoresAsked('GNOME', ['org.freedesktop.secrets'])).toEqual([]);
});

test('leaves the wallet of KDE alone', async () => {
  expect(await keyStoresAsked('KDE', ['org.kde.kwalletd', 'org.kde.kwalletd5', 'org.kde.kwalletd6'])).toEqual([]);
});

test('the computer shuts down: closes its ports, and ends', async () => {
  const desktop = await Desktop.start();
  await desktop.keep({ profiles: [MINECRAFT] });
  const app = desktop.start(['--demo', '--hidden']);
  await desktop.panel.entry(IS_OPEN);
  expect(desktop.logind.inhibitors).toContainEqual({ what: 'shutdown', mode: 'delay' });
  desktop.logind.shutsDown();
  expect(await app.end()).toEqual({ code: 0, signal: null });
  expect(await app.file('portkeeper.log')).toMatch(/closed tcp 25565[^\n]*\n?$/);
});

test('the computer sleeps while the simulated router forgets: open again after it wakes', async () => {
  const desktop = await Desktop.start();
  const router = await desktop.demoRouter();
  const { port } = new URL(router.url);
  await desktop.keep({ profiles: [MINECRAFT], settings: { gateway: router.url, welcomed: true } });
  desktop.start(['--hidden']);
  await desktop.panel.entry(IS_OPEN);
  desktop.logind.sleeps();
  await router.process.end('SIGKILL');
  const restarted = await desktop.demoRouter('--http-port', port);
  desktop.logind.wakes();
  await until('an open port', () => restarted.has(25_565));
  await desktop.panel.entry(IS_OPEN);
});

test.runIf(isRoot)('the computer sleeps while its router restarts: open again after it wakes', async (context) => {
  const home = await homeOf(context, 'igd2');
  const desktop = await Desktop.start({ namespace: home.client.namespace });
  await desktop.keep({ profiles: [MINECRAFT], settings: { welcomed: true } });
  desktop.start(['--hidden']);
  await desktop.panel.entry(IS_OPEN);
  expect(await home.gateway.nftRules()).not.toEqual([]);
  await sleep(UP_FOR);
  desktop.logind.sleeps();
  await home.gateway.silenceAnnouncements();
  await home.gateway.restart({ emptyTable: true, abrupt: true });
  expect(await home.gateway.nftRules()).toEqual([]);
  desktop.logind.wakes();
  await until('an open port', async () => (await home.gateway.nftRules()).length > 0);
  await desktop.panel.entry(IS_OPEN);
});
