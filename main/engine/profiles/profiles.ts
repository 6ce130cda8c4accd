/** Profiles and settings as people change them: one change at a time, each stored whole or not done. */
import * as v from 'valibot';
import { faultAt } from '../../contract/checked.ts';
import type { CheckedInput } from '../../contract/commands.ts';
import type { Confirmed } from '../../contract/profiles/opening-questions.ts';
import type { Problem } from '../../contract/problems.ts';
import type { Profile, ProfileId } from '../../contract/profiles/profile.ts';
import { MOST_PROFILES, type ProfileBook } from '../../contract/profiles/profile-document.ts';
import { DEFAULT_SETTINGS, SettingsSchema, type Settings } from '../../contract/settings.ts';
import type { EpochMs } from '../../contract/units.ts';
import { badInput, CommandError, orNotStored } from '../command-error.ts';
import { checkActive, checkClash, checkTotals, unconfirmed, withAnswers, type Guard } from './guard.ts';
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

/** Absent members stay as they are. */
interface Edit<Result> {
  readonly profiles?: readonly Profile[];
  readonly settings?: Settings | undefined;
  /** When it is on, its ports must not be claimed by others; {@link place} names the fault. */
  readonly changed?: Profile;
  readonly place?: string;
  /** Profiles whose forwards, or whose switch, are others than before, with the places of their forwards in the input. */
  readonly asked?: readonly { readonly profile: Profile; readonly place: string }[];
  readonly result: Result;
}

/** @param confirmed what a person has answered; `later` when a profile is switched off, and asked about then */
interface EditOptions {
  readonly confirmed?: Confirmed | 'later';
  /** `applied`: at once, whether it can be stored or not, as a switch is. */
  readonly unstored?: 'refused' | 'applied';
}

