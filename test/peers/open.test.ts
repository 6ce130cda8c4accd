/** `portkeeper open` on real gateways of every flavour: opened, carrying traffic, renewed, closed. */
import { describe, expect, test } from 'vitest';
import { PUBLIC_WAN, type Flavour } from './lab/flavours.ts';
import { startHome, type Home } from './lab/home.ts';
import { reached, silent, stays } from './lab/holding.ts';
import { natpmpc, upnpc } from './lab/observers.ts';
import { homeFor, opened } from './lab/opening.ts';
import { portkeeperOnce } from './lab/portkeeper.ts';

const FLAVOURS = ['igd2', 'igd1', 'upnp-only', 'pxp-only', 'openwrt'] as const satisfies readonly Flavour[];
const WITH_UPNP = ['igd2', 'igd1', 'upnp-only', 'openwrt'] as const satisfies readonly Flavour[];

/** TCP and UDP, with the same and with another port inside. */
const PORTS = ['25565/tcp', '34197/udp', '18080:8080/tcp', '18080:8090/udp'];
const WAYS = [
  { transport: 'tcp', external: 25_565, internal: 25_565 },
  { transport: 'udp', external: 34_197, internal: 34_197 },
  { transport: 'tcp', external: 18_080, internal: 8080 },
  { transport: 'udp', external: 18_080, internal: 8090 },
] as const;

const byPlace = (a: { transport: string; external: number }, b: { transport: string; external: number }) =>
  a.external - b.external || a.transport.localeCompare(b.transport);

async function serveAll(home: Home): Promise<void> {
  for (const { transport, internal } of WAYS) await home.client.echo[transport](internal);
}

const PLACES = WAYS.map(({ transport, external: port }) => ({ transport, address: PUBLIC_WAN.address, port }));

/** The host that answers at each external port, asked from the internet. */
const answers = (home: Home): Promise<readonly (string | undefined)[]> => reached(home, PLACES);

describe.each(FLAVOURS)('%s', (flavour) => {
  test('each mapping carries traffic from the internet until Ctrl-C, and then nothing is left', async () => {
    const home = await homeFor(flavour);
    await serveAll(home);
    const { program, ready } = await opened(home, ...PORTS);
    expect(ready).toMatchObject({ open: 4, refused: 0, waiting: 0 });
    expect(await answers(home)).toEqual(['client', 'client', 'client', 'client']);
    const rules = WAYS.map((way) => ({ ...way, client: home.client.address }));
    expect((await home.gateway.nftRules()).toSorted(byPlace)).toEqual(rules.toSorted(byPlace));

    expect(await program.interrupt()).toMatchObject({ code: 0 });
    expect(await home.gateway.nftRules()).toEqual([]);
    expect(await silent(home, PLACES)).toBe(true);
  });
});

// They mostly wait, so they wait together.
test.concurrent.for(FLAVOURS)(
  '%s: leases are renewed before they end, for as long as it runs',
  async (flavour, { onTestFinished: atEnd }) => {
    const home = await startHome(flavour);
    atEnd(() => home.stop());
    await serveAll(home);
    const lease = 8;
    const { program } = await opened(home, ...PORTS, '--lease', `${lease}s`);
    await stays(2.4 * lease * 1000, program, async () => {
      const rules = await home.gateway.nftRules();
      return WAYS.every(({ transport, external }) =>
        rules.some((rule) => rule.transport === transport && rule.external === external),
      );
    });
    expect(await answers(home)).toEqual(['client', 'client', 'client', 'client']);

    // It was renewals that kept them: without us they end.
    await program.crash();
    await expect.poll(() => home.gateway.nftRules(), { interval: 250 }).toEqual([]);
  },
);

describe.each(WITH_UPNP)('%s, beside other programs', (flavour) => {
  test('upnpc lists what we open, and nothing after Ctrl-C', async () => {
    const home = await homeFor(flavour);
    const { program } = await opened(home, ...PORTS);
    const { list } = upnpc(home.other, home.gateway);
    const expected = WAYS.map((way) => expect.objectContaining({ ...way, client: home.client.address }));
    expect((await list()).toSorted(byPlace)).toEqual(expected.toSorted((a, b) => byPlace(a.sample, b.sample)));
    await program.interrupt();
    expect(await list()).toEqual([]);
  });
});

