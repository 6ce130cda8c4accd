/** The one document of profiles and settings in a store: read once, never overwritten unread, never lost. */
import { mappingCount } from '../../contract/profiles/claims.ts';
import { faultAt } from '../../contract/checked.ts';
import {
  parseProfileDocument,
  salvage,
  toDocument,
  withinBounds,
  type ProfileBook,
} from '../../contract/profiles/profile-document.ts';
import type { Problem } from '../../contract/problems.ts';
import type { Profile } from '../../contract/profiles/profile.ts';
import { DEFAULT_SETTINGS } from '../../contract/settings.ts';
import { StorageError, type Clock, type DocumentStore, type Log } from '../../system/system.ts';

const NAME = 'profiles';
const STORED = { isStored: true } as const;
const NOTHING: ProfileBook = { profiles: [], settings: DEFAULT_SETTINGS };

export interface StoreParts {
  readonly documents: DocumentStore;
  readonly clock: Clock;
  readonly log: Log;
}

export class ProfileStore {
  readonly #parts: StoreParts;
  #isRead = false;
  #isDamaged = false;
  #isWhole = true;
  /** Content that was not understood, and is not yet kept aside. */
  #misunderstood: unknown;
  #problem: Problem | undefined;
  /** The profile that {@link #problem} is about, then. */
  #switchedOff: { readonly profile: Profile } | undefined;
  #unwritten: Problem | undefined;

  constructor(parts: StoreParts) {
    this.#parts = parts;
  }

  get problems(): readonly Problem[] {
    return [this.#problem, this.#unwritten].filter((problem) => problem !== undefined);
  }

  /** Was it read? What was not read must not be written over. */
  get isRead(): boolean {
    return this.#isRead;
  }

  /** Is what is there useless? It is then set aside when another is written; what only cannot be read now is waited for. */
  get isDamaged(): boolean {
    return this.#isDamaged;
  }

  /** Was it read as it was last stored? What is missing may be wanted all the same. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Is something still to be stored? */
  get isOwing(): boolean {
    return this.#unwritten !== undefined;
  }

  /** Reports in {@link problems} why there is nothing, or not all. */
  async read(): Promise<ProfileBook> {
    try {
      const book = await this.#read();
      this.#isRead = true;
      return book;
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      this.#isWhole = false;
      this.#isDamaged = error.fault === 'unreadable';
      const isNews = this.#problem === undefined;
      if (isNews) this.#parts.log.write('error', 'could not read profiles', { path: error.path, error: error.message });
      const parameters = { path: error.path, fault: error.fault };
      const since = this.#problem?.since ?? this.#parts.clock.now();
      this.#problem = { code: 'profiles-unreadable', parameters, severity: 'error', since };
      return NOTHING;
    }
  }

  /** @throws StorageError; what was there before is then still there */
  async write(book: ProfileBook): Promise<void> {
    if (this.#misunderstood !== undefined) await this.#keepAside(this.#misunderstood);
    await this.#parts.documents.write(NAME, toDocument(book));
    this.#isRead = true;
    this.#unwritten = undefined;
    if (this.#problem?.code === 'profiles-unreadable' || this.#isSeenTo(book)) this.#problem = undefined;
  }

  /** As {@link write}, but a failed write is reported as a problem: the book holds all the same. */
  async writeIfPossible(book: ProfileBook): Promise<void> {
    try {
      await this.write(book);
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      if (!this.isOwing) {
        this.#parts.log.write('warn', 'could not save a change', { path: error.path, error: error.message });
      }
      const parameters = { path: error.path, fault: error.fault };
      const since = this.#unwritten?.since ?? this.#parts.clock.now();
      this.#unwritten = { code: 'profiles-not-stored', parameters, severity: 'warning', since };
    }
  }

  async #read(): Promise<ProfileBook> {
    let isWhole = true;
    const document = await this.#parts.documents.read(NAME, {
      isUsable: (each) => parseProfileDocument(each, STORED).ok,
      onLastGood: () => {
        isWhole = false;
      },
    });
    this.#problem = undefined;
    this.#isWhole = isWhole;
    if (document === undefined) return NOTHING;
    const parsed = parseProfileDocument(document, STORED);
    if (parsed.ok) return this.#withinBounds(parsed.value);
    this.#isWhole = false;
    this.#misunderstood = document;
    const kept = await this.#keepAside(document).catch((error: unknown) => {
      if (error instanceof StorageError) return undefined;
      throw error;
    });
    const { place, reason: fault } = parsed.faults[0] ?? faultAt('', { code: 'invalid', parameters: {} });
    this.#parts.log.write('warn', 'some profiles are invalid', { kept, faults: parsed.faults.slice(0, 10) });
    const parameters = { ...(kept === undefined ? {} : { kept: `${kept}.json` }), place, fault };
    this.#problem = { code: 'profiles-misunderstood', parameters, severity: 'warning', since: this.#parts.clock.now() };
    return this.#withinBounds(salvage(document));
  }

  /** Is the profile that was switched off smaller by now, on again, or gone? */
  #isSeenTo({ profiles }: ProfileBook): boolean {
    const { profile: former } = this.#switchedOff ?? {};
    if (former === undefined || this.#problem?.code !== 'profiles-switched-off') return false;
    const now = profiles.find(({ id }) => id === former.id);
    return now === undefined || now.on || mappingCount(now.forwards) < mappingCount(former.forwards);
  }

  /** Profiles too large for any router are kept, switched off. */
  #withinBounds({ profiles, settings }: ProfileBook): ProfileBook {
    const { profiles: bounded, tooMuch } = withinBounds(profiles);
    if (tooMuch === undefined) return { profiles, settings };
    this.#switchedOff = tooMuch;
    const { profile, count, most } = tooMuch;
    this.#parts.log.write('warn', 'profiles ask for too many ports', { profile: profile.id, count, most });
    const parameters = { id: profile.id, name: profile.name, count, most };
    const since = this.#parts.clock.now();
    this.#problem ??= { code: 'profiles-switched-off', parameters, severity: 'warning', since };
    return { profiles: bounded, settings };
  }

  /** Under the first name that is free, so that no earlier one is lost. @throws StorageError */
  async #keepAside(document: unknown): Promise<string> {
    for (let count = 1; ; count++) {
      const name = `${NAME}-misunderstood-${count}`;
      const there = await this.#parts.documents.read(name);
      if (there === undefined) await this.#parts.documents.write(name, document);
      else if (JSON.stringify(there) !== JSON.stringify(document)) continue;
      this.#misunderstood = undefined;
      return name;
    }
  }
}
