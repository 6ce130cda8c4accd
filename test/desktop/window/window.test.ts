import { afterEach, describe, expect, test, vi } from 'vitest';
import { inMinutes, inSeconds } from '../../../main/contract/units.ts';
import { tcp } from '../../support/app-home.ts';
import { DesktopScene } from '../desktop-scene.ts';
import { electron, preventable } from '../electron-double.ts';

vi.mock('electron', async () => (await import('../electron-double.ts')).electronModule);

let scene: DesktopScene;

afterEach(async () => {
  await scene.end();
});

const crash = (reason: 'crashed' | 'oom' = 'crashed'): void =>
  scene.page.send('render-process-gone', preventable(), { reason, exitCode: 5 });

describe('the window', () => {
  test('shows the page of its own scheme, in a sandbox', async () => {
    scene = await DesktopScene.start();
    expect(scene.page.url).toBe('portkeeper://app/');
    expect(scene.window.isVisible()).toBe(true);
    expect(scene.window.options).toMatchObject({ minWidth: 320, minHeight: 480 });
    expect(scene.window.options.webPreferences).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      preload: '/out/preload/index.cjs',
    });
  });

  test('is not there after a hidden start, until it is wanted', async () => {
    scene = await DesktopScene.start({ hidden: true, platform: 'darwin' });
    expect(electron.windows).toEqual([]);
    expect(electron.app.isInDock).toBe(false);
    electron.app.send('activate', preventable(), false);
    expect(scene.window.isVisible()).toBe(true);
    expect(electron.app.isInDock).toBe(true);
  });

  test('on Windows it is there from the start, without a page: it hears when the session ends', async () => {
    scene = await DesktopScene.start({ hidden: true, platform: 'win32' });
    expect(scene.window.isVisible()).toBe(false);
    expect(scene.page.url).toBe('');
    const asked = Object.assign(preventable(), { reasons: ['shutdown' as const] });
    scene.window.send('query-session-end', asked);
    expect(asked.defaultPrevented).toBe(true);
    await scene.until(() => electron.app.hasEnded, 'the end', inSeconds(5));
  });

  test('hides in the tray when it is closed, and comes back as it was', async () => {
    scene = await DesktopScene.start({ platform: 'darwin' });
    scene.window.close();
    expect(scene.window.isDestroyed()).toBe(false);
    expect(scene.window.isVisible()).toBe(false);
    expect(electron.app.isInDock).toBe(false);
    scene.menu.click('Open Portkeeper');
    expect(scene.window.isVisible()).toBe(true);
    expect(electron.windows).toHaveLength(1);
    expect(electron.app.isInDock).toBe(true);
  });

  test('stands where it was left, the next time', async () => {
    scene = await DesktopScene.start();
    scene.window.bounds = { x: 300, y: 200, width: 700, height: 640 };
    await scene.end();
    const document = scene.home.client.storage.document('desktop');
    scene = await DesktopScene.start({
      prepare: ({ client }) => client.storage.put('desktop', document),
    });
    expect(scene.window.options).toMatchObject({ x: 300, y: 200, width: 700, height: 640 });
  });

  test('follows the theme that the person chose', async () => {
    scene = await DesktopScene.start();
    await scene.do('settings.change', { settings: { theme: 'dark' } });
    expect(electron.theme.themeSource).toBe('dark');
  });

  test('is not white before its page is there, in the dark', async () => {
    scene = await DesktopScene.start({
      hidden: true,
      prepare: () => {
        electron.theme.shouldUseDarkColors = true;
      },
    });
    scene.menu.click('Open Portkeeper');
    expect(scene.window.options.backgroundColor).toBe('#131517');
  });

  test('a page that breaks is shown again, three times in a minute, and then the person is asked', async () => {
    scene = await DesktopScene.start();
    crash();
    crash();
    expect(scene.page.reloads).toBe(2);
    crash();
    expect(scene.page.reloads).toBe(2);
    expect(scene.window.isVisible()).toBe(false);
    expect(electron.dialogs).toMatchObject([{ message: 'The window crashed several times in a row.' }]);
    electron.dialogs[0]?.answer('Try again');
    await scene.world.settle();
    expect(scene.page.reloads).toBe(3);
    expect(scene.window.isVisible()).toBe(true);
    await scene.run(inMinutes(2));
    crash('oom');
    expect(scene.page.reloads).toBe(4);
  });

  test('ports stay open when the page breaks', async () => {
    scene = await DesktopScene.start();
    await scene.add('Web', [tcp(8080)], true);
    await scene.until(() => scene.table.length === 1, 'the port');
    for (let times = 0; times < 5; times += 1) crash();
    await scene.run(inMinutes(5));
    expect(scene.table).toHaveLength(1);
    electron.dialogs[0]?.answer('Keep closed');
    await scene.run(inMinutes(5));
    expect(scene.table).toHaveLength(1);
    expect(scene.window.isVisible()).toBe(false);
  });

  test('a page that keeps breaking where there is no tray can be tried again or quit, not left unseen', async () => {
    scene = await DesktopScene.start({ platform: 'linux', hasPanel: false });
    for (let times = 0; times < 3; times += 1) crash();
    const [question] = electron.dialogs;
    expect(question?.buttons).toEqual(['Try again', 'Quit']);
    expect(question?.detail).not.toContain('tray');
    question?.answer('Quit');
    await scene.until(() => electron.app.hasEnded, 'the end', inSeconds(20));
  });

  test('the question about it is taken back at the end', async () => {
    scene = await DesktopScene.start();
    for (let times = 0; times < 3; times += 1) crash();
    expect(electron.dialogs).toHaveLength(1);
    electron.app.quit();
    await scene.until(() => electron.app.hasEnded, 'the end', inSeconds(20));
    expect(electron.dialogs).toEqual([]);
  });

  test('a page that breaks while it is hidden is fixed when it is wanted', async () => {
    scene = await DesktopScene.start();
    scene.window.close();
    crash();
    expect(scene.page.reloads).toBe(0);
    scene.menu.click('Open Portkeeper');
    expect(scene.page.reloads).toBe(1);
  });

  test('a page that cannot be loaded counts as broken; one that something newer replaces does not', async () => {
    scene = await DesktopScene.start();
    scene.page.send('did-fail-load', preventable(), -3, 'ERR_ABORTED', 'portkeeper://app/', true, 1, 1);
    scene.page.send('did-fail-load', preventable(), -2, 'ERR_FAILED', 'https://elsewhere/', false, 1, 1);
    expect(scene.page.reloads).toBe(0);
    scene.page.send('did-fail-load', preventable(), -2, 'ERR_FAILED', 'portkeeper://app/', true, 1, 1);
    expect(scene.page.reloads).toBe(1);
  });

  test('a page that hangs is loaded again when the person says so', async () => {
    scene = await DesktopScene.start();
    scene.window.send('unresponsive');
    expect(electron.dialogs).toMatchObject([{ message: 'The window isn’t responding.' }]);
    scene.window.send('responsive');
    await scene.world.settle();
    expect(electron.dialogs).toEqual([]);
    expect(scene.page.reloads).toBe(0);
    scene.window.send('unresponsive');
    electron.dialogs[0]?.answer('Reload');
    await scene.world.settle();
    expect(scene.page.reloads).toBe(1);
  });
});

