/** Behind the provider's or another router's NAT: reported in plain words, whatever the protocol. */
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { LabGateway } from './lab/gateway.ts';
import { LAN } from './lab/flavours.ts';
import type { Home } from './lab/home.ts';
import { ALIVE, answers, hold, homeOf, reopened, serve, within } from './lab/holding.ts';
import { portkeeper, portkeeperOnce } from './lab/portkeeper.ts';
import { NODE } from './lab/process.ts';

interface Told {
  readonly code: number | null;
  readonly problems: readonly unknown[];
  readonly text: string;
}

async function open(home: Home, ...args: readonly string[]): Promise<Told> {
  const words = ['open', '25565/tcp', '--once', ...args];
  const json = await portkeeperOnce(home.client, [...words, '--json']);
  const problems = json.stdout.split('\n').flatMap((line) => {
    const said: { code?: unknown; problem?: { code?: unknown } } = line === '' ? {} : Object(JSON.parse(line));
    return [said.code ?? said.problem?.code ?? []].flat();
  });
  const { code, stdout, stderr } = await portkeeperOnce(home.client, words);
  return { code, problems, text: `${stdout}\n${stderr}` };
}

describe.concurrent('a router without a public address', () => {
  test.for([
    ['cgnat-wan', 'auto'],
    ['cgnat-wan', 'upnp'],
    ['private-wan', 'auto'],
    ['private-wan', 'upnp'],
    ['private-wan', 'pcp'],
    ['private-wan', 'natpmp'],
  ] as const)('%s, --protocol %s: nothing can be opened, and why', async ([flavour, protocol], context) => {
    const home = await homeOf(context, flavour);
    const { code, problems, text } = await open(home, '--protocol', protocol);
    expect(code).toBe(1);
    expect(problems).toContain('no-external-address');
    expect(text).toContain('reports no usable public IP address');
    expect(text).toContain('ask your provider for a public one');
    expect(await home.gateway.nftRules()).toEqual([]);
  });
});

describe.concurrent('a router behind another one', () => {
  test('that does not know its public address opens nothing, and says why', async (context) => {
    const home = await homeOf(context, 'double-nat', { knowsPublicAddress: false });
    const { code, problems } = await open(home);
    expect(code).toBe(1);
    expect(problems).toContain('no-external-address');
  });

  test('that knows its public address opens ports that the other one does not let through: a port checker reports it', async (context) => {
    const home = await homeOf(context, 'double-nat');
    await serve(home);
    const checker = home.internet.spawn([NODE, resolve(import.meta.dirname, 'lab/port-checker.ts'), '8000']);
    await checker.line((line) => line === 'ready' || undefined);
    const url = `http://${home.internet.address}:8000/{transport}/{address}/{port}`;
    const program = portkeeper(home.client, [
      'open',
      '25565/tcp',
      '--json',
      '--test',
      url,
      '--test-insecure',
      '--test-every',
      '2',
    ]);
    expect(await program.until(({ event }) => event === 'ready')).toMatchObject({ open: 1 });
    await program.until(({ event, code }) => event === 'problem' && code === 'behind-another-nat');
    // Reported, not retried all the time: it stays open in the first router.
    await within(60_000, program, async () => (await home.gateway.nftRules()).length === 1);
    await program.interrupt();
    expect(await home.gateway.nftRules()).toEqual([]);
  });
});

const rulesOf = async (gateway: LabGateway): Promise<readonly string[]> =>
  (await gateway.nftRules()).map(({ external, client, internal }) => `${external} -> ${client}:${internal}`).toSorted();

/** As `portkeeper list` shows each router's table; nothing where it has none to show. */
async function tablesListed(home: Home): Promise<readonly unknown[]> {
  const { stdout } = await portkeeperOnce(home.client, ['list', '--json']);
  return stdout.split('\n').map((line) => {
    const { gateway, mappings } = Object(JSON.parse(line));
    const rules = mappings?.map((one: Record<string, unknown>) => {
      const [external, client, internal] = ['externalPort', 'internalClient', 'internalPort'].map((key) =>
        String(one[key]),
      );
      return `${external} -> ${client}:${internal}`;
    });
    return [gateway, rules];
  });
}

describe.concurrent('two routers, each of which is to open the port', () => {
  // The first reports the outermost address, so that NAT-PMP alone can be used in front of it; the second its own one.
  test.for([
    ['double-nat', 'nat-pmp'],
    ['two-routers', 'igd'],
  ] as const)(
    '%s: an echo passes both, either is repaired alone, both are closed',
    { timeout: 400_000 },
    async ([flavour, protocol], context) => {
      const home = await homeOf(context, flavour);
      const { gateway, upstream } = home;
      if (upstream === undefined) throw new Error('there is no second router');
      const set = await portkeeperOnce(home.client, ['settings', 'set', 'upstream-router', upstream.address]);
      expect(set.code).toBe(0);
      const program = await hold(home);
      expect(await program.until(({ event, status }) => event === 'mapping' && status === 'open')).toMatchObject({
        externalAddress: '11.22.33.44',
        hops: [
          { router: gateway.address, status: 'open' },
          { router: upstream.address, status: 'open' },
        ],
      });
      expect(await answers(home)).toEqual(ALIVE);
      const doctor = await portkeeperOnce(home.client, ['doctor', '--json']);
      expect(doctor.json).toMatchObject({ healthy: true, causes: [] });
      const inner = await gateway.wanAddress();
      // A renewal takes a rule out and puts it in again.
      const holds = (router: LabGateway, rules: readonly string[]): Promise<number> =>
        within(60_000, program, async () => isDeepStrictEqual(await rulesOf(router), rules));
      const forwards = [`25565 -> ${inner}:25565`, `34197 -> ${inner}:34197`];
      await holds(upstream, forwards);
      const ours = [`25565 -> ${LAN.client}:25565`, `34197 -> ${LAN.client}:34197`];
      await holds(gateway, ours);
      const tables = [
        [gateway.address, ours],
        [upstream.address, protocol === 'igd' ? forwards : undefined],
      ];
      await within(20_000, program, async () => isDeepStrictEqual(await tablesListed(home), tables));
      // Not a router of that Portkeeper's: searched for by an engine of its own.
      const discovered = await portkeeperOnce(home.client, ['discover', '--router', upstream.address, '--json']);
      expect(discovered.json).toMatchObject({ gateways: [{ address: upstream.address }] });
      // A daemon that has just started looks the same as one that starts again.
      await sleep(8000);

      for (const one of [upstream, gateway]) {
        await one.restart({ emptyTable: true });
        await reopened(home, program, 150_000);
        await holds(upstream, forwards);
        await holds(gateway, ours);
      }

      expect(await program.interrupt()).toMatchObject({ code: 0 });
      expect([await gateway.nftRules(), await upstream.nftRules()]).toEqual([[], []]);
      const { json } = await portkeeperOnce(home.client, ['discover', '--json']);
      expect(Object(json).gateways[0].upstream).toMatchObject({ address: upstream.address, protocols: [{ protocol }] });
    },
  );
});
