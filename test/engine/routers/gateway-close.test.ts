import { describe, expect, test } from 'vitest';
import { ip } from '../../../main/contract/address.ts';
import { inMinutes, inSeconds, port } from '../../../main/contract/units.ts';
import { personality } from '../../../main/simulator/personalities/personalities.ts';
import { tcp, type AppHome } from '../../support/app-home.ts';
import { appAtRouter, CLIENT, entryAt, NEIGHBOUR, routerOf } from '../../support/app-router.ts';

const opened = (at: AppHome, count: number) =>
  at.world.until(() => at.table.length === count, inSeconds(60), `${count} entries`);

describe('an entry of somebody else', () => {
  test('is closed, and the rest of the table stays', async () => {
    const { at, gateway } = await appAtRouter();
    const { router } = at.home;
    for (const external of [8080, 8081]) router.addMapping(entryAt(external));
    router.addMapping(entryAt(8080, { transport: 'udp' }));
    await at.do('gateway.close', { gateway, transport: 'tcp', external: port(8080), client: NEIGHBOUR });
    expect(at.table).toEqual(['tcp 8081 -> 192.168.1.11:8081', 'udp 8080 -> 192.168.1.11:8080']);
    await at.stop();
  });

  test('that was in the way of a forward is closed, and the forward opens at once', async () => {
    const { at, gateway } = await appAtRouter();
    at.home.router.addMapping(entryAt(8080));
    const id = await at.add('Web', [tcp(8080)]);
    await at.do('profile.switch', { id, on: true });
    expect(at.snapshot.engine.mappings[0]?.status).toMatchObject({ at: 'refused', problem: { code: 'conflict' } });
    await at.do('gateway.close', { gateway, transport: 'tcp', external: port(8080), client: NEIGHBOUR });
    await at.world.until(() => at.snapshot.engine.mappings[0]?.status.at === 'open', inSeconds(5), 'open');
    expect(at.table).toEqual(['tcp 8080 -> 192.168.1.10:8080']);
    await at.stop();
  });

  test('stays when the port is another one’s by now; the refusal says whose', async () => {
    const { at, gateway } = await appAtRouter({ others: 2 });
    at.home.router.addMapping(entryAt(8080, { internalClient: ip('192.168.1.12'), description: 'Television' }));
    const fault = await at.refused('gateway.close', { gateway, transport: 'tcp', external: 8080, client: NEIGHBOUR });
    expect(fault).toMatchObject({ code: 'conflict', place: 'client' });
    expect(fault.message).toMatch(/8080\/tcp now belongs to 192\.168\.1\.12 \(“Television”\), so nothing was closed/);
    expect(at.table).toEqual(['tcp 8080 -> 192.168.1.12:8080']);
    await at.stop();
  });

  test('for one remote host is closed for that host', async () => {
    const { at, gateway } = await appAtRouter();
    const remoteHost = '203.0.113.7';
    at.home.router.addMapping(entryAt(8080, { remoteHost }));
    const [entry] = (await at.do('gateway.list', { gateway })).entries;
    expect(entry?.remoteHost).toBe(remoteHost);
    const place = { gateway, transport: 'tcp', external: port(8080), client: NEIGHBOUR } as const;
    // One for another host is not there.
    await at.do('gateway.close', { ...place, remoteHost: '203.0.113.8' });
    expect(at.table).toHaveLength(1);
    await at.do('gateway.close', { ...place, remoteHost });
    expect(at.table).toEqual([]);
    await at.stop();
  });

  test('that has ended meanwhile is as good as closed', async () => {
    const { at, gateway } = await appAtRouter();
    await at.do('gateway.close', { gateway, transport: 'tcp', external: port(8080), client: NEIGHBOUR });
    expect(at.home.router.counters.of('DeletePortMapping')).toBe(0);
    await at.stop();
  });

  test('stays where a router lets only the device itself close it, and that is said', async () => {
    const { at, gateway } = await appAtRouter({ router: personality('openwrt-secure') });
    const { router } = at.home;
    router.addMapping(entryAt(8080));
    router.addMapping(entryAt(8081, { internalClient: CLIENT, description: 'A game' }));
    const fault = await at.refused('gateway.close', { gateway, transport: 'tcp', external: 8080, client: NEIGHBOUR });
    expect(fault.code).toBe('gateway-failed');
    expect(fault.message).toMatch(/lets only the device itself close 8080\/tcp \(upnp 606\)/);
    // This device's it lets this device close.
    await at.do('gateway.close', { gateway, transport: 'tcp', external: port(8081), client: CLIENT });
    expect(at.table).toEqual(['tcp 8080 -> 192.168.1.11:8080']);
    // It is not tried again behind anybody's back.
    const before = router.counters.of('DeletePortMapping');
    await at.world.run(inMinutes(20));
    expect(router.counters.of('DeletePortMapping')).toBe(before);
    await at.stop();
  });

  test('counts in the budget', async () => {
    const { at, gateway } = await appAtRouter();
    at.home.router.addMapping(entryAt(8080));
    await at.world.run(inMinutes(1));
    const used = () => at.snapshot.engine.gateways[0]?.budget.used ?? 0;
    const before = used();
    await at.do('gateway.close', { gateway, transport: 'tcp', external: port(8080), client: NEIGHBOUR });
    expect(used() - before).toBe(4);
    await at.stop();
  });

  test('stays when the router is away, and that is said', async () => {
    const { at, gateway } = await appAtRouter();
    at.home.router.addMapping(entryAt(8080));
    at.home.router.powerOff({ keepTable: true });
    const fault = await at.refused('gateway.close', { gateway, transport: 'tcp', external: 8080, client: NEIGHBOUR });
    expect(fault.code).toBe('gateway-failed');
    expect(fault.message).toMatch(/can’t be reached\. .* Refresh the list to see whether 8080\/tcp was closed\.$/);
    await at.stop();
  });

  test('cannot be closed on a router without UPnP', async () => {
    const { at, gateway } = await appAtRouter({ router: personality('pxp-only') });
    at.home.router.addMapping(entryAt(8080));
    const fault = await at.refused('gateway.close', { gateway, transport: 'tcp', external: 8080 });
    expect(fault).toMatchObject({ code: 'gateway-failed', message: expect.stringMatching(/Turn on UPnP/) });
    await at.stop();
  });
});

