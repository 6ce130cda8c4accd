import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  isShown,
  openAfter,
  openTimes,
  type ActivityEntry,
  type ActivityFact,
  type ForwardThen,
  type OpenTimes,
  type Span,
} from '../../main/contract/activity.ts';
import { asForwardId } from '../../main/contract/model.ts';
import { epochMs, inHours, inMinutes, port, type EpochMs } from '../../main/contract/units.ts';

const MIDNIGHT = Date.UTC(2026, 2, 1);
/** `at(9.5)` is half past nine. */
const at = (hour: number): EpochMs => epochMs(MIDNIGHT + inHours(hour));

function then(forward: string, external = 25_565, name = forward): ForwardThen {
  return {
    forward: asForwardId(forward),
    name,
    transports: ['tcp'],
    external: { first: port(external), last: port(external) },
  };
}

const opened = (forward: string, external?: number, name?: string): ActivityFact => ({
  is: 'opened',
  gateway: 'Router',
  ...then(forward, external, name),
});
const closed = (forward: string, external?: number): ActivityFact => ({ is: 'closed', ...then(forward, external) });
const lost = (forward: string): ActivityFact => ({ is: 'lost', ...then(forward) });
const started: ActivityFact = { is: 'started' };
const running: ActivityFact = { is: 'running' };
const ended: ActivityFact = { is: 'ended', left: 'closed' };

/** Recorded events, hour by hour. */
function record(...facts: readonly (readonly [hour: number, fact: ActivityFact])[]): readonly ActivityEntry[] {
  return facts.map(([hour, fact], id) => ({ id: id + 1, at: at(hour), fact }));
}

function hours(spans: readonly Span[]): string {
  const clock = (moment: EpochMs): number => Math.round(((moment - MIDNIGHT) / inHours(1)) * 100) / 100;
  return spans.map(({ from, to }) => `${clock(from)}-${clock(to)}`).join(' ');
}

/** As `minecraft 25565: open 9-10, unknown 10-11`. */
function day(entries: readonly ActivityEntry[], from = 0, to = 24): readonly string[] {
  return openTimes(entries, at(from), at(to)).map(
    ({ forward, external, open, unknown }) =>
      `${forward} ${external.first}: open ${hours(open) || '-'}, unknown ${hours(unknown) || '-'}`,
  );
}

