import { readdir, rename, rm } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Problem } from '../../../contract/problems.ts';
import type { LostContent } from '../../../contract/fault-reasons.ts';
import type { EpochMs } from '../../../contract/units.ts';
import { StorageError, type DocumentStore, type ReadOptions } from '../../system.ts';
import { storageError, makeFolder, moveAside, readText, syncFolder, unreadable, writeWhole } from './whole-file.ts';
import path from 'node:path';

/** An unusable file: where it should be, under which name it is kept (absent while it cannot be renamed), its loss. */
export interface SetAside {
  readonly path: string;
  readonly kept: string | undefined;
  readonly lost: LostContent;
}

export function setAsideProblem({ path: file, kept, lost }: SetAside, since: EpochMs): Problem {
  const parameters = { path: file, lost, ...(kept === undefined ? {} : { kept }) };
  return { code: 'set-aside', parameters, severity: 'warning', since };
}

type Members = Record<string, unknown>;

/** The used part of electron-store. */
export interface DocumentFile {
  store: Members;
}

export interface DocumentFileOptions {
  readonly cwd: string;
  readonly name: string;
}

export interface DocumentStoreOptions {
  readonly onSetAside?: (what: SetAside) => void;
  /** The desktop application gives electron-store's, which writes the same file. */
  readonly openFile?: (options: DocumentFileOptions) => DocumentFile;
}

/**
 * One `<name>.json` per document, with its last good version beside it as `<name>.last-good.json`. Documents are JSON
 * objects (electron-store would silently write anything else as `{}`). One process at a time, see `lockFolder`; each file is
 * read once, later changes by others are not seen and are overwritten.
 */
export function createDocumentStore(folder: string, options: DocumentStoreOptions = {}): DocumentStore {
  const documents = new Map<string, NamedDocument>();
  const named = (name: string): NamedDocument => {
    if (!/^[a-z0-9][a-z0-9-]*$/.test(name)) throw new TypeError(`not a document's name: ${name}`);
    const document = documents.get(name) ?? new NamedDocument(folder, name, options);
    documents.set(name, document);
    return document;
  };
  return {
    read: async (name, options) => named(name).read(options),
    write: async (name, document) => named(name).write(document),
  };
}

