/**
 * Figures as people read them: durations, moments, rates, ports, lists, by language. Pure: `now` and the time zone are
 * given. Without a time zone it is the system's; a page that is open while that changes must give the new one.
 */
import type { Catalogue, Language } from './catalogues.ts';
import type { Forward } from '../model.ts';
import type { EpochMs, Millis } from '../units.ts';

/** 24-hour clocks, days before months, no comma before "and". */
const LOCALES: Catalogue<string> = { en: 'en-GB', de: 'de-DE' };

type Unit = 'second' | 'minute' | 'hour' | 'day';

/** Seconds. */
const LENGTHS: Readonly<Record<Unit, number>> = { second: 1, minute: 60, hour: 3600, day: 86_400 };

/** Symbols that both languages write alike. */
const SYMBOLS: Readonly<Record<Unit, string>> = { second: 's', minute: 'min', hour: 'h', day: 'd' };

type Count = readonly [count: number, unit: Unit];

/** Whole units of a duration, the largest first, at most two, and the second only where it is not 0. A minute is shown
 * until it has passed: 59.9 s are 59 s. */
function unitsOf(duration: Millis): readonly [Count, ...Count[]] {
  const whole = Math.max(Math.trunc(duration / 1000), 0);
  const unit: Unit = whole < 60 ? 'second' : whole < 3600 ? 'minute' : whole < 86_400 ? 'hour' : 'day';
  const count = Math.floor(whole / LENGTHS[unit]);
  // Seconds beside minutes, and hours beside many days, would only flicker.
  const below: Unit | undefined = unit === 'hour' ? 'minute' : unit === 'day' && count < 7 ? 'hour' : undefined;
  const rest = below === undefined ? 0 : Math.floor((whole % LENGTHS[unit]) / LENGTHS[below]);
  return below === undefined || rest === 0
    ? [[count, unit]]
    : [
        [count, unit],
        [rest, below],
      ];
}

/** `2 h 5 min`, `52 min`, `45 s`, `3 days 4 h`, `3 Tage 4 h`. */
export function durationText(duration: Millis, language: Language): string {
  return unitsOf(duration)
    .map(([count, unit]) => (unit === 'day' ? inFull(count, unit, language) : `${count} ${SYMBOLS[unit]}`))
    .join(' ');
}

/** For screen readers, and where there is room: `2 hours, 5 minutes`, `2 Stunden, 5 Minuten`. */
export function durationInFull(duration: Millis, language: Language): string {
  return new Intl.ListFormat(LOCALES[language], { type: 'unit', style: 'long' }).format(
    unitsOf(duration).map(([count, unit]) => inFull(count, unit, language)),
  );
}

function inFull(count: number, unit: Unit, language: Language): string {
  return formatter(`full ${unit}`, language, (locale) => {
    return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' });
  }).format(count);
}

/** `14:05`. */
export function clockTime(moment: EpochMs, language: Language, timeZone?: string): string {
  return dates('clock', { hour: '2-digit', minute: '2-digit' }, language, timeZone).format(moment);
}

/** `Today`, `Yesterday`, `Monday 4 May`, `Montag, 4. Mai`, `4 May 2025`: the heading of a day. */
export function dayText(moment: EpochMs, now: EpochMs, language: Language, timeZone?: string): string {
  const days = dayNumber(moment, timeZone) - dayNumber(now, timeZone);
  if (days === 0 || days === -1) return capital(nearDay(days, language));
  return isSameYear(moment, now, timeZone)
    ? dates('weekday', { weekday: 'long', day: 'numeric', month: 'long' }, language, timeZone).format(moment)
    : dateText(moment, language, timeZone);
}

/** `29 November 2026`, `29. November 2026`. */
export function dateText(moment: EpochMs, language: Language, timeZone?: string): string {
  return dates('year', { day: 'numeric', month: 'long', year: 'numeric' }, language, timeZone).format(moment);
}

/** `Mon`, `Mo`. */
export function weekdayText(moment: EpochMs, language: Language, timeZone?: string): string {
  return dates('weekday alone', { weekday: 'short' }, language, timeZone).format(moment);
}

/** As short as can be without doubt: `14:05` today, `yesterday, 14:05`, `4 May, 14:05`, `4 May 2025, 14:05`. */
export function momentText(moment: EpochMs, now: EpochMs, language: Language, timeZone?: string): string {
  const days = dayNumber(moment, timeZone) - dayNumber(now, timeZone);
  const clock = clockTime(moment, language, timeZone);
  if (days === 0) return clock;
  if (days === -1 || days === 1) return `${nearDay(days, language)}, ${clock}`;
  const day = isSameYear(moment, now, timeZone)
    ? dates('day', { day: 'numeric', month: 'long' }, language, timeZone).format(moment)
    : dateText(moment, language, timeZone);
  return `${day}, ${clock}`;
}

