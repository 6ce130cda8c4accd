/** A few cases of every target of `npm run fuzz`. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { targets } from './fuzz/targets.ts';

const CASES = 300;
/** Each is a home and four minutes. */
const CLIENTS = 8;

test.each([...targets.values()].map((target) => [target.name, target] as const))('%s', async (name, target) => {
  const outcome = await fc.check(target.property(), { numRuns: name === 'client' ? CLIENTS : CASES });
  expect(outcome.failed ? fc.defaultReportMessage(outcome) : '').toBe('');
});
