import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { programName, withinHours, type OpeningHours } from '../../main/contract/profiles/opens-while.ts';
import { conditionText, opensWhileText, weekdayName } from '../../main/contract/words/opens-while.ts';
import { DAYS, epochMs } from '../../main/contract/units.ts';

const hours = (days: OpeningHours['days'], from: string, to: string): OpeningHours => ({ is: 'hours', days, from, to });
const at = (day: (typeof DAYS)[number], time: string) => {
  const [hour = '', minute = ''] = time.split(':');
  return { day: DAYS.indexOf(day), minute: Number(hour) * 60 + Number(minute) };
};

describe('hours', () => {
  test.each([
    ['before they begin', hours(['mon'], '18:00', '23:00'), at('mon', '17:59'), { isWithin: false, changesIn: 1 }],
    ['at their beginning', hours(['mon'], '18:00', '23:00'), at('mon', '18:00'), { isWithin: true, changesIn: 300 }],
    ['at their end', hours(['mon'], '18:00', '23:00'), at('mon', '23:00'), { isWithin: false, changesIn: 9780 }],
    ['past midnight', hours(['sun'], '22:00', '02:00'), at('mon', '01:00'), { isWithin: true, changesIn: 60 }],
    ['the whole day', hours(['wed'], '00:00', '00:00'), at('wed', '23:59'), { isWithin: true, changesIn: 1 }],
    [
      'one day right after another',
      hours(['mon', 'tue'], '06:00', '06:00'),
      at('mon', '07:00'),
      { isWithin: true, changesIn: 2820 },
    ],
    ['always', hours(DAYS, '06:00', '06:00'), at('thu', '06:00'), { isWithin: true }],
  ])('%s', (_name, given, now, expected) => {
    expect(withinHours(given, now)).toEqual(expected);
  });

  test('nothing changes before it is said to, and then it does', () => {
    const time = fc
      .integer({ min: 0, max: 1439 })
      .map((minute) => `${`${Math.floor(minute / 60)}`.padStart(2, '0')}:${`${minute % 60}`.padStart(2, '0')}`);
    const given = fc.record({ days: fc.subarray([...DAYS], { minLength: 1 }), from: time, to: time });
    fc.assert(
      fc.property(
        given,
        fc.integer({ min: 0, max: 10_079 }),
        fc.integer({ min: 0, max: 10_079 }),
        (one, now, later) => {
          const look = (minute: number) =>
            withinHours({ is: 'hours', ...one }, { day: Math.floor(minute / 1440) % 7, minute: minute % 1440 });
          const { isWithin, changesIn = Infinity } = look(now);
          if (later < changesIn) expect(look(now + later).isWithin).toBe(isWithin);
          if (changesIn !== Infinity) expect(look(now + changesIn).isWithin).toBe(!isWithin);
        },
      ),
    );
  });
});

test.each([
  ['/usr/bin/java', 'java'],
  [String.raw`C:\Games\Valheim_Server.exe`, 'valheim_server'],
  ['java', 'java'],
])('%s is called %s', (file, name) => {
  expect(programName(file)).toBe(name);
});

describe('said to people', () => {
  const now = epochMs(new Date(2026, 5, 1, 12, 0).getTime());
  const evening = epochMs(new Date(2026, 5, 1, 18, 0).getTime());
  const forwards = [
    { external: { first: 25_565, last: 25_566 }, internal: { first: 25_565 } },
    { external: { first: 80, last: 80 }, internal: { first: 8080, client: '192.168.1.20' } },
  ] as never;
  const usual = { isMet: false, isUnknown: false };

  test('why it is not open, and why it is', () => {
    const listening = { forwards, opensWhile: { is: 'listening' } } as const;
    expect(conditionText(listening, usual, now, 'en')).toBe('Opens when a program listens on port 25565–25566');
    expect(conditionText(listening, { ...usual, isMet: true }, now, 'de')).toBe('Offen, solange ein Programm lauscht');
    const opensWhile = hours(['mon'], '18:00', '23:00');
    expect(conditionText({ forwards, opensWhile }, { ...usual, until: evening }, now, 'en')).toBe('Opens at 18:00');
    expect(conditionText({ forwards, onUntil: evening }, undefined, now, 'de')).toBe('Geht um 18:00 aus');
    expect(conditionText({ forwards }, undefined, now, 'en')).toBeUndefined();
  });

  test('the choice', () => {
    expect(opensWhileText(hours(['sat', 'sun'], '18:00', '01:00'), 'en')).toBe('18:00–01:00, Sat, Sun');
    expect(opensWhileText(hours(DAYS, '18:00', '01:00'), 'de')).toBe('18:00–01:00, jeden Tag');
    expect(weekdayName(0, 'de')).toBe('Mo');
  });
});
