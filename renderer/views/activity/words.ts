/** What the view of what has happened says. The sentence of each fact is in `activity.ts`. */
import type { Catalogue } from '../../../main/contract/words/catalogues.ts';

const en = {
  day: {
    title: 'The last 24 hours',
    hint: 'When each forward was open. Portkeeper doesn’t know what happened while it wasn’t running.',
    none: 'Nothing was open in the last 24 hours.',
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
    text: 'This clears the timeline and the chart of the last 24 hours. Open ports stay open. You can’t undo this.',
    yes: 'Clear',
    done: 'Activity cleared.',
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
    title: 'Die letzten 24 Stunden',
    hint: 'Wann welche Freigabe offen war. Für Zeiten, in denen Portkeeper nicht lief, gibt es keine Daten.',
    none: 'In den letzten 24 Stunden war nichts offen.',
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
    text: 'Die Ereignisse und das Diagramm der letzten 24 Stunden werden gelöscht. Offene Ports bleiben offen. Das lässt sich nicht rückgängig machen.',
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