describe('an entry of this computer', () => {
  test('that another program made is closed', async () => {
    const { at, gateway } = await appAtRouter();
    at.home.router.addMapping(entryAt(3074, { internalClient: CLIENT, description: 'A game' }));
    await at.do('gateway.close', { gateway, transport: 'tcp', external: port(3074), client: CLIENT });
    expect(at.table).toEqual([]);
    await at.stop();
  });

  test('that an earlier Portkeeper left is closed', async () => {
    const { at, gateway } = await appAtRouter();
    at.home.router.addMapping(entryAt(3074, { internalClient: CLIENT, description: 'PK-3074T A game' }));
    await at.do('gateway.close', { gateway, transport: 'tcp', external: port(3074), client: CLIENT });
    expect(at.table).toEqual([]);
    await at.stop();
  });

  test('that was left open on purpose is closed', async () => {
    const { at } = await appAtRouter();
    const id = await at.add('Web', [tcp(8080)]);
    await at.do('profile.switch', { id, on: true });
    await at.finish(at.app.leave(inSeconds(10), 'keep'));
    await at.stop();

    // The switch is flipped while nothing holds anything.
    await (await at.again({ runs: false })).do('profile.switch', { id, on: false });
    const next = await at.again();
    await next.world.until(() => next.snapshot.engine.gateways[0]?.canList === true, inSeconds(60), 'a gateway');
    await next.world.run(inMinutes(5));
    expect(next.table).toEqual(['tcp 8080 -> 192.168.1.10:8080']);
    const { id: gateway } = routerOf(next);
    await next.do('gateway.close', { gateway, transport: 'tcp', external: port(8080), client: CLIENT });
    expect(next.table).toEqual([]);
    await next.stop();
  });

  test('that the router does not let go is tried again until it does, and that is said', async () => {
    const { at, gateway } = await appAtRouter({ router: personality('upnp-only', 'openwrt-secure') });
    const id = await at.add('Web', [tcp(8080)]);
    await at.do('profile.switch', { id, on: true });
    at.home.readdress(at.home.client, ip('192.168.1.99'));
    await at.world.run(inMinutes(1));
    const fault = await at.refused('gateway.close', { gateway, transport: 'tcp', external: 8080, client: CLIENT });
    expect(fault).toMatchObject({
      code: 'gateway-failed',
      message: expect.stringMatching(/hasn’t closed 8080\/tcp yet/),
    });
    await at.stop();
  });

  test('that a profile holds stays; the profile is to be turned off instead', async () => {
    const { at, gateway } = await appAtRouter();
    const id = await at.add('Web', [tcp(8080)]);
    await at.do('profile.switch', { id, on: true });
    const fault = await at.refused('gateway.close', { gateway, transport: 'tcp', external: 8080, client: CLIENT });
    expect(fault).toMatchObject({
      code: 'conflict',
      place: 'external',
      message: '“Web” keeps port 8080/tcp open and would open it again. Turn off “Web” instead.',
    });
    await at.do('profile.switch', { id, on: false });
    await opened(at, 0);
    await at.stop();
  });

  test('that a profile wants open, whoever made it, is the profile’s to close', async () => {
    const { at, gateway } = await appAtRouter({
      router: personality('openwrt-secure', { mapping: { readOnlyCode: 606 } }),
    });
    at.home.router.addMapping(entryAt(8080, { internalClient: CLIENT, description: 'A game' }));
    const id = await at.add('Web', [tcp(8080)]);
    await at.do('profile.switch', { id, on: true });
    const fault = await at.refused('gateway.close', { gateway, transport: 'tcp', external: 8080, client: CLIENT });
    expect(fault).toMatchObject({ code: 'conflict', place: 'external' });
    await at.stop();
  });

  test('leaves the other protocol of the same internal port open', async () => {
    const { at, gateway } = await appAtRouter({ router: personality('upnp-only') });
    const id = await at.add('Web', [tcp(8080)]);
    await at.do('profile.switch', { id, on: true });
    at.home.router.addMapping(entryAt(8080, { internalClient: CLIENT, description: 'A game', transport: 'udp' }));
    await at.do('gateway.close', { gateway, transport: 'udp', external: port(8080), client: CLIENT });
    await at.world.run(inSeconds(5));
    expect(at.table).toEqual(['tcp 8080 -> 192.168.1.10:8080']);
    expect(at.snapshot.engine.mappings[0]?.status.at).toBe('open');
    await at.stop();
  });
});

test('a port that is none, or a router that nobody knows, is refused', async () => {
  const { at, gateway } = await appAtRouter();
  expect(await at.refused('gateway.close', { gateway, transport: 'tcp', external: 0 })).toMatchObject({
    code: 'bad-input',
    place: 'external',
  });
  expect(await at.refused('gateway.close', { gateway: 'x', transport: 'tcp', external: 1 })).toMatchObject({
    code: 'no-such-gateway',
    place: 'gateway',
  });
  await at.stop();
});
