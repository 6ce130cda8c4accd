/** A laptop that opens ports at home only, and is carried about. */
import { describe, expect, test } from 'vitest';
import type { MappingStatus } from '../../../main/contract/snapshot.ts';
import { inHours, inMinutes, inSeconds } from '../../../main/contract/units.ts';
import { ip } from '../../../main/contract/address.ts';
import { NatPlane } from '../../world/nat-plane.ts';
import { SimRouter } from '../../../main/simulator/router/router.ts';
import { INTERNET, LAN, interfaceAddress } from '../../world/router-site.ts';
import { personality } from '../../../main/simulator/personalities/personalities.ts';
import type { System } from '../../../main/system/system.ts';
import { AppHome, tcp, type AppHomeOptions } from '../../support/app-home.ts';
import { addOtherNetwork, type OtherNetwork } from '../../support/other-network.ts';

const OPENED = 'tcp 25565 -> 192.168.1.10:25565';

const statuses = (at: AppHome): readonly MappingStatus['at'][] =>
  at.snapshot.engine.mappings.map(({ status }) => status.at);
const codes = (at: AppHome): readonly string[] => at.snapshot.engine.problems.map(({ code }) => code);
const approved = (at: AppHome): readonly { readonly key: string; readonly name: string }[] =>
  at.snapshot.settings.approvedNetworks;

/** Requests for mappings, granted or not. */
const asked = ({ counters }: SimRouter): number =>
  ['AddPortMapping', 'AddAnyPortMapping', 'pcp MAP', 'nat-pmp map'].reduce((sum, kind) => sum + counters.of(kind), 0);

/** At home, which is approved, with one profile open; and a café that has the same addresses. */
async function atHome(options: AppHomeOptions = {}): Promise<{ readonly at: AppHome; readonly cafe: OtherNetwork }> {
  const at = await AppHome.start(options);
  const cafe = await addOtherNetwork(at.home, personality());
  await at.world.run(inSeconds(30));
  await at.do('network.approve', {});
  await at.do('settings.change', { settings: { onlyApprovedNetworks: true } });
  const id = await at.add('Minecraft', [tcp(25_565)]);
  await at.do('profile.switch', { id, on: true });
  expect(at.table).toEqual([OPENED]);
  expect(asked(at.home.router)).toBe(1);
  return { at, cafe };
}

