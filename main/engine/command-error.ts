import type { Fault } from '../contract/checked.ts';
import type { CommandFault } from '../contract/commands.ts';
import type { StorageError } from '../system/system.ts';

/** A command that cannot be done, and is not done in part. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly fault: CommandFault;
  constructor(code: CommandFault['code'], place: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = { code, place, message };
  }
}

const WHY: Readonly<Record<StorageError['fault'], string>> = {
  'no-permission': 'You may not write there.',
  'no-space': 'The disk is full.',
  'not-a-folder': 'A file stands where a folder is needed.',
  unreadable: 'What is there cannot be read.',
  locked: 'Another Portkeeper is using it.',
  other: 'The file system refused.',
};

export function notStored(error: StorageError): CommandError {
  const message = `It could not be written down in ${error.path}, and was not done. ${WHY[error.fault]} Make room or permit writing there, then try again.`;
  return new CommandError('storage', '', message, { cause: error });
}

/** The first fault, and how many more there are. */
export function badInput(faults: readonly Fault[], within = ''): CommandError {
  const [first = { place: '', message: 'is not as it must be' }] = faults;
  const place = [within, first.place].filter((part) => part !== '').join('.');
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
  return new CommandError('bad-input', place, `${place === '' ? 'The input' : place}: ${first.message}${more}`);
}

/** In the place of a command that is not made yet. */
export async function notYet(): Promise<never> {
  throw new CommandError('unknown-command', '', 'There is no such command.');
}
