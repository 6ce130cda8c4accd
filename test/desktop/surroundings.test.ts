/** Facts about the computer: where the program is, whether there is a tray, how updates come. */
import { describe, expect, test } from 'vitest';
import { lastingPath, startOptions, updateWay } from '../../main/desktop/installation.ts';
import { isDarkPanel, trayImage } from '../../main/desktop/tray/tray-image.ts';

describe('the program started at login', () => {
  const installed = {
    platform: 'linux',
    env: {},
    execPath: '/opt/Portkeeper/portkeeper-desktop',
    isPackaged: true,
  } as const;

  test('the installed program', () => {
    expect(lastingPath(installed)).toBe('/opt/Portkeeper/portkeeper-desktop');
    const windows = 'C:\\Users\\me\\AppData\\Local\\Programs\\Portkeeper\\Portkeeper.exe';
    expect(lastingPath({ ...installed, platform: 'win32', execPath: windows })).toBe(windows);
    const macos = '/Applications/Portkeeper.app/Contents/MacOS/Portkeeper';
    expect(lastingPath({ ...installed, platform: 'darwin', execPath: macos })).toBe(macos);
  });

  test('the AppImage itself, not where it is mounted', () => {
    const env = { APPIMAGE: '/home/me/My Apps/Portkeeper.AppImage' };
    const execPath = '/tmp/.mount_PortkeX1/portkeeper-desktop';
    expect(lastingPath({ ...installed, env, execPath })).toBe('/home/me/My Apps/Portkeeper.AppImage');
    // Whoever starts us from an AppImage of their own on macOS means nothing by it.
    expect(lastingPath({ ...installed, platform: 'darwin', env })).toBe(installed.execPath);
    expect(lastingPath({ ...installed, env: { APPIMAGE: 'relative' } })).toBe(installed.execPath);
  });

  test('nothing that does not last', () => {
    expect(lastingPath({ ...installed, isPackaged: false })).toBeUndefined();
    const execPath = '/private/var/folders/x/AppTranslocation/1/d/Portkeeper.app/Contents/MacOS/Portkeeper';
    expect(lastingPath({ ...installed, platform: 'darwin', execPath })).toBeUndefined();
  });
});

test('updates are automatic where the system verifies their origin', () => {
  const source = 'provider: github\nowner: someone\npublisherName:\n  - Someone\n';
  const installed = { platform: 'win32', isPackaged: true, source } as const;
  expect(updateWay(installed)).toBe('self');
  expect(updateWay({ ...installed, source: 'provider: github\npublisherName: Someone\n' })).toBe('self');
  expect(updateWay({ ...installed, source: 'provider: github\nowner: someone\n' })).toBe('by-hand');
  expect(updateWay({ ...installed, source: 'provider: github\npublisherName:\nowner: someone\n' })).toBe('by-hand');
  expect(updateWay({ ...installed, platform: 'darwin' })).toBe('self');
  expect(updateWay({ ...installed, platform: 'linux' })).toBe('by-hand');
  expect(updateWay({ ...installed, isPackaged: false })).toBe('none');
  expect(updateWay({ ...installed, source: undefined })).toBe('none');
});

test.each([
  ['win32', false, undefined, false],
  ['win32', true, undefined, true],
  ['linux', false, 'ubuntu:GNOME', true],
  ['linux', false, undefined, true],
  ['linux', false, 'KDE', false],
  ['linux', true, 'KDE', true],
] as const)(
  'the panel of %s, where the theme is dark: %s, and the desktop %s, is dark: %s',
  (platform, isSystemDark, desktop, is) => {
    expect(isDarkPanel(platform, isSystemDark, desktop)).toBe(is);
  },
);

test('the image of the tray suits its background', () => {
  expect(trayImage('open', 'darwin', true)).toBe('tray-openTemplate.png');
  expect(trayImage('problem', 'win32', false)).toBe('tray-problem-light.ico');
  expect(trayImage('idle', 'linux', true)).toBe('tray-idle-dark.png');
});

test('the app’s command line', () => {
  expect(startOptions(['portkeeper-desktop', '--hidden'])).toEqual({ hidden: true, quit: false });
  expect(startOptions(['portkeeper-desktop', '--no-sandbox', '--quit'])).toEqual({ hidden: false, quit: true });
});
