/** Profiles and settings as people change them: one change at a time, each stored whole or not done. */
import * as v from 'valibot';
import type { CheckedInput } from '../../contract/commands.ts';
import { clashOf, rangeText, mappingCountOf, MOST_IN_ALL } from '../../contract/claims.ts';
import type { Problem } from '../../contract/problems.ts';
import type { Profile, ProfileId } from '../../contract/profile.ts';
import { MOST_PROFILES, type ProfileBook } from '../../contract/profile-document.ts';
import { DEFAULT_SETTINGS, SettingsSchema, type Settings } from '../../contract/settings.ts';
import { CommandError, orNotStored } from '../command-error.ts';
import { freeId } from './profile-names.ts';
import type { ProfileStore } from './profile-store.ts';

/** Programs that keep profiles, or ports of their own, open. */
interface Holders {
  holdsProfile(id: ProfileId): boolean;
  /** @throws CommandError when one of them has a port of this profile */
  mustNotHave(profile: Profile, place: string): void;
}

interface Removed {
  readonly profile: Profile;
  readonly at: number;
}

/** Removals that can be undone, in memory. */
const MOST_REMOVED = 2 * MOST_PROFILES;

/** What is absent stays as it is. */
interface Edit<Result> {
  readonly profiles?: readonly Profile[];
  readonly settings?: Settings | undefined;
  /** When it is on, its ports must not be claimed by others; {@link place} names the fault. */
  readonly changed?: Profile;
  readonly place?: string;
  readonly result: Result;
}

type NewProfile = CheckedInput<'profile.add'>['profile'];

/** Where profiles and settings are stored. */
export type BookStore = Pick<
  ProfileStore,
  'problems' | 'isRead' | 'isWhole' | 'isDamaged' | 'isOwing' | 'read' | 'write' | 'writeIfPossible'
>;

export class Profiles {
  readonly #store: BookStore;
  readonly #changed: () => void;
  readonly #holders: Holders;
  #book: ProfileBook = { profiles: [], settings: DEFAULT_SETTINGS };
  #removed: readonly Removed[] = [];
  #queue: Promise<unknown> = Promise.resolve();

  /** @param changed called when anything here is another than before */
  constructor(store: BookStore, changed: () => void, holders: Holders) {
    this.#store = store;
    this.#changed = changed;
    this.#holders = holders;
  }

  get all(): readonly Profile[] {
    return this.#book.profiles;
  }

  get settings(): Settings {
    return this.#book.settings;
  }

  get book(): ProfileBook {
    return this.#book;
  }

  get problems(): readonly Problem[] {
    return this.#store.problems;
  }

  /** What an earlier run opened may be wanted although it is not in {@link all}. */
  get isWhole(): boolean {
    return this.#store.isWhole;
  }

  /** Is something to be read or stored as soon as that is possible? */
  get waitsForStorage(): boolean {
    return !this.#store.isRead || this.#store.isOwing;
  }

  /** Reads what could not be read, stores what could not be stored, as far as that is possible now. */
  async catchUp(): Promise<void> {
    await this.#inTurn(async () => {
      if (!this.#store.isRead) {
        const book = await this.#store.read();
        if (this.#store.isRead) this.#adopt(book);
      }
      if (this.#store.isOwing) await this.#storeIfPossible();
    });
  }

  /** Once, before anything else. */
  async load(): Promise<void> {
    this.#book = await this.#store.read();
  }

  /** @throws CommandError `no-such-profile` */
  get(id: ProfileId): Profile {
    return this.#book.profiles[this.#placeOf(id)] ?? missing(id);
  }

