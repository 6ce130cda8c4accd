/** A hundred forwards, and a router that restarts, keeps its table and is busy meanwhile: nothing is refused because of us. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, type TestContext } from 'vitest';
import type { Home } from '../lab/home.ts';
import { homeOf, within } from '../lab/holding.ts';
import { portkeeper, type Portkeeper } from '../lab/portkeeper.ts';

const FIRST = 20_000;
const LAST = 20_049;
const HELD = 2 * (LAST - FIRST + 1);
/** Longer than all of them take, one after the other, and the time until a silent protocol is given up. */
const BACK = 120_000;
/** Just after a start a gateway looks the same as one that starts again. */
const SETTLED = 6000;

/** TCP and UDP of fifty ports. */
async function holding(home: Home, protocol: string, ...more: readonly string[]): Promise<Portkeeper> {
  const args = ['open', `${FIRST}-${LAST}`, '--json', '--protocol', protocol, '--log-level', 'debug', ...more];
  const program = portkeeper(home.client, args);
  expect(await program.until(({ event }) => event === 'ready')).toMatchObject({ open: HELD, refused: 0 });
  await sleep(SETTLED);
  return program;
}

const mappingsSaid = (program: Portkeeper, status: string, since: number): readonly unknown[] =>
  program.said
    .slice(since)
    .filter((value) => Object(value)['event'] === 'mapping' && Object(value)['status'] === status);

/** Each of them is asked for again and forwards, and none was refused on the way. */
async function heldAgain(home: Home, program: Portkeeper, since: number): Promise<void> {
  await within(BACK, program, async () => (await home.gateway.nftRules()).length === HELD);
  await sleep(SETTLED);
  expect(mappingsSaid(program, 'refused', since)).toEqual([]);
  expect(program.process.errors.filter((line) => /open failed .* error="(?:Malformed|Refused)/.test(line))).toEqual([]);
  await within(BACK, program, async () => (await home.gateway.nftRules()).length === HELD);
}

async function closesAll(home: Home, program: Portkeeper): Promise<void> {
  await program.interrupt();
  expect(await home.gateway.nftRules()).toEqual([]);
}

/** Stops the daemon now and then for longer than is waited before a datagram is sent again, as a router does that has
 * much else to do: it then answers both. */
async function busyFor(home: Home, milliseconds: number): Promise<void> {
  const pid = await home.gateway.daemon.pid();
  if (pid === undefined) throw new Error('the daemon does not run');
  for (const end = performance.now() + milliseconds; performance.now() < end;) {
    process.kill(pid, 'SIGSTOP');
    await sleep(700 + 900 * Math.random());
    process.kill(pid, 'SIGCONT');
    await sleep(10 + 40 * Math.random());
  }
}

test.concurrent.for(['pcp', 'natpmp'] as const)(
  '%s: a restart of a busy router',
  async (protocol, context: TestContext) => {
    const home = await homeOf(context, 'igd2');
    const program = await holding(home, protocol);
    const since = program.said.length;
    await home.gateway.restart();
    await busyFor(home, 20_000);
    await heldAgain(home, program, since);
    await closesAll(home, program);
  },
);

test.concurrent('PCP and NAT-PMP fall silent while a restart is answered, and UPnP takes over', async (context) => {
  const home = await homeOf(context, 'igd2');
  // Entries shown in the table are left alone until they have to be renewed.
  const program = await holding(home, 'auto', '--lease', '120');
  const since = program.said.length;
  // Signs of the restart get through, and hardly more.
  await home.gateway.kill();
  await home.gateway.namespace.nft(`
    table inet silence {
      chain input {
        type filter hook input priority -400; policy accept
        iifname "lan0" udp dport 5351 quota over 200 bytes drop
      }
    }
  `);
  await home.gateway.start();
  await within(BACK, program, async () =>
    mappingsSaid(program, 'open', since).some((said) => Object(said).protocol === 'igd'),
  );
  await heldAgain(home, program, since);
  await home.gateway.namespace.nft('delete table inet silence');
  await sleep(SETTLED);
  await heldAgain(home, program, since);
  await closesAll(home, program);
});
