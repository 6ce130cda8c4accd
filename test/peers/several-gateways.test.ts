/** More than one gateway: another router on the LAN, a VPN that opens ports, and a daemon on the machine that knows them. */
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test, type TestContext } from 'vitest';
import { PUBLIC_WAN } from './lab/flavours.ts';
import type { LabGateway } from './lab/gateway.ts';
import type { Home } from './lab/home.ts';
import { ALIVE, answers, homeOf, PORTS, serve, reached, stays, within } from './lab/holding.ts';
import { portkeeper, portkeeperOnce, type Portkeeper } from './lab/portkeeper.ts';
import { NODE } from './lab/process.ts';
import { addNetwork, addRouter, addVpn, SECOND_WAN, VPN } from './lab/second-gateway.ts';

const RESPONDER = resolve(import.meta.dirname, 'lab/eager-responder.ts');

interface Discovered {
  readonly address: string;
  readonly externalAddress: string;
  readonly isDefault: boolean;
  readonly interface: string;
  readonly protocols: readonly { readonly protocol: string; readonly foundBy: string }[];
}

async function discovered(home: Home, ...args: readonly string[]): Promise<readonly Discovered[]> {
  const { json, stderr } = await portkeeperOnce(home.client, ['discover', '--json', ...args]);
  const { gateways }: { readonly gateways?: readonly Discovered[] } = Object(json);
  if (gateways === undefined) throw new Error(stderr);
  return gateways;
}

async function opened(home: Home, ...args: readonly string[]): Promise<Portkeeper> {
  await serve(home);
  const program = portkeeper(home.client, ['open', ...PORTS, '--json', ...args]);
  expect(await program.until(({ event }) => event === 'ready')).toMatchObject({ open: PORTS.length });
  return program;
}

const portsOf = (rules: readonly { readonly external: number }[]) =>
  rules.map(({ external }) => external).toSorted((a, b) => a - b);

describe.concurrent('two routers on one LAN', () => {
  test('both are found, and the default router is used', async (context) => {
    const home = await homeOf(context, 'igd2');
    const second = await addRouter(home);
    const found = await discovered(home);
    expect(found.map(({ address, externalAddress, isDefault }) => [address, externalAddress, isDefault])).toEqual(
      expect.arrayContaining([
        ['192.168.71.1', '11.22.33.44', true],
        ['192.168.71.2', SECOND_WAN, false],
      ]),
    );
    await opened(home);
    expect(await answers(home)).toEqual(ALIVE);
    expect(await second.nftRules()).toEqual([]);
  });

  test.for([
    ['auto', '192.168.71.2'],
    ['upnp', '192.168.71.2'],
    ['auto', 'http://192.168.71.2:5000/rootDesc.xml'],
  ] as const)('--protocol %s --gateway %s: that one is used', async ([protocol, name], context) => {
    const home = await homeOf(context, 'igd2');
    const second = await addRouter(home);
    const program = await opened(home, '--gateway', name, '--protocol', protocol);
    expect(await answers(home, SECOND_WAN)).toEqual(ALIVE);
    expect(await home.gateway.nftRules()).toEqual([]);
    await program.interrupt();
    expect(await second.nftRules()).toEqual([]);
  });
});

/** The second router, with all protocols, whose answer to a search is there before the default router's. */
async function addEager(context: TestContext, home: Home): Promise<LabGateway> {
  const second = await addRouter(home);
  const responder = second.spawn([NODE, RESPONDER, second.address, second.descriptionUrl]);
  context.onTestFinished(async () => {
    await responder.end();
  });
  await responder.line((line) => line === 'listening' || undefined);
  return second;
}

describe.concurrent('another router answers before the default router does', () => {
  test('the default router is used, six times out of six, and its address is the one reported', async (context) => {
    const home = await homeOf(context, 'upnp-only');
    const second = await addEager(context, home);
    const told = await portkeeperOnce(home.client, ['external-address']);
    expect(told.stdout.trim()).toBe(PUBLIC_WAN.address);
    const { json } = await portkeeperOnce(home.client, ['discover', '--json']);
    expect(Object(json).gateways[0]).toMatchObject({ address: home.gateway.address, isDefault: true });
    for (let time = 1; time <= 6; time++) {
      // Each time from a folder of its own: nothing is remembered.
      const program = await opened(home, '--data-dir', join(home.client.namespace.home, `fresh-${time}`));
      expect(portsOf(await home.gateway.nftRules())).toEqual([25_565, 34_197]);
      expect(await second.nftRules()).toEqual([]);
      await program.interrupt();
    }
  });

  test('and the default router is off: the other serves, is named, and what is open moves back later', async (context) => {
    const home = await homeOf(context, 'upnp-only');
    const second = await addEager(context, home);
    await home.gateway.kill();
    const told = await portkeeperOnce(home.client, ['external-address']);
    expect(told.stderr).toMatch(/192\.168\.71\.2.* is not your default router\./);
    const program = await opened(home);
    expect(await answers(home, SECOND_WAN)).toEqual(ALIVE);
    const note = await program.until(({ event, code }) => event === 'problem' || code === 'not-default-router');
    expect(JSON.stringify(note)).toContain('192.168.71.2');
    await home.gateway.start();
    await within(60_000, program, async () => (await second.nftRules()).length === 0);
    expect(await answers(home)).toEqual(ALIVE);
    await program.interrupt();
    expect(await home.gateway.nftRules()).toEqual([]);
    expect(await second.nftRules()).toEqual([]);
  });
});

