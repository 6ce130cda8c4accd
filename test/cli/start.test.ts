/** A start of the built command line loads little, and leaves its compiled code for the next one. */
import { chmod, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PORTKEEPER } from '../peers/lab/portkeeper.ts';
import { Workplace } from '../support/portkeeper-process.ts';

let place: Workplace;
beforeEach(async () => (place = await Workplace.create()));
afterEach(() => place.close());

async function run(
  args: readonly string[],
  more: NodeJS.ProcessEnv = {},
  program: readonly string[] = PORTKEEPER,
): Promise<string> {
  const { NODE_COMPILE_CACHE: _given, ...env } = process.env;
  const started = place.spawn([...program, ...args], { env: { ...env, ...more } });
  const { code, stdout, stderr } = await started.ended();
  expect(code, stderr).toBe(0);
  return stdout;
}

const withoutHash = (name: string): string => name.replace(/-[\w-]{8}\.cjs$/, '');

/** Files of the program that this took, by V8's own account. */
async function loadedBy(...args: readonly string[]): Promise<readonly string[]> {
  const folder = place.path('loaded');
  await run(args, { NODE_V8_COVERAGE: folder, NODE_DISABLE_COMPILE_CACHE: '1' });
  const [report = ''] = await readdir(folder);
  const { result }: { result: readonly { url: string }[] } = JSON.parse(
    await readFile(path.join(folder, report), 'utf8'),
  );
  return result.filter(({ url }) => url.startsWith('file:')).map(({ url }) => withoutHash(path.basename(url)));
}

describe('a start loads', () => {
  test('no more than the version for --version', async () => {
    expect(await loadedBy('--version')).toEqual(['portkeeper.mjs', 'rolldown-runtime', 'manifest']);
  });

  test.each([['--help'], ['open', '--help'], ['presets', 'minecraft'], ['completion', 'bash']])(
    'no engine for %s %s',
    async (...args) => {
      const loaded = await loadedBy(...args);
      expect(loaded).toContain('start');
      expect(loaded).not.toContain('engine');
    },
  );

  test('no simulated router where none is requested', async () => {
    const loaded = await loadedBy('profile', 'list', '--data-dir', place.path('data'));
    expect(loaded).toContain('engine');
    expect(loaded.filter((name) => name.startsWith('demo-router'))).toEqual([]);
  });
});

test('every file can be read without decoding', async () => {
  const folder = path.join(path.dirname(PORTKEEPER.at(-1) ?? ''), 'code');
  const names = await readdir(folder);
  expect(names.length).toBeGreaterThan(20);
  for (const name of names) expect(await readFile(path.join(folder, name), 'latin1'), name).toMatch(/^[\0-\x7f]*$/);
});

test('Node’s own modules are loaded when they are needed', async () => {
  const report = place.path('report.cjs');
  await writeFile(report, `process.on('exit', () => console.log(JSON.stringify(process.moduleLoadList)))`);
  const [node = '', ...script] = PORTKEEPER;
  const printed = await run(['profile', 'list', '--data-dir', place.path('data')], {}, [node, '-r', report, ...script]);
  const loaded: readonly string[] = JSON.parse(printed.trim().split('\n').at(-1) ?? '[]');
  expect(loaded).toContain('NativeModule fs/promises');
  for (const name of ['http', 'dgram', 'child_process', 'perf_hooks', 'dns/promises', 'readline'])
    expect(loaded).not.toContain(`NativeModule ${name}`);
});

