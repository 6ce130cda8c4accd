/**
 * Takes the lock of the folder named first, several times; while it holds it, it writes its begin and end into the file
 * named second. With `hold` as third argument it takes the lock once and keeps it; with `file` it locks a file.
 */
import { appendFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { FolderLocked, lockFile, lockFolder, type FolderLock } from '../../../main/system/node/files/folder-lock.ts';

const [, , folder = '', trace = '', mode] = process.argv;

async function lockWhenFree(): Promise<Pick<FolderLock, 'release'>> {
  for (;;) {
    try {
      return await (mode === 'file' ? lockFile(folder) : lockFolder(folder));
    } catch (error) {
      if (!(error instanceof FolderLocked)) throw error;
      await setTimeout(1);
    }
  }
}

if (mode === 'hold') {
  await lockWhenFree();
  process.stdout.write('held\n');
  await setTimeout(3_600_000);
}
for (let turn = 0; turn < 10; turn += 1) {
  const lock = await lockWhenFree();
  appendFileSync(trace, `begin ${process.pid}\n`);
  await setTimeout(1);
  appendFileSync(trace, `end ${process.pid}\n`);
  await lock.release();
}
