/** What a file of another program's format cannot say. */
import type { ExportLoss } from '../export-loss.ts';
import type { Catalogue, Language } from '../language.ts';

type LossTexts = { readonly [What in ExportLoss['what']]: (forwards: number) => string };

const forwards = (count: number): string => (count === 1 ? '1 forward' : `${count} forwards`);
const freigaben = (count: number): string => (count === 1 ? '1 Freigabe' : `${count} Freigaben`);

const TEXTS: Catalogue<LossTexts> = {
  en: {
    profiles: () => 'Profiles with their names and switches are not in it: it is one list of ports.',
    settings: () => 'Settings are not in it.',
    'inside-port': (count) => `Left out, because outside and inside port differ: ${forwards(count)}.`,
    ipv6: (count) => `Left out, because the format knows IPv4 only: ${forwards(count)}.`,
    lease: (count) => `Without the lease time "permanent": ${forwards(count)}.`,
    router: (count) => `Without the router through which it is opened: ${forwards(count)}.`,
    'if-taken': (count) => `Without what to do when the port is taken: ${forwards(count)}.`,
  },
  de: {
    profiles: () => 'Profile mit ihren Namen und Schaltern stehen nicht darin: Es ist eine einzige Liste von Ports.',
    settings: () => 'Einstellungen stehen nicht darin.',
    'inside-port': (count) => `Ausgelassen, weil äußerer und innerer Port verschieden sind: ${freigaben(count)}.`,
    ipv6: (count) => `Ausgelassen, weil das Format nur IPv4 kennt: ${freigaben(count)}.`,
    lease: (count) => `Ohne die Laufzeit „permanent“: ${freigaben(count)}.`,
    router: (count) => `Ohne den Router, über den geöffnet wird: ${freigaben(count)}.`,
    'if-taken': (count) => `Ohne die Angabe, was gilt, wenn der Port vergeben ist: ${freigaben(count)}.`,
  },
};

export function exportLossText({ what, forwards: count }: ExportLoss, language: Language): string {
  return TEXTS[language][what](count);
}
