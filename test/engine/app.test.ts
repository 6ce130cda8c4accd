import { describe, expect, test } from 'vitest';
import type { AppSnapshot } from '../../main/contract/commands.ts';
import { inSeconds } from '../../main/contract/units.ts';
import { personality } from '../../main/simulator/personalities/personalities.ts';
import { AppHome, tcp, udp } from '../support/app-home.ts';

describe('switching a profile', () => {
  test('on opens its ports and resolves when they have settled; off closes them', async () => {
    const at = await AppHome.start();
    const minecraft = await at.add('Minecraft', [tcp(25_565), udp(19_132)]);
    expect(at.table).toEqual([]);
    await at.do('profile.switch', { id: minecraft, on: true });
    expect(at.table).toEqual(['tcp 25565 -> 192.168.1.10:25565', 'udp 19132 -> 192.168.1.10:19132']);
    expect(at.snapshot.engine.mappings.map(({ status }) => status.at)).toEqual(['open', 'open']);
    await at.do('profile.switch', { id: minecraft, on: false });
    expect(at.table).toEqual([]);
    expect(at.snapshot.engine.mappings).toEqual([]);
    await at.stop();
  });

  test('says "opening" in the first snapshot that shows the switch on', async () => {
    const at = await AppHome.start();
    const id = await at.add('Web', [tcp(8080)]);
    await at.world.run(inSeconds(30));
    const seen: AppSnapshot[] = [];
    at.app.watch((snapshot) => seen.push(snapshot));
    expect(seen).toHaveLength(1);
    await at.do('profile.switch', { id, on: true });
    const on = seen.find(({ profiles }) => profiles[0]?.on === true);
    expect(on?.engine.mappings.map(({ status }) => status.at)).toEqual(['opening']);
    expect(seen.map(({ revision }) => revision)).toEqual(
      seen.map(({ revision }) => revision).toSorted((a, b) => a - b),
    );
    await at.stop();
  });

  test('is remembered: the next Portkeeper holds what was on', async () => {
    const first = await AppHome.start();
    await first.add('Web', [tcp(8080)], true);
    const document = first.storage.document('profiles');
    await first.stop();
    const second = await AppHome.start({ prepare: (storage) => storage.put('profiles', document) });
    await second.world.until(() => second.table.length > 0, inSeconds(30), 'open');
    expect(second.table).toEqual(['tcp 8080 -> 192.168.1.10:8080']);
    await second.stop();
  });

  test('does not wait for another that never settles', async () => {
    const at = await AppHome.start();
    const web = await at.add('Web', [tcp(8080)]);
    const far = await at.add('Far', [tcp(9090)]);
    await at.do('profile.switch', { id: web, on: true });
    await at.world.run(inSeconds(5));
    at.home.router.powerOff();
    const waiting = at.client.ask('profile.switch', { id: far, on: true });
    expect(await at.finish(at.client.ask('profile.switch', { id: web, on: true }))).toMatchObject({ ok: true });
    expect(await at.finish(waiting)).toMatchObject({ ok: true });
    await at.stop();
  });

  test('while nothing runs changes what is stored, and opens nothing', async () => {
    const at = await AppHome.start({ runs: false });
    const id = await at.add('Web', [tcp(8080)]);
    await at.do('profile.switch', { id, on: true });
    expect(at.storage.document('profiles')).toMatchObject({ profiles: [{ id, on: true }] });
    await at.world.run(inSeconds(30));
    expect(at.table).toEqual([]);
  });
});

describe('settings', () => {
  test('"paused" closes everything, and profiles turned on open again afterwards', async () => {
    const at = await AppHome.start();
    await at.add('Web', [tcp(8080)], true);
    await at.world.until(() => at.table.length === 1, inSeconds(30), 'open');
    await at.do('settings.change', { settings: { paused: true } });
    await at.world.until(() => at.table.length === 0, inSeconds(30), 'closed');
    expect(at.snapshot.profiles).toMatchObject([{ on: true }]);
    await at.do('settings.change', { settings: { paused: false } });
    await at.world.until(() => at.table.length === 1, inSeconds(30), 'open again');
    await at.stop();
  });

  test('"lease" is requested from routers, unless a forward says otherwise', async () => {
    const at = await AppHome.start();
    await at.do('settings.change', { settings: { lease: 600 } });
    const id = await at.add('Web', [tcp(8080), { ...tcp(9090), lease: 1200 }]);
    await at.do('profile.switch', { id, on: true });
    const lengths = at.snapshot.engine.mappings.map(({ status }) =>
      status.at === 'open' && status.lease.expiresAt !== 'never'
        ? Math.round((status.lease.expiresAt - status.lease.grantedAt) / 1000)
        : 0,
    );
    expect(lengths).toEqual([600, 1200]);
    await at.stop();
  });

  test('"protocol" takes effect by another engine, with nothing left behind by the one before', async () => {
    const at = await AppHome.start({ router: personality('miniupnpd') });
    const id = await at.add('Web', [tcp(8080)]);
    await at.do('settings.change', { settings: { protocol: 'upnp' } });
    await at.do('profile.switch', { id, on: true });
    const control = (): readonly string[] =>
      at.snapshot.engine.mappings.map(({ status }) => (status.at === 'open' ? status.lease.control : status.at));
    expect(control()).toEqual(['igd']);
    await at.do('settings.change', { settings: { protocol: 'pcp' } });
    // Somebody who switches meanwhile is answered when the new engine has settled.
    await at.do('profile.switch', { id, on: true });
    expect(control()).toEqual(['pcp']);
    expect(at.table).toEqual(['tcp 8080 -> 192.168.1.10:8080']);
    await at.do('profile.switch', { id, on: false });
    expect(at.table).toEqual([]);
    await at.stop();
  });

  test('changing one leaves the others as they are', async () => {
    const at = await AppHome.start();
    await at.do('settings.change', { settings: { lease: 600, theme: 'dark' } });
    const { settings } = await at.do('settings.change', { settings: { language: 'de' } });
    expect(settings).toMatchObject({ lease: 600, theme: 'dark', language: 'de' });
    expect(at.snapshot.settings).toEqual(settings);
    await at.stop();
  });
});

