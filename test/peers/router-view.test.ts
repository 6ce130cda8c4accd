/** The window's view of a router, on a real gateway. */
import { expect, test } from 'vitest';
import { trafficRate, type GatewayTable } from '../../main/contract/gateway-table.ts';
import type { GatewayView } from '../../main/contract/snapshot.ts';
import { port } from '../../main/contract/units.ts';
import { PUBLIC_WAN } from './lab/flavours.ts';
import type { Home } from './lab/home.ts';
import { upnpc } from './lab/observers.ts';
import { homeFor } from './lab/opening.ts';
import { served, type Served } from './lab/served.ts';

/** `8080/tcp other Camera`. */
const whose = ({ entries }: GatewayTable): readonly string[] =>
  entries.map((entry) => `${entry.external.port}/${entry.transport} ${entry.owner.is} ${entry.description}`);

/** Once its UPnP has been found. */
async function routerOf(at: Served): Promise<GatewayView> {
  const { engine } = await at.until(({ engine: { gateways } }) => gateways[0]?.canList === true);
  const [gateway] = engine.gateways;
  if (gateway === undefined) throw new Error('no gateway');
  return gateway;
}

/** `8080/tcp`, as it is really forwarded. */
const rules = async (home: Home): Promise<readonly string[]> =>
  (await home.gateway.nftRules()).map(({ external, transport }) => `${external}/${transport}`).toSorted();

test('the table says whose what is; what is closed is closed, whoever made it, and bytes are counted', async () => {
  const home = await homeFor('upnp-only');
  const theirs = { transport: 'tcp', internal: 80, external: 8080, lifetime: 600, description: 'Camera' } as const;
  expect(await upnpc(home.other, home.gateway).add(theirs)).toMatchObject({ ok: true });
  const game = { transport: 'udp', internal: 3074, external: 3074, lifetime: 600, description: 'A game' } as const;
  expect(await upnpc(home.client, home.gateway).add(game)).toMatchObject({ ok: true });
  await home.client.echo.tcp(25_565);

  const at = await served(home.client);
  const forward = {
    transports: ['tcp'],
    external: { first: 25_565, last: 25_565 },
    internal: { first: 25_565 },
  } as const;
  await at.do('profile.add', { profile: { name: 'Minecraft', forwards: [forward], on: true } });
  await at.until((snapshot) => snapshot.engine.mappings[0]?.status.at === 'open');
  const { id: gateway, ...skills } = await routerOf(at);
  expect(skills).toMatchObject({ canList: true, countsTraffic: true });

  const table = await at.do('gateway.list', { gateway });
  expect(table.whole).toBe(true);
  expect(whose(table)).toEqual([
    '3074/udp this-computer A game',
    '8080/tcp other Camera',
    '25565/tcp ours PK-25565T Minecraft',
  ]);
  expect(table.entries[1]).toMatchObject({ internal: { client: home.other.address, port: 80 } });
  expect(table.entries[2]).toMatchObject({ owner: { forward: 'minecraft/1', profile: 'minecraft' } });

  const close = (transport: 'tcp' | 'udp', external: number, client: string) =>
    at.client.ask('gateway.close', { gateway, transport, external: port(external), client });
  // Somebody else than was shown; then a profile's own.
  expect(await close('tcp', 8080, home.client.address)).toMatchObject({
    fault: { reason: { code: 'entry-elsewhere' } },
  });
  expect(await close('tcp', 25_565, home.client.address)).toMatchObject({
    fault: { reason: { code: 'entry-wanted' } },
  });
  expect(await rules(home)).toEqual(['25565/tcp', '3074/udp', '8080/tcp']);
  expect(await close('tcp', 8080, home.other.address)).toEqual({ ok: true, value: {} });
  expect(await close('udp', 3074, home.client.address)).toEqual({ ok: true, value: {} });
  expect(await rules(home)).toEqual(['25565/tcp']);

  const before = await at.do('gateway.traffic', { gateway });
  await expect
    .poll(
      async () => {
        // A friend keeps knocking.
        expect(await home.internet.reach('tcp', PUBLIC_WAN.address, 25_565)).toBe('client');
        const after = await at.do('gateway.traffic', { gateway });
        const rate = trafficRate(before, after);
        return rate !== undefined && rate.received > 0 && rate.sent > 0;
      },
      { interval: 300 },
    )
    .toBe(true);
  await at.program.interrupt();
  expect(await rules(home)).toEqual([]);
});

test('where the gateway lets only the device itself close it, it stays, and that is said', async () => {
  const home = await homeFor('openwrt');
  const theirs = { transport: 'tcp', internal: 8080, external: 8080, lifetime: 600, description: 'Camera' } as const;
  expect(await upnpc(home.other, home.gateway).add(theirs)).toMatchObject({ ok: true });
  const at = await served(home.client);
  const { id: gateway } = await routerOf(at);
  expect(whose(await at.do('gateway.list', { gateway }))).toEqual(['8080/tcp other Camera']);
  const input = { gateway, transport: 'tcp', external: port(8080), client: home.other.address } as const;
  expect(await at.client.ask('gateway.close', input)).toMatchObject({
    fault: { code: 'gateway-failed', reason: { code: 'entry-refused', parameters: { failure: 'upnp 606' } } },
  });
  expect(await rules(home)).toEqual(['8080/tcp']);
  await at.program.interrupt();
});
