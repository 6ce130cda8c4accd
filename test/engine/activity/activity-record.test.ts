import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openTimes, type ActivityFact, type ShownFact } from '../../../main/contract/activity.ts';
import { ip } from '../../../main/contract/address.ts';
import { asForwardId } from '../../../main/contract/model.ts';
import { epochMs, inMinutes, inSeconds, port } from '../../../main/contract/units.ts';
import { ActivityRecord } from '../../../main/engine/activity/activity-record.ts';
import { StorageError, type Log, type RecordLog } from '../../../main/system/system.ts';
import { told } from '../../support/activity-talk.ts';
import { AppHome, tcp } from '../../support/app-home.ts';
import { listLog } from '../../support/list-log.ts';
import { codes, problem } from '../../support/problems.ts';

const MINUTE = inMinutes(1);
const at = (minute: number) => epochMs(Date.UTC(2026, 0, 1) + minute * MINUTE);
const web = {
  forward: asForwardId('web/1'),
  name: 'Web',
  transports: ['tcp'],
  external: { first: port(80), last: port(80) },
} as const;
const opened: ActivityFact = { is: 'opened', gateway: 'Router', ...web };
const renewed: ActivityFact = { is: 'renewed', gateway: 'Router', forwards: 1 };

function recordIn(records: RecordLog | undefined): {
  readonly record: ActivityRecord;
  readonly logged: readonly string[];
} {
  const logged: string[] = [];
  const log: Log = { write: (level, message) => logged.push(`${level}: ${message}`) };
  return { record: new ActivityRecord({ records, log, loaded: () => undefined }), logged };
}

async function facts(record: ActivityRecord): Promise<readonly ActivityFact[]> {
  return (await record.after(0)).entries.map(({ fact }) => fact);
}

