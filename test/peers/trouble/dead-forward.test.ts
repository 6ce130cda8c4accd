/** L20: the router says that a port is open and lists it, and forwards nothing. */
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, type TestContext } from 'vitest';
import type { Flavour } from '../lab/flavours.ts';
import type { Home } from '../lab/home.ts';
import { ALIVE, answers, hold, homeOf, reopened, silent, within } from '../lab/holding.ts';
import { upnpc } from '../lab/observers.ts';
import { NODE } from '../lab/process.ts';

/** Two negative answers of the checker, or one announcement, and the repair; heartbeats are rarer. */
const SOON = 30_000;
const OTHER_WAN = '11.22.33.55';

/** From then on the daemon says yes to whoever asks for it again, and lists it, without telling the firewall. */
async function killForwards(home: Home): Promise<void> {
  await home.gateway.wipeFirewallRules();
  await upnpc(home.other, home.gateway).list();
  expect(await silent(home)).toBe(true);
}

describe.concurrent('with a port checker', () => {
  /** The checker stands in the internet and is asked each few seconds. */
  async function checkUrl(home: Home): Promise<string> {
    const checker = home.internet.spawn([NODE, resolve(import.meta.dirname, '../lab/port-checker.ts'), '8000']);
    await checker.line((line) => line === 'ready' || undefined);
    return `http://${home.internet.address}:8000/{transport}/{address}/{port}`;
  }

  test.for([
    ['upnp-only', 'auto', 'igd'],
    ['igd1', 'auto', 'igd'],
    ['igd2', 'pcp', 'pcp'],
    ['igd2', 'natpmp', 'nat-pmp'],
  ] as const satisfies readonly (readonly [Flavour, string, string])[])(
    '%s, --protocol %s: is found, reported and repaired',
    async ([flavour, protocol, used], context: TestContext) => {
      const home = await homeOf(context, flavour);
      const asking = ['--test', await checkUrl(home), '--test-insecure', '--test-every', '2'];
      const program = await hold(home, ...asking, '--protocol', protocol, '--log-level', 'debug');
      await program.until((value) => value['protocol'] === used);
      await killForwards(home);
      await program.until(({ code }) => code === 'listed-but-dead');
      await reopened(home, program, SOON);
      await within(SOON, program, async () => (await home.gateway.nftRules()).length === 2);
      await program.interrupt();
      expect(await home.gateway.nftRules()).toEqual([]);
    },
  );

  test('a working forward is left alone, and a checker that is gone means nothing', async (context) => {
    const home = await homeOf(context, 'upnp-only');
    // By the names that these options had before.
    await hold(home, '--check-url', await checkUrl(home), '--check-insecure', '--check-every', '1');
    const { list } = upnpc(home.other, home.gateway);
    const before = await list();
    // A delete and add would start the lease again.
    await sleep(6000);
    await home.internet.namespace.ip('addr del 11.22.33.1/24 dev net0');
    await sleep(6000);
    await home.internet.namespace.ip('addr add 11.22.33.1/24 dev net0');
    const after = await list();
    expect(after).toHaveLength(2);
    for (const [at, { lease }] of after.entries()) expect(lease).toBeLessThanOrEqual((before[at]?.lease ?? 0) - 11);
    expect(await answers(home)).toEqual(ALIVE);
  });
});

describe.concurrent('without a checker, when the WAN address is another', () => {
  test.for([
    ['igd2', 'upnp', SOON],
    ['igd2', 'auto', SOON],
    // Nothing is announced here but by UPnP events, and no sooner than a heartbeat.
    ['upnp-only', 'auto', 65_000],
  ] as const)('%s, --protocol %s: everything is opened again', async ([flavour, protocol, limit], context) => {
    const home = await homeOf(context, flavour);
    const program = await hold(home, '--protocol', protocol, '--log-level', 'debug');
    // A daemon that has just started looks the same as one that starts again.
    await sleep(6000);
    await killForwards(home);
    await home.gateway.changeWanAddress(OTHER_WAN);
    await reopened(home, program, limit, OTHER_WAN);
    await within(SOON, program, async () => (await home.gateway.nftRules()).length === 2);
    await program.interrupt();
    expect(await home.gateway.nftRules()).toEqual([]);
  });
});