describe('leaving', () => {
  test.for(['close', 'keep'] as const)('with "onQuit" %s', async (onQuit) => {
    const at = await AppHome.start();
    await at.do('settings.change', { settings: { onQuit } });
    const id = await at.add('Web', [tcp(8080)], true);
    await at.do('profile.switch', { id, on: true });
    await at.finish(at.app.leave(inSeconds(15)));
    expect(at.table).toHaveLength(onQuit === 'close' ? 0 : 1);
    expect(await at.refused('profile.switch', { id, on: true })).toMatchObject({ code: 'stopped' });
    await at.stop();
    expect(at.table).toHaveLength(onQuit === 'close' ? 0 : 1);
  });

  test('does not wait longer than it is given for a router that is gone', async () => {
    const at = await AppHome.start();
    const id = await at.add('Web', [tcp(8080)]);
    await at.do('profile.switch', { id, on: true });
    at.home.router.powerOff();
    await at.finish(at.app.leave(inSeconds(15)), inSeconds(16));
    await at.stop();
  });

  test('whoever still waits learns that Portkeeper has stopped', async () => {
    const at = await AppHome.start();
    const id = await at.add('Web', [tcp(8080)]);
    const waiting = at.client.ask('profile.switch', { id, on: true });
    await at.world.run(inSeconds(0.001));
    await at.stop();
    expect(await at.finish(waiting)).toMatchObject({ ok: false, fault: { code: 'stopped' } });
  });
});

describe('holding a profile', () => {
  test('keeps it open until the holder is gone, and stores nothing', async () => {
    const at = await AppHome.start();
    const id = await at.add('Web', [tcp(8080)]);
    const stored = JSON.stringify(at.storage.document('profiles'));
    const [one, two] = [new AbortController(), new AbortController()];
    expect(await at.finish(at.client.hold({ what: 'profile', profile: id }, one.signal))).toMatchObject({ ok: true });
    expect(at.table).toHaveLength(1);
    expect(at.snapshot).toMatchObject({ held: [id], profiles: [{ on: false }] });
    await at.finish(at.client.hold({ what: 'profile', profile: id }, two.signal));
    one.abort();
    await at.world.run(inSeconds(30));
    expect(at.table).toHaveLength(1);
    two.abort();
    await at.world.run(inSeconds(30));
    expect(at.table).toEqual([]);
    expect(at.snapshot.held).toEqual([]);
    expect(JSON.stringify(at.storage.document('profiles'))).toBe(stored);
    await at.stop();
  });

  test('keeps ports open that are turned on when the holder is gone', async () => {
    const at = await AppHome.start();
    const id = await at.add('Web', [tcp(8080)]);
    const holder = new AbortController();
    await at.finish(at.client.hold({ what: 'profile', profile: id }, holder.signal));
    await at.do('profile.switch', { id, on: true });
    holder.abort();
    await at.world.run(inSeconds(30));
    expect(at.table).toHaveLength(1);
    await at.stop();
  });

  test('keeps its port from a document in which another profile that is on has it', async () => {
    const at = await AppHome.start();
    const id = await at.add('Held', [tcp(8080)]);
    const holder = new AbortController();
    await at.finish(at.client.hold({ what: 'profile', profile: id }, holder.signal));
    const other = { id: 'other', name: 'Other', on: true, forwards: [tcp(8080)] };
    const held = { id, name: 'Held', on: false, forwards: [tcp(8080)] };
    for (const [profiles, place] of [
      [[other, held], 'document.profiles.0'],
      [[held, other], 'document.profiles.1'],
    ] as const) {
      const document = { version: 1, profiles };
      const fault = await at.refused('profiles.import', { document, mode: 'replace' });
      expect(fault).toMatchObject({ code: 'conflict', place });
    }
    expect(at.snapshot.profiles.map(({ name }) => name)).toEqual(['Held']);
    holder.abort();
    await at.stop();
  });

  test('is refused where another profile has the port, either way round', async () => {
    const at = await AppHome.start();
    const one = await at.add('One', [tcp(8080)]);
    const two = await at.add('Two', [tcp(8080)]);
    const holder = new AbortController();
    await at.finish(at.client.hold({ what: 'profile', profile: one }, holder.signal));
    expect(await at.refused('profile.switch', { id: two, on: true })).toMatchObject({ code: 'conflict' });
    const other = await at.finish(at.client.hold({ what: 'profile', profile: two }, new AbortController().signal));
    expect(other).toMatchObject({ ok: false, fault: { code: 'conflict' } });
    holder.abort();
    await at.do('profile.switch', { id: two, on: true });
    await at.stop();
  });

  test('opens nothing else where switches are ignored', async () => {
    const at = await AppHome.start({ switches: 'ignored' });
    await at.add('On', [tcp(9090)], true);
    const id = await at.add('Web', [tcp(8080)]);
    await at.finish(at.client.hold({ what: 'profile', profile: id }, new AbortController().signal));
    expect(at.table).toEqual(['tcp 8080 -> 192.168.1.10:8080']);
    await at.stop();
  });
});
