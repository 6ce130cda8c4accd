/** Any user of this computer can connect to the window's port, a thousand times: whoever has the token still gets through. */
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { serveWindow } from '../../main/connect/window-server.ts';
import { AppHome } from '../support/app-home.ts';

const IDLE = 1000;

test('a thousand connections that say nothing, or half a head, keep nobody out', async () => {
  const at = await AppHome.start();
  const { dispatch } = at;
  const server = await serveWindow({ dispatch, log: at.home.client.system.log, files: new Map(), port: 0 });
  const token = new URLSearchParams(new URL(server.address).hash.slice(1)).get('token') ?? '';
  const api = `http://127.0.0.1:${server.port}/api`;
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  const watching = await fetch(`${api}/snapshots`, { headers });
  const reader = watching.body?.getReader();
  await reader?.read();
  let isEnded = false;
  reader?.closed.then(
    () => (isEnded = true),
    () => (isEnded = true),
  );
  const flood: Socket[] = [];
  let left = 0;
  for (let each = 0; each < IDLE; each += 1) {
    const socket = connect(server.port, '127.0.0.1').on('error', () => undefined);
    socket.on('close', () => (left += 1));
    flood.push(socket);
    if (each % 2 === 0) socket.write('GET / HTTP/1.1\r\nX-Slow: ');
    if (each % 50 === 49) await once(socket, 'connect');
  }
  const answer = await fetch(`${api}/command/profiles.export`, { method: 'POST', headers, body: '{}' });
  expect(answer.status).toBe(200);
  // They gave way to each other, and the window that was there before has stayed.
  expect(left).toBeGreaterThanOrEqual(IDLE - 2 * 128);
  expect(isEnded).toBe(false);
  for (const socket of flood) socket.destroy();
  await reader?.cancel();
  await server.stop();
  await at.stop();
});
