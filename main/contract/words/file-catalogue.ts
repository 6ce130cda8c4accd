/** What every language says about every reason why a file is not understood. */
import type { FileFault, FilePlace, FileReason, FileReasons } from '../file-reasons.ts';

export interface FileCatalogue {
  /** `line 3, column 1 (address)`; empty for the whole. */
  readonly place: (at: FilePlace) => string;
  /** Sentences that begin with the file, which is the whole place. */
  readonly whole: { readonly [Code in Whole]: (file: string, parameters: FileReasons[Code]) => string };
  /** What follows the place and a colon, with its own full stop. */
  readonly reasons: { readonly [Code in Exclude<keyof FileReasons, Whole>]: (parameters: FileReasons[Code]) => string };
}

type Whole = 'too-large' | 'not-text' | 'no-header' | 'no-ports' | 'unknown';

/** `undefined`: it comes from another version, which knows more reasons. */
export function fileFaultIn(catalogue: FileCatalogue, { file, at, why }: FileFault): string | undefined {
  // A reason's code and parameters belong together; the type system cannot follow that through the tables.
  const whole = catalogue.whole as Readonly<
    Record<string, (file: string, parameters: FileReason['parameters']) => string>
  >;
  if (Object.hasOwn(whole, why.code)) return whole[why.code]?.(file, why.parameters);
  const reasons = catalogue.reasons as Readonly<Record<string, (parameters: FileReason['parameters']) => string>>;
  const text = Object.hasOwn(reasons, why.code) ? reasons[why.code]?.(why.parameters) : undefined;
  if (text === undefined) return undefined;
  const place = catalogue.place(at);
  return `${place === '' ? file : `${file}, ${place}`}: ${text}`;
}
