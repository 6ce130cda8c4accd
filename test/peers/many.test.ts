/** Five hundred forwards on real gateways, which live through it: Debian's miniupnpd dies of one action when its table is large (E16). */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PUBLIC_WAN } from './lab/flavours.ts';
import type { Home } from './lab/home.ts';
import { upnpc } from './lab/observers.ts';
import { homeFor } from './lab/opening.ts';
import { portkeeper, portkeeperOnce } from './lab/portkeeper.ts';

const FIRST = 20_000;
const LAST = 20_249;
const EACH = Array.from({ length: LAST - FIRST + 1 }, (_, at) => FIRST + at);
const ALL = EACH.flatMap((port) => [`${port}/tcp`, `${port}/udp`]);
/** The kernel of the gateway takes up to 30 ms to take out a rule. */
const PATIENT = { timeoutMs: 180_000 };

async function rules(home: Home): Promise<readonly string[]> {
  return (await home.gateway.nftRules()).map(({ external, transport }) => `${external}/${transport}`).toSorted();
}

/** All are there, each leading to the port of the same number at the client. */
async function expectAll(home: Home): Promise<void> {
  expect(await home.gateway.alive()).toBe(true);
  const found = await home.gateway.nftRules();
  expect(found.every(({ client, internal, external }) => client === home.client.address && internal === external)).toBe(
    true,
  );
  expect(await rules(home)).toEqual(ALL);
}

/** Our list, once upnpc agrees. */
async function listed(home: Home): Promise<readonly string[]> {
  const { json, code } = await portkeeperOnce(home.client, ['list', '--json']);
  expect(code).toBe(0);
  expect(await home.gateway.alive()).toBe(true);
  const { mappings = [] }: { mappings?: readonly { externalPort: number; transport: string; ours: boolean }[] } =
    Object(json);
  const theirs = await upnpc(home.other, home.gateway).list();
  expect(theirs.map(({ external, transport }) => `${external}/${transport}`).toSorted()).toEqual(
    mappings.map(({ externalPort, transport }) => `${externalPort}/${transport}`),
  );
  return mappings.flatMap(({ externalPort, transport, ours }) => (ours ? [`${externalPort}/${transport}`] : []));
}

test.each(['upnp', 'pcp', 'natpmp'] as const)('a file of 250 TCP and 250 UDP ports, over %s', async (protocol) => {
  const home = await homeFor('igd2');
  await home.client.echo.tcp(FIRST);
  await home.client.echo.udp(LAST);
  const file = join(home.client.namespace.home, 'ports.csv');
  const line = (name: string) => `;${name.replace('/', ';').toUpperCase()};3600;one of many`;
  await writeFile(file, `address;port;protocol;duration;comment\n${ALL.map(line).join('\n')}\n`);
  const words = `run --foreground --json --close-ports-on-exit --protocol ${protocol}`.split(' ');
  const program = portkeeper(home.client, words.concat('--file', file, '--pid-file', `${file}.pid`));
  expect(await program.until(({ event }) => event === 'ready')).toMatchObject({ open: 500, refused: 0, waiting: 0 });
  await expectAll(home);
  expect(await home.internet.reach('tcp', PUBLIC_WAN.address, FIRST)).toBe('client');
  expect(await home.internet.reach('udp', PUBLIC_WAN.address, LAST)).toBe('client');
  expect(await listed(home)).toEqual(ALL);

  expect(await program.interrupt()).toMatchObject({ code: 0 });
  expect(await home.gateway.alive()).toBe(true);
  expect(await rules(home)).toEqual([]);
  expect(await listed(home)).toEqual([]);
});

test.each(['upnp-only', 'pxp-only'] as const)(
  '%s: a range, opened once and closed by another start',
  async (flavour) => {
    const home = await homeFor(flavour);
    const range = `${FIRST}-${LAST}`;
    expect(await portkeeperOnce(home.client, ['open', range, '--once', '--yes'], PATIENT)).toMatchObject({ code: 0 });
    await expectAll(home);
    const closing = await portkeeperOnce(home.client, ['close', range], PATIENT);
    expect(closing).toMatchObject({ code: 0, stdout: '500 ports closed.' });
    expect(await home.gateway.alive()).toBe(true);
    expect(await rules(home)).toEqual([]);
  },
);
