/** The command line of the app itself; everything else is for the `portkeeper` command, or Chromium's. */
import { HIDDEN } from './login/login-item.ts';

export interface StartOptions {
  /** Started by the system at login: without its window. */
  readonly hidden: boolean;
  /** Ends the one that runs, as a person would; `portkeeper-desktop --quit`, for scripts and uninstallers. */
  readonly quit: boolean;
}

export function startOptions(args: readonly string[]): StartOptions {
  return { hidden: args.includes(HIDDEN), quit: args.includes('--quit') };
}

/** `npm start -- --demo`: an engine of ours begins with a simulated router in the place of the real ones. */
export const isDemo = (args: readonly string[]): boolean => args.includes('--demo');

/** The program to start when the person logs in. */

export interface Program {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Path of Electron. */
  readonly execPath: string;
  readonly isPackaged: boolean;
}

/** `undefined` where that is not lasting: run from its sources, or by macOS from a copy that it throws away. */
export function lastingPath({ platform, env, execPath, isPackaged }: Program): string | undefined {
  if (!isPackaged) return undefined;
  // An AppImage runs from a place that is mounted again each time; the file itself stays.
  const appImage = env['APPIMAGE'];
  if (platform === 'linux' && appImage !== undefined && appImage.startsWith('/')) return appImage;
  // "App Translocation": opened in the downloads folder, before it was moved to Applications.
  if (platform === 'darwin' && execPath.includes('/AppTranslocation/')) return undefined;
  return execPath;
}

/** How a newer version comes to this installation. */

/** `self`: downloaded and installed. `by-hand`: a package manager, or the person, does that. `none`: not even reported;
 * run from its sources, or built by somebody who publishes nothing. */
export type UpdateWay = 'self' | 'by-hand' | 'none';

export interface Installation {
  readonly platform: NodeJS.Platform;
  readonly isPackaged: boolean;
  /** The file in which electron-builder says where newer versions are, and whose; absent in builds that publish nothing. */
  readonly source: string | undefined;
}

export function updateWay({ platform, isPackaged, source }: Installation): UpdateWay {
  if (!isPackaged || source === undefined) return 'none';
  // Only what is signed by the publisher of this build is installed: macOS checks that, and electron-updater on Windows
  // where the name is set. Nothing is signed on Linux, and deb and rpm belong to root.
  if (platform === 'darwin') return 'self';
  return platform === 'win32' && /^publisherName:(?:[ \t]*|\s*\n[ \t]*- )[^\s-]/m.test(source) ? 'self' : 'by-hand';
}
