import { describe, expect, test } from 'vitest';
import { ip } from '../../../main/contract/address.ts';
import { after, inHours, inMinutes, port, type EpochMs } from '../../../main/contract/units.ts';
import { leftoverKeyOf, type Lease } from '../../../main/core/state.ts';
import { Journal } from '../../../main/engine/loop/journal.ts';
import { StorageError, type Log, type RecordLog } from '../../../main/system/system.ts';
import { listLog } from '../../support/list-log.ts';
import { HOME, LAPTOP, NOW } from '../../support/story.ts';

const silent: Log = { write: () => undefined };

function lease(external: number, grantedAt: EpochMs = NOW): Lease {
  return {
    gateway: HOME,
    network: '192.168.1.1/24',
    control: 'pcp',
    family: 'ipv4',
    transport: 'tcp',
    external: { port: port(external), address: ip('11.22.33.44') },
    internal: { client: LAPTOP, port: port(external) },
    handle: {},
    grantedAt,
    renewAt: after(grantedAt, inMinutes(60)),
    expiresAt: after(grantedAt, inHours(2)),
    evidence: 'answered',
    renewals: 0,
    recreate: false,
  };
}

const entry = (external: number, grantedAt?: EpochMs) => ({
  lease: lease(external, grantedAt),
  label: '',
  kept: false,
});

async function remembered(records: RecordLog, now: EpochMs): Promise<readonly number[]> {
  const leases = await new Journal(records, silent).load(now);
  return leases.map((one) => one.lease.external.port).toSorted((a, b) => a - b);
}

/** A port held and given up, again and again. */
async function openAndClose(journal: Journal, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    await journal.held([entry(1000)], NOW);
    await journal.gone([leftoverKeyOf(lease(1000))], NOW);
  }
}

describe('the journal of a long run', () => {
  test('stays short', async () => {
    const records = listLog();
    const journal = new Journal(records, silent);
    await journal.held([entry(2000)], NOW);
    await openAndClose(journal, 3000);
    expect(records.lines.length).toBeLessThan(1200);
    expect(await remembered(records, NOW)).toEqual([2000]);
  });

  test('stays short when everything held runs out and nothing is ever closed', async () => {
    const records = listLog();
    const journal = new Journal(records, silent);
    let now = NOW;
    for (let count = 0; count < 5000; count += 1) {
      now = after(now, inMinutes(10));
      await journal.held([entry(1024 + count, now)], now);
    }
    expect(records.lines.length).toBeLessThan(1200);
    // Out of two hours.
    expect(await remembered(records, now)).toHaveLength(12);
  });
});

describe('a journal that cannot be rewritten', () => {
  const broken = () => {
    const records = listLog();
    const refuse = () => Promise.reject(new StorageError('no-space', 'journal', 'the disk is full'));
    return { records: { ...records, rewrite: refuse }, lines: records.lines };
  };

  test('goes on with every record, and does not try it each time', async () => {
    const { records, lines } = broken();
    let tried = 0;
    const journal = new Journal({ ...records, rewrite: () => ((tried += 1), records.rewrite()) }, silent);
    for (let round = 0; round < 2000; round += 1) {
      await openAndClose(journal, 1);
      await journal.held([entry(2000 + (round % 50))], NOW);
      if (round % 100 === 0) expect(await remembered(records, NOW)).toContain(2000 + (round % 50));
    }
    expect(await remembered(records, NOW)).toHaveLength(50);
    expect(lines).toHaveLength(6000);
    expect(tried).toBeGreaterThan(3);
    expect(tried).toBeLessThan(50);
  });

  test('keeps what changed while it was being tried', async () => {
    const { records, lines } = broken();
    const failing: (() => void)[] = [];
    const rewrite = async () => {
      await new Promise<void>((resolve) => failing.push(resolve));
      return records.rewrite();
    };
    const journal = new Journal({ ...records, rewrite }, silent);
    let last: Promise<void> = Promise.resolve();
    while (failing.length === 0) {
      await last;
      await journal.held([entry(1000)], NOW);
      last = journal.gone([leftoverKeyOf(lease(1000))], NOW);
      await Promise.resolve();
    }
    const held = journal.held([entry(1000)], NOW);
    for (const fail of failing) fail();
    await Promise.all([last, held]);
    expect(lines.length).toBeGreaterThan(100);
    expect(await remembered(records, NOW)).toEqual([1000]);
  });

  test('is rewritten once it can be', async () => {
    const records = listLog();
    let isFull = true;
    const rewrite = (all: readonly unknown[]) =>
      isFull ? Promise.reject(new StorageError('no-space', 'journal', 'full')) : records.rewrite(all);
    const journal = new Journal({ ...records, rewrite }, silent);
    await openAndClose(journal, 2000);
    isFull = false;
    await openAndClose(journal, 500);
    expect(records.lines.length).toBeLessThan(1200);
  });
});

test('a failed record is written with the next one', async () => {
  const records = listLog();
  let isFull = true;
  const append = (added: readonly unknown[]) =>
    isFull ? Promise.reject(new StorageError('no-space', 'journal', 'full')) : records.append(added);
  const journal = new Journal({ ...records, append }, silent);
  await expect(journal.held([entry(1000)], NOW)).rejects.toThrow(StorageError);
  isFull = false;
  await journal.held([entry(2000)], NOW);
  expect(await remembered(records, NOW)).toEqual([1000, 2000]);
});

describe('a port that PCP has opened (P26)', () => {
  const nonce = 'aaaaaaaaaaaaaaaaaaaaaaaa';
  const by = (control: Lease['control'], grantedAt: EpochMs) => ({
    ...entry(3000),
    lease: { ...lease(3000, grantedAt), control, handle: { nonce } },
  });
  const opened = async () => {
    const records = listLog();
    const journal = new Journal(records, silent);
    await journal.granted(by('pcp', NOW), NOW);
    return {
      journal,
      recovered: async (now: EpochMs) => (await new Journal(records, silent).load(now)).map((one) => one.lease.control),
    };
  };

  test.each([
    ['', inHours(4)],
    [', by a clock that was set back', inHours(-1)],
  ])('and another protocol opened later%s, is recovered as the latest alone', async (_, passed) => {
    const { journal, recovered } = await opened();
    const later = after(NOW, passed);
    await journal.granted(by('nat-pmp', later), later);
    expect(await recovered(after(later, inMinutes(5)))).toEqual(['nat-pmp']);
  });

  test('and another protocol was asked for, with no answer, may be open by both', async () => {
    const { journal, recovered } = await opened();
    const later = after(NOW, inMinutes(1));
    await journal.held([by('igd', later)], later);
    expect(await recovered(after(later, inMinutes(5)))).toEqual(['pcp', 'igd']);
  });
});

describe('a wall clock that was set forward', () => {
  test('does not lose the nonce of what PCP may still hold; a day later it does (H9, P15)', async () => {
    const records = listLog();
    const nonce = 'aaaaaaaaaaaaaaaaaaaaaaaa';
    const journal = new Journal(records, silent);
    await journal.held([{ ...entry(3000), lease: { ...lease(3000), handle: { nonce } } }, entry(3001)], NOW);
    const [left, ...others] = await new Journal(records, silent).load(after(NOW, inHours(5)));
    expect(others).toEqual([]);
    expect(left?.lease).toMatchObject({
      external: { port: 3000 },
      handle: { nonce },
      expiresAt: after(NOW, inHours(7)),
    });
    expect(await remembered(records, after(NOW, inHours(27)))).toEqual([]);
  });
});
