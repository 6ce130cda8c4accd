import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LANGUAGES } from '../../main/contract/words/catalogues.ts';
import { epochMs, inHours, inMinutes, millis, port, type EpochMs, type Millis } from '../../main/contract/units.ts';
import {
  byteRate,
  clockTime,
  dayText,
  durationInFull,
  durationText,
  listText,
  momentText,
  numberText,
  portsText,
} from '../../main/contract/words/formats.ts';

const BERLIN = 'Europe/Berlin';
/** 14:05:09 in Berlin, a Friday. */
const NOW = epochMs(Date.UTC(2026, 4, 1, 12, 5, 9));
const earlier = (duration: Millis): EpochMs => epochMs(NOW - duration);
const later = (duration: Millis): EpochMs => epochMs(NOW + duration);
/** As Intl has them, non-breaking spaces among others. */
const plain = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, ' ');

describe('a duration', () => {
  test.each<[Millis, string, string, string]>([
    [millis(0), '0 s', '0 s', '0 Sekunden'],
    [millis(59_999), '59 s', '59 s', '59 Sekunden'],
    [inMinutes(1), '1 min', '1 min', '1 Minute'],
    [inMinutes(59.9), '59 min', '59 min', '59 Minuten'],
    [inHours(2), '2 h', '2 h', '2 Stunden'],
    [inMinutes(125), '2 h 5 min', '2 h 5 min', '2 Stunden, 5 Minuten'],
    [inHours(76), '3 days 4 h', '3 Tage 4 h', '3 Tage, 4 Stunden'],
    [inHours(24), '1 day', '1 Tag', '1 Tag'],
    [inHours(240.5), '10 days', '10 Tage', '10 Tage'],
    [millis(-5000), '0 s', '0 s', '0 Sekunden'],
  ])('of %d ms', (duration, english, german, inFull) => {
    expect(durationText(duration, 'en')).toBe(english);
    expect(durationText(duration, 'de')).toBe(german);
    expect(plain(durationInFull(duration, 'de'))).toBe(inFull);
  });

  test('for screen readers is in full', () => {
    expect(durationInFull(inMinutes(125), 'en')).toBe('2 hours, 5 minutes');
    expect(durationInFull(inMinutes(61), 'en')).toBe('1 hour, 1 minute');
  });
});

describe('a moment', () => {
  test('is a time of its day, in the zone that is requested', () => {
    expect(clockTime(NOW, 'en', BERLIN)).toBe('14:05');
    expect(clockTime(NOW, 'de', 'Asia/Tokyo')).toBe('21:05');
    expect(clockTime(NOW, 'de')).toMatch(/^\d\d:\d5$/);
  });

  test.each<[EpochMs, string, string, string, string]>([
    [earlier(inHours(14)), 'Today', 'Heute', '00:05', '00:05'],
    [earlier(inHours(15)), 'Yesterday', 'Gestern', 'yesterday, 23:05', 'gestern, 23:05'],
    [earlier(inHours(39)), 'Wednesday 29 April', 'Mittwoch, 29. April', '29 April, 23:05', '29. April, 23:05'],
    [
      epochMs(Date.UTC(2025, 11, 31, 11)),
      '31 December 2025',
      '31. Dezember 2025',
      '31 December 2025, 12:00',
      '31. Dezember 2025, 12:00',
    ],
  ])('%d belongs to a day', (moment, day, tag, english, german) => {
    expect(dayText(moment, NOW, 'en', BERLIN)).toBe(day);
    expect(dayText(moment, NOW, 'de', BERLIN)).toBe(tag);
    expect(momentText(moment, NOW, 'en', BERLIN)).toBe(english);
    expect(momentText(moment, NOW, 'de', BERLIN)).toBe(german);
  });

  test('of tomorrow is named as such', () => {
    expect(momentText(later(inHours(12)), NOW, 'en', BERLIN)).toBe('tomorrow, 02:05');
    expect(momentText(later(inHours(12)), NOW, 'de', BERLIN)).toBe('morgen, 02:05');
  });

  test('of the day before is yesterday even when that day had 23 hours', () => {
    const halfPastMidnight = epochMs(Date.UTC(2026, 2, 29, 22, 30));
    expect(clockTime(halfPastMidnight, 'en', BERLIN)).toBe('00:30');
    expect(dayText(epochMs(Date.UTC(2026, 2, 28, 23, 30)), halfPastMidnight, 'en', BERLIN)).toBe('Yesterday');
    expect(dayText(epochMs(Date.UTC(2026, 2, 28, 22, 30)), halfPastMidnight, 'en', BERLIN)).toBe('Saturday 28 March');
  });

  test('of the last day of a year is yesterday on the first of the next', () => {
    const newYear = epochMs(Date.UTC(2026, 11, 31, 23, 30));
    expect(dayText(epochMs(Date.UTC(2026, 11, 31, 12)), newYear, 'de', BERLIN)).toBe('Gestern');
  });
});

describe('bytes', () => {
  test.each([
    [0, '0 kB/s', '0 kB/s'],
    [512, '0.5 kB/s', '0,5 kB/s'],
    [9940, '9.9 kB/s', '9,9 kB/s'],
    [12_345, '12 kB/s', '12 kB/s'],
    [999_999, '1 MB/s', '1 MB/s'],
    [1_250_000, '1.3 MB/s', '1,3 MB/s'],
    [2.5e9, '2.5 GB/s', '2,5 GB/s'],
    [Number.NaN, '0 kB/s', '0 kB/s'],
  ])('%d a second', (rate, english, german) => {
    expect(plain(byteRate(rate, 'en'))).toBe(english);
    expect(plain(byteRate(rate, 'de'))).toBe(german);
  });
});

test('ports are written alike in all languages', () => {
  const range = { first: port(27_015), last: port(27_020) };
  expect(portsText({ transports: ['udp'], external: range })).toBe('27015–27020/UDP');
  expect(portsText({ transports: ['tcp', 'udp'], external: { first: range.first, last: range.first } })).toBe(
    '27015/TCP+UDP',
  );
});

test('numbers and lists are written as the language writes them', () => {
  expect(numberText(1234, 'en')).toBe('1,234');
  expect(numberText(1234, 'de')).toBe('1.234');
  expect(listText(['a', 'b', 'c'], 'en')).toBe('a, b and c');
  expect(listText(['a', 'b', 'c'], 'de')).toBe('a, b und c');
  expect(listText([], 'en')).toBe('');
});

test('any figure is written, and no unit of it is as large as the next', () => {
  const moments = fc.integer({ min: -8e15, max: 8e15 }).map(epochMs);
  fc.assert(
    fc.property(moments, moments, fc.constantFrom(...LANGUAGES), (moment, now, language) => {
      const texts = [
        dayText(moment, now, language, BERLIN),
        momentText(moment, now, language, BERLIN),
        durationText(millis(moment), language),
        durationInFull(millis(moment), language),
        byteRate(moment, language),
      ];
      for (const text of texts) expect(text).not.toMatch(/^$|NaN|undefined|\b60 (?:s|min)\b|\b24 h\b/);
    }),
  );
});
