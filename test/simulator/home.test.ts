import { describe, expect, test } from 'vitest';
import { type IpAddress, ip } from '../../main/contract/address.ts';
import { type Transport } from '../../main/contract/model.ts';
import { inMinutes, inSeconds } from '../../main/contract/units.ts';
import { askEcho, startEcho } from '../world/echo.ts';
import { type Home, type HomeOptions, createHome } from '../world/home.ts';
import { personality } from '../../main/simulator/personalities/personalities.ts';
import type { SimRouter } from '../../main/simulator/router/router.ts';
import { World, type WorldOptions } from '../world/world.ts';

const never = new AbortController().signal;
const CLIENT = ip('192.168.1.10');

async function home(options: HomeOptions = {}, world: WorldOptions = { seed: 11 }): Promise<Home> {
  return createHome(new World(world), options);
}

function map(
  router: SimRouter,
  transport: Transport,
  externalPort: number,
  internalPort = externalPort,
  internalClient: IpAddress = CLIENT,
): void {
  router.addMapping({
    transport,
    externalPort,
    internalClient,
    internalPort,
    description: 'by hand',
    expiresAt: 'never',
    owner: 'manual',
  });
}

describe('a mapped port', () => {
  test.each(['tcp', 'udp'] as const)(
    'leads %s from the internet to the client, and nothing else does',
    async (transport) => {
      const there = await home();
      await there.serve(there.client, transport, 80);
      expect(await there.whoAnswers(transport, 8080)).toBeUndefined();
      map(there.router, transport, 8080, 80);
      expect(await there.whoAnswers(transport, 8080)).toBe('client');
      expect(await there.whoAnswers(transport, 80)).toBeUndefined();
      expect(await there.whoAnswers(transport === 'tcp' ? 'udp' : 'tcp', 8080)).toBeUndefined();
      there.router.removeMapping(transport, 8080);
      expect(await there.whoAnswers(transport, 8080)).toBeUndefined();
    },
  );

  test('forwards to the host in the table', async () => {
    const there = await home({ others: 2 });
    for (const host of [there.client, ...there.others]) await there.serve(host, 'tcp', 80);
    map(there.router, 'tcp', 81, 80, ip('192.168.1.11'));
    map(there.router, 'tcp', 82, 80, ip('192.168.1.12'));
    expect(await there.whoAnswers('tcp', 81)).toBe('neighbour-1');
    expect(await there.whoAnswers('tcp', 82)).toBe('neighbour-2');
  });

  test('is dead where the router only lists it (L12, L20)', async () => {
    const there = await home({ router: personality('never-forwards') });
    await there.serve(there.client, 'tcp', 80);
    map(there.router, 'tcp', 80);
    expect(there.router.table()).toHaveLength(1);
    expect(await there.whoAnswers('tcp', 80)).toBeUndefined();
  });

  test('does not follow the client to another address', async () => {
    const there = await home();
    await there.serve(there.client, 'tcp', 80);
    map(there.router, 'tcp', 80);
    const changed = there.client.system.routes.changed(never);
    there.readdress(there.client, ip('192.168.1.77'));
    await there.world.finish(changed);
    expect(await there.whoAnswers('tcp', 80)).toBeUndefined();
  });

  test('is reached from the LAN by the external address where the router can (N8)', async () => {
    const there = await home({ others: 1 });
    await there.serve(there.client, 'tcp', 80);
    await there.serve(there.client, 'udp', 80);
    map(there.router, 'tcp', 8080, 80);
    map(there.router, 'udp', 8080, 80);
    const neighbour = there.world.system('neighbour-1');
    for (const transport of ['tcp', 'udp'] as const) {
      const asking = askEcho(neighbour, transport, { address: ip('11.22.33.44'), port: 8080 });
      expect(await there.world.finish(asking)).toBe('client');
    }
    const cannot = await home({ others: 1, hairpin: false });
    await cannot.serve(cannot.client, 'tcp', 80);
    map(cannot.router, 'tcp', 8080, 80);
    expect(await cannot.whoAnswers('tcp', 8080)).toBe('client');
    const asking = askEcho(cannot.world.system('neighbour-1'), 'tcp', { address: ip('11.22.33.44'), port: 8080 });
    expect(await cannot.world.finish(asking)).toBeUndefined();
  });

  test('leads there over a bad line too', async () => {
    const there = await home({}, { seed: 5, lossPercent: 10 });
    await there.serve(there.client, 'tcp', 80);
    map(there.router, 'tcp', 80);
    for (let times = 0; times < 10; times += 1) expect(await there.whoAnswers('tcp', 80, inMinutes(2))).toBe('client');
  });
});

