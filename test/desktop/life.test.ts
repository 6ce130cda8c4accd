import { afterEach, describe, expect, test, vi } from 'vitest';
import { inMinutes, inSeconds, millis } from '../../main/contract/units.ts';
import { StorageError } from '../../main/system/system.ts';
import { tcp } from '../support/app-home.ts';
import { DesktopScene } from './desktop-scene.ts';
import { electron } from './electron-double.ts';

vi.mock('electron', async () => (await import('./electron-double.ts')).electronModule);

let scene: DesktopScene;

afterEach(async () => {
  await scene.end();
});

describe('a second start', () => {
  test('shows the window of the first', async () => {
    scene = await DesktopScene.start({ hidden: true });
    scene.desktop.startedAgain({ hidden: false, quit: false });
    expect(scene.window.isVisible()).toBe(true);
    expect(scene.window.focused).toBe(1);
  });

  test('by the system at login shows nothing', async () => {
    scene = await DesktopScene.start({ hidden: true });
    scene.desktop.startedAgain({ hidden: true, quit: false });
    expect(scene.window.isVisible()).toBe(false);
  });

  test('can end the first', async () => {
    scene = await DesktopScene.start();
    scene.desktop.startedAgain({ hidden: false, quit: true });
    await scene.until(() => electron.app.hasEnded, 'the end', inSeconds(2));
  });
});

describe('the menu bar', () => {
  test('has the keys of macOS, in the language of the person', async () => {
    scene = await DesktopScene.start({ platform: 'darwin' });
    const roles = (): readonly unknown[] => electron.applicationMenu?.items.map(({ role }) => role) ?? [];
    for (const role of ['copy', 'paste', 'cut', 'selectAll', 'undo', 'quit', 'close', 'zoomIn']) {
      expect(roles()).toContain(role);
    }
    expect(electron.applicationMenu?.labels).toContain('Paste');
    await scene.do('settings.change', { settings: { language: 'de' } });
    expect(electron.applicationMenu?.labels).toContain('Einsetzen');
  });

  test('is hidden elsewhere', async () => {
    scene = await DesktopScene.start({ platform: 'linux' });
    expect(electron.applicationMenu?.labels).toContain('Larger');
    expect(scene.window.options.autoHideMenuBar).toBe(true);
  });
});

describe('sleep', () => {
  test.each(['resume', 'unlock-screen'] as const)(
    '%s: the engine looks at once whether all is as it was',
    async (event) => {
      scene = await DesktopScene.start({ hidden: true });
      await scene.add('Web', [tcp(8080)], true);
      await scene.until(() => scene.table.length === 1, 'the port');
      await scene.run(inMinutes(1));
      scene.happened.length = 0;
      await scene.run(millis(100));
      expect(scene.happened).toEqual([]);
      electron.power.send(event);
      await scene.run(millis(1));
      expect(scene.happened).toContain('datagram');
    },
  );
});

