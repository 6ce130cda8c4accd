/** The simulated router in the place of the real one, in a simulated home. */
import { describe, expect, test } from 'vitest';
import { inMinutes, inSeconds } from '../../main/contract/units.ts';
import type { SimRouter } from '../../main/simulator/router/router.ts';
import { withDemo } from '../support/demo-in-lan.ts';
import { AppHome, tcp } from '../support/app-home.ts';
import { testHost } from '../support/test-host.ts';

const gateways = (at: AppHome): readonly string[] => at.snapshot.engine.gateways.map(({ address }) => address);

describe('the simulated router', () => {
  test('takes the place of the real one, on which everything is closed first; and back', async () => {
    const demo: SimRouter[] = [];
    const at = await AppHome.start({ host: withDemo(demo) });
    const id = await at.add('Minecraft', [tcp(25_565)]);
    await at.do('profile.switch', { id, on: true });
    expect(at.snapshot).toMatchObject({ demo: false, host: { hasDemo: true } });
    expect(at.table).toHaveLength(1);

    await at.do('demo.switch', { on: true });
    expect(at.snapshot.demo).toBe(true);
    expect(at.table).toEqual([]);
    await at.do('profile.switch', { id, on: true });
    expect(gateways(at)).toEqual(['192.168.1.200']);
    expect(demo[0]?.table()).toHaveLength(1);
    expect(at.snapshot.engine.mappings).toMatchObject([{ status: { at: 'open' } }]);

    await at.do('demo.switch', { on: false });
    expect(at.snapshot.demo).toBe(false);
    await at.do('profile.switch', { id, on: true });
    expect(gateways(at)).toEqual(['192.168.1.1']);
    expect(at.table).toEqual(['tcp 25565 -> 192.168.1.10:25565']);
    expect(demo[0]?.table()).toEqual([]);
    await at.stop();
  });

  test('leaves no trace in the journal, nor in what is remembered', async () => {
    const at = await AppHome.start({ host: withDemo([]) });
    const id = await at.add('Minecraft', [tcp(25_565)]);
    await at.do('demo.switch', { on: true });
    await at.do('profile.switch', { id, on: true });
    await at.world.run(inMinutes(5));
    // As a crash would leave it.
    const left = JSON.stringify([at.storage.records('journal'), at.storage.document('router-memory')]);
    expect(left).not.toContain('192.168.1.200');
    expect(at.storage.document('profiles')).not.toHaveProperty('demo');
    await at.stop();
  });

  test('stands for every router: for one that a profile names, and whatever the settings say', async () => {
    const at = await AppHome.start({ host: withDemo([]), gatewayName: 'FRITZ' });
    await at.do('settings.change', { settings: { protocol: 'pcp', gateway: '192.168.1.1' } });
    const id = await at.add('Web', [{ ...tcp(8080), gateway: 'Speedport' }]);
    await at.do('demo.switch', { on: true });
    await at.do('settings.change', { settings: { protocol: 'natpmp', gateway: '10.0.0.1' } });
    await at.do('profile.switch', { id, on: true });
    expect(at.snapshot.engine.mappings).toMatchObject([{ status: { at: 'open', lease: { control: 'igd' } } }]);
    await at.stop();
  });

  test('turned on before anything runs keeps the real one from being asked for anything', async () => {
    const demo: SimRouter[] = [];
    const at = await AppHome.start({ host: withDemo(demo), runs: false });
    await at.do('demo.switch', { on: true });
    const asked = new Set<string>();
    at.world.network.onPacket = (from, { destination }) => {
      if (from === at.home.client) asked.add(destination.address);
    };
    expect(at.snapshot.demo).toBe(true);
    const stop = new AbortController();
    const ended = at.app.run(stop.signal);
    const id = await at.add('Web', [tcp(8080)]);
    await at.do('profile.switch', { id, on: true });
    expect(demo[0]?.table()).toHaveLength(1);
    await at.world.run(inSeconds(30));
    expect([...asked]).toEqual(['192.168.1.200']);
    stop.abort();
    await at.finish(ended);
  });

  test('switched to and fro in haste, is what was said last', async () => {
    const demo: SimRouter[] = [];
    const at = await AppHome.start({ host: withDemo(demo) });
    const id = await at.add('Web', [tcp(8080)], true);
    const asked = [true, false, true, true, false, true].map((on) => at.client.ask('demo.switch', { on }));
    for (const answer of await at.finish(Promise.all(asked))) expect(answer.ok).toBe(true);
    await at.do('profile.switch', { id, on: true });
    expect(at.snapshot.demo).toBe(true);
    expect(gateways(at)).toEqual(['192.168.1.202']);
    expect(demo.map((router) => router.table().length)).toEqual([0, 0, 1]);
    expect(at.table).toEqual([]);
    await at.stop();
  });

  test('that cannot be started is reported; the real one is held on', async () => {
    const demo = { start: () => Promise.reject(new Error('no port is free')) };
    const at = await AppHome.start({ host: () => testHost({ demo }) });
    const id = await at.add('Web', [tcp(8080)]);
    await at.do('profile.switch', { id, on: true });
    const fault = await at.refused('demo.switch', { on: true });
    expect(fault.message).toContain('no port is free');
    expect(at.snapshot.demo).toBe(false);
    await at.world.run(inSeconds(30));
    expect(at.table).toHaveLength(1);
    await at.stop();
  });

  test('is refused where there is none', async () => {
    const at = await AppHome.start();
    expect(at.snapshot.host.hasDemo).toBe(false);
    expect(await at.refused('demo.switch', { on: true })).toMatchObject({ code: 'not-here' });
    expect(await at.do('demo.switch', { on: false })).toEqual({});
    await at.stop();
  });
});

