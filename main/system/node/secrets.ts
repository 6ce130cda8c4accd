/**
 * Passwords and tokens. The system keeps them where it can: the Secret Service on Linux, Electron's safeStorage in the app.
 * Elsewhere they are in a file that only its owner can read, and every UI says so.
 */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { inSeconds } from '../../contract/units.ts';
import { forAtMost } from '../deadline.ts';
import { SecretError, StorageError, type Clock, type Log, type SecretPlace, type SecretStore } from '../system.ts';
import { makeFolder, readText, writeWhole } from './files/whole-file.ts';

/** Makes texts unreadable to others, such as Electron's safeStorage. */
export interface Sealer {
  /** Not where it would only hide them. */
  isAvailable(): Promise<boolean>;
  seal(text: string): Promise<Uint8Array>;
  /** @throws Error for what was sealed elsewhere */
  open(sealed: Uint8Array): Promise<string>;
}

/** A service of the system that keeps secrets by their names. */
export interface Vault {
  /** @throws SecretError */
  read(key: string, signal: AbortSignal): Promise<string | undefined>;
  /** `undefined` removes it. @throws SecretError */
  write(key: string, secret: string | undefined, signal: AbortSignal): Promise<void>;
}

interface Entry {
  readonly sealed?: string;
  readonly plain?: string;
}

export interface SecretParts {
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly sealer?: Sealer | undefined;
  readonly vault?: Vault | undefined;
}

const FILE = 'secrets.json';
/** A person may have to unlock it meanwhile; one that says nothing is done without. */
const VAULT_WITHIN = inSeconds(120);

/** One process at a time, as for documents: see `lockFolder`. */
export function createSecretStore({ folder, clock, log, sealer, vault }: SecretParts): SecretStore {
  const file = path.join(folder, FILE);
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <Value>(work: () => Promise<Value>): Promise<Value> => {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  };

  const readEntries = async (): Promise<ReadonlyMap<string, Entry>> => {
    const text = await readText(file);
    return new Map(text === undefined ? [] : entriesIn(text, file));
  };
  const writeEntry = async (key: string, entry: Entry | undefined): Promise<void> => {
    const entries = new Map(await readEntries());
    if (entry === undefined && !entries.has(key)) return;
    if (entry === undefined) entries.delete(key);
    else entries.set(key, entry);
    if (entries.size === 0) return await rm(file, { force: true });
    await makeFolder(folder);
    await writeWhole(file, JSON.stringify(Object.fromEntries(entries), undefined, '\t'));
  };
  const fromVault = async (key: string, signal: AbortSignal): Promise<string | undefined> => {
    try {
      return await vault?.read(key, signal);
    } catch (error) {
      // Where there is none, nothing is in it.
      if (error instanceof SecretError && error.fault === 'unavailable') return undefined;
      throw error;
    }
  };
  /** Nothing where it cannot be sealed: there are other places. */
  const sealedText = async (secret: string): Promise<string | undefined> => {
    try {
      if (sealer === undefined || !(await sealer.isAvailable())) return undefined;
      return Buffer.from(await sealer.seal(secret)).toString('base64');
    } catch (error) {
      log.write('warn', 'could not seal a secret', { error: String(error) });
      return undefined;
    }
  };
  const inVault = async (key: string, secret: string | undefined, signal: AbortSignal): Promise<boolean> => {
    if (vault === undefined) return false;
    try {
      const done = await forAtMost(clock, VAULT_WITHIN, signal, async (over) => {
        await vault.write(key, secret, over);
        return true;
      });
      return done === true;
    } catch (error) {
      if (!(error instanceof SecretError)) throw error;
      log.write('info', 'the system’s secret store was not used', { fault: error.fault });
      return false;
    }
  };

  return {
    read: (key, signal) =>
      inTurn(async () => {
        const { sealed, plain } = (await readEntries()).get(key) ?? {};
        if (plain !== undefined) return { secret: plain, place: 'file' };
        if (sealed !== undefined) {
          if (sealer === undefined) throw new SecretError('elsewhere');
          try {
            return { secret: await sealer.open(Buffer.from(sealed, 'base64')), place: 'system' };
          } catch (error) {
            throw new SecretError('elsewhere', { cause: error });
          }
        }
        const secret = await fromVault(key, signal);
        return secret === undefined ? undefined : { secret, place: 'system' };
      }),
    write: (key, secret, signal) =>
      inTurn(async (): Promise<SecretPlace> => {
        if (secret === undefined) {
          await writeEntry(key, undefined);
          await inVault(key, undefined, signal);
          return 'system';
        }
        const sealed = await sealedText(secret);
        if (sealed !== undefined) {
          await writeEntry(key, { sealed });
          return 'system';
        }
        if (await inVault(key, secret, signal)) {
          await writeEntry(key, undefined);
          return 'system';
        }
        await writeEntry(key, { plain: secret });
        return 'file';
      }),
  };
}

/** @throws StorageError for what is no file of ours: it is left as it is */
function entriesIn(text: string, file: string): readonly (readonly [string, Entry])[] {
  try {
    const all: unknown = JSON.parse(text);
    if (typeof all !== 'object' || all === null) throw new Error('no object');
    return Object.entries(all).map(([key, entry]) => [key, entryOf(entry)]);
  } catch (error) {
    throw new StorageError('unreadable', file, `could not read ${file}: it is damaged`, { cause: error });
  }
}

function entryOf(entry: unknown): Entry {
  if (typeof entry !== 'object' || entry === null) return {};
  if ('sealed' in entry && typeof entry.sealed === 'string') return { sealed: entry.sealed };
  return 'plain' in entry && typeof entry.plain === 'string' ? { plain: entry.plain } : {};
}