describe.skipIf(process.platform === 'win32')('compiled code', () => {
  const caches = () => place.path('caches');
  const own = () => ({ XDG_CACHE_HOME: caches(), HOME: place.folder });
  const start = (): Promise<string> => run(['--help'], own());
  const kept = async (): Promise<readonly string[]> =>
    (await readdir(place.folder, { recursive: true })).filter((name) => /code\/\d+[^/]*\/[^/]+$/.test(name));

  /** Functions of the program that V8 compiles, by its own log. */
  async function compiledBy(...args: readonly string[]): Promise<number> {
    const log = place.path('v8.log');
    const [node = '', ...script] = PORTKEEPER;
    const logged = ['--log-function-events', '--no-logfile-per-isolate', `--logfile=${log}`];
    await run(args, own(), [node, ...logged, ...script]);
    const lines = (await readFile(log, 'utf8')).split('\n').map((line) => line.split(','));
    const scripts = new Set(
      lines.filter(([what, , file]) => what === 'script-details' && file?.includes('/code/')).map(([, id]) => id),
    );
    return lines.filter(([what, how, id]) => what === 'function' && how === 'interpreter' && scripts.has(id)).length;
  }

  test('of all functions that ran is there for the next start', async () => {
    const list = ['profile', 'list', '--data-dir', place.path('data')];
    expect(await compiledBy(...list)).toBeGreaterThan(500);
    // Those of the files that are read before it is known where it is kept.
    expect(await compiledBy(...list)).toBeLessThan(100);
  });

  test('of another command is added to it', async () => {
    await start();
    const list = ['profile', 'list', '--data-dir', place.path('data')];
    await compiledBy(...list);
    expect(await compiledBy(...list)).toBeLessThan(100);
  });

  test('that was damaged or is of another Node is made again', async () => {
    await start();
    const file = (await kept()).find((name) => /start-[\w-]{8}$/.test(name)) ?? '';
    const whole = await readFile(place.path(file));
    const zeros = Buffer.from(whole).fill(0, 100_000, 200_000);
    for (const damaged of [Buffer.from('not compiled code'), whole.subarray(0, 5000), zeros]) {
      await writeFile(place.path(file), damaged);
      expect(await start()).toContain('Usage: portkeeper');
      expect((await stat(place.path(file))).size).toBeGreaterThan(whole.length / 2);
      expect((await readFile(place.path(file))).equals(damaged)).toBe(false);
    }
  });

  test('of a former version is removed, unless that may be in use', async () => {
    await start();
    const [first = ''] = await kept();
    const unfinished = `${path.basename(first)}.4711`;
    for (const [name, age] of [
      ['former-12345678', 86_500],
      ['other-12345678', 3600],
      [unfinished, 86_500],
    ] as const) {
      const file = place.path(path.dirname(first), name);
      const written = Date.now() / 1000 - age;
      await writeFile(file, '');
      await utimes(file, written, written);
    }
    await run(['profile', 'list', '--data-dir', place.path('data')], own());
    const names = (await kept()).map((name) => path.basename(name));
    expect(names).toContain('other-12345678');
    expect(names).not.toContain('former-12345678');
    expect(names).not.toContain(unfinished);
  });

  test('that cannot be kept leaves nothing behind', async () => {
    await start();
    const [first = '', ...others] = await kept();
    await rm(place.path(first));
    await mkdir(place.path(first, 'in the way'), { recursive: true });
    await start();
    expect((await kept()).toSorted()).toEqual([first, ...others].toSorted());
  });

  test.runIf(process.platform === 'linux')('keeps no command from ending where no folder can be made', async () => {
    expect(await run(['--help'], { XDG_CACHE_HOME: '/proc/nothing' })).toContain('Usage: portkeeper');
  });

  test('is its owner’s alone', async () => {
    await start();
    expect(await kept()).not.toEqual([]);
    if (process.platform !== 'linux') return;
    for (const folder of [caches(), place.path('caches', 'portkeeper', 'code')])
      expect((await stat(folder)).mode & 0o077).toBe(0);
  });

  test('is not looked for where others can write: what is found there is run', async () => {
    await mkdir(caches());
    await chmod(caches(), 0o777);
    await mkdir(place.path('Library'), { mode: 0o777 });
    await chmod(place.path('Library'), 0o777);
    await start();
    expect(await kept()).toEqual([]);
  });
});
