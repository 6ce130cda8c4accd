/**
 * Why a file that a person gives is not understood: a code with typed parameters, and the place in the file. The sentences
 * are in `words/files-en` and `words/files-de`.
 */
import type { Transport } from './model.ts';

type None = Readonly<Record<string, never>>;

/** All count from 1; nothing of it where the file as a whole is meant. */
export interface FilePlace {
  readonly line?: number;
  /** Of the text; in a list with columns, the number of the column. */
  readonly column?: number;
  /** Of a JSON array. */
  readonly entry?: number;
  /** Title of the column, key of the entry. */
  readonly field?: string;
}

export type PortField = 'address' | 'port' | 'protocol' | 'duration' | 'comment';

export interface FileReasons {
  'too-large': { readonly mebibytes: number };
  /** It has bytes in it that no text has. */
  'not-text': None;
  /** `found`: what does not belong there; empty where the text ends too early. */
  'not-json': { readonly found: string };
  /** Neither ours, nor a list of ports. */
  unknown: None;
  /** Nothing is in it; `header` is what a list begins with. */
  'no-header': { readonly header: string };
  /** A list without a single port. */
  'no-ports': None;
  'quote-not-closed': None;
  'quote-not-alone': None;
  /** In the words of a library, which are English. */
  csv: { readonly text: string };
  /** `delimiter` where it may be another. */
  'column-missing': { readonly column: PortField; readonly header: string; readonly delimiter?: string };
  'column-twice': { readonly column: PortField };
  'too-many-fields': { readonly fields: number; readonly columns: number; readonly delimiter: string };
  'too-few-fields': { readonly fields: number; readonly columns: number };
  'not-a-list': None;
  'not-an-object': None;
  /** `value` as it is written in JSON; empty where there is none. */
  'wrong-value': { readonly field: PortField; readonly value: string };
  'port-twice': { readonly port: number; readonly transport: Transport; readonly other: FilePlace };
  /** Forwards of one profile. */
  'too-many-ports': { readonly most: number };
  'too-many-mappings': { readonly count: number; readonly most: number };
}

export type FileReason = {
  [Code in keyof FileReasons]: { readonly code: Code; readonly parameters: FileReasons[Code] };
}[keyof FileReasons];

export interface FileFault {
  /** As the person named it. */
  readonly file: string;
  readonly at: FilePlace;
  readonly why: FileReason;
}
