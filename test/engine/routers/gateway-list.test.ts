import { describe, expect, test } from 'vitest';
import type { AppSnapshot } from '../../../main/contract/commands.ts';
import type { GatewayTable } from '../../../main/contract/gateway-table.ts';
import type { GatewayId } from '../../../main/contract/model.ts';
import { inMinutes, inSeconds } from '../../../main/contract/units.ts';
import { personality } from '../../../main/simulator/personalities/personalities.ts';
import { tcp, udp, type AppHome } from '../../support/app-home.ts';
import { appAtRouter, CLIENT, entryAt, NEIGHBOUR } from '../../support/app-router.ts';

const never = new AbortController().signal;

/** Under way, while the test goes on. @throws what {@link AppHome.do} throws */
async function reading(at: AppHome, gateway: GatewayId, signal = never): Promise<GatewayTable> {
  const answer = await at.client.ask('gateway.list', { gateway }, signal);
  if (!answer.ok) throw new Error(answer.fault.message);
  return answer.value;
}

/** `8080/tcp other`. */
const whose = ({ entries }: GatewayTable): readonly string[] =>
  entries.map(({ external, transport, owner }) => `${external.port}/${transport} ${owner.is}`);

describe('the table of a router', () => {
  test('says whose each entry is, in the order of ports', async () => {
    const { at, gateway } = await appAtRouter();
    await at.add('Web', [tcp(443), udp(443)], true);
    await at.world.until(() => at.table.length === 2, inSeconds(30), 'open');
    at.home.router.addMapping(entryAt(8080));
    at.home.router.addMapping(entryAt(3074, { internalClient: CLIENT, description: 'A game', transport: 'udp' }));
    at.home.router.addMapping(entryAt(25, { internalClient: CLIENT, description: 'PK-25T Mail' }));
    at.home.router.addMapping(entryAt(26, { description: 'PK-26T Mail' }));
    const table = await at.do('gateway.list', { gateway });
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
    await at.stop();
  });

  test('shows in the router whose port it is: our mark, the profile and what the port is for', async () => {
    const { at } = await appAtRouter({ router: personality('upnp-only') });
    await at.add('Café Müller', [{ ...tcp(443), label: 'Web' }], true);
    await at.add('Valheim', [udp(2456)], true);
    await at.world.until(() => at.table.length === 2, inSeconds(30), 'open');
    const descriptions = at.home.router.table().map(({ description }) => description);
    expect(descriptions.toSorted()).toEqual(['PK-2456U Valheim', 'PK-443T Cafe Muller Web']);
    await at.stop();
  });

  test('a port opened by PCP without our mark is known as ours, and as nobody’s once it is somebody else’s', async () => {
    const { at, gateway } = await appAtRouter();
    await at.add('Web', [tcp(443)], true);
    await at.world.until(() => at.table.length === 1, inSeconds(30), 'open');
    at.home.router.addMapping(entryAt(443, { internalClient: CLIENT, description: '', owner: 'pcp' }));
    expect(whose(await at.do('gateway.list', { gateway }))).toEqual(['443/tcp ours']);
    at.home.router.addMapping(entryAt(443));
    expect(whose(await at.do('gateway.list', { gateway }))).toEqual(['443/tcp other']);
    await at.stop();
  });

  test('shows what Portkeeper let in over IPv6, which no router lists', async () => {
    const { at, gateway } = await appAtRouter({ ipv6: true });
    const id = await at.add('Web', [{ ...tcp(443), families: ['ipv4', 'ipv6'] }], true);
    await at.world.until(() => at.home.router.pinholes().length === 1, inSeconds(30), 'open');
    const [pinhole] = at.home.router.pinholes();
    const { entries } = await at.do('gateway.list', { gateway });
    expect(entries).toMatchObject([
      { family: 'ipv4', external: { port: 443 }, owner: { forward: 'web/1' } },
      {
        family: 'ipv6',
        external: { port: 443 },
        internal: { client: pinhole?.internalClient, port: 443 },
        enabled: true,
        owner: { is: 'ours', forward: 'web/1', profile: 'web' },
      },
    ]);
    const client = pinhole?.internalClient;
    const { reason } = await at.refused('gateway.close', { gateway, transport: 'tcp', external: 443, client });
    expect(reason).toMatchObject({ code: 'entry-wanted', parameters: { profile: 'Web' } });
    await at.do('profile.switch', { id, on: false });
    expect((await at.do('gateway.list', { gateway })).entries).toEqual([]);
    await at.stop();
  });

  test('shows a rule over all ports', async () => {
    const { at, gateway } = await appAtRouter({ router: personality('upnp-only', { list: { ranges: false } }) });
    at.home.router.addMapping(entryAt(0));
    const { entries } = await at.do('gateway.list', { gateway });
    expect(entries).toMatchObject([{ external: { port: 0 }, internal: { client: NEIGHBOUR } }]);
    await at.stop();
  });

  test('reports how far its reading is, and counts it beside the budget', async () => {
    const { at, gateway } = await appAtRouter({ router: personality({ list: { ranges: false } }) });
    for (let n = 0; n < 50; n++) at.home.router.addMapping(entryAt(10_000 + n));
    const seen: AppSnapshot['listing'][] = [];
    const unwatch = at.app.watch(({ listing }) => {
      if (listing !== seen.at(-1)) seen.push(listing);
    });
    await at.do('gateway.list', { gateway });
    unwatch();
    const told = seen.filter((listing) => listing !== null).map(({ entries }) => entries);
    expect([...new Set(told)]).toEqual([0, 20, 40]);
    expect(at.snapshot.listing).toBeNull();
    const { budget } = at.snapshot.engine.gateways[0] ?? {};
    expect(budget?.used).toBeGreaterThanOrEqual(50);
    expect(budget?.used).toBeLessThanOrEqual(budget?.perMinute ?? 0);
    await at.stop();
  });

  test('is read once for all who ask at the same time', async () => {
    const { at, gateway } = await appAtRouter({ router: personality({ list: { ranges: false } }) });
    for (let n = 0; n < 30; n++) at.home.router.addMapping(entryAt(10_000 + n));
    const { counters } = at.home.router;
    const before = counters.of('GetGenericPortMappingEntry');
    const both = [reading(at, gateway), reading(at, gateway)];
    const [one, other] = await at.finish(Promise.all(both));
    expect(one).toEqual(other);
    expect(one?.entries).toHaveLength(30);
    expect(counters.of('GetGenericPortMappingEntry') - before).toBeLessThanOrEqual(32);
    await at.stop();
  });

  test('is no longer read once nobody waits for it', async () => {
    const { at, gateway } = await appAtRouter({ router: personality({ list: { ranges: false } }) });
    for (let n = 0; n < 200; n++) at.home.router.addMapping(entryAt(10_000 + n));
    const stop = new AbortController();
    const ended = Promise.allSettled([reading(at, gateway, stop.signal), reading(at, gateway, stop.signal)]);
    await at.world.until(() => at.snapshot.listing?.entries === 40, inSeconds(30), 'the reading to be under way');
    stop.abort('enough');
    expect(await at.finish(ended)).toEqual([
      { status: 'rejected', reason: 'enough' },
      { status: 'rejected', reason: 'enough' },
    ]);
    await at.world.run(inSeconds(5));
    expect(at.snapshot.listing).toBeNull();
    expect(at.home.router.counters.of('GetGenericPortMappingEntry')).toBeLessThan(60);
    expect((await at.do('gateway.list', { gateway })).entries).toHaveLength(200);
    await at.stop();
  });

  test('goes on for one when the other no longer waits', async () => {
    const { at, gateway } = await appAtRouter({ router: personality({ list: { ranges: false } }) });
    for (let n = 0; n < 60; n++) at.home.router.addMapping(entryAt(10_000 + n));
    const stop = new AbortController();
    const gone = Promise.allSettled([reading(at, gateway, stop.signal)]);
    const stays = reading(at, gateway);
    await at.world.until(() => at.snapshot.listing?.entries === 20, inSeconds(30), 'the reading to be under way');
    stop.abort('enough');
    await at.finish(gone);
    expect((await at.finish(stays)).entries).toHaveLength(60);
    await at.stop();
  });

  test('of a router that breaks off is shown as far as it came', async () => {
    const { at, gateway } = await appAtRouter({ router: personality({ list: { ranges: false } }) });
    for (let n = 0; n < 100; n++) at.home.router.addMapping(entryAt(10_000 + n));
    const table = reading(at, gateway);
    await at.world.until(() => at.snapshot.listing?.entries === 40, inSeconds(30), 'the reading to be under way');
    at.home.router.powerOff();
    const { whole, entries } = await at.finish(table, inMinutes(5));
    expect(whole).toBe(false);
    expect(entries.length).toBeGreaterThanOrEqual(40);
    expect(entries.length).toBeLessThan(100);
    expect(at.snapshot.listing).toBeNull();
    await at.stop();
  });

  test('of a router that says nothing at all is unavailable, and that is said', async () => {
    const { at, gateway } = await appAtRouter();
    at.home.router.powerOff();
    expect(await at.refused('gateway.list', { gateway })).toMatchObject({
      code: 'gateway-failed',
      message: expect.stringMatching(/can’t be reached\. Check that it is on/),
    });
    await at.stop();
  });

  test('of a router without UPnP is unavailable; the refusal names the alternatives', async () => {
    const { at, gateway } = await appAtRouter({ router: personality('pxp-only') });
    expect(at.snapshot.engine.gateways[0]).toMatchObject({ canList: false, countsTraffic: false });
    const fault = await at.refused('gateway.list', { gateway });
    expect(fault.code).toBe('gateway-failed');
    expect(fault.message).toMatch(
      /supports NAT-PMP and PCP, which can’t list .* Turn on UPnP in the router’s settings/,
    );
    await at.stop();
  });

  test('of a router that nobody knows is refused', async () => {
    const { at } = await appAtRouter();
    expect(await at.refused('gateway.list', { gateway: 'eth7/10.0.0.1' })).toMatchObject({
      code: 'no-such-gateway',
      place: 'gateway',
    });
    expect(await at.refused('gateway.list', { gateway: '' })).toMatchObject({ code: 'bad-input', place: 'gateway' });
    await at.stop();
  });

  test('of a network that is left is shown as far as it came', async () => {
    const { at, gateway } = await appAtRouter({ router: personality({ list: { ranges: false } }) });
    for (let n = 0; n < 100; n++) at.home.router.addMapping(entryAt(10_000 + n));
    const table = reading(at, gateway);
    await at.world.until(() => at.snapshot.listing?.entries === 20, inSeconds(30), 'the reading to be under way');
    at.home.client.setDefaultRoutes([]);
    at.home.client.interface('eth0')?.setAddresses([]);
    expect((await at.finish(table, inMinutes(5))).whole).toBe(false);
    await at.stop();
  });
});