/** `onUntil` goes with the switch. */
type ProfileChange = CheckedInput<'profile.change'>['profile'] & { readonly onUntil?: EpochMs | undefined };

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
  readonly #guard: Guard;
  #book: ProfileBook = { profiles: [], settings: DEFAULT_SETTINGS };
  #removed: readonly Removed[] = [];
  #queue: Promise<unknown> = Promise.resolve();

  /** @param changed called when anything here is another than before */
  constructor(store: BookStore, changed: () => void, holders: Holders, guard: Guard) {
    this.#store = store;
    this.#changed = changed;
    this.#holders = holders;
    this.#guard = guard;
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

  /** Ports opened by an earlier run may be wanted although they are not in {@link all}. */
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
  async add(given: NewProfile, at = Infinity, confirmed: Confirmed = []): Promise<ProfileId> {
    return await this.#edit(
      ({ profiles }) => {
        const profile = { ...given, id: this.#freeId(given.name, profiles) };
        const asked = [{ profile, place: 'profile.forwards' }];
        return { profiles: profiles.toSpliced(at, 0, profile), changed: profile, asked, result: profile.id };
      },
      { confirmed },
    );
  }

  /** @throws CommandError */
  async change(
    id: ProfileId,
    { name, on, forwards, opensWhile, onUntil }: ProfileChange,
    confirmed: Confirmed = [],
    from?: CheckedInput<'profile.change'>['from'],
  ): Promise<void> {
    // Checked values have their members in one order.
    const textOf = (one: Pick<Profile, 'name' | 'forwards' | 'opensWhile'>): string =>
      JSON.stringify([one.name, one.forwards, one.opensWhile]);
    const changed = (before: Profile): Profile => {
      if (from !== undefined && textOf(from) !== textOf(before))
        throw new CommandError('conflict', 'profile', { code: 'profile-changed', parameters: { name: before.name } });
      return {
        ...(on === undefined ? before : switched(before, on, onUntil)),
        name: name ?? before.name,
        forwards: forwards ?? before.forwards,
        ...(opensWhile === undefined ? {} : { opensWhile }),
      };
    };
    const isAsked = forwards !== undefined || on === true;
    await this.#editOne(id, changed, forwards === undefined ? 'id' : 'profile.forwards', isAsked ? confirmed : 'later');
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
    confirmed: Confirmed,
  ): Promise<void> {
    await this.#editOne(id, (before) => ({ ...before, forwards: compute(before) }), place, confirmed);
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
   * reported by {@link problems}.
   * @param until it goes off automatically; whoever runs the engine sees to that
   * @throws CommandError
   */
  async switch(id: ProfileId, on: boolean, confirmed: Confirmed = [], until?: EpochMs): Promise<void> {
    await this.#inTurn(async () => {
      await this.#mustBeRead();
      const profile = switched(this.get(id), on, until);
      if (on) {
        checkActive(profile, this.#book.profiles);
        this.#checkClash(profile, this.#book.profiles, 'id');
      }
      const profiles = this.#book.profiles.with(this.#placeOf(id), profile);
      const asked = on ? [{ profile, place: 'profile.forwards' }] : [];
      this.#adopt({ ...this.#book, profiles: await this.#admit(profiles, asked, confirmed) });
    });
    void this.#inTurn(() => this.#storeIfPossible());
  }

  /** A program is about to hold it open, whatever its switch says. @throws CommandError */
  async confirm(id: ProfileId, confirmed: Confirmed): Promise<void> {
    await this.#inTurn(async () => {
      const profile = this.#book.profiles.find((one) => one.id === id);
      if (profile === undefined) return;
      const profiles = await this.#admit(this.#book.profiles, [{ profile, place: 'profile.forwards' }], confirmed);
      if (profiles === this.#book.profiles) return;
      this.#adopt({ ...this.#book, profiles });
      void this.#inTurn(() => this.#storeIfPossible());
    });
  }

  /** The document was taken away. Resolves when it is there again, or when the failure is reported. */
  async storeAgain(): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#store.isRead) await this.#storeIfPossible();
    });
  }

  /** Resolves when all changes so far are stored, or the failure is reported. */
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
    return await this.#edit(
      (book) => {
        // Members that are absent, or given as undefined, stay as they are.
        const settings = v.parse(SettingsSchema, { ...book.settings, ...defined(compute(book.settings)) });
        return { settings, result: settings };
      },
      { unstored },
    );
  }

  /** Each under an id of its own, switched off: what somebody sent opens nothing automatically. @throws CommandError */
  async append(profiles: readonly Profile[], confirmed: Confirmed | 'later'): Promise<readonly ProfileId[]> {
    return await this.#edit(
      ({ profiles: before }) => {
        const all = [...before];
        const added: Profile[] = [];
        for (const given of profiles) {
          const isTaken = all.some(({ id }) => id === given.id) || this.#isRemoved(given.id);
          const id = isTaken ? this.#freeId(given.name, all) : given.id;
          const profile = { ...switched(unconfirmed(given), false), id };
          all.push(profile);
          added.push(profile);
        }
        const asked = added.map((profile, at) => ({ profile, place: `document.profiles.${at}.forwards` }));
        return { profiles: all, asked, result: added.map(({ id }) => id) };
      },
      { confirmed },
    );
  }

  /** As if they had been removed just now: each can be restored, switched off, under the id that is returned. */
  async setAside(profiles: readonly Profile[]): Promise<readonly ProfileId[]> {
    return await this.#inTurn(async () => {
      const ids: ProfileId[] = [];
      for (const given of profiles) {
        const profile = { ...switched(given, false), id: this.#freeId(given.name, this.#book.profiles) };
        this.#removed = [...this.#removed, { profile, at: Infinity }].slice(-MOST_REMOVED);
        ids.push(profile.id);
      }
      return ids;
    });
  }

  /**
   * The former profiles can be restored, one by one, unless their id is there again.
   * @param settings as they are when absent
   * @param ids `new` for what had none
   * @throws CommandError
   */
  async replace(
    given: readonly Profile[],
    settings: Settings | undefined,
    confirmed: Confirmed,
    ids: 'own' | 'new' = 'own',
  ): Promise<readonly ProfileId[]> {
    const { before, profiles } = await this.#edit(
      (former) => {
        const profiles = given.map((one) =>
          ids === 'own' ? unconfirmed(one) : { ...unconfirmed(one), id: this.#freeId(one.name, former.profiles) },
        );
        const asked = profiles.map((profile, at) => ({ profile, place: `document.profiles.${at}.forwards` }));
        for (const [at, profile] of profiles.entries()) {
          if (!profile.on) continue;
          // With two that are on, the later one is at fault; one that is held is open wherever it stands.
          const others = profiles.filter((other, place) =>
            other.on ? place < at : this.#holders.holdsProfile(other.id),
          );
          checkClash(profile, others, `document.profiles.${at}`);
          this.#holders.mustNotHave(profile, `document.profiles.${at}`);
        }
        // Hints that this person has seen are no part of a file.
        const { welcomed, firstOpenSeen } = former.settings;
        return {
          profiles,
          asked,
          settings: settings === undefined ? undefined : { ...settings, welcomed, firstOpenSeen },
          result: { before: former.profiles, profiles },
        };
      },
      { confirmed },
    );
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
  async #editOne(
    id: ProfileId,
    compute: (before: Profile) => Profile,
    place: string,
    confirmed: Confirmed | 'later',
  ): Promise<void> {
    await this.#edit(
      ({ profiles }) => {
        const changed = compute(this.get(id));
        const asked = [{ profile: changed, place: 'profile.forwards' }];
        return { profiles: profiles.with(this.#placeOf(id), changed), changed, place, asked, result: undefined };
      },
      { confirmed },
    );
  }

  /** The profiles with what was answered about them. @throws CommandError `bad-input` or `unconfirmed` */
  async #admit(
    profiles: readonly Profile[],
    asked: NonNullable<Edit<unknown>['asked']>,
    confirmed: Confirmed,
  ): Promise<readonly Profile[]> {
    const admissions = asked.map(({ profile: { id, forwards }, place }) => {
      return { forwards, place, former: this.#book.profiles.find((one) => one.id === id) };
    });
    const answers = await this.#guard(admissions, confirmed);
    const byId = new Map(asked.map(({ profile: { id } }, at) => [id, answers[at] ?? []]));
    const answered = profiles.map((profile) => withAnswers(profile, byId.get(profile.id) ?? profile.confirmed ?? []));
    return answered.every((profile, at) => profile === profiles[at]) ? profiles : answered;
  }

  async #storeIfPossible(): Promise<void> {
    const before = this.problems.length;
    await this.#store.writeIfPossible(this.#book);
    if (before + this.problems.length > 0) this.#changed();
  }

  /** Computed, stored, and only then so: what cannot be stored is not done, unless it is to be `applied` at once. */
  async #edit<Result>(
    compute: (book: ProfileBook) => Edit<Result>,
    { confirmed = 'later', unstored = 'refused' }: EditOptions = {},
  ): Promise<Result> {
    return await this.#inTurn(async () => {
      await this.#mustBeRead();
      const before = this.#book;
      const { changed, place = 'profile.forwards', asked = [], result, ...edited } = compute(before);
      const all = edited.profiles ?? before.profiles;
      // Defaults are not stored.
      const profiles = all === before.profiles ? all : all.map(withoutAlways);
      const given = { profiles, settings: edited.settings ?? before.settings };
      checkTotals(given, before);
      if (changed !== undefined && changed !== before.profiles.find(({ id }) => id === changed.id))
        checkCondition(changed);
      if (changed?.on === true) {
        checkActive(changed, given.profiles);
        this.#checkClash(changed, given.profiles, place);
      }
      const answered = confirmed === 'later' ? given.profiles : await this.#admit(given.profiles, asked, confirmed);
      const book = { ...given, profiles: answered };
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

  /** A book that could not be read at first may be readable now; it must not be written over unread. */
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

/** The time limit goes with each turn of the switch. */
function switched({ onUntil: _until, ...profile }: Profile, on: boolean, until?: EpochMs): Profile {
  return { ...profile, on, ...(on && until !== undefined ? { onUntil: until } : {}) };
}

function withoutAlways(profile: Profile): Profile {
  if (profile.opensWhile?.is !== 'always') return profile;
  const { opensWhile: _always, ...usual } = profile;
  return usual;
}

/** @throws CommandError `bad-input` when it could never be met */
function checkCondition({ opensWhile, forwards }: Profile): void {
  if (opensWhile?.is !== 'listening' || forwards.some(({ internal }) => internal.client === undefined)) return;
  throw badInput([faultAt('profile.opensWhile', { code: 'nothing-listens-here', parameters: {} })]);
}

function missing(id: ProfileId): never {
  throw new CommandError('no-such-profile', 'id', { code: 'no-such-profile', parameters: { id } });
}

function defined(change: object): object {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}
