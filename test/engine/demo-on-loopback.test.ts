/** The simulated router that people get, on real sockets: from the switch to real traffic, and back. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ip } from '../../main/contract/address.ts';
import type { AppSnapshot, CommandInput, CommandName } from '../../main/contract/commands.ts';
import { inSeconds } from '../../main/contract/units.ts';
import { App } from '../../main/engine/app.ts';
import { createDispatch, createLocalClient } from '../../main/engine/dispatch.ts';
import { createRouterMemory } from '../../main/gateways/router-memory.ts';
import { createDemoStarter, startDemoRouter, type DemoRouter } from '../../main/simulator/on-loopback/demo-router.ts';
import { createDocumentStore } from '../../main/system/node/files/document-store.ts';
import { createRecordLog } from '../../main/system/node/files/record-log.ts';
import { createNodeSystem } from '../../main/system/node/node-system.ts';
import { tcp } from '../support/app-home.ts';
import { testHost } from '../support/test-host.ts';
import { askEcho, startEcho } from '../world/echo.ts';
import { freePort } from '../support/free-port.ts';

const LOOPBACK = ip('127.0.0.1');
const system = createNodeSystem({ log: { write: () => {} } });

let folder: string;
let stop: AbortController;
/** In the place of a router at home. */
let real: DemoRouter;
let said: string[];
let app: App;
let ended: Promise<void>;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'portkeeper-demo-'));
  stop = new AbortController();
  real = await startDemoRouter({ log: () => {} }, system, stop.signal);
  said = [];
  const documents = createDocumentStore(folder);
  app = await App.load({
    system,
    documents,
    journal: createRecordLog(path.join(folder, 'journal.jsonl')),
    memory: createRouterMemory(documents, system.log, system.clock),
    search: { manual: real.location },
    host: testHost({ demo: createDemoStarter(system, (line) => said.push(line)) }),
  });
  ended = app.run(stop.signal);
});

afterEach(async () => {
  stop.abort();
  await ended;
  await real.stop();
  await rm(folder, { recursive: true, maxRetries: 5 });
});

async function ask<Name extends CommandName>(name: Name, input: CommandInput<Name>): Promise<void> {
  const answer = await createLocalClient(createDispatch(app, system.log)).ask(name, input);
  if (!answer.ok) throw new Error(answer.fault.message);
}

/** Where the simulated router says that it carries the port. */
async function reached(): Promise<{ address: ReturnType<typeof ip>; port: number }> {
  for (let waited = 0; waited < 300; waited += 1) {
    const [, address, port] = /^opened .* reached at (.*):(\d+)$/.exec(said.at(-1) ?? '') ?? [];
    if (address !== undefined) return { address: ip(address), port: Number(port) };
    await system.clock.sleep(inSeconds(0.1), stop.signal);
  }
  throw new Error(`nothing was opened: ${said.join('; ')}`);
}

const statuses = ({ engine }: AppSnapshot): readonly string[] => engine.mappings.map(({ status }) => status.at);

test('the simulated router carries real traffic while the real one holds nothing; and the other way round', async () => {
  const port = await freePort();
  await startEcho(system, 'server', { transport: 'tcp', address: LOOPBACK, port }, stop.signal);
  await ask('profile.add', { profile: { name: 'Web', forwards: [tcp(port)] } });
  const on = async (): Promise<void> => {
    const [profile] = app.snapshot.profiles;
    if (profile !== undefined) await ask('profile.switch', { id: profile.id, on: true });
  };
  await on();
  expect(real.router.table()).toHaveLength(1);

  await ask('demo.switch', { on: true });
  await on();
  expect(statuses(app.snapshot)).toEqual(['open']);
  expect(real.router.table()).toEqual([]);
  expect(await askEcho(system, 'tcp', await reached(), inSeconds(20))).toBe('server');

  await ask('demo.switch', { on: false });
  await on();
  expect(real.router.table()).toHaveLength(1);
  expect(said.at(-1)).toMatch(/^closed /);
});
