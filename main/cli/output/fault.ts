/** Errors of commands that cannot do what was asked, and the exit codes; `ending.ts` has the messages. */
/** Where on the command line a mistake is. */
export interface TypedPlace {
  /** As it was typed: an argument, the name of an option, or its value. */
  readonly word: string;
  /** The option whose value it is. */
  readonly option?: string;
  /** Characters within the word; the whole of it when absent. */
  readonly at?: number;
  readonly length?: number;
}

export interface InputFaultOptions extends ErrorOptions {
  readonly at?: TypedPlace;
}

/** A mistake in what a person typed or wrote: what, where, what to do. */
export class InputFault extends Error {
  override readonly name = 'InputFault';
  readonly at: TypedPlace | undefined;

  constructor(message: string, { at, ...options }: InputFaultOptions = {}) {
    super(message, options);
    this.at = at;
  }
}

/** An option's value is wrong. @param todo what it may be */
export function badValue(option: string, value: string, todo: string): InputFault {
  return new InputFault(`“${value}” is not a value for ${option}. ${todo}`, { at: { option, word: value } });
}

/** A file that a person named cannot be read or written: which, why, what to do. */
export class FileFault extends Error {
  override readonly name = 'FileFault';
}

/** Another instance holds what only one may hold: what, who, what to do. */
export class BusyFault extends Error {
  override readonly name = 'BusyFault';
}

/** The running Portkeeper would not, or could not: what, why, what to do. */
export class RefusedFault extends Error {
  override readonly name = 'RefusedFault';
}

/** A person asked for the end (Ctrl-C, SIGTERM, SIGHUP) before it was done. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  constructor() {
    super('interrupted');
  }
}

/** Exit codes, documented in docs/command-line.md; stable. */
export const EXIT = {
  ok: 0,
  /** Something that was asked for was refused or could not be done. */
  failed: 1,
  /** The command line or a file is wrong; nothing was done. */
  usage: 2,
  /** No router, or none that opens ports. */
  noGateway: 3,
  /** Another Portkeeper is using the data folder or the pid file. */
  busy: 4,
  /** A file could not be read or written. */
  storage: 5,
  /** A part is open, a part is not. */
  partly: 6,
  /** Ended by Ctrl-C before it was done. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
