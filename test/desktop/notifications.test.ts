import { afterEach, expect, test, vi } from 'vitest';
import { ip } from '../../main/contract/address.ts';
import { inMinutes, inSeconds } from '../../main/contract/units.ts';
import { Updates } from '../../main/desktop/updates/updates.ts';
import { tcp } from '../support/app-home.ts';
import { DesktopScene, type SceneOptions } from './desktop-scene.ts';
import { electron, preventable, type NotificationDouble } from './electron-double.ts';

vi.mock('electron', async () => (await import('./electron-double.ts')).electronModule);

let scene: DesktopScene;

afterEach(async () => {
  await scene.end();
});

const titles = (): readonly (string | undefined)[] => electron.notifications.map(({ options }) => options.title);

function latest(): NotificationDouble {
  const notification = electron.notifications.at(-1);
  if (notification === undefined) throw new Error('nothing was told');
  return notification;
}

/** Somebody else has the port that is wanted. */
async function refused(options: SceneOptions = {}): Promise<void> {
  scene = await DesktopScene.start({ hidden: true, ...options });
  scene.home.router.addMapping({
    transport: 'tcp',
    externalPort: 25_565,
    internalClient: ip('192.168.1.11'),
    internalPort: 25_565,
    description: 'Console',
    expiresAt: 'never',
    owner: 'manual',
  });
  await scene.add('Minecraft', [tcp(25_565)], true);
  await scene.run(inMinutes(1));
}

test('a refusal is shown once, with a button that helps', async () => {
  await refused({ platform: 'win32' });
  expect(titles()).toEqual(['Minecraft is not open']);
  expect(latest().isShown).toBe(true);
  expect(latest().options.actions).toMatchObject([{ type: 'button', text: expect.stringContaining('Use ') }]);
  await scene.run(inMinutes(30));
  expect(titles()).toHaveLength(1);
  latest().send('action', Object.assign(preventable(), { actionIndex: 0, selectionIndex: -1 }), 0, -1);
  await scene.until(() => scene.table.length === 2, 'another port');
});

test('a click shows the window; Linux has no buttons', async () => {
  await refused({ platform: 'linux' });
  expect(latest().options.actions).toBeUndefined();
  latest().send('click', preventable());
  expect(scene.window.isVisible()).toBe(true);
});

test('problems are shown in the language of the person', async () => {
  scene = await DesktopScene.start({
    hidden: true,
    prepare: () => {
      electron.app.languages = ['fr-FR', 'de-AT'];
    },
  });
  await scene.add('Web', [tcp(8080)], true);
  await scene.run(inMinutes(1));
  scene.home.router.powerOff();
  await scene.run(inMinutes(10));
  expect(titles()).toEqual(['Der Router antwortet nicht']);
  scene.home.router.powerOn();
  await scene.run(inMinutes(10));
  expect(titles()).toHaveLength(2);
});

test('whoever wants to hear nothing hears nothing', async () => {
  scene = await DesktopScene.start({ hidden: true });
  await scene.do('settings.change', { settings: { notifications: 'none' } });
  await scene.add('Web', [tcp(8080)], true);
  await scene.run(inMinutes(1));
  scene.home.router.powerOff();
  await scene.run(inMinutes(10));
  expect(titles()).toEqual([]);
});

test('a system without notifications is not a problem', async () => {
  await refused({
    prepare: () => {
      electron.hasNotifications = false;
    },
  });
  expect(titles()).toEqual([]);
});

test('a downloaded update is announced once, and installed from the menu after a clean quit', async () => {
  let emit: (event: 'update-available' | 'update-downloaded', info: { readonly version: string }) => void = () =>
    undefined;
  let installed = 0;
  scene = await DesktopScene.start({
    hidden: true,
    updates: (quitThen) =>
      new Updates({
        load: async () => {
          const listeners = new Map<string, (given: never) => void>();
          emit = (event, info) => listeners.get(event)?.(info as never);
          return {
            autoDownload: false,
            autoInstallOnAppQuit: false,
            on: (event: string, listener: (given: never) => void) => listeners.set(event, listener),
            checkForUpdates: async () => ({}),
            // One that fails: the app ends all the same.
            quitAndInstall: () => void (installed += 1),
          };
        },
        byHand: false,
        releasePage: 'https://portkeeper.example/releases',
        clock: { ...scene.home.client.system.clock },
        log: { write: () => undefined },
        quitThen,
      }),
  });
  await scene.add('Web', [tcp(8080)], true);
  await scene.run(inSeconds(10));
  emit('update-available', { version: '2.0.0' });
  emit('update-downloaded', { version: '2.0.0' });
  await scene.run(inSeconds(10));
  expect(titles()).toEqual(['Portkeeper 2.0.0 is ready']);
  scene.menu.click('Restart to update to 2.0.0');
  await scene.until(() => installed === 1, 'the installation', inSeconds(5));
  expect(scene.table).toEqual([]);
});
