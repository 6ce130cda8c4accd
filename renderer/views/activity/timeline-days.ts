/** Entries as the timeline shows them: the latest first, by day, what the person wants to see. */
import { isShown, type ActivityEntry, type ShownFact } from '../../../main/contract/activity.ts';
import type { IconName } from '../../parts/icon.tsx';
import type { Tone } from '../../parts/layout.tsx';

export type TimelineFilter = 'all' | 'changes' | 'problems';

export interface ShownEntry extends ActivityEntry {
  readonly fact: ShownFact;
}

export interface FactSign {
  readonly icon: IconName;
  readonly tone: Tone;
  readonly kind: 'good' | 'problem' | 'change' | 'quiet';
}

const SIGNS: Readonly<Record<ShownFact['is'], FactSign>> = {
  started: { icon: 'play', tone: 'plain', kind: 'quiet' },
  ended: { icon: 'off', tone: 'plain', kind: 'quiet' },
  woke: { icon: 'clock', tone: 'plain', kind: 'quiet' },
  'gateway-found': { icon: 'router', tone: 'accent', kind: 'good' },
  'gateway-away': { icon: 'warning', tone: 'warn', kind: 'problem' },
  'gateway-back': { icon: 'router', tone: 'good', kind: 'good' },
  'gateway-restarted': { icon: 'refresh', tone: 'warn', kind: 'change' },
  'address-changed': { icon: 'globe', tone: 'accent', kind: 'change' },
  'name-updated': { icon: 'globe', tone: 'accent', kind: 'change' },
  'command-ran': { icon: 'play', tone: 'plain', kind: 'change' },
  switched: { icon: 'forwards', tone: 'plain', kind: 'change' },
  condition: { icon: 'clock', tone: 'plain', kind: 'change' },
  paused: { icon: 'pause', tone: 'plain', kind: 'change' },
  resumed: { icon: 'play', tone: 'plain', kind: 'change' },
  demo: { icon: 'demo', tone: 'plain', kind: 'change' },
  opened: { icon: 'open', tone: 'good', kind: 'good' },
  renewed: { icon: 'refresh', tone: 'plain', kind: 'quiet' },
  closed: { icon: 'off', tone: 'plain', kind: 'change' },
  lost: { icon: 'warning', tone: 'warn', kind: 'problem' },
  refused: { icon: 'error', tone: 'bad', kind: 'problem' },
  problem: { icon: 'error', tone: 'bad', kind: 'problem' },
  solved: { icon: 'check', tone: 'good', kind: 'good' },
};

export const signOf = (fact: ShownFact): FactSign => SIGNS[fact.is];

/** The profile that a fact is about, by the name that it had then. */
function profileOf(fact: ShownFact): string | undefined {
  return 'name' in fact ? fact.name : undefined;
}

/** In the order of the alphabet. */
export function profilesIn(entries: readonly ActivityEntry[]): readonly string[] {
  const names = new Set(entries.flatMap(({ fact }) => (isShown(fact) ? (profileOf(fact) ?? '') : '')));
  return [...names].filter((name) => name !== '').toSorted((a, b) => a.localeCompare(b));
}

/** @param textOf the text that is searched for the words of `query` */
export function shownEntries(
  entries: readonly ActivityEntry[],
  filter: TimelineFilter,
  profile: string | undefined,
  query = '',
  textOf: (fact: ShownFact) => string = () => '',
): readonly ShownEntry[] {
  const wanted = query.toLowerCase().split(/\s+/).filter(Boolean);
  const has = (fact: ShownFact): boolean => {
    if (wanted.length === 0) return true;
    const text = textOf(fact).toLowerCase();
    return wanted.every((word) => text.includes(word));
  };
  return (
    entries
      .flatMap(({ fact, ...entry }) =>
        isShown(fact) && fits(fact, filter, profile) && has(fact) ? [{ ...entry, fact }] : [],
      )
      // Late notes belong where they happened.
      .toSorted((one, other) => other.at - one.at || other.id - one.id)
  );
}

function fits(fact: ShownFact, filter: TimelineFilter, profile: string | undefined): boolean {
  if (profile !== undefined && profileOf(fact) !== profile) return false;
  if (filter === 'changes') return fact.is !== 'renewed';
  return filter === 'all' || signOf(fact).kind === 'problem' || fact.is === 'solved';
}

/** Each day's entries, with the moment of its latest. @param dayOf names the day of a moment */
export function byDay(entries: readonly ShownEntry[], dayOf: (at: ActivityEntry['at']) => string) {
  const days = Map.groupBy(entries, ({ at }) => dayOf(at));
  return [...days.values()].flatMap((own) => (own[0] === undefined ? [] : [{ at: own[0].at, entries: own }]));
}

/** A table for spreadsheets (RFC 4180), a line for each entry as it stands here. */
export function csvOf(
  entries: readonly ShownEntry[],
  heading: readonly string[],
  cells: (entry: ShownEntry) => readonly string[],
): string {
  return [heading, ...entries.map((entry) => cells(entry))]
    .map((line) => `${line.map((cell) => csvCell(cell)).join(',')}\r\n`)
    .join('');
}

/** Names come from routers: none may be taken for a formula (OWASP, "CSV Injection"). */
function csvCell(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
