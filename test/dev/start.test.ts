/** `npm start` as a newcomer runs it, in a checkout of its own; Electron is a double. */
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { NODE, RunningProcess } from '../peers/lab/process.ts';
import { eventually } from '../support/portkeeper-process.ts';

const ROOT = path.join(import.meta.dirname, '../..');
/** Parts of a checkout that are built and started. */
const PARTS = [
  'assets',
  'main',
  'preload',
  'renderer',
  'electron.vite.config.ts',
  'package.json',
  'tsconfig.base.json',
];

let place: string;
let running: RunningProcess | undefined;

const checkout = (...parts: readonly string[]): string => path.join(place, 'checkout', ...parts);

beforeAll(async () => {
  place = await mkdtemp(path.join(tmpdir(), 'portkeeper-start-'));
  for (const part of PARTS) {
    await cp(path.join(ROOT, part), checkout(part), { recursive: true }).catch((error: unknown) => {
      if (!isAbsent(error)) throw error;
    });
  }
  await mkdir(checkout('node_modules'));
  for (const name of await readdir(path.join(ROOT, 'node_modules'))) await linkPackage(name);
});
afterEach(async () => {
  if (running?.running === true) await running.end('SIGKILL');
  await rm(path.join(place, 'started.txt'), { force: true });
});
afterAll(() => rm(place, { recursive: true }));

async function linkPackage(name: string): Promise<void> {
  await symlink(path.join(ROOT, 'node_modules', name), checkout('node_modules', name));
}

const isAbsent = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

/** No display, and no Electron, unless the test says so: none is ever fetched. */
function start(args: readonly string[], more: NodeJS.ProcessEnv = {}): RunningProcess {
  const { DISPLAY: _x11, WAYLAND_DISPLAY: _wayland, ...env } = process.env;
  running = RunningProcess.start([NODE, checkout('main/dev/start.ts'), ...args], {
    cwd: place,
    env: {
      ...env,
      PORTKEEPER_DATA_DIR: path.join(place, 'data'),
      ELECTRON_OVERRIDE_DIST_PATH: path.join(place, 'nowhere'),
      TMPDIR: place,
      ...more,
    },
  });
  return running;
}

/** A program in Electron's place that leaves a note of how it was started. */
async function electron(script: string): Promise<NodeJS.ProcessEnv> {
  const folder = path.join(place, 'electron');
  await mkdir(folder, { recursive: true });
  const said = path.join(place, 'started.txt');
  await writeFile(
    path.join(folder, 'electron'),
    `#!/bin/sh\necho "$@ in $PWD, data in $PORTKEEPER_DATA_DIR, node: $ELECTRON_RUN_AS_NODE" > ${said}\n${script}\n`,
  );
  await chmod(path.join(folder, 'electron'), 0o755);
  return { ELECTRON_OVERRIDE_DIST_PATH: folder, DISPLAY: ':0', ELECTRON_RUN_AS_NODE: '1' };
}

const note = (of: RunningProcess, pattern: RegExp): Promise<string> =>
  eventually(async () => {
    const line = of.errors.find((each) => pattern.test(each));
    if (line === undefined && !of.running) throw new Error(`it ended:\n${of.errors.join('\n')}`);
    return line;
  });

/** The window's page, as whoever follows the printed address gets it. */
async function page(of: RunningProcess): Promise<string> {
  const line = await note(of, /^Window, /);
  const address = /http:\S+/.exec(line)?.[0] ?? '';
  return await (await fetch(address)).text();
}

const notesAbout = (of: RunningProcess): readonly string[] =>
  of.errors.filter((line) => line.includes('window for your browser'));

test('without a display: one line, and the window for a browser with a simulated router', async () => {
  const starting = start(['--demo']);
  expect(await page(starting)).toContain('<title>Portkeeper</title>');
  expect(notesAbout(starting)).toEqual(['The same window for your browser, not on your desktop: there is no display.']);
  await note(starting, /simulated router replaces/);
  // The command for another terminal reaches this one.
  const hint = await note(starting, /^Switch profiles in another terminal: npm start -- profile on PROFILE /);
  const looking = start(['status', '--json', ...hint.split(' ').slice(-2)]);
  running = starting;
  expect(JSON.parse((await looking.exited).stdout)).toMatchObject({ running: true });
  expect((await starting.end()).code).toBe(0);
  // Neither the person's own data folder nor a trace of the other.
  await expect(readFile(path.join(place, 'data', 'control.json'))).rejects.toThrow('ENOENT');
});

