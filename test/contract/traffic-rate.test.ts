import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { trafficRate, type TrafficReading } from '../../main/contract/gateway-table.ts';
import { epochMs } from '../../main/contract/units.ts';

const WRAP = 2 ** 32;
const reading = (seconds: number, received: number, sent: number): TrafficReading => ({
  at: epochMs(1_700_000_000_000 + seconds * 1000),
  received,
  sent,
});

describe('the rate between two readings', () => {
  test('is bytes per second, both ways', () => {
    expect(trafficRate(reading(0, 1000, 500), reading(2, 5000, 500))).toEqual({ received: 2000, sent: 0 });
  });

  test('is right across the end of a 32-bit counter', () => {
    expect(trafficRate(reading(0, WRAP - 1000, 10), reading(2, 3000, 20))).toEqual({ received: 2000, sent: 5 });
  });

  test('is unknown when both counters started again', () => {
    expect(trafficRate(reading(0, WRAP - 1000, 900), reading(2, 3000, 20))).toBeUndefined();
  });

  test('is unknown when a counter lost more than a line could carry', () => {
    expect(trafficRate(reading(0, 2_000_000_000, 0), reading(2, 1000, 0))).toBeUndefined();
    expect(trafficRate(reading(0, 4_000_000_000, 0), reading(0.1, 1000, 0))).toBeUndefined();
  });

  test('of a 64-bit counter is right, and has no wrap', () => {
    expect(trafficRate(reading(0, 5 * WRAP, 0), reading(1, 5 * WRAP + 10, 0))).toEqual({ received: 10, sent: 0 });
    expect(trafficRate(reading(0, WRAP + 1000, 0), reading(1, WRAP + 10, 0))).toBeUndefined();
  });

  test('is unknown without time between the two', () => {
    expect(trafficRate(reading(1, 10, 10), reading(1, 20, 20))).toBeUndefined();
    expect(trafficRate(reading(2, 10, 10), reading(1, 20, 20))).toBeUndefined();
  });

  test('is that of the line, wherever a 32-bit counter stands', () => {
    const counter = fc.integer({ min: 0, max: WRAP - 1 });
    // Whole bytes each second, up to 2 Gbit/s down and 500 Mbit/s up.
    const lines = fc.record({
      start: fc.record({ received: counter, sent: counter }),
      rate: fc.record({ received: fc.integer({ min: 0, max: 250e6 }), sent: fc.integer({ min: 0, max: 62e6 }) }),
      seconds: fc.integer({ min: 1, max: 8 }),
    });
    fc.assert(
      fc.property(lines, ({ start, rate, seconds }) => {
        const after = {
          received: (start.received + rate.received * seconds) % WRAP,
          sent: (start.sent + rate.sent * seconds) % WRAP,
        };
        // One reading in a great many: it looks the same as a restart.
        fc.pre(!(after.received < start.received && after.sent < start.sent));
        const told = trafficRate(reading(0, start.received, start.sent), reading(seconds, after.received, after.sent));
        expect(told).toEqual(rate);
      }),
    );
  });

  test('is never negative, never endless, and never faster than a line could be, whatever the counters say', () => {
    const counter = fc.oneof(fc.integer({ min: 0, max: WRAP - 1 }), fc.maxSafeNat());
    fc.assert(
      fc.property(counter, counter, counter, counter, fc.integer({ min: -10, max: 100 }), (a, b, c, d, seconds) => {
        const told = trafficRate(reading(0, a, b), reading(seconds, c, d));
        if (told === undefined) return;
        for (const [rate, before, after] of [
          [told.received, a, c],
          [told.sent, b, d],
        ] as const) {
          expect(rate).toBeGreaterThanOrEqual(0);
          expect(Number.isFinite(rate)).toBe(true);
          if (after < before) expect(rate).toBeLessThanOrEqual(1.25e9);
        }
      }),
    );
  });
});
