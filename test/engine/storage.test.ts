/** A disk that fails: what is wanted is opened, what was open stays open, and what is lost is said. */
import { describe, expect, test } from 'vitest';
import { inHours, inMinutes, inSeconds } from '../../main/contract/units.ts';
import { AppHome, tcp } from '../support/app-home.ts';

const WEB = 'tcp 8080 -> 192.168.1.10:8080';

const codes = (at: AppHome): readonly string[] =>
  [...at.snapshot.problems, ...at.snapshot.engine.problems].map(({ code }) => code);

/** Opened, and then killed: the router still has it. */
async function killedWhileOpen(): Promise<AppHome> {
  const at = await AppHome.start();
  const id = await at.add('Web', [tcp(8080)]);
  await at.do('profile.switch', { id, on: true });
  at.kill();
  return at;
}

describe('profiles that cannot be read', () => {
  const spoilt: readonly (readonly [string, (at: AppHome) => void])[] = [
    ['a disk error', ({ storage }) => storage.failNext('read', 'other', 100_000)],
    ['damage', ({ storage }) => storage.failNext('read', 'unreadable', 100_000)],
    ['a shape of its own', ({ storage }) => storage.put('profiles', { version: 1, profiles: 'none' })],
    ['a newer version', ({ storage }) => storage.put('profiles', { version: 99 })],
  ];

  test.each(spoilt)(
    'for %s are no reason to close anything: it is kept open for longer than a lease',
    async (_, spoil) => {
      const before = await killedWhileOpen();
      spoil(before);
      const removed: number[] = [];
      before.home.router.onMapping((change, { externalPort }) => {
        if (change === 'removed') removed.push(externalPort);
      });
      const at = await before.again();
      await at.world.run(inHours(5));
      expect(at.table).toEqual([WEB]);
      expect(removed).toEqual([]);
      expect(at.snapshot.profiles).toEqual([]);
      await at.stop();
    },
  );

  test('are used as soon as they can be read, without a gap', async () => {
    const before = await killedWhileOpen();
    before.storage.failNext('read', 'other', 100_000);
    const removed: number[] = [];
    before.home.router.onMapping((change, { externalPort }) => {
      if (change === 'removed') removed.push(externalPort);
    });
    const at = await before.again();
    await at.world.run(inMinutes(10));
    expect(codes(at)).toEqual(['profiles-unreadable']);
    at.storage.heal();
    await at.world.run(inMinutes(1));
    expect(at.snapshot.profiles).toMatchObject([{ id: 'web', on: true }]);
    expect(codes(at)).toEqual([]);
    expect(at.table).toEqual([WEB]);
    expect(removed).toEqual([]);
    await at.do('profile.switch', { id: at.snapshot.profiles[0]?.id ?? '', on: false });
    expect(at.table).toEqual([]);
    await at.stop();
  });

  test('that are damaged are replaced by what a person makes; what was open stays so meanwhile', async () => {
    const before = await killedWhileOpen();
    before.storage.failNext('read', 'unreadable', 100_000);
    const at = await before.again();
    await at.world.run(inSeconds(10));
    await at.add('Other', [tcp(9090)], true);
    await at.world.run(inMinutes(5));
    expect(at.table).toEqual([WEB, 'tcp 9090 -> 192.168.1.10:9090']);
    expect(codes(at)).toEqual([]);
    expect(at.storage.document('profiles')).toMatchObject({ profiles: [{ name: 'Other' }] });
    await at.stop();
  });

  test('in part: what is known to be off is closed, what is not known is left open', async () => {
    const before = await AppHome.start();
    for (const [name, port] of [
      ['Web', 8080],
      ['Game', 9090],
    ] as const) {
      const id = await before.add(name, [tcp(port)]);
      await before.do('profile.switch', { id, on: true });
    }
    before.kill();
    const off = { id: 'web', name: 'Web', on: false, forwards: [tcp(8080)] };
    before.storage.put('profiles', { version: 1, profiles: [off, { id: 'game', name: 7 }] });
    const at = await before.again();
    await at.world.run(inHours(3));
    expect(at.table).toEqual(['tcp 9090 -> 192.168.1.10:9090']);
    await at.stop();
  });

  test('are not written over before what was not understood is kept aside', async () => {
    const document = { version: 1, profiles: 'none' };
    const at = await AppHome.start({
      prepare: (storage) => {
        storage.put('profiles', document);
        storage.failNext('write', 'no-space', 2);
      },
    });
    expect(codes(at)).toEqual(['profiles-misunderstood']);
    expect(await at.refused('profile.add', { profile: { name: 'New', forwards: [] } })).toMatchObject({
      code: 'storage',
    });
    expect(at.storage.document('profiles')).toEqual(document);
    await at.add('New', []);
    expect(at.storage.document('profiles-misunderstood-1')).toEqual(document);
    await at.stop();
  });
});

