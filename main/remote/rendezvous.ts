/** One engine per data folder: whoever comes first becomes it, whoever comes later talks to it. */
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FolderLock } from '../system/node/folder-lock.ts';
import { FolderLocked, lockFolder } from '../system/node/folder-lock.ts';
import { readText, writeWhole } from '../system/node/whole-file.ts';
import { ConnectionLost, RemoteClient } from './client.ts';
import type { RemoteServer } from './answering.ts';
import type { RemoteServerOptions } from './server.ts';
import { serveOn } from './server.ts';

/** The folder is ours. */
export interface Host {
  readonly role: 'host';
  /** Answers guests from now on. Once. @param window where a browser finds the window, for guests to tell */
  serve(options: RemoteServerOptions, window?: string): Promise<void>;
  /** Ends that, and gives the folder free. Idempotent. */
  leave(): Promise<void>;
}

export interface Guest {
  readonly role: 'guest';
  readonly client: RemoteClient;
  /** Where a browser finds the window, when it is served. */
  readonly window: string | undefined;
}

/** Milliseconds that whoever has the folder is given to answer: it may just begin or end. */
const PATIENCE = 2000;
const PAUSE = 50;

/** Bytes of a Unix socket's path: 104 on macOS, 108 on Linux, with the final zero. */
const LONGEST_SOCKET_PATH = 103;

const addressFile = (folder: string): string => path.join(folder, 'control.json');

/**
 * @throws FolderLocked when somebody has the folder who answers nobody (`portkeeper open`), StorageError, or the
 * signal's reason
 */
export async function becomeOrConnect(folder: string, signal: AbortSignal): Promise<Host | Guest> {
  const began = performance.now();
  for (;;) {
    signal.throwIfAborted();
    let locked: FolderLocked;
    try {
      return hostOf(folder, await lockFolder(folder));
    } catch (error) {
      if (!(error instanceof FolderLocked)) throw error;
      locked = error;
    }
    const guest = await connect(folder, signal);
    if (guest !== undefined) return guest;
    if (performance.now() - began > PATIENCE) throw locked;
    await sleep(PAUSE, undefined, { signal }).catch(() => undefined);
  }
}

function hostOf(folder: string, lock: FolderLock): Host {
  let server: RemoteServer | undefined;
  let place: SocketPlace | undefined;
  return {
    role: 'host',
    async serve(options, window) {
      place = await socketPlace(folder);
      server = await serveOn(place.address, options);
      if (place.folder !== undefined) await chmod(place.address, 0o600);
      // Only its owner can read it: the window's address is a key.
      await writeWhole(addressFile(folder), `${JSON.stringify({ address: place.address, window })}\n`);
    },
    async leave() {
      // First the address: who comes now waits for the lock and does not meet a server that ends.
      if (server !== undefined) await rm(addressFile(folder), { force: true }).catch(() => undefined);
      await server?.stop();
      if (place?.folder !== undefined) await rm(place.folder, { recursive: true, force: true }).catch(() => undefined);
      await lock.release();
    },
  };
}

interface SocketPlace {
  readonly address: string;
  /** A folder for it alone, which nobody else may enter; pipes have none. */
  readonly folder: string | undefined;
}

async function socketPlace(folder: string): Promise<SocketPlace> {
  if (process.platform === 'win32') {
    // Others may read from a pipe that Node makes, not write to it; and nobody can take a name that nobody knows before.
    return { address: `\\\\.\\pipe\\portkeeper-${randomUUID()}`, folder: undefined };
  }
  const own = path.join(folder, 'control');
  const address = path.join(own, 'socket');
  if (Buffer.byteLength(address) > LONGEST_SOCKET_PATH) {
    const short = await mkdtemp(path.join(tmpdir(), 'portkeeper-'));
    return { address: path.join(short, 'socket'), folder: short };
  }
  // What a crash left behind: we have the lock, so nobody listens there.
  await rm(own, { recursive: true, force: true });
  await mkdir(own, { mode: 0o700 });
  return { address, folder: own };
}

/** `undefined` when nobody answers. */
export async function connect(folder: string, signal: AbortSignal): Promise<Guest | undefined> {
  const { address, window } = placesOf(await readText(addressFile(folder)));
  if (address === undefined) return undefined;
  const client = new RemoteClient(address);
  try {
    await client.hello(AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]));
    return { role: 'guest', client, window };
  } catch (error) {
    signal.throwIfAborted();
    // Left by one that crashed, or it is about to listen.
    if (error instanceof ConnectionLost || (error instanceof Error && error.name === 'TimeoutError')) return undefined;
    throw error;
  }
}

function placesOf(text: string | undefined): { readonly address?: string; readonly window: string | undefined } {
  try {
    const said = Object(JSON.parse(text ?? 'null')) as Readonly<Record<string, unknown>>;
    const { address, window } = said;
    return {
      ...(typeof address === 'string' ? { address } : {}),
      window: typeof window === 'string' ? window : undefined,
    };
  } catch {
    return { window: undefined };
  }
}
