/** The language of the window's texts. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { languageOf, type Catalogue, type Language } from '../../main/contract/words/catalogues.ts';
import type { Settings } from '../../main/contract/settings.ts';

/** @param tags the person's languages, as the browser or the desktop tells them */
export function chosenLanguage(setting: Settings['language'], tags: readonly string[]): Language {
  return setting === 'system' ? languageOf(tags) : setting;
}

const LanguageContext = createContext<Language>('en');
export const LanguageProvider = LanguageContext.Provider;
export const useLanguage = (): Language => useContext(LanguageContext);

/** The texts of a catalogue in the person's language. */
export const useWords = <Texts,>(catalogue: Catalogue<Texts>): Texts => catalogue[useLanguage()];
