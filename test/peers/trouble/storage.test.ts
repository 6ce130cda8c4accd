/** A data folder that fails, beside a real gateway: what is wanted stays open, and what is lost is said. */
import { mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, type TestContext } from 'vitest';
import { ALIVE, answers, homeOf, serve, silent } from '../lab/holding.ts';
import type { Home } from '../lab/home.ts';
import { portkeeper, portkeeperOnce, type Portkeeper } from '../lab/portkeeper.ts';
import { must, run } from '../lab/process.ts';

const PROFILE = ['Game', '25565/tcp', '34197/udp'] as const;

interface Place {
  readonly home: Home;
  /** A disk of its own. */
  readonly folder: string;
  readonly ask: (...args: readonly string[]) => ReturnType<typeof portkeeperOnce>;
  /** `portkeeper serve`, once both ports are open. */
  readonly served: () => Promise<Portkeeper>;
}

async function placeOf(context: TestContext): Promise<Place> {
  const home = await homeOf(context, 'igd2');
  await serve(home);
  const folder = join(home.folder, 'disk');
  await mkdir(folder);
  await must(['mount', '-t', 'tmpfs', '-o', 'size=256k,mode=700', 'tmpfs', folder]);
  onTestFinished(async () => void (await run(['umount', '--lazy', folder])));
  const ask: Place['ask'] = (...args) => {
    const end = args.includes('--') ? args.indexOf('--') : args.length;
    return portkeeperOnce(home.client, args.toSpliced(end, 0, '--data-dir', folder));
  };
  const served = async (): Promise<Portkeeper> => {
    const program = portkeeper(home.client, ['serve', '--no-window', '--json', '--data-dir', folder]);
    const open = new Set<unknown>();
    await program.until(({ event, status, externalPort }) => {
      if (event === 'mapping' && status === 'open') open.add(externalPort);
      return open.size === 2;
    });
    return program;
  };
  return { home, folder, ask, served };
}

async function fill(folder: string): Promise<void> {
  await must(['sh', '-c', 'cat /dev/zero > "$0/ballast" 2>/dev/null; true', folder]);
}

test('a full disk: all is opened and closed, other commands are answered, and what is not saved is said', async (context) => {
  const { home, folder, ask, served } = await placeOf(context);
  expect(await ask('profile', 'add', ...PROFILE, '--on')).toMatchObject({ code: 0 });
  await fill(folder);

  const program = await served();
  expect(await answers(home)).toEqual(ALIVE);
  expect((await ask('status')).stdout).toMatch(/^open +25565\/tcp/m);

  const off = await ask('profile', 'off', 'game');
  expect(await silent(home)).toBe(true);
  expect(off.stderr).toMatch(/Couldn’t save the change to .*profiles\.json\./);
  expect(off.stderr).toContain('The disk is full.');
  expect(off.code).toBe(5);

  // As soon as there is room it is saved, and stays off.
  await rm(join(folder, 'ballast'));
  expect((await program.interrupt()).code).toBe(0);
  expect((await ask('profile', 'list')).stdout).toMatch(/^game +off/m);

  await fill(folder);
  const game = await ask('with', 'game', '--', 'sh', '-c', 'sleep 1; echo the game runs; exit 7');
  expect(game).toMatchObject({ code: 7, stdout: 'the game runs' });
  expect(game.stderr).toMatch(/^open +25565\/tcp/m);
});

test('a disk that became read-only: the same', async (context) => {
  const { home, folder, ask, served } = await placeOf(context);
  expect(await ask('profile', 'add', ...PROFILE, '--on')).toMatchObject({ code: 0 });
  await must(['mount', '-o', 'remount,ro', folder]);

  const program = await served();
  expect(await answers(home)).toEqual(ALIVE);
  expect((await ask('status')).stdout).toMatch(/^open +25565\/tcp/m);
  expect(await ask('serve', '--no-window')).toMatchObject({ code: 4 });
  expect(await ask('profile', 'off', 'game')).toMatchObject({ code: 5 });
  expect(await silent(home)).toBe(true);
  const said = await program.interrupt();
  expect(said.code).toBe(5);
  expect(`${said.stdout}${said.stderr}`).not.toMatch(/^\s+at /m);

  const off = await ask('profile', 'off', 'game');
  expect(off).toMatchObject({ code: 5 });
  expect(off.stderr).not.toMatch(/^\s+at /m);

  const game = await ask('with', 'game', '--', 'sh', '-c', 'sleep 1; echo the game runs; exit 7');
  expect(game).toMatchObject({ code: 7, stdout: 'the game runs' });
  expect(game.stderr).toMatch(/^open +25565\/tcp/m);
  expect(await ask('open', '--once', '25565/tcp')).toMatchObject({ code: 0 });
});

test('profiles that cannot be used: nothing that was open is closed', async (context) => {
  const { home, folder, ask, served } = await placeOf(context);
  const file = join(folder, 'profiles.json');
  expect(await ask('profile', 'add', ...PROFILE, '--on')).toMatchObject({ code: 0 });
  let program = await served();
  const rules = await home.gateway.nftRules();
  const damages: readonly (() => Promise<unknown>)[] = [
    () => writeFile(file, '{ torn'),
    () => writeFile(file, '{"version":1,"profiles":{"not":"a list"}}'),
    () => truncate(file, 64 * 1024 ** 2 + 1),
    async () => {
      await rm(file);
      await mkdir(file);
    },
    // Without a good version, too.
    async () => {
      await writeFile(file, '{ torn');
      await rm(join(folder, 'profiles.last-good.json'));
    },
  ];
  for (const damage of damages) {
    await program.crash();
    await damage();
    program = await served();
    await expect.poll(() => home.gateway.nftRules(), { interval: 250 }).toEqual(rules);
    expect(await answers(home)).toEqual(ALIVE);
  }
  expect((await program.interrupt()).code).toBe(0);
  expect(await home.gateway.nftRules()).toEqual([]);
});
