/** `portkeeper serve --demo`: what somebody without a router tries first. */
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Workplace } from '../../support/portkeeper-process.ts';

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

test('opens nothing of what was tried on the real router at the next start, and says what happened to it', async () => {
  const real = await place.demoRouter();
  await place.run(['profile', 'add', 'Minecraft', '25565/tcp']);
  const trying = place.start(['serve', '--demo', '--json', '--no-window']);
  await trying.until('serving');
  await place.run(['profile', 'on', 'minecraft']);
  const { code, stderr } = await place.run(['profile', 'add', 'Web', '8080/tcp', '--on']);
  expect(code).toBe(0);
  expect(stderr).toContain('simulated router');
  expect((await place.run(['status', '--json'])).said).toMatchObject([{ open: 2 }]);
  expect((await trying.interrupt()).stderr).toContain('portkeeper profile keep --data-dir ');
  expect(trying.said).toContainEqual({ event: 'tried', profiles: ['web'] });

  const serving = place.start(['serve', '--json', '--no-window', ...real.upnp]);
  expect(await serving.until('serving')).toMatchObject({ profiles: 1, on: 0, demo: false });
  await serving.note(/Made with the simulated router, and not open on a real one: Web/);
  const { said: added } = await place.run(['profile', 'add', 'Marker', '7777/tcp', '--on', '--json']);
  expect(added).toMatchObject([{ id: 'marker' }, { profile: { on: true } }]);
  const kept = await place.run(['profile', 'keep']);
  expect(kept.stdout).toContain('Web (web)');
  expect((await place.run(['profile', 'list', '--json'])).said).toMatchObject([
    { profiles: [{ id: 'minecraft', on: false }, { id: 'marker' }, { id: 'web', on: false }] },
  ]);
  expect(real.table).toEqual(['7777/tcp']);
  await serving.interrupt();
});

test('killed in the middle leaves nothing that opens later', async () => {
  const real = await place.demoRouter();
  const trying = place.start(['serve', '--demo', '--json', '--no-window']);
  await trying.until('serving');
  await place.run(['profile', 'add', 'Web', '8080/tcp', '--on']);
  await trying.process.end('SIGKILL');
  const serving = place.start(['serve', '--json', '--no-window', ...real.upnp]);
  expect(await serving.until('serving')).toMatchObject({ profiles: 0, on: 0 });
  expect((await place.run(['profile', 'keep', '--none'])).code).toBe(0);
  expect((await place.run(['profile', 'keep', '--json'])).said).toEqual([{ event: 'kept', profiles: [] }]);
  await serving.interrupt();
});
