import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SetAside } from '../../../main/system/node/files/document-store.ts';
import { createRecordLog, lookIntoRecordLog } from '../../../main/system/node/files/record-log.ts';
import { startChild } from './child.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** The log as after a start of the program, and what it set aside. */
function started(file: string) {
  const setAside: SetAside[] = [];
  return { log: createRecordLog(file, { onSetAside: (what) => setAside.push(what) }), setAside };
}

const numbers = (count: number): readonly unknown[] =>
  Array.from({ length: count }, (_, at) => ({ at, text: `é ${at}` }));

describe('records', () => {
  it('are there after a restart, in order', async () => {
    const file = path.join(temporaryFolder(), 'not', 'yet', 'journal.log');
    const { log } = started(file);
    expect(await log.load()).toEqual([]);
    await log.append([{ opened: 'a' }, { opened: 'b' }]);
    await log.append([]);
    await log.append(['plain', 7, null]);
    expect(await log.load()).toEqual([{ opened: 'a' }, { opened: 'b' }, 'plain', 7, null]);
    expect(await started(file).log.load()).toEqual(await log.load());
  });

  it('can be appended without having been loaded', async () => {
    const file = path.join(temporaryFolder(), 'journal.log');
    await started(file).log.append([1]);
    await started(file).log.append([2]);
    expect(await started(file).log.load()).toEqual([1, 2]);
  });

  it('are replaced as a whole, with what came before and after in its place', async () => {
    const file = path.join(temporaryFolder(), 'journal.log');
    const { log } = started(file);
    const calls = [log.append([1, 2]), log.rewrite(['fresh']), log.append([3]), log.append([4])];
    await Promise.all(calls);
    expect(await log.load()).toEqual(['fresh', 3, 4]);
    expect(await started(file).log.load()).toEqual(['fresh', 3, 4]);
  });

  it('of one turn are written together', async () => {
    const file = path.join(temporaryFolder(), 'journal.log');
    const { log } = started(file);
    const appends = Array.from({ length: 50 }, async (_, count) => {
      for (let hop = 0; hop < count; hop += 1) await Promise.resolve();
      await log.append([count]);
      return readFileSync(file, 'utf8').split('\n').length - 1;
    });
    expect(await Promise.race(appends)).toBe(50);
  });

  it('start again when the file was removed under us', async () => {
    const file = path.join(temporaryFolder(), 'journal.log');
    const { log } = started(file);
    await log.append([1]);
    rmSync(file);
    await log.append([2]);
    expect(await started(file).log.load()).toEqual([2]);
  });

  it('must be JSON', async () => {
    const { log } = started(path.join(temporaryFolder(), 'journal.log'));
    await expect(log.append([undefined])).rejects.toThrow(TypeError);
    await expect(log.rewrite([() => 1])).rejects.toThrow(TypeError);
    expect(await log.load()).toEqual([]);
  });

  it('behave like a list, whatever is done in whatever order', async () => {
    const step = fc.oneof(
      fc.record({ append: fc.array(fc.jsonValue(), { maxLength: 4 }) }),
      fc.record({ rewrite: fc.array(fc.jsonValue(), { maxLength: 4 }) }),
      fc.constant({ restart: true }),
      fc.constant({ load: true }),
    );
    const folder = temporaryFolder();
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        run += 1;
        const file = path.join(folder, `journal-${run}.log`);
        let { log } = started(file);
        let expected: unknown[] = [];
        const pending: Promise<unknown>[] = [];
        for (const one of steps) {
          if ('append' in one) {
            pending.push(log.append(one.append));
            expected.push(...one.append);
          } else if ('rewrite' in one) {
            pending.push(log.rewrite(one.rewrite));
            expected = [...one.rewrite];
          } else {
            await Promise.all(pending);
            if ('restart' in one) ({ log } = started(file));
            expect(await log.load()).toEqual(JSON.parse(JSON.stringify(expected)));
          }
        }
        await Promise.all(pending);
        expect(await started(file).log.load()).toEqual(JSON.parse(JSON.stringify(expected)));
      }),
      { numRuns: 40 },
    );
  });
});

describe('after a crash', () => {
  it('a torn last record is dropped wherever it was torn, and the log goes on', async () => {
    const folder = temporaryFolder();
    const file = path.join(folder, 'journal.log');
    await started(file).log.append(numbers(3));
    const whole = readFileSync(file);
    const secondEnds = whole.lastIndexOf('\n', whole.length - 2) + 1;
    for (let length = secondEnds; length < whole.length; length += 1) {
      writeFileSync(file, whole.subarray(0, length));
      const { log, setAside } = started(file);
      expect(await log.load()).toEqual(numbers(2));
      await log.append(['after']);
      expect(await started(file).log.load()).toEqual([...numbers(2), 'after']);
      expect(setAside).toEqual([]);
    }
    expect(readdirSync(folder)).toEqual(['journal.log']);
  });

  it('blocks that the disk never filled are dropped like a torn record', async () => {
    const file = path.join(temporaryFolder(), 'journal.log');
    await started(file).log.append([1]);
    truncateSync(file, 4096);
    const { log } = started(file);
    await log.append([2]);
    expect(await started(file).log.load()).toEqual([1, 2]);
  });

  it('every acknowledged record of a process killed while appending is there', async () => {
    for (const acknowledged of [1, 40, 150]) {
      const file = path.join(temporaryFolder(), 'journal.log');
      const writer = startChild('append-for-ever.ts', file);
      await writer.wrote(acknowledged);
      await writer.kill();
      const { log, setAside } = started(file);
      const found = new Set((await log.load()).map((record) => JSON.stringify(record)));
      const lost = writer.lines.filter((line) => {
        const number = Number(line);
        return !found.has(JSON.stringify({ number, padding: 'x'.repeat(number % 700) }));
      });
      expect(lost).toEqual([]);
      expect(setAside).toEqual([]);
    }
  });
});

