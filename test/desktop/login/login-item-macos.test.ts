/** auto-launch's part for macOS, which writes a file. */
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createLoginItem, type LoginItem } from '../../../main/desktop/login/login-item.ts';

const program = '/Applications/Tom & Jerry/Portkeeper.app/Contents/MacOS/Portkeeper';
let home: string;

beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'portkeeper-mac-'));
  vi.spyOn(process, 'platform', 'get').mockReturnValue('darwin');
});
afterAll(async () => {
  vi.restoreAllMocks();
  await rm(home, { recursive: true });
});

const itemFor = (which: string): LoginItem =>
  createLoginItem({ platform: 'darwin', env: {}, home, program: which, run: async () => '' });

const agentFile = (): string => path.join(home, 'Library/LaunchAgents/Portkeeper.plist');

test('a launch agent starts the program, hidden; no permission is requested', async () => {
  const item = itemFor(program);
  expect(await item.state()).toBe('absent');
  await item.add();
  expect(await item.state()).toBe('here');
  expect(await readdir(path.dirname(agentFile()))).toEqual(['Portkeeper.plist']);
  const { plist } = new XMLParser().parse(await readFile(agentFile(), 'utf8'));
  expect(plist.dict).toMatchObject({
    key: ['Label', 'ProgramArguments', 'RunAtLoad'],
    string: 'Portkeeper',
    array: { string: [program, '--hidden'] },
  });
});

test('a program that has moved is seen, and the agent follows', async () => {
  const item = itemFor('/Users/me/Applications/Portkeeper.app/Contents/MacOS/Portkeeper');
  expect(await item.state()).toBe('elsewhere');
  await item.add();
  expect(await item.state()).toBe('here');
});

test('one that is disabled is off', async () => {
  const text = await readFile(agentFile(), 'utf8');
  await writeFile(agentFile(), text.replace('<key>RunAtLoad', '<key>Disabled</key>\n  <true/>\n  <key>RunAtLoad'));
  expect(await itemFor(program).state()).toBe('absent');
});

test('can be removed', async () => {
  const item = itemFor(program);
  await item.add();
  await item.remove();
  expect(await readdir(path.dirname(agentFile()))).toEqual([]);
});
