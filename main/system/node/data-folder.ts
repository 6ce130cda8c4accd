import os from 'node:os';
import path from 'node:path';

const name = 'portkeeper';

/**
 * Where profiles, journal and router memory live: `$XDG_CONFIG_HOME` or `~/.config` (XDG Base Directory 0.8, which
 * ignores relative values), `~/Library/Application Support`, `%APPDATA%`. The same folder as Electron's `userData`.
 */
export function defaultDataFolder(
  from: {
    readonly platform?: NodeJS.Platform;
    readonly env?: Readonly<Record<string, string | undefined>>;
    readonly home?: string;
  } = {},
): string {
  const { platform = process.platform, env = process.env, home = os.homedir() } = from;
  if (platform === 'win32') {
    const roaming = env['APPDATA'];
    return path.win32.join(
      roaming !== undefined && roaming !== '' ? roaming : path.win32.join(home, 'AppData', 'Roaming'),
      name,
    );
  }
  if (platform === 'darwin') return path.posix.join(home, 'Library', 'Application Support', name);
  const configured = env['XDG_CONFIG_HOME'];
  return path.posix.join(
    configured !== undefined && path.posix.isAbsolute(configured) ? configured : path.posix.join(home, '.config'),
    name,
  );
}
