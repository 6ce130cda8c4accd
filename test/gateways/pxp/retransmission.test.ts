import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { millis } from '../../../main/contract/units.ts';
import { NAT_PMP_SCHEDULE, PCP_SCHEDULE, waits, type Schedule } from '../../../main/gateways/pxp/retransmission.ts';

const middle = { unit: () => 0.5 };
const forEver = millis(100_000_000);

describe('schedules', () => {
  test('NAT-PMP with all the patience of RFC 6886 §3.1: nine sends, the last wait 64 s', () => {
    expect([...waits({ ...NAT_PMP_SCHEDULE, patience: forEver }, middle)]).toEqual([
      250, 500, 1000, 2000, 4000, 8000, 16_000, 32_000, 64_000,
    ]);
  });

  test('PCP doubles up to 1024 s, RFC 6887 §8.1.1', () => {
    const all = [...waits({ ...PCP_SCHEDULE, patience: forEver }, middle)];
    expect(all.slice(0, 4)).toEqual([250, 500, 1000, 2000]);
    expect(all.slice(12, 16)).toEqual([1_024_000, 1_024_000, 1_024_000, 1_024_000]);
  });

  test('one lost packet costs a person a quarter of a second', () => {
    expect([...waits(PCP_SCHEDULE, middle)][0]).toBe(250);
  });

  test('the last send has time for its answer', () => {
    expect([...waits({ ...NAT_PMP_SCHEDULE, patience: millis(800) }, middle)]).toEqual([250, 550]);
    expect([...waits({ ...NAT_PMP_SCHEDULE, patience: millis(100) }, middle)]).toEqual([100]);
  });

  test('waits grow, keep to their jitter, and use up the patience but no more', () => {
    fc.assert(
      fc.property(
        fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
        fc.nat(120_000),
        (units, patience) => {
          const random = { unit: () => units.next().value ?? 0 };
          const schedule: Schedule = { ...PCP_SCHEDULE, patience: millis(patience) };
          const all = [...waits(schedule, random)];
          expect(all.reduce((sum, wait) => sum + wait, 0)).toBeCloseTo(patience, 3);
          for (const [index, wait] of all.slice(0, -1).entries()) {
            const before = all[index - 1] ?? 125;
            expect(wait).toBeGreaterThanOrEqual(before * 1.8 - 0.001);
            expect(wait).toBeLessThanOrEqual(before * 2.2 + 0.001);
          }
        },
      ),
    );
  });
});
