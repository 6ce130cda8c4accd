/** The one document of profiles and settings in a store: read once, never overwritten unread, never lost. */
import { faultAt } from '../contract/checked.ts';
import type { ProfileBook } from '../contract/profile-document.ts';
import { parseProfileDocument, salvage, toDocument } from '../contract/profile-document.ts';
import type { Problem } from '../contract/problems.ts';
import { DEFAULT_SETTINGS } from '../contract/settings.ts';
import type { Clock, DocumentStore, Log } from '../system/system.ts';
import { StorageError } from '../system/system.ts';

const NAME = 'profiles';
const NOTHING: ProfileBook = { profiles: [], settings: DEFAULT_SETTINGS };

export class ProfileStore {
  readonly #documents: DocumentStore;
  readonly #clock: Clock;
  readonly #log: Log;
  #isRead = false;
  #problem: Problem | undefined;
  #unwritten: Problem | undefined;

  constructor({
    documents,
    clock,
    log,
  }: {
    readonly documents: DocumentStore;
    readonly clock: Clock;
    readonly log: Log;
  }) {
    this.#documents = documents;
    this.#clock = clock;
    this.#log = log;
  }

  get problems(): readonly Problem[] {
    return [this.#problem, this.#unwritten].filter((problem) => problem !== undefined);
  }

  /** Was it read? What was not read must not be written over. */
  get isRead(): boolean {
    return this.#isRead;
  }

  /** Tells by {@link problems} why there is nothing, or not all. */
  async read(): Promise<ProfileBook> {
    try {
      const book = await this.#read();
      this.#isRead = true;
      return book;
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      this.#log.write('error', 'profiles cannot be read', { path: error.path, error: error.message });
      const parameters = { path: error.path, fault: error.fault };
      this.#problem = { code: 'profiles-unreadable', parameters, severity: 'error', since: this.#clock.now() };
      return NOTHING;
    }
  }

  /** @throws StorageError; what was there before is then still there */
  async write(book: ProfileBook): Promise<void> {
    await this.#documents.write(NAME, toDocument(book));
    this.#unwritten = undefined;
  }

  /** As {@link write}, but what cannot be written is told as a problem: what it says holds all the same. */
  async writeIfPossible(book: ProfileBook): Promise<void> {
    try {
      await this.write(book);
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      this.#log.write('warn', 'a switch could not be stored', { path: error.path, error: error.message });
      const parameters = { path: error.path, fault: error.fault };
      this.#unwritten = { code: 'profiles-not-stored', parameters, severity: 'warning', since: this.#clock.now() };
    }
  }

  async #read(): Promise<ProfileBook> {
    const document = await this.#documents.read(NAME);
    this.#problem = undefined;
    if (document === undefined) return NOTHING;
    const parsed = parseProfileDocument(document);
    if (parsed.ok) return parsed.value;
    const kept = await this.#keepAside(document);
    const { place, reason: fault } = parsed.faults[0] ?? faultAt('', { code: 'invalid', parameters: {} });
    this.#log.write('warn', 'profiles were not understood', { kept, faults: parsed.faults.slice(0, 10) });
    const parameters = { kept: `${kept}.json`, place, fault };
    this.#problem = { code: 'profiles-misunderstood', parameters, severity: 'warning', since: this.#clock.now() };
    return salvage(document);
  }

  /** Under the first name that is free, so that no earlier one is lost. @throws StorageError */
  async #keepAside(document: unknown): Promise<string> {
    for (let count = 1; ; count++) {
      const name = `${NAME}-misunderstood-${count}`;
      const there = await this.#documents.read(name);
      if (there === undefined) {
        await this.#documents.write(name, document);
        return name;
      }
      if (JSON.stringify(there) === JSON.stringify(document)) return name;
    }
  }
}
