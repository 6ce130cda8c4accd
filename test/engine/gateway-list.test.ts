import { describe, expect, test } from 'vitest';
import type { AppSnapshot } from '../../main/contract/commands.ts';
import type { GatewayTable } from '../../main/contract/gateway-table.ts';
import { ip } from '../../main/contract/address.ts';
import type { GatewayId } from '../../main/contract/model.ts';
import { asGatewayId } from '../../main/contract/model.ts';
import { inMinutes, inSeconds } from '../../main/contract/units.ts';
import { personality } from '../../main/simulator/personalities.ts';
import type { SimMapping } from '../../main/simulator/router-table.ts';
import { AppHome, tcp, udp } from '../support/app-home.ts';

const NEIGHBOUR = ip('192.168.1.11');
const CLIENT = ip('192.168.1.10');

/** An entry that somebody else made over UPnP. */
const entry = (external: number, change: Partial<SimMapping> = {}): SimMapping => ({
  transport: 'tcp',
  externalPort: external,
  internalClient: NEIGHBOUR,
  internalPort: external,
  description: 'Camera',
  expiresAt: 'never',
  owner: 'igd',
  ...change,
});

async function at(options: Parameters<typeof AppHome.start>[0] = {}): Promise<{ at: AppHome; gateway: GatewayId }> {
  const home = await AppHome.start(options);
  await home.world.until(() => home.snapshot.engine.gateways.length > 0, inSeconds(30), 'a gateway');
  await home.world.run(inSeconds(20));
  return { at: home, gateway: home.snapshot.engine.gateways[0]?.id ?? asGatewayId('') };
}

const never = new AbortController().signal;

/** Under way, while the test goes on. @throws what {@link AppHome.do} throws */
async function reading(home: AppHome, gateway: GatewayId, signal = never): Promise<GatewayTable> {
  const answer = await home.client.ask('gateway.list', { gateway }, signal);
  if (!answer.ok) throw new Error(answer.fault.message);
  return answer.value;
}

/** `8080/tcp other`. */
const whose = ({ entries }: GatewayTable): readonly string[] =>
  entries.map(({ external, transport, owner }) => `${external.port}/${transport} ${owner.is}`);

