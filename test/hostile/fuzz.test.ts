/** A few cases of every target of `npm run fuzz`, and all of its corpus. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { fuzz } from './fuzz/guided.ts';
import { targets } from './fuzz/targets.ts';

const CASES = 500;
/** Each is a home and four minutes. */
const CLIENTS = 8;

test.each([...targets.values()].map((target) => [target.name, target] as const))('%s', async (_name, target) => {
  if ('run' in target) {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const { fault } = fuzz(target, { seed, isGuided: false, isOver: (cases) => cases >= CASES });
    expect(fault, `seed ${seed}`).toBeUndefined();
  } else {
    const outcome = await fc.check(target.property(), { numRuns: CLIENTS });
    expect(outcome.failed ? fc.defaultReportMessage(outcome) : '').toBe('');
  }
});

test('a fault is found, and shown in its smallest form', () => {
  const broken = (bytes: Uint8Array): void => {
    const text = Buffer.from(bytes).toString('latin1');
    if (text.startsWith('<a')) if (text.includes('=')) if (text.endsWith('>>')) throw new Error('broken');
  };
  const target = { name: 'broken', seeds: [Buffer.from('<a b="c">text</a>')], pieces: ['<', '>', '='], run: broken };
  const { fault } = fuzz(target, { seed: 1, isGuided: false, isOver: (cases) => cases >= 20_000 });
  expect(Buffer.from(fault?.input ?? []).toString('latin1')).toBe('<a=>>');
});
