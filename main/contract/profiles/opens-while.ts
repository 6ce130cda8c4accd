/** While what a profile that is on is open: always, or for as long as something is so. */
import * as v from 'valibot';
import { says } from '../fault-reasons.ts';
import { DAYS } from '../units.ts';

type Day = (typeof DAYS)[number];

/** `18:00`, on the clock of the computer that Portkeeper runs on. */
const ClockTime = v.pipe(v.string(), v.regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, says('clock-time')));

const Days: v.GenericSchema<readonly Day[], readonly Day[]> = v.pipe(
  v.array(v.picklist(DAYS)),
  v.minLength(1, says('days-needed')),
  v.check((days) => new Set(days).size === days.length, says('each-once')),
  v.transform((days) => DAYS.filter((day) => days.includes(day))),
);

export const OpensWhileSchema = v.variant('is', [
  v.strictObject({ is: v.literal('always') }),
  /** A program on this computer listens on the internal port of one of its forwards. */
  v.strictObject({ is: v.literal('listening') }),
  /** A program of this file name runs on this computer; see {@link programName}. */
  v.strictObject({
    is: v.literal('running'),
    program: v.pipe(
      v.string(),
      v.trim(),
      v.nonEmpty(says('program-needed')),
      v.maxLength(200),
      v.regex(/^[^\p{Cc}\u2028\u2029]*$/u, says('one-line')),
    ),
  }),
  /** On these days from one time to the other; into the next day when the latter is not later, named after the first. */
  v.strictObject({
    is: v.literal('hours'),
    days: Days,
    from: ClockTime,
    to: ClockTime,
  }),
]);

export type OpensWhile = Readonly<v.InferOutput<typeof OpensWhileSchema>>;
export type OpeningHours = Extract<OpensWhile, { readonly is: 'hours' }>;

export interface LocalTime {
  /** From 0, Monday. */
  readonly day: number;
  /** Minute of the day, 0 … 1439. */
  readonly minute: number;
}

/** How programs are distinguished, whatever the system: `java` of `/usr/bin/java`, `valheim` of `C:\Games\Valheim.exe`. */
export function programName(file: string): string {
  return (file.split(/[/\\]/).at(-1) ?? '').toLowerCase().replace(/\.exe$/, '');
}

const MINUTES_OF_DAY = 1440;
const MINUTES_OF_WEEK = 7 * MINUTES_OF_DAY;

/** `changesIn`: minutes from the beginning of this one; absent when that never changes. */
export function withinHours(
  { days, from, to }: OpeningHours,
  { day, minute }: LocalTime,
): { readonly isWithin: boolean; readonly changesIn?: number } {
  const spans = days.map((each) => {
    const first = DAYS.indexOf(each) * MINUTES_OF_DAY + minuteOf(from);
    const length = minuteOf(to) - minuteOf(from);
    return { first, length: length > 0 ? length : length + MINUTES_OF_DAY };
  });
  const isWithin = (moment: number): boolean => spans.some(({ first, length }) => modulo(moment - first) < length);
  const now = day * MINUTES_OF_DAY + minute;
  const is = isWithin(now);
  const [changesIn] = spans
    .flatMap(({ first, length }) => [first, first + length])
    .map((moment) => modulo(moment - now))
    .filter((wait) => wait > 0 && isWithin(now + wait) !== is)
    .toSorted((one, other) => one - other);
  return { isWithin: is, ...(changesIn === undefined ? {} : { changesIn }) };
}

const modulo = (minutes: number): number => ((minutes % MINUTES_OF_WEEK) + MINUTES_OF_WEEK) % MINUTES_OF_WEEK;

function minuteOf(time: string): number {
  const [hours = '', minutes = ''] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}
