import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { electronBinary, lacksDisplay, reasonIn } from '../../main/dev/electron-binary.ts';
import { temporaryFolder } from '../system/files/temporary-folder.ts';

/** The npm package `electron`, as far as it matters: what fetches the program is a script in it. */
let folder: string;
let notes: string[];
beforeEach(() => {
  folder = temporaryFolder();
  notes = [];
});

const find = (env: NodeJS.ProcessEnv = {}, signal = new AbortController().signal) =>
  electronBinary({ folder, platform: 'linux', env: { PATH: process.env['PATH'], ...env } }, signal, (text) => {
    notes.push(text);
  });

const install = (script: string): Promise<void> => writeFile(path.join(folder, 'install.js'), script);

const ARRIVES = `
  const fs = require('node:fs');
  fs.mkdirSync(__dirname + '/dist');
  fs.writeFileSync(__dirname + '/dist/electron', '');
  fs.writeFileSync(__dirname + '/path.txt', 'electron');`;

describe('Electron', () => {
  test('is taken where its package has it, and fetched no more', async () => {
    await install('process.exit(9)');
    await mkdir(path.join(folder, 'dist'));
    await writeFile(path.join(folder, 'dist/electron'), '');
    await writeFile(path.join(folder, 'path.txt'), 'electron');
    expect(await find()).toEqual({ path: path.join(folder, 'dist/electron') });
    expect(notes).toEqual([]);
  });

  test('is fetched by its own package when it is not there', async () => {
    await install(ARRIVES);
    expect(await find()).toEqual({ path: path.join(folder, 'dist/electron') });
    expect(notes).toEqual(['Fetching Electron (once, about 120 MB) ...']);
  });

  test('is fetched when only a trace of it is left', async () => {
    await writeFile(path.join(folder, 'path.txt'), 'electron');
    await install(ARRIVES);
    expect(await find()).toEqual({ path: path.join(folder, 'dist/electron') });
  });

  test('is missing where it cannot be fetched, with the reason in one line', async () => {
    await install(`
      console.error('TypeError: fetch failed\\n    at node:internal/deps/undici/undici:14976:13');
      process.exit(1);`);
    expect(await find()).toEqual({ missing: 'it cannot be fetched: TypeError: fetch failed' });
    await install('');
    expect(await find()).toEqual({ missing: 'it cannot be fetched: nothing came' });
  });

  test('is not waited for once the wait is cancelled', async () => {
    await install('setInterval(() => {}, 1000)');
    const stop = new AbortController();
    const reason = new Error('enough');
    const finding = find({}, stop.signal);
    stop.abort(reason);
    await expect(finding).rejects.toBe(reason);
  });

  test('is where the person says, or nowhere', async () => {
    await install('process.exit(9)');
    const other = temporaryFolder();
    expect(await find({ ELECTRON_OVERRIDE_DIST_PATH: other })).toEqual({
      missing: expect.stringContaining('ELECTRON_OVERRIDE_DIST_PATH'),
    });
    await writeFile(path.join(other, 'electron'), '');
    expect(await find({ ELECTRON_OVERRIDE_DIST_PATH: other })).toEqual({ path: path.join(other, 'electron') });
  });
});

test.for<readonly [platform: NodeJS.Platform, env: NodeJS.ProcessEnv, lacks: boolean]>([
  ['linux', {}, true],
  ['linux', { DISPLAY: '' }, true],
  ['linux', { DISPLAY: ':0' }, false],
  ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, false],
  ['darwin', {}, false],
  ['win32', {}, false],
])('a display on %s with %o is lacking: %s', ([platform, env, lacks]) => {
  expect(lacksDisplay({ platform, env })).toBe(lacks);
});

test('the reason is the line that states it', () => {
  expect(reasonIn('')).toBe('it gave no reason');
  expect(reasonIn('something\n\n  else\n')).toBe('something');
  expect(
    reasonIn('electron: error while loading shared libraries: libgtk-3.so.0: cannot open shared object file\n'),
  ).toContain('libgtk-3.so.0');
  expect(reasonIn('[1:FATAL:main.cc(1)] Running as root without --no-sandbox is not supported.\nTrace\n')).toContain(
    'Running as root',
  );
});