describe('a laptop', () => {
  test('opens nothing in a café, whatever its addresses, and all again at home', async () => {
    const { at, cafe } = await atHome();
    expect(approved(at)).toEqual([
      { key: at.snapshot.engine.network?.key, name: at.snapshot.engine.gateways[0]?.name },
    ]);
    cafe.enter();
    await at.world.run(inMinutes(1));
    expect(statuses(at)).toEqual(['waiting']);
    expect(codes(at)).toEqual(['network-not-approved']);
    expect(at.snapshot.engine.network?.approved).toBe(false);
    // Neither by a switch, nor as time goes by; and the switch is answered.
    await at.do('profile.switch', { id: at.snapshot.profiles[0]?.id ?? '', on: false });
    await at.do('profile.switch', { id: at.snapshot.profiles[0]?.id ?? '', on: true });
    await at.do('forwards.retry', {});
    at.app.woke();
    await at.world.run(inHours(3));
    expect(asked(cafe.router)).toBe(0);
    cafe.leave();
    await at.world.until(() => at.table.length === 1, inSeconds(10), 'open again at home');
    await at.world.until(() => statuses(at).join() === 'open', inSeconds(5), 'and told so');
    expect(codes(at)).toEqual([]);
    await at.stop();
  });

  test('opens ports in a café as soon as that is approved, and closes them when it is approved no longer', async () => {
    const { at, cafe } = await atHome();
    cafe.enter();
    await at.world.until(() => codes(at).length > 0, inSeconds(30), 'told');
    await at.do('network.approve', {});
    await at.world.until(() => cafe.router.table().length === 1, inSeconds(10), 'open');
    const both = approved(at);
    expect(both).toHaveLength(2);
    await at.do('settings.change', { settings: { approvedNetworks: both.slice(0, 1) } });
    await at.world.until(() => cafe.router.table().length === 0, inSeconds(10), 'closed');
    expect(codes(at)).toEqual(['network-not-approved']);
    await at.stop();
  });

  test('that wakes in a café asks nothing there, even before anybody has noticed', async () => {
    // As Node notices changes: up to two seconds late.
    const late = (system: System): System => ({
      ...system,
      routes: {
        read: (signal) => system.routes.read(signal),
        neighbours: () => system.routes.neighbours(),
        neighbour: (address) => system.routes.neighbour(address),
        async changed(signal) {
          await system.routes.changed(signal);
          await system.clock.sleep(inSeconds(2), signal);
        },
      },
    });
    for (const monotonic of ['stands-still', 'goes-on'] as const) {
      const { at, cafe } = await atHome({ around: late });
      at.home.client.clock.suspend(inHours(3), { monotonic });
      cafe.enter();
      await at.world.run(inHours(4));
      expect(codes(at)).toEqual(['network-not-approved']);
      expect(asked(cafe.router)).toBe(0);
      cafe.leave();
      await at.world.until(() => at.table.length === 1, inSeconds(30), 'open again at home');
      await at.stop();
    }
  });

  test('that is carried off while it waits for an answer does not go on asking where it comes to', async () => {
    const router = personality('miniupnpd', { protocols: { igd: false, natPmp: false } });
    const { at } = await atHome({ router });
    const { network } = at.world;
    const host = network.addHost('hotel-router');
    const lan = host.addInterface({
      name: 'lan0',
      segment: network.segment(LAN),
      addresses: [interfaceAddress('192.168.1.1', 24)],
    });
    host.addInterface({ name: 'wan0', segment: network.segment(INTERNET) });
    const plane = new NatPlane({ host, wan: { interfaceName: 'wan0', prefix: 0 }, lan: { interfaceName: 'lan0' } });
    const cafe = new SimRouter({
      system: host.system,
      lan: { interfaceName: 'lan0', address: ip('192.168.1.1') },
      wan: { address: ip('55.66.77.88') },
      personality: router,
      plane,
    });
    await at.finish(cafe.start());
    lan.setUp(false);

    const id = await at.add('Web', [tcp(8080)]);
    at.home.router.powerOff();
    const waiting = at.client.ask('profile.switch', { id, on: true });
    await at.world.run(inSeconds(1));
    // The same interface, and the same address beside another one: the laptop's Wi-Fi is another one now.
    const wifi = at.home.client.interface('eth0');
    wifi?.setUp(false);
    lan.setUp(true);
    wifi?.setAddresses(['192.168.1.10', '192.168.1.77'].map((address) => interfaceAddress(address, 24)));
    wifi?.setUp(true);
    await at.finish(waiting);
    await at.world.run(inMinutes(5));
    expect(codes(at)).toEqual(['network-not-approved']);
    expect(at.snapshot.engine.gateways).toMatchObject([{ address: '192.168.1.1', reachable: true }]);
    expect(asked(cafe)).toBe(0);
    await at.stop();
  });
});

describe('the first start', () => {
  const settings = (key: string): object => ({
    onlyApprovedNetworks: true,
    approvedNetworks: [{ key, name: 'Home' }],
  });
  const web = { id: 'web', name: 'Web', on: true, forwards: [tcp(8080)] };
  const start = (approvedKey: string): Promise<AppHome> =>
    AppHome.start({
      prepare: (storage) => storage.put('profiles', { version: 1, profiles: [web], settings: settings(approvedKey) }),
    });

  async function keyOfHome(): Promise<string> {
    const at = await AppHome.start();
    await at.world.run(inSeconds(30));
    await at.stop();
    return at.snapshot.engine.network?.key ?? '';
  }

  test('at home opens what is turned on, once the router is known to be the one', async () => {
    const at = await start(await keyOfHome());
    await at.world.until(() => at.table.length === 1, inSeconds(10), 'open');
    expect(codes(at)).toEqual([]);
    await at.stop();
  });

  test('elsewhere opens nothing, on a network with the same addresses either', async () => {
    const at = await start('192.168.1.1/24 00:00:00:00:00:01');
    await at.world.run(inMinutes(10));
    expect(asked(at.home.router)).toBe(0);
    expect(codes(at)).toEqual(['network-not-approved']);
    await at.stop();
  });

  test('where home was approved by its addresses alone, makes it known for good by its router', async () => {
    const at = await start('192.168.1.1/24');
    const cafe = await addOtherNetwork(at.home, personality());
    await at.world.until(() => at.table.length === 1, inSeconds(10), 'open');
    await at.world.run(inSeconds(10));
    expect(approved(at)).toEqual([{ key: await keyOfHome(), name: 'Home' }]);
    cafe.enter();
    await at.world.run(inMinutes(10));
    expect(asked(cafe.router)).toBe(0);
    await at.stop();
  });
});

