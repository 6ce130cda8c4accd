/** One engine per data folder: whoever comes first becomes it, whoever comes later talks to it. */
import { randomUUID } from 'node:crypto';
import { existsSync, watch } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Problem } from '../contract/problems.ts';
import type { EpochMs } from '../contract/units.ts';
import { mustBePrivate, substituteFolder } from '../system/node/files/data-folder.ts';
import { FolderLocked, lockFolder, type FolderLock } from '../system/node/files/folder-lock.ts';
import { storageError, readText, writeForNow } from '../system/node/files/whole-file.ts';
import { StorageError } from '../system/system.ts';
import type { RemoteServer } from './answering.ts';
import { ConnectionLost, RemoteClient } from './client.ts';
import { serveOn, type RemoteServerOptions } from './server.ts';

/** The folder is ours. */
export interface FolderHost {
  readonly role: 'host';
  /**
   * Answers guests from now on. Once.
   * @param window where a browser finds the window, to pass on to guests
   * @param lost see {@link LostFolder}
   * @returns why no guest can find it, if so; all else works
   */
  serve(options: RemoteServerOptions, window?: string, lost?: LostFolder): Promise<StorageError | undefined>;
  /** Ends that, and gives the folder free. Idempotent. */
  leave(): Promise<void>;
}

/** Handles the loss of files of the folder, or all of it, while it is ours. */
export interface LostFolder {
  /** It is ours again. Writes all known state again. */
  readonly restore: () => Promise<void>;
  /** It cannot be had now; it is tried again. Reported once. */
  readonly trouble: (error: StorageError) => void;
}

/** Between looks for files that were taken away, in milliseconds; a change in the folder is looked at at once. */
const LOOK = 60_000;
/** Milliseconds for whoever takes files away. */
const SETTLE = 500;
/** Files written once, and missed when they are gone. */
const LASTING = ['profiles.json', 'journal.jsonl'];

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
export async function becomeOrConnect(folder: string, signal: AbortSignal): Promise<FolderHost | Guest> {
  const began = process.uptime();
  for (;;) {
    signal.throwIfAborted();
    let locked: FolderLocked;
    try {
      const lock = await lockFolder(folder);
      // A process that began while the folder could be written may have its lock where it cannot be seen now.
      const guest = lock.place === folder ? undefined : await connect(folder, signal);
      if (guest === undefined) return hostOf(folder, lock);
      await lock.release();
      return guest;
    } catch (error) {
      if (!(error instanceof FolderLocked)) {
        // Root may give commands to somebody's Portkeeper, and not become it.
        const isOthers = error instanceof StorageError && error.fault === 'not-private';
        const guest = isOthers ? await connect(folder, signal).catch(() => undefined) : undefined;
        if (guest === undefined) throw error;
        return guest;
      }
      locked = error;
    }
    const guest = await connect(folder, signal);
    if (guest !== undefined) return guest;
    if ((process.uptime() - began) * 1000 > PATIENCE) throw locked;
    await sleep(PAUSE, undefined, { signal }).catch(() => undefined);
  }
}

function hostOf(folder: string, first: FolderLock): FolderHost {
  const locks = [first];
  const servers: RemoteServer[] = [];
  let socket: SocketPlace | undefined;
  let note: string | undefined;
  let unwatch = (): Promise<void> => Promise.resolve();
  let published: Promise<unknown> = Promise.resolve();

  const publish = async (
    options: RemoteServerOptions,
    window: string | undefined,
  ): Promise<StorageError | undefined> => {
    const notServed = await inOrBeside(folder, async (place) => {
      socket = await socketPlace(place);
      servers.push(await serveOn(socket.address, options));
      if (socket.folder !== undefined) await chmod(socket.address, 0o600);
    });
    if (notServed !== undefined) return notServed;
    const address = socket?.address;
    const notNoted = await inOrBeside(folder, async (place) => {
      // Only its owner can read it: the window's address is a key.
      await writeForNow(addressFile(place), `${JSON.stringify({ address, window })}\n`);
      note = addressFile(place);
    });
    return address === wellKnownSocket(folder) ? undefined : notNoted;
  };

  return {
    role: 'host',
    async serve(options, window, lost) {
      const publishing = publish(options, window);
      published = publishing.catch(() => undefined);
      const trouble = await publishing;
      if (lost === undefined) return trouble;
      let isTold = false;
      unwatch = watchFolder(folder, async (isMissed) => {
        const lock = locks.at(-1);
        const isOurs = lock === undefined || (await lock.isThere());
        if (isOurs && !isMissed) return false;
        // Anyone removing a folder wants to finish.
        await sleep(SETTLE);
        try {
          // Guests of the former socket stay; later ones look for one in the folder.
          if (!isOurs) locks.push(await lockFolder(folder));
          await lost.restore();
          if (!isOurs) await publish(options, window);
          isTold = false;
          return true;
        } catch (error) {
          if (!isTold) lost.trouble(storageError(error, folder, 'lock'));
          isTold = true;
          return false;
        }
      });
      return trouble;
    },
    async leave() {
      await published;
      await unwatch();
      // First the address: a newcomer waits for the lock and does not meet a server that ends.
      if (note !== undefined) await rm(note, { force: true }).catch(() => undefined);
      await Promise.all(servers.map((server) => server.stop()));
      const own = socket?.folder;
      if (own !== undefined) await rm(own, { recursive: true, force: true }).catch(() => undefined);
      for (const lock of locks) await lock.release();
    },
  };
}

