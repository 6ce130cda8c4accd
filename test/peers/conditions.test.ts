/** Profiles that open automatically: a real server comes and goes, a real gateway's rules follow. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { homeOf, within } from './lab/holding.ts';
import { served } from './lab/served.ts';
import { PUBLIC_WAN } from './lab/flavours.ts';

/** Milliseconds; only ends a test that hangs: two seconds are usual. */
const FOLLOWS = 60_000;

test('a profile is open while a server listens; ten quick restarts close it once at most', async (context) => {
  const home = await homeOf(context, 'igd2');
  const serving = await served(home.client);
  const open = async (name: string, transport: 'tcp' | 'udp', port: number): Promise<void> => {
    const range = { first: port, last: port };
    const forwards = [{ transports: [transport], external: range, internal: { first: port } }];
    const { id } = await serving.do('profile.add', { profile: { name, forwards, opensWhile: { is: 'listening' } } });
    await serving.do('profile.switch', { id, on: true });
  };
  await open('Minecraft', 'tcp', 25_565);
  await open('Factorio', 'udp', 34_197);
  const isOpen = async (port: number): Promise<boolean> =>
    (await home.gateway.nftRules()).some(({ external }) => external === port);
  const follows = (port: number, is: boolean): Promise<number> =>
    within(FOLLOWS, serving.program, async () => (await isOpen(port)) === is);
  expect(await home.gateway.nftRules()).toEqual([]);

  await home.client.echo.udp(34_197);
  await follows(34_197, true);
  expect(await home.internet.reach('udp', PUBLIC_WAN.address, 34_197)).toBe('client');
  await home.client.echo.stop('udp', 34_197);
  await follows(34_197, false);

  await home.client.echo.tcp(25_565);
  await follows(25_565, true);
  const changes: boolean[] = [];
  serving.client.watch(({ conditions: [minecraft] }) => {
    if (minecraft !== undefined && changes.at(-1) !== minecraft.isMet) changes.push(minecraft.isMet);
  });
  for (let restart = 0; restart < 10; restart++) {
    await home.client.echo.stop('tcp', 25_565);
    await sleep(100 + restart * 100);
    await home.client.echo.tcp(25_565);
    await sleep(300);
  }
  // Open at first; closed once and opened once at most.
  expect(changes.length).toBeLessThanOrEqual(3);
  await follows(25_565, true);
});
