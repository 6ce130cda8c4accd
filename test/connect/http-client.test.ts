/** The window's client in a browser: what it does when the connection does not do what it should. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { AppSnapshot } from '../../main/contract/commands.ts';
import type { Dispatch } from '../../main/engine/dispatch.ts';
import { serveWindow, type WindowServer } from '../../main/connect/window-server.ts';
import { Attention } from '../../renderer/client/attention.ts';
import { HttpClient, type HttpClientOptions } from '../../renderer/client/http-client.ts';
import type { Connection } from '../../renderer/client/window-client.ts';
import { AppHome } from '../support/app-home.ts';
import { during } from './client-suite.ts';

const LOG = { write: () => undefined };

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 10) {
    if (waited > 30_000) throw new Error('it never happened');
    await sleep(10);
  }
}

interface Watching {
  readonly client: HttpClient;
  readonly told: Connection[];
  readonly seen: AppSnapshot[];
  readonly unwatch: () => void;
}

function watch(options: HttpClientOptions): Watching {
  const client = new HttpClient(options);
  const told: Connection[] = [];
  const seen: AppSnapshot[] = [];
  client.onConnection((state) => told.push(state));
  const unwatch = client.watch((snapshot) => seen.push(snapshot));
  onTestFinished(unwatch);
  return { client, told, seen, unwatch };
}

const placeOf = ({ address }: WindowServer): HttpClientOptions => {
  const { origin, hash } = new URL(address);
  return { origin, token: new URLSearchParams(hash.slice(1)).get('token') ?? '' };
};

/** Something else than Portkeeper, or one that is broken; each watcher gets the next of the answers. */
async function scripted(
  answers: readonly ((response: ServerResponse, request: IncomingMessage) => void)[],
): Promise<string> {
  let next = 0;
  const server = createServer((request, response) => {
    const answer = answers[Math.min(next, answers.length - 1)];
    next += 1;
    answer?.(response, request);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

describe('a watching window', () => {
  test('reports that the connection is lost, and watches again', async () => {
    const origin = await scripted([
      (response) => {
        response.writeHead(200).write('{"revision": 1}\n{"revision": 2}\n{"rev');
        setTimeout(() => response.destroy(), 50);
      },
      (response) => response.writeHead(200).write('no JSON\n'),
      (response) => response.writeHead(503).end(),
      (response) => response.writeHead(302, { Location: 'https://elsewhere.test/' }).end(),
      (response) => {
        // A line, and a letter of it, in two parts.
        const bytes = Buffer.from('{"revision": 3, "name": "ü"}\n');
        response.writeHead(200).write(bytes.subarray(0, -4));
        setTimeout(() => response.write(bytes.subarray(-4)), 50);
      },
    ]);
    const { told, seen } = watch({ origin, token: 'x' });
    await until(() => seen.at(-1)?.revision === 3);
    expect(seen).toEqual([{ revision: 2 }, { revision: 3, name: 'ü' }]);
    expect(told).toEqual(['connected', 'lost', 'connected', 'lost', 'lost', 'lost', 'connected']);
  });

  test('reports that it was refused, and does not try again: a wrong token stays wrong', async () => {
    let asked = 0;
    const origin = await scripted([
      (response) => {
        asked += 1;
        response.writeHead(401).end();
      },
    ]);
    const { client, told } = watch({ origin, token: 'x' });
    await until(() => told.length === 1);
    await sleep(1000);
    expect({ told, asked }).toEqual({ told: ['refused'], asked: 1 });
    await expect(client.ask('profiles.export', {})).rejects.toThrow('the token is not the one of this Portkeeper');
  });

  test('asks something else than Portkeeper in vain', async () => {
    const origin = await scripted([(response) => response.writeHead(200).end('[]')]);
    const client = new HttpClient({ origin, token: 'x' });
    await expect(client.ask('profiles.export', {})).rejects.toThrow('cannot be understood');
    const html = await scripted([(response) => response.writeHead(200).end('<html>')]);
    await expect(new HttpClient({ origin: html, token: 'x' }).ask('profiles.export', {})).rejects.toThrow('is lost');
  });

  /** Never answers. */
  function silent() {
    const waiting: AbortSignal[] = [];
    const dispatch: Dispatch = {
      command(_name, _input, signal) {
        waiting.push(signal);
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
      hold: () => Promise.reject(new Error('not here')),
      watch(listener) {
        // What is not looked at may be anything.
        listener({ revision: 1 } as AppSnapshot);
        return () => undefined;
      },
    };
    return { dispatch, waiting };
  }

  test('ends what it no longer waits for, also when that has been taken', async () => {
    const { dispatch, waiting } = silent();
    const server = await serveWindow({ dispatch, log: LOG, files: new Map(), port: 0 });
    const { client, seen } = watch(placeOf(server));
    await until(() => seen.length === 1);
    const cancel = new AbortController();
    const asked = client.ask('forwards.retry', {}, cancel.signal);
    asked.catch(() => undefined);
    const other = client.ask('forwards.retry', {});
    other.catch(() => undefined);
    await until(() => waiting.length === 2);
    // The answer that it is taken has come.
    await sleep(200);
    cancel.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
    await until(() => waiting.some(({ aborted }) => aborted));
    expect(waiting.filter(({ aborted }) => aborted)).toHaveLength(1);
    await server.stop();
  });

  test('learns at once that a command it waits for will not be answered', async () => {
    const { dispatch, waiting } = silent();
    const server = await serveWindow({ dispatch, log: LOG, files: new Map(), port: 0 });
    const { client, seen } = watch(placeOf(server));
    await until(() => seen.length === 1);
    const asked = client.ask('profile.switch', { id: 'web', on: true });
    asked.catch(() => undefined);
    await until(() => waiting.length === 1);
    expect(waiting[0]?.aborted).toBe(false);
    await server.stop();
    await expect(asked).rejects.toThrow('the connection to Portkeeper is lost');
    await until(() => waiting[0]?.aborted === true);
  });

  test('gets an answer after the snapshot that shows what was done', async () => {
    const home = await AppHome.start({ runs: false });
    const server = await serveWindow({ dispatch: home.dispatch, log: LOG, files: new Map(), port: 0 });
    const { client, seen } = watch(placeOf(server));
    await until(() => seen.length === 1);
    for (let count = 1; count <= 50; count++) {
      await during(home, client.ask('profile.add', { profile: { name: `P ${count}`, forwards: [] } }));
      expect(seen.at(-1)?.profiles).toHaveLength(count);
    }
    await server.stop();
  });
});

class Tab extends EventTarget {
  visibilityState: 'visible' | 'hidden' = 'visible';

  show(state: Tab['visibilityState']): void {
    this.visibilityState = state;
    this.dispatchEvent(new Event('visibilitychange'));
  }
}

describe('a tab that nobody looks at', () => {
  afterEach(() => vi.useRealTimers());

  test('leaves the connection to others after a while, and has it again at the first look', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const page = new Tab();
    let open = 0;
    const origin = await scripted([
      (response) => {
        open += 1;
        response.once('close', () => (open -= 1));
        response.writeHead(200).write('{"revision": 1}\n');
      },
    ]);
    const { told, seen } = watch({ origin, token: 'x', attention: new Attention(page) });
    await until(() => seen.length === 1);
    page.show('hidden');
    vi.advanceTimersByTime(20_000);
    page.show('visible');
    page.show('hidden');
    vi.advanceTimersByTime(20_000);
    await sleep(50);
    expect(open).toBe(1);
    vi.advanceTimersByTime(20_000);
    await until(() => open === 0);
    page.show('visible');
    await until(() => seen.length === 2);
    // Nothing was lost that anybody saw.
    expect(told).toEqual(['connected', 'connected']);
  });
});

describe('a server asked by a window that watches', () => {
  async function asking(headers: Readonly<Record<string, string>>): Promise<(call?: string) => Promise<number>> {
    const dispatch: Dispatch = {
      command: (name, _input, signal) =>
        name === 'fails'
          ? Promise.reject(new Error('an error of ours'))
          : new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      hold: () => Promise.reject(new Error('not here')),
      watch: () => () => undefined,
    };
    const server = await serveWindow({ dispatch, log: LOG, files: new Map(), port: 0 });
    const { origin, token } = placeOf(server);
    const common = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', ...headers };
    const stop = new AbortController();
    // Kept until the end: an answer that is collected as garbage ends its connection, and the watcher with it.
    const watching = await fetch(`${origin}/api/snapshots`, { headers: common, signal: stop.signal }).catch(
      () => undefined,
    );
    onTestFinished(async () => {
      stop.abort();
      await watching?.text().catch(() => undefined);
      await server.stop();
    });
    return async (call) => {
      const named = call === undefined ? {} : { 'Portkeeper-Call': call };
      const init = { method: 'POST', body: '{}', headers: { ...common, ...named } };
      const response = await fetch(`${origin}/api/command/x`, init);
      await response.text();
      return response.status;
    };
  }

  test('takes what it is asked, up to a bound, and each call once', async () => {
    const ask = await asking({ 'Portkeeper-Watcher': 'window-1' });
    for (let call = 0; call < 200; call++) expect(await ask(String(call))).toBe(202);
    expect(await ask('200')).toBe(429);
  });

  test('refuses a second call of the same name, and names that are none', async () => {
    const ask = await asking({ 'Portkeeper-Watcher': 'window-1' });
    expect(await ask('1')).toBe(202);
    expect(await ask('1')).toBe(429);
    expect(await ask('a b')).toBe(400);
    expect(await ask('x'.repeat(65))).toBe(400);
    const other = await asking({ 'Portkeeper-Watcher': '../../etc' });
    expect(await other('1')).toBe(400);
  });
});
