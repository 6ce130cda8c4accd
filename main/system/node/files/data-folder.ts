import { createHash } from 'node:crypto';
import { existsSync, realpathSync, statSync, type Stats } from 'node:fs';
import { lstat, mkdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { StorageError } from '../../system.ts';
import { codeOf } from '../network/network-fault.ts';

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

/** Where what can be made again is kept: `$XDG_CACHE_HOME` or `~/.cache`, `~/Library/Caches`, `%LOCALAPPDATA%`; or where
 * `NODE_COMPILE_CACHE` says. */
export function codeCacheFolder(): string {
  const { NODE_COMPILE_CACHE: given = '' } = process.env;
  if (given !== '') return path.resolve(given, name);
  const home = os.homedir();
  const { XDG_CACHE_HOME: configured = '', LOCALAPPDATA: local = '' } = process.env;
  if (process.platform === 'win32')
    return path.join(local === '' ? path.join(home, 'AppData', 'Local') : local, name, 'code');
  if (process.platform === 'darwin') return path.join(home, 'Library', 'Caches', name, 'code');
  return path.join(path.isAbsolute(configured) ? configured : path.join(home, '.cache'), name, 'code');
}

/**
 * Where `portkeeper run` notes its process: of this person alone: the folder that the system makes for what runs (XDG Base Directory 0.8), else one of our own in
 * the temporary one.
 */
export function defaultPidFile(): string {
  const { XDG_RUNTIME_DIR: given } = process.env;
  const own = process.getuid?.();
  const runtime = own === 0 ? '/run' : `/run/user/${own}`;
  if (given !== undefined && path.isAbsolute(given)) return path.join(given, `${name}.pid`);
  if (process.platform === 'linux' && existsSync(runtime)) return path.join(runtime, `${name}.pid`);
  // macOS and Windows give each person a temporary folder of their own.
  return process.platform === 'linux'
    ? path.join(os.tmpdir(), `${name}-${own}`, `${name}.pid`)
    : path.join(os.tmpdir(), `${name}.pid`);
}

/**
 * Where lock and socket of a data folder are when they cannot be in it: the same for every process of the same person,
 * in the temporary folder. Nobody else can have made it.
 */
export async function substituteFolder(folder: string, make: boolean): Promise<string | undefined> {
  const own = process.getuid?.();
  const id = createHash('sha256').update(realPath(folder)).digest('hex').slice(0, 16);
  const substitute = path.join(os.tmpdir(), `${name}-${own ?? 'data'}-${id}`);
  try {
    if (make) {
      await mkdir(substitute, { mode: 0o700 }).catch((error: unknown) => {
        if (codeOf(error) !== 'EEXIST') throw error;
      });
    }
    const found = await lstat(substitute);
    const isOurs = own === undefined || (found.uid === own && (found.mode & 0o077) === 0);
    return found.isDirectory() && isOurs ? substitute : undefined;
  } catch {
    return undefined;
  }
}

/** Owners of the folders above a person's: root, and whoever is root outside of a user namespace. */
const SYSTEM: ReadonlySet<number> = new Set([0, 65_534]);
const STICKY = 0o1000;

/**
 * Anyone who can change the folder's files can give commands in our name, and redirect what we write. Writable for
 * a group is fine where the group is the person's own. Windows keeps the folders of users apart anyway.
 * @param purpose root may `ask` whom a folder belongs to; in it root would write through that person's links
 * @throws StorageError with fault `not-private`; nothing where there is no such folder
 */
export function mustBePrivate(folder: string, purpose: 'use' | 'ask' = 'use'): void {
  const own = process.getuid?.();
  if (own === undefined) return;
  const inside = realPath(folder);
  const owner = statOf(inside);
  const trusted = new Set([own, 0, ...(purpose === 'ask' && own === 0 && owner !== undefined ? [owner.uid] : [])]);
  for (let place = inside; ; place = path.dirname(place)) {
    const found = statOf(place);
    if (found !== undefined) {
      const { uid, gid, mode } = found;
      const isAbove = place !== inside;
      if (!trusted.has(uid) && !(isAbove && SYSTEM.has(uid))) throw notPrivate(place, `it belongs to user ${uid}`);
      const shared = isAbove || gid === uid ? 0o002 : 0o022;
      const isSticky = isAbove && (mode & STICKY) !== 0;
      if ((mode & shared) !== 0 && !isSticky) throw notPrivate(place, 'others may write there');
    }
    if (place === path.dirname(place)) return;
  }
}

const notPrivate = (place: string, why: string): StorageError =>
  new StorageError('not-private', place, `${place} is not private: ${why}`);

function statOf(place: string): Stats | undefined {
  try {
    return statSync(place);
  } catch {
    return undefined;
  }
}

/** A folder that is not there may have a link above it; whoever asks then gets the same answer. */
function realPath(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return path.resolve(folder);
  }
}