describe('the picture of a day', () => {
  test('shows when a forward was open, and nothing of what was before the record', () => {
    expect(day(record([6, started], [9, opened('web')], [11, closed('web')], [12, opened('web')]))).toEqual([
      'web 25565: open 9-11 12-24, unknown 0-6',
    ]);
  });

  test('ends a time with a loss, and with a refusal', () => {
    const refused: ActivityFact = {
      is: 'refused',
      ...then('web'),
      problem: {
        code: 'table-full',
        parameters: { transport: 'tcp', port: port(25_565) },
        severity: 'error',
        since: at(11),
      },
    };
    expect(day(record([0, started], [1, opened('web')], [2, lost('web')]))).toEqual(['web 25565: open 1-2, unknown -']);
    expect(day(record([0, started], [1, opened('web')], [2, refused]))).toEqual(['web 25565: open 1-2, unknown -']);
  });

  test('knows nothing from the last sign of life before a crash until the next start', () => {
    expect(day(record([0, started], [1, opened('web')], [5, running], [8, started], [9, opened('web')]))).toEqual([
      'web 25565: open 1-5 9-24, unknown 5-8',
    ]);
  });

  test('knows of what was not open at a crash that it was not open', () => {
    expect(day(record([0, started], [1, opened('web')], [2, closed('web')], [5, running], [8, started]))).toEqual([
      'web 25565: open 1-2, unknown -',
    ]);
  });

  test('knows nothing of what was left open until the next start', () => {
    expect(day(record([0, started], [1, opened('web')], [5, { is: 'ended', left: 'open' }], [8, started]))).toEqual([
      'web 25565: open 1-5, unknown 5-8',
    ]);
    expect(day(record([0, started], [1, opened('web')], [5, { is: 'ended', left: 'open' }]))).toEqual([
      'web 25565: open 1-5, unknown 5-24',
    ]);
  });

  test('knows that what was closed at the end stayed closed', () => {
    expect(day(record([0, started], [1, opened('web')], [4, closed('web')], [5, ended], [8, started]))).toEqual([
      'web 25565: open 1-4, unknown -',
    ]);
  });

  test('knows nothing of the time that the computer slept', () => {
    expect(day(record([0, started], [1, opened('web')], [9, { is: 'woke', asleep: inHours(6) }]))).toEqual([
      'web 25565: open 1-3 9-24, unknown 3-9',
    ]);
  });

  test('begins with what was open when the record was shortened or cleared', () => {
    const [, ...rest] = record([0, started], [6, { is: 'record-begins', open: [then('web')] }], [7, closed('web')]);
    expect(day(rest)).toEqual(['web 25565: open 6-7, unknown 0-6']);
  });

  test('distinguishes a forward at its new ports from the same one at its old ports', () => {
    const moved = record([0, started], [1, opened('web', 80)], [3, closed('web', 80)], [3, opened('web', 8080)]);
    expect(day(moved)).toEqual(['web 80: open 1-3, unknown -', 'web 8080: open 3-24, unknown -']);
  });

  test('keeps a forward together that a router moved to another port, and one that was renamed', () => {
    const entries = record(
      [0, started],
      [1, opened('web', 80, 'Web')],
      [3, { is: 'opened', gateway: 'Router', granted: port(8081), ...then('web', 80, 'Website') }],
    );
    expect(day(entries)).toEqual(['web 80: open 1-24, unknown -']);
    expect(openTimes(entries, at(0), at(24))[0]?.name).toBe('Website');
  });

  test('leaves out what was not open in that time', () => {
    const entries = record([0, started], [1, opened('old', 1)], [2, closed('old', 1)], [3, opened('web', 2)]);
    expect(day(entries, 12)).toEqual(['web 2: open 12-24, unknown -']);
  });

  test('goes by the clock as it is now, after it was set back', () => {
    const entries = record(
      [0, started],
      [10, opened('web')],
      [12, { is: 'clock-set-back', by: inHours(4) }],
      [13, closed('web')],
    );
    expect(day(entries)).toEqual(['web 25565: open 6-13, unknown -']);
  });

  test('puts what a wrong clock dated after the next start just before that', () => {
    const entries = record([20, started], [21, opened('web')], [22, closed('web')], [9, started], [10, opened('web')]);
    expect(day(entries)).toEqual(['web 25565: open 10-24, unknown 0-9']);
  });
});

test('entries that only the picture needs are not shown to people', () => {
  const entries = record([0, { is: 'record-begins', open: [] }], [1, started], [2, running], [3, opened('web')]);
  expect(entries.map(({ fact }) => fact).filter(isShown)).toEqual([started, opened('web')]);
});

test('ports that are still open at the end', () => {
  expect(openAfter(record([0, started], [1, opened('a')], [2, opened('b')], [3, closed('a')]))).toEqual([then('b')]);
  expect(openAfter(record([0, started], [1, opened('a')], [2, started]))).toEqual([]);
  expect(openAfter(record([0, { is: 'record-begins', open: [then('a')] }], [1, running]))).toEqual([then('a')]);
});