describe('the router', () => {
  test('lets the LAN out, and only answers in', async () => {
    const there = await home({ others: 1 });
    await there.serve(there.internet, 'udp', 53);
    await there.serve(there.internet, 'tcp', 443);
    for (const host of [there.client, ...there.others]) {
      for (const [transport, port] of [
        ['udp', 53],
        ['tcp', 443],
      ] as const) {
        const asking = askEcho(host.system, transport, { address: ip('9.9.9.9'), port });
        expect(await there.world.finish(asking)).toBe('internet');
      }
    }
    await there.serve(there.client, 'udp', 4000);
    expect(await there.whoAnswers('udp', 4000)).toBeUndefined();
  });

  test('is silent while it reboots, and then forgets or keeps as it is asked', async () => {
    const there = await home();
    await there.serve(there.client, 'tcp', 80);
    map(there.router, 'tcp', 80);
    there.router.reboot({ keepTable: true, downFor: inSeconds(30) });
    expect(await there.whoAnswers('tcp', 80, inSeconds(10))).toBeUndefined();
    await there.world.run(inMinutes(1));
    expect(await there.whoAnswers('tcp', 80)).toBe('client');
    there.router.reboot();
    await there.world.run(inMinutes(1));
    expect(await there.whoAnswers('tcp', 80)).toBeUndefined();
  });

  test('is reached at its new external address, not at the old one', async () => {
    const there = await home();
    await there.serve(there.client, 'tcp', 80);
    map(there.router, 'tcp', 80);
    there.router.changeExternalAddress(ip('11.22.33.99'));
    expect(there.outside).toBe('11.22.33.99');
    expect(await there.whoAnswers('tcp', 80)).toBe('client');
    const asking = askEcho(there.internet.system, 'tcp', { address: ip('11.22.33.44'), port: 80 });
    expect(await there.world.finish(asking)).toBeUndefined();
    there.router.changeExternalAddress('none');
    expect(await there.whoAnswers('tcp', 80)).toBeUndefined();
  });
});

describe('other homes', () => {
  test('behind two routers, a port is open only when both map it (L18)', async () => {
    const there = await home({ doubleNat: { range: 'private' } });
    await there.serve(there.client, 'tcp', 80);
    map(there.router, 'tcp', 80);
    expect(await there.whoAnswers('tcp', 80)).toBeUndefined();
    expect(there.outer).toBeDefined();
    if (there.outer !== undefined) map(there.outer.router, 'tcp', 80, 80, ip('10.0.0.2'));
    expect(await there.whoAnswers('tcp', 80)).toBe('client');
    await there.serve(there.internet, 'tcp', 443);
    const asking = askEcho(there.client.system, 'tcp', { address: ip('9.9.9.9'), port: 443 });
    expect(await there.world.finish(asking)).toBe('internet');
  });

  test('with a tunnel, the default route and the outside traffic are the tunnel’s', async () => {
    const there = await home({ vpn: true });
    const state = await there.world.finish(there.client.system.routes.read(never));
    expect(state.defaultRoutes.map(({ gateway }) => gateway)).toEqual(['10.2.0.1', '192.168.1.1']);
    const seen = await there.internet.system.udp.open({ family: 'ipv4', localPort: 53 });
    const socket = await there.client.system.udp.open({ family: 'ipv4' });
    await socket.send(new Uint8Array(1), { address: ip('9.9.9.9'), port: 53 });
    expect((await there.world.finish(seen.receive(never))).from.address).toBe('77.88.99.100');
    there.client.interface('tun0')?.setUp(false);
    await socket.send(new Uint8Array(1), { address: ip('9.9.9.9'), port: 53 });
    expect((await there.world.finish(seen.receive(never))).from.address).toBe('11.22.33.44');
  });

  test('over IPv6, hosts get out, and in by a pinhole only', async () => {
    const there = await home({ ipv6: true });
    const client6 = ip('2a02:1111:2222:1::10');
    await there.world.finish(
      startEcho(there.client.system, 'client', { transport: 'tcp', address: client6, port: 80 }, never),
    );
    const ask = () =>
      there.world.finish(askEcho(there.internet.system, 'tcp', { address: client6, port: 80 }, inSeconds(3)));
    expect(await ask()).toBeUndefined();
    there.plane.forward(() => [
      { family: 'ipv6', transport: 'tcp', external: { port: 80 }, internal: { client: client6, port: 80 } },
    ]);
    expect(await ask()).toBe('client');
    there.plane.forward(() => []);
    expect(await ask()).toBeUndefined();
    const out = await there.client.system.udp.open({
      family: 'ipv6',
      connectTo: { address: ip('2620:fe::9'), port: 53 },
    });
    await out.send(new Uint8Array(1));
    await expect(there.world.finish(out.receive(never))).rejects.toMatchObject({ fault: 'refused' });
  });
});

