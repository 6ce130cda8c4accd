/**
 * Profiles while a simulated router takes the place of the real ones: a copy, in which everything can be tried. The real
 * ones stay as they are. What was made in the copy is kept in a document of its own, switched off, until a person decides.
 */
import type { ProfileBook } from '../../contract/profiles/profile-document.ts';
import type { Profile, ProfileId } from '../../contract/profiles/profile.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../contract/settings.ts';
import type { Problem } from '../../contract/problems.ts';
import type { DocumentStore } from '../../system/system.ts';
import { ProfileStore, type StoreParts } from './profile-store.ts';
import type { BookStore, Profiles } from './profiles.ts';

export class TriedProfiles implements BookStore {
  readonly #real: Profiles;
  readonly #store: ProfileStore;
  /** Profiles that nobody has decided about, switched off. */
  #tried: readonly Profile[] = [];
  /** Profiles not worth a question: the real ones as they were copied, and those decided about. */
  #known: readonly Profile[] = [];

  constructor(real: Profiles, parts: StoreParts) {
    this.#real = real;
    this.#store = new ProfileStore({ ...parts, documents: apart(parts.documents) });
  }

  /** Made or changed in the copy, and neither kept nor discarded yet. */
  get all(): readonly Profile[] {
    return this.#tried;
  }

  get problems(): readonly Problem[] {
    return [...this.#real.problems, ...this.#store.problems];
  }

  readonly isRead = true;
  readonly isWhole = true;
  readonly isDamaged = false;

  get isOwing(): boolean {
    return this.#store.isOwing;
  }

  /** Profiles that an earlier run left undecided. */
  async load(): Promise<void> {
    this.#tried = (await this.#store.read()).profiles.map(switchedOff);
  }

  /** A copy of the real profiles, with what was tried before. */
  async read(): Promise<ProfileBook> {
    if (!this.#store.isRead) await this.load();
    this.#known = this.#real.all;
    const changed = new Map(this.#tried.map((profile) => [profile.id, profile]));
    const profiles = this.#known.map((profile) => changed.get(profile.id) ?? profile);
    const made = this.#tried.filter(({ id }) => !this.#known.some((profile) => profile.id === id));
    return { profiles: [...profiles, ...made], settings: this.#real.settings };
  }

  /** @throws CommandError when a setting of the program cannot be stored */
  async write(book: ProfileBook): Promise<void> {
    const settings = ofProgram(book.settings);
    if (!isSame(settings, ofProgram(this.#real.settings))) await this.#real.editSettings(() => settings);
    await this.writeIfPossible(book);
  }

  /** Tried profiles do not wait for a disk that is full. */
  async writeIfPossible({ profiles }: ProfileBook): Promise<void> {
    const isKnown = (profile: Profile): boolean => {
      const known = this.#known.find(({ id }) => id === profile.id);
      return known !== undefined && isSame([known.name, known.forwards], [profile.name, profile.forwards]);
    };
    await this.#adopt(profiles.filter((profile) => !isKnown(profile)).map(switchedOff));
  }

  /** Added to the real profiles, switched off, or discarded: then they can be restored. What is not named stays.
   * @throws CommandError; nothing is decided then */
  async decide(
    keep: readonly ProfileId[],
    discard: readonly ProfileId[],
  ): Promise<{ readonly added: readonly ProfileId[]; readonly discarded: readonly ProfileId[] }> {
    const named = (ids: readonly ProfileId[]): readonly Profile[] => this.#tried.filter(({ id }) => ids.includes(id));
    const kept = named(keep);
    const dropped = named(discard.filter((id) => !keep.includes(id)));
    const added = kept.length === 0 ? [] : await this.#real.append(kept, 'later');
    const discarded = await this.#real.setAside(dropped);
    const decided = new Set([...kept, ...dropped].map(({ id }) => id));
    this.#known = [...kept, ...dropped, ...this.#known];
    await this.#adopt(this.#tried.filter(({ id }) => !decided.has(id)));
    return { added, discarded };
  }

  async #adopt(tried: readonly Profile[]): Promise<void> {
    if (isSame(tried, this.#tried)) return;
    this.#tried = tried;
    await this.#keep();
  }

  /** The document was taken away. */
  async storeAgain(): Promise<void> {
    if (this.#tried.length > 0) await this.#keep();
  }

  async #keep(): Promise<void> {
    // An unread document must not be written over; a useless one is set aside then.
    if (this.#store.isRead || this.#store.isDamaged)
      await this.#store.writeIfPossible({ profiles: this.#tried, settings: DEFAULT_SETTINGS });
  }
}

/** The same documents under other names. */
function apart(documents: DocumentStore): DocumentStore {
  const named = (name: string): string => `demo-${name}`;
  return {
    read: (name) => documents.read(named(name)),
    write: (name, document) => documents.write(named(name), document),
  };
}

/** Not about routers and ports: these are real, wherever they are changed. */
function ofProgram({
  language,
  theme,
  notifications,
  startAtLogin,
  checkForUpdates,
  welcomed,
  firstOpenSeen,
}: Settings): Partial<Settings> {
  return { language, theme, notifications, startAtLogin, checkForUpdates, welcomed, firstOpenSeen };
}

const switchedOff = (profile: Profile): Profile => ({ ...profile, on: false });

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
