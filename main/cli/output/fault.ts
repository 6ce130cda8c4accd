/** A mistake in what a person typed or wrote: what, where, what to do. */
export class InputFault extends Error {
  override readonly name = 'InputFault';
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

/** Exit codes, documented in the README; stable. */
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

export interface Ending {
  /** Empty when there is nothing to say. */
  readonly text: string;
  readonly code: ExitCode;
}