// Building takes longer than all else here, and the test before has done it.
describe('an existing build', () => {
  beforeAll(async () => {
    await rm(checkout('node_modules/electron-vite'));
    await mkdir(checkout('node_modules/electron-vite/bin'), { recursive: true });
    await writeFile(checkout('node_modules/electron-vite/bin/electron-vite.js'), '');
  });
  afterAll(async () => {
    await rm(checkout('node_modules/electron-vite'), { recursive: true });
    await linkPackage('electron-vite');
  });

  test('without Electron: one line, and the window for a browser', async () => {
    const starting = start([], { DISPLAY: ':0' });
    expect(await page(starting)).toContain('<title>Portkeeper</title>');
    expect(notesAbout(starting)).toEqual([
      'The same window for your browser, not on your desktop: Electron is missing: there is none where ELECTRON_OVERRIDE_DIST_PATH says.',
    ]);
    expect((await starting.end()).code).toBe(0);
  });

  test('with an Electron that cannot start: one line with its reason, and the window for a browser', async () => {
    const broken = await electron('echo "noise" >&2; echo "[1:FATAL] Running as root is not supported." >&2; exit 1');
    const starting = start(['--demo'], broken);
    expect(await page(starting)).toContain('<title>Portkeeper</title>');
    expect(notesAbout(starting)).toEqual([
      'The same window for your browser, not on your desktop: Electron does not start: [1:FATAL] Running as root is not supported.',
    ]);
    expect(starting.errors).not.toContain('noise');
    expect((await starting.end()).code).toBe(0);
  });

  test('with Electron: the application, and nothing else', async () => {
    const starting = start(['--demo'], await electron('echo "a line of its log" >&2'));
    const { code, stderr } = await starting.exited;
    expect(code).toBe(0);
    expect(stderr).toContain('a line of its log');
    expect(stderr).not.toContain('browser');
    const said = await readFile(path.join(place, 'started.txt'), 'utf8');
    expect(said).toMatch(new RegExp(`^\\. --demo in ${checkout()}, data in ${place}/portkeeper-demo-\\w+, node: \n$`));
  });

  test('data kept for the real router is not thrown away with the demo', async () => {
    const write = (profiles: string) =>
      electron(`printf '%s' '{"profiles":${profiles}}' > "$PORTKEEPER_DATA_DIR/profiles.json"`);
    const folderOf = async (): Promise<string> =>
      /data in (\S+),/.exec(await readFile(path.join(place, 'started.txt'), 'utf8'))?.[1] ?? '';
    const nothing = await start(['--demo'], await write('[]')).exited;
    expect(nothing.stderr).not.toContain('portkeeper-demo-');
    await expect(readFile(path.join(await folderOf(), 'profiles.json'))).rejects.toThrow('ENOENT');
    const kept = await start(['--demo'], await write('[{"id":"web"}]')).exited;
    expect(kept.stderr).toContain(`PORTKEEPER_DATA_DIR=${await folderOf()} npm start`);
    expect(await readFile(path.join(await folderOf(), 'profiles.json'), 'utf8')).toContain('web');
  });

  test('a signal reaches the application, and its end is awaited', async () => {
    const starting = start(
      [],
      await electron('trap "echo bye >&2; exit 0" TERM; echo up >&2; while :; do sleep 0.1; done'),
    );
    await eventually(async () => await readFile(path.join(place, 'started.txt'), 'utf8').catch(() => undefined));
    starting.signal('SIGTERM');
    const { code, stderr } = await starting.exited;
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('bye') });
  });
});

test('with arguments it is the command line', async () => {
  const { code, stdout } = await start(['presets', 'minecraft']).exited;
  expect(code).toBe(0);
  expect(stdout).toContain('25565');
  expect((await start(['--version']).exited).stdout).toMatch(/^\d+\.\d+\.\d+/);
  expect((await start(['--demo', '--elsewhere']).exited).code).toBe(2);
});

test('a failed build is reported, and nothing is started', async () => {
  const file = checkout('renderer/index.tsx');
  const good = await readFile(file, 'utf8');
  await writeFile(file, 'import "./nowhere.ts";');
  const { code, stderr } = await start(['--demo']).exited;
  await writeFile(file, good);
  expect(code).toBe(1);
  expect(stderr).toContain('Portkeeper cannot be built');
  expect(stderr).toContain('nowhere.ts');
});