const nearDay = (days: -1 | 0 | 1, language: Language): string =>
  formatter('near', language, (locale) => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })).format(days, 'day');

/** Bytes a second: `1.2 MB/s`, `1,2 MB/s`; thousands, as internet lines are sold. */
export function byteRate(bytesPerSecond: number, language: Language): string {
  const bytes = Number.isFinite(bytesPerSecond) ? Math.max(bytesPerSecond, 0) : 0;
  // A value that rounds to 1000 of one unit is 1 of the next.
  const steps = ['kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
  const at = steps.findIndex((_, step) => Math.round(bytes / 1000 ** (step + 1)) < 1000);
  const step = at < 0 ? steps.length - 1 : at;
  const value = bytes / 1000 ** (step + 1);
  const digits = value < 10 ? 1 : 0;
  const unit = `${steps[step] ?? 'terabyte'}-per-second`;
  return formatter(`${unit} ${digits}`, language, (locale) => {
    return new Intl.NumberFormat(locale, { style: 'unit', unit, maximumFractionDigits: digits });
  }).format(value);
}

/** `1,234`, `1.234`. */
export function numberText(value: number, language: Language): string {
  return formatter('number', language, (locale) => new Intl.NumberFormat(locale)).format(value);
}

/** `27015–27020`, `25565`. */
export function rangeText({ first, last }: { readonly first: number; readonly last: number }): string {
  return first === last ? `${first}` : `${first}–${last}`;
}

/** `27015–27020/UDP`, `25565/TCP+UDP`: the same in every language. */
export function portsText({ transports, external }: Pick<Forward, 'transports' | 'external'>): string {
  return `${rangeText(external)}/${transports.map((transport) => transport.toUpperCase()).join('+')}`;
}

/** `a, b and c`, `a, b und c`. */
export function listText(items: readonly string[], language: Language, word: 'and' | 'or' = 'and'): string {
  const type = word === 'and' ? 'conjunction' : 'disjunction';
  return formatter(word, language, (locale) => new Intl.ListFormat(locale, { type })).format(items);
}

function dates(
  kind: string,
  options: Intl.DateTimeFormatOptions,
  language: Language,
  timeZone: string | undefined,
): Intl.DateTimeFormat {
  return formatter(`${kind} ${timeZone ?? ''}`, language, (locale) => {
    return new Intl.DateTimeFormat(locale, { ...options, ...(timeZone === undefined ? {} : { timeZone }) });
  });
}

/** Days since some day, of the calendar of that time zone (H. Hinnant, "chrono-compatible low-level date algorithms"). */
function dayNumber(moment: EpochMs, timeZone: string | undefined): number {
  const { year, month, day } = calendar(moment, timeZone);
  const shifted = month <= 2 ? year - 1 : year;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day;
  return 365 * shifted + Math.floor(shifted / 4) - Math.floor(shifted / 100) + Math.floor(shifted / 400) + dayOfYear;
}

export const isSameDay = (one: EpochMs, other: EpochMs, timeZone?: string): boolean =>
  dayNumber(one, timeZone) === dayNumber(other, timeZone);

const isSameYear = (one: EpochMs, other: EpochMs, timeZone: string | undefined): boolean =>
  calendar(one, timeZone).year === calendar(other, timeZone).year;

function calendar(
  moment: EpochMs,
  timeZone: string | undefined,
): { readonly year: number; readonly month: number; readonly day: number } {
  const options = { year: 'numeric', month: 'numeric', day: 'numeric', calendar: 'gregory' } as const;
  const parts = dates('calendar', options, 'en', timeZone).formatToParts(moment);
  const part = (type: 'year' | 'month' | 'day'): number => Number(parts.find((each) => each.type === type)?.value);
  return { year: part('year'), month: part('month'), day: part('day') };
}

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** Making one takes far longer than using it: a window with hundreds of forwards would be slow without these. */
const FORMATTERS = new Map<string, unknown>();

function formatter<Formatter>(kind: string, language: Language, make: (locale: string) => Formatter): Formatter {
  const key = `${language} ${kind}`;
  const known = FORMATTERS.get(key);
  // One kind is made in one way only.
  if (known !== undefined) return known as Formatter;
  const made = make(LOCALES[language]);
  FORMATTERS.set(key, made);
  return made;
}
