/** Losses when another program's list of ports becomes a profile, or profiles become another format. */
import type { ImportLoss, ExportLoss } from '../profiles/profile-document.ts';
import type { Catalogue, Language } from './catalogues.ts';

const IMPORT: Catalogue<Readonly<Record<ImportLoss['what'], (entries: number) => string>>> = {
  en: {
    network: (count) =>
      `${count === 1 ? '1 entry was' : `${count} entries were`} meant for one network only. Profiles open their ports on every network: approve networks in Settings to limit this to yours.`,
    comment: (count) =>
      `${count === 1 ? '1 comment was' : `${count} comments were`} shortened: labels can have at most 80 characters.`,
    'address-command': () =>
      'The command for a new address is not imported, so that no file decides what runs on this computer. Set it yourself if you want it.',
  },
  de: {
    network: (count) =>
      `${count === 1 ? '1 Eintrag war' : `${count} Einträge waren`} nur für ein bestimmtes Netzwerk gedacht. Profile öffnen ihre Ports in jedem Netzwerk: Gib in den Einstellungen deine Netzwerke frei, um das zu begrenzen.`,
    comment: (count) =>
      `${count === 1 ? '1 Kommentar wurde' : `${count} Kommentare wurden`} gekürzt: Bezeichnungen können höchstens 80 Zeichen lang sein.`,
    'address-command': () =>
      'Der Befehl für eine neue Adresse wird nicht importiert, damit keine Datei bestimmt, was auf diesem Computer läuft. Leg ihn selbst fest, wenn du ihn willst.',
  },
};

export function importLossText({ what, entries }: ImportLoss, language: Language): string {
  return IMPORT[language][what](entries);
}

const forwards = (count: number): string => (count === 1 ? '1 forward' : `${count} forwards`);
const freigaben = (count: number): string => (count === 1 ? '1 Freigabe' : `${count} Freigaben`);

const EXPORT: Catalogue<Readonly<Record<ExportLoss['what'], (forwards: number) => string>>> = {
  en: {
    profiles: () => 'Profile names and switches are not included: the file is a single port list.',
    settings: () => 'Settings are not included.',
    'inside-port': (count) => `Not exported, because external and internal port differ: ${forwards(count)}.`,
    ipv6: (count) => `Not exported, because this format supports only IPv4: ${forwards(count)}.`,
    'ipv6-too': (count) => `Exported for IPv4 only, because this format doesn’t support IPv6: ${forwards(count)}.`,
    'ports-claimed': (count) =>
      `Exported without external ports that another profile also uses, because a list has each port once: ${forwards(count)}.`,
    router: (count) => `“Only on this router” was not exported for ${forwards(count)}.`,
    'if-taken': (count) => `“If the port is taken” was not exported for ${forwards(count)}.`,
  },
  de: {
    profiles: () => 'Namen und Schalter der Profile sind nicht enthalten: Die Datei ist eine einzige Portliste.',
    settings: () => 'Einstellungen sind nicht enthalten.',
    'inside-port': (count) =>
      `Nicht exportiert, weil sich externer und interner Port unterscheiden: ${freigaben(count)}.`,
    ipv6: (count) => `Nicht exportiert, weil dieses Format nur IPv4 unterstützt: ${freigaben(count)}.`,
    'ipv6-too': (count) => `Nur für IPv4 exportiert, weil dieses Format IPv6 nicht unterstützt: ${freigaben(count)}.`,
    'ports-claimed': (count) =>
      `Ohne externe Ports exportiert, die auch ein anderes Profil nutzt, weil eine Liste jeden Port nur einmal enthält: ${freigaben(count)}.`,
    router: (count) => `„Nur auf diesem Router“ wurde für ${freigaben(count)} nicht exportiert.`,
    'if-taken': (count) => `„Wenn der Port belegt ist“ wurde für ${freigaben(count)} nicht exportiert.`,
  },
};

export function exportLossText({ what, forwards: count }: ExportLoss, language: Language): string {
  return EXPORT[language][what](count);
}
