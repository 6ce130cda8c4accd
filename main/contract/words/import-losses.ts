/** What a profile cannot say of another program's list of ports. */
import type { ImportLoss } from '../import-loss.ts';
import type { Catalogue, Language } from '../language.ts';

type LossTexts = { readonly [What in ImportLoss['what']]: (entries: number) => string };

const TEXTS: Catalogue<LossTexts> = {
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
  return TEXTS[language][what](entries);
}
