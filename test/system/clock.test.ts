import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { millis } from '../../main/contract/units.ts';
import { createNodeClock } from '../../main/system/node/clock.ts';
import { createNodeRandom } from '../../main/system/node/node-system.ts';

const clock = createNodeClock();
const never = new AbortController().signal;

it('sleeps at least as long as asked, by its own monotonic clock', async () => {
  const before = clock.monotonic();
  await clock.sleep(millis(30), never);
  expect(clock.monotonic() - before).toBeGreaterThanOrEqual(30);
});

it('yields once for nothing and for less than nothing', async () => {
  const order: string[] = [];
  const slept = clock.sleep(millis(-5), never).then(() => order.push('slept'));
  order.push('went on');
  await slept;
  expect(order).toEqual(['went on', 'slept']);
});

it('ends a sleep with the reason of the signal', async () => {
  const gone = new AbortController();
  const slept = clock.sleep(millis(3_600_000), gone.signal);
  gone.abort(new Error('network gone'));
  await expect(slept).rejects.toThrow('network gone');
  await expect(clock.sleep(millis(1), gone.signal)).rejects.toThrow('network gone');
});

it('sleeps longer than a timer of Node can count', async () => {
  const enough = new AbortController();
  let over = false;
  const slept = clock.sleep(millis(2 ** 40), enough.signal).finally(() => (over = true));
  await clock.sleep(millis(50), never);
  expect(over).toBe(false);
  enough.abort(new Error('enough'));
  await expect(slept).rejects.toThrow('enough');
});

it('keeps the process alive for a sleep, and not for one that was given up', async () => {
  const source = `
    import { createNodeClock } from ${JSON.stringify(new URL('../../main/system/node/clock.ts', import.meta.url).href)};
    const clock = createNodeClock();
    const given = new AbortController();
    clock.sleep(3_600_000, given.signal).catch(() => process.stdout.write('given up '));
    clock.sleep(20, new AbortController().signal).then(() => { process.stdout.write('slept '); given.abort(); });
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', source]);
  expect(stdout).toBe('slept given up ');
});

it('reads the time of the wall clock', () => {
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(60_000);
});

it('draws bytes and fractions that are not always the same', () => {
  const random = createNodeRandom();
  expect(random.bytes(12)).toHaveLength(12);
  expect(random.bytes(12)).not.toEqual(random.bytes(12));
  const drawn = Array.from({ length: 1000 }, () => random.unit());
  expect(drawn.every((value) => value >= 0 && value < 1)).toBe(true);
  expect(new Set(drawn).size).toBeGreaterThan(990);
});