describe('approving', () => {
  describe('before the hardware address of the router is known', () => {
    async function approvedByAddresses() {
      const arp = { isKnown: false };
      const around = (system: System): System => ({
        ...system,
        routes: {
          ...system.routes,
          neighbours: () => system.routes.neighbours(),
          neighbour: async (address) => (arp.isKnown ? await system.routes.neighbour(address) : undefined),
        },
      });
      const at = await AppHome.start({ around });
      const cafe = await addOtherNetwork(at.home, personality());
      await at.world.run(inSeconds(30));
      await at.do('network.approve', {});
      expect(approved(at)).toMatchObject([{ key: '192.168.1.1/24' }]);
      return { at, cafe, arp };
    }

    test('names the network as soon as it is, also while ports may be opened everywhere', async () => {
      const { at, cafe, arp } = await approvedByAddresses();
      arp.isKnown = true;
      at.app.woke();
      await at.world.run(inSeconds(30));
      expect(approved(at)).toMatchObject([{ key: expect.stringMatching(/^192\.168\.1\.1\/24 \S+$/) }]);
      cafe.enter();
      await at.world.run(inMinutes(1));
      await at.do('settings.change', { settings: { onlyApprovedNetworks: true } });
      await at.add('Web', [tcp(8080)], true);
      await at.world.run(inMinutes(10));
      expect(codes(at)).toEqual(['network-not-approved']);
      expect(asked(cafe.router)).toBe(0);
      await at.stop();
    });

    test('does not name it after another one, where it has been left before', async () => {
      const { at, cafe, arp } = await approvedByAddresses();
      at.home.client.interface('eth0')?.setUp(false);
      await at.world.run(inSeconds(30));
      arp.isKnown = true;
      cafe.enter();
      await at.world.run(inMinutes(10));
      expect(approved(at)).toMatchObject([{ key: '192.168.1.1/24' }]);
      await at.stop();
    });
  });

  test('is refused without a network, and while nothing runs', async () => {
    const at = await AppHome.start();
    at.home.client.interface('eth0')?.setUp(false);
    await at.world.run(inSeconds(10));
    expect(await at.refused('network.approve', {})).toMatchObject({
      code: 'not-here',
      message: expect.stringContaining('isn’t connected'),
    });
    await at.stop();
    const idle = await AppHome.start({ runs: false });
    expect(await idle.refused('network.approve', {})).toMatchObject({ code: 'not-here' });
  });

  test('again changes nothing', async () => {
    const { at } = await atHome();
    const before = approved(at);
    await at.do('network.approve', {});
    expect(approved(at)).toEqual(before);
    await at.stop();
  });

  test('has room for 64 networks, and says so', async () => {
    const at = await AppHome.start();
    await at.world.run(inSeconds(10));
    const many = Array.from({ length: 64 }, (_, count) => ({ key: `10.0.${count}.1/24`, name: 'Somewhere' }));
    await at.do('settings.change', { settings: { approvedNetworks: many } });
    expect((await at.refused('network.approve', {})).message).toContain('Remove one first');
    expect(approved(at)).toEqual(many);
    await at.stop();
  });
});

test('restricting it in a network that is not approved closes what is open, and opens it again when lifted', async () => {
  const at = await AppHome.start();
  const id = await at.add('Minecraft', [tcp(25_565)]);
  await at.do('profile.switch', { id, on: true });
  await at.do('settings.change', { settings: { onlyApprovedNetworks: true } });
  await at.world.until(() => at.table.length === 0, inSeconds(10), 'closed');
  await at.do('settings.change', { settings: { onlyApprovedNetworks: false } });
  await at.world.until(() => at.table.length === 1, inSeconds(10), 'open again');
  await at.stop();
});

test('paused, a network that is not approved is worth a word and no warning', async () => {
  const at = await AppHome.start();
  await at.do('settings.change', { settings: { onlyApprovedNetworks: true, paused: true } });
  await at.add('Minecraft', [tcp(25_565)], true);
  await at.world.run(inMinutes(5));
  expect(statuses(at)).toEqual([]);
  expect(at.snapshot.engine.problems).toMatchObject([{ code: 'network-not-approved', severity: 'info' }]);
  await at.do('settings.change', { settings: { paused: false } });
  await at.world.run(inMinutes(5));
  expect(statuses(at)).toEqual(['waiting']);
  expect(asked(at.home.router)).toBe(0);
  await at.stop();
});

test('holding a profile says that it waits for approval', async () => {
  const at = await AppHome.start();
  const id = await at.add('Minecraft', [tcp(25_565)]);
  await at.do('settings.change', { settings: { onlyApprovedNetworks: true } });
  expect(await at.finish(at.client.hold({ what: 'profile', profile: id }, new AbortController().signal))).toMatchObject(
    { ok: true },
  );
  expect(at.snapshot.engine.mappings).toMatchObject([{ status: { at: 'waiting', for: 'approval' } }]);
  await at.stop();
});
