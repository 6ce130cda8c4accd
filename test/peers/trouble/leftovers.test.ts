/** Leftovers of an unplanned end on a real gateway, ports kept on purpose, and how both are removed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { PUBLIC_WAN, type Flavour } from '../lab/flavours.ts';
import type { Home } from '../lab/home.ts';
import { upnpc } from '../lab/observers.ts';
import { homeFor, opened } from '../lab/opening.ts';
import { portkeeper, portkeeperOnce } from '../lab/portkeeper.ts';

const FLAVOURS = ['igd2', 'igd1', 'pxp-only', 'openwrt'] as const satisfies readonly Flavour[];

/** More by hand: `KILLS=13 npx vitest run test/peers/trouble/leftovers.test.ts -t "in the middle"`. */
const KILLS = Number(process.env['KILLS'] ?? 1);

/** `25565/tcp`, sorted. */
async function rules(home: Home): Promise<readonly string[]> {
  return (await home.gateway.nftRules()).map(({ external, transport }) => `${external}/${transport}`).toSorted();
}

const emptied = (home: Home) => expect.poll(() => rules(home), { interval: 250 });

describe('kill -9', () => {
  test.each(FLAVOURS)('%s: the next start keeps what is still wanted and closes the rest', async (flavour) => {
    const home = await homeFor(flavour);
    await home.client.echo.tcp(25_565);
    const first = await opened(home, '25565/tcp', '34197/udp', '18080:8080/tcp');
    await first.program.crash();
    expect(await rules(home)).toEqual(['18080/tcp', '25565/tcp', '34197/udp']);

    const second = await opened(home, '25565/tcp', '27015/udp');
    expect(second.ready).toMatchObject({ open: 2, refused: 0, waiting: 0 });
    await emptied(home).toEqual(['25565/tcp', '27015/udp']);
    expect(await home.internet.reach('tcp', PUBLIC_WAN.address, 25_565)).toBe('client');
    await second.program.interrupt();
    expect(await rules(home)).toEqual([]);
  });

  test.each(FLAVOURS)('%s: in the middle of opening many, nothing stays that nobody wants', async (flavour) => {
    const home = await homeFor(flavour);
    for (let kill = 0; kill < KILLS; kill += 1) {
      const from = 20_000 + 200 * kill;
      const first = portkeeper(home.client, ['open', `${from}-${from + 199}/tcp`, '--yes', '--json']);
      await first.until(({ status }) => status === 'open');
      if (kill > 0) await sleep(Math.random() * 2000);
      await first.crash();
      expect((await rules(home)).length).toBeGreaterThan(0);
    }

    const second = await opened(home, '25565/tcp');
    await emptied(home).toEqual(['25565/tcp']);
    await second.program.interrupt();
    expect(await rules(home)).toEqual([]);
  });

  test('close removes the ports of a killed one, the rest of the table stays', async () => {
    const home = await homeFor('igd2');
    await upnpc(home.client, home.gateway).add({ transport: 'tcp', internal: 80, external: 8080, lifetime: 600 });
    const { program } = await opened(home, '25565/tcp', '34197/udp');
    await program.crash();
    const closing = await portkeeperOnce(home.client, ['close', '--all']);
    expect(closing).toMatchObject({ code: 0, stdout: '2 ports closed.' });
    expect(await rules(home)).toEqual(['8080/tcp']);
  });

  test('the data folder lost as well: what says that it is ours is closed', async () => {
    const home = await homeFor('igd1');
    const { program } = await opened(home, '25565/tcp', '--data-dir', `${home.client.namespace.home}/lost`);
    await program.crash();
    expect(await portkeeperOnce(home.client, ['close', '--all'])).toMatchObject({ code: 0 });
    expect(await rules(home)).toEqual([]);
  });
});

describe('left open on purpose', () => {
  test.each(FLAVOURS)('%s: --keep leaves it to the lease, close ends it', async (flavour) => {
    const home = await homeFor(flavour);
    await home.client.echo.tcp(25_565);
    const { program } = await opened(home, '25565/tcp', '34197/udp', '--keep');
    expect(await program.interrupt()).toMatchObject({ code: 0 });
    expect(await home.internet.reach('tcp', PUBLIC_WAN.address, 25_565)).toBe('client');

    expect(await portkeeperOnce(home.client, ['close', '25565/tcp'])).toMatchObject({
      code: 0,
      stdout: '1 port closed.',
    });
    expect(await rules(home)).toEqual(['34197/udp']);
    expect(await portkeeperOnce(home.client, ['close', '--all'])).toMatchObject({ code: 0 });
    expect(await rules(home)).toEqual([]);
  });

  test.each(FLAVOURS)('%s: --once exits and leaves it open; other starts do not touch it', async (flavour) => {
    const home = await homeFor(flavour);
    expect(await portkeeperOnce(home.client, ['open', '25565/tcp', '--once'])).toMatchObject({ code: 0 });
    expect(await rules(home)).toEqual(['25565/tcp']);
    const { program } = await opened(home, '34197/udp');
    await program.interrupt();
    expect(await rules(home)).toEqual(['25565/tcp']);
  });

  test("close does not touch another host's port, and says whose it is", async () => {
    const home = await homeFor('igd2');
    const his = { transport: 'tcp', internal: 9000, external: 8080, lifetime: 600, description: 'his game' } as const;
    await upnpc(home.other, home.gateway).add(his);
    const { code, stderr } = await portkeeperOnce(home.client, ['close', '8080/tcp']);
    expect(code).toBe(1);
    expect(stderr).toContain(`8080/tcp was opened by another program or device (${home.other.address}, “his game”)`);
    expect(await rules(home)).toEqual(['8080/tcp']);
  });
});

describe('a gateway that is gone when it is to close', () => {
  test.each(['igd2', 'igd1'] as const)('%s: Ctrl-C says what may stay open, and until when', async (flavour) => {
    const home = await homeFor(flavour);
    const { program } = await opened(home, '25565/tcp', '34197/udp', '--lease', '10m');
    await home.gateway.kill();
    const { code, stderr } = await program.interrupt();
    expect(code).toBe(1);
    for (const name of ['25565/tcp', '34197/udp']) {
      expect(stderr).toMatch(new RegExp(`Couldn’t close ${name}: .* It may stay open until `));
    }
    const left = program.said.filter((value) => Object(value).event === 'not-closed');
    expect(left).toMatchObject([{ wantedPort: 25_565 }, { wantedPort: 34_197 }]);

    await home.gateway.start();
    expect(await portkeeperOnce(home.client, ['close', '--all'])).toMatchObject({ code: 0 });
    expect(await rules(home)).toEqual([]);
  });

  test('close says that there is no router, and what may stay open; the next one closes it', async () => {
    const home = await homeFor('igd2');
    const { program } = await opened(home, '25565/tcp', '--keep');
    await program.interrupt();
    await home.gateway.kill();
    const { code, stderr, stdout } = await portkeeperOnce(home.client, ['close', '--all']);
    expect({ code, said: `${stdout}${stderr}` }).toMatchObject({ code: 3 });
    expect(`${stdout}${stderr}`).toContain('25565/tcp');

    await home.gateway.start();
    expect(await portkeeperOnce(home.client, ['close', '--all'])).toMatchObject({ code: 0 });
    expect(await rules(home)).toEqual([]);
  });
});
