import { readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import Conf from 'conf';
import type { DocumentStore } from '../system.ts';
import { storageError } from './storage-fault.ts';
import { makeFolder, moveAside, ownerOnly, readText, syncFolder, writeWhole } from './whole-file.ts';

/** An unreadable file: where it should be, and under which name it is kept. */
export interface SetAside {
  readonly path: string;
  readonly kept: string;
}

type Members = Record<string, unknown>;

/** What is used of `Conf`, or of electron-store's subclass of it. */
export interface DocumentFile {
  store: Members;
}

export interface DocumentFileOptions {
  readonly cwd: string;
  readonly name: string;
}

export interface DocumentStoreOptions {
  readonly onSetAside?: (what: SetAside) => void;
  /** The desktop application gives electron-store's, which writes the same file; `Conf` when absent. */
  readonly openFile?: (options: DocumentFileOptions) => DocumentFile;
}

/**
 * One `<name>.json` per document, with its last good version beside it as `<name>.last-good.json`. Documents are JSON
 * objects (`Conf` would silently write anything else as `{}`). One process at a time, see `lockFolder`; each file is
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
    read: async (name) => named(name).read(),
    write: async (name, document) => named(name).write(document),
  };
}

class NamedDocument {
  readonly #folder: string;
  readonly #name: string;
  readonly #file: string;
  readonly #lastGood: string;
  readonly #options: DocumentStoreOptions;
  /** The text on disk; `null` when there is none, `undefined` before the first look. */
  #known: string | null | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(folder: string, name: string, options: DocumentStoreOptions) {
    this.#folder = folder;
    this.#name = name;
    this.#file = path.join(folder, `${name}.json`);
    this.#lastGood = path.join(folder, `${name}.last-good.json`);
    this.#options = options;
  }

  read(): Promise<unknown> {
    return this.#inTurn(async () => {
      const text = await this.#text();
      return text === null ? undefined : (JSON.parse(text) as unknown);
    });
  }

  write(document: unknown): Promise<void> {
    const text = JSON.stringify(document, undefined, '\t');
    const members = membersOf(text);
    if (members === undefined) throw new TypeError(`the document ${this.#name} is not a JSON object`);
    return this.#inTurn(async () => {
      // A damaged file is never overwritten, not even by who never read it.
      await this.#text();
      await makeFolder(this.#folder);
      // The copy first: a disk that fills up meets the copy, and whatever then happens to the file there is a good one.
      await writeWhole(this.#lastGood, text);
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
    try {
      this.#open().store = members;
      if (isDeepStrictEqual(membersOf(await readText(this.#file)), membersOf(text)))
        return await syncFolder(this.#folder);
    } catch (error) {
      return this.#promote(text, error);
    }
    // Conf's atomic write takes a short write for a whole one and renames the stump over the file (atomically 2.1).
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

  #open(): DocumentFile {
    const { openFile } = this.#options;
    if (openFile !== undefined) return openFile({ cwd: this.#folder, name: this.#name });
    return new Conf<Members>({ cwd: this.#folder, configName: this.#name, configFileMode: ownerOnly });
  }

  async #text(): Promise<string | null> {
    if (this.#known !== undefined) return this.#known;
    const text = await readText(this.#file);
    if (text !== undefined && membersOf(text) !== undefined) {
      await this.#removeLeftovers();
      return (this.#known = text);
    }
    const lastGood = await this.#readLastGood();
    if (text !== undefined) {
      const kept = await moveAside(this.#file);
      this.#options.onSetAside?.({ path: this.#file, kept });
    }
    return (this.#known = lastGood ?? null);
  }

  /** The copy may be damaged too: then there is nothing. */
  async #readLastGood(): Promise<string | undefined> {
    const text = await readText(this.#lastGood);
    return text !== undefined && membersOf(text) !== undefined ? text : undefined;
  }

  /** A killed process leaves Conf's temporary files, each with a name of its own. */
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

function membersOf(text: string | undefined): Members | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : undefined;
  } catch {
    return undefined;
  }
}
