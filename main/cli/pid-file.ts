/** The pid file of `run`: one instance for each, as upnp-daemon has it. */
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { lockFile } from '../system/node/files/folder-lock.ts';
import type { FolderLock } from '../system/node/files/folder-lock.ts';
import { StorageError } from '../system/system.ts';
import { BusyFault, FileFault } from './output/fault.ts';

export interface PidFile {
  /** Removes it. */
  release(): Promise<void>;
}

/**
 * The lock is on a file beside it, which stays: the pid file itself may be read, replaced or removed by anyone.
 * @throws BusyFault, FileFault
 */
export async function takePidFile(file: string): Promise<PidFile> {
  const lock = await lockBeside(file);
  try {
    await writeFile(file, `${process.pid}\n`);
  } catch (error) {
    await lock.release();
    throw unusable(file, error);
  }
  return {
    release: async () => {
      await rm(file, { force: true }).catch(() => undefined);
      await lock.release();
    },
  };
}

async function lockBeside(file: string): Promise<Pick<FolderLock, 'release'>> {
  const folder = path.dirname(file);
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) {
    throw new FileFault(
      `The pid file ${file} cannot be written: there is no folder ${folder}. Make it, or choose another file with --pid-file.`,
    );
  }
  try {
    return await lockFile(`${file}.lock`);
  } catch (error) {
    if (!(error instanceof StorageError) || error.fault !== 'locked') throw unusable(file, error);
    const holder = await readFile(file, 'utf8').then(
      (text) => /^\d{1,10}$/.exec(text.trim())?.[0],
      () => undefined,
    );
    throw new BusyFault(
      `Another Portkeeper is at work${holder === undefined ? '' : ` as process ${holder}`}: it holds the pid file ${file}. ` +
        `End it${holder === undefined ? '' : ` with: kill ${holder}`}, or give this one a file of its own with --pid-file.`,
      { cause: error },
    );
  }
}

function unusable(file: string, error: unknown): FileFault {
  const why = error instanceof Error ? error.message : String(error);
  return new FileFault(
    `The pid file ${file} cannot be written: ${why}. Choose another file with --pid-file, or make room and permit writing there.`,
    { cause: error },
  );
}
