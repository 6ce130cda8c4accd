/** Languages of what people read. */
export const LANGUAGES = ['en', 'de'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Texts by language. Made from one set: a text that is missing in the other does not compile. */
export type Catalogue<Texts> = Readonly<Record<Language, Texts>>;

/** The first of the person's languages that there are texts in, by BCP 47 tags such as `de-AT`; English otherwise. */
export function languageOf(tags: readonly string[]): Language {
  for (const tag of tags) {
    const primary = tag.toLowerCase().split(/[-_]/)[0];
    const known = LANGUAGES.find((language) => language === primary);
    if (known !== undefined) return known;
  }
  return 'en';
}
