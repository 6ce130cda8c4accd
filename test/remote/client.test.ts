import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { RemoteClient } from '../../main/remote/client.ts';
import { serveOn } from '../../main/remote/server.ts';
import { clientSuite } from './client-suite.ts';

clientSuite('a client in the same process', async ({ client }) => ({ client, end: async () => undefined }));

clientSuite('a client over a socket', async (at) => {
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
});
