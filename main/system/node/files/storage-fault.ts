import type { StorageFault } from '../../../contract/storage-fault.ts';
import { StorageError } from '../../system.ts';
import { codeOf } from '../network/network-fault.ts';

const faults: Readonly<Record<string, StorageFault>> = {
  EACCES: 'no-permission',
  EPERM: 'no-permission',
  EROFS: 'no-permission',
  ENOSPC: 'no-space',
  EDQUOT: 'no-space',
  ENOTDIR: 'not-a-folder',
  EEXIST: 'not-a-folder',
};

/** `doing` completes "could not …". */
export function storageError(error: unknown, path: string, doing: string): StorageError {
  if (error instanceof StorageError) return error;
  const code = codeOf(error);
  const message = `could not ${doing} ${path}: ${code === '' ? String(error) : code}`;
  return new StorageError(faults[code] ?? 'other', path, message, { cause: error });
}
