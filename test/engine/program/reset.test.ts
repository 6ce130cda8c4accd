import { expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '../../../main/contract/settings.ts';
import { inMinutes, inSeconds } from '../../../main/contract/units.ts';
import { AppHome, tcp } from '../../support/app-home.ts';

test('the settings become as they were delivered; profiles and what is open stay', async () => {
  const at = await AppHome.start();
  const id = await at.add('Web', [tcp(8080)]);
  await at.do('profile.switch', { id, on: true });
  await at.do('settings.change', { settings: { language: 'de', lease: 600, welcomed: true, theme: 'dark' } });
  await at.do('app.reset', { what: 'settings' });
  expect(at.snapshot.settings).toEqual({ ...DEFAULT_SETTINGS, welcomed: true });
  expect(at.snapshot.profiles).toMatchObject([{ id, on: true }]);
  await at.world.run(inSeconds(5));
  expect(at.table).toHaveLength(1);
  await at.stop();
});

test('everything: profiles are gone, what is open is closed, and nothing is remembered', async () => {
  const at = await AppHome.start();
  const ids = [];
  for (const [count, name] of ['Web', 'Game', 'Server'].entries())
    ids.push(await at.add(name, [tcp(8080 + count)], true));
  await at.do('settings.change', { settings: { language: 'de', onQuit: 'keep', welcomed: true } });
  await at.world.until(() => at.table.length === 3, inSeconds(30), 'open');
  await at.world.run(inMinutes(1));
  const fingerprint = at.snapshot.engine.gateways[0]?.fingerprint ?? '';
  await at.do('memory.change', { fingerprint, trait: 'samePortOnly', value: 'true' });
  expect((await at.do('activity.read', {})).entries.length).toBeGreaterThan(3);

  await at.do('app.reset', { what: 'everything' });
  expect(at.table).toEqual([]);
  expect(at.snapshot.profiles).toEqual([]);
  expect(at.snapshot.settings).toEqual(DEFAULT_SETTINGS);
  expect((await at.do('memory.read', {})).routers).toEqual([]);
  const facts = (await at.do('activity.read', {})).entries.map(({ fact }) => fact.is);
  expect(facts).not.toContain('opened');

  // One by one, until the end.
  for (const id of ids) await at.do('profile.restore', { id });
  expect(at.snapshot.profiles.map(({ name }) => name).toSorted()).toEqual(['Game', 'Server', 'Web']);
  await at.stop();
});

test('everything: also what an earlier run left open is closed', async () => {
  const first = await AppHome.start();
  await first.do('settings.change', { settings: { onQuit: 'keep' } });
  const id = await first.add('Web', [tcp(8080)]);
  await first.do('profile.switch', { id, on: true });
  await first.finish(first.app.leave(inSeconds(10)));
  await first.stop();
  const second = await first.again();
  await second.do('profile.remove', { id });
  await second.world.run(inMinutes(1));
  await second.do('app.reset', { what: 'everything' });
  expect(second.table).toEqual([]);
  await second.stop();
});

test('everything: with a router that does not answer it is done all the same', async () => {
  const at = await AppHome.start();
  const id = await at.add('Web', [tcp(8080)]);
  await at.do('profile.switch', { id, on: true });
  at.home.router.powerOff();
  await at.finish(at.client.ask('app.reset', { what: 'everything' }), inSeconds(30));
  expect(at.snapshot.profiles).toEqual([]);
  await at.stop();
});

test('everything: search settings go back as well, which puts another engine in place', async () => {
  const at = await AppHome.start();
  const id = await at.add('Web', [tcp(8080)]);
  await at.do('settings.change', { settings: { protocol: 'upnp' } });
  await at.do('profile.switch', { id, on: true });
  await at.do('app.reset', { what: 'everything' });
  expect(at.table).toEqual([]);
  await at.do('profile.restore', { id });
  await at.world.until(() => at.table.length === 1, inSeconds(30), 'open again');
  await at.stop();
});

test('nothing is done that cannot be saved', async () => {
  const at = await AppHome.start({ runs: false });
  await at.add('Web', [tcp(8080)], true);
  const before = at.snapshot;
  at.storage.failNext('write', 'no-space', 5);
  expect(await at.refused('app.reset', { what: 'everything' })).toMatchObject({ code: 'storage' });
  expect(at.snapshot).toEqual(before);
});

test('the window stays where it is until all is done: the first steps come last', async () => {
  const at = await AppHome.start();
  await at.do('settings.change', { settings: { welcomed: true } });
  const id = await at.add('Web', [tcp(8080)]);
  await at.do('profile.switch', { id, on: true });
  const stillOpen: number[] = [];
  const unwatch = at.app.watch(({ settings }) => {
    if (!settings.welcomed) stillOpen.push(at.table.length);
  });
  await at.do('app.reset', { what: 'everything' });
  unwatch();
  expect(stillOpen[0]).toBe(0);
  await at.stop();
});
