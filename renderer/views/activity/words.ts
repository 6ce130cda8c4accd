/** Texts of the history view. The sentence of each fact is in `activity.ts`. */
import type { Catalogue } from '../../../main/contract/words/catalogues.ts';

const en = {
  day: {
    title: 'When ports were open',
    hint: 'Portkeeper doesn’t know what happened while it wasn’t running.',
    none: 'Nothing was open during this time.',
    range: 'Time range',
    ranges: { hour: '1 h', day: '24 h', week: '7 days' },
    legend: { open: 'Open', closed: 'Not open', unknown: 'Unknown' },
    /** As in "open 22 h 10 min". */
    openFor: (duration: string): string => `open ${duration}`,
    openAllDay: 'open all the time',
    neverOpen: 'not open',
    now: 'now',
    openFromTo: (from: string, to: string): string => `Open from ${from} to ${to}`,
    unknownFromTo: (from: string, to: string): string => `Unknown from ${from} to ${to}`,
    openUntilNow: (from: string): string => `Open since ${from}`,
    profile: (name: string, forwards: number): string =>
      forwards === 1 ? `${name}, 1 forward` : `${name}, ${forwards} forwards`,
  },
  timeline: {
    title: 'Timeline',
    filter: 'Show',
    search: 'Search activity',
    export: 'Export',
    columns: { time: 'Time', kind: 'Kind', text: 'What happened' },
    filters: { changes: 'Without renewals', problems: 'Problems', all: 'All' },
    profile: 'Profile',
    everyProfile: 'All profiles',
    none: 'No activity yet.',
    noneHint: 'Everything Portkeeper opens, renews and closes appears here, along with changes on your router.',
    noneFound: 'No matches.',
    showAll: 'Show all',
    more: (count: number): string => `Show ${count} earlier entries`,
    loading: 'Loading activity…',
  },
  clear: {
    action: 'Clear…',
    title: 'Clear activity?',
    text: 'This clears the timeline and the chart. Open ports stay open. You can’t undo this.',
    yes: 'Clear',
    done: 'Activity cleared.',
  },
  /** Kinds of entries, for anyone who does not see their signs. */
  kinds: {
    good: 'Good',
    problem: 'Problem',
    change: 'Change',
    quiet: 'Note',
  },
};

const de: typeof en = {
  day: {
    title: 'Wann Ports offen waren',
    hint: 'Für Zeiten, in denen Portkeeper nicht lief, gibt es keine Daten.',
    none: 'In dieser Zeit war nichts offen.',
    range: 'Zeitraum',
    ranges: { hour: '1 Std.', day: '24 Std.', week: '7 Tage' },
    legend: { open: 'Offen', closed: 'Nicht offen', unknown: 'Unbekannt' },
    openFor: (duration) => `${duration} offen`,
    openAllDay: 'durchgehend offen',
    neverOpen: 'nicht offen',
    now: 'jetzt',
    openFromTo: (from, to) => `Offen von ${from} bis ${to}`,
    unknownFromTo: (from, to) => `Unbekannt von ${from} bis ${to}`,
    openUntilNow: (from) => `Offen seit ${from}`,
    profile: (name, forwards) => (forwards === 1 ? `${name}, 1 Freigabe` : `${name}, ${forwards} Freigaben`),
  },
  timeline: {
    title: 'Ereignisse',
    filter: 'Anzeigen',
    search: 'Im Verlauf suchen',
    export: 'Exportieren',
    columns: { time: 'Zeit', kind: 'Art', text: 'Was geschah' },
    filters: { changes: 'Ohne Verlängerungen', problems: 'Probleme', all: 'Alles' },
    profile: 'Profil',
    everyProfile: 'Alle Profile',
    none: 'Noch keine Ereignisse.',
    noneHint: 'Hier erscheint, was Portkeeper öffnet, verlängert und schließt und was sich am Router ändert.',
    noneFound: 'Keine Treffer.',
    showAll: 'Alles anzeigen',
    more: (count) => `${count} ältere Einträge anzeigen`,
    loading: 'Verlauf wird geladen …',
  },
  clear: {
    action: 'Leeren …',
    title: 'Verlauf leeren?',
    text: 'Die Ereignisse und das Diagramm werden gelöscht. Offene Ports bleiben offen. Das lässt sich nicht rückgängig machen.',
    yes: 'Leeren',
    done: 'Verlauf geleert.',
  },
  kinds: {
    good: 'Gut',
    problem: 'Problem',
    change: 'Änderung',
    quiet: 'Hinweis',
  },
};

export const activityViewWords: Catalogue<typeof en> = { en, de };
