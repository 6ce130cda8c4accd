/** Files of the data folder that cannot be used: ports stay open, commands run, and what is lost is said. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Workplace, type DemoRouter, type Outcome, type Portkeeper } from '../support/portkeeper-process.ts';

let place: Workplace;
let router: DemoRouter;

beforeEach(async () => {
  place = await Workplace.create();
  router = await place.demoRouter();
});

afterEach(() => place.close());

async function add(): Promise<void> {
  const { code } = await place.run(['profile', 'add', 'Web', '41100/tcp', '--on']);
  expect(code).toBe(0);
}

/** Runs with the temporary folder of the workplace, where nobody else meets it. */
function serve(...args: readonly string[]): Portkeeper {
  const options = ['--data-dir', place.path('data'), ...router.upnp, ...args];
  return place.start(['serve', '--no-window', ...options], { env: { ...process.env, TMPDIR: place.folder } });
}

async function ask(...args: readonly string[]): Promise<Outcome> {
  const options = ['--data-dir', place.path('data')];
  const asked = place.start([...args, ...options], { env: { ...process.env, TMPDIR: place.folder } });
  asked.process.endInput();
  return await asked.ended();
}

const isOpen = (program: Portkeeper): Promise<string> => program.line(/^open +41100\/tcp/);

/** Opened, and then killed: the router still has it. */
async function openedOnce(): Promise<void> {
  await add();
  const before = serve();
  await isOpen(before);
  await before.process.end('SIGKILL');
  expect(router.table).toContain('41100/tcp');
}

describe('a journal', () => {
  test.each([
    ['a folder', (file: string) => mkdir(file)],
    [
      'larger than 64 MiB',
      async (file: string) => {
        await writeFile(file, '');
        await truncate(file, 64 * 1024 ** 2 + 1);
      },
    ],
  ])('that is %s is set aside, and profiles turned on are opened', async (_, spoil) => {
    await add();
    await spoil(place.path('data', 'journal.jsonl'));
    expect((await place.run(['list', ...router.upnp])).code).toBe(0);
    const program = serve();
    await isOpen(program);
    await program.note(/^Couldn’t read .*journal\.jsonl\.$/);
    await program.note(/Ports that were left open earlier/);
    expect((await program.interrupt()).code).toBe(0);
    expect((await readdir(place.path('data'))).some((name) => name.startsWith('journal.unreadable-'))).toBe(true);
    expect(router.table).not.toContain('41100/tcp');
  });
});

describe('profiles', () => {
  const SPOILT: Readonly<Record<string, (file: string) => Promise<unknown>>> = {
    'are damaged': (file) => writeFile(file, '{ torn'),
    'have another shape': (file) => writeFile(file, '{"version":1,"profiles":{"not":"a list"}}'),
    'are a folder': async (file) => {
      await rm(file);
      await mkdir(file);
    },
  };

  test.each(['have another shape', 'are a folder'])(
    'that %s are taken from the last good version, and nothing is closed',
    async (how) => {
      await openedOnce();
      await SPOILT[how]?.(place.path('data', 'profiles.json'));
      const program = serve();
      await program.note(/^Profiles on: 1 of 1\./);
      await isOpen(program);
      await program.note(/Portkeeper uses the last good version/);
      expect(router.table).toContain('41100/tcp');
      expect((await program.interrupt()).code).toBe(0);
    },
  );

  test.each(['are damaged', 'have another shape'])(
    'that %s, without a good version: nothing is closed, and nothing is overwritten',
    async (how) => {
      await openedOnce();
      await SPOILT[how]?.(place.path('data', 'profiles.json'));
      await rm(place.path('data', 'profiles.last-good.json'));
      const program = serve();
      await program.note(/^Profiles on: 0 of 0\./);
      expect(program.process.errors.join('\n')).not.toContain('the last good version');
      await isOpen(program);
      expect(router.table).toContain('41100/tcp');
      expect((await program.interrupt()).code).toBe(0);
      expect(existsSync(place.path('data', 'profiles.json'))).toBe(true);
    },
  );
});

test('profiles that cannot be read are said once, and "with" runs its command', async () => {
  await mkdir(place.path('data'));
  await writeFile(place.path('data', 'profiles.json'), '{ torn');
  const options = ['--data-dir', place.path('data'), ...router.upnp];
  const { code, stdout, stderr } = await place.run(['with', 'web', ...options, '--', 'sh', '-c', 'echo runs; exit 7']);
  expect([code, stdout]).toEqual([7, 'runs']);
  expect(stderr.match(/^Couldn’t read profiles and settings from .*profiles\.json/gm)).toHaveLength(1);
});

describe('a data folder that is removed', () => {
  test.each([
    ['as a whole', (folder: string) => rm(folder, { recursive: true, maxRetries: 20 })],
    [
      'file by file',
      async (folder: string) => {
        for (const name of ['profiles.json', 'profiles.last-good.json', 'journal.jsonl', 'lock']) {
          await rm(path.join(folder, name));
        }
      },
    ],
  ])('%s, while ports are open, is written again, and nobody starts beside', async (_, take) => {
    await add();
    const program = serve();
    await isOpen(program);
    await take(place.path('data'));
    // File by file it is noticed more than once.
    const repairs = (): number => program.process.errors.filter((line) => line.includes('was taken away')).length;
    await expect.poll(repairs).toBeGreaterThan(0);
    await expect
      .poll(async () => [repairs(), await sleep(1500), repairs()].filter(Number))
      .toSatisfy(([before, after]) => before === after);
    await expect.poll(() => existsSync(place.path('data', 'profiles.json'))).toBe(true);
    await expect.poll(async () => (await ask('status')).stdout).toContain('41100/tcp');
    expect((await serve().ended()).code).toBe(4);
    expect(router.table).toContain('41100/tcp');
    expect((await ask('profile', 'off', 'web')).code).toBe(0);
    expect(router.table).not.toContain('41100/tcp');
    expect((await ask('profile', 'on', 'web')).code).toBe(0);
    // Open ports are on record again, so that another one can close them.
    await program.process.end('SIGKILL');
    expect((await ask('close', '--all', ...router.upnp)).stdout).toContain('1 port closed.');
    expect(router.table).not.toContain('41100/tcp');
    expect((await ask('profile', 'list')).stdout).toMatch(/^web +on/m);
  });
});

describe('a place that cannot be used', () => {
  test('for the lock and the socket: another is found, and commands still meet', async () => {
    await add();
    await rm(place.path('data', 'lock'));
    for (const name of ['lock', 'control.json']) await mkdir(place.path('data', name));
    await writeFile(place.path('data', 'control'), 'in the way');
    const program = serve();
    await isOpen(program);
    expect((await ask('status')).stdout).toContain('41100/tcp');
    const second = serve();
    expect((await second.ended()).code).toBe(4);
    expect((await ask('profile', 'off', 'web')).code).toBe(0);
    expect(router.table).not.toContain('41100/tcp');
    expect((await program.interrupt()).code).toBe(0);
  });

  test('for anything: "with" says so, and runs its command', async () => {
    await writeFile(place.path('data'), 'a file');
    const { code, stdout, stderr } = await place.run([
      'with',
      'web',
      '--data-dir',
      place.path('data'),
      ...router.upnp,
      '--',
      'sh',
      '-c',
      'echo the game runs; exit 7',
    ]);
    expect(stdout).toBe('the game runs');
    expect(stderr).toContain('There is a file where a folder is needed.');
    expect(code).toBe(7);
  });
});
