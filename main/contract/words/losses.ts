/** What is lost when another program's list of ports becomes a profile, or profiles become another format. */
import type { ImportLoss, ExportLoss } from '../profile-document.ts';
import type { Catalogue, Language } from './catalogues.ts';

const IMPORT: Catalogue<Readonly<Record<ImportLoss['what'], (entries: number) => string>>> = {
  en: {
    network: (count) =>
      `${count === 1 ? '1 entry was' : `${count} entries were`} meant for one network only. A profile opens its ports on every network where it is on: approve networks in the settings to keep it to yours.`,
    comment: (count) =>
      `${count === 1 ? '1 comment was' : `${count} comments were`} shortened: a label is one line of 80 characters at most.`,
  },
  de: {
    network: (count) =>
      `${count === 1 ? '1 Eintrag war' : `${count} Einträge waren`} nur für ein bestimmtes Netzwerk gedacht. Ein Profil öffnet seine Ports in jedem Netzwerk, in dem es eingeschaltet ist: Gib in den Einstellungen Netzwerke frei, um das zu begrenzen.`,
    comment: (count) =>
      `${count === 1 ? '1 Kommentar wurde' : `${count} Kommentare wurden`} gekürzt: Eine Bezeichnung ist eine Zeile mit höchstens 80 Zeichen.`,
  },
};

export function importLossText({ what, entries }: ImportLoss, language: Language): string {
  return IMPORT[language][what](entries);
}

const forwards = (count: number): string => (count === 1 ? '1 forward' : `${count} forwards`);
const freigaben = (count: number): string => (count === 1 ? '1 Freigabe' : `${count} Freigaben`);

const EXPORT: Catalogue<Readonly<Record<ExportLoss['what'], (forwards: number) => string>>> = {
  en: {
    profiles: () => 'Profiles with their names and switches are not in it: it is one list of ports.',
    settings: () => 'Settings are not in it.',
    'inside-port': (count) => `Left out, because outside and inside port differ: ${forwards(count)}.`,
    ipv6: (count) => `Left out, because the format knows IPv4 only: ${forwards(count)}.`,
    'ipv6-too': (count) => `For IPv4 only, because the format does not know IPv6: ${forwards(count)}.`,
    'ports-claimed': (count) =>
      `Without the outside ports that another profile asks for, too, for a list has each port once: ${forwards(count)}.`,
    router: (count) => `Without the router through which it is opened: ${forwards(count)}.`,
    'if-taken': (count) => `Without what to do when the port is taken: ${forwards(count)}.`,
  },
  de: {
    profiles: () => 'Profile mit ihren Namen und Schaltern stehen nicht darin: Es ist eine einzige Liste von Ports.',
    settings: () => 'Einstellungen stehen nicht darin.',
    'inside-port': (count) => `Ausgelassen, weil äußerer und innerer Port verschieden sind: ${freigaben(count)}.`,
    ipv6: (count) => `Ausgelassen, weil das Format nur IPv4 kennt: ${freigaben(count)}.`,
    'ipv6-too': (count) => `Nur für IPv4, weil das Format IPv6 nicht kennt: ${freigaben(count)}.`,
    'ports-claimed': (count) =>
      `Ohne die äußeren Ports, die auch ein anderes Profil braucht, denn eine Liste hat jeden Port einmal: ${freigaben(count)}.`,
    router: (count) => `Ohne den Router, über den geöffnet wird: ${freigaben(count)}.`,
    'if-taken': (count) => `Ohne die Angabe, was gilt, wenn der Port vergeben ist: ${freigaben(count)}.`,
  },
};

export function exportLossText({ what, forwards: count }: ExportLoss, language: Language): string {
  return EXPORT[language][what](count);
}
