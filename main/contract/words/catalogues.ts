/** The languages, and what each of them says about every reason and problem: one that is missing does not compile. */
import type {
  CommandReason,
  CommandReasons,
  ValueReason,
  ValueReasons,
  FileFault,
  FilePlace,
  FileReason,
  FileReasons,
} from '../fault-reasons.ts';

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

export interface FaultCatalogue {
  /** Parts of sentences that begin with what they are about: "is missing". */
  readonly values: { readonly [Code in keyof ValueReasons]: (parameters: ValueReasons[Code]) => string };
  /** Whole sentences. */
  readonly commands: { readonly [Code in keyof CommandReasons]: (parameters: CommandReasons[Code]) => string };
}

type Table = Readonly<Record<string, (parameters: Reason['parameters']) => string>>;
type Reason = ValueReason | CommandReason | FileReason;

/** `undefined`: it comes from another version, which knows more reasons. */
function textIn(table: object, { code, parameters }: Reason): string | undefined {
  // A reason's code and parameters belong together; the type system cannot follow that through the table.
  return Object.hasOwn(table, code) ? (table as Table)[code]?.(parameters) : undefined;
}

export const valueText = ({ values }: FaultCatalogue, reason: ValueReason): string | undefined =>
  textIn(values, reason);

export const commandText = ({ commands }: FaultCatalogue, reason: CommandReason): string | undefined =>
  textIn(commands, reason);

export interface FileCatalogue {
  /** `line 3, column 1 (address)`; empty for the whole. */
  readonly place: (at: FilePlace) => string;
  /** Heading before the first `shown` of `count` mistakes, a line each. */
  readonly several: (file: string, count: number, shown: number) => string;
  /** Text after the name of the file, which is the whole place. */
  readonly whole: { readonly [Code in WholeFileFault]: (parameters: FileReasons[Code]) => string };
  /** Text after the place and a colon, with its own full stop. */
  readonly reasons: {
    readonly [Code in Exclude<keyof FileReasons, WholeFileFault>]: (parameters: FileReasons[Code]) => string;
  };
}

type WholeFileFault = 'too-large' | 'not-text' | 'no-header' | 'no-ports' | 'unknown';

export function fileFaultIn(
  catalogue: FileCatalogue,
  { file, at, why, next = [], count = 1 }: FileFault,
): string | undefined {
  const whole = textIn(catalogue.whole, why);
  if (whole !== undefined) return `${file} ${whole}`;
  const text = textIn(catalogue.reasons, why);
  const place = catalogue.place(at);
  if (text === undefined) return undefined;
  if (count === 1) return `${place === '' ? file : `${file}, ${place}`}: ${text}`;
  const rest = next.map((each) => `${catalogue.place(each.at)}: ${textIn(catalogue.reasons, each.why) ?? ''}`);
  return [catalogue.several(file, count, 1 + next.length), `${place}: ${text}`, ...rest].join('\n');
}
