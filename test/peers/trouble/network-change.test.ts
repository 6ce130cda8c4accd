/** The machine's own network changes: another address, a pulled cable, a router that appears later, a stopped clock. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Home } from '../lab/home.ts';
import { ALIVE, answers, hold, homeOf, next, PORTS, reopened, serve, silent, within } from '../lab/holding.ts';
import { portkeeper } from '../lab/portkeeper.ts';

/** Changes are noticed by the machine itself: nothing of this waits for a heartbeat. */
const SOON = 30_000;
const OTHER_ADDRESS = '192.168.71.77';

async function moveClient(home: Home, from: string, to: string): Promise<void> {
  await home.client.namespace.ip(`
    addr del ${from}/24 dev eth0
    addr add ${to}/24 dev eth0
    route add default via ${home.gateway.address}
    route replace 224.0.0.0/4 dev eth0
  `);
}

describe.concurrent('another address of this machine', () => {
  test.for(['igd2', 'upnp-only', 'pxp-only'] as const)(
    '%s: the ports lead to the new one',
    async (flavour, context) => {
      const home = await homeOf(context, flavour);
      const program = await hold(home, '--log-level', 'debug');
      await moveClient(home, home.client.address, OTHER_ADDRESS);
      await reopened(home, program, SOON);
      const clients = async () => (await home.gateway.nftRules()).map(({ client }) => client);
      await within(SOON, program, async () => isDeepStrictEqual(await clients(), [OTHER_ADDRESS, OTHER_ADDRESS]));
      expect(await program.interrupt()).toMatchObject({ code: 0 });
      expect(await home.gateway.nftRules()).toEqual([]);
    },
  );
});

describe.concurrent('a cable', () => {
  test.for(['igd2', 'upnp-only', 'pxp-only'] as const)(
    '%s: that was out while the router forgot everything: all is open again soon after it is back',
    async (flavour, context) => {
      const home = await homeOf(context, flavour);
      const program = await hold(home, '--log-level', 'debug');
      // The other end, as when a plug is pulled: the interface keeps its address and loses its carrier.
      const told = next(program, ({ status }) => status === 'waiting');
      await home.gateway.namespace.ip('link set to-client down');
      await told;
      await home.gateway.restart({ emptyTable: true, abrupt: true });
      await sleep(3000);
      await home.gateway.namespace.ip('link set to-client up');
      await reopened(home, program, SOON);
      expect(await program.interrupt()).toMatchObject({ code: 0 });
      expect(await home.gateway.nftRules()).toEqual([]);
    },
  );

  test('an interface that is turned off and on', async (context) => {
    const home = await homeOf(context, 'igd2');
    const program = await hold(home, '--log-level', 'debug');
    const told = next(program, ({ event, code }) => event === 'problem' && code === 'no-network');
    await home.client.namespace.ip('link set eth0 down');
    await told;
    await home.gateway.restart({ emptyTable: true, abrupt: true });
    await home.client.namespace.ip(`
      link set eth0 up
      route add default via ${home.gateway.address}
      route add 224.0.0.0/4 dev eth0
    `);
    await reopened(home, program, SOON);
  });
});

describe.concurrent('a network that comes later (H6)', () => {
  test('open --wait: no address at the start', async (context) => {
    const home = await homeOf(context, 'igd2');
    await serve(home);
    await home.client.namespace.ip('link set eth0 down');
    const program = portkeeper(home.client, ['open', ...PORTS, '--wait', '--json', '--log-level', 'debug']);
    await program.until(({ event, code }) => event === 'problem' && code === 'no-network');
    await home.client.namespace.ip(`
      link set eth0 up
      route add default via ${home.gateway.address}
      route add 224.0.0.0/4 dev eth0
    `);
    await reopened(home, program, SOON);
    expect(await program.interrupt()).toMatchObject({ code: 0 });
  });

  test('open --wait: no default route at the start', async (context) => {
    const home = await homeOf(context, 'pxp-only');
    await serve(home);
    await home.client.namespace.ip('route del default');
    const program = portkeeper(home.client, ['open', ...PORTS, '--wait', '--json', '--log-level', 'debug']);
    await program.until(({ event, code }) => event === 'problem' && code === 'no-gateway');
    expect(program.process.running).toBe(true);
    await home.client.namespace.ip(`route add default via ${home.gateway.address}`);
    await reopened(home, program, SOON);
    expect(await program.interrupt()).toMatchObject({ code: 0 });
  });

  test('run: no default route at the start', async (context) => {
    const home = await homeOf(context, 'pxp-only');
    await serve(home);
    await home.client.namespace.ip('route del default');
    const file = join(home.client.namespace.home, 'ports.csv');
    await writeFile(file, 'address;port;protocol;duration;comment\n;25565;TCP;600;game\n;34197;UDP;600;game\n');
    const pid = join(home.client.namespace.home, 'portkeeper.pid');
    const words = ['run', '--foreground', '--file', file, '--pid-file', pid, '--close-ports-on-exit', '--json'];
    const program = portkeeper(home.client, [...words, '--log-level', 'debug']);
    await program.until(({ event, code }) => event === 'problem' && code === 'no-gateway');
    await home.client.namespace.ip(`route add default via ${home.gateway.address}`);
    await reopened(home, program, SOON);
    expect(await program.interrupt()).toMatchObject({ code: 0 });
    expect(await home.gateway.nftRules()).toEqual([]);
  });
});

describe.concurrent('a program that was stopped for a while, as a machine that slept', () => {
  test.for(['igd2', 'upnp-only'] as const)(
    '%s: what ended meanwhile is open again at once',
    async (flavour, context) => {
      const home = await homeOf(context, flavour);
      const program = await hold(home, '--lease', '6s', '--log-level', 'debug');
      program.process.signal('SIGSTOP');
      await within(60_000, program, async () => (await home.gateway.nftRules()).length === 0);
      expect(await silent(home)).toBe(true);
      program.process.signal('SIGCONT');
      await reopened(home, program, SOON);
      await sleep(8000);
      expect(await answers(home)).toEqual(ALIVE);
      expect(await program.interrupt()).toMatchObject({ code: 0 });
    },
  );
});