describe('the record', () => {
  test('is there again after a restart, its numbers going on', async () => {
    const records = listLog();
    const first = recordIn(records).record;
    first.add([{ at: at(0), fact: { is: 'started' } }]);
    first.add([
      { at: at(1), fact: opened },
      { at: at(2), fact: renewed },
    ]);
    await first.stored();
    const second = recordIn(records).record;
    // Before anybody has read what was there.
    second.add([{ at: at(3), fact: { is: 'started' } }]);
    const { entries, oldest } = await second.after(0);
    expect(entries.map(({ id, fact }) => `${id} ${fact.is}`)).toEqual([
      '1 started',
      '2 opened',
      '3 renewed',
      '4 started',
    ]);
    expect(oldest).toBe(1);
    expect(second.latest).toBe(4);
    expect((await second.after(2)).entries.map(({ id }) => id)).toEqual([3, 4]);
  });

  test('keeps one sign of life, the latest; and that of a crash', async () => {
    const records = listLog();
    const { record } = recordIn(records);
    record.add([{ at: at(0), fact: { is: 'started' } }]);
    for (let minute = 5; minute < 60; minute += 5) record.add([{ at: at(minute), fact: { is: 'running' } }]);
    record.add([{ at: at(61), fact: opened }]);
    record.add([{ at: at(66), fact: { is: 'running' } }]);
    record.add([{ at: at(90), fact: { is: 'started' } }]);
    const { entries } = await record.after(0);
    expect(entries.map(({ fact }) => fact.is)).toEqual(['started', 'opened', 'running', 'started']);
    expect(entries[2]?.at).toBe(at(66));
    await record.stored();
    expect(await facts(recordIn(records).record)).toEqual(entries.map(({ fact }) => fact));
  });

  test('stays small, and still knows what was opened before its beginning', async () => {
    const records = listLog();
    let longest = 0;
    const { record } = recordIn(records);
    record.add([{ at: at(0), fact: { is: 'started' } }]);
    record.add([{ at: at(1), fact: opened }]);
    for (let minute = 2; minute < 40_000; minute++) {
      record.add([{ at: at(minute), fact: renewed }]);
      if (minute % 100 === 0) await record.stored();
      longest = Math.max(longest, records.lines.length);
    }
    await record.stored();
    expect(longest).toBeLessThanOrEqual(10_000);
    const { entries, oldest } = await record.after(0);
    expect(entries.length).toBeLessThanOrEqual(5501);
    expect(entries.length).toBeGreaterThanOrEqual(5000);
    expect(entries[0]).toMatchObject({ id: oldest, fact: { is: 'record-begins', open: [web] } });
    expect(openTimes(entries, at(39_000), at(40_000))).toMatchObject([
      { open: [{ from: at(39_000), to: at(40_000) }], unknown: [] },
    ]);
    // As much as that is there after a restart.
    const again = await recordIn(records).record.after(0);
    expect(again.entries.at(-1)).toEqual(entries.at(-1));
    expect(again.entries.length).toBeLessThanOrEqual(5501);
    expect(openTimes(again.entries, at(39_000), at(40_000))[0]?.open).toHaveLength(1);
  });

  test('drops what makes no sense, and says so once', async () => {
    const records = listLog();
    const first = recordIn(records).record;
    first.add([{ at: at(0), fact: opened }]);
    await first.stored();
    await records.append([
      'nonsense',
      { id: 7, at: 'yesterday', fact: opened },
      { id: 8, at: at(1), fact: { is: 'exploded' } },
      { id: 9, at: at(1), fact: { ...opened, external: { first: 0, last: 99_999 } } },
      { id: 10, at: at(2), fact: { is: 'problem', problem: { code: 'no-such', severity: 'error', since: 0 } } },
      {
        id: 11,
        at: at(2),
        fact: { is: 'problem', problem: { code: 'no-gateway', severity: 'error', since: 0, parameters: {} } },
      },
      // Written by somebody else: its number is taken.
      { id: 1, at: at(3), fact: renewed },
    ]);
    const { record, logged } = recordIn(records);
    const { entries } = await record.after(0);
    expect(entries).toEqual([
      { id: 1, at: at(0), fact: opened },
      { id: 2, at: at(3), fact: renewed },
    ]);
    expect(logged).toEqual(['warn: dropped invalid activity records']);
  });

  test('that can be neither read nor written is kept in memory, and reported once', async () => {
    const broken = (): Promise<never> =>
      Promise.reject(new StorageError('no-permission', 'activity.jsonl', 'no permission'));
    const { record, logged } = recordIn({ load: broken, append: broken, rewrite: broken });
    record.add([{ at: at(0), fact: opened }]);
    expect(await facts(record)).toEqual([opened]);
    record.add([{ at: at(1), fact: renewed }]);
    await record.stored();
    expect(await facts(record)).toEqual([opened, renewed]);
    expect(logged).toHaveLength(1);
    await expect(record.clear(at(2), [])).rejects.toThrow('no permission');
    expect(await facts(record)).toEqual([opened, renewed]);
  });

  test('writes what it could not write with what comes next', async () => {
    const records = listLog();
    let isFull = true;
    const { record } = recordIn({
      ...records,
      append: (lines) =>
        isFull ? Promise.reject(new StorageError('no-space', 'activity.jsonl', 'full')) : records.append(lines),
    });
    record.add([{ at: at(0), fact: opened }]);
    await record.stored();
    expect(records.lines).toEqual([]);
    isFull = false;
    record.add([{ at: at(1), fact: renewed }]);
    await record.stored();
    expect(await facts(recordIn(records).record)).toEqual([opened, renewed]);
    isFull = true;
    record.add([{ at: at(2), fact: opened }]);
    await record.stored();
    isFull = false;
    // Nothing comes next, but the end.
    await record.stored();
    expect(await facts(recordIn(records).record)).toEqual([opened, renewed, opened]);
  });

  test('notes what happens while it is being cleared', async () => {
    const records = listLog();
    const cleared = Promise.withResolvers<void>();
    const { record } = recordIn({
      ...records,
      rewrite: async (lines) => {
        await cleared.promise;
        await records.rewrite(lines);
      },
    });
    record.add([{ at: at(0), fact: opened }]);
    await record.stored();
    const clearing = record.clear(at(1), [web]);
    await new Promise(setImmediate);
    record.add([{ at: at(2), fact: renewed }]);
    cleared.resolve();
    await clearing;
    await record.stored();
    const left: readonly ActivityFact[] = [{ is: 'record-begins', open: [web] }, renewed];
    expect(await facts(record)).toEqual(left);
    expect(await facts(recordIn(records).record)).toEqual(left);
  });

  test('survives any fact that there is', async () => {
    const records = listLog();
    const { record } = recordIn(records);
    const all: ShownFact[] = [
      { is: 'started' },
      { is: 'ended', left: 'open' },
      { is: 'woke', asleep: inMinutes(5) },
      { is: 'gateway-found', gateway: 'Router' },
      { is: 'gateway-found', gateway: 'Router', address: 'none' },
      { is: 'gateway-away', gateway: 'Router' },
      { is: 'gateway-back', gateway: 'Router' },
      { is: 'gateway-restarted', gateway: 'Router' },
      { is: 'address-changed', gateway: 'Router', from: ip('11.22.33.44'), to: 'none' },
      { is: 'switched', profile: 'web' as never, name: 'Web', on: true },
      { is: 'paused' },
      { is: 'resumed' },
      { is: 'opened', gateway: 'Router', granted: port(81), ...web },
      { is: 'closed', ...web },
      { is: 'lost', because: 'gateway', ...web },
      ...codes.flatMap((code): ShownFact[] => [
        { is: 'refused', problem: problem(code), ...web },
        { is: 'problem', problem: problem(code) },
        { is: 'solved', problem: problem(code) },
      ]),
    ];
    record.add(all.map((fact, minute) => ({ at: at(minute), fact })));
    await record.stored();
    expect(await facts(recordIn(records).record)).toEqual(all);
  });

  test('survives any record that there is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue()), async (values) => {
        const records = listLog();
        await records.append(values);
        const { record } = recordIn(records);
        record.add([{ at: at(0), fact: opened }]);
        expect((await facts(record)).at(-1)).toEqual(opened);
      }),
    );
  });
});

