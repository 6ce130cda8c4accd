import { ConnectionLost } from '../../connect/client.ts';

import {
  NetworkError,
  StorageError,
} from '../../system/system.ts'; /** A mistake in what a person typed or wrote: what, where, what to do. */
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

const STORAGE_TODO: Readonly<Record<StorageError['fault'], string>> = {
  'no-space': 'The disk is full. Make room there, or choose another folder with --data-dir.',
  'no-permission': 'You may not write there. Choose another folder with --data-dir.',
  'not-private':
    'Other users of this computer could change it and so give commands to Portkeeper. Make it yours alone (chmod 700), or choose another folder with --data-dir.',
  'not-a-folder': 'A file stands where a folder is needed. Choose another folder with --data-dir.',
  unreadable: 'It is damaged. Move it away, or choose another folder with --data-dir.',
  locked: 'End the other one, or choose another folder with --data-dir.',
  other: 'Look at the disk, or choose another folder with --data-dir.',
};

export function endingOf(error: unknown): Ending {
  if (error instanceof InputFault) return { text: error.message, code: EXIT.usage };
  if (error instanceof FileFault) return { text: error.message, code: EXIT.storage };
  if (error instanceof BusyFault) return { text: error.message, code: EXIT.busy };
  if (error instanceof RefusedFault) return { text: error.message, code: EXIT.failed };
  if (error instanceof ConnectionLost) {
    return {
      text: 'Portkeeper ended before it answered. Look with: portkeeper status',
      code: EXIT.failed,
    };
  }
  if (error instanceof Interrupted) return { text: '', code: EXIT.interrupted };
  if (error instanceof StorageError) {
    const todo = STORAGE_TODO[error.fault];
    return error.fault === 'locked'
      ? { text: `Another Portkeeper is at work: ${error.message}. ${todo}`, code: EXIT.busy }
      : { text: `${error.path} cannot be used: ${error.message}. ${todo}`, code: EXIT.storage };
  }
  if (error instanceof NetworkError) {
    return {
      text: `The network cannot be used: ${error.message}. Check the connection and this computer’s firewall, then try again.`,
      code: EXIT.noGateway,
    };
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { text: `Portkeeper met an error of its own; please report it.\n${detail}`, code: EXIT.failed };
}
