import { afterEach, describe, expect, test, vi } from 'vitest';
import type { LoginItem, LoginItemState } from '../../../main/desktop/login/login-item.ts';
import { inMinutes, inSeconds, millis } from '../../../main/contract/units.ts';
import { tcp } from '../../support/app-home.ts';
import { DesktopScene } from '../desktop-scene.ts';
import { electron } from '../electron-double.ts';

vi.mock('electron', async () => (await import('../electron-double.ts')).electronModule);

let scene: DesktopScene;

afterEach(async () => {
  await scene.end();
});

describe('the tray', () => {
  test('switches a profile on and off', async () => {
    scene = await DesktopScene.start();
    await scene.add('Minecraft', [tcp(25565)]);
    expect(scene.menu.item('Minecraft')).toMatchObject({ type: 'checkbox', checked: false });
    scene.menu.click('Minecraft');
    await scene.until(() => scene.table.length === 1, 'the port on the router');
    await scene.run(inSeconds(1));
    expect(scene.table).toEqual(['tcp 25565 -> 192.168.1.10:25565']);
    expect(scene.menu.item('Minecraft')).toMatchObject({ checked: true });
    expect(scene.menu.labels).toContain('25565/TCP  Minecraft: open');
    scene.menu.click('Minecraft');
    await scene.until(() => scene.table.length === 0, 'the port closed');
    await scene.run(inSeconds(1));
    expect(scene.menu.item('Minecraft')).toMatchObject({ checked: false });
  });

  test('a click is a request on its way, before any time has passed', async () => {
    scene = await DesktopScene.start();
    const id = await scene.add('Minecraft', [tcp(25565)]);
    await scene.run(inMinutes(1));
    scene.happened.length = 0;
    scene.menu.click('Minecraft');
    // In the same turn it has arrived, and is shown; then only the disk is waited for, which writes down what is asked.
    await scene.world.settle();
    expect(scene.snapshot.profiles).toMatchObject([{ id, on: true }]);
    expect(scene.snapshot.engine.mappings).toMatchObject([{ status: { at: 'opening' } }]);
    await scene.until(() => scene.happened.length > 0, 'a request, or a timer', inSeconds(1));
    expect(scene.happened[0]).toBe('datagram');
  });

  test('a new menu is set when something in it has changed, and only then', async () => {
    scene = await DesktopScene.start();
    await scene.add('Minecraft', [tcp(25565)], true);
    await scene.run(inMinutes(1));
    const { menus } = scene.tray;
    let snapshots = 0;
    const unwatch = scene.app.watch(() => (snapshots += 1));
    await scene.run(inMinutes(30));
    unwatch();
    // The lease was renewed meanwhile, and much else was reported.
    expect(snapshots).toBeGreaterThan(5);
    expect(scene.tray.menus).toBe(menus);
    await scene.add('Web', [tcp(8080)]);
    expect(scene.tray.menus).toBeGreaterThan(menus);
  });

  test('a tick that cannot be set is taken back, and the reason is shown', async () => {
    scene = await DesktopScene.start();
    await scene.add('Minecraft', [tcp(25565)]);
    await scene.add('Another', [tcp(25565)], true);
    await scene.run(inSeconds(10));
    scene.menu.click('Minecraft');
    await scene.run(inSeconds(10));
    expect(scene.menu.item('Minecraft')).toMatchObject({ checked: false });
    expect(electron.notifications.map(({ options }) => options.body)).toEqual([expect.stringContaining('25565')]);
  });

  test('asks before a port is opened that is attacked all day, once', async () => {
    const profile = { id: 'shell', name: 'Shell', on: false, forwards: [tcp(22)] };
    scene = await DesktopScene.start({
      prepare: ({ client }) => client.storage.put('profiles', { version: 1, profiles: [profile] }),
    });
    for (const [answer, isOn] of [
      ['Cancel', false],
      ['Open anyway', true],
    ] as const) {
      scene.menu.click('Shell');
      await scene.until(() => electron.dialogs.length === 1, 'the question');
      // Enter is the way back.
      expect(electron.dialogs[0]).toMatchObject({ message: 'Open port 22?', defaultId: 1, cancelId: 1 });
      expect(electron.dialogs[0]?.detail).toMatch(
        /^SSH \(port 22\): .* VPN\.\n\nAnother external port is no protection/,
      );
      electron.dialogs[0]?.answer(answer);
      await scene.run(inSeconds(10));
      expect(scene.menu.item('Shell')).toMatchObject({ checked: isOn });
    }
    for (let click = 0; click < 2; click++) {
      scene.menu.click('Shell');
      await scene.run(inSeconds(10));
    }
    expect(electron.dialogs).toEqual([]);
    expect(scene.table).toEqual(['tcp 22 -> 192.168.1.10:22']);
    expect(electron.notifications).toEqual([]);
  });

  test('its icon and its words say how it is', async () => {
    scene = await DesktopScene.start();
    expect(scene.tray).toMatchObject({ tooltip: 'Portkeeper: no port is open', image: '/tray/tray-idle-light.ico' });
    await scene.add('Minecraft', [tcp(25565)], true);
    await scene.run(inSeconds(30));
    expect(scene.tray).toMatchObject({ tooltip: 'Portkeeper: 1 port is open', image: '/tray/tray-open-light.ico' });
    electron.theme.shouldUseDarkColorsForSystemIntegratedUI = true;
    electron.theme.emit('updated');
    expect(scene.tray.image).toBe('/tray/tray-open-dark.ico');
    scene.home.router.powerOff();
    await scene.run(inMinutes(10));
    expect(scene.tray.image).toBe('/tray/tray-problem-dark.ico');
    expect(scene.tray.tooltip).toContain('hasn’t answered since');
    expect(scene.menu.labels).toContain('    Search again');
  });

  test('copies the address, opens the window, pauses, and speaks German', async () => {
    scene = await DesktopScene.start({ hidden: true });
    await scene.add('Minecraft', [tcp(25565)], true);
    await scene.run(inSeconds(30));
    scene.menu.click('Copy public IP');
    expect(electron.clipboard).toBe('11.22.33.44');
    expect(scene.window.isVisible()).toBe(false);
    scene.menu.click('Open Portkeeper');
    expect(scene.window.isVisible()).toBe(true);
    scene.menu.click('Pause everything');
    await scene.until(() => scene.table.length === 0, 'all closed');
    await scene.run(inSeconds(1));
    expect(scene.menu.item('Pause everything')).toMatchObject({ checked: true });
    expect(scene.tray.tooltip).toBe('Portkeeper: paused');
    await scene.do('settings.change', { settings: { language: 'de' } });
    expect(scene.menu.labels).toContain('Alles pausieren');
    scene.menu.click('Alles pausieren');
    await scene.until(() => scene.table.length === 1, 'all open again');
  });

  test('starts Portkeeper at login, or not', async () => {
    let state: LoginItemState = 'absent';
    const loginItem: LoginItem = {
      state: async () => state,
      add: async () => void (state = 'here'),
      remove: async () => void (state = 'absent'),
    };
    scene = await DesktopScene.start({ hidden: true, loginItem });
    scene.menu.click('Start at login');
    await scene.run(inSeconds(1));
    expect(state).toBe('here');
    expect(scene.menu.item('Start at login')).toMatchObject({ checked: true });
    scene.menu.click('Start at login');
    await scene.run(inSeconds(1));
    expect(state).toBe('absent');
    expect(scene.home.client.storage.document('desktop')).toMatchObject({ loginItem: false });
  });

  test('says so when the system does not take the login item, until it does', async () => {
    let refuses = true;
    let state: LoginItemState = 'absent';
    const loginItem: LoginItem = {
      state: async () => state,
      add: async () => {
        if (refuses) throw new Error('the system refused');
        state = 'here';
      },
      remove: async () => undefined,
    };
    scene = await DesktopScene.start({ hidden: true, loginItem });
    scene.menu.click('Start at login');
    await scene.run(inSeconds(1));
    expect(scene.menu.labels).toContain('⚠ Portkeeper couldn’t be set to start at login.');
    refuses = false;
    scene.menu.click('Try again');
    await scene.run(inSeconds(1));
    expect(state).toBe('here');
    expect(scene.menu.labels.some((label) => label.startsWith('⚠'))).toBe(false);
  });

  test('a click on the icon opens the window', async () => {
    scene = await DesktopScene.start({ hidden: true });
    scene.tray.click();
    expect(scene.window.isVisible()).toBe(true);
  });

  test('the first help of a problem is one click away', async () => {
    scene = await DesktopScene.start({ hidden: true });
    scene.home.router.powerOff();
    await scene.add('Minecraft', [tcp(25565)], true);
    // Between two searches of its own.
    await scene.run(inSeconds(616));
    scene.happened.length = 0;
    scene.menu.click('Search again');
    await scene.run(millis(1));
    expect(scene.happened).toContain('datagram');
  });

  test('names are shown as they are', async () => {
    scene = await DesktopScene.start();
    await scene.add('Tom & Jerry', [tcp(25565)]);
    // Electron takes a single one for the mark of a key.
    expect(scene.menu.labels).toContain('Tom && Jerry');
  });
});
