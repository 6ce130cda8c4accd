/** The application as it is put together: real files, Electron's double, and a simulated home in the computer's place. */
import { once } from 'node:events';
import { mkdir, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { mkdtempSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CALL_CHANNEL } from '../../main/contract/window-protocol.ts';
import { millis } from '../../main/contract/units.ts';
import { RemoteClient } from '../../main/connect/client.ts';
import { createHome, type Home } from '../world/home.ts';
import { World } from '../world/world.ts';
import { defaultDataFolder } from '../../main/system/node/files/data-folder.ts';
import type { System } from '../../main/system/system.ts';
import { tcp } from '../support/app-home.ts';
import { electron, invoke, preventable, resetElectron } from './electron-double.ts';
import path from 'node:path';

vi.mock('electron', async () => (await import('./electron-double.ts')).electronModule);
vi.mock('../../main/system/node/node-system.ts', async (original) => ({
  ...(await original<object>()),
  createNodeSystem: (): System => home.client.system,
}));

// The double is made once, and modules imported again each time get this one.
await import('electron');

let world: World;
let home: Home;
let config: string;
let argv: string[];
let resources: string | undefined;

beforeEach(async () => {
  resetElectron();
  world = new World({ seed: 1 });
  home = await createHome(world);
  config = mkdtempSync(path.join(tmpdir(), 'portkeeper-config-'));
  vi.stubEnv('XDG_CONFIG_HOME', config);
  vi.stubEnv('PORTKEEPER_DATA_DIR', undefined);
  ({ argv, resourcesPath: resources } = process);
  Object.assign(process, { resourcesPath: config });
});
afterEach(async () => {
  process.argv = argv;
  Object.assign(process, { resourcesPath: resources });
  vi.unstubAllEnvs();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.removeAllListeners(signal);
  process.removeAllListeners('uncaughtException').removeAllListeners('unhandledRejection');
  await rm(config, { recursive: true, force: true });
});

async function started(...args: readonly string[]): Promise<void> {
  process.argv = ['electron', '.', ...args];
  vi.resetModules();
  await import('../../main/desktop/index.ts');
}

/** Time passes in the home, and outside for files and sockets. */
async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 1) {
    if (waited > 3000) throw new Error('it never happened');
    await world.run(millis(20));
    await sleep(1);
  }
}

/** As Chromium leaves it in the data folder. */
async function anotherRuns(): Promise<Server> {
  const folder = defaultDataFolder();
  await mkdir(folder, { recursive: true });
  const socket = path.join(config, 'singleton');
  await symlink(socket, path.join(folder, 'SingletonSocket'));
  const server = createServer().listen(socket);
  await once(server, 'listening');
  return server;
}

const isOpen = (): boolean => electron.windows.at(-1)?.isVisible() === true;

async function ended(): Promise<void> {
  electron.app.quit();
  await until(() => electron.app.hasEnded);
}

test('begins with the folder of the command line, a sandbox, and a scheme of its own', async () => {
  await started();
  await until(isOpen);
  const folder = defaultDataFolder();
  expect(folder).toBe(path.join(config, 'portkeeper'));
  expect(electron.app.paths.get('userData')).toBe(folder);
  // Chromium's own data is kept separately.
  expect(electron.app.paths.get('sessionData')).toBe(path.join(folder, 'window'));
  expect((await stat(folder)).mode & 0o077).toBe(0);
  expect(electron.app.isSandboxed).toBe(true);
  expect(electron.app.switches).toEqual(new Map([['disable-features', 'WebRtcHideLocalIpsWithMdns']]));
  expect(electron.app.userModelIds).toEqual(['io.portkeeper.desktop']);
  expect(electron.schemes).toMatchObject([{ scheme: 'portkeeper', privileges: { standard: true, secure: true } }]);
  expect([...electron.pages.keys()]).toEqual(['portkeeper']);
  await ended();
});

