/** The picture of the last 24 hours: where things stand on its axis. */
import type { OpenTimes, Span } from '../../../main/contract/activity.ts';
import type { EpochMs, Millis } from '../../../main/contract/units.ts';
import { elapsed, epochMs, inHours, inMinutes, millis } from '../../../main/contract/units.ts';

export interface Day {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** In per cent of the axis. */
export interface Place {
  readonly start: number;
  readonly width: number;
}

export function placeOf({ from, to }: Span, day: Day): Place {
  const whole = Math.max(1, day.to - day.from);
  const start = (Math.max(from, day.from) - day.from) / whole;
  const end = (Math.min(to, day.to) - day.from) / whole;
  return { start: start * 100, width: Math.max(0, end - start) * 100 };
}

/** Hours between the marks. */
const STEP = 4;

/** Moments at which the local hour is a multiple of four, in order; where a clock goes back an hour it may stand twice.
 * @param hourOf the hour of the day of a moment, as the person's clock shows it */
export function ticksOf(day: Day, hourOf: (at: EpochMs) => number): readonly EpochMs[] {
  const ticks: EpochMs[] = [];
  // Time zones are whole quarters of an hour away from each other.
  const quarter = inMinutes(15);
  const first = Math.ceil(day.from / quarter) * quarter;
  let before: number | undefined;
  for (let at = first; at <= day.to; at += quarter) {
    const hour = hourOf(epochMs(at));
    if (hour !== before && hour % STEP === 0 && before !== undefined) ticks.push(epochMs(at));
    before = hour;
  }
  return ticks;
}

export const sumOf = (spans: readonly Span[]): Millis =>
  millis(spans.reduce((sum, { from, to }) => sum + elapsed(from, to), 0));

/** Rows of one profile stand together; their order is that of their first. */
export interface DayGroup {
  readonly name: string;
  readonly rows: readonly OpenTimes[];
}

export function groupsOf(rows: readonly OpenTimes[]): readonly DayGroup[] {
  const groups = new Map<string, OpenTimes[]>();
  for (const row of rows) {
    const group = groups.get(row.name);
    if (group === undefined) groups.set(row.name, [row]);
    else group.push(row);
  }
  return [...groups].map(([name, own]) => ({ name, rows: own }));
}

/** What was open in any of the rows, when; unknown where none is known to be open and one is unknown. */
export function together(rows: readonly OpenTimes[]): Pick<OpenTimes, 'open' | 'unknown'> {
  const open = union(rows.flatMap((row) => row.open));
  const unknown = union(rows.flatMap((row) => row.unknown));
  return { open, unknown: without(unknown, open) };
}

function union(spans: readonly Span[]): readonly Span[] {
  const merged: { from: EpochMs; to: EpochMs }[] = [];
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last === undefined || from > last.to) merged.push({ from, to });
    else if (to > last.to) last.to = to;
  }
  return merged;
}

function without(spans: readonly Span[], taken: readonly Span[]): readonly Span[] {
  return spans.flatMap((span) => {
    const left: Span[] = [];
    let { from } = span;
    for (const hole of taken) {
      if (hole.to <= from || hole.from >= span.to) continue;
      if (hole.from > from) left.push({ from, to: hole.from });
      from = hole.to;
    }
    return from < span.to ? [...left, { from, to: span.to }] : left;
  });
}

/** Open from the beginning of the picture to its end, as far as a picture can show it. */
export function isOpenAllDay(open: readonly Span[], day: Day): boolean {
  return sumOf(open) >= elapsed(day.from, day.to) - inHours(24) / 1440;
}