/** Any record at all, its clock as wrong as can be. */
const forwardNames = fc.constantFrom('a', 'b', 'c');
const externals = fc.constantFrom(80, 443);
const anyFact: fc.Arbitrary<ActivityFact> = fc.oneof(
  fc.constantFrom<ActivityFact>(started, running, ended, { is: 'ended', left: 'open' }),
  fc.tuple(forwardNames, externals).map(([name, external]) => opened(name, external)),
  fc.tuple(forwardNames, externals).map(([name, external]) => closed(name, external)),
  forwardNames.map(lost),
  fc.integer({ min: 1, max: 600 }).map((minutes): ActivityFact => ({ is: 'woke', asleep: inMinutes(minutes) })),
  fc.integer({ min: 1, max: 600 }).map((minutes): ActivityFact => ({ is: 'clock-set-back', by: inMinutes(minutes) })),
  fc.array(forwardNames, { maxLength: 3 }).map((names): ActivityFact => ({
    is: 'record-begins',
    open: [...new Set(names)].map((name) => then(name, 80)),
  })),
);
const anyRecord = fc
  .array(fc.tuple(anyFact, fc.integer({ min: -30 * 60, max: 30 * 60 })), { maxLength: 40 })
  .map((all): readonly ActivityEntry[] =>
    all.map(([fact, minutes], id) => ({ id: id + 1, at: epochMs(MIDNIGHT + inMinutes(minutes)), fact })),
  );

const FROM = at(0);
const TO = at(24);
const inOrder = ({ open, unknown }: OpenTimes): readonly Span[] =>
  [...open, ...unknown].toSorted((one, other) => one.from - other.from);

describe('of any record, by any clock', () => {
  test('spans are in order, apart from each other, and within the time', () => {
    fc.assert(
      fc.property(anyRecord, (entries) => {
        for (const times of openTimes(entries, FROM, TO)) {
          for (const kind of [times.open, times.unknown]) {
            for (const [n, span] of kind.entries()) {
              expect(span.from).toBeLessThan(span.to);
              // Those of one kind do not even touch.
              if (n > 0) expect(span.from).toBeGreaterThan(kind[n - 1]?.to ?? Infinity);
            }
          }
          const all = inOrder(times);
          for (const [n, span] of all.entries()) {
            expect(span.from).toBeGreaterThanOrEqual(n === 0 ? FROM : (all[n - 1]?.to ?? Infinity));
            expect(span.to).toBeLessThanOrEqual(TO);
          }
        }
      }),
    );
  });

  test('one row for each forward and its ports', () => {
    fc.assert(
      fc.property(anyRecord, (entries) => {
        const keys = openTimes(entries, FROM, TO).map(({ forward, external }) => `${forward} ${external.first}`);
        expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });

  /** A start of Portkeeper by the right clock comes last; its port 80. */
  const withLast = (
    entries: readonly ActivityEntry[],
    name: string,
    ...facts: (readonly [number, ActivityFact])[]
  ): OpenTimes | undefined =>
    openTimes([...entries, ...record([20, started], ...facts)], FROM, TO).find(
      ({ forward, external }) => forward === name && external.first === 80,
    );

  test('a port opened last is open now', () => {
    fc.assert(
      fc.property(anyRecord, forwardNames, (entries, name) => {
        const last = withLast(entries, name, [23, opened(name, 80)]);
        expect(last?.open.at(-1)).toEqual({ from: at(23), to: TO });
      }),
    );
  });

  test('a port closed last is no longer open', () => {
    fc.assert(
      fc.property(anyRecord, (entries) => {
        const last = withLast(entries, 'a', [21, opened('a', 80)], [23, closed('a', 80)]);
        expect(last?.open.at(-1)).toEqual({ from: at(21), to: at(23) });
      }),
    );
  });

  test('a part of the time shows that part of the whole', () => {
    const share = (spans: readonly Span[]): number => spans.reduce((sum, { from, to }) => sum + to - from, 0);
    fc.assert(
      fc.property(anyRecord, fc.integer({ min: 1, max: 23 }), (entries, hour) => {
        const whole = openTimes(entries, FROM, TO);
        // Entries later than `to` count as of `to`: the parts end at the same moment, or nothing is later.
        const late = openTimes(entries, at(hour), TO);
        for (const times of late) {
          const same = whole.find(
            ({ forward, external }) => forward === times.forward && external.first === times.external.first,
          );
          const cut = (same?.open ?? []).map(({ from, to }) => ({ from: epochMs(Math.max(from, at(hour))), to }));
          expect(share(times.open)).toBe(share(cut.filter(({ from, to }) => from < to)));
        }
      }),
    );
  });
});
