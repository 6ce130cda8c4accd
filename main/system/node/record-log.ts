import { open, readFile, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { RecordLog } from '../system.ts';
import type { SetAside } from './document-store.ts';
import { codeOf } from './network-fault.ts';
import { readRecords, recordLine } from './record-line.ts';
import { storageError } from './storage-fault.ts';
import { copyAside, makeFolder, ownerOnly, syncFolder, writeWhole } from './whole-file.ts';

export interface RecordLogOptions {
  readonly onSetAside?: (what: SetAside) => void;
}

/**
 * Appends are written and synced together as they come while an earlier write is under way. Records with a bad
 * checksum are left out, the file as it was is kept aside. One process at a time, see `lockFolder`.
 */
export function createRecordLog(file: string, options: RecordLogOptions = {}): RecordLog {
  return new FileRecordLog(file, options);
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
  #handle: FileHandle | undefined;
  /** Length in bytes of what is durable; `undefined` until the file was looked through. */
  #length: number | undefined;

  constructor(file: string, options: RecordLogOptions) {
    this.#file = file;
    this.#options = options;
  }

  load(): Promise<readonly unknown[]> {
    this.#batch = undefined;
    return this.#inTurn(() => this.#recover(), 'read');
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
      if (this.#length === undefined) await this.#recover();
      await this.#letGo();
      await makeFolder(path.dirname(this.#file));
      await writeWhole(this.#file, text);
      this.#length = Buffer.byteLength(text);
    }, 'write');
  }

  #newBatch(): Batch {
    const lines: string[] = [];
    const written = this.#inTurn(async () => {
      this.#batch = undefined;
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
    if (this.#length === undefined) await this.#recover();
    const length = this.#length ?? 0;
    try {
      const handle = (this.#handle ??= await this.#openAt(length));
      const bytes = Buffer.from(text);
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, length + done);
        done += bytesWritten;
      }
      await handle.datasync();
      this.#length = length + bytes.length;
    } catch (error) {
      // What half-arrived is cut off now if it can be, else by the next append, which opens the file anew. After a
      // failed sync the kernel may have dropped the pages, so the handle is not trusted either.
      await this.#handle?.truncate(length).catch(() => undefined);
      await this.#letGo();
      throw error;
    }
  }

  /** Opens for writing, without anything beyond `length`. */
  async #openAt(length: number): Promise<FileHandle> {
    const folder = path.dirname(this.#file);
    await makeFolder(folder);
    let handle: FileHandle;
    try {
      handle = await open(this.#file, 'r+');
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      handle = await open(this.#file, 'wx', ownerOnly);
      await syncFolder(folder);
    }
    try {
      await handle.truncate(length);
      return handle;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async #recover(): Promise<readonly unknown[]> {
    const bytes = await this.#bytes();
    const { records, damaged, wholeBytes } = readRecords(
      this.#length === undefined ? bytes : bytes.subarray(0, this.#length),
    );
    if (damaged > 0) {
      const kept = await copyAside(this.#file);
      const text = records.map(recordLine).join('');
      await this.#letGo();
      await writeWhole(this.#file, text);
      this.#length = Buffer.byteLength(text);
      this.#options.onSetAside?.({ path: this.#file, kept });
    } else {
      this.#length = wholeBytes;
    }
    return records;
  }

  async #bytes(): Promise<Buffer> {
    try {
      return await readFile(this.#file);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return Buffer.alloc(0);
      throw error;
    }
  }

  /** Windows replaces no file that is open. */
  async #letGo(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close().catch(() => undefined);
  }
}
