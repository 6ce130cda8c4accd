/**
 * One app for each data folder. Electron's lock is refused in the same way when another app has it, which then shows its
 * window, and when nobody can have it, such as in a folder that cannot be written.
 */
import { existsSync } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { createConnection } from 'node:net';
import path from 'node:path';

export interface LockParts {
  /** Electron's `requestSingleInstanceLock`. */
  readonly request: () => boolean;
  /** Where the lock is: `userData`. */
  readonly folder: string;
  readonly platform: NodeJS.Platform;
}

export async function lockInstance({ request, folder, platform }: LockParts): Promise<'ours' | 'taken' | 'failed'> {
  if (request()) return 'ours';
  if (await isHeld(folder, platform)) return 'taken';
  // Its holder may have ended just now.
  return request() ? 'ours' : 'failed';
}

/** By what Chromium leaves in the folder (process_singleton_win.cc, process_singleton_posix.cc). */
async function isHeld(folder: string, platform: NodeJS.Platform): Promise<boolean> {
  // Windows removes it as soon as the process that made it ends.
  if (platform === 'win32') return existsSync(path.join(folder, 'lockfile'));
  // A process that was killed leaves its lock behind, but nobody listens there.
  const socket = await readlink(path.join(folder, 'SingletonSocket')).catch(() => undefined);
  return socket !== undefined && (await isListening(socket));
}

function isListening(socket: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const connection = createConnection(socket)
    .once('connect', () => {
      connection.destroy();
      resolve(true);
    })
    .once('error', () => resolve(false));
  return promise;
}