class NamedDocument {
  readonly #folder: string;
  readonly #name: string;
  readonly #file: string;
  readonly #lastGood: string;
  readonly #options: DocumentStoreOptions;
  /** The text to go by; `null` when there is none, `undefined` before it could be read. */
  #known: string | null | undefined;
  #isUsable: ReadOptions['isUsable'] = () => true;
  /** The file is unusable, and still in its place. */
  #mustSetAside = false;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(folder: string, name: string, options: DocumentStoreOptions) {
    this.#folder = folder;
    this.#name = name;
    this.#file = path.join(folder, `${name}.json`);
    this.#lastGood = path.join(folder, `${name}.last-good.json`);
    this.#options = options;
  }

  read(options?: ReadOptions): Promise<unknown> {
    return this.#inTurn(async () => {
      const text = await this.#text(options);
      return text === null ? undefined : (JSON.parse(text) as unknown);
    });
  }

  write(document: unknown): Promise<void> {
    const text = JSON.stringify(document, undefined, '\t');
    const members = membersOf(text);
    if (members === undefined) throw new TypeError(`the document ${this.#name} is not a JSON object`);
    return this.#inTurn(async () => {
      await this.#makeWay();
      await makeFolder(this.#folder);
      // The copy first: a disk that fills up meets the copy, and whatever then happens to the file there is a good one.
      await writeWhole(this.#lastGood, text).catch((error: unknown) => {
        const { fault, message } = storageError(error, this.#file, 'write');
        throw new StorageError(fault, this.#file, message, { cause: error });
      });
      await this.#replace(members, text);
      this.#known = text;
    });
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => undefined);
    return result;
  }

  async #replace(members: Members, text: string): Promise<void> {
    const { openFile } = this.#options;
    try {
      if (openFile === undefined) return await writeWhole(this.#file, text);
      openFile({ cwd: this.#folder, name: this.#name }).store = members;
      if (isDeepStrictEqual(membersOf(await readText(this.#file)), membersOf(text)))
        return await syncFolder(this.#folder);
    } catch (error) {
      return this.#promote(text, error);
    }
    // Its atomic write takes a short write for a whole one and renames the stump over the file (atomically 2.1).
    return this.#promote(text, new Error('the file was cut short'));
  }

  /** The copy takes the file's place; a rename needs no space. */
  async #promote(text: string, cause: unknown): Promise<void> {
    try {
      await rename(this.#lastGood, this.#file);
    } catch {
      throw storageError(cause, this.#file, 'write');
    }
    await syncFolder(this.#folder);
    await writeWhole(this.#lastGood, text).catch(() => undefined);
  }

  /** @throws StorageError when there is something, but nothing of it is usable */
  async #text({ isUsable, onLastGood }: Partial<ReadOptions> = {}): Promise<string | null> {
    if (this.#known !== undefined) return this.#known;
    // Later writers mean the same shape.
    this.#isUsable = isUsable ?? this.#isUsable;
    const found = await this.#look(this.#file);
    if (found.at === 'usable') {
      await this.#removeLeftovers();
      await this.#keepGood(found.text);
      return (this.#known = found.text);
    }
    const good = await this.#look(this.#lastGood);
    if (good.at === 'usable') {
      if (found.at !== 'absent') {
        this.#mustSetAside = true;
        // An unreadable file may well be good, and stays in its place for as long as nothing is written.
        const kept = found.at === 'unreadable' ? undefined : await this.#setAside().catch(() => undefined);
        if (kept !== undefined) await writeWhole(this.#file, good.text).catch(() => undefined);
        this.#options.onSetAside?.({ path: this.#file, kept, lost: 'latest' });
        onLastGood?.();
      }
      return (this.#known = good.text);
    }
    if (found.at === 'misshapen') return (this.#known = found.text);
    if (found.at === 'absent' && good.at === 'misshapen') return (this.#known = good.text);
    if (found.at === 'absent' && good.at === 'absent') return (this.#known = null);
    throw found.at === 'absent' ? errorOf(good, this.#lastGood) : errorOf(found, this.#file);
  }

  /** A damaged file is never overwritten, not even by who never read it. @throws StorageError */
  async #makeWay(): Promise<void> {
    try {
      await this.#text();
    } catch (error) {
      // A file that is only unreadable for now is left alone.
      if (!(error instanceof StorageError) || error.fault !== 'unreadable') throw error;
      await this.#moveUnusable(this.#file);
    }
    await this.#moveUnusable(this.#lastGood);
    if (this.#mustSetAside) {
      this.#options.onSetAside?.({ path: this.#file, kept: await this.#setAside(), lost: 'latest' });
    }
  }

  async #moveUnusable(file: string): Promise<void> {
    const { at } = await this.#look(file);
    if (at !== 'damaged' && at !== 'misshapen') return;
    const kept = await moveAside(file);
    if (file === this.#file) this.#options.onSetAside?.({ path: file, kept, lost: 'all' });
  }

  async #look(file: string): Promise<FileReading> {
    let text: string | undefined;
    try {
      text = await readText(file);
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      return { at: error.fault === 'unreadable' ? 'damaged' : 'unreadable', error };
    }
    if (text === undefined) return { at: 'absent' };
    const members = membersOf(text);
    if (members === undefined) return { at: 'damaged' };
    return { at: this.#isUsable(members) ? 'usable' : 'misshapen', text };
  }

  async #setAside(): Promise<string> {
    const kept = await moveAside(this.#file);
    this.#mustSetAside = false;
    return kept;
  }

  /** It may have been changed by hand, and be damaged so the next time. */
  async #keepGood(text: string): Promise<void> {
    const good = await this.#look(this.#lastGood);
    if (good.at === 'usable' ? good.text !== text : good.at === 'absent') {
      await writeWhole(this.#lastGood, text).catch(() => undefined);
    }
  }

  /** A killed process leaves electron-store's temporary files, each with a name of its own. */
  async #removeLeftovers(): Promise<void> {
    const leftover = `${this.#name}.json.tmp-`;
    const names = await readdir(this.#folder).catch(() => []);
    await Promise.all(
      names
        .filter((name) => name.startsWith(leftover))
        .map((name) => rm(path.join(this.#folder, name), { force: true }).catch(() => undefined)),
    );
  }
}

/** `misshapen`: not as its reader needs it. `damaged`: no document at all. `unreadable`: for now, as far as is known. */
type FileReading =
  | { readonly at: 'absent' }
  | { readonly at: 'usable' | 'misshapen'; readonly text: string }
  | { readonly at: 'damaged' | 'unreadable'; readonly error?: StorageError };

const errorOf = (look: FileReading, file: string): StorageError =>
  ('error' in look ? look.error : undefined) ?? unreadable(file, 'it is damaged');

function membersOf(text: string | undefined): Members | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    // A value nested too deep to be written again is none of ours.
    JSON.stringify(value);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : undefined;
  } catch {
    return undefined;
  }
}
