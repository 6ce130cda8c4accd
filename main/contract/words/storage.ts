/** Why files cannot be written or read, as sentences. */
import type { Catalogue, Language } from '../language.ts';
import type { StorageFault } from '../storage-fault.ts';

interface StorageTexts {
  readonly write: Readonly<Record<StorageFault, string>>;
  readonly read: Readonly<Record<StorageFault, string>>;
}

const en = {
  'no-space': 'The disk is full.',
  'not-a-folder': 'A file stands where a folder is needed.',
  unreadable: 'What is there cannot be read.',
  locked: 'Another Portkeeper is using it.',
  other: 'The file system refused.',
};

const de: typeof en = {
  'no-space': 'Der Speicher ist voll.',
  'not-a-folder': 'Wo ein Ordner gebraucht wird, liegt eine Datei.',
  unreadable: 'Was dort steht, lässt sich nicht lesen.',
  locked: 'Ein anderes Portkeeper greift gerade darauf zu.',
  other: 'Das Dateisystem hat es verweigert.',
};

const TEXTS: Catalogue<StorageTexts> = {
  en: {
    write: { ...en, 'no-permission': 'You may not write there.' },
    read: { ...en, 'no-permission': 'You may not read there.' },
  },
  de: {
    write: { ...de, 'no-permission': 'Dort darfst du nicht schreiben.' },
    read: { ...de, 'no-permission': 'Dort darfst du nicht lesen.' },
  },
};

export function storageText(fault: StorageFault, language: Language, access: keyof StorageTexts = 'write'): string {
  return TEXTS[language][access][fault];
}
