/** Ports that cannot be had on real gateways: who has them, what is got instead, and why not. Nothing of others is touched. */
import { describe, expect, test } from 'vitest';
import { PUBLIC_WAN, type Flavour } from './lab/flavours.ts';
import type { Home } from './lab/home.ts';
import { natpmpc, upnpc } from './lab/observers.ts';
import { homeFor, opened, refused } from './lab/opening.ts';
import { portkeeper } from './lab/portkeeper.ts';

const WITH_UPNP = ['igd2', 'igd1', 'upnp-only', 'openwrt'] as const satisfies readonly Flavour[];
const ALL = [...WITH_UPNP, 'pxp-only'] as const satisfies readonly Flavour[];

const HIS = { internal: 9000, external: 8080, lifetime: 600 } as const;

/** Port 8080 as the other host holds it, and what must be true of it ever after. */
async function heldByOther(home: Home, transport: 'tcp' | 'udp' = 'tcp') {
  await home.other.echo[transport](HIS.internal);
  const program = home.flavour === 'pxp-only' ? natpmpc : upnpc;
  const router = program(home.other, home.gateway);
  const wish = { ...HIS, transport };
  expect(
    'map' in router ? await router.map(wish) : await router.add({ ...wish, description: 'his game' }),
  ).toMatchObject({
    ok: true,
  });
  const rule = { transport, external: HIS.external, client: home.other.address, internal: HIS.internal };
  return {
    rule,
    untouched: async () => {
      expect(await home.gateway.nftRules()).toContainEqual(rule);
      expect(await home.internet.reach(transport, PUBLIC_WAN.address, HIS.external)).toBe('other');
      if (home.flavour === 'pxp-only') return;
      const entry = (await upnpc(home.other, home.gateway).list()).find(
        (one) => one.external === HIS.external && one.transport === transport,
      );
      expect(entry).toMatchObject({ ...rule, description: 'his game' });
      // Nobody renewed it, nobody cut it short.
      expect(entry?.lease).toBeLessThanOrEqual(HIS.lifetime);
      expect(entry?.lease).toBeGreaterThan(HIS.lifetime - 120);
    },
  };
}

describe('a port that another host holds', () => {
  test.each(WITH_UPNP)('%s: is refused, and the holder is named', async (flavour) => {
    const home = await homeFor(flavour);
    const his = await heldByOther(home);
    expect(await refused(home, '8080/tcp')).toEqual({
      code: 1,
      told: [
        expect.objectContaining({
          status: 'refused',
          problem: expect.objectContaining({
            code: 'conflict',
            parameters: expect.objectContaining({ holder: home.other.address, holderName: 'his game' }),
            what: `Your router already forwards port 8080/TCP to ${home.other.address} (“his game”).`,
          }),
        }),
      ],
    });
    await his.untouched();
    expect(await home.gateway.nftRules()).toEqual([his.rule]);
  });

  test('pxp-only: is refused; nobody knows whose it is', async () => {
    const home = await homeFor('pxp-only');
    const his = await heldByOther(home);
    expect(await refused(home, '8080/tcp')).toMatchObject({
      code: 1,
      told: [
        {
          status: 'refused',
          problem: { code: 'conflict', what: 'Your router refused: port 8080/TCP is already taken.' },
        },
      ],
    });
    await his.untouched();
    expect(await home.gateway.nftRules()).toEqual([his.rule]);
  });

  test.each(['auto', 'upnp', 'pcp', 'natpmp'] as const)(
    'igd2: is refused over %s, with a port that is free',
    async (protocol) => {
      const home = await homeFor('igd2');
      const his = await heldByOther(home);
      const { code, told: answers } = await refused(home, '8080/tcp', '--protocol', protocol);
      expect(code).toBe(1);
      expect(answers).toMatchObject([
        { status: 'refused', problem: { code: 'conflict', todo: 'Use 8081 as the external port instead?' } },
      ]);
      await his.untouched();
      expect(await home.gateway.nftRules()).toEqual([his.rule]);
    },
  );

  test('does not keep the others from opening', async () => {
    const home = await homeFor('igd2');
    const his = await heldByOther(home);
    const { program, told: answers } = await opened(home, '8080/tcp', '8090/tcp');
    expect(answers.map(({ status }) => status)).toEqual(['refused', 'open']);
    expect(await program.interrupt()).toMatchObject({ code: 6 });
    await his.untouched();
    expect(await home.gateway.nftRules()).toEqual([his.rule]);
  });
});

describe('--any-port', () => {
  test.each(ALL)('%s: TCP and UDP get one other port, are reported there and carry traffic', async (flavour) => {
    const home = await homeFor(flavour);
    await home.client.echo.tcp(8080);
    await home.client.echo.udp(8080);
    const his = await heldByOther(home);
    const { program, told: answers } = await opened(home, '8080', '--any-port');
    expect(answers).toMatchObject([
      { transport: 'tcp', status: 'open' },
      { transport: 'udp', status: 'open' },
    ]);
    const [port = 0, udpPort] = answers.map(({ externalPort }) => externalPort);
    expect(udpPort).toBe(port);
    expect(port).not.toBe(8080);
    for (const transport of ['tcp', 'udp'] as const) {
      expect(await home.internet.reach(transport, PUBLIC_WAN.address, port)).toBe('client');
    }
    await his.untouched();
    await expect.poll(() => home.gateway.nftRules(), { interval: 250 }).toHaveLength(3);
    expect(await program.interrupt()).toMatchObject({ code: 0 });
    await his.untouched();
    expect(await home.gateway.nftRules()).toEqual([his.rule]);
  });

  test.each(ALL)('%s: TCP moves along when only UDP is taken', async (flavour) => {
    const home = await homeFor(flavour);
    const his = await heldByOther(home, 'udp');
    const { program, told: answers } = await opened(home, '8080', '--any-port');
    expect(answers).toMatchObject([{ status: 'open' }, { status: 'open' }]);
    expect(new Set(answers.map(({ externalPort }) => externalPort)).size).toBe(1);
    // Where TCP was at first is free again.
    await expect.poll(() => home.gateway.nftRules(), { interval: 250 }).toHaveLength(3);
    expect((await home.gateway.nftRules()).filter(({ external }) => external === HIS.external)).toEqual([his.rule]);
    await program.interrupt();
    await his.untouched();
    expect(await home.gateway.nftRules()).toEqual([his.rule]);
  });

  test('says in plain words which port it got', async () => {
    const home = await homeFor('igd2');
    await heldByOther(home);
    const program = portkeeper(home.client, ['open', '8080/tcp', '--any-port']);
    const line = await program.process.line((text) => (text.startsWith('open') ? text : undefined));
    expect(line).toMatch(/8080\/tcp +11\.22\.33\.44:8081 \(instead of 8080\) -> 192\.168\.71\.10:8080/);
  });
});