describe('a damaged file', () => {
  it('keeps every whole record, wherever a byte went bad, and the file as it was', async () => {
    const folder = temporaryFolder();
    const source = path.join(folder, 'source.log');
    await started(source).log.append(numbers(5));
    const whole = readFileSync(source);
    const { length } = whole;
    const lastBegins = whole.lastIndexOf('\n', length - 2) + 1;
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(lastBegins - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        run += 1;
        const file = path.join(folder, `journal-${run}.log`);
        const bad = Buffer.from(whole);
        bad[at] = (bad[at] ?? 0) ^ change;
        writeFileSync(file, bad);
        const { log, setAside } = started(file);
        const left = await log.load();
        // Losing a newline makes one line of two.
        expect(left.length).toBeGreaterThanOrEqual(3);
        expect(left.length).toBeLessThan(5);
        const originals = new Set(numbers(5).map((record) => JSON.stringify(record)));
        expect(left.every((record) => originals.has(JSON.stringify(record)))).toBe(true);
        expect(setAside).toEqual([
          { path: file, kept: expect.stringContaining(`journal-${run}.unreadable-`), lost: 'entries' },
        ]);
        expect(readFileSync(setAside[0]?.kept ?? '')).toEqual(bad);
        await log.append(['after']);
        const again = started(file);
        expect(await again.log.load()).toEqual([...left, 'after']);
        expect(again.setAside).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('that never was a log yields nothing and is kept', async () => {
    const file = path.join(temporaryFolder(), 'journal.log');
    writeFileSync(file, 'dear diary\n');
    const { log, setAside } = started(file);
    expect(await log.load()).toEqual([]);
    expect(readFileSync(setAside[0]?.kept ?? '', 'utf8')).toBe('dear diary\n');
  });

  it('is noticed by a writer that only appends', async () => {
    const file = path.join(temporaryFolder(), 'journal.log');
    await started(file).log.append([1]);
    appendFileSync(file, 'rubbish\n');
    const { log, setAside } = started(file);
    await log.append([2]);
    expect(setAside).toHaveLength(1);
    expect(await started(file).log.load()).toEqual([1, 2]);
  });
});

describe('a file that cannot be a log', () => {
  const makesWay = async (file: string): Promise<string> => {
    await expect(lookIntoRecordLog(file)).rejects.toMatchObject({
      name: 'StorageError',
      fault: 'unreadable',
      path: file,
    });
    const { log, setAside } = started(file);
    expect(await log.load()).toEqual([]);
    expect(setAside).toEqual([{ path: file, kept: expect.stringContaining('unreadable'), lost: 'all' }]);
    await log.append([1]);
    await log.rewrite([1, 2]);
    expect(await started(file).log.load()).toEqual([1, 2]);
    return setAside[0]?.kept ?? '';
  };

  it('for its size is not read into memory, and kept as it is', async () => {
    const file = path.join(temporaryFolder(), 'journal.log');
    writeFileSync(file, 'x');
    // A sparse file: it takes no room.
    truncateSync(file, 4 * 1024 ** 3);
    expect(statSync(await makesWay(file)).size).toBe(4 * 1024 ** 3);
  });

  it('as a folder stands there', async () => {
    const file = path.join(temporaryFolder(), 'journal.log');
    mkdirSync(file);
    expect(statSync(await makesWay(file)).isDirectory()).toBe(true);
  });

  it('as it never ends, or never begins', async () => {
    const folder = temporaryFolder();
    const endless = path.join(folder, 'endless.log');
    symlinkSync('/dev/zero', endless);
    await makesWay(endless);
    const pipe = path.join(folder, 'pipe.log');
    execFileSync('mkfifo', [pipe]);
    await makesWay(pipe);
  });

  it('makes way also for a writer that only appends', async () => {
    const file = path.join(temporaryFolder(), 'journal.log');
    mkdirSync(file);
    await started(file).log.append([1]);
    expect(await started(file).log.load()).toEqual([1]);
  });
});

describe('a look into a log that another process writes', () => {
  it('sees the whole records and changes nothing, be the end torn or a line damaged', async () => {
    const file = path.join(temporaryFolder(), 'journal.log');
    expect(await lookIntoRecordLog(file)).toEqual([]);
    await started(file).log.append([1, 2]);
    appendFileSync(file, 'rubbish\n0123');
    const before = readFileSync(file);
    expect(await lookIntoRecordLog(file)).toEqual([1, 2]);
    expect(readFileSync(file)).toEqual(before);
    expect(readdirSync(path.dirname(file))).toEqual(['journal.log']);
  });
});

it('says when the folder is none, and works once it is one', async () => {
  const folder = temporaryFolder();
  const file = path.join(folder, 'data', 'journal.log');
  writeFileSync(path.join(folder, 'data'), '');
  const { log } = started(file);
  const both = await Promise.allSettled([log.append([1]), log.append([2])]);
  expect(both).toMatchObject([{ reason: { fault: 'not-a-folder' } }, { reason: { fault: 'not-a-folder' } }]);
  await expect(log.rewrite([1])).rejects.toMatchObject({ name: 'StorageError', fault: 'not-a-folder' });
  await expect(log.load()).rejects.toMatchObject({ fault: 'not-a-folder', path: file });
});
