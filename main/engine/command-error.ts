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
