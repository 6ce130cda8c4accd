/** `portkeeper serve --demo`: what somebody without a router tries first. */
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Workplace } from '../support/portkeeper-process.ts';

let place: Workplace;
beforeEach(async () => {
  place = await Workplace.create();
});
afterEach(() => place.close());

test('holds profiles on a simulated router, and says that nothing is open to the internet', async () => {
  await place.run(['profile', 'add', 'Minecraft', '25565/tcp', '--on']);
  const serving = place.start(['serve', '--demo', '--json']);
  expect(await serving.until('serving')).toMatchObject({ profiles: 1, on: 1, demo: true });
  await serving.until('mapping', ({ status }) => status === 'open');
  expect(serving.process.errors.join('\n')).toContain('nothing is open to the internet');
  const { said } = await place.run(['status', '--json']);
  expect(said).toMatchObject([{ open: 1, gateways: [{ address: '127.0.0.1' }] }]);
  expect((await serving.interrupt()).code).toBe(0);
  const log = await readFile(place.path('data', 'portkeeper.log'), 'utf8');
  expect(log).toContain('simulated router: opened tcp 25565');
  // The next start finds nothing to clean up.
  expect(await readFile(place.path('data', 'journal.jsonl'), 'utf8').catch(() => '')).not.toContain('25565');
});

test('is over with the program: the next one looks for the real routers', async () => {
  const first = place.start(['serve', '--demo', '--json']);
  await first.until('serving');
  await first.interrupt();
  const second = place.start(['serve', '--json', '--gateway', '127.0.0.1']);
  expect(await second.until('serving')).toMatchObject({ demo: false });
  await second.interrupt();
});
