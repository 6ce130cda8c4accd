import { constants, existsSync, readFileSync } from 'node:fs';
import { access, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StorageError } from '../../system.ts';
import { codeOf } from '../network/network-fault.ts';
import { mustBePrivate, substituteFolder } from './data-folder.ts';
import { storageError, makeFolder, writeForNow } from './whole-file.ts';

export interface FolderLock {
  /** Where it is: in the folder, in its substitute where that cannot be written, or nowhere. */
  readonly place: string | undefined;
  /** `false`: its file was taken away, and others may lock the folder. */
  isThere(): Promise<boolean>;
  /** Idempotent. */
  release(): Promise<void>;
}

/** Another process works in the folder. */
export class FolderLocked extends StorageError {
  /** Its process id, as far as it is known. */
  readonly holder: number | undefined;
  constructor(folder: string, holder: number | undefined, options?: ErrorOptions) {
    const who = holder === undefined ? 'another process' : `process ${holder}`;
    super('locked', folder, `${who} is using ${folder}`, options);
    this.holder = holder;
  }
}

/** Nothing else keeps a database from being collected, and its lock with it. */
const held = new Set<DatabaseSync>();

/** No other place helps. */
const LASTING: ReadonlySet<StorageError['fault']> = new Set(['locked', 'not-a-folder', 'not-private']);

/** SQLite's result codes: https://sqlite.org/rescode.html */
const busy = 5;
const notADatabase = 26;

/**
 * One process per folder, until `release` or the process ends in whatever way.
 *
 * The lock is the kernel's, on an empty file `lock`: Node has no flock, but its SQLite takes the same kind of lock
 * (fcntl on Linux and macOS, LockFileEx on Windows). A lock file with a process id would have to be judged stale, by
 * pids that are used again, differ between containers and lose a race when two take over at once; a socket file stays
 * behind after a crash with the same question, and an abstract socket is another one in every network namespace. The
 * file is never removed (removing it would let two hold two files of one name) and never opened by anything else here
 * (POSIX drops a process's locks when it closes any descriptor of the file).
 *
 * Where the disk is full or read-only, or something stands in the way, the lock is in the folder's substitute. Where that
 * cannot be either, there is none: what cannot be written must not keep ports closed.
 * @throws FolderLocked, or StorageError where a file stands in the place of the folder, or others can change what is in it
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  try {
    await makeFolder(folder);
    mustBePrivate(folder);
    const lock = await lockIn(folder, folder);
    const substitute = await substituteFolder(folder, false);
    try {
      // A process that could not write here at its start is still at work.
      if (substitute !== undefined) await checkFree(folder, substitute);
    } catch (error) {
      await lock.release();
      throw error;
    }
    return lock;
  } catch (error) {
    if (!(error instanceof StorageError) || LASTING.has(error.fault)) throw error;
  }
  const substitute = await substituteFolder(folder, true);
  if (substitute === undefined)
    return { place: undefined, isThere: () => Promise.resolve(true), release: () => Promise.resolve() };
  return await lockIn(folder, substitute);
}

async function checkFree(folder: string, substitute: string): Promise<void> {
  const file = path.join(substitute, 'lock');
  if (!existsSync(file)) return;
  (await acquire(folder, file, substitute)).close();
}

async function lockIn(folder: string, place: string): Promise<FolderLock> {
  const file = path.join(place, 'lock');
  const database = await acquire(folder, file, place);
  held.add(database);
  const own = await inodeOf(file);
  const holderFile = path.join(place, 'lock-holder.json');
  let released = false;
  const release = async (): Promise<void> => {
    if (released) return;
    released = true;
    await rm(holderFile, { force: true }).catch(() => undefined);
    held.delete(database);
    database.close();
  };
  // Only shows others who holds it; a full disk must not keep the only process out.
  await writeForNow(holderFile, `${JSON.stringify({ pid: process.pid })}\n`).catch(() => undefined);
  return { place, isThere: async () => (await inodeOf(file)) === own, release };
}

/** 0 where there is none. */
async function inodeOf(file: string): Promise<bigint> {
  return await stat(file, { bigint: true }).then(
    ({ ino }) => ino,
    () => 0n,
  );
}

/**
 * One process per file, by the same kernel lock; the file goes with it.
 * @throws FolderLocked, StorageError
 */
export async function lockFile(file: string): Promise<Pick<FolderLock, 'release'>> {
  const database = await acquireLasting(file);
  held.add(database);
  return {
    release: async () => {
      if (!held.delete(database)) return;
      const remove = (): Promise<void> => rm(file, { force: true }).catch(() => undefined);
      // Windows removes no file that is open, so none that another process has opened meanwhile.
      if (process.platform !== 'win32') await remove();
      database.close();
      if (process.platform === 'win32') await remove();
    },
  };
}

/** Its holder may have removed the file between our opening and locking it: then the lock is on no name any more. */
async function acquireLasting(file: string): Promise<DatabaseSync> {
  for (;;) {
    const before = await inodeOf(file);
    const database = await acquire(file, file, file);
    if (process.platform === 'win32' || (before !== 0n && before === (await inodeOf(file)))) return database;
    database.close();
  }
}

/** @param place where the holder's note is */
async function acquire(folder: string, file: string, place: string): Promise<DatabaseSync> {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: 0 });
    // With the rollback journal in memory nothing is written, so a full disk does not matter.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    // SQLite takes no more than a shared lock on what it may only read. One that was removed meanwhile is seen by its inode.
    await access(file, constants.W_OK).catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error;
    });
    return database;
  } catch (error) {
    if (database?.isOpen === true) database.close();
    const code = resultCode(error);
    if (code === busy) throw new FolderLocked(folder, holderOf(place), { cause: error });
    if (code === notADatabase)
      throw new StorageError('unreadable', file, `${file} is damaged and can be deleted`, { cause: error });
    throw await openFailure(file, error);
  }
}

/** SQLite says only that it cannot open; the file system says why. */
async function openFailure(file: string, error: unknown): Promise<StorageError> {
  try {
    await writeForNow(`${file}-probe`, '');
    await rm(`${file}-probe`, { force: true });
    await stat(file);
  } catch (cause) {
    return storageError(cause, file, 'lock');
  }
  return storageError(error, file, 'lock');
}

function resultCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : undefined;
}

function holderOf(folder: string): number | undefined {
  try {
    const said: unknown = JSON.parse(readFileSync(path.join(folder, 'lock-holder.json'), 'utf8'));
    if (typeof said !== 'object' || said === null || !('pid' in said)) return undefined;
    return typeof said.pid === 'number' && isAlive(said.pid) ? said.pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
