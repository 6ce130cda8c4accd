import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { inSeconds, millis } from '../../main/contract/units.ts';
import { guestResident } from '../../main/connect/resident.ts';
import { RemoteClient } from '../../main/connect/client.ts';
import { serveOn } from '../../main/connect/server.ts';
import type { RemoteServer } from '../../main/connect/answering.ts';
import { AppHome, tcp } from '../support/app-home.ts';
import { DesktopScene } from './desktop-scene.ts';
import { electron, invoke } from './electron-double.ts';
import { CALL_CHANNEL } from '../../main/contract/window-protocol.ts';
import path from 'node:path';

vi.mock('electron', async () => (await import('./electron-double.ts')).electronModule);

/** The other process: `portkeeper serve`. */
let service: AppHome;
let server: RemoteServer;
let folder: string;
let scene: DesktopScene;

beforeEach(async () => {
  service = await AppHome.start();
  folder = await mkdtemp(path.join(tmpdir(), 'portkeeper-guest-'));
  const address = path.join(folder, 'socket');
  server = await serveOn(address, { dispatch: service.dispatch, log: service.home.client.system.log });
  let isThere = true;
  scene = await DesktopScene.start({
    meet: (own) => async (host, note, signal) => {
      if (!isThere) return await own(host, note, signal);
      isThere = false;
      return guestResident(new RemoteClient(address), host);
    },
  });
  await until(() => scene.menu.labels.includes('Controlled by “portkeeper serve”'));
});
afterEach(async () => {
  scene.desktop.requestQuit();
  await until(() => electron.app.hasEnded);
  await server.stop();
  await service.stop();
  await rm(folder, { recursive: true });
});

/** Time passes in both homes, and outside for the socket between them. */
async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 1) {
    if (waited > 20_000) throw new Error('it never happened');
    await service.world.run(millis(20));
    await scene.world.run(millis(20));
    await sleep(1);
  }
}

test('the tray works over the other process, which holds the ports', async () => {
  await service.add('Web', [tcp(8080)]);
  await until(() => scene.menu.labels.includes('Web'));
  scene.menu.click('Web');
  await until(() => service.table.length === 1);
  await until(() => scene.menu.labels.includes('8080/TCP  Web: open'));
  expect(scene.table).toEqual([]);
});

test('commands about the program apply to this one', async () => {
  const call = (name: string) => ({ do: 'ask', callId: name, name, input: {} });
  const shown = invoke(scene.page.frame(), CALL_CHANNEL, call('app.show-data-folder'));
  await expect(shown).resolves.toEqual({ ok: true, value: {} });
  expect(electron.opened).toEqual(['/data']);
  const update = invoke(scene.page.frame(), CALL_CHANNEL, call('app.check-for-updates'));
  await expect(update).resolves.toMatchObject({ ok: false, fault: { code: 'not-here' } });
});

test('troubles of this program stand beside those of the other', async () => {
  void service.client.ask('settings.change', { settings: { startAtLogin: true } });
  await until(() => scene.menu.labels.some((label) => label.startsWith('⚠ Portkeeper couldn’t be set')));
  expect(service.snapshot.problems).toEqual([]);
});

test('the end leaves the other process alone', async () => {
  await service.add('Web', [tcp(8080)], true);
  await until(() => service.table.length === 1);
  scene.menu.click('Quit Portkeeper');
  await until(() => electron.app.hasEnded);
  await service.world.run(inSeconds(60));
  expect(service.table).toHaveLength(1);
});

test('when the other process ends, this one takes over', async () => {
  await server.stop();
  await until(() => !scene.menu.labels.includes('Controlled by “portkeeper serve”'));
  await until(() => scene.menu.labels.includes('No profiles yet. Add one…'));
  await scene.add('Web', [tcp(8080)], true);
  await until(() => scene.table.length === 1);
  expect(scene.menu.labels).toContain('8080/TCP  Web: open');
});
