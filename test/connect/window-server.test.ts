import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { request, type IncomingHttpHeaders, type RequestOptions } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { findWindow, readWindow } from '../../main/connect/window-files.ts';
import { serveWindow, type WindowServer } from '../../main/connect/window-server.ts';
import { AppHome } from '../support/app-home.ts';
import { during } from './client-suite.ts';

let at: AppHome;
let folder: string;
let server: WindowServer;
let token: string;
let host: string;

const PAGE = '<!doctype html><title>Portkeeper</title>';

async function serve(port = 0, more: { readonly orNext?: number } = {}): Promise<WindowServer> {
  const files = await readWindow(path.join(folder, 'renderer'));
  if (files === undefined) throw new Error('the window is not there');
  return await serveWindow({ dispatch: at.dispatch, log: at.home.client.system.log, files, port, ...more });
}

const tokenOf = ({ address }: WindowServer): string =>
  new URLSearchParams(new URL(address).hash.slice(1)).get('token') ?? '';

beforeEach(async () => {
  at = await AppHome.start();
  folder = await mkdtemp(path.join(tmpdir(), 'portkeeper-window-'));
  await mkdir(path.join(folder, 'renderer/assets'), { recursive: true });
  await writeFile(path.join(folder, 'secret.json'), '{}');
  await writeFile(path.join(folder, 'renderer/index.html'), PAGE);
  await writeFile(path.join(folder, 'renderer/assets/app-1234.js'), 'export {};');
  await writeFile(path.join(folder, 'renderer/assets/app-1234.js.map'), '{}');
  await symlink('../secret.json', path.join(folder, 'renderer/link.json'));
  server = await serve();
  token = tokenOf(server);
  host = `127.0.0.1:${server.port}`;
});
afterEach(async () => {
  await server.stop();
  await at.stop();
  await rm(folder, { recursive: true });
});

interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Its path goes out as it is written, unlike what browsers and `fetch` make of it. */
function send(options: RequestOptions, body = ''): Promise<Got> {
  const { promise, resolve, reject } = Promise.withResolvers<Got>();
  const to = { host: '127.0.0.1', port: server.port, agent: false };
  const outgoing = request({ ...to, ...options }, (response) => {
    const chunks: string[] = [];
    response.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
    response.on('end', () =>
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text: chunks.join('') }),
    );
  });
  outgoing.on('error', reject).end(body);
  return promise;
}

const ADD = JSON.stringify({ profile: { name: 'Web', forwards: [] } });

/** As the page asks, with these headers in the place of its own. */
const asPage = (headers: Record<string, string> = {}, body = ADD): Promise<Got> =>
  during(
    at,
    send(
      {
        method: 'POST',
        path: '/api/command/profile.add',
        headers: {
          Authorization: `Bearer ${token}`,
          'Content-Type': 'application/json',
          'Sec-Fetch-Site': 'same-origin',
          ...headers,
        },
      },
      body,
    ),
  );