describe('the page may not', () => {
  test('go elsewhere: router pages and sources are opened in a browser, all else nowhere', async () => {
    scene = await DesktopScene.start();
    expect(scene.page.goesTo('portkeeper://app/#/router')).toBe(true);
    expect(scene.page.goesTo('http://192.168.1.1/')).toBe(false);
    expect(scene.page.goesTo('https://evil.example/')).toBe(false);
    expect(scene.page.goesTo('file:///etc/passwd')).toBe(false);
    expect(scene.page.goesTo('portkeeper://elsewhere/')).toBe(false);
    expect(electron.opened).toEqual(['http://192.168.1.1/']);
  });

  test('load frames, not even its own page', async () => {
    scene = await DesktopScene.start();
    expect(scene.page.goesTo('https://portkeeper.example/', false)).toBe(false);
    expect(scene.page.goesTo('portkeeper://app/', false)).toBe(false);
    expect(electron.opened).toEqual([]);
  });

  test('open windows; links that it may name are opened in a browser', async () => {
    scene = await DesktopScene.start();
    expect(scene.page.opens('https://portkeeper.example/')).toEqual({ action: 'deny' });
    expect(scene.page.opens('portkeeper://app/')).toEqual({ action: 'deny' });
    expect(scene.page.opens('javascript:alert(1)')).toEqual({ action: 'deny' });
    expect(electron.opened).toEqual(['https://portkeeper.example/']);
  });

  test('embed pages', async () => {
    scene = await DesktopScene.start();
    const event = preventable();
    scene.page.send('will-attach-webview', event, {}, { src: 'https://evil.example/' });
    expect(event.defaultPrevented).toBe(true);
  });

  test('have any permission but to put text on the clipboard', async () => {
    scene = await DesktopScene.start();
    const { session } = scene.page;
    const own = { url: 'portkeeper://app/', isMainFrame: true };
    expect(session.gives('clipboard-sanitized-write', own)).toBe(true);
    expect(session.gives('clipboard-sanitized-write', { ...own, isMainFrame: false })).toBe(false);
    expect(session.gives('clipboard-sanitized-write', { ...own, url: 'https://evil.example/' })).toBe(false);
    for (const permission of ['clipboard-read', 'geolocation', 'media', 'notifications', 'openExternal'] as const) {
      expect(session.gives(permission, own)).toBe(false);
    }
    expect(session.givesDevices()).toBe(false);
  });
});
