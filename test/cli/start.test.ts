/** A start of the built command line loads little, and leaves its compiled code for the next one. */
import { chmod, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PORTKEEPER } from '../peers/lab/portkeeper.ts';
import { Workplace } from '../support/portkeeper-process.ts';

let place: Workplace;
beforeEach(async () => (place = await Workplace.create()));
afterEach(() => place.close());

async function run(args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<string> {
  const { NODE_COMPILE_CACHE: _given, ...env } = process.env;
  const started = place.spawn([...PORTKEEPER, ...args], { env: { ...env, ...more } });
  const { code, stdout, stderr } = await started.ended();
  expect(code, stderr).toBe(0);
  return stdout;
}

/** Files of the program that this took, by V8's own account. */
async function loadedBy(...args: readonly string[]): Promise<readonly string[]> {
  const folder = place.path('loaded');
  await run(args, { NODE_V8_COVERAGE: folder, NODE_DISABLE_COMPILE_CACHE: '1' });
  const [report = ''] = await readdir(folder);
  const { result }: { result: readonly { url: string }[] } = JSON.parse(
    await readFile(path.join(folder, report), 'utf8'),
  );
  return result.filter(({ url }) => url.startsWith('file:')).map(({ url }) => path.basename(url));
}

describe('a start loads', () => {
  test('no more than the version for --version', async () => {
    expect(await loadedBy('--version')).toEqual(['portkeeper.mjs', 'manifest.mjs']);
  });

  test.each([['--help'], ['open', '--help'], ['presets', 'minecraft'], ['completion', 'bash']])(
    'no engine for %s %s',
    async (...args) => {
      const loaded = await loadedBy(...args);
      expect(loaded).toContain('start.mjs');
      expect(loaded).not.toContain('engine.mjs');
    },
  );

  test('no simulated router where none is requested', async () => {
    const loaded = await loadedBy('profile', 'list', '--data-dir', place.path('data'));
    expect(loaded).toContain('engine.mjs');
    expect(loaded.filter((name) => name.startsWith('demo-router'))).toEqual([]);
  });
});

describe.skipIf(process.platform === 'win32')('V8’s compile cache', () => {
  const caches = () => place.path('caches');
  const start = (): Promise<string> => run(['--help'], { XDG_CACHE_HOME: caches(), HOME: place.folder });
  const kept = async (): Promise<number> =>
    (await readdir(place.folder, { recursive: true })).filter((name) => /code\/v\d+[^/]*\/\w+$/.test(name)).length;

  test('is kept for the next start, by its owner alone', async () => {
    await start();
    expect(await kept()).toBeGreaterThan(0);
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
    expect(await kept()).toBe(0);
  });
});
