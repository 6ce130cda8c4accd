import { expect, test } from 'vitest';
import type { ActivityEntry, ActivityFact } from '../../main/contract/activity.ts';
import { asForwardId } from '../../main/contract/model.ts';
import { epochMs, port } from '../../main/contract/units.ts';
import { byDay, csvOf, profilesIn, shownEntries } from '../../renderer/views/activity/timeline-days.ts';

const forward = {
  forward: asForwardId('web/1'),
  name: 'Web',
  transports: ['tcp'],
  external: { first: port(80), last: port(80) },
} as const;

function entry(id: number, at: number, fact: ActivityFact): ActivityEntry {
  return { id, at: epochMs(at), fact };
}

const entries = [
  entry(1, 1000, { is: 'started' }),
  entry(2, 2000, { is: 'opened', gateway: 'Router', ...forward }),
  entry(3, 5000, { is: 'lost', ...forward }),
  // Noted once it was sure, of the moment at which it happened.
  entry(4, 4000, { is: 'gateway-restarted', gateway: 'Router' }),
  entry(5, 6000, { is: 'renewed', gateway: 'Router', forwards: 3 }),
  entry(6, 6000, { is: 'running' }),
];

const shown = (...args: Parameters<typeof shownEntries>): readonly number[] =>
  shownEntries(...args).map(({ id }) => id);

test('the latest stands first, what was noted late where it happened, signs of life nowhere', () => {
  expect(shown(entries, 'all', undefined)).toEqual([5, 3, 4, 2, 1]);
});

test('without renewals, problems only, or of one profile', () => {
  expect(shown(entries, 'changes', undefined)).toEqual([3, 4, 2, 1]);
  expect(shown(entries, 'problems', undefined)).toEqual([3]);
  expect(shown(entries, 'all', 'Web')).toEqual([3, 2]);
  expect(profilesIn(entries)).toEqual(['Web']);
});

test('its sentence is searched, every word of it, in any order', () => {
  const textOf = (fact: ActivityFact) => (fact.is === 'opened' ? 'Web: 80/TCP opened on Router' : fact.is);
  expect(shown(entries, 'all', undefined, ' router WEB', textOf)).toEqual([2]);
  expect(shown(entries, 'all', undefined, 'lost', textOf)).toEqual([3]);
  expect(shown(entries, 'all', undefined, 'nothing like it', textOf)).toEqual([]);
});

test('a table for spreadsheets keeps quotes, commas and lines apart, and no name is a formula', () => {
  const texts = ['plain', 'one, two', 'says "no"', 'two\nlines', '=HYPERLINK("x")', '@a', '-1', 'Ünter'];
  const rows = shownEntries(
    texts.map((_, id) => entry(id, 1000, { is: 'started' })),
    'all',
    undefined,
  );
  const lines = csvOf(rows.toReversed(), ['Text', 'Id'], ({ id }) => [texts[id] ?? '', `${id}`]).split('\r\n');
  expect(lines).toEqual([
    'Text,Id',
    'plain,0',
    '"one, two",1',
    '"says ""no""",2',
    '"two\nlines",3',
    '"\'=HYPERLINK(""x"")",4',
    "'@a,5",
    "'-1,6",
    'Ünter,7',
    '',
  ]);
});

test('each day has its own part', () => {
  const days = byDay(shownEntries(entries, 'all', undefined), (at) => (at < 4500 ? 'yesterday' : 'today'));
  expect(days.map((day) => day.entries.map(({ id }) => id))).toEqual([
    [5, 3],
    [4, 2, 1],
  ]);
});
