import type { TrayIcon } from './tray-state.ts';

/** Panels that follow the theme; GNOME's and most others are dark in any theme. */
const FOLLOWING = /\b(?:KDE|LXQt|Deepin)\b/i;

/**
 * Is the panel behind the icon dark?
 * @param isSystemDark as far as the system says
 * @param desktop `$XDG_CURRENT_DESKTOP`
 */
export function isDarkPanel(platform: NodeJS.Platform, isSystemDark: boolean, desktop = ''): boolean {
  return platform === 'linux' && !FOLLOWING.test(desktop) ? true : isSystemDark;
}

/**
 * Name of the image, as main/dev/icons makes them. macOS colours a template automatically; elsewhere there is one for
 * light and one for dark backgrounds.
 * @param isDark see {@link isDarkPanel}
 */
export function trayImage(icon: TrayIcon, platform: NodeJS.Platform, isDark: boolean): string {
  if (platform === 'darwin') return `tray-${icon}Template.png`;
  return `tray-${icon}-${isDark ? 'dark' : 'light'}.${platform === 'win32' ? 'ico' : 'png'}`;
}
