/** What is to be started when the person logs in. */

export interface Program {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of Electron. */
  readonly execPath: string;
  readonly isPackaged: boolean;
}

/** `undefined` where that is not lasting: run from its sources, or by macOS from a copy that it throws away. */
export function lastingPath({ platform, env, execPath, isPackaged }: Program): string | undefined {
  if (!isPackaged) return undefined;
  // An AppImage runs from a place that is mounted anew each time; the file itself stays.
  const appImage = env['APPIMAGE'];
  if (platform === 'linux' && appImage !== undefined && appImage.startsWith('/')) return appImage;
  // "App Translocation": opened in the downloads folder, before it was moved to Applications.
  if (platform === 'darwin' && execPath.includes('/AppTranslocation/')) return undefined;
  return execPath;
}