describe('the window is served', () => {
  test('with all that keeps other pages away from it', async () => {
    const page = await send({ path: '/' });
    expect(page).toMatchObject({ status: 200, text: PAGE });
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': expect.stringContaining("default-src 'none'; script-src 'self'; style-src 'self'"),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-cache',
    });
    expect(page.headers).not.toHaveProperty('access-control-allow-origin');
    expect(await send({ path: '/?from=bookmark' })).toMatchObject({ status: 200, text: PAGE });
    expect(await send({ path: '/', method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
  });

  test('with its parts, which browsers keep', async () => {
    const script = await send({ path: '/assets/app-1234.js' });
    expect(script).toMatchObject({ status: 200, text: 'export {};' });
    expect(script.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'private, max-age=31536000, immutable',
    });
  });

  test('as it was at the start, whatever is written there later', async () => {
    await writeFile(path.join(folder, 'renderer/index.html'), 'other');
    await writeFile(path.join(folder, 'renderer/late.html'), 'late');
    expect(await send({ path: '/' })).toMatchObject({ text: PAGE });
    expect(await send({ path: '/late.html' })).toMatchObject({ status: 404 });
  });

  test.for([
    '/../secret.json',
    '/%2e%2e/secret.json',
    '/..%2fsecret.json',
    '/assets/../../secret.json',
    '/assets/..\\..\\secret.json',
    '//secret.json',
    '/secret.json',
    '/link.json',
    '/assets/app-1234.js.map',
    '/assets/app-1234.js%00.html',
    '/assets/',
    '/assets',
    '/__proto__',
    '/constructor',
    'http://127.0.0.1/secret.json',
    '*',
  ])('and nothing else is: %s', async (place) => {
    expect(await send({ path: place })).toMatchObject({ status: 404 });
  });

  test('not by other methods', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND']) {
      expect(await send({ path: '/', method })).toMatchObject({ status: 405 });
    }
  });

  test('on another port when the one is in use, and on none when that is not wanted', async () => {
    const next = await serve(server.port, { orNext: 5 });
    expect(new URL(next.address).port).toBe(String(next.port));
    const any = await serve(server.port, { orNext: 0 });
    expect(new Set([server.port, next.port, any.port]).size).toBe(3);
    await next.stop();
    await any.stop();
    await expect(serve(server.port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  test('on loopback alone', async () => {
    // A whole network could be reached by the same port on another address of this machine.
    const other = createServer();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    other.once('error', reject).listen(server.port, '127.0.0.2', resolve);
    await promise;
    other.close();
  });

  test('from beside the program, from a build, from a checkout, or not at all', async () => {
    await mkdir(path.join(folder, 'main/cli'), { recursive: true });
    expect((await findWindow(folder))?.get('/')?.bytes.toString()).toBe(PAGE);
    expect((await findWindow(path.join(folder, 'main')))?.get('/')?.bytes.toString()).toBe(PAGE);
    expect(await findWindow(path.join(folder, 'main/cli'))).toBeUndefined();
    await mkdir(path.join(folder, 'out/renderer'), { recursive: true });
    await writeFile(path.join(folder, 'out/renderer/index.html'), PAGE);
    expect((await findWindow(path.join(folder, 'main/cli')))?.get('/')?.bytes.toString()).toBe(PAGE);
  });
});

describe('a command', () => {
  test.for<readonly [from: string, headers: Record<string, string>]>([
    ['the page', {}],
    ['the page, which says its origin', { Origin: 'OWN' }],
    ['a page by another name of this computer', { Host: 'localhost:PORT', Origin: 'http://localhost:PORT' }],
    ['a page by its IPv6 name', { Host: '[::1]:PORT' }],
    ['a program that has the token', { 'Sec-Fetch-Site': 'none' }],
  ])('is answered to %s', async ([, given]) => {
    expect(await asPage(filled(given))).toMatchObject({ status: 200, text: expect.stringContaining('"ok":true') });
    expect(at.snapshot.profiles).toMatchObject([{ name: 'Web' }]);
  });

  test.for<readonly [from: string, status: number, headers: Record<string, string>]>([
    ['a name that was made to lead here', 403, { Host: 'evil.test:PORT' }],
    ['a name that only begins like ours', 403, { Host: 'localhost:PORT.evil.test' }],
    ['our name with another port', 403, { Host: 'localhost:1' }],
    ['our name without the port', 403, { Host: 'localhost' }],
    ['a page of another place', 403, { Origin: 'https://evil.test' }],
    ['a page of another port', 403, { Origin: 'http://127.0.0.1:1' }],
    ['a page by another of our names', 403, { Origin: 'http://localhost:PORT' }],
    ['our place over another protocol', 403, { Origin: 'https://127.0.0.1:PORT' }],
    ['a page that hides where it is', 403, { Origin: 'null' }],
    ['a page of another site', 403, { 'Sec-Fetch-Site': 'cross-site' }],
    ['a page of the same site on another port', 403, { 'Sec-Fetch-Site': 'same-site' }],
    ['whoever has no token', 401, { Authorization: '' }],
    ['whoever has the token of another start', 401, { Authorization: `Bearer ${'A'.repeat(43)}` }],
    ['whoever has a part of the token', 401, { Authorization: 'PART' }],
    ['whoever shows the token in another way', 401, { Authorization: 'BASIC' }],
    ['a form', 415, { 'Content-Type': 'text/plain' }],
    ['another form', 415, { 'Content-Type': 'application/x-www-form-urlencoded' }],
    ['whoever announces too much', 413, { 'Content-Length': String(9e6) }],
  ])('is refused to %s', async ([, status, given]) => {
    const answer = await asPage(filled(given), given['Content-Length'] === undefined ? ADD : '');
    expect(answer).toMatchObject({ status, text: expect.stringContaining('"ok":false') });
    expect(answer.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
    expect(at.snapshot.profiles).toEqual([]);
  });

  test.for<readonly [what: string, status: number, method: string, path: string, body: string]>([
    ['by GET', 405, 'GET', '/api/command/profiles.export', ''],
    ['before it is sent (CORS preflight)', 405, 'OPTIONS', '/api/command/profiles.export', ''],
    ['that is no JSON', 400, 'POST', '/api/command/profiles.export', '{'],
    ['whose name is not encoded', 400, 'POST', '/api/command/%zz', '{}'],
    ['at another path', 404, 'POST', '/api/elsewhere', '{}'],
    ['without /api', 404, 'POST', '/command/profiles.export', '{}'],
    ['to watch by POST', 405, 'POST', '/api/snapshots', '{}'],
  ])('is refused %s', async ([, status, method, place, body]) => {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    expect(await send({ method, path: place, headers }, body)).toMatchObject({ status });
  });

  test('is refused when it is too long without saying so', async () => {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    const outgoing = request({ port: server.port, method: 'POST', path: '/api/command/x', headers, agent: false });
    const { promise, resolve } = Promise.withResolvers<number>();
    outgoing.on('response', (response) => resolve(response.statusCode ?? 0));
    // The connection may break before the answer is read.
    outgoing.on('error', () => resolve(413));
    const chunk = 'x'.repeat(1024 * 1024);
    for (let sent = 0; sent < 9; sent++) outgoing.write(chunk);
    expect(await promise).toBe(413);
    outgoing.destroy();
  });

  test('and snapshots are refused without the token', async () => {
    expect(await send({ path: '/api/snapshots' })).toMatchObject({ status: 401 });
    expect(await send({ path: '/api/snapshots?token=x' })).toMatchObject({ status: 401 });
  });
});

test('whoever wastes time is left alone with it', async () => {
  // A second of the server's is a tenth of one.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const passing = setInterval(() => vi.advanceTimersByTime(1000), 100);
  const size = 32 * 1024 * 1024;
  await writeFile(path.join(folder, 'renderer/assets/large.js'), Buffer.alloc(size, '\n'));
  const slow = await serve();
  const host = `Host: 127.0.0.1:${slow.port}\r\n`;
  const allowed = `Authorization: Bearer ${tokenOf(slow)}\r\nContent-Type: application/json\r\n`;
  const talk = (text: string): Socket => {
    const socket = connect(slow.port, '127.0.0.1').on('error', () => undefined);
    socket.write(text);
    return socket;
  };
  const end = async (socket: Socket): Promise<number> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.on('close', () => resolve()).resume();
    await promise;
    return socket.bytesRead;
  };
  // More than what lies between the two holds, and not read.
  const reader = talk(`GET /assets/large.js HTTP/1.1\r\n${host}\r\n`);
  const writers = [
    '',
    `GET / HTTP/1.1\r\n${host}X-Slow: `,
    `POST /api/command/x HTTP/1.1\r\n${host}${allowed}Content-Length: 9\r\n\r\n{`,
  ];
  await Promise.all(writers.map((text) => end(talk(text))));
  expect(await end(reader)).toBeLessThan(size);
  clearInterval(passing);
  vi.useRealTimers();
  await slow.stop();
});

test('a browser may change settings, but not what runs on this computer', async () => {
  const change = async (settings: object): Promise<unknown> => {
    const headers = { Authorization: `Bearer ${token}`, Host: host, 'Content-Type': 'application/json' };
    const options = { method: 'POST', path: '/api/command/settings.change', headers };
    return JSON.parse((await during(at, send(options, JSON.stringify({ settings })))).text);
  };
  expect(await change({ theme: 'dark' })).toMatchObject({ ok: true });
  const refused = { ok: false, fault: { reason: { code: 'command-by-terminal' } } };
  expect(await change({ theme: 'light', addressCommand: '/bin/true' })).toMatchObject(refused);
  expect(at.snapshot.settings).toMatchObject({ theme: 'dark', addressCommand: null });
  expect(await change({ addressCommand: null })).toMatchObject({ ok: true });
});

function filled(headers: Record<string, string>): Record<string, string> {
  const values = Object.entries(headers).map(([name, value]) => [
    name,
    value
      .replace('PORT', String(server.port))
      .replace(/^OWN$/, `http://${host}`)
      .replace(/^PART$/, `Bearer ${token.slice(0, -1)}`)
      .replace(/^BASIC$/, `Basic ${token}`),
  ]);
  return Object.fromEntries(values) as Record<string, string>;
}
