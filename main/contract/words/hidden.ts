/** Invisible characters that change the text: names of routers, files and people may have them. */

/**
 * Controls (C0, C1), line and paragraph separators, marks and overrides of the direction of writing (UAX #9), what has no
 * width, tags, fillers and selectors of variants (Unicode general categories Cc, Zl, Zp and Cf, and what is shown as nothing
 * by default).
 */
const HIDDEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
/** As above, of what JSON leaves as it is: all that is written in JSON has an escape. */
const HIDDEN_IN_JSON = /[\u007f-\u009f\p{Zl}\p{Zp}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/** Characters that join two pictures into one, or make one of a sign, stay. */
const HIDDEN_IN_TEXT =
  /(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f])\u200d|\u200d(?!\p{Extended_Pictographic})|(?<!\p{Emoji})\ufe0f|(?!\u200d|\ufe0f)[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/** In a name that others chose: a separator becomes a blank, all else is left out. */
export function withoutHidden(text: string): string {
  return text.replaceAll(/[\t\n\v\f\r\p{Zl}\p{Zp}]+/gu, ' ').replaceAll(HIDDEN_IN_TEXT, '');
}

/** JSON with the same meaning, and its content in sight. */
export function plainJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(HIDDEN_IN_JSON, escaped);
}

/** Every hidden character written out, as JSON would. */
export const withEscapes = (text: string): string => text.replaceAll(HIDDEN, escaped);

/** Beyond the first plane in two halves. */
const escaped = (hidden: string): string =>
  [...Array(hidden.length).keys()].map((at) => `\\u${hidden.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');
