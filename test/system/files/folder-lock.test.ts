import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lockFolder } from '../../../main/system/node/files/folder-lock.ts';
import { startChild } from './child.ts';
import { temporaryFolder } from './temporary-folder.ts';

it('lets one in, tells the next one who holds it, and lets it in afterwards', async () => {
  const folder = temporaryFolder();
  const lock = await lockFolder(folder);
  await expect(lockFolder(folder)).rejects.toMatchObject({
    name: 'StorageError',
    fault: 'locked',
    path: folder,
    holder: process.pid,
    message: `process ${process.pid} is using ${folder}`,
  });
  await lock.release();
  await lock.release();
  await (await lockFolder(folder)).release();
});

it('makes the folder', async () => {
  const folder = path.join(temporaryFolder(), 'config', 'portkeeper');
  await (await lockFolder(folder)).release();
});

it('keeps other processes out, and ends with a process that is killed', async () => {
  const folder = temporaryFolder();
  const holder = startChild('lock-in-turn.ts', folder, '', 'hold');
  await holder.wrote(1);
  await expect(lockFolder(folder)).rejects.toMatchObject({ fault: 'locked', holder: holder.pid });
  await holder.kill();
  const lock = await lockFolder(folder);
  onTestFinished(() => lock.release());
});

it('names nobody when the note about the holder is from one long gone', async () => {
  const folder = temporaryFolder();
  const lock = await lockFolder(folder);
  onTestFinished(() => lock.release());
  for (const note of ['{"pid":4194304999}', 'garbage', '{}', 'null']) {
    writeFileSync(path.join(folder, 'lock-holder.json'), note);
    await expect(lockFolder(folder)).rejects.toMatchObject({ fault: 'locked', holder: undefined });
  }
});

it.each(['folder', 'file'])('never lets two in at once, however many press: a %s', async (what) => {
  const folder = temporaryFolder();
  const trace = path.join(folder, 'trace');
  const locked = what === 'file' ? path.join(folder, 'x.lock') : folder;
  const racers = Array.from({ length: 4 }, () => startChild('lock-in-turn.ts', locked, trace, what));
  for (const racer of racers) expect(await racer.ended()).toEqual([]);
  const lines = readFileSync(trace, 'utf8').trim().split('\n');
  expect(lines).toHaveLength(4 * 10 * 2);
  for (let at = 0; at < lines.length; at += 2) expect(lines[at + 1]).toBe(lines[at]?.replace('begin', 'end'));
});

it('says when the folder cannot be one', async () => {
  const file = path.join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  await expect(lockFolder(file)).rejects.toMatchObject({ name: 'StorageError', fault: 'not-a-folder' });
  await expect(lockFolder(path.join(file, 'below'))).rejects.toMatchObject({ fault: 'not-a-folder' });
});

it.skipIf(process.platform !== 'linux')('ends where no folder can be made although its parent is there', async () => {
  // Node's own recursive mkdir never does.
  const lock = await lockFolder('/proc/portkeeper-test/below');
  onTestFinished(() => rmSync(lock.place ?? '/nowhere', { recursive: true, force: true }));
  expect(lock.place).not.toContain('/proc');
  await lock.release();
});

describe('where something stands in the way of the lock', () => {
  const spoils: readonly (readonly [string, (file: string) => void])[] = [
    ['a damaged file', (file) => writeFileSync(file, 'x'.repeat(4096))],
    ['a folder', (file) => mkdirSync(file)],
  ];

  it.each(spoils)('%s: there is one in another place, which lets in one at a time', async (_, spoil) => {
    const folder = temporaryFolder();
    const file = path.join(folder, 'lock');
    spoil(file);
    const lock = await lockFolder(folder);
    onTestFinished(() => rmSync(lock.place ?? folder, { recursive: true, force: true }));
    expect(lock.place).not.toBe(folder);
    const busy = { fault: 'locked', path: folder, holder: process.pid };
    await expect(lockFolder(folder)).rejects.toMatchObject(busy);
    // Also for whoever finds the folder in order again.
    rmSync(file, { recursive: true });
    await expect(lockFolder(folder)).rejects.toMatchObject(busy);
    await lock.release();
    const next = await lockFolder(folder);
    expect(next.place).toBe(folder);
    await next.release();
  });
});
