/** When each forward was open in the last hour, day or week, as far as it is known. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { OpenTimes, Span, TimeRange } from '../../../main/contract/activity.ts';
import { elapsed, epochMs, inMinutes, millis, type EpochMs, type Millis } from '../../../main/contract/units.ts';
import type { CommandResults } from '../../../main/contract/commands.ts';
import { clockTime, durationText, momentText, portsText, weekdayText } from '../../../main/contract/words/formats.ts';
import { RadioGroup, choicesOf } from '../../parts/choice.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Card, Section } from '../../parts/layout.tsx';
import { useLanguage, useWords } from '../../state/language.tsx';
import { memo } from '../../state/memo.ts';
import { activityViewWords } from './words.ts';

/** More than these stand beneath their profile, which can be opened. */
const FEW_ROWS = 12;

/** Per cent: what stands further left would begin before the axis. */
const FIRST_TICK = 2;
/** Per cent: what stands further right would run into "now". */
const LAST_TICK = 82;

interface DayChartProperties {
  readonly day: DayRead;
  readonly range: TimeRange;
  readonly onRange: (range: TimeRange) => void;
}

export function DayChart({ day, range, onRange }: DayChartProperties): VNode {
  const words = useWords(activityViewWords);
  const isLong = day.forwards.length > FEW_ROWS;
  return (
    <Section
      title={words.day.title}
      hint={words.day.hint}
      actions={
        <RadioGroup label={words.day.range} value={range} choices={choicesOf(words.day.ranges)} onChange={onRange} />
      }
    >
      <Card kind="padded">
        {day.forwards.length === 0 ? (
          <p class="muted">{words.day.none}</p>
        ) : (
          <div class="day">
            <Legend />
            <Axis day={day} />
            <ul class="day-rows">
              {groupsOf(day.forwards).map((group) =>
                isLong && group.rows.length > 1 ? (
                  <Group key={group.name} group={group} day={day} />
                ) : (
                  <Rows key={group.name} rows={group.rows} day={day} />
                ),
              )}
            </ul>
          </div>
        )}
      </Card>
    </Section>
  );
}

function Legend(): VNode {
  const words = useWords(activityViewWords);
  return (
    <ul class="day-legend">
      {(['open', 'closed', 'unknown'] as const).map((kind) => (
        <li key={kind}>
          <span class="day-sample" data-kind={kind} />
          {words.day.legend[kind]}
        </li>
      ))}
    </ul>
  );
}

function Axis({ day }: { readonly day: Day }): VNode {
  const words = useWords(activityViewWords);
  const language = useLanguage();
  return (
    <div class="day-axis" aria-hidden="true">
      <div class="day-axis-line">
        {ticksOf(day).map(({ at, isDay }) => {
          const { start } = placeOf({ from: at, to: at }, day);
          return start < FIRST_TICK || start > LAST_TICK ? undefined : (
            <span key={at} class="day-tick" style={{ insetInlineStart: `${start}%` }}>
              {isDay ? weekdayText(at, language) : clockTime(at, language)}
            </span>
          );
        })}
        <span class="day-now">{words.day.now}</span>
      </div>
    </div>
  );
}

function Group({ group, day }: { readonly group: DayGroup; readonly day: Day }): VNode {
  const words = useWords(activityViewWords);
  const [isOpen, setIsOpen] = useState(false);
  return (
    <li class="day-item">
      <button type="button" class="day-row" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
        <span class="day-name">
          <Icon name={isOpen ? 'chevron-down' : 'chevron-right'} size={16} />
          {words.day.profile(group.name, group.rows.length)}
        </span>
        <Times {...together(group.rows)} day={day} />
      </button>
      {isOpen && (
        <ul class="day-rows day-within">
          <Rows rows={group.rows} day={day} />
        </ul>
      )}
    </li>
  );
}

function Rows({ rows, day }: { readonly rows: readonly OpenTimes[]; readonly day: Day }): VNode {
  return (
    <>
      {rows.map((row) => (
        <li key={`${row.forward} ${portsText(row)}`} class="day-item">
          <Row row={row} day={day} />
        </li>
      ))}
    </>
  );
}

interface RowProperties {
  readonly row: OpenTimes;
  readonly day: Day;
}

