/** The default router has the first word: whoever else on the LAN opens ports serves only when it says nothing. */
import { describe, expect, test } from 'vitest';
import { ip } from '../../../main/contract/address.ts';
import { asGatewayId, type GatewayId } from '../../../main/contract/model.ts';
import { inMinutes, inSeconds, millis, type Millis } from '../../../main/contract/units.ts';
import { personality } from '../../../main/simulator/personalities/personalities.ts';
import type { Personality } from '../../../main/simulator/router/personality.ts';
import { EngineHome, forward } from '../../support/engine-home.ts';

const DEFAULT = asGatewayId('eth0/192.168.1.1');
const SECOND = asGatewayId('eth0/192.168.1.66');
const MINECRAFT = 'tcp 25565 -> 192.168.1.10:25565';
const minecraft = forward('minecraft', 25_565);

/** Answers every search at once, with an address of its own. */
const eager = personality('upnp-only', {
  ssdp: { delay: millis(0) },
  http: { latency: millis(0) },
  device: { friendlyName: 'Media box' },
});

const slowBy = (ms: number): Personality => personality('upnp-only', { http: { latency: millis(ms) } });

const mute = personality('miniupnpd', { protocols: { igd: false, natPmp: false, pcp: false } });

function servedBy(at: EngineHome): GatewayId | undefined {
  const status = at.status('minecraft');
  return 'lease' in status ? status.lease.gateway : undefined;
}

const secondTable = (at: EngineHome): number => at.home.second?.router.table().length ?? 0;

const notes = (at: EngineHome) => at.snapshot.problems.filter(({ code }) => code === 'not-default-router');

/** How long it takes until it is open, as the home's clock counts. */
async function timeToOpen(at: EngineHome): Promise<Millis> {
  const since = at.home.client.clock.now();
  await at.want(minecraft);
  expect(at.status('minecraft').at).toBe('open');
  return millis(at.home.client.clock.now() - since);
}

/** The default router is off at first. */
async function withoutRouter(options: Parameters<typeof EngineHome.start>[0]): Promise<EngineHome> {
  const at = await EngineHome.start(options);
  at.home.router.powerOff();
  return at;
}

describe('another host of the LAN answers at once', () => {
  test.for([1, 2, 3, 4, 5, 6])('and the default router 60 ms later: the default router serves (%i)', async (seed) => {
    const at = await EngineHome.start({ seed, router: slowBy(60), second: eager });
    expect(await timeToOpen(at)).toBeLessThan(1000);
    expect(servedBy(at)).toBe(DEFAULT);
    await at.world.run(inMinutes(1));
    expect(at.table).toEqual([MINECRAFT]);
    expect(secondTable(at)).toBe(0);
    expect(notes(at)).toEqual([]);
    await at.stop();
  });

  test('and over IPv6, too, the default router serves, under the one name that it goes by', async () => {
    const at = await EngineHome.start({ router: personality('miniupnpd'), second: eager, ipv6: true });
    await at.want({ ...minecraft, families: ['ipv4', 'ipv6'] });
    await at.world.run(inSeconds(10));
    expect(at.allOpen).toBe(true);
    const gateways = at.snapshot.mappings.map(({ status }) => 'lease' in status && status.lease.gateway);
    expect(gateways).toEqual([DEFAULT, DEFAULT]);
    expect(notes(at)).toEqual([]);
    await at.stop();
  });

  test('and is remembered from a time without the router: the default router serves', async () => {
    const at = await withoutRouter({ router: slowBy(60), second: eager });
    await at.want(minecraft);
    expect(servedBy(at)).toBe(SECOND);
    await at.want();
    at.home.router.powerOn();
    await at.world.run(inSeconds(1));
    at.restart();
    await at.want(minecraft);
    expect(servedBy(at)).toBe(DEFAULT);
    expect(secondTable(at)).toBe(0);
    await at.stop();
  });

  test.for([2000, 6000])('and the default router after %i ms: what is open moves there', async (ms) => {
    const at = await EngineHome.start({ router: slowBy(ms), second: eager });
    await at.want(minecraft, forward('factorio', 34_197, { transports: ['tcp', 'udp'], ifTaken: 'next-free' }));
    expect(servedBy(at)).toBe(SECOND);
    await at.until(() => servedBy(at) === DEFAULT, inSeconds(40), 'the default router serving');
    await at.until(() => secondTable(at) === 0 && at.allOpen, inMinutes(1), 'the other holding nothing any more');
    expect(at.table).toHaveLength(3);
    expect(notes(at)).toEqual([]);
    // The record matches the held forwards.
    at.restart();
    await at.want();
    await at.world.run(inSeconds(20));
    expect(at.table).toEqual([]);
    expect(at.engine.leftovers).toEqual([]);
    await at.stop();
  });

  test('and the default router grants while it is still open there: at no moment is it closed', async () => {
    const at = await withoutRouter({ router: slowBy(60), second: eager });
    await at.want(minecraft);
    at.home.router.powerOn();
    let gaps = 0;
    const unwatch = at.engine.watch(() => {
      if (at.table.length + secondTable(at) === 0 || servedBy(at) === undefined) gaps += 1;
    });
    await at.until(() => servedBy(at) === DEFAULT, inMinutes(6), 'the default router serving');
    await at.world.run(inSeconds(2));
    unwatch();
    expect(gaps).toBe(0);
    expect(secondTable(at)).toBe(0);
    await at.stop();
  });

  test('and the default router, back after an hour, has given the port away: that is reported, nothing is left behind', async () => {
    const at = await withoutRouter({ router: slowBy(60), second: eager });
    await at.want(minecraft);
    await at.world.run(inMinutes(60));
    expect(servedBy(at)).toBe(SECOND);
    at.home.router.powerOn();
    at.home.router.addMapping({
      transport: 'tcp',
      externalPort: 25_565,
      internalClient: ip('192.168.1.11'),
      internalPort: 25_565,
      description: 'old server',
      expiresAt: 'never',
      owner: 'igd',
    });
    await at.until(() => at.status('minecraft').at === 'refused', inMinutes(6), 'the refusal');
    await at.world.run(inSeconds(5));
    expect(secondTable(at)).toBe(0);
    expect(at.engine.leftovers).toEqual([]);
    await at.stop();
  });

  test('and the default router answers as long as it is there: nothing moves away while it restarts', async () => {
    const at = await EngineHome.start({ router: slowBy(60), second: eager });
    await at.want(minecraft);
    at.home.router.reboot();
    await at.world.run(inMinutes(5));
    expect(servedBy(at)).toBe(DEFAULT);
    expect(secondTable(at)).toBe(0);
    await at.stop();
  });
});

