/** A router restarts, forgets, moves or goes away: what is wanted is open again without help. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, type TestContext } from 'vitest';
import type { Flavour } from '../lab/flavours.ts';
import type { Home, HomeOptions } from '../lab/home.ts';
import { ALIVE, PORTS, answers, hold, homeOf, next, reopened, within } from '../lab/holding.ts';
import type { Portkeeper } from '../lab/portkeeper.ts';

/** Without a word from the router: one heartbeat, and the time to open, which is long where the machine is busy. */
const BY_ITSELF = 120_000;
/** Less than from one heartbeat to the next (at least 48 s, the {@link FIRST_LOOK} taken off): only an announcement makes it
 * so quick. */
const AT_ONCE = 30_000;
/** The first look at an entry comes 5 s after it was granted; the next, like the next heartbeat, most of a minute later. */
const FIRST_LOOK = 8000;

const OTHER_WAN = '11.22.33.55';
const FLAVOURS = ['igd2', 'upnp-only', 'pxp-only'] as const;

interface Holding {
  readonly home: Home;
  readonly program: Portkeeper;
}

async function holding(
  context: TestContext,
  flavour: Flavour,
  { silent, ...options }: HomeOptions & { readonly silent: boolean },
): Promise<Holding> {
  const home = await homeOf(context, flavour, options);
  if (silent) await home.gateway.silenceAnnouncements();
  const program = await hold(home, '--log-level', 'debug');
  expect(await answers(home)).toEqual(ALIVE);
  await sleep(FIRST_LOOK);
  return { home, program };
}

/** It ends as if nothing had happened. */
async function closesAll({ home, program }: Holding): Promise<void> {
  expect(await program.interrupt()).toMatchObject({ code: 0 });
  expect(await home.gateway.nftRules()).toEqual([]);
}

describe.concurrent('a gateway that goes away', () => {
  async function gone(context: TestContext, silent: boolean): Promise<Holding> {
    const { home, program } = await holding(context, 'igd2', { silent });
    const waits = next(program, ({ status, waitsFor }) => status === 'waiting' && waitsFor === 'gateway');
    await home.gateway.kill();
    await home.gateway.daemon.forget();
    await program.until(({ event, code }) => event === 'problem' && code === 'gateway-away');
    await waits;
    return { home, program };
  }

  // First, for it takes longest.
  test('is waited for ever more patiently, and reported', { timeout: 400_000 }, async (context) => {
    const { home, program } = await gone(context, true);
    await home.gateway.namespace.nft(`
      table inet count {
        chain input {
          type filter hook input priority -500; policy accept
          iifname "lan0" udp dport { 1900, 5351 } counter
          iifname "lan0" tcp dport 5000 tcp flags syn counter
        }
      }
    `);
    const asked = async (): Promise<number> => {
      const { stdout } = await home.gateway.exec(['nft', 'list', 'table', 'inet', 'count']);
      return [...stdout.matchAll(/packets (\d+)/g)].reduce((sum, [, packets]) => sum + Number(packets), 0);
    };
    // After some twenty heartbeats, 5 s apart, it is quiet between searches, longer each time.
    await within(240_000, program, async () => {
      const before = await asked();
      await sleep(10_000);
      return (await asked()) - before < 5;
    });
    expect(program.process.running).toBe(true);
    await home.gateway.start();
    await reopened(home, program, BY_ITSELF);
    await closesAll({ home, program });
  });

  test('is taken up at once when it is heard to be back', async (context) => {
    const { home, program } = await gone(context, false);
    await home.gateway.start();
    await reopened(home, program, AT_ONCE);
    await closesAll({ home, program });
  });
});

describe.concurrent.each([
  { when: 'at once when the router is heard to come back', silent: false, limit: AT_ONCE },
  { when: 'by itself when nothing is heard', silent: true, limit: BY_ITSELF },
])('open again $when', ({ silent, limit }) => {
  test.for(FLAVOURS)('%s: a reboot that empties the table', async (flavour, context) => {
    const { home, program } = await holding(context, flavour, { silent });
    await home.gateway.restart({ emptyTable: true, abrupt: true });
    await reopened(home, program, limit);
    await closesAll({ home, program });
  });

  test.for(FLAVOURS)('%s: a reboot after which the WAN address is another', async (flavour, context) => {
    const { home, program } = await holding(context, flavour, { silent });
    await home.gateway.kill();
    await home.gateway.daemon.forget();
    await home.gateway.changeWanAddress(OTHER_WAN);
    await home.gateway.start();
    await reopened(home, program, limit, OTHER_WAN);
    // It is reported as well.
    await program.until(({ status, externalAddress }) => status === 'open' && externalAddress === OTHER_WAN);
    await closesAll({ home, program });
  });

  test('a UPnP router that serves on another port after each start (D14)', async (context) => {
    const { home, program } = await holding(context, 'upnp-only', { silent, anyHttpPort: true });
    await home.gateway.restart({ emptyTable: true, abrupt: true });
    await reopened(home, program, limit);
    await closesAll({ home, program });
  });
});

describe.concurrent('a restart with the table intact', () => {
  // L23: over PCP and NAT-PMP the router takes a rule out to renew it; over UPnP it is looked at.
  test.for([
    { flavour: 'igd2', made: 0 },
    { flavour: 'upnp-only', made: 0 },
    { flavour: 'pxp-only', made: PORTS.length },
  ] as const)('$flavour: $made rules are made again, each once', async ({ flavour, made }, context) => {
    const { home, program } = await holding(context, flavour, { silent: false });
    const monitor = home.gateway.spawn(['nft', 'monitor', 'rules']);
    // It sees what is changed from some moment on, and does not say from when.
    await home.gateway.namespace.nft('table inet seen { chain seen { }; }');
    await within(60_000, program, async () => {
      await home.gateway.namespace.nft('add rule inet seen seen accept');
      return monitor.lines.some((line) => line.includes('inet seen'));
    });
    await home.gateway.restart({ abrupt: true });
    const changes = (what: string): readonly string[] =>
      monitor.lines.filter((line) => line.startsWith(`${what} rule inet filter prerouting_miniupnpd`));
    // Not the entry that makes the router read its firewall (L20).
    const again = () => changes('add').filter((line) => /dport (?:25565|34197) /.test(line)).length;
    await within(AT_ONCE, program, async () => again() >= made);
    await sleep(FIRST_LOOK);
    await monitor.end();
    expect(again()).toBe(made);
    expect(changes('delete')).toHaveLength(changes('add').length);
    expect(await answers(home)).toEqual(ALIVE);
    await closesAll({ home, program });
  });
});

describe.concurrent('another WAN address without a restart', () => {
  // miniupnpd announces it over NAT-PMP and PCP, where UPnP is on too; subscribers to UPnP events hear of it.
  test.for(['igd2', 'upnp-only'] as const)('%s: is reported, and the ports stay open', async (flavour, context) => {
    const { home, program } = await holding(context, flavour, { silent: false });
    await home.gateway.changeWanAddress(OTHER_WAN);
    await program.until(({ status, externalAddress }) => status === 'open' && externalAddress === OTHER_WAN);
    // Opening it again, for the router may have restarted, takes a moment.
    await reopened(home, program, AT_ONCE, OTHER_WAN);
    await closesAll({ home, program });
  });
});