/**
 * @param look called with whether something lasting is gone since the last look; resolves with whether it was restored
 * @returns what ends it, after a look under way
 */
function watchFolder(folder: string, look: (isMissed: boolean) => Promise<boolean>): () => Promise<void> {
  const stop = new AbortController();
  const present = (): ReadonlySet<string> => new Set(LASTING.filter((name) => existsSync(path.join(folder, name))));
  let before = present();
  let looking: Promise<void> = Promise.resolve();
  const check = async (): Promise<void> => {
    if (stop.signal.aborted) return;
    const now = present();
    // Another folder stands there when it was.
    if (await look([...before].some((name) => !now.has(name)))) follow();
    before = present();
  };
  const lookNow = (): void => {
    looking = looking.then(check);
  };
  const follow = (): void => {
    try {
      const options = { signal: stop.signal, persistent: false };
      watch(folder, options, (event) => {
        // A file that is only written to is there.
        if (event === 'rename') lookNow();
      }).on('error', () => undefined);
    } catch {
      // The interval has to do.
    }
  };
  follow();
  const timer = setInterval(lookNow, LOOK).unref();
  return async () => {
    clearInterval(timer);
    stop.abort();
    await looking;
  };
}

export function unreachableProblem({ path: folder, fault }: StorageError, since: EpochMs): Problem {
  return { code: 'commands-unreachable', parameters: { path: folder, fault }, severity: 'warning', since };
}

/** In the data folder or, where that cannot be written, in its substitute. Resolves with why in neither. */
async function inOrBeside(folder: string, work: (place: string) => Promise<void>): Promise<StorageError | undefined> {
  try {
    await work(folder);
    return undefined;
  } catch (error) {
    const trouble = storageError(error, folder, 'serve in');
    const substitute = await substituteFolder(folder, true);
    if (substitute === undefined) return trouble;
    return await work(substitute).then(
      () => undefined,
      () => trouble,
    );
  }
}

const wellKnownSocket = (folder: string): string => path.join(folder, 'control', 'socket');

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
  const address = wellKnownSocket(folder);
  const own = path.dirname(address);
  if (Buffer.byteLength(address) > LONGEST_SOCKET_PATH) {
    const short = await mkdtemp(path.join(tmpdir(), 'portkeeper-'));
    return { address: path.join(short, 'socket'), folder: short };
  }
  // Left behind by a crash: we have the lock, so nobody listens there.
  await rm(own, { recursive: true, force: true });
  await mkdir(own, { mode: 0o700 });
  return { address, folder: own };
}

/** `undefined` when nobody answers. @throws StorageError where others could answer in Portkeeper's place */
export async function connect(folder: string, signal: AbortSignal): Promise<Guest | undefined> {
  const tried = new Set<string>();
  for (const place of [folder, await substituteFolder(folder, false)]) {
    if (place === undefined) continue;
    mustBePrivate(place, 'ask');
    const { address, window } = placesOf(await readText(addressFile(place)).catch(() => undefined));
    // Without a note: the disk may have been full.
    for (const each of [address, wellKnownSocket(place)]) {
      if (each === undefined || tried.has(each)) continue;
      tried.add(each);
      const client = new RemoteClient(each);
      if (await answers(client, signal)) return { role: 'guest', client, window };
    }
  }
  return undefined;
}

async function answers(client: RemoteClient, signal: AbortSignal): Promise<boolean> {
  try {
    await client.hello(AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]));
    return true;
  } catch (error) {
    signal.throwIfAborted();
    // Left by one that crashed, or it is about to listen.
    if (error instanceof ConnectionLost || (error instanceof Error && error.name === 'TimeoutError')) return false;
    throw error;
  }
}

function placesOf(text = 'null'): { readonly address: string | undefined; readonly window: string | undefined } {
  try {
    const { address, window } = Object(JSON.parse(text)) as Readonly<Record<string, unknown>>;
    const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
    return { address: textOf(address), window: textOf(window) };
  } catch {
    return { address: undefined, window: undefined };
  }
}
