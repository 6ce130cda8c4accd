import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { RemoteClient } from '../../main/connect/client.ts';
import { serveOn } from '../../main/connect/server.ts';
import { serveWindow } from '../../main/connect/window-server.ts';
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
      await rm(folder, { recursive: true, maxRetries: 5 });
    },
  };
}

clientSuite('a client over a socket', overSocket);
holdingSuite('a client over a socket holds', overSocket);

async function overHttp(at: AppHome) {
  const { log } = at.home.client.system;
  const server = await serveWindow({ dispatch: at.dispatch, log, files: new Map(), port: 0 });
  const { origin, hash } = new URL(server.address);
  const client = new HttpClient({ origin, token: new URLSearchParams(hash.slice(1)).get('token') ?? '' });
  return { client, end: () => server.stop() };
}

clientSuite('a window in a browser', overHttp);

// Its answers come another way: among the snapshots.
clientSuite('a window in a browser that watches', async (at) => {
  const { client, end } = await overHttp(at);
  const { promise, resolve } = Promise.withResolvers<void>();
  const unwatch = client.watch(() => resolve());
  await promise;
  return {
    client,
    end: async () => {
      unwatch();
      await end();
    },
  };
});