test('keeps changes, serves the command line, and releases the folder at the end', async () => {
  await started();
  await until(isOpen);
  const folder = defaultDataFolder();
  await until(() => electron.trays[0]?.menu?.labels.includes('No profiles yet. Add one…') === true);
  const page = electron.windows[0]?.webContents;
  if (page === undefined) throw new Error('there is no page');
  const input = { profile: { name: 'Web', forwards: [tcp(8080)], on: true } };
  void invoke(page.frame(), CALL_CHANNEL, { do: 'ask', callId: '1', name: 'profile.add', input });
  await until(() => home.router.table().length === 1);
  const { address } = JSON.parse(await readFile(path.join(folder, 'control.json'), 'utf8'));
  const answer = await new RemoteClient(address).ask('app.describe', {});
  expect(answer).toMatchObject({ ok: true, value: { dataFolder: folder } });
  await ended();
  expect(home.router.table()).toEqual([]);
  expect(JSON.parse(await readFile(path.join(folder, 'profiles.json'), 'utf8'))).toMatchObject({
    profiles: [{ name: 'Web', on: true }],
  });
  const files = await readdir(folder);
  expect(files).toContain('portkeeper.log');
  expect(files).not.toContain('control.json');
});

test('a second start ends at once; the first shows its window', async () => {
  await started('--hidden');
  await until(() => electron.trays.length === 1);
  expect(isOpen()).toBe(false);
  electron.app.send('second-instance', preventable(), ['electron', '.'], '/', undefined);
  expect(isOpen()).toBe(true);
  await ended();

  resetElectron();
  electron.app.hasLock = false;
  const first = await anotherRuns();
  await started();
  await until(() => electron.app.hasEnded);
  expect(electron.app.exitCode).toBe(0);
  expect(electron.windows).toEqual([]);
  expect(electron.errorBoxes).toEqual([]);
  first.close();
});

test('a folder that nobody can lock is not a first start: an error is shown', async () => {
  electron.app.hasLock = false;
  await started();
  await until(() => electron.app.hasEnded);
  expect(electron.errorBoxes).toEqual([expect.stringContaining('Portkeeper can’t start.')]);
  expect(electron.app.exitCode).toBe(1);

  // Left behind by one that was killed.
  resetElectron();
  electron.app.hasLock = false;
  (await anotherRuns()).close();
  await started('--hidden');
  await until(() => electron.app.hasEnded);
  expect(electron.errorBoxes).toHaveLength(1);
  expect(electron.app.exitCode).toBe(1);
});

test('--quit is for scripts: nobody has to close a box', async () => {
  electron.app.hasLock = false;
  await started('--quit');
  await until(() => electron.app.hasEnded);
  expect(electron.errorBoxes).toEqual([]);
  expect(electron.app.exitCode).toBe(1);
});

test('the first start ends while the second asks: the second takes its place', async () => {
  electron.app.hasLock = false;
  await started();
  electron.app.hasLock = true;
  await until(isOpen);
  await ended();
});

test('--quit ends the one that runs, and starts none', async () => {
  await started();
  await until(isOpen);
  electron.app.send('second-instance', preventable(), ['electron', '.', '--quit'], '/', undefined);
  await until(() => electron.app.hasEnded);

  resetElectron();
  await started('--quit');
  await until(() => electron.app.hasEnded);
  expect(electron.app.exitCode).toBe(0);
  expect(electron.trays).toEqual([]);
});

test('says why it cannot begin', async () => {
  await writeFile(path.join(config, 'portkeeper'), 'a file stands here');
  await started();
  await until(() => electron.app.hasEnded);
  expect(electron.errorBoxes).toEqual([
    expect.stringMatching(/^Portkeeper can’t start\.: The data folder .*portkeeper can’t be used .*(?:EEXIST|ENOTDIR)/),
  ]);
  expect(electron.app.exitCode).toBe(1);
});

test('SIGTERM is a tidy end', async () => {
  await started();
  await until(isOpen);
  process.emit('SIGTERM');
  await until(() => electron.app.hasEnded);
  expect(electron.app.exitCode).toBeUndefined();
});
