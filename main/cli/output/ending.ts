/** Message and exit code of a command that ends without having done its work. */
import { ConnectionLost } from '../../connect/client.ts';
import { NetworkError, StorageError } from '../../system/system.ts';
import {
  BusyFault,
  EXIT,
  FileFault,
  InputFault,
  Interrupted,
  RefusedFault,
  type ExitCode,
  type TypedPlace,
} from './fault.ts';

export interface Ending {
  /** Empty when there is nothing to say. */
  readonly text: string;
  readonly code: ExitCode;
  readonly at?: TypedPlace | undefined;
}

const STORAGE_TODO: Readonly<Record<StorageError['fault'], string>> = {
  'no-space': 'The disk is full. Free up space, or choose another folder with --data-dir.',
  'no-permission': 'You don’t have permission to write there. Choose another folder with --data-dir.',
  'not-private':
    'Other users of this computer could change it, and so control Portkeeper. Make it yours alone (chmod 700), or choose another folder with --data-dir.',
  'not-a-folder': 'There is a file where a folder is needed. Choose another folder with --data-dir.',
  unreadable: 'It is damaged. Move it away, or choose another folder with --data-dir.',
  locked: 'Quit the other one, or choose another folder with --data-dir.',
  other: 'Check the disk, or choose another folder with --data-dir.',
};

export function endingOf(error: unknown): Ending {
  if (error instanceof InputFault) return { text: error.message, code: EXIT.usage, at: error.at };
  if (error instanceof FileFault) return { text: error.message, code: EXIT.storage };
  if (error instanceof BusyFault) return { text: error.message, code: EXIT.busy };
  if (error instanceof RefusedFault) return { text: error.message, code: EXIT.failed };
  if (error instanceof ConnectionLost) {
    return {
      text: 'Portkeeper quit before it answered. Check with: portkeeper status',
      code: EXIT.failed,
    };
  }
  if (error instanceof Interrupted) return { text: '', code: EXIT.interrupted };
  if (error instanceof StorageError) {
    const todo = STORAGE_TODO[error.fault];
    return error.fault === 'locked'
      ? { text: `Another Portkeeper is running: ${error.message}. ${todo}`, code: EXIT.busy }
      : { text: `Couldn’t use ${error.path}: ${error.message}. ${todo}`, code: EXIT.storage };
  }
  if (error instanceof NetworkError) {
    return {
      text: `Couldn’t use the network: ${error.message}. Check the connection and this computer’s firewall, then try again.`,
      code: EXIT.noGateway,
    };
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { text: `Something went wrong in Portkeeper. Please report this:\n${detail}`, code: EXIT.failed };
}
