import { afterEach, beforeEach, expect, test } from 'vitest';
import { meetAsResident, type Resident } from '../../main/connect/resident.ts';
import type { AppSnapshot } from '../../main/contract/commands.ts';
import { isDemo } from '../../main/desktop/installation.ts';
import { createDemoStarter } from '../../main/simulator/on-loopback/demo-router.ts';
import { createDocumentStore } from '../../main/system/node/files/document-store.ts';
import { createNodeSystem } from '../../main/system/node/node-system.ts';
import { testHost } from '../support/test-host.ts';
import { temporaryFolder } from '../system/files/temporary-folder.ts';

const system = createNodeSystem({ log: { write: () => undefined } });
const met: Resident[] = [];
let dataFolder: string;
beforeEach(() => {
  dataFolder = temporaryFolder();
});
afterEach(async () => {
  for (const session of met.splice(0)) await session.end();
});

async function meet(demo: boolean): Promise<Resident> {
  const host = testHost({ dataFolder, demo: createDemoStarter(system) });
  const documents = () => createDocumentStore(dataFolder);
  const note = (): void => undefined;
  const session = await meetAsResident({ system, documents, host, demo, note }, new AbortController().signal);
  met.push(session);
  return session;
}

function until(session: Resident, fits: (snapshot: AppSnapshot) => boolean): Promise<AppSnapshot> {
  const { promise, resolve } = Promise.withResolvers<AppSnapshot>();
  session.watch((snapshot) => {
    if (fits(snapshot)) resolve(snapshot);
  });
  return promise;
}

test('an engine begins with the simulated router when that is requested', async () => {
  const session = await meet(true);
  expect(session.role).toBe('host');
  const { engine } = await until(session, ({ demo, engine }) => demo && engine.gateways.length > 0);
  expect(engine.gateways).toMatchObject([{ address: '127.0.0.1' }]);
});

test('the second to start is the guest of the first, whatever it asks for', async () => {
  await meet(false);
  const second = await meet(true);
  expect(second.role).toBe('guest');
  expect(await until(second, () => true)).toMatchObject({ demo: false });
});

test('only that word asks for it', () => {
  expect(isDemo(['electron', '.', '--demo'])).toBe(true);
  expect(isDemo(['portkeeper-desktop', '--hidden'])).toBe(false);
});
