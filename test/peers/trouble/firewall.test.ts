/** miniupnpd whose firewall chains are missing: what it accepts does not come to be, and it hardly says why. */
import { expect, test } from 'vitest';
import { PUBLIC_WAN } from '../lab/flavours.ts';
import { homeFor, opened, told } from '../lab/opening.ts';

test.each([
  ['auto', 'firewall-failed'],
  ['natpmp', 'firewall-failed'],
  ['pcp', 'router-failed'],
  ['upnp', 'router-failed'],
] as const)('over %s it is reported as %s, with the address that it does have', async (protocol, code) => {
  const home = await homeFor('igd2');
  await home.gateway.daemon.removeChains();
  const { program, ready, told: answers } = await opened(home, '25565/tcp', '--protocol', protocol);
  expect(ready).toMatchObject({ open: 0, waiting: 1 });
  expect(answers).toMatchObject([{ status: 'waiting', problem: { code, todo: expect.stringContaining('restart') } }]);
  const [answer] = answers;
  // Over PCP alone nobody reports the address.
  if (protocol !== 'pcp') expect(answer?.problem?.why).toContain(PUBLIC_WAN.address);
  expect(JSON.stringify(program.said)).not.toMatch(/no-external-address|table-full|one-per-internal-port/);
  await program.interrupt();
});

test('a forward refused this way is opened once the chains are back', async () => {
  const home = await homeFor('igd2');
  await home.client.echo.tcp(25_565);
  await home.gateway.daemon.removeChains();
  const { program } = await opened(home, '25565/tcp');
  await home.gateway.daemon.restoreChains();
  await program.until(({ event, status }) => event === 'mapping' && status === 'open');
  expect(told(program.said)).toMatchObject([{ status: 'open' }]);
  expect(await home.internet.reach('tcp', PUBLIC_WAN.address, 25_565)).toBe('client');
  await program.interrupt();
  expect(await home.gateway.nftRules()).toEqual([]);
});