/** More by hand: `STARTS=9 npx vitest run test/peers/several-gateways.test.ts -t "two default routes"`. */
const STARTS = Number(process.env['STARTS'] ?? 2);

describe.concurrent('two default routes', () => {
  test.for(['igd2', 'upnp-only', 'pxp-only'] as const)(
    '%s: all is opened on the router of the lower metric, and moves with it',
    async (flavour, context) => {
      const home = await homeOf(context, flavour);
      const second = await addNetwork(home, 200);
      await serve(home);
      const ports = Array.from({ length: 10 }, (_, at) => 25_565 + at);
      const start = async (folder: string): Promise<Portkeeper> => {
        const args = ['--data-dir', join(home.client.namespace.home, folder), '--json'];
        const program = portkeeper(home.client, ['open', ...ports.map((port) => `${port}/tcp`), ...args]);
        expect(await program.until(({ event }) => event === 'ready')).toMatchObject({ open: ports.length });
        return program;
      };
      const held = async () => [portsOf(await home.gateway.nftRules()), portsOf(await second.nftRules())];
      let program = await start('fresh-1');
      const holds = (...there: readonly (readonly number[])[]) =>
        within(60_000, program, async () => isDeepStrictEqual(await held(), there));
      await holds(ports, []);
      for (let time = 2; time <= STARTS; time++) {
        await program.interrupt();
        program = await start(`fresh-${time}`);
        await holds(ports, []);
      }

      // The cable is slower than the radio now, and then is not.
      const homeRoute = `default via ${home.gateway.address} dev eth0`;
      const remeter = (from: number, to: number) =>
        home.client.namespace.ip(`
          route add ${homeRoute} metric ${to}
          route del ${homeRoute} metric ${from}
        `);
      await remeter(0, 300);
      await holds([], ports);
      await remeter(300, 0);
      await holds(ports, []);
      await program.interrupt();
      expect(await held()).toEqual([[], []]);
    },
  );
});

describe.concurrent('a VPN that opens ports over NAT-PMP only (M11)', () => {
  test('is found beside the home router, which is used', async (context) => {
    const home = await homeOf(context, 'igd2');
    const vpn = await addVpn(home);
    const found = await discovered(home);
    const its = found.find(({ address }) => address === VPN.gateway);
    expect(its).toMatchObject({ interface: VPN.interfaceName, externalAddress: SECOND_WAN, isDefault: false });
    expect(its?.protocols.map(({ protocol }) => protocol)).toEqual(['nat-pmp']);
    await opened(home);
    expect(await answers(home)).toEqual(ALIVE);
    expect(await vpn.nftRules()).toEqual([]);
  });

  test.for([
    ['--interface', VPN.interfaceName],
    ['--gateway', VPN.gateway],
  ] as const)('%s %s: it is used, and its short leases are renewed', async (choice, context) => {
    const home = await homeOf(context, 'igd2');
    const vpn = await addVpn(home);
    const program = await opened(home, ...choice, '--lease', '6s');
    await program.until((value) => value['protocol'] === 'nat-pmp');
    expect(await home.gateway.nftRules()).toEqual([]);
    await stays(15_000, program, async () => isDeepStrictEqual(portsOf(await vpn.nftRules()), [25_565, 34_197]));
    // Each renewal takes the rule out for a moment.
    expect(await reached(home, [{ transport: 'tcp', address: SECOND_WAN, port: 25_565 }])).toEqual(['client']);
    await program.interrupt();
    expect(await vpn.nftRules()).toEqual([]);
  });
});

describe.concurrent('minissdpd on this machine', () => {
  test('knows the router before a search is answered', async (context) => {
    const home = await homeOf(context, 'upnp-only', { minissdpd: true });
    const [gateway] = await discovered(home);
    expect(gateway?.protocols).toMatchObject([{ protocol: 'igd', foundBy: 'minissdpd' }]);
    await opened(home);
    expect(await answers(home)).toEqual(ALIVE);
  });

  test('that knows of a router which is gone does no harm', async (context) => {
    const home = await homeOf(context, 'igd2', { minissdpd: true });
    await home.gateway.kill();
    const { code } = await portkeeperOnce(home.client, ['open', '25565/tcp', '--json']);
    expect(code).toBe(3);
    await home.gateway.start();
    await opened(home);
    expect(await answers(home)).toEqual(ALIVE);
  });
});