describe('the table of a router', () => {
  test('says whose each entry is, in the order of ports', async () => {
    const { at: home, gateway } = await at();
    await home.add('Web', [tcp(443), udp(443)], true);
    await home.world.until(() => home.table.length === 2, inSeconds(30), 'open');
    home.home.router.addMapping(entry(8080));
    home.home.router.addMapping(entry(3074, { internalClient: CLIENT, description: 'A game', transport: 'udp' }));
    home.home.router.addMapping(entry(25, { internalClient: CLIENT, description: 'PK-25T Mail' }));
    home.home.router.addMapping(entry(26, { description: 'PK-26T Mail' }));
    const table = await home.do('gateway.list', { gateway });
    expect(whose(table)).toEqual([
      '25/tcp ours',
      '26/tcp other',
      '443/tcp ours',
      '443/udp ours',
      '3074/udp this-computer',
      '8080/tcp other',
    ]);
    expect(table).toMatchObject({ gateway, whole: true });
    expect(table.entries[2]).toMatchObject({
      internal: { client: CLIENT, port: 443 },
      description: 'PCP MAP',
      enabled: true,
      owner: { is: 'ours', forward: 'web/1', profile: 'web' },
    });
    await home.stop();
  });

  test('what was opened by PCP without our mark is known as ours, and as nobody’s once it is somebody else’s', async () => {
    const { at: home, gateway } = await at();
    await home.add('Web', [tcp(443)], true);
    await home.world.until(() => home.table.length === 1, inSeconds(30), 'open');
    home.home.router.addMapping(entry(443, { internalClient: CLIENT, description: '', owner: 'pcp' }));
    expect(whose(await home.do('gateway.list', { gateway }))).toEqual(['443/tcp ours']);
    home.home.router.addMapping(entry(443));
    expect(whose(await home.do('gateway.list', { gateway }))).toEqual(['443/tcp other']);
    await home.stop();
  });

  test('shows a rule over all ports', async () => {
    const { at: home, gateway } = await at({ router: personality('upnp-only', { list: { ranges: false } }) });
    home.home.router.addMapping(entry(0));
    const { entries } = await home.do('gateway.list', { gateway });
    expect(entries).toMatchObject([{ external: { port: 0 }, internal: { client: NEIGHBOUR } }]);
    await home.stop();
  });

  test('tells how far its reading is, and counts it beside the budget', async () => {
    const { at: home, gateway } = await at({ router: personality({ list: { ranges: false } }) });
    for (let n = 0; n < 50; n++) home.home.router.addMapping(entry(10_000 + n));
    const seen: AppSnapshot['listing'][] = [];
    const unwatch = home.app.watch(({ listing }) => {
      if (listing !== seen.at(-1)) seen.push(listing);
    });
    await home.do('gateway.list', { gateway });
    unwatch();
    const told = seen.filter((listing) => listing !== null).map(({ entries }) => entries);
    expect([...new Set(told)]).toEqual([0, 20, 40]);
    expect(home.snapshot.listing).toBeNull();
    const { budget } = home.snapshot.engine.gateways[0] ?? {};
    expect(budget?.used).toBeGreaterThanOrEqual(50);
    expect(budget?.used).toBeLessThanOrEqual(budget?.perMinute ?? 0);
    await home.stop();
  });

  test('is read once for all who ask at the same time', async () => {
    const { at: home, gateway } = await at({ router: personality({ list: { ranges: false } }) });
    for (let n = 0; n < 30; n++) home.home.router.addMapping(entry(10_000 + n));
    const { counters } = home.home.router;
    const before = counters.of('GetGenericPortMappingEntry');
    const both = [reading(home, gateway), reading(home, gateway)];
    const [one, other] = await home.finish(Promise.all(both));
    expect(one).toEqual(other);
    expect(one?.entries).toHaveLength(30);
    expect(counters.of('GetGenericPortMappingEntry') - before).toBeLessThanOrEqual(32);
    await home.stop();
  });

  test('is no longer read once nobody waits for it', async () => {
    const { at: home, gateway } = await at({ router: personality({ list: { ranges: false } }) });
    for (let n = 0; n < 200; n++) home.home.router.addMapping(entry(10_000 + n));
    const stop = new AbortController();
    const ended = Promise.allSettled([reading(home, gateway, stop.signal), reading(home, gateway, stop.signal)]);
    await home.world.until(() => home.snapshot.listing?.entries === 40, inSeconds(30), 'the reading to be under way');
    stop.abort('enough');
    expect(await home.finish(ended)).toEqual([
      { status: 'rejected', reason: 'enough' },
      { status: 'rejected', reason: 'enough' },
    ]);
    await home.world.run(inSeconds(5));
    expect(home.snapshot.listing).toBeNull();
    expect(home.home.router.counters.of('GetGenericPortMappingEntry')).toBeLessThan(60);
    expect((await home.do('gateway.list', { gateway })).entries).toHaveLength(200);
    await home.stop();
  });

  test('goes on for one when the other no longer waits', async () => {
    const { at: home, gateway } = await at({ router: personality({ list: { ranges: false } }) });
    for (let n = 0; n < 60; n++) home.home.router.addMapping(entry(10_000 + n));
    const stop = new AbortController();
    const gone = Promise.allSettled([reading(home, gateway, stop.signal)]);
    const stays = reading(home, gateway);
    await home.world.until(() => home.snapshot.listing?.entries === 20, inSeconds(30), 'the reading to be under way');
    stop.abort('enough');
    await home.finish(gone);
    expect((await home.finish(stays)).entries).toHaveLength(60);
    await home.stop();
  });

  test('of a router that breaks off is told as far as it came', async () => {
    const { at: home, gateway } = await at({ router: personality({ list: { ranges: false } }) });
    for (let n = 0; n < 100; n++) home.home.router.addMapping(entry(10_000 + n));
    const table = reading(home, gateway);
    await home.world.until(() => home.snapshot.listing?.entries === 40, inSeconds(30), 'the reading to be under way');
    home.home.router.powerOff();
    const { whole, entries } = await home.finish(table, inMinutes(5));
    expect(whole).toBe(false);
    expect(entries.length).toBeGreaterThanOrEqual(40);
    expect(entries.length).toBeLessThan(100);
    expect(home.snapshot.listing).toBeNull();
    await home.stop();
  });

  test('of a router that says nothing at all cannot be had, and that is said', async () => {
    const { at: home, gateway } = await at();
    home.home.router.powerOff();
    expect(await home.refused('gateway.list', { gateway })).toMatchObject({
      code: 'gateway-failed',
      message: expect.stringMatching(/cannot be reached\. Check that it is on/),
    });
    await home.stop();
  });

  test('of a router without UPnP cannot be had; the refusal names what could', async () => {
    const { at: home, gateway } = await at({ router: personality('pxp-only') });
    expect(home.snapshot.engine.gateways[0]).toMatchObject({ canList: false, countsTraffic: false });
    const fault = await home.refused('gateway.list', { gateway });
    expect(fault.code).toBe('gateway-failed');
    expect(fault.message).toMatch(
      /speaks NAT-PMP and PCP, which cannot list .* UPnP could: switch it on in the router/,
    );
    await home.stop();
  });

  test('of a router that nobody knows is refused', async () => {
    const { at: home } = await at();
    expect(await home.refused('gateway.list', { gateway: 'eth7/10.0.0.1' })).toMatchObject({
      code: 'no-such-gateway',
      place: 'gateway',
    });
    expect(await home.refused('gateway.list', { gateway: '' })).toMatchObject({ code: 'bad-input', place: 'gateway' });
    await home.stop();
  });

  test('of a network that is left is told as far as it came', async () => {
    const { at: home, gateway } = await at({ router: personality({ list: { ranges: false } }) });
    for (let n = 0; n < 100; n++) home.home.router.addMapping(entry(10_000 + n));
    const table = reading(home, gateway);
    await home.world.until(() => home.snapshot.listing?.entries === 20, inSeconds(30), 'the reading to be under way');
    home.home.client.setDefaultRoutes([]);
    home.home.client.interface('eth0')?.setAddresses([]);
    expect((await home.finish(table, inMinutes(5))).whole).toBe(false);
    await home.stop();
  });
});
