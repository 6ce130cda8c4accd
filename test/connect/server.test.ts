import { mkdtemp, rm } from 'node:fs/promises';
import { request, type IncomingMessage, type RequestOptions } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AppSnapshot, HoldEnd } from '../../main/contract/commands.ts';
import { RemoteClient } from '../../main/connect/client.ts';
import type { RemoteServer } from '../../main/connect/answering.ts';
import { serveOn } from '../../main/connect/server.ts';
import { AppHome, tcp } from '../support/app-home.ts';
import { during, until } from './client-suite.ts';

let at: AppHome;
let folder: string;
let address: string;
let server: RemoteServer;

const serve = (): Promise<RemoteServer> => serveOn(address, { dispatch: at.dispatch, log: at.home.client.system.log });

beforeEach(async () => {
  at = await AppHome.start();
  folder = await mkdtemp(path.join(tmpdir(), 'portkeeper-server-'));
  address = path.join(folder, 'socket');
  server = await serve();
});
afterEach(async () => {
  await server.stop();
  await at.stop();
  await rm(folder, { recursive: true, maxRetries: 5 });
});

const JSON_HEADERS = { Host: 'portkeeper', 'Content-Type': 'application/json' };

function send(options: RequestOptions, body = ''): Promise<{ readonly status: number; readonly text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
  const outgoing = request({ socketPath: address, method: 'POST', headers: JSON_HEADERS, ...options }, (response) => {
    const chunks: string[] = [];
    response.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
    response.on('end', () => resolve({ status: response.statusCode ?? 0, text: chunks.join('') }));
  });
  outgoing.on('error', reject).end(body);
  return promise;
}

describe('the server', () => {
  test.for<readonly [what: string, status: number, options: RequestOptions, body?: string]>([
    ['the Host of a web page', 403, { path: '/', method: 'GET', headers: { Host: 'localhost' } }],
    [
      'an address that a name was rebound to',
      403,
      { path: '/snapshots', method: 'GET', headers: { Host: 'evil.test' } },
    ],
    ['what a form can send', 415, { path: '/command/x', headers: { ...JSON_HEADERS, 'Content-Type': 'text/plain' } }],
    ['no JSON', 400, { path: '/command/profiles.export' }, '{'],
    ['nothing', 400, { path: '/command/profiles.export' }, ''],
    ['a command by GET', 405, { path: '/command/profiles.export', method: 'GET' }],
    ['snapshots by POST', 405, { path: '/snapshots' }, '{}'],
    ['an unknown path', 404, { path: '/elsewhere' }, '{}'],
    ['a path that is not encoded', 400, { path: '/command/%zz' }, '{}'],
    [
      'a body that says it is too long',
      413,
      { path: '/command/x', headers: { ...JSON_HEADERS, 'Content-Length': 9e6 } },
    ],
  ])('refuses %s', async ([, status, options, body]) => {
    const before = at.snapshot;
    expect(await send(options, body)).toMatchObject({ status });
    expect(at.snapshot).toEqual(before);
  });

  test('ends a body that is too long without saying so', async () => {
    const chunk = 'x'.repeat(1024 * 1024);
    const outgoing = request({ socketPath: address, method: 'POST', path: '/command/x', headers: JSON_HEADERS });
    const { promise, resolve } = Promise.withResolvers<number>();
    outgoing.on('response', (response) => resolve(response.statusCode ?? 0));
    // The connection may break before the answer is read.
    outgoing.on('error', () => resolve(413));
    for (let sent = 0; sent < 9; sent++) outgoing.write(chunk);
    expect(await promise).toBe(413);
    outgoing.destroy();
  });

  test('answers an unknown command as such, whatever it is called', async () => {
    for (const name of ['', 'x', '__proto__', '..%2F..%2Fetc']) {
      const { status, text } = await during(at, send({ path: `/command/${name}` }, '{}'));
      expect(status).toBe(200);
      expect(JSON.parse(text)).toMatchObject({ ok: false, fault: { code: 'unknown-command' } });
    }
  });

  test('withstands bytes that are not HTTP', async () => {
    const socket = connect(address);
    socket.on('error', () => undefined);
    socket.write(Buffer.from([0, 255, 10, 13, 7, 10, 10]));
    await new Promise((resolve) => socket.on('close', resolve).resume());
    expect(await send({ path: '/', method: 'GET' })).toEqual({ status: 200, text: '{}' });
  });

  test('gives whoever reads slowly the latest snapshot, not all of them', async () => {
    const forwards = Array.from({ length: 200 }, (_, each) => tcp(1000 + each));
    for (let each = 0; each < 5; each++) await at.add(`Large ${each}`, forwards);
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const outgoing = request({ socketPath: address, path: '/snapshots', headers: { Host: 'portkeeper' } }, resolve);
    outgoing.on('error', reject).end();
    const response = await promise;
    const [first] = at.snapshot.profiles;
    if (first === undefined) throw new Error('no profile');
    for (let each = 0; each < 200; each++) {
      await at.do('profile.change', { id: first.id, profile: { name: `Change ${each}` } });
      await sleep(0);
    }
    const lines: string[] = [];
    let rest = '';
    response.on('error', () => undefined);
    response.setEncoding('utf8').on('data', (chunk: string) => {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop() ?? '';
      lines.push(...parts);
    });
    await until(at, () => lines.at(-1)?.includes('"Change 199"') === true);
    // The rest fits into what the operating system and Node hold for a socket.
    expect(lines.length).toBeLessThan(100);
    outgoing.destroy();
  });

  test('a program that dies lets go of what it holds', async () => {
    const id = await at.add('Web', [tcp(8080)]);
    const outgoing = request({
      socketPath: address,
      method: 'POST',
      path: '/command/forwards.hold',
      headers: JSON_HEADERS,
    });
    outgoing.on('error', () => undefined).end(JSON.stringify({ what: 'profile', profile: id }));
    await until(at, () => at.table.length === 1);
    outgoing.destroy();
    await until(at, () => at.table.length === 0);
  });
});

describe('the client', () => {
  test('reports that the connection is lost, and watches again when it is back', async () => {
    const client = new RemoteClient(address);
    const told: string[] = [];
    const seen: AppSnapshot[] = [];
    client.onConnection((state) => told.push(state));
    const unwatch = client.watch((snapshot) => seen.push(snapshot));
    await until(at, () => seen.length > 0);
    await server.stop();
    await until(at, () => told.includes('lost'));
    await expect(client.ask('profiles.export', {})).rejects.toThrow('the connection to Portkeeper is lost');
    await at.add('Meanwhile', []);
    server = await serve();
    await until(at, () => seen.at(-1)?.profiles.length === 1);
    expect(told.filter((state, index) => state !== told[index - 1])).toEqual(['connected', 'lost', 'connected']);
    unwatch();
  });

  test('learns that what it holds is held no more', async () => {
    const id = await at.add('Web', [tcp(8080)]);
    const client = new RemoteClient(address);
    const ends: HoldEnd[] = [];
    const held = { what: 'profile', profile: id } as const;
    await during(
      at,
      client.hold(held, new AbortController().signal, (why) => ends.push(why)),
    );
    expect(ends).toEqual([]);
    await server.stop();
    await until(at, () => ends.length > 0);
    expect(ends).toEqual(['lost']);
  });
});