describe('the client’s view of its network', () => {
  test('changes of addresses, interfaces and routes wake whoever watches, a cut cable does not', async () => {
    const there = await home();
    const { routes } = there.client.system;
    const link = there.client.interface('eth0');
    const changes: (() => void)[] = [
      () => there.readdress(there.client, ip('192.168.1.20')),
      () => link?.setUp(false),
      () => link?.setUp(true),
      () => there.client.setDefaultRoutes([]),
    ];
    for (const change of changes) {
      const changed = routes.changed(never);
      change();
      await there.world.finish(changed, inSeconds(1));
    }
    let noticed = false;
    void routes.changed(never).finally(() => {
      noticed = true;
    });
    link?.setPlugged(false);
    await there.world.run(inMinutes(1));
    expect(noticed).toBe(false);
  });

  test('an interface that is down has no addresses and no routes', async () => {
    const there = await home();
    const before = await there.world.finish(there.client.system.routes.read(never));
    expect(before.interfaces.map(({ name }) => name)).toEqual(['lo', 'eth0']);
    there.client.interface('eth0')?.setUp(false);
    const after = await there.world.finish(there.client.system.routes.read(never));
    expect(after.interfaces.map(({ name }) => name)).toEqual(['lo']);
    expect(after.defaultRoutes).toEqual([]);
  });

  test('a neighbour’s hardware address is known once it was talked to', async () => {
    const there = await home();
    const { routes, udp } = there.client.system;
    expect(await routes.neighbour(ip('192.168.1.1'))).toBeUndefined();
    const socket = await udp.open({ family: 'ipv4' });
    await socket.send(new Uint8Array(1), { address: ip('192.168.1.1'), port: 9 });
    expect(await routes.neighbour(ip('192.168.1.1'))).toBe(there.host.interface('lan0')?.mac);
  });
});

test('a killed program hears nothing of what it waited for, and its successor starts afresh', async () => {
  const there = await home();
  const dead = there.client.system;
  const socket = await dead.udp.open({ family: 'ipv4', localPort: 4000 });
  const heard: string[] = [];
  const hear = (what: string) => (): void => void heard.push(what);
  const stop = new AbortController();
  socket.receive(never).then(hear('datagram'), hear('datagram'));
  dead.clock.sleep(inSeconds(5), stop.signal).then(hear('sleep'), hear('sleep'));
  there.client.crash();
  stop.abort();
  dead.udp.open({ family: 'ipv4' }).then(hear('open'), hear('open'));
  dead.routes.read(never).then(hear('routes'), hear('routes'));
  await there.world.run(inMinutes(1));
  expect(heard).toEqual([]);
  const successor = await there.client.system.udp.open({ family: 'ipv4', localPort: 4000 });
  expect(successor.local.port).toBe(4000);
});

test('the same seed makes the same trace, another one another', async () => {
  const trace = async (seed: number): Promise<string[]> => {
    const there = await home({ others: 2, ipv6: true, vpn: true }, { seed, lossPercent: 5 });
    const seen: string[] = [];
    there.world.network.onPacket = (from, { transport, source, destination, content }) =>
      seen.push(
        `${there.world.now} ${from.name} ${transport} ${content.kind} ${source.port} ${destination.address} ${destination.port}`,
      );
    await there.serve(there.client, 'tcp', 80);
    map(there.router, 'tcp', 80);
    for (let times = 0; times < 5; times += 1) await there.whoAnswers('tcp', 80);
    there.router.reboot({ keepTable: true });
    await there.world.run(inMinutes(30));
    return seen;
  };
  const first = await trace(21);
  expect(first.length).toBeGreaterThan(50);
  expect(await trace(21)).toEqual(first);
  expect(await trace(22)).not.toEqual(first);
});
