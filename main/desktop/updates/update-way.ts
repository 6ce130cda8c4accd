/** How a newer version comes to this installation. */

/** `self`: it is fetched and installed. `by-hand`: a package manager, or the person, does that. `none`: it is not told
 * either; run from its sources, or built by somebody who publishes nothing. */
export type UpdateWay = 'self' | 'by-hand' | 'none';

export interface Installation {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isPackaged: boolean;
  /** Is there the file in which electron-builder says where newer versions are? */
  readonly knowsPublisher: boolean;
}

export function updateWay({ platform, env, isPackaged, knowsPublisher }: Installation): UpdateWay {
  if (!isPackaged || !knowsPublisher) return 'none';
  if (platform !== 'linux') return 'self';
  // deb and rpm belong to root: electron-updater would ask for a password in the middle of quitting.
  return env['APPIMAGE'] === undefined ? 'by-hand' : 'self';
}
