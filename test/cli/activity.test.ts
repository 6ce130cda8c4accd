/** The activity, requested while `serve` runs and afterwards. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { Workplace, type DemoRouter, type Outcome } from '../support/portkeeper-process.ts';

let all: Workplace;
let router: DemoRouter;
let place: Workplace;

beforeAll(async () => {
  all = await Workplace.create();
  router = await all.demoRouter();
});
afterAll(() => all.close());
beforeEach(async () => {
  place = await Workplace.create();
});
afterEach(() => place.close());

const codeOf = ({ code }: Outcome): number | null => code;

test('is shown in sentences and as JSON, while it runs and afterwards', async () => {
  await place.run(['profile', 'add', 'Minecraft', '25565/tcp', '--on']);
  const serving = place.start(['serve', '--json', ...router.upnp]);
  await serving.until('mapping', ({ status }) => status === 'open');
  const running = await place.run(['activity']);
  expect(codeOf(running)).toBe(0);
  expect(running.stdout).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}Portkeeper started\.$/m);
  expect(running.stdout).toMatch(/ {2}Minecraft: 25565\/TCP opened on /);
  await place.run(['profile', 'off', 'minecraft']);
  await serving.interrupt();
  const { said } = await place.run(['activity', '--json', '--last', '3']);
  expect(said).toMatchObject([
    { event: 'switched', profile: 'minecraft', on: false },
    { event: 'closed', name: 'Minecraft', external: { first: 25_565 }, text: 'Minecraft: 25565/TCP closed.' },
    { event: 'ended', left: 'closed' },
  ]);
  for (const { at } of said) expect(String(at)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test('can be forgotten', async () => {
  await place.run(['profile', 'add', 'Minecraft', '25565/tcp', '--on']);
  const serving = place.start(['serve', '--json', ...router.upnp]);
  await serving.until('mapping', ({ status }) => status === 'open');
  const cleared = await place.run(['activity', '--clear', '--json']);
  expect(codeOf(cleared)).toBe(0);
  expect(cleared.said).toEqual([{ event: 'cleared' }]);
  await place.run(['profile', 'off', 'minecraft']);
  await serving.interrupt();
  const { stdout } = await place.run(['activity']);
  expect(stdout).not.toContain('Portkeeper started');
  expect(stdout).toContain('Minecraft was turned off.');
});

test('is nothing before anything has run, and says what to do', async () => {
  const { code, stdout, stderr } = await place.run(['activity']);
  expect(code).toBe(0);
  expect(stdout).toBe('');
  expect(stderr).toContain('while the app or portkeeper serve runs');
});

test.for(['0', '-1', 'many', '10001'])('--last %s is refused', async (last) => {
  const refused = await place.run(['activity', '--last', last]);
  expect(codeOf(refused)).toBe(2);
  expect(refused.stderr).toContain('--last');
});
