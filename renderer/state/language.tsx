/** The language of the window's texts. */
import { createContext } from 'preact';
import { useContext, useLayoutEffect, useState } from 'preact/hooks';
import { languageOf, type Catalogue, type Language } from '../../main/contract/words/catalogues.ts';
import type { Settings } from '../../main/contract/settings.ts';
import { textsIn } from './texts.ts';

/** @param tags the person's languages, as reported by the browser or the desktop */
export function chosenLanguage(setting: Settings['language'], tags: readonly string[]): Language {
  return setting === 'system' ? languageOf(tags) : setting;
}

/** The language whose texts are there: the one given, once they are, and until then the one before. */
export function useTexts(language: Language): Language | undefined {
  const [loaded, setLoaded] = useState<Language | undefined>(undefined);
  useLayoutEffect(() => {
    let isGone = false;
    textsIn(language).then(
      () => !isGone && setLoaded(language),
      // The shown language stays. The error is for anyone who looks into the developer tools.
      reportError,
    );
    return () => void (isGone = true);
  }, [language]);
  return loaded;
}

const LanguageContext = createContext<Language>('en');
export const LanguageProvider = LanguageContext.Provider;
export const useLanguage = (): Language => useContext(LanguageContext);

/** The texts of a catalogue in the person's language. */
export const useWords = <Texts,>(catalogue: Catalogue<Texts>): Texts => catalogue[useLanguage()];
