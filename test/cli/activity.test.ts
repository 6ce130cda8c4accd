/** The activity, requested while `serve` runs and afterwards. */
import { expect, test } from 'vitest';
import { atOneRouter, codeOf } from './at-one-router.ts';

const at = atOneRouter();

test('is shown in sentences and as JSON, while it runs and afterwards', async () => {
  await at.place.run(['profile', 'add', 'Minecraft', '25565/tcp', '--on']);
  const serving = at.place.start(['serve', '--json', ...at.router.upnp]);
  await serving.until('mapping', ({ status }) => status === 'open');
  const running = await at.place.run(['activity']);
  expect(codeOf(running)).toBe(0);
  expect(running.stdout).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}Portkeeper started\.$/m);
  expect(running.stdout).toMatch(/ {2}Minecraft: 25565\/TCP opened on /);
  await at.place.run(['profile', 'off', 'minecraft']);
  await serving.interrupt();
  const { said } = await at.place.run(['activity', '--json', '--last', '3']);
  expect(said).toMatchObject([
    { event: 'switched', profile: 'minecraft', on: false },
    { event: 'closed', name: 'Minecraft', external: { first: 25_565 }, text: 'Minecraft: 25565/TCP closed.' },
    { event: 'ended', left: 'closed' },
  ]);
  for (const { at } of said) expect(String(at)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test('can be forgotten', async () => {
  await at.place.run(['profile', 'add', 'Minecraft', '25565/tcp', '--on']);
  const serving = at.place.start(['serve', '--json', ...at.router.upnp]);
  await serving.until('mapping', ({ status }) => status === 'open');
  const cleared = await at.place.run(['activity', '--clear', '--json']);
  expect(codeOf(cleared)).toBe(0);
  expect(cleared.said).toEqual([{ event: 'cleared' }]);
  await at.place.run(['profile', 'off', 'minecraft']);
  await serving.interrupt();
  const { stdout } = await at.place.run(['activity']);
  expect(stdout).not.toContain('Portkeeper started');
  expect(stdout).toContain('Minecraft was turned off.');
});

test('is nothing before anything has run, and says what to do', async () => {
  const { code, stdout, stderr } = await at.place.run(['activity']);
  expect(code).toBe(0);
  expect(stdout).toBe('');
  expect(stderr).toContain('while the app or portkeeper serve runs');
});

test.for(['0', '-1', 'many', '10001'])('--last %s is refused', async (last) => {
  const refused = await at.place.run(['activity', '--last', last]);
  expect(codeOf(refused)).toBe(2);
  expect(refused.stderr).toContain('--last');
});
