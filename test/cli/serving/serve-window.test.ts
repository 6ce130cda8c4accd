/** `portkeeper serve` with the window for a browser: where and to whom its address is shown, and serving without it. */
import { chmod, readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HttpClient } from '../../../renderer/client/http-client.ts';
import { PORTKEEPER } from '../../peers/lab/portkeeper.ts';
import { freePort } from '../../support/free-port.ts';
import { Workplace, eventually, type Portkeeper } from '../../support/portkeeper-process.ts';

let place: Workplace;
let built: readonly string[];
beforeEach(async () => {
  place = await Workplace.create();
  await place.write('index.html', '<!doctype html><title>Portkeeper</title>');
  built = ['--window-dir', place.folder];
});
afterEach(() => place.close());

/** No router is looked for: none answers there. */
const serve = (...options: readonly string[]): Portkeeper =>
  place.start(['serve', '--json', '--gateway', '127.0.0.1', ...options]);

function clientOf(address: string): HttpClient {
  const { origin, hash } = new URL(address);
  return new HttpClient({ origin, token: new URLSearchParams(hash.slice(1)).get('token') ?? '' });
}

test('the window is served, and only the person learns its address from status', async () => {
  const serving = serve(...built);
  const { window } = await serving.until('serving');
  const address = String(window);
  expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43}$/);
  expect(await (await fetch(address)).text()).toContain('<title>Portkeeper</title>');
  await expect(serving.note(/^Window, /)).resolves.toContain(address);
  expect((await place.run(['status', '--json'])).said).toMatchObject([{ window: address }]);
  expect((await place.run(['status'])).stdout).toContain(address);
  expect((await stat(place.path('data', 'control.json'))).mode & 0o777).toBe(0o600);
  const added = await clientOf(address).ask('profile.add', { profile: { name: 'Web', forwards: [] } });
  expect(added).toEqual({ ok: true, value: { id: 'web' } });
  expect((await place.run(['profile', 'list'])).stdout).toContain('Web');
  expect((await serving.interrupt()).code).toBe(0);
  await expect(fetch(address)).rejects.toThrow('fetch failed');
  expect((await place.run(['status', '--json'])).said).toMatchObject([{ window: null }]);
});

/** Stands in for the browser: keeps the address that it is given. */
async function browser(): Promise<{ readonly env: NodeJS.ProcessEnv; readonly opened: () => Promise<string> }> {
  await chmod(await place.write('xdg-open', `#!/bin/sh\necho "$1" > '${place.path('opened')}'\n`), 0o755);
  const env = { ...process.env, PATH: `${place.folder}:${process.env['PATH'] ?? ''}` };
  const opened = (): Promise<string> =>
    eventually(async () => (await readFile(place.path('opened'), 'utf8').catch(() => '')).trim() || undefined);
  return { env, opened };
}

/** Its address is on the command line of a program, so that it opens the window once only. */
async function leadsToOnce(opened: string, address: string): Promise<void> {
  expect(opened).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/once\/[\w-]{43}$/);
  const first = await fetch(opened, { redirect: 'manual' });
  expect(new URL(first.headers.get('location') ?? '', opened).href).toBe(address);
  expect((await fetch(opened, { redirect: 'manual' })).status).toBe(404);
}

test.skipIf(process.platform !== 'linux')('--open opens it in the browser', async () => {
  const { env, opened } = await browser();
  const serving = place.start(['serve', '--json', '--router', '127.0.0.1', '--open', ...built], { env });
  const { window } = await serving.until('serving');
  await leadsToOnce(await opened(), String(window));
  await serving.interrupt();
});

test.skipIf(process.platform !== 'linux')('on a terminal one key does, and Ctrl-C still exits', async () => {
  const { env, opened } = await browser();
  const args = ['serve', '--router', '127.0.0.1', ...built, '--data-dir', place.path('data')];
  const command = [...PORTKEEPER, ...args].map((word) => `'${word}'`).join(' ');
  const terminal = place.spawn(['script', '-qec', command, '/dev/null'], { env });
  await terminal.line(/Press o to open the window/);
  terminal.process.write('o');
  await leadsToOnce(await opened(), String((await place.run(['status', '--json'])).said[0]?.['window']));
  terminal.process.write('\u0003');
  expect((await terminal.ended()).code).toBe(0);
});

test('each start has a token of its own', async () => {
  const first = serve(...built);
  const { window: before } = await first.until('serving');
  await first.interrupt();
  const second = serve(...built, '--window-port', new URL(String(before)).port);
  const { window: now } = await second.until('serving');
  expect(new URL(String(now)).origin).toBe(new URL(String(before)).origin);
  await expect(clientOf(String(before)).ask('profiles.export', {})).rejects.toThrow('the token is not the one');
  expect(await clientOf(String(now)).ask('profiles.export', {})).toMatchObject({ ok: true });
  await second.interrupt();
});

test('without the window when it is not wanted', async () => {
  const serving = serve(...built, '--no-window');
  expect(await serving.until('serving')).toMatchObject({ window: null });
  expect((await place.run(['status'])).stdout).not.toContain('Window');
  await serving.interrupt();
});

test('when the window was not built, one line says so, and profiles are held all the same', async () => {
  const serving = serve('--window-dir', place.path('nowhere'));
  expect(await serving.until('serving')).toMatchObject({ window: null });
  expect(await serving.note(/hasn’t been built/)).toContain('npm run build');
  await serving.interrupt();
});

test('the port that was requested, or a refusal that names it', async () => {
  const port = await freePort();
  const serving = serve(...built, '--window-port', String(port));
  expect(new URL(String((await serving.until('serving'))['window'])).port).toBe(String(port));
  await serving.interrupt();

  const other = createServer();
  await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
  const refused = await serve(...built, '--window-port', String(port)).ended();
  other.close();
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain(`Couldn’t use port ${port} for the window: another program uses it.`);

  for (const bad of ['0', '65536', 'http', '-1']) {
    const { code, stderr } = await serve(...built, `--window-port=${bad}`).ended();
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('Use a port from 1 to 65535') });
  }
});

test('a refused port leaves nothing behind, with a simulated router neither', async () => {
  const port = await freePort();
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
  expect((await serve(...built, '--demo', '--window-port', String(port)).ended()).code).toBe(2);
  other.close();
  const serving = serve(...built, '--demo', '--window-port', String(port));
  await serving.until('serving');
  await serving.interrupt();
});

test('its address, which is a key, is kept out of a service manager’s journal', async () => {
  const { PORTKEEPER_DATA_DIR: _theirs, ...env } = process.env;
  const serving = place.start(['serve', '--gateway', '127.0.0.1', ...built], {
    env: { ...env, JOURNAL_STREAM: '8:12345' },
  });
  await serving.note(/portkeeper status/);
  await serving.note(/^Profiles on: /);
  expect(serving.process.errors.join('\n')).not.toContain('token');
  await serving.interrupt();
});