/** Its details are shown on a click or a key press: each span in words. */
const Row = memo<RowProperties>(function DayRow({ row, day }: RowProperties): VNode {
  const words = useWords(activityViewWords);
  const language = useLanguage();
  const spans = [
    ...row.open.map((span) => ({ ...span, isOpen: true })),
    ...row.unknown.map((span) => ({ ...span, isOpen: false })),
  ].toSorted((a, b) => a.from - b.from);
  const text = ({ from, to, isOpen }: Span & { readonly isOpen: boolean }): string => {
    const [first, last] = [momentText(from, day.to, language), momentText(to, day.to, language)];
    if (!isOpen) return words.day.unknownFromTo(first, last);
    return to >= day.to ? words.day.openUntilNow(first) : words.day.openFromTo(first, last);
  };
  return (
    <details class="day-details">
      <summary class="day-row">
        <span class="day-name">
          <span class="day-profile">{row.name}</span> <span class="day-ports">{portsText(row)}</span>
        </span>
        <Times open={row.open} unknown={row.unknown} day={day} />
      </summary>
      <ul class="day-spans">
        {spans.length === 0 && <li>{words.day.neverOpen}</li>}
        {spans.map((span) => (
          <li key={span.from}>{text(span)}</li>
        ))}
      </ul>
    </details>
  );
});

type TimesProperties = Pick<OpenTimes, 'open' | 'unknown'> & Pick<RowProperties, 'day'>;

/** As a bar, which is decoration, and in words. */
function Times({ open, unknown, day }: TimesProperties): VNode {
  const words = useWords(activityViewWords);
  const language = useLanguage();
  const piece = (span: Span, kind: string): VNode => {
    const { start, width } = placeOf(span, day);
    return (
      <span
        key={`${kind} ${span.from}`}
        class="day-piece"
        data-kind={kind}
        style={{ insetInlineStart: `${start}%`, width: `${width}%` }}
      />
    );
  };
  const long = sumOf(open);
  const text = isOpenAllDay(open, day)
    ? words.day.openAllDay
    : long > 0
      ? words.day.openFor(durationText(long, language))
      : unknown.length > 0
        ? words.day.legend.unknown
        : words.day.neverOpen;
  return (
    <>
      <span class="day-bar" aria-hidden="true">
        {unknown.map((span) => piece(span, 'unknown'))}
        {open.map((span) => piece(span, 'open'))}
      </span>
      <span class="day-sum">{text}</span>
    </>
  );
}

/** When ports were open in that time, as last read. */
type DayRead = CommandResults['activity.times'];

interface Day {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** In per cent of the axis. */
function placeOf({ from, to }: Span, day: Day) {
  const whole = Math.max(1, day.to - day.from);
  const start = (Math.max(from, day.from) - day.from) / whole;
  const end = (Math.min(to, day.to) - day.from) / whole;
  return { start: start * 100, width: Math.max(0, end - start) * 100 };
}

/** Minutes between the marks: those of which an axis has the most, and at most so many. */
const STEPS = [1, 5, 10, 15, 30, 60, 120, 240, 1440];
const MOST_TICKS = 7;

interface Tick {
  readonly at: EpochMs;
  /** Midnight on an axis of days. */
  readonly isDay: boolean;
}

/**
 * Moments at which the local time is a multiple of a step, in order; where a clock goes back an hour it may stand twice.
 */
function ticksOf(day: Day): readonly Tick[] {
  const minutes = (day.to - day.from) / inMinutes(1);
  const step = STEPS.find((each) => minutes / each <= MOST_TICKS) ?? 1440;
  // Time zones are whole quarters of an hour away from each other.
  const stride = inMinutes(Math.min(step, 15));
  const ticks: Tick[] = [];
  for (let at = Math.ceil(day.from / stride) * stride; at <= day.to; at += stride) {
    const local = new Date(at);
    if ((local.getHours() * 60 + local.getMinutes()) % step === 0)
      ticks.push({ at: epochMs(at), isDay: step === 1440 });
  }
  return ticks;
}

const sumOf = (spans: readonly Span[]): Millis =>
  millis(spans.reduce((sum, { from, to }) => sum + elapsed(from, to), 0));

/** Rows of one profile stand together; their order is that of their first. */
interface DayGroup {
  readonly name: string;
  readonly rows: readonly OpenTimes[];
}

function groupsOf(rows: readonly OpenTimes[]): readonly DayGroup[] {
  return [...Map.groupBy(rows, ({ name }) => name)].map(([name, own]) => ({ name, rows: own }));
}

/** When any of the rows was open; unknown where none is known to be open and one is unknown. */
function together(rows: readonly OpenTimes[]): Pick<OpenTimes, 'open' | 'unknown'> {
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
function isOpenAllDay(open: readonly Span[], day: Day): boolean {
  return sumOf(open) >= elapsed(day.from, day.to) * (1 - 1 / 1440);
}