describe('the default router opens no ports', () => {
  test('another router serves once it has had its time, and is named', async () => {
    const at = await EngineHome.start({ router: mute, second: eager });
    const took = await timeToOpen(at);
    expect(took).toBeGreaterThanOrEqual(1000);
    expect(took).toBeLessThan(2500);
    expect(notes(at)).toMatchObject([
      {
        gateway: SECOND,
        severity: 'warning',
        parameters: { gateway: 'Media box', address: '192.168.1.66', router: '192.168.1.1' },
      },
    ]);
    await at.stop();
  });

  test('it has its time once: what is wanted later is opened without delay', async () => {
    const at = await EngineHome.start({ router: mute, second: eager });
    await at.want(minecraft);
    await at.world.run(inMinutes(30));
    const since = at.home.client.clock.now();
    await at.want(minecraft, forward('web', 8080));
    expect(at.home.client.clock.now() - since).toBeLessThan(500);
    expect(secondTable(at)).toBe(2);
    await at.stop();
  });

  test.for([
    ['the forward', { ...minecraft, gateway: '192.168.1.66' }, undefined],
    ['the settings', minecraft, '192.168.1.66'],
  ] as const)('a person who chose another router in %s waits for nobody', async ([, wish, manual]) => {
    const at = await EngineHome.start({
      router: mute,
      second: eager,
      ...(manual === undefined ? {} : { search: { protocol: 'auto', manual } }),
    });
    const since = at.home.client.clock.now();
    await at.want(wish);
    expect(servedBy(at)).toBe(SECOND);
    expect(at.home.client.clock.now() - since).toBeLessThan(500);
    expect(notes(at)).toEqual([]);
    await at.stop();
  });
});

describe('the routing tables', () => {
  test('name no default router: whoever answers serves at once', async () => {
    const at = await EngineHome.start({ router: mute, second: eager });
    at.home.client.setDefaultRoutes([]);
    expect(await timeToOpen(at)).toBeLessThan(500);
    expect(notes(at)).toEqual([]);
    await at.stop();
  });

  test('lead into a tunnel that opens ports: its gateway serves, though the home router answers first', async () => {
    const at = await EngineHome.start({ router: eager, vpn: true });
    await at.want({ ...minecraft, ifTaken: 'next-free' });
    expect(servedBy(at)).toBe('tun0/10.2.0.1');
    expect(at.table).toEqual([]);
    await at.stop();
  });

  test('lead into a tunnel that opens none: the home router serves, and is named', async () => {
    const at = await EngineHome.start({ router: eager, vpn: mute });
    expect(await timeToOpen(at)).toBeLessThan(2500);
    expect(servedBy(at)).toBe(DEFAULT);
    expect(notes(at)).toMatchObject([{ gateway: DEFAULT, parameters: { router: '10.2.0.1' } }]);
    await at.stop();
  });

  test('put another router first: what is open moves there without a gap, and nothing stays behind', async () => {
    const at = await EngineHome.start({ router: eager, vpn: personality('upnp-only') });
    const { client, vpn } = at.home;
    const [tunnel, cable] = client.links.defaultRoutes;
    if (tunnel === undefined || cable === undefined || vpn === undefined) throw new Error('there are not two routes');
    const tables = () => [at.table.length, vpn.router.table().length];
    client.setDefaultRoutes([cable, { ...tunnel, metric: 200 }]);
    await at.want(minecraft, forward('web', 8080), forward('factorio', 34_197, { transports: ['tcp', 'udp'] }));
    expect(tables()).toEqual([4, 0]);
    let gaps = 0;
    const unwatch = at.engine.watch(() => {
      const places = [...at.home.router.table(), ...vpn.router.table()];
      const open = new Set(places.map(({ transport, externalPort }) => `${transport} ${externalPort}`));
      if (open.size < 4) gaps += 1;
    });
    client.setDefaultRoutes([tunnel, cable]);
    await at.until(() => tables().join() === '0,4', inMinutes(1), 'all being in the tunnel');
    client.setDefaultRoutes([cable, { ...tunnel, metric: 200 }]);
    await at.until(() => tables().join() === '4,0', inMinutes(1), 'all being back');
    unwatch();
    expect(gaps).toBe(0);
    await at.stop();
  });

  test('name a router for each interface: on the one that a person chose, its own has the first word', async () => {
    const at = await EngineHome.start({
      router: slowBy(60),
      second: eager,
      vpn: true,
      search: { protocol: 'auto', onlyInterfaces: ['eth0'] },
    });
    await at.want(minecraft);
    expect(servedBy(at)).toBe(DEFAULT);
    expect(secondTable(at)).toBe(0);
    await at.stop();
  });
});
