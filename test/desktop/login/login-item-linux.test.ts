/** auto-launch for real: what it writes is read as a desktop would, and started. */
import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLoginItem } from '../../../main/desktop/login/login-item.ts';

let home: string;

beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'portkeeper-home-'));
});
afterEach(async () => {
  await rm(home, { recursive: true });
});

const unused = async (): Promise<string> => {
  throw new Error('no tool is needed');
};

const itemFor = (program: string, env: Readonly<Record<string, string>> = {}) =>
  createLoginItem({ platform: 'linux', env, home, program, run: unused });

const entryFile = (): string => path.join(home, '.config/autostart/Portkeeper.desktop');

/** A program that writes down how it was called. */
async function standIn(name: string): Promise<{ readonly program: string; readonly calls: () => Promise<string> }> {
  const folder = path.join(home, 'Apps');
  await mkdir(folder, { recursive: true });
  const program = path.join(folder, name);
  const calls = path.join(home, 'calls');
  await writeFile(program, `#!/bin/sh\nfor each in "$0" "$@"; do printf '%s\\n' "$each"; done > '${calls}'\n`);
  await chmod(program, 0o755);
  return { program, calls: () => readFile(calls, 'utf8') };
}

/** As the Desktop Entry Specification 1.5 says: first the string's escapes, then the quotes of `Exec`, then its codes. */
function argumentsOf(entry: string): readonly string[] {
  const line = entry.split('\n').find((one) => one.startsWith('Exec='));
  const value = (line ?? '').slice('Exec='.length).replaceAll(/\\(.)/g, (_whole, one: string) => {
    const meant = { s: ' ', n: '\n', t: '\t', r: '\r', '\\': '\\' }[one];
    if (meant === undefined) throw new Error(`an escape that there is not: \\${one}`);
    return meant;
  });
  const found: string[] = [];
  for (const { groups } of value.matchAll(
    /"(?<quoted>(?:[^"`$\\]|\\["`$\\])*)"|(?<plain>[^\s"'\\><~|&;$*?#()`]+)|(?<wrong>\S)/g,
  )) {
    if (groups?.['wrong'] !== undefined) throw new Error(`it must be quoted: ${value}`);
    const text = groups?.['plain'] ?? (groups?.['quoted'] ?? '').replaceAll(/\\(.)/g, '$1');
    if (/(?<!%)(?:%%)*%(?!%)/.test(text)) throw new Error(`a field code: ${text}`);
    found.push(text.replaceAll('%%', '%'));
  }
  return found;
}

async function run([file, ...args]: readonly string[]): Promise<void> {
  if (file === undefined) throw new Error('there is nothing to run');
  const child = spawn(file, args);
  await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', resolve);
  });
}

describe('the entry starts the right program, hidden', () => {
  test.each([
    'portkeeper-desktop',
    'Portkeeper 1.2.0.AppImage',
    'a "quoted" \\ name $HOME `id` 100% & more;.AppImage',
    'Größe – 東方.AppImage',
  ])('%s', async (name) => {
    const { program, calls } = await standIn(name);
    const item = itemFor(program);
    expect(await item.state()).toBe('absent');
    await item.add();
    expect(await item.state()).toBe('here');
    await run(argumentsOf(await readFile(entryFile(), 'utf8')));
    expect(await calls()).toBe(`${program}\n--hidden\n`);
  });
});

test('an entry has one name, whatever the file of the program is called', async () => {
  await itemFor('/home/me/Portkeeper-1.0.0.AppImage').add();
  await itemFor('/home/me/Portkeeper-1.1.0.AppImage').add();
  expect(await readdir(path.dirname(entryFile()))).toEqual(['Portkeeper.desktop']);
});

test('is written where the desktop looks', async () => {
  const elsewhere = path.join(home, 'other config');
  await itemFor('/opt/Portkeeper/portkeeper-desktop', { XDG_CONFIG_HOME: elsewhere }).add();
  expect(await readdir(path.join(elsewhere, 'autostart'))).toEqual(['Portkeeper.desktop']);
  await itemFor('/opt/Portkeeper/portkeeper-desktop', { XDG_CONFIG_HOME: 'relative' }).add();
  expect(await readdir(path.dirname(entryFile()))).toEqual(['Portkeeper.desktop']);
});

test('can be removed, also when it is not there', async () => {
  const item = itemFor('/opt/Portkeeper/portkeeper-desktop');
  await item.remove();
  await item.add();
  await item.remove();
  expect(await item.state()).toBe('absent');
  expect(await readdir(path.dirname(entryFile()))).toEqual([]);
});

test('a program that has moved is seen, and the entry follows', async () => {
  await itemFor('/old/place/portkeeper').add();
  const item = itemFor('/new/place/portkeeper');
  expect(await item.state()).toBe('elsewhere');
  await item.add();
  expect(await item.state()).toBe('here');
});

test.each(['Hidden=true', 'X-GNOME-Autostart-enabled=false'])(
  'an item turned off by the person is off: %s',
  async (line) => {
    const item = itemFor('/opt/Portkeeper/portkeeper-desktop');
    await item.add();
    await writeFile(entryFile(), `${await readFile(entryFile(), 'utf8')}\n${line}\n`);
    expect(await item.state()).toBe('absent');
  },
);

test('a path that no entry can hold is refused', async () => {
  const added = itemFor('/opt/two\nlines').add();
  await expect(added).rejects.toMatchObject({
    fault: 'path',
    message: expect.stringContaining('cannot be written down'),
  });
});

test('a folder that cannot be created is reported', async () => {
  await writeFile(path.join(home, '.config'), 'a file');
  await expect(itemFor('/opt/Portkeeper/portkeeper-desktop').add()).rejects.toThrow(/EEXIST|ENOTDIR/);
});
