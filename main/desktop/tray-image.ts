import type { TrayIcon } from './tray-state.ts';

/**
 * Name of the image, as main/dev/icons makes them. macOS colours a template by itself; elsewhere there is one for light
 * and one for dark backgrounds.
 * @param isDark is the panel dark, as far as the system tells?
 */
export function trayImage(icon: TrayIcon, platform: NodeJS.Platform, isDark: boolean): string {
  if (platform === 'darwin') return `tray-${icon}Template.png`;
  return `tray-${icon}-${isDark ? 'dark' : 'light'}.${platform === 'win32' ? 'ico' : 'png'}`;
}