describe('the panel that shows the tray', () => {
  const startedAtLogin = async (hasPanel: boolean): Promise<void> => {
    scene = await DesktopScene.start({ platform: 'linux', hidden: true, hasPanel });
  };
  const opened = async (hasPanel: boolean): Promise<void> => {
    scene = await DesktopScene.start({ platform: 'linux', hasPanel });
  };
  const traysThatAreLeft = (): number => electron.trays.filter((tray) => !tray.isDestroyed()).length;

  test('comes after a start at login: so does the icon, with its menu', async () => {
    await startedAtLogin(false);
    expect(scene.tray.isInPanel).toBe(false);
    scene.panel(true);
    expect(scene.tray).toMatchObject({ isInPanel: true, tooltip: 'Portkeeper: no port is open' });
    expect(traysThatAreLeft()).toBe(1);
    await scene.run(inMinutes(1));
    expect(electron.windows).toEqual([]);
    scene.menu.click('Open Portkeeper');
    scene.window.close();
    expect(scene.window.isDestroyed()).toBe(false);
    scene.tray.click();
    expect(scene.window.isVisible()).toBe(true);
  });

  test('never comes: the window does, and takes the focus from nobody', async () => {
    await startedAtLogin(false);
    await scene.run(inSeconds(20));
    expect(electron.windows).toEqual([]);
    await scene.run(inMinutes(1));
    expect(scene.window).toMatchObject({ focused: 0 });
    expect(scene.window.isVisible()).toBe(true);
    expect(scene.window.isMinimized()).toBe(false);
    expect(scene.page.url).toBe('portkeeper://app/');
  });

  test('comes late: from then on, closing the window hides it', async () => {
    await startedAtLogin(false);
    await scene.run(inMinutes(2));
    scene.panel(true);
    expect(scene.tray.isInPanel).toBe(true);
    scene.window.close();
    expect(scene.window.isDestroyed()).toBe(false);
    await scene.run(inMinutes(2));
    expect(scene.window.isVisible()).toBe(false);
  });

  test('restarts: the icon is back, and nothing else happens', async () => {
    await opened(true);
    scene.panel(false);
    // Not the end of it all: the panel comes back.
    scene.window.close();
    await scene.run(inSeconds(10));
    scene.panel(true);
    expect(scene.tray.isInPanel).toBe(true);
    expect(traysThatAreLeft()).toBe(1);
    await scene.run(inMinutes(2));
    expect(scene.window.isVisible()).toBe(false);
    expect(scene.menu.labels).toContain('No port is open');
  });

  test('goes for good: the window comes, and closing it quits', async () => {
    await startedAtLogin(true);
    await scene.run(inMinutes(2));
    scene.panel(false);
    expect(electron.windows).toEqual([]);
    await scene.run(inMinutes(1));
    expect(scene.window.isVisible()).toBe(true);
    scene.window.close();
    await scene.until(() => electron.app.hasEnded, 'the end', inSeconds(2));
  });

  test('goes while the window is minimized: it is in the task bar, and stays there', async () => {
    await opened(true);
    scene.window.minimize();
    scene.panel(false);
    await scene.run(inMinutes(1));
    expect(scene.window.isMinimized()).toBe(true);
  });

  test('is not there, and the person has opened the app: the window is simply there', async () => {
    await opened(false);
    expect(scene.window.isVisible()).toBe(true);
    expect(scene.window.focused).toBe(1);
  });
});

test('the reason why it cannot start is shown after what to do about it', async () => {
  scene = await DesktopScene.start({
    meet: () => async () => {
      throw new Error('engine is broken');
    },
  });
  expect(electron.dialogs).toMatchObject([
    {
      message: 'Portkeeper can’t start.',
      detail: 'Start it again. If that doesn’t help, restart the computer. (engine is broken)',
    },
  ]);
  electron.dialogs[0]?.answer('Quit');
  await scene.until(() => electron.app.hasEnded, 'the end', inSeconds(5));
});

describe('a data folder that cannot be had', () => {
  const blockedFor = (times: number, fault: 'locked' | 'no-permission') => {
    let tries = 0;
    return (own: Parameters<NonNullable<Parameters<typeof DesktopScene.start>[0]>['meet'] & object>[0]) =>
      async (...args: Parameters<typeof own>) => {
        tries += 1;
        if (tries <= times) throw new StorageError(fault, '/data', 'it cannot be had');
        return await own(...args);
      };
  };

  test('is waited for, and reported once', async () => {
    scene = await DesktopScene.start({ meet: blockedFor(4, 'locked') });
    expect(electron.dialogs).toMatchObject([{ message: 'Another copy of Portkeeper is using the same data.' }]);
    expect(scene.menu.labels).toContain('Waiting: another copy of Portkeeper is using the same data');
    expect(scene.tray.image).toContain('problem');
    await scene.run(inSeconds(8));
    expect(electron.dialogs).toHaveLength(1);
    await scene.run(inSeconds(20));
    // It has been had: the question goes away on its own.
    expect(electron.dialogs).toEqual([]);
    expect(scene.menu.labels).toContain('No port is open');
  });

  test('disturbs nobody after a start at login', async () => {
    scene = await DesktopScene.start({ hidden: true, meet: blockedFor(2, 'no-permission') });
    expect(electron.dialogs).toEqual([]);
    expect(scene.menu.labels).toContain('Waiting: the data folder can’t be used');
    await scene.run(inSeconds(20));
    expect(scene.menu.labels).toContain('No port is open');
  });

  test('can be left', async () => {
    scene = await DesktopScene.start({ meet: blockedFor(1000, 'locked') });
    electron.dialogs[0]?.answer('Quit');
    await scene.until(() => electron.app.hasEnded, 'the end', inSeconds(5));
  });
});