describe('a trial with the simulated router', () => {
  const named = (at: AppHome) => at.snapshot.profiles.map(({ name, on }) => ({ name, on }));
  const tried = (at: AppHome) => at.snapshot.tried.map(({ name, on }) => ({ name, on }));

  /** Minecraft is there and off; in the demo it is switched on, and Web is made and switched on. */
  async function tryOut(demo: SimRouter[] = []): Promise<AppHome> {
    const at = await AppHome.start({ host: withDemo(demo) });
    const id = await at.add('Minecraft', [tcp(25_565)]);
    await at.do('demo.switch', { on: true });
    await at.do('profile.switch', { id, on: true });
    await at.do('profile.switch', { id: await at.add('Web', [tcp(8080)]), on: true });
    return at;
  }

  test('opens there, and not on the real one when it is over', async () => {
    const demo: SimRouter[] = [];
    const at = await tryOut(demo);
    expect(demo[0]?.table()).toHaveLength(2);
    expect(at.table).toEqual([]);
    await at.do('demo.switch', { on: false });
    await at.world.run(inMinutes(5));
    expect(at.table).toEqual([]);
    expect(named(at)).toEqual([{ name: 'Minecraft', on: false }]);
    expect(tried(at)).toEqual([{ name: 'Web', on: false }]);
    await at.stop();
  });

  test('opens nothing at the next start either, however the demo ended', async () => {
    const at = await tryOut();
    at.kill();
    const next = await at.again();
    await next.world.run(inMinutes(5));
    expect(next.table).toEqual([]);
    expect(named(next)).toEqual([{ name: 'Minecraft', on: false }]);
    expect(tried(next)).toEqual([{ name: 'Web', on: false }]);
    await next.stop();
  });

  test('leaves what is open on the real one as it was: it is opened again', async () => {
    const at = await AppHome.start({ host: withDemo([]) });
    const id = await at.add('Minecraft', [tcp(25_565)], true);
    await at.do('demo.switch', { on: true });
    expect(at.table).toEqual([]);
    await at.do('profile.change', { id, profile: { name: 'Changed', forwards: [tcp(1000)], on: false } });
    await at.do('profile.remove', { id: await at.add('Gone', [tcp(2000)]) });
    await at.do('demo.switch', { on: false });
    await at.world.run(inSeconds(30));
    expect(named(at)).toEqual([{ name: 'Minecraft', on: true }]);
    expect(at.table).toEqual(['tcp 25565 -> 192.168.1.10:25565']);
    expect(tried(at)).toEqual([{ name: 'Changed', on: false }]);
    await at.do('demo.keep', { keep: [id], discard: [] });
    expect(named(at)).toEqual([
      { name: 'Minecraft', on: true },
      { name: 'Changed', on: false },
    ]);
    await at.stop();
  });

  test('is kept when the person says so, turned off; what is discarded can be brought back', async () => {
    const at = await tryOut();
    await at.add('Shop', [tcp(443)]);
    await at.do('demo.switch', { on: false });
    const [web, shop] = at.snapshot.tried.map(({ id }) => id);
    if (web === undefined || shop === undefined) throw new Error('nothing was tried');
    const { added, discarded } = await at.do('demo.keep', { keep: [web], discard: [shop] });
    expect(added).toHaveLength(1);
    expect(tried(at)).toEqual([]);
    const kept = [
      { name: 'Minecraft', on: false },
      { name: 'Web', on: false },
    ];
    expect(named(at)).toEqual(kept);
    for (const id of discarded) await at.do('profile.restore', { id });
    expect(named(at)).toEqual([...kept, { name: 'Shop', on: false }]);
    await at.world.run(inMinutes(1));
    expect(at.table).toEqual([]);
    at.kill();
    const next = await at.again();
    expect(tried(next)).toEqual([]);
    expect(named(next)).toHaveLength(3);
    await next.stop();
  });

  test('can be kept before the demo ends, and what nobody decided about is there in the next one', async () => {
    const at = await tryOut();
    await at.add('Shop', [tcp(443)]);
    const [web] = at.snapshot.tried;
    if (web === undefined) throw new Error('nothing was tried');
    await at.do('demo.keep', { keep: [web.id], discard: [] });
    await at.do('profile.switch', { id: web.id, on: false });
    expect(tried(at)).toEqual([{ name: 'Shop', on: false }]);
    await at.do('demo.switch', { on: false });
    expect(named(at).map(({ name }) => name)).toEqual(['Minecraft', 'Web']);
    await at.do('demo.switch', { on: true });
    expect(named(at).map(({ name }) => name)).toEqual(['Minecraft', 'Web', 'Shop']);
    await at.stop();
  });

  test('that cannot be kept because the disk is full stays to be decided about', async () => {
    const at = await tryOut();
    const [web] = at.snapshot.tried;
    if (web === undefined) throw new Error('nothing was tried');
    at.storage.failNext('write', 'no-space');
    expect(await at.refused('demo.keep', { keep: [web.id], discard: [] })).toMatchObject({ code: 'storage' });
    expect(tried(at)).toEqual([{ name: 'Web', on: false }]);
    await at.stop();
  });

  test('does not wait for a disk that is full', async () => {
    const at = await AppHome.start({ host: withDemo([]) });
    await at.do('demo.switch', { on: true });
    at.storage.failNext('write', 'no-space', 10);
    await at.do('profile.switch', { id: await at.add('Web', [tcp(8080)]), on: true });
    expect(at.snapshot.engine.mappings).toMatchObject([{ status: { at: 'open' } }]);
    expect(at.snapshot.problems).toMatchObject([{ code: 'profiles-not-stored' }]);
    await at.stop();
  });

  test('changes no setting about routers and ports; those about the program stay', async () => {
    const at = await AppHome.start({ host: withDemo([]) });
    await at.do('settings.change', { settings: { paused: true, onlyApprovedNetworks: true } });
    await at.add('Minecraft', [tcp(25_565)], true);
    await at.do('demo.switch', { on: true });
    await at.do('settings.change', { settings: { paused: false, onlyApprovedNetworks: false, theme: 'dark' } });
    await at.do('network.approve', {});
    expect(at.snapshot.engine.mappings).toHaveLength(1);
    await at.do('demo.switch', { on: false });
    await at.world.run(inSeconds(30));
    expect(at.table).toEqual([]);
    expect(at.snapshot.settings).toMatchObject({
      paused: true,
      onlyApprovedNetworks: true,
      approvedNetworks: [],
      theme: 'dark',
    });
    await at.stop();
  });

  test('and held by a program is not held on the real one', async () => {
    const at = await tryOut();
    const [minecraft] = at.snapshot.profiles;
    if (minecraft === undefined) throw new Error('there is no profile');
    const game = new AbortController();
    await at.finish(at.client.hold({ what: 'profile', profile: minecraft.id }, game.signal));
    expect(at.snapshot.held).toEqual([minecraft.id]);
    await at.do('demo.switch', { on: false });
    await at.world.run(inSeconds(30));
    expect(at.table).toEqual([]);
    expect(at.snapshot.held).toEqual([]);
    game.abort();
    await at.stop();
  });

  test('is in a record of its own; the real one says only that it was tried', async () => {
    const at = await tryOut();
    await at.world.run(inMinutes(1));
    const told = async () => (await at.do('activity.read', {})).entries.map(({ fact }) => JSON.stringify(fact)).join();
    expect(await told()).toContain('"name":"Web"');
    await at.do('demo.switch', { on: false });
    await at.world.run(inMinutes(1));
    expect(await told()).not.toContain('"name":"Web"');
    expect(await told()).toContain('{"is":"demo","on":true},{"is":"demo","on":false}');
    expect(JSON.stringify(at.storage.records('activity'))).not.toContain('8080');
    await at.stop();
  });

  test('is what a reset means while it is on', async () => {
    const at = await tryOut();
    await at.do('app.reset', { what: 'everything' });
    expect(named(at)).toEqual([]);
    expect(tried(at)).toEqual([]);
    await at.do('demo.switch', { on: false });
    expect(named(at)).toEqual([{ name: 'Minecraft', on: false }]);
    await at.stop();
  });

  test('is forgotten when everything is reset', async () => {
    const at = await tryOut();
    await at.do('demo.switch', { on: false });
    await at.do('app.reset', { what: 'everything' });
    expect(tried(at)).toEqual([]);
    await at.stop();
  });
});
