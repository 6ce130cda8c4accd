/** What starts Portkeeper at login, as the system has it. */
import { readFile } from 'node:fs/promises';

/** `elsewhere`: there is an entry, but it starts something else, as after an update that moved the program. */
export type LoginItemState = 'absent' | 'here' | 'elsewhere';

export interface LoginEntry {
  /** As the system has it, or the person in the system's own settings. @throws Error */
  readonly state: () => Promise<LoginItemState>;
}

/** What an entry adds to the program: it starts without its window. */
export const HIDDEN = '--hidden';

/** @throws Error when it is there and cannot be read */
export async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
