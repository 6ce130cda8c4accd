import { describe, expect, test } from 'vitest';
import { inSeconds } from '../../main/contract/units.ts';
import { World } from '../world/world.ts';

function disk(seed = 1) {
  const world = new World({ seed });
  const host = world.network.addHost('laptop');
  return { world, host, storage: host.storage };
}

describe('documents', () => {
  test('are read as they were written, by value', async () => {
    const { world, storage } = disk();
    const documents = storage.documents();
    expect(await world.finish(documents.read('profiles'))).toBeUndefined();
    const profiles = { version: 1, profiles: ['ssh'] };
    const writing = documents.write('profiles', profiles);
    profiles.profiles.push('changed after the call');
    await world.finish(writing);
    expect(await world.finish(documents.read('profiles'))).toEqual({ version: 1, profiles: ['ssh'] });
    expect(storage.document('profiles')).toEqual({ version: 1, profiles: ['ssh'] });
  });

  test('fail as requested, as often as requested, and keep the former version', async () => {
    const { world, storage } = disk();
    const documents = storage.documents();
    await world.finish(documents.write('profiles', 'first'));
    storage.failNext('write', 'no-space', 2);
    for (let tries = 0; tries < 2; tries += 1)
      await expect(world.finish(documents.write('profiles', 'second'))).rejects.toMatchObject({
        name: 'StorageError',
        fault: 'no-space',
        path: 'profiles',
      });
    expect(await world.finish(documents.read('profiles'))).toBe('first');
    await world.finish(documents.write('profiles', 'third'));
    expect(await world.finish(documents.read('profiles'))).toBe('third');
  });

  test('that cannot be read are set aside for the last good version', async () => {
    const { world, storage } = disk();
    const told: string[] = [];
    const documents = storage.documents((name, kept) => told.push(`${name} kept as ${kept}`));
    await world.finish(documents.write('profiles', 'first'));
    await world.finish(documents.write('profiles', 'second'));
    storage.corrupt('profiles');
    expect(await world.finish(documents.read('profiles'))).toBe('second');
    expect(told).toEqual(['profiles kept as profiles.unreadable-1']);
    expect(await world.finish(documents.read('profiles'))).toBe('second');
    expect(told).toHaveLength(1);
  });
});

describe('a log', () => {
  test('keeps records in order and is replaced whole', async () => {
    const { world, storage } = disk();
    const log = storage.log('journal');
    await world.finish(log.append([{ asked: 1 }]));
    await world.finish(log.append([{ asked: 2 }, { asked: 3 }]));
    expect(await world.finish(log.load())).toEqual([{ asked: 1 }, { asked: 2 }, { asked: 3 }]);
    await world.finish(log.rewrite([{ asked: 3 }]));
    expect(await world.finish(log.load())).toEqual([{ asked: 3 }]);
    expect(storage.calls).toMatchObject({ append: 2, rewrite: 1, load: 2 });
  });
});

describe('a crash', () => {
  test('keeps what was acknowledged; what was not is there or is not; nobody hears of it', async () => {
    const outcomes = new Set<number>();
    for (let seed = 0; seed < 20; seed += 1) {
      const { world, host, storage } = disk(seed);
      const log = storage.log('journal');
      await world.finish(log.append(['acknowledged']));
      let heard = false;
      const hear = (): void => {
        heard = true;
      };
      log.append(['under way']).then(hear, hear);
      host.crash();
      log.append(['from the grave']).then(hear, hear);
      await world.run(inSeconds(10));
      expect(heard).toBe(false);
      const left = storage.records('journal');
      expect([['acknowledged'], ['acknowledged', 'under way']]).toContainEqual(left);
      outcomes.add(left.length);
      expect(await world.finish(storage.log('journal').load())).toEqual(left);
    }
    expect([...outcomes].toSorted((one, other) => one - other)).toEqual([1, 2]);
  });
});
