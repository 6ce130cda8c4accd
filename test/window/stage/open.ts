/**
 * `node test/window/open.ts`: builds the window and serves it with a simulated router on real sockets, for a browser;
 * `--home`: with a simulated home on a virtual clock. Until Ctrl-C.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { readWindow } from '../../../main/connect/window-files.ts';
import { serveWindow } from '../../../main/connect/window-server.ts';
import { AppHome } from '../../support/app-home.ts';
import { buildWindow } from './build-window.ts';
import { HomeOnStage, LoopbackOnStage, type StagedApp } from './staged-app.ts';

const { home, port } = parseArgs({
  options: { home: { type: 'boolean', default: false }, port: { type: 'string', default: '8799' } },
}).values;

const folder = await mkdtemp(path.join(tmpdir(), 'portkeeper-open-'));
try {
  await buildWindow(folder);
  const files = await readWindow(folder);
  if (files === undefined) throw new Error('the window was not built');
  const app: StagedApp = home ? new HomeOnStage(await AppHome.start()) : await LoopbackOnStage.start();
  const server = await serveWindow({ dispatch: app.dispatch, log: app.log, files, port: Number(port), orNext: 20 });
  console.log(server.address);
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  await promise;
  await server.stop();
  await app.stop();
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
