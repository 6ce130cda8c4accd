/** Files that are there as a whole or not at all, also after a crash or a power cut. */
import { mkdirSync, statSync } from 'node:fs';
import { copyFile, open, readFile, rename, rm, stat } from 'node:fs/promises';
import type { StorageFault } from '../../../contract/fault-reasons.ts';
import { StorageError } from '../../system.ts';
import { codeOf } from '../network/network-fault.ts';
import path from 'node:path';

/** Only for the owner: profiles name a household's devices, journals hold nonces. */
export const ownerOnly = 0o600;

/** With those that it is in. @throws StorageError */
export async function makeFolder(folder: string): Promise<void> {
  try {
    makeFolders(path.resolve(folder));
  } catch (error) {
    throw storageError(error, folder, 'make the folder');
  }
}

/** Node's own recursion never ends where a folder cannot be made although its parent is there, as under /proc or where a
 * network drive is not mounted. @param folder absolute @throws Error of the system */
export function makeFolders(folder: string): void {
  const isThere = (): boolean => statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  if (isThere()) return;
  const parent = path.dirname(folder);
  if (parent !== folder) makeFolders(parent);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Another process may have been quicker.
    if (!isThere()) throw error;
  }
}

export const unreadable = (file: string, why: string): StorageError =>
  new StorageError('unreadable', file, `could not read ${file}: ${why}`);

/** Bytes; far more than anything of ours grows to. */
const LARGEST = 64 * 1024 ** 2;

/** `undefined` when there is none. @throws StorageError; fault `unreadable` for what is no file, or larger than 64 MiB */
export async function readBytes(file: string): Promise<Buffer | undefined> {
  try {
    // Devices may have no end, and a pipe waits for whoever writes into it.
    const found = await stat(file);
    if (!found.isFile()) throw unreadable(file, 'it is no regular file');
    if (found.size > LARGEST) throw unreadable(file, 'it is larger than 64 MiB');
    return await readFile(file);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw storageError(error, file, 'read');
  }
}

/** `undefined` when there is none. @throws StorageError as {@link readBytes} */
export async function readText(file: string): Promise<string | undefined> {
  return (await readBytes(file))?.toString('utf8');
}

/** Durable once resolved. @throws StorageError; the former file is then still there */
export async function writeWhole(file: string, text: string): Promise<void> {
  await replaceWhole(file, text, true);
  await syncFolder(path.dirname(file));
}

/** For content that is void once this process ends: waits for no disk. @throws StorageError as {@link writeWhole} */
export const writeForNow = (file: string, text: string): Promise<void> => replaceWhole(file, text, false);

/** Written beside the file under a fixed name, which one process at a time may use, so that a crash leaves at most one
 * leftover. */
async function replaceWhole(file: string, text: string, isDurable: boolean): Promise<void> {
  const fresh = `${file}.new`;
  try {
    const handle = await open(fresh, 'w', ownerOnly);
    try {
      await handle.writeFile(text);
      if (isDurable) await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(fresh, file);
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => undefined);
    throw storageError(error, file, 'write');
  }
}

/** Makes a rename survive a power cut. Windows has no such call and needs none. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    // Some file systems (network, FUSE) refuse to sync folders; the file itself is whole all the same.
    if (codeOf(error) !== 'EINVAL' && codeOf(error) !== 'ENOTSUP') throw storageError(error, folder, 'sync');
  }
}

/** A name of its own beside `file` for what cannot be read, with the moment in it. */
function setAsideName(file: string): string {
  const { dir, name, ext } = path.parse(file);
  const moment = new Date().toISOString().replaceAll(/[:.]/g, '-');
  return path.join(dir, `${name}.unreadable-${moment}${ext}`);
}

/** Keeps a damaged file's bytes under another name; never overwrites one. @throws StorageError */
export const copyAside = (file: string): Promise<string> => aside(file, copyFile);

/** Moves a damaged file to another name. @throws StorageError */
export const moveAside = (file: string): Promise<string> => aside(file, rename);

async function aside(file: string, keep: (from: string, to: string) => Promise<void>): Promise<string> {
  const kept = setAsideName(file);
  try {
    await keep(file, kept);
    return kept;
  } catch (error) {
    throw storageError(error, file, 'set aside');
  }
}

const faults: Readonly<Record<string, StorageFault>> = {
  EACCES: 'no-permission',
  EPERM: 'no-permission',
  EROFS: 'no-permission',
  ENOSPC: 'no-space',
  EDQUOT: 'no-space',
  ENOTDIR: 'not-a-folder',
  EEXIST: 'not-a-folder',
};

/** `doing` completes "could not …". */
export function storageError(error: unknown, path: string, doing: string): StorageError {
  if (error instanceof StorageError) return error;
  const code = codeOf(error);
  const message = `could not ${doing} ${path}: ${code === '' ? String(error) : code}`;
  return new StorageError(faults[code] ?? 'other', path, message, { cause: error });
}
