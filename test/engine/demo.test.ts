/** The simulated router in the place of the real one, in a simulated home. */
import { describe, expect, test } from 'vitest';
import { inMinutes, inSeconds } from '../../main/contract/units.ts';
import type { SimRouter } from '../../main/simulator/router.ts';
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

  test('switched on before anything runs keeps the real one from being asked for anything', async () => {
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

  test('that cannot be started is told; the real one is held on', async () => {
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
