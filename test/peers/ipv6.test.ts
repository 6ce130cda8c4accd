/** Openings in the router's IPv6 firewall. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, type TestContext } from 'vitest';
import type { Home } from './lab/home.ts';
import { ALIVE, answers as ofPorts, homeOf, placesAt, silent, within } from './lab/holding.ts';
import { portkeeper, portkeeperOnce, type Portkeeper } from './lab/portkeeper.ts';

async function withIpv6(context: TestContext): Promise<Home & { readonly inside: string }> {
  const home = await homeOf(context, 'ipv6');
  await home.client.echo.tcp(25_565);
  await home.client.echo.udp(34_197);
  return { ...home, inside: home.client.address6 ?? '' };
}

/** Name of the host that answers behind the router's IPv6 firewall, asked from the internet. */
const answers = (home: Home): Promise<readonly (string | undefined)[]> => ofPorts(home, home.client.address6);
const isShut = (home: Home): Promise<boolean> => silent(home, placesAt(home.client.address6 ?? ''));

async function opened(home: Home, ...args: readonly string[]): Promise<Portkeeper> {
  const words = ['open', '25565/tcp', '34197/udp', '--json', '--log-level', 'debug', ...args];
  const program = portkeeper(home.client, words);
  expect(await program.until(({ event }) => event === 'ready')).toMatchObject({ waiting: 0, refused: 0 });
  return program;
}

describe.concurrent('open --family ipv6', () => {
  test.for([
    ['auto', 'pcp'],
    ['pcp', 'pcp'],
    ['upnp', 'pinhole'],
  ] as const)('--protocol %s: lets the internet in until Ctrl-C', async ([protocol, used], context) => {
    const home = await withIpv6(context);
    expect(await isShut(home)).toBe(true);
    const program = await opened(home, '--family', 'ipv6', '--protocol', protocol);
    await program.until((value) => value['protocol'] === used && value['family'] === 'ipv6');
    expect(await answers(home)).toEqual(ALIVE);
    expect(await home.gateway.nftRules()).toEqual([]);
    // This daemon deletes no pinhole over PCP, whoever asks; it is renewed for the shortest time and expires.
    expect(await program.interrupt()).toMatchObject({ code: 0 });
    await within(60_000, program, () => isShut(home));
  });

  test.for(['pcp', 'upnp'] as const)('--protocol %s: short leases are renewed', async (protocol, context) => {
    const home = await withIpv6(context);
    const program = await opened(home, '--family', 'ipv6', '--protocol', protocol, '--lease', '10s');
    const end = performance.now() + 25_000;
    while (performance.now() < end) {
      expect(await answers(home)).toEqual(ALIVE);
    }
    await program.crash();
    await within(60_000, program, () => isShut(home));
  });

  test('both families: IPv4 and IPv6 of one forward', async (context) => {
    const home = await withIpv6(context);
    const program = await opened(home, '--family', 'both');
    expect(await answers(home)).toEqual(ALIVE);
    expect(await home.internet.reach('tcp', '11.22.33.44', 25_565)).toBe('client');
    expect(await home.internet.reach('udp', '11.22.33.44', 34_197)).toBe('client');
    const { json } = await portkeeperOnce(home.client, ['list', '--json']);
    const client = { ipv4: home.client.address, ipv6: home.inside };
    const entries = (['ipv4', 'ipv6'] as const).flatMap((family) =>
      [25_565, 34_197].map((externalPort) =>
        expect.objectContaining({ family, externalPort, internalClient: client[family], ours: true }),
      ),
    );
    expect(json).toMatchObject({ whole: true, mappings: expect.arrayContaining(entries) });
    expect(await program.interrupt()).toMatchObject({ code: 0 });
    expect(await home.gateway.nftRules()).toEqual([]);
  });

  test('another IPv6 address of this computer: led there, and the former one shut', async (context) => {
    const home = await withIpv6(context);
    const program = await opened(home, '--family', 'ipv6', '--protocol', 'upnp', '--lease', '15s');
    await home.client.namespace.ip(`
      addr add 2a0d:c0de:71::20/64 dev eth0 nodad
      addr del ${home.inside}/64 dev eth0
    `);
    await within(65_000, program, async () =>
      (await ofPorts(home, '2a0d:c0de:71::20')).every((name) => name === 'client'),
    );
    await program.interrupt();
    // Whoever had that address next must not inherit what was open.
    await home.client.namespace.ip(`addr add ${home.inside}/64 dev eth0 nodad`);
    await within(65_000, program, () => isShut(home));
  });

  test('a router that forgot is asked again', async (context) => {
    const home = await withIpv6(context);
    const program = await opened(home, '--family', 'ipv6');
    // RFC 6887 §8.5: an epoch of a second or two looks the same as the one after a restart.
    await sleep(8000);
    await home.gateway.restart({ emptyTable: true, abrupt: true });
    await within(65_000, program, async () => (await answers(home)).every((name) => name === 'client'));
  });

  test('no IPv6 in this home, or none that the router opens: said in plain words', async (context) => {
    const open = (home: Home) => portkeeperOnce(home.client, ['open', '25565/tcp', '--family', 'ipv6']);
    const home = await homeOf(context, 'igd2');
    const without = await open(home);
    expect(without.code).toBe(1);
    expect(without.stdout).toContain('no public IPv6 address');

    await home.client.namespace.ip('addr add 2a0d:c0de:71::10/64 dev eth0 nodad');
    const unable = await open(home);
    expect(unable.code).toBe(1);
    expect(unable.stdout).toContain('doesn’t open port 25565/TCP for IPv6');
  });
});