describe('list', () => {
  interface Row {
    readonly transport: string;
    readonly externalPort: number;
    readonly internalClient: string;
    readonly internalPort: number;
    readonly description: string;
    readonly ours: boolean;
  }
  async function listed(home: Home, host: 'client' | 'other' = 'client'): Promise<readonly Row[]> {
    const { json, code, stderr } = await portkeeperOnce(home[host], ['list', '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { mappings }: { readonly mappings?: readonly Row[] } = Object(json);
    return mappings ?? [];
  }

  test.each(WITH_UPNP)('%s: what upnpc opened', async (flavour) => {
    const home = await homeFor(flavour);
    const wish = { internal: 8080, external: 18_080, lifetime: 600 } as const;
    await upnpc(home.client, home.gateway).add({ ...wish, transport: 'tcp', description: 'a game' });
    await upnpc(home.other, home.gateway).add({ ...wish, transport: 'udp', description: 'his game' });
    const place = { externalPort: 18_080, internalPort: 8080, ours: false };
    expect(await listed(home)).toEqual([
      expect.objectContaining({
        ...place,
        transport: 'tcp',
        internalClient: home.client.address,
        description: 'a game',
      }),
      expect.objectContaining({
        ...place,
        transport: 'udp',
        internalClient: home.other.address,
        description: 'his game',
      }),
    ]);
  });

  test.each(['igd2', 'openwrt'] as const)('%s: what natpmpc opened', async (flavour) => {
    const home = await homeFor(flavour);
    const wish = { transport: 'udp', internal: 8080, external: 18_080, lifetime: 600 } as const;
    await natpmpc(home.other, home.gateway).map(wish);
    expect(await listed(home)).toMatchObject([
      { transport: 'udp', externalPort: 18_080, internalClient: home.other.address, internalPort: 8080, ours: false },
    ]);
  });

  test.each(['upnp', 'pcp', 'natpmp'] as const)(
    'what we hold over %s is marked as ours, here only',
    async (protocol) => {
      const home = await homeFor('igd2');
      await upnpc(home.client, home.gateway).add({ transport: 'tcp', internal: 80, external: 8080, lifetime: 600 });
      const { program } = await opened(home, '25565/tcp', '34197/udp', '--protocol', protocol);
      const ours = async (host: 'client' | 'other') =>
        (await listed(home, host)).map((row) => [row.externalPort, row.ours]);
      expect(await ours('client')).toEqual([
        [8080, false],
        [25_565, true],
        [34_197, true],
      ]);
      expect(await ours('other')).toEqual([
        [8080, false],
        [25_565, false],
        [34_197, false],
      ]);
      await program.interrupt();
      expect(await ours('client')).toEqual([[8080, false]]);
    },
  );

  test('pxp-only: says that this router does not know, and what would help', async () => {
    const home = await homeFor('pxp-only');
    const { code, stderr } = await portkeeperOnce(home.client, ['list']);
    expect(code).toBe(1);
    expect(stderr).toContain('can’t list open ports');
  });
});

describe('a protocol that a person chose is the one that is used', () => {
  test.each([
    ['upnp', 'igd'],
    ['pcp', 'pcp'],
    ['natpmp', 'nat-pmp'],
  ] as const)('%s', async (choice, protocol) => {
    const home = await homeFor('igd2');
    await serveAll(home);
    const { program, told } = await opened(home, ...PORTS, '--protocol', choice);
    expect(new Set(told.map((one) => one.protocol))).toEqual(new Set([protocol]));
    expect(await answers(home)).toEqual(['client', 'client', 'client', 'client']);
    await program.interrupt();
    expect(await home.gateway.nftRules()).toEqual([]);
  });
});

test.each(['igd2', 'openwrt', 'igd1'] as const)(
  '%s: two external ports may forward to one internal port',
  async (flavour) => {
    const home = await homeFor(flavour);
    await home.client.echo.tcp(8080);
    const { program, ready } = await opened(home, '18080:8080/tcp', '18081:8080/tcp');
    expect(ready).toMatchObject({ open: 2, refused: 0 });
    for (const port of [18_080, 18_081]) {
      expect(await home.internet.reach('tcp', PUBLIC_WAN.address, port)).toBe('client');
    }
    await program.interrupt();
    expect(await home.gateway.nftRules()).toEqual([]);
  },
);