describe('a journal that cannot be read', () => {
  test('keeps nothing closed, is reported, and is not overwritten', async () => {
    const before = await killedWhileOpen();
    const records = before.storage.records('journal');
    before.storage.failNext('load', 'other', 100_000);
    const at = await before.again();
    await at.world.run(inMinutes(1));
    expect(codes(at)).toEqual(['journal-unreadable']);
    expect(at.table).toEqual([WEB]);
    expect(at.snapshot.engine.mappings).toMatchObject([{ status: { at: 'open' } }]);
    expect(at.storage.records('journal').slice(0, records.length)).toEqual(records);
    await at.stop();
  });
});

describe('a disk that is full', () => {
  test('a switch is answered once it is known not to be stored, and stored once there is room', async () => {
    const at = await AppHome.start();
    const id = await at.add('Web', [tcp(8080)]);
    await at.do('profile.switch', { id, on: true });
    at.storage.failNext('write', 'no-space', 100_000);
    await at.do('profile.switch', { id, on: false });
    expect(codes(at)).toEqual(['profiles-not-stored']);
    expect(at.table).toEqual([]);
    at.storage.heal();
    await at.world.run(inMinutes(1));
    expect(codes(at)).toEqual([]);
    expect(at.storage.document('profiles')).toMatchObject({ profiles: [{ on: false }] });
    await at.stop();
  });

  test('a switch is stored at the end, if there is room by then', async () => {
    const at = await AppHome.start();
    const id = await at.add('Web', [tcp(8080)], true);
    at.storage.failNext('write', 'no-space', 100_000);
    await at.do('profile.switch', { id, on: false });
    at.storage.heal();
    await at.stop();
    expect(at.storage.document('profiles')).toMatchObject({ profiles: [{ on: false }] });
  });

  test('everything can be paused and resumed', async () => {
    const at = await AppHome.start();
    const id = await at.add('Web', [tcp(8080)]);
    await at.do('profile.switch', { id, on: true });
    at.storage.failNext('write', 'no-space', 100_000);
    await at.do('settings.change', { settings: { paused: true } });
    await at.world.until(() => at.table.length === 0, inSeconds(30), 'closed');
    expect(codes(at)).toContain('profiles-not-stored');
    await at.do('settings.change', { settings: { paused: false } });
    await at.world.until(() => at.table.length === 1, inSeconds(30), 'open again');
    await at.stop();
  });

  test('a network can be approved', async () => {
    const at = await AppHome.start();
    const id = await at.add('Web', [tcp(8080)]);
    await at.do('settings.change', { settings: { onlyApprovedNetworks: true } });
    await at.do('profile.switch', { id, on: true });
    expect(at.table).toEqual([]);
    at.storage.failNext('write', 'no-space', 100_000);
    await at.do('network.approve', {});
    await at.world.until(() => at.table.length === 1, inSeconds(30), 'open');
    expect(codes(at)).toContain('profiles-not-stored');
    await at.stop();
  });
});
