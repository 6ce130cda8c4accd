/** Where a list of ports comes from, and what it says when it changes. */
import { createReadStream, watch as watchFolder } from 'node:fs';
import { inNetwork } from '../../contract/address.ts';
import { asForwardId, type Forward } from '../../contract/model.ts';
import { millis, type Millis } from '../../contract/units.ts';
import {
  PortsFileFault,
  MOST_BYTES,
  parsePortsFile,
  type FileOptions,
  type PortEntry,
} from '../../engine/profiles/ports-file.ts';
import { NetworkError, type Clock, type NetworkState } from '../../system/system.ts';
import type { Console } from '../output/console.ts';
import { FileFault, InputFault, RefusedFault } from '../output/fault.ts';
import path from 'node:path';

export interface PortsSource extends FileOptions {
  /** Absolute; `undefined` for standard input. */
  readonly path: string | undefined;
}

/** A file is often written in several steps. */
const SETTLE: Millis = millis(200);

/** The list, or what it asks for, cannot be had now. */
const WRONG = [InputFault, FileFault, NetworkError, RefusedFault];

/** The system's error codes for a file, in words. */
const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'part of its path is a file',
};

export function readFault(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return WHY[code] ?? String(error);
}

/** @throws FileFault */
export async function readSource(source: PortsSource): Promise<string> {
  const { path: file, name } = source;
  try {
    return (await readText(file, MOST_BYTES)).text;
  } catch (error) {
    throw new FileFault(`Couldn’t read ${name}: ${readFault(error)}. Check the value of --file.`, {
      cause: error,
    });
  }
}

/** @param file `undefined` for standard input Reads little more than `most` bytes: it may be endless. */
export async function readText(
  file: string | undefined,
  most: number,
): Promise<{ readonly text: string; readonly isLarger: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of file === undefined ? process.stdin : createReadStream(file)) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    size += bytes.length;
    if (size > most) break;
  }
  return { text: Buffer.concat(chunks).toString('utf8'), isLarger: size > most };
}

export interface Following {
  readonly source: PortsSource;
  /** The text as first read: a change since then counts. */
  readonly text: string;
  /** Looked at least this often. */
  readonly interval: Millis;
  readonly clock: Clock;
  /** With the new entries after a change; without after an interval, for interfaces change too. */
  readonly apply: (entries: readonly PortEntry[] | undefined) => Promise<void>;
  readonly console: Console;
}

/** Until the signal aborts. A list that is wrong is reported once, and changes nothing. */
export async function followSource(following: Following, signal: AbortSignal): Promise<void> {
  const { source, apply, console } = following;
  const changes = watchChanges(source.path, signal);
  let known = following.text;
  let complained = '';
  while (!signal.aborted) {
    await changes.next(following.interval, following.clock, signal);
    if (signal.aborted) return;
    try {
      const text = source.path === undefined ? known : await readSource(source);
      if (text !== known) {
        const entries = readPorts(text, source);
        known = text;
        console.note(`Applied the changes to ${source.name}.`);
        console.record({ event: 'file-applied', entries: entries.length });
        await apply(entries);
      } else await apply(undefined);
      complained = '';
    } catch (error) {
      if (signal.aborted) return;
      if (!WRONG.some((kind) => error instanceof kind)) throw error;
      const message = error instanceof Error ? error.message : '';
      if (complained !== message) {
        for (const line of `${message}\nOpen ports stay as they are.`.split('\n')) console.note(line);
        console.record({ event: 'bad-file', message });
      }
      complained = message;
    }
  }
}

interface Changes {
  /** Resolves at the next change, or one since the last call, or when the interval has passed or the signal aborts. */
  next(interval: Millis, clock: Clock, signal: AbortSignal): Promise<void>;
}

/** The folder is watched, not the file: editors replace it. Where it cannot be watched, the interval has to do. */
function watchChanges(file: string | undefined, signal: AbortSignal): Changes {
  let changed = false;
  let wake = (): void => undefined;
  if (file !== undefined) {
    try {
      const watcher = watchFolder(path.dirname(file), { signal }, (_event, name) => {
        if (name !== null && name !== path.basename(file)) return;
        changed = true;
        wake();
      });
      watcher.on('error', () => undefined);
    } catch {
      // The interval has to do.
    }
  }
  return {
    async next(interval, clock, until) {
      const enough = new AbortController();
      wake = () => enough.abort();
      if (!changed) await clock.sleep(interval, AbortSignal.any([until, enough.signal])).catch(() => undefined);
      wake = () => undefined;
      if (!changed) return;
      await clock.sleep(SETTLE, until).catch(() => undefined);
      changed = false;
    },
  };
}

/** The file is taken whole or not at all. @throws InputFault with the place of the fault */
export function readPorts(text: string, options: FileOptions): readonly PortEntry[] {
  try {
    return parsePortsFile(text, options);
  } catch (error) {
    if (!(error instanceof PortsFileFault)) throw error;
    const { why } = error.fault;
    const isJson = /^\uFEFF?\s*[[{]/.test(text);
    if (isJson && options.format === 'csv') {
      throw new InputFault(`${options.name} looks like JSON. For a JSON file, use --format json.`, { cause: error });
    }
    if (!isJson && options.format === 'json') {
      throw new InputFault(`${error.message}\nFor a CSV file, use --format csv.`, { cause: error });
    }
    const isDelimiter = why.code === 'column-missing' && why.parameters.delimiter !== undefined;
    const hint = isDelimiter ? ' --csv-delimiter sets another one.' : '';
    throw new InputFault(`${error.message}${hint}`, { cause: error });
  }
}

/** Forwards of a file that apply to this machine now. If one interface is in two ranges, the first counts. */
export function forwardsOfEntries(
  entries: readonly PortEntry[],
  network: Pick<NetworkState, 'interfaces'>,
): { readonly forwards: readonly Forward[]; readonly elsewhere: readonly PortEntry[] } {
  const forwards = new Map<string, Forward>();
  const elsewhere: PortEntry[] = [];
  for (const entry of entries) {
    const range = entry.network;
    const own =
      range === undefined
        ? undefined
        : network.interfaces.find(
            ({ addresses, loopback }) => !loopback && addresses.some(({ address }) => inNetwork(address, range)),
          );
    if (range !== undefined && own === undefined) {
      elsewhere.push(entry);
      continue;
    }
    // By what it asks for, not by its place: lines may be reordered without closing anything.
    const id = asForwardId(`${entry.port}/${entry.transport}@${entry.address ?? own?.name ?? ''}`);
    if (forwards.has(id)) continue;
    forwards.set(id, {
      id,
      label: entry.comment,
      transports: [entry.transport],
      families: ['ipv4'],
      external: { first: entry.port, last: entry.port },
      internal: { first: entry.port, ...(entry.address === undefined ? {} : { client: entry.address }) },
      lease: entry.lease,
      ifTaken: 'fail',
      ...(own === undefined ? {} : { interfaceName: own.name }),
    });
  }
  return { forwards: [...forwards.values()], elsewhere };
}
