/** A share of `npm run simulate -- pairs`, and what it found at some time. */
import { expect, test } from 'vitest';
import { allPairs, canOccurTogether, judge, play, playPairs, type PairOutcome } from './pairs.ts';

test('pairs of habits that are known to be hard, and a few others', async () => {
  const others = allPairs.filter((_pair, at) => at % 2500 === 7);
  const wrong = await playPairs([
    // Both were shown as open where they were not, or asked for without end.
    ['eight-bit-ports', 'lists-names'],
    ['tcp-udp-replaces', 'refuses-port-0'],
    ...others,
  ]);
  expect(wrong, 'npm run simulate -- pairs').toEqual([]);
});

test('traits that exclude each other are not a pair', () => {
  expect(canOccurTogether(['chunked', 'until-close'])).toBe(false);
  expect(canOccurTogether(['upnp-only', 'pcp-only'])).toBe(false);
  expect(canOccurTogether(['chunked', 'padded-values'])).toBe(true);
  expect(allPairs.length).toBeGreaterThan(7000);
});

test('a failure that only two traits together cause is noticed', async () => {
  const alone = await play(['chunked'], { igd: true, natPmp: false, pcp: false });
  const worse = (change: Partial<PairOutcome>): readonly string[] => judge({ ...alone, ...change }, [[alone, alone]]);
  expect(worse({})).toEqual([]);
  expect(worse({ states: ['open', 'router-failed', 'open'] })).toHaveLength(1);
  for (const change of [{ isUncut: false }, { isListed: false }, { isClosed: false }, { faults: ['x'] }])
    expect(worse(change)).toHaveLength(1);
});
