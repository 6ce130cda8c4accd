/** What the view of what has happened says. The sentence of each fact is in `activity.ts`. */
import type { Catalogue } from '../../../main/contract/words/catalogues.ts';

const en = {
  day: {
    title: 'When ports were open',
    hint: 'Portkeeper does not know what happened while it was not running.',
    none: 'Nothing was open in this time.',
    range: 'Time shown',
    ranges: { hour: '1 h', day: '24 h', week: '7 days' },
    legend: { open: 'Open', closed: 'Not open', unknown: 'Not known' },
    /** As in "open 22 h 10 min". */
    openFor: (duration: string): string => `open ${duration}`,
    openAllDay: 'open all the time',
    neverOpen: 'not open',
    now: 'now',
    openFromTo: (from: string, to: string): string => `Open from ${from} to ${to}`,
    unknownFromTo: (from: string, to: string): string => `Not known from ${from} to ${to}`,
    openUntilNow: (from: string): string => `Open since ${from}`,
    profile: (name: string, forwards: number): string =>
      forwards === 1 ? `${name}, 1 forward` : `${name}, ${forwards} forwards`,
  },
  timeline: {
    title: 'What happened',
    filter: 'Show',
    search: 'Search what happened',
    export: 'Export',
    columns: { time: 'Time', kind: 'Kind', text: 'What happened' },
    filters: { changes: 'Without renewals', problems: 'Problems', all: 'All' },
    profile: 'Profile',
    everyProfile: 'Every profile',
    none: 'Nothing has happened yet.',
    noneHint: 'What Portkeeper opens, renews and closes, and what your router does, is noted here.',
    noneFound: 'Nothing of this kind has happened.',
    showAll: 'Show all',
    more: (count: number): string => `Show ${count} earlier entries`,
    loading: 'Reading what has happened…',
  },
  clear: {
    action: 'Clear…',
    title: 'Clear what has happened?',
    text: 'The timeline and the chart start again. Nothing that is open is closed. This cannot be undone.',
    yes: 'Clear',
    done: 'What has happened was cleared.',
  },
  /** Kinds of entries, for who does not see their signs. */
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
    hint: 'Was geschah, während Portkeeper nicht lief, weiß es nicht.',
    none: 'In dieser Zeit war nichts offen.',
    range: 'Gezeigte Zeit',
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
    title: 'Was geschah',
    filter: 'Anzeigen',
    search: 'Im Verlauf suchen',
    export: 'Exportieren',
    columns: { time: 'Zeit', kind: 'Art', text: 'Was geschah' },
    filters: { changes: 'Ohne Verlängerungen', problems: 'Probleme', all: 'Alles' },
    profile: 'Profil',
    everyProfile: 'Alle Profile',
    none: 'Noch ist nichts geschehen.',
    noneHint: 'Was Portkeeper öffnet, verlängert und schließt, und was der Router tut, steht später hier.',
    noneFound: 'Nichts dergleichen ist geschehen.',
    showAll: 'Alles anzeigen',
    more: (count) => `${count} frühere Einträge anzeigen`,
    loading: 'Der Verlauf wird gelesen …',
  },
  clear: {
    action: 'Leeren …',
    title: 'Verlauf leeren?',
    text: 'Verlauf und Diagramm beginnen von vorn. Nichts, was offen ist, wird geschlossen. Das lässt sich nicht rückgängig machen.',
    yes: 'Leeren',
    done: 'Der Verlauf wurde geleert.',
  },
  kinds: {
    good: 'Gut',
    problem: 'Problem',
    change: 'Änderung',
    quiet: 'Notiz',
  },
};

export const activityViewWords: Catalogue<typeof en> = { en, de };
