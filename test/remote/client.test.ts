import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { RemoteClient } from '../../main/remote/client.ts';
import { serveOn } from '../../main/remote/server.ts';
import { serveWindow } from '../../main/remote/window-server.ts';
import { HttpClient } from '../../renderer/client/http-client.ts';
import type { AppHome } from '../support/app-home.ts';
import { clientSuite, holdingSuite } from './client-suite.ts';

async function inProcess({ client }: AppHome) {
  return { client, end: async () => undefined };
}

clientSuite('a client in the same process', inProcess);
holdingSuite('a client in the same process holds', inProcess);

async function overSocket(at: AppHome) {
  const folder = await mkdtemp(path.join(tmpdir(), 'portkeeper-remote-'));
  const address = path.join(folder, 'socket');
  const server = await serveOn(address, { dispatch: at.dispatch, log: at.home.client.system.log });
  return {
    client: new RemoteClient(address),
    end: async () => {
      await server.stop();
      await rm(folder, { recursive: true });
    },
  };
}

clientSuite('a client over a socket', overSocket);
holdingSuite('a client over a socket holds', overSocket);

clientSuite('a window in a browser', async (at) => {
  const files = new Map();
  const server = await serveWindow({ dispatch: at.dispatch, log: at.home.client.system.log, files, port: 0 });
  const { origin, hash } = new URL(server.address);
  const token = new URLSearchParams(hash.slice(1)).get('token') ?? '';
  return { client: new HttpClient({ origin, token }), end: () => server.stop() };
});