  /** @throws CommandError */
  async add(given: NewProfile, at = Infinity): Promise<ProfileId> {
    return await this.#edit(({ profiles }) => {
      const profile = { ...given, id: this.#freeId(given.name, profiles) };
      return { profiles: profiles.toSpliced(at, 0, profile), changed: profile, result: profile.id };
    });
  }

  /** @throws CommandError */
  async change(id: ProfileId, { name, on, forwards }: CheckedInput<'profile.change'>['profile']): Promise<void> {
    const changed = ({ name: formerName, on: wasOn, forwards: former }: Profile): Profile => ({
      id,
      name: name ?? formerName,
      on: on ?? wasOn,
      forwards: forwards ?? former,
    });
    await this.#editOne(id, changed, forwards === undefined ? 'id' : 'profile.forwards');
  }

  /**
   * @param compute gets the profile as it is when its turn has come
   * @param place of the fault, when another profile that is on has one of its ports
   * @throws CommandError
   */
  async changeForwards(
    id: ProfileId,
    compute: (profile: Profile) => Profile['forwards'],
    place: string,
  ): Promise<void> {
    await this.#editOne(id, (before) => ({ ...before, forwards: compute(before) }), place);
  }

  /** @throws CommandError */
  async remove(id: ProfileId): Promise<void> {
    const removed = await this.#edit(({ profiles }) => {
      const at = this.#placeOf(id);
      return { profiles: profiles.toSpliced(at, 1), result: { profile: this.get(id), at } };
    });
    this.#removed = [...this.#removed, removed].slice(-MOST_REMOVED);
  }

  /** @throws CommandError */
  async restore(id: ProfileId): Promise<void> {
    await this.#edit(({ profiles }) => {
      const removed = this.#removed.find(({ profile }) => profile.id === id);
      if (removed === undefined) {
        throw new CommandError('nothing-to-restore', 'id', { code: 'nothing-to-restore', parameters: { id } });
      }
      const { profile, at } = removed;
      return { profiles: profiles.toSpliced(at, 0, profile), changed: profile, place: 'id', result: undefined };
    });
    this.#removed = this.#removed.filter(({ profile }) => profile.id !== id);
  }

  /** @throws CommandError */
  async move(id: ProfileId, to: number): Promise<void> {
    await this.#edit(({ profiles }) => ({
      profiles: profiles.toSpliced(this.#placeOf(id), 1).toSpliced(to, 0, this.get(id)),
      result: undefined,
    }));
  }

  /**
   * Holds from now on; the disk is not waited for, and one that cannot be written does not keep a port closed: it is
   * told by {@link problems}.
   * @throws CommandError
   */
  async switch(id: ProfileId, on: boolean): Promise<void> {
    await this.#inTurn(async () => {
      await this.#mustBeRead();
      const at = this.#placeOf(id);
      const profile = { ...this.get(id), on };
      if (on) this.#checkClash(profile, this.#book.profiles, 'id');
      this.#adopt({ ...this.#book, profiles: this.#book.profiles.with(at, profile) });
    });
    void this.#inTurn(() => this.#storeIfPossible());
  }

  /** Resolves when all that was changed so far is stored, or told that it is not. */
  async stored(): Promise<void> {
    await this.#queue;
  }

  /**
   * @param compute gets the settings as they are when its turn has come
   * @param unstored what becomes of it when it cannot be stored: `applied` as a switch is, see {@link switch}
   * @throws CommandError
   */
  async editSettings(
    compute: (settings: Settings) => CheckedInput<'settings.change'>['settings'],
    unstored: 'refused' | 'applied' = 'refused',
  ): Promise<Settings> {
    return await this.#edit((book) => {
      // What is absent, or given as undefined, stays as it is.
      const settings = v.parse(SettingsSchema, { ...book.settings, ...defined(compute(book.settings)) });
      return { settings, result: settings };
    }, unstored);
  }

  /** Each under an id of its own, switched off: what somebody sent opens nothing by itself. @throws CommandError */
  async append(profiles: readonly Profile[]): Promise<readonly ProfileId[]> {
    return await this.#edit(({ profiles: before }) => {
      const all = [...before];
      const added: ProfileId[] = [];
      for (const given of profiles) {
        const isTaken = all.some(({ id }) => id === given.id) || this.#isRemoved(given.id);
        const profile = { ...given, id: isTaken ? this.#freeId(given.name, all) : given.id, on: false };
        all.push(profile);
        added.push(profile.id);
      }
      return { profiles: all, result: added };
    });
  }

  /** As if they had been removed just now: each can be restored, switched off, under the id that is returned. */
  async setAside(profiles: readonly Profile[]): Promise<readonly ProfileId[]> {
    return await this.#inTurn(async () => {
      const ids: ProfileId[] = [];
      for (const given of profiles) {
        const profile = { ...given, id: this.#freeId(given.name, this.#book.profiles), on: false };
        this.#removed = [...this.#removed, { profile, at: Infinity }].slice(-MOST_REMOVED);
        ids.push(profile.id);
      }
      return ids;
    });
  }

  /**
   * What was there can be restored, one by one, unless its id is there again.
   * @param settings as they are when absent
   * @param ids `new` for what had none
   * @throws CommandError
   */
  async replace(
    given: readonly Profile[],
    settings: Settings | undefined,
    ids: 'own' | 'new' = 'own',
  ): Promise<readonly ProfileId[]> {
    const { before, profiles } = await this.#edit((former) => {
      const profiles =
        ids === 'own' ? given : given.map((one) => ({ ...one, id: this.#freeId(one.name, former.profiles) }));
      for (const [at, profile] of profiles.entries()) {
        if (!profile.on) continue;
        // Of two that are on, the later one is at fault; one that is held is open wherever it stands.
        const others = profiles.filter((other, place) =>
          other.on ? place < at : this.#holders.holdsProfile(other.id),
        );
        checkClash(profile, others, `document.profiles.${at}`);
        this.#holders.mustNotHave(profile, `document.profiles.${at}`);
      }
      // What has been seen is this person's, not a file's.
      const { welcomed, firstOpenSeen } = former.settings;
      return {
        profiles,
        settings: settings === undefined ? undefined : { ...settings, welcomed, firstOpenSeen },
        result: { before: former.profiles, profiles },
      };
    });
    const removed = [...this.#removed, ...before.map((profile, at) => ({ profile, at }))];
    const isThere = (id: ProfileId): boolean => profiles.some((profile) => profile.id === id);
    this.#removed = removed.filter(({ profile }) => !isThere(profile.id)).slice(-MOST_REMOVED);
    return profiles.map(({ id }) => id);
  }

  /** @throws CommandError `conflict` when a profile that is on or held, or a program, claims an external port of this one */
  #checkClash(profile: Profile, others: readonly Profile[], place: string): void {
    const active = others.filter(({ id, on }) => on || this.#holders.holdsProfile(id));
    checkClash(profile, active, place);
    this.#holders.mustNotHave(profile, place);
  }

  /** @param place of the fault, when another profile that is on has one of its ports */
  async #editOne(id: ProfileId, compute: (before: Profile) => Profile, place: string): Promise<void> {
    await this.#edit(({ profiles }) => {
      const changed = compute(this.get(id));
      return { profiles: profiles.with(this.#placeOf(id), changed), changed, place, result: undefined };
    });
  }

  async #storeIfPossible(): Promise<void> {
    const before = this.problems.length;
    await this.#store.writeIfPossible(this.#book);
    if (before + this.problems.length > 0) this.#changed();
  }

  /** Computed, stored, and only then so: what cannot be stored is not done, unless it is to be `applied` at once. */
  async #edit<Result>(
    compute: (book: ProfileBook) => Edit<Result>,
    unstored: 'refused' | 'applied' = 'refused',
  ): Promise<Result> {
    return await this.#inTurn(async () => {
      await this.#mustBeRead();
      const before = this.#book;
      const { changed, place = 'profile.forwards', result, ...edited } = compute(before);
      const book = { profiles: edited.profiles ?? before.profiles, settings: edited.settings ?? before.settings };
      checkTotals(book);
      if (changed?.on === true) this.#checkClash(changed, book.profiles, place);
      if (unstored === 'applied') {
        this.#adopt(book);
        await this.#storeIfPossible();
        return result;
      }
      await orNotStored(this.#store.write(book));
      this.#adopt(book);
      return result;
    });
  }

  /** What could not be read at first may be readable now; it must not be written over unread. */
  async #mustBeRead(): Promise<void> {
    if (this.#store.isRead) return;
    const book = await this.#store.read();
    if (this.#store.isRead) this.#adopt(book);
    else if (!this.#store.isDamaged) throw new CommandError('storage', '', { code: 'not-read', parameters: {} });
  }

  #adopt(book: ProfileBook): void {
    this.#book = book;
    this.#changed();
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => undefined);
    return result;
  }

  #placeOf(id: ProfileId): number {
    const at = this.#book.profiles.findIndex((profile) => profile.id === id);
    return at < 0 ? missing(id) : at;
  }

  #isRemoved(id: string): boolean {
    return this.#removed.some(({ profile }) => profile.id === id);
  }

  #freeId(name: string, profiles: readonly Profile[]): ProfileId {
    return freeId(name, (id) => profiles.some((profile) => profile.id === id) || this.#isRemoved(id));
  }
}

/** @throws CommandError `bad-input` when there are too many, or together they ask for more than may be open */
function checkTotals({ profiles }: ProfileBook): void {
  if (profiles.length > MOST_PROFILES) {
    const parameters = { most: MOST_PROFILES };
    throw new CommandError('bad-input', 'profile', { code: 'too-many-profiles', parameters });
  }
  const count = mappingCountOf(profiles);
  if (count <= MOST_IN_ALL) return;
  const parameters = { count, most: MOST_IN_ALL };
  throw new CommandError('bad-input', 'profiles', { code: 'too-many-mappings', parameters });
}

function missing(id: ProfileId): never {
  throw new CommandError('no-such-profile', 'id', { code: 'no-such-profile', parameters: { id } });
}

/** @throws CommandError `conflict`, naming the other */
export function checkClash(profile: Profile, others: readonly Profile[], place: string): void {
  for (const other of others) {
    if (other.id === profile.id) continue;
    const clash = clashOf(profile.forwards, other.forwards);
    if (clash === undefined) continue;
    const parameters = { one: profile.name, other: other.name, ports: rangeText(clash) };
    throw new CommandError('conflict', place, { code: 'profiles-clash', parameters });
  }
}

function defined(change: object): object {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}
