import { expect, test } from 'vitest';
import type { Notice } from '../../../main/contract/activity.ts';
import { ip } from '../../../main/contract/address.ts';
import { inMinutes, inSeconds } from '../../../main/contract/units.ts';
import { feedNotices } from '../../../main/engine/activity/notices.ts';
import { personality } from '../../../main/simulator/personalities/personalities.ts';
import { AppHome, tcp, type AppHomeOptions } from '../../support/app-home.ts';
import { withDemo } from '../../support/demo-in-lan.ts';

interface Listening {
  readonly at: AppHome;
  /** Notices since the last call, as `trouble: gateway-away`. */
  readonly heard: () => readonly string[];
  readonly stop: () => Promise<void>;
}

async function listening(options: AppHomeOptions = {}): Promise<Listening> {
  const at = await AppHome.start(options);
  const notices: Notice[] = [];
  const end = new AbortController();
  const fed = feedNotices(at.client, at.home.client.system.clock, (notice) => notices.push(notice), end.signal);
  const settled = fed.catch((error: unknown) => error);
  return {
    at,
    heard: () =>
      notices.splice(0).map(({ of, facts }) => `${of}: ${[...new Set(facts.map(({ is }) => is))].join(', ')}`),
    stop: async () => {
      end.abort('done');
      expect(await settled).toBe('done');
      await at.stop();
    },
  };
}

test('a router that is away and back is reported in two notices, however many forwards it held', async () => {
  const { at, heard, stop } = await listening();
  await at.add(
    'Games',
    Array.from({ length: 20 }, (_, n) => tcp(30_000 + n)),
    true,
  );
  await at.world.run(inMinutes(10));
  expect(heard()).toEqual([]);
  at.home.router.powerOff();
  await at.world.run(inMinutes(10));
  expect(heard()).toEqual(['trouble: gateway-away']);
  at.home.router.powerOn();
  await at.world.run(inMinutes(10));
  expect(heard()).toEqual(['recovery: opened, gateway-back']);
  await stop();
});

test('refusals that come one after the other are reported together', async () => {
  const { at, heard, stop } = await listening({ router: personality('upnp-only') });
  const taken = [30_000, 30_001, 30_002];
  for (const externalPort of taken) {
    at.home.router.addMapping({
      transport: 'tcp',
      externalPort,
      internalClient: ip('192.168.1.11'),
      internalPort: externalPort,
      description: 'Somebody else',
      expiresAt: 'never',
      owner: 'igd',
    });
  }
  await at.add(
    'Games',
    taken.map((port) => tcp(port)),
    true,
  );
  await at.world.run(inMinutes(1));
  expect(heard()).toEqual(['trouble: refused']);
  // They are asked again each quarter of an hour; nothing new.
  await at.world.run(inMinutes(60));
  expect(heard()).toEqual([]);
  await stop();
});

test('events before anybody listened are not reported', async () => {
  const first = await AppHome.start();
  await first.add('Web', [tcp(8080)], true);
  await first.world.run(inMinutes(5));
  first.home.router.powerOff();
  await first.world.run(inMinutes(5));
  const records = first.storage.records('activity');
  const document = first.storage.document('profiles');
  await first.stop();
  const { at, heard, stop } = await listening({
    prepare: (storage) => {
      storage.put('profiles', document);
      storage.putRecords('activity', records);
    },
  });
  await at.do('settings.change', { settings: { notifications: 'all' } });
  await at.world.run(inSeconds(30));
  expect(heard()).toEqual(['news: opened, gateway-found']);
  await stop();
});

test('events before the simulated router was tried are not reported again after it', async () => {
  const { at, heard, stop } = await listening({ host: withDemo([]) });
  await at.do('settings.change', { settings: { notifications: 'all' } });
  await at.add('Web', [tcp(8080)], true);
  await at.world.run(inMinutes(10));
  expect(heard()).toEqual(['news: opened, gateway-found']);
  await at.do('demo.switch', { on: true });
  await at.world.run(inMinutes(1));
  heard();
  await at.do('demo.switch', { on: false });
  await at.do('settings.change', { settings: { paused: true } });
  await at.world.run(inMinutes(10));
  expect(heard()).not.toContainEqual(expect.stringContaining('found'));
  await stop();
});
