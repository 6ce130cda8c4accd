/** Behind the provider's or another router's NAT: told in plain words, whatever the protocol. */
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Home } from './lab/home.ts';
import { homeOf, serve, within } from './lab/holding.ts';
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

  test('that was told its public address opens what the other one does not let through: a port checker tells', async (context) => {
    const home = await homeOf(context, 'double-nat');
    await serve(home);
    const checker = home.internet.spawn([NODE, resolve(import.meta.dirname, 'lab/port-checker.ts'), '8000']);
    await checker.line((line) => line === 'ready' || undefined);
    const url = `http://${home.internet.address}:8000/{transport}/{address}/{port}`;
    const program = portkeeper(home.client, [
      'open',
      '25565/tcp',
      '--json',
      '--check-url',
      url,
      '--check-insecure',
      '--check-every',
      '2',
    ]);
    expect(await program.until(({ event }) => event === 'ready')).toMatchObject({ open: 1 });
    await program.until(({ event, code }) => event === 'problem' && code === 'listed-but-dead');
    // Told, not hammered: it stays open in the first router.
    await within(10_000, program, async () => (await home.gateway.nftRules()).length === 1);
    await program.interrupt();
    expect(await home.gateway.nftRules()).toEqual([]);
  });
});
