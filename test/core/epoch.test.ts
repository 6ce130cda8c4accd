import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inSeconds, seconds } from '../../main/contract/units.ts';
import { checkEpoch } from '../../main/core/restarts.ts';

const reading = (epoch: number, at: number) => ({ epoch: seconds(epoch), at: inSeconds(at) });

describe('the server lost its state', () => {
  test.each([
    ['a router that rebooted', reading(90_000, 0), reading(12, 60), 'restarted'],
    ['one that rebooted between two questions an hour apart', reading(100, 0), reading(600, 3600), 'restarted'],
    ['a clock that ran ahead of ours', reading(100, 0), reading(5000, 60), 'restarted'],
    ['an hour later by both clocks', reading(100, 0), reading(3700, 3600), 'same'],
    ['a server clock six percent slow', reading(0, 0), reading(3384, 3600), 'same'],
    ['a server clock seven percent slow', reading(0, 0), reading(3348, 3600), 'restarted'],
    ['answers that overtook each other', reading(100, 0), reading(99, 0), 'same'],
    ['two seconds back', reading(100, 0), reading(98, 0), 'restarted'],
    ['an answer that took two seconds longer', reading(100, 0), reading(100, 2), 'same'],
  ] as const)('%s', (_, previous, current, verdict) => {
    expect(checkEpoch(previous, current)).toBe(verdict);
  });

  test('the first answer says nothing', () => {
    expect(checkEpoch(undefined, reading(0, 0))).toBe('same');
  });
});

describe('for all clocks', () => {
  const epoch = fc.integer({ min: 0, max: 10_000_000 });
  const moment = fc.integer({ min: 0, max: 10_000_000 });

  test('a server that counts as we do, within a second either way, never restarted', () => {
    fc.assert(
      fc.property(
        epoch,
        moment,
        fc.integer({ min: 0, max: 10_000_000 }),
        fc.constantFrom(-1, 0, 1),
        (from, at, passed, skew) => {
          const now = Math.max(from + passed + skew, 0);
          expect(checkEpoch(reading(from, at), reading(now, at + passed))).toBe('same');
        },
      ),
    );
  });

  test('a clock that drifts less than a sixteenth is forgiven, one that drifts an eighth is not in the long run', () => {
    fc.assert(
      fc.property(epoch, fc.integer({ min: 100, max: 1_000_000 }), fc.boolean(), (from, passed, fast) => {
        const counted = (share: number) => Math.round(from + passed * (fast ? 1 + share : 1 - share));
        expect(checkEpoch(reading(from, 0), reading(counted(1 / 20), passed))).toBe('same');
        expect(checkEpoch(reading(from, 0), reading(counted(1 / 8), passed))).toBe('restarted');
      }),
    );
  });

  test('a server that started over within the last 85 % of the time since is found out, however young it was', () => {
    fc.assert(
      fc.property(
        epoch,
        fc.integer({ min: 60, max: 1_000_000 }),
        fc.double({ min: 0, max: 0.85, noNaN: true }),
        (from, passed, share) => {
          expect(checkEpoch(reading(from, 0), reading(Math.floor(passed * share), passed))).toBe('restarted');
        },
      ),
    );
  });
});
