import { open, rm, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { StorageError, type RecordLog } from '../../system.ts';
import { codeOf } from '../network/network-fault.ts';
import type { SetAside } from './document-store.ts';
import {
  storageError,
  copyAside,
  makeFolder,
  moveAside,
  ownerOnly,
  readBytes,
  syncFolder,
  writeWhole,
} from './whole-file.ts';

interface RecordLogOptions {
  readonly onSetAside?: (what: SetAside) => void;
  /** Losses when a log cannot be read at all; `all` when absent. Openings are waited for: their log is made at once. */
  readonly holds?: 'openings' | 'all';
}

/**
 * Appends are written and synced together as they come while an earlier write is under way. Records with a bad
 * checksum are left out, the file as it was is kept aside. One process at a time, see `lockFolder`.
 */
export function createRecordLog(file: string, options: RecordLogOptions = {}): RecordLog {
  return new FileRecordLog(file, options);
}

/** The whole records of a log that another process may be writing: nothing is repaired, nothing set aside.
 * @throws StorageError */
export async function lookIntoRecordLog(file: string): Promise<readonly unknown[]> {
  const bytes = await readBytes(file);
  return bytes === undefined ? [] : readRecords(bytes).records;
}

interface Batch {
  readonly lines: string[];
  readonly written: Promise<void>;
}

class FileRecordLog implements RecordLog {
  readonly #file: string;
  readonly #options: RecordLogOptions;
  #queue: Promise<unknown> = Promise.resolve();
  #batch: Batch | undefined;
  /** Length in bytes of the durable part; `undefined` until the file was looked through. */
  #length: number | undefined;
  /** Why the damage there could not be repaired. */
  #unrepaired: StorageError | undefined;

  constructor(file: string, options: RecordLogOptions) {
    this.#file = file;
    this.#options = options;
  }

  load(): Promise<readonly unknown[]> {
    this.#batch = undefined;
    const loaded = this.#inTurn(() => this.#recover(), 'read');
    // Its place in the folder is durable before the first record, which a request waits for. A failure shows there.
    if (this.#options.holds === 'openings')
      this.#inTurn(async () => (await this.#open()).close(), 'make').catch(() => undefined);
    return loaded;
  }

  async append(records: readonly unknown[]): Promise<void> {
    const lines = records.map(recordLine);
    if (lines.length === 0) return;
    this.#batch ??= this.#newBatch();
    this.#batch.lines.push(...lines);
    return this.#batch.written;
  }

  async rewrite(records: readonly unknown[]): Promise<void> {
    const text = records.map(recordLine).join('');
    this.#batch = undefined;
    return this.#inTurn(async () => {
      if (this.#length === undefined) await this.#measure();
      await makeFolder(path.dirname(this.#file));
      await writeWhole(this.#file, text);
      this.#length = Buffer.byteLength(text);
    }, 'write');
  }

  #newBatch(): Batch {
    const lines: string[] = [];
    const written = this.#inTurn(async () => {
      // Let the turn end: what its other promises still append comes along.
      await setImmediate();
      if (this.#batch?.lines === lines) this.#batch = undefined;
      await this.#write(lines.join(''));
    }, 'append to');
    return { lines, written };
  }

  #inTurn<Result>(work: () => Promise<Result>, doing: string): Promise<Result> {
    const result = this.#queue.then(work).catch((error: unknown) => {
      throw storageError(error, this.#file, doing);
    });
    this.#queue = result.catch(() => undefined);
    return result;
  }

  async #write(text: string): Promise<void> {
    let length = this.#length ?? (await this.#measure());
    // Someone removed it under us: begin with its present content.
    if ((await this.#size()) < length) length = await this.#measure();
    // Opened for each batch: beside the sync it costs nothing, and nobody needs to close a log.
    const handle = await this.#open();
    try {
      // Left by an unfinished append, or torn off by a crash.
      await handle.truncate(length);
      await writeAt(handle, Buffer.from(text), length);
      await handle.datasync();
      this.#length = length + Buffer.byteLength(text);
    } catch (error) {
      await handle.truncate(length).catch(() => undefined);
      throw error;
    } finally {
      await handle.close();
    }
  }

  async #open(): Promise<FileHandle> {
    try {
      return await open(this.#file, 'r+');
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
    const folder = path.dirname(this.#file);
    await makeFolder(folder);
    const handle = await open(this.#file, 'wx', ownerOnly);
    await syncFolder(folder);
    return handle;
  }

  async #measure(): Promise<number> {
    this.#length = undefined;
    await this.#recover();
    if (this.#unrepaired !== undefined) throw this.#unrepaired;
    return this.#length ?? 0;
  }

  async #recover(): Promise<readonly unknown[]> {
    const bytes = (await this.#bytes()) ?? Buffer.alloc(0);
    const { records, damaged, wholeBytes } = readRecords(
      this.#length === undefined ? bytes : bytes.subarray(0, this.#length),
    );
    if (damaged === 0) this.#length = wholeBytes;
    else await this.#repair(records);
    return records;
  }

  /** A log that cannot be repaired now can be read all the same; nothing is written there until it can. */
  async #repair(records: readonly unknown[]): Promise<void> {
    this.#length = undefined;
    let kept: string | undefined;
    try {
      kept = await copyAside(this.#file);
      const text = records.map(recordLine).join('');
      await writeWhole(this.#file, text);
      this.#length = Buffer.byteLength(text);
      this.#unrepaired = undefined;
    } catch (error) {
      if (kept !== undefined) await rm(kept, { force: true }).catch(() => undefined);
      const isNews = this.#unrepaired === undefined;
      this.#unrepaired = storageError(error, this.#file, 'repair');
      if (!isNews) return;
      kept = undefined;
    }
    this.#options.onSetAside?.({ path: this.#file, kept, lost: 'entries' });
  }

  /** A folder, a device, or a far too large file makes way for a new log. */
  async #bytes(): Promise<Buffer | undefined> {
    try {
      return await readBytes(this.#file);
    } catch (error) {
      if (!(error instanceof StorageError) || error.fault !== 'unreadable') throw error;
      const kept = await moveAside(this.#file).catch(() => {
        throw error;
      });
      this.#options.onSetAside?.({ path: this.#file, kept, lost: this.#options.holds ?? 'all' });
      return undefined;
    }
  }

  async #size(): Promise<number> {
    try {
      return (await stat(this.#file)).size;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return 0;
      throw error;
    }
  }
}

async function writeAt(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** @throws TypeError when the record is not JSON */
function recordLine(record: unknown): string {
  const text: string | undefined = JSON.stringify(record);
  if (text === undefined) throw new TypeError('a record that is not JSON');
  return `${checksum(text)} ${text}\n`;
}

interface ReadRecords {
  readonly records: readonly unknown[];
  /** Lines that are whole but not what was written. */
  readonly damaged: number;
  /** Length in bytes up to the end of the last line; what follows was torn off. */
  readonly wholeBytes: number;
}

function readRecords(bytes: Buffer): ReadRecords {
  const wholeBytes = bytes.lastIndexOf('\n') + 1;
  const records: unknown[] = [];
  let damaged = 0;
  for (const line of bytes.toString('utf8', 0, wholeBytes).split('\n').slice(0, -1)) {
    const record = parseLine(line);
    if (record === undefined) damaged += 1;
    else records.push(record.value);
  }
  return { records, damaged, wholeBytes };
}

/** One record a line: eight hexadecimal digits of CRC-32 over the JSON text, a blank, the text, a newline. */
function parseLine(line: string): { readonly value: unknown } | undefined {
  const text = line.slice(9);
  if (line.slice(0, 9) !== `${checksum(text)} `) return undefined;
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
