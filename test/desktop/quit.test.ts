import { afterEach, describe, expect, test, vi } from 'vitest';
import { inSeconds, millis } from '../../main/contract/units.ts';
import { Updates } from '../../main/desktop/updates/updates.ts';
import type { System } from '../../main/system/system.ts';
import { tcp } from '../support/app-home.ts';
import { DesktopScene, type SceneOptions } from './desktop-scene.ts';
import { electron, preventable } from './electron-double.ts';

vi.mock('electron', async () => (await import('./electron-double.ts')).electronModule);

let scene: DesktopScene;

afterEach(async () => {
  if (!electron.app.hasEnded) await scene.end();
});

async function withOpenPort(options: SceneOptions = {}): Promise<void> {
  scene = await DesktopScene.start(options);
  await scene.add('Web', [tcp(8080)], true);
  await scene.until(() => scene.table.length === 1, 'the port');
  await scene.run(inSeconds(10));
}

const hasEnded = (): boolean => electron.app.hasEnded;

describe('the end', () => {
  test('closes open ports', async () => {
    await withOpenPort();
    scene.menu.click('Quit Portkeeper');
    await scene.until(hasEnded, 'the end', inSeconds(2));
    expect(scene.table).toEqual([]);
    expect(electron.app.exitCode).toBeUndefined();
    expect(electron.windows.every((window) => window.isDestroyed())).toBe(true);
    expect(scene.tray.isDestroyed()).toBe(true);
  });

  test('keeps ports open, when the person chose so', async () => {
    await withOpenPort();
    await scene.do('settings.change', { settings: { onQuit: 'keep' } });
    electron.app.quit();
    await scene.until(hasEnded, 'the end', inSeconds(2));
    expect(scene.table).toEqual(['tcp 8080 -> 192.168.1.10:8080']);
  });

  test('comes when the router does not answer, and says meanwhile what it waits for', async () => {
    await withOpenPort();
    scene.home.router.powerOff();
    scene.menu.click('Quit Portkeeper');
    await scene.run(inSeconds(2));
    expect(hasEnded()).toBe(false);
    expect(scene.menu.labels).toContain('Closing 1 port…');
    expect(scene.window).toMatchObject({ title: 'Closing your ports…', progress: 2 });
    await scene.until(hasEnded, 'the end', inSeconds(20));
  });

  test('says nothing of it when it is quick', async () => {
    await withOpenPort();
    const { menus } = scene.tray;
    scene.menu.click('Quit Portkeeper');
    await scene.until(hasEnded, 'the end', inSeconds(2));
    expect(scene.window.title).toBe('Portkeeper');
    expect(scene.menu.labels).not.toContain('Quit now without waiting');
    expect(scene.tray.menus).toBeGreaterThanOrEqual(menus);
  });

  test('a second request ends at once', async () => {
    await withOpenPort();
    scene.home.router.powerOff();
    electron.app.quit();
    await scene.run(inSeconds(2));
    expect(hasEnded()).toBe(false);
    electron.app.quit();
    expect(electron.app.exitCode).toBe(0);
  });

  test('an update that is requested meanwhile is installed in the end', async () => {
    let quitThen: ((finish: () => void) => void) | undefined;
    let isInstalled = false;
    let system: System | undefined;
    await withOpenPort({
      prepare: ({ client }) => {
        ({ system } = client);
      },
      updates: (then) => {
        quitThen = then;
        if (system === undefined) throw new Error('there is no home');
        const load = (): Promise<never> => Promise.reject(new Error('offline'));
        return new Updates({ ...system, load, byHand: false, releasePage: '', quitThen: then });
      },
    });
    scene.home.router.powerOff();
    electron.app.quit();
    await scene.run(inSeconds(2));
    quitThen?.(() => {
      isInstalled = true;
      electron.app.quit();
    });
    expect(hasEnded()).toBe(false);
    await scene.until(hasEnded, 'the end', inSeconds(20));
    expect(isInstalled).toBe(true);
  });

  test('so does the menu', async () => {
    await withOpenPort();
    scene.home.router.powerOff();
    electron.app.quit();
    await scene.run(inSeconds(2));
    scene.menu.click('Quit now without waiting');
    expect(electron.app.exitCode).toBe(0);
  });

  test('one Ctrl-C that arrives twice is one', async () => {
    await withOpenPort();
    scene.desktop.requestQuit();
    await scene.run(millis(1));
    scene.desktop.requestQuit();
    expect(electron.app.exitCode).toBeUndefined();
    await scene.until(hasEnded, 'the end', inSeconds(2));
    expect(scene.table).toEqual([]);
  });

  test('the end of the session is waited with for seconds only', async () => {
    await withOpenPort({ platform: 'linux' });
    scene.home.router.powerOff();
    const event = preventable();
    electron.power.send('shutdown', event);
    // The system is asked to wait for us.
    expect(event.defaultPrevented).toBe(true);
    await scene.until(hasEnded, 'the end', inSeconds(7));
  });

  test('macOS is not kept from ending the session: it would give it up', async () => {
    await withOpenPort({ platform: 'darwin' });
    electron.power.send('shutdown');
    await scene.run(millis(50));
    // The request to close has left, and been answered.
    expect(scene.table).toEqual([]);
    scene.home.router.powerOff();
    electron.app.quit();
    expect(electron.app.hasEnded).toBe(true);
  });

  test('new commands are refused meanwhile, and earlier ones are not waited for', async () => {
    await withOpenPort();
    scene.home.router.powerOff();
    electron.app.quit();
    await scene.run(millis(100));
    scene.menu.click('Web');
    await scene.run(inSeconds(1));
    expect(electron.notifications.map(({ options }) => options.body)).toEqual([
      'Portkeeper isn’t answering. It may have quit; start it again.',
    ]);
    await scene.until(hasEnded, 'the end', inSeconds(20));
  });

  test('a disk that never answers does not keep it', async () => {
    await withOpenPort({
      meet:
        (own) =>
        async (...args) => ({ ...(await own(...args)), end: () => new Promise(() => undefined) }),
    });
    electron.app.quit();
    await scene.until(hasEnded, 'the end', inSeconds(25));
    expect(electron.app.exitCode).toBe(0);
  });

  test('the window closes all where there is no tray', async () => {
    await withOpenPort({ platform: 'linux', hasPanel: false });
    scene.window.close();
    expect(scene.window.isDestroyed()).toBe(false);
    await scene.until(hasEnded, 'the end', inSeconds(2));
    expect(scene.table).toEqual([]);
  });
});
