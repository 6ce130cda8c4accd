/** What a failed command says last, and its exit code. */
import { NetworkError, StorageError } from '../../system/system.ts';
import { ConnectionLost } from '../../connect/client.ts';
import { BusyFault, EXIT, FileFault, InputFault, Interrupted, RefusedFault } from './fault.ts';
import type { Ending } from './fault.ts';

const STORAGE_TODO: Readonly<Record<StorageError['fault'], string>> = {
  'no-space': 'The disk is full. Make room there, or choose another folder with --data-dir.',
  'no-permission': 'You may not write there. Choose another folder with --data-dir.',
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
