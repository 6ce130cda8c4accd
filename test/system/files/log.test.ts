import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { defaultDataFolder } from '../../../main/system/node/files/data-folder.ts';
import { createLog, logLine } from '../../../main/system/node/files/log.ts';
import { NetworkError } from '../../../main/system/system.ts';
import { startChild } from './child.ts';
import { temporaryFolder } from './temporary-folder.ts';

const noon = new Date('2026-05-01T12:00:00.000Z');

it('writes a line with distinguishable fields', () => {
  const fields = { gateway: '192.168.1.1', label: 'my server', port: 8080, absent: undefined, list: [1, 2] };
  expect(logLine(noon, 'info', 'lease granted', fields)).toBe(
    '2026-05-01T12:00:00.000Z info  lease granted gateway=192.168.1.1 label="my server" port=8080 list=[1,2]\n',
  );
});

it('shows errors with their cause', () => {
  const error = new NetworkError('refused', 'could not connect', { cause: new Error('ECONNREFUSED') });
  expect(logLine(noon, 'warn', 'no answer', { error })).toContain(
    'error="NetworkError: could not connect (ECONNREFUSED)"\n',
  );
});

it('lets no router forge entries, speak to the terminal, or fill the disk with one', () => {
  const line = logLine(noon, 'info', 'found\nit', {
    model: 'a\r\n2026 error \u001b[31mfake',
    description: 'x'.repeat(5000),
  });
  expect(line.slice(0, -1)).toMatch(/^[ -~…]*$/);
  expect(line.length).toBeLessThan(800);
});

it('shows what cannot be shown as such', () => {
  const loop: Record<string, unknown> = {};
  loop['self'] = loop;
  expect(logLine(noon, 'debug', 'odd', { loop, big: 10n })).toContain('loop="[cannot be shown]" big=10');
});

it('leaves out what is less important than asked', () => {
  const file = { path: path.join(temporaryFolder(), 'logs', 'portkeeper.log') };
  const log = createLog({ level: 'warn', file });
  log.write('info', 'chatter');
  log.write('warn', 'careful');
  log.write('error', 'broken');
  const lines = readFileSync(file.path, 'utf8').trim().split('\n');
  expect(lines.map((line) => line.split(' ').at(-1))).toEqual(['careful', 'broken']);
  expect(statSync(file.path).mode & 0o077).toBe(0);
});

it('begins a new file when one is full, also over restarts, and keeps a few', () => {
  const folder = temporaryFolder();
  const file = { path: path.join(folder, 'portkeeper.log'), maxBytes: 400, keep: 2 };
  for (let count = 0; count < 40; count += 1) createLog({ level: 'info', file }).write('info', `entry ${count}`);
  expect(readdirSync(folder).toSorted()).toEqual(['portkeeper.log', 'portkeeper.log.1', 'portkeeper.log.2']);
  const kept = ['.2', '.1', ''].map((age) => readFileSync(`${file.path}${age}`, 'utf8'));
  expect(kept.every((text) => text.length <= 400)).toBe(true);
  const entries = kept
    .join('')
    .trim()
    .split('\n')
    .map((line) => Number(line.split(' ').at(-1)));
  expect(entries).toEqual(Array.from({ length: entries.length }, (_, at) => 40 - entries.length + at));
});

it('goes on when it cannot write, and says afterwards how much was lost', () => {
  const folder = temporaryFolder();
  const file = { path: path.join(folder, 'portkeeper.log') };
  mkdirSync(file.path);
  const log = createLog({ level: 'info', file });
  log.write('info', 'lost');
  log.write('info', 'lost too');
  rmSync(file.path, { recursive: true });
  log.write('info', 'back');
  const [lost, back] = readFileSync(file.path, 'utf8').trim().split('\n');
  expect(lost).toMatch(/ warn {2}log entries were lost count=2$/);
  expect(back).toMatch(/ info {2}back$/);
});

it('outlives the reader of its stderr', async () => {
  const child = startChild('log-into-the-void.ts');
  await child.wrote(1);
  child.closeStderr();
  expect(await child.ended()).toEqual(['started', 'still there']);
});

it('keeps data where each system wants it', () => {
  const home = '/home/ada';
  expect(defaultDataFolder({ platform: 'linux', env: {}, home })).toBe('/home/ada/.config/portkeeper');
  expect(defaultDataFolder({ platform: 'linux', env: { XDG_CONFIG_HOME: '/srv/ada' }, home })).toBe(
    '/srv/ada/portkeeper',
  );
  expect(defaultDataFolder({ platform: 'linux', env: { XDG_CONFIG_HOME: 'relative' }, home })).toBe(
    '/home/ada/.config/portkeeper',
  );
  expect(defaultDataFolder({ platform: 'darwin', env: {}, home: '/Users/ada' })).toBe(
    '/Users/ada/Library/Application Support/portkeeper',
  );
  const windows = { platform: 'win32', home: String.raw`C:\Users\ada` } as const;
  expect(defaultDataFolder({ ...windows, env: { APPDATA: String.raw`D:\Roaming` } })).toBe(
    String.raw`D:\Roaming\portkeeper`,
  );
  expect(defaultDataFolder({ ...windows, env: {} })).toBe(String.raw`C:\Users\ada\AppData\Roaming\portkeeper`);
});
