import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ip } from '../../main/contract/address.ts';
import {
  interfaceRows,
  isUsualLease,
  leaseOf,
  leaseParts,
  leftOutWith,
} from '../../renderer/views/settings/setting-values.ts';

describe('lease times', () => {
  test.each([
    [3600, { amount: 1, unit: 'hours' }],
    [5400, { amount: 90, unit: 'minutes' }],
    [604_800, { amount: 7, unit: 'days' }],
    [90, { amount: 1.5, unit: 'minutes' }],
  ])('%d seconds are said in the unit that fits', (seconds, parts) => {
    expect(leaseParts(seconds)).toEqual(parts);
  });

  test('every lease that may be set is the same after it was shown and typed again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 60, max: 604_800 }), (seconds) => {
        const { amount, unit } = leaseParts(seconds);
        expect(leaseOf(amount.toFixed(6), unit)).toBe(seconds);
      }),
    );
  });

  test.each(['', 'abc', '-1', '1e3', '1.2.3', 'Infinity'])('%j is not a time', (text) => {
    for (const unit of ['minutes', 'hours', 'days'] as const) expect(leaseOf(text, unit)).toBeNaN();
  });

  test('a decimal comma is understood', () => {
    expect(leaseOf(' 1,5 ', 'hours')).toBe(5400);
  });

  test('the protocol’s own time is a usual one, a time of one’s own is not', () => {
    expect([null, 3600, 3601].map((lease) => isUsualLease(lease))).toEqual([true, true, false]);
  });
});

describe('interfaces', () => {
  const there = [
    { name: 'eth0', addresses: [ip('192.168.1.20')], virtual: false },
    { name: 'tun0', addresses: [], virtual: true },
  ];

  test('those that are left out are not used, and shown though they are not there', () => {
    expect(interfaceRows(there, ['tun0', 'usb0'])).toEqual([
      { ...there[0], used: true, present: true },
      { ...there[1], used: false, present: true },
      { name: 'usb0', addresses: [], virtual: false, used: false, present: false },
    ]);
  });

  test('leaving one out twice, and using one that was never left out, changes nothing', () => {
    expect(leftOutWith(['tun0'], 'tun0', false)).toEqual(['tun0']);
    expect(leftOutWith(['tun0'], 'eth0', true)).toEqual(['tun0']);
    expect(leftOutWith(['tun0'], 'tun0', true)).toEqual([]);
  });
});
