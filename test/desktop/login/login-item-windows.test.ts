/** auto-launch's part for Windows, which runs `reg.exe`: here a stand-in with a registry of its own. */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { createLoginItem, type LoginItem } from '../../../main/desktop/login/login-item.ts';
import { runCommand } from '../../../main/system/node/run-command.ts';

const RUN = 'HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run';
const APPROVED = 'HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\StartupApproved\\Run';
const program = 'C:\\Users\\Jörg\\AppData\\Local\\Programs\\Portkeeper\\Portkeeper.exe';

let windir: string;
const formerWindir = process.env['windir'];

/** Prints as `reg` does, in the old code page; in a system that is not English. */
const REG = `
const fs = require('node:fs');
const file = __dirname + '/registry.json';
const registry = JSON.parse(fs.readFileSync(file, 'utf8'));
const [verb, key, ...options] = process.argv.slice(2);
const option = (name) => options[options.indexOf(name) + 1];
const name = option('/v');
const value = registry[key]?.[name];
if (verb.toUpperCase() === 'ADD') {
  registry[key] = { ...registry[key], [name]: { type: option('/t'), data: option('/d') } };
  fs.writeFileSync(file, JSON.stringify(registry));
} else if (value === undefined) {
  process.stderr.write('FEHLER: Der angegebene Wert wurde nicht gefunden.\\r\\n');
  process.exitCode = 1;
} else if (verb.toUpperCase() === 'QUERY') {
  const text = ['', key.replace('HKCU', 'HKEY_CURRENT_USER'), '    ' + [name, value.type, value.data].join('    '), ''];
  process.stdout.write(Buffer.from(text.join('\\r\\n'), 'latin1'));
} else {
  delete registry[key][name];
  fs.writeFileSync(file, JSON.stringify(registry));
}
`;

const registryFile = (): string => path.join(windir, 'system32/registry.json');

async function registry(): Promise<Readonly<Record<string, Readonly<Record<string, unknown>>>>> {
  return JSON.parse(await readFile(registryFile(), 'utf8'));
}

beforeAll(async () => {
  windir = await mkdtemp(path.join(tmpdir(), 'portkeeper-windows-'));
  await mkdir(path.join(windir, 'system32'));
  const reg = path.join(windir, 'system32/reg.exe');
  await writeFile(reg, `#!${process.execPath}\n${REG}`);
  await chmod(reg, 0o755);
  process.env['windir'] = windir;
  vi.spyOn(process, 'platform', 'get').mockReturnValue('win32');
});
beforeEach(() => writeFile(registryFile(), '{}'));
afterAll(async () => {
  vi.restoreAllMocks();
  if (formerWindir === undefined) delete process.env['windir'];
  else process.env['windir'] = formerWindir;
  await rm(windir, { recursive: true });
});

const itemFor = (which: string): LoginItem =>
  createLoginItem({
    platform: 'win32',
    env: {},
    home: 'C:\\Users\\me',
    program: which,
    run: (file, args) => runCommand(path.join(windir, 'system32', path.win32.basename(file)), args),
  });

test('an entry of the registry starts the program, hidden', async () => {
  const item = itemFor(program);
  expect(await item.state()).toBe('absent');
  await item.add();
  expect(await registry()).toEqual({
    [RUN]: { Portkeeper: { type: 'REG_SZ', data: `"${program}" --hidden` } },
  });
  expect(await item.state()).toBe('here');
});

test('can be removed, also when it is not there and `reg` says so in another language', async () => {
  const item = itemFor(program);
  await item.remove();
  await item.add();
  await item.remove();
  expect(await registry()).toEqual({ [RUN]: {} });
});

test('a program that has moved is seen, and the entry follows', async () => {
  await itemFor('C:\\Old\\Portkeeper.exe').add();
  const item = itemFor(program);
  expect(await item.state()).toBe('elsewhere');
  await item.add();
  expect(await item.state()).toBe('here');
});

test.each([
  ['02', 'here'],
  ['06', 'here'],
  ['03', 'absent'],
  ['07', 'absent'],
] as const)('an item turned off in Task Manager is off: %s', async (first, state) => {
  const item = itemFor(program);
  await item.add();
  const approved = { Portkeeper: { type: 'REG_BINARY', data: `${first}0000000000000000000000` } };
  await writeFile(registryFile(), JSON.stringify({ ...(await registry()), [APPROVED]: approved }));
  expect(await item.state()).toBe(state);
});

test('an item then turned on here is on again', async () => {
  const approved = { Portkeeper: { type: 'REG_BINARY', data: '030000000000000000000000' } };
  await writeFile(registryFile(), JSON.stringify({ [APPROVED]: approved }));
  const item = itemFor(program);
  await item.add();
  expect(await item.state()).toBe('here');
});
