/** No router, one that does not help, several: distinguished, with the exit code that scripts rely on. */
import { describe, expect, test, type TestContext } from 'vitest';
import type { Home } from '../lab/home.ts';
import { homeOf } from '../lab/holding.ts';
import { portkeeperOnce } from '../lab/portkeeper.ts';

const NO_GATEWAY = 3;

interface Ending {
  readonly code: number | null;
  /** Codes of the reported problems. */
  readonly problems: readonly string[];
  readonly stderr: string;
}

async function open(home: Home, ...args: readonly string[]): Promise<Ending> {
  const { code, stdout, stderr } = await portkeeperOnce(home.client, ['open', '25565/tcp', '--json', ...args]);
  const problems = stdout.split('\n').flatMap((line) => {
    const said: { event?: unknown; code?: unknown } = line === '' ? {} : Object(JSON.parse(line));
    return said.event === 'problem' ? [String(said.code)] : [];
  });
  return { code, problems, stderr };
}

async function told(home: Home): Promise<string> {
  return (await portkeeperOnce(home.client, ['open', '25565/tcp'])).stderr;
}

async function withoutRouter(context: TestContext): Promise<Home> {
  const home = await homeOf(context, 'igd2');
  await home.gateway.kill();
  await home.gateway.namespace.ip('addr flush dev lan0');
  return home;
}

describe.concurrent('nothing can be opened', () => {
  test('no router answers at all', async (context) => {
    const home = await withoutRouter(context);
    expect(await open(home)).toMatchObject({ code: NO_GATEWAY, problems: ['no-gateway'] });
    expect(await told(home)).toContain(home.gateway.address);
  });

  test('a router that is there, with nobody at the ports', async (context) => {
    const home = await homeOf(context, 'igd2');
    await home.gateway.kill();
    expect(await open(home)).toMatchObject({ code: NO_GATEWAY, problems: ['port-control-off'] });
    expect(await told(home)).toContain('UPnP');
  });

  test('a router that is there and swallows every question', async (context) => {
    const home = await homeOf(context, 'igd2');
    await home.gateway.namespace.nft(`
      table inet stealth {
        chain input {
          type filter hook input priority -400; policy accept
          iifname "lan0" meta l4proto { tcp, udp, icmp } drop
        }
      }
    `);
    expect(await open(home)).toMatchObject({ code: NO_GATEWAY, problems: ['port-control-off'] });
  });

  test.for(['link set eth0 down', 'addr flush dev eth0'])('no network: %s', async (change, context) => {
    const home = await homeOf(context, 'igd2');
    await home.client.namespace.ip(change);
    expect(await open(home)).toMatchObject({ code: NO_GATEWAY, problems: ['no-network'] });
  });

  test('a firewall of this computer forbids to ask', async (context) => {
    // With UPnP on, an announcement would be heard before long, and the rest goes over TCP.
    const home = await homeOf(context, 'pxp-only');
    await home.client.namespace.nft(`
      table inet firewall {
        chain output {
          type filter hook output priority 0; policy accept
          udp dport { 1900, 5351 } drop
        }
      }
    `);
    expect(await open(home)).toMatchObject({ code: NO_GATEWAY, problems: ['traffic-denied'] });
    expect(await told(home)).toContain('5351');
  });

  test.for([['discover'], ['list'], ['external-address'], ['close', '--all']])(
    '%s without a router',
    async (command, context) => {
      const home = await withoutRouter(context);
      const { code, stderr } = await portkeeperOnce(home.client, command);
      expect(code).toBe(NO_GATEWAY);
      expect(stderr).toContain('router');
      expect(stderr).not.toContain('    at ');
    },
  );
});

describe.concurrent('a router that is not there', () => {
  test('is searched for on an interface that does not exist: a mistake in the command', async (context) => {
    const home = await homeOf(context, 'igd2');
    const { code, stderr } = await open(home, '--interface', 'eth7');
    expect(code).toBe(2);
    expect(stderr).toContain('eth0');
  });

  test('is named: others are reported', async (context) => {
    const home = await homeOf(context, 'igd2');
    expect(await open(home, '--gateway', 'fritz')).toMatchObject({ code: NO_GATEWAY, problems: ['not-our-gateway'] });
    expect(await open(home, '--gateway', '192.168.71.99')).toMatchObject({ code: NO_GATEWAY });
  });
});