describe('Portkeeper', () => {
  test('opens without a record that can be read, and notes what happens in memory', async () => {
    const first = await AppHome.start();
    await first.add('Web', [tcp(8080)], true);
    await first.world.run(inSeconds(30));
    first.kill();
    first.storage.failNext('load', 'unreadable', 1, 'activity');
    const again = await first.again();
    await again.world.run(inSeconds(30));
    const { logged } = again.home.client;
    const complaints = logged.filter(({ message }) => message === 'could not read or write the activity');
    expect(complaints).toMatchObject([{ level: 'warn', fields: { path: 'activity' } }]);
    expect(again.table).toEqual(['tcp 8080 -> 192.168.1.10:8080']);
    expect(again.snapshot.engine.mappings.map(({ status }) => status.at)).toEqual(['open']);
    expect(await told(again)).toEqual(expect.arrayContaining(['started', 'opened Web 8080']));
    await again.stop();
  });

  test('opens on a full disk, and writes down what happened once there is room', async () => {
    const home = await AppHome.start();
    const id = await home.add('Web', [tcp(8080)]);
    await home.world.run(inSeconds(30));
    home.storage.failNext('append', 'no-space', 1000);
    await home.do('profile.switch', { id, on: true });
    expect(home.snapshot.engine.mappings.map(({ status }) => status.at)).toEqual(['open']);
    home.storage.heal();
    await home.do('profile.switch', { id, on: false });
    await home.stop();
    const stored = home.storage.records('activity').map((record) => JSON.stringify(record));
    for (const fact of ['"opened"', '"closed"']) expect(stored.filter((line) => line.includes(fact))).toHaveLength(1);
  });

  test('publishes nothing for a sign of life alone', async () => {
    const home = await AppHome.start();
    await home.add('Web', [tcp(8080)], true);
    // Renewed again, as UPnP did not show it at first.
    await home.world.run(inMinutes(20));
    const { activity } = home.snapshot;
    let told = 0;
    home.app.watch((snapshot) => (told += snapshot.activity === activity ? 0 : 1));
    await home.world.run(inMinutes(40));
    const { entries } = await home.do('activity.read', { after: activity });
    expect(entries.map(({ fact }) => fact.is)).toEqual(['running']);
    expect(told).toBe(0);
    await home.stop();
  });
});
