/** Ports that programs keep open for as long as their connections last, whatever the profiles' switches say. */
import type { CheckedInput, HoldEnd, HoldView } from '../../contract/commands.ts';
import { clashOf, rangeText, mappingCount, MOST_IN_ALL, type Clash } from '../../contract/profiles/claims.ts';
import { asForwardId, type Forward, type ForwardId } from '../../contract/model.ts';
import { isOfProfile } from '../../contract/profiles/forward-names.ts';
import type { Profile, ProfileId } from '../../contract/profiles/profile.ts';
import type { Clock } from '../../system/system.ts';
import { CommandError } from '../command-error.ts';
import { checkClash } from './guard.ts';

type HoldInput = CheckedInput<'forwards.hold'>;
type ForwardsInput = Extract<HoldInput, { readonly what: 'forwards' }>;
type Ended = (why: Exclude<HoldEnd, 'lost'>) => void;

export interface HoldsOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** Ports held with the simulated router are not held on the real ones. */
  readonly isDemo: () => boolean;
  /** All of them, as they are now. */
  readonly profiles: () => readonly Profile[];
  /** Is it to be open? */
  readonly isActive: (profile: Profile) => boolean;
  /** Open ports of these stay open, and are no longer wanted. */
  readonly keep: (forwards: readonly ForwardId[]) => void;
  /** The last resident program has gone. */
  readonly detached: () => void;
  /** Called when anything here is another than before. */
  readonly changed: () => void;
}

export interface Hold {
  /** In the order in which they were asked for. */
  readonly forwards: readonly ForwardId[];
  readonly isMeant: (forward: ForwardId) => boolean;
  /** Its connection has ended. Idempotent. */
  readonly release: () => void;
}

interface List extends Omit<ForwardsInput, 'forwards'> {
  /** Under names of their own: see {@link heldId}. */
  readonly forwards: readonly Forward[];
  readonly since: HoldView['since'];
  readonly inDemo: boolean;
  readonly ended: Ended;
}

interface HeldProfile {
  readonly id: ProfileId;
  readonly inDemo: boolean;
}

/** Apart from those of other holders, and from those of profiles, whose ids have no colon. */
const heldId = (hold: string, id: ForwardId): ForwardId => asForwardId(`${hold}:${id}`);

export class Holds {
  readonly #options: HoldsOptions;
  readonly #profiles = new Set<HeldProfile>();
  readonly #lists = new Map<string, List>();
  #switches = 0;

  constructor(options: HoldsOptions) {
    this.#options = options;
  }

  /** Profiles that are held. */
  get profiles(): readonly ProfileId[] {
    return [...new Set([...this.#profiles].filter((one) => this.#counts(one)).map(({ id }) => id))];
  }

  /** Forwards of no profile. */
  get forwards(): readonly Forward[] {
    return this.#effective.flatMap(({ forwards }) => forwards);
  }

  /** Is a resident program attached? */
  get obeysSwitches(): boolean {
    return this.#switches > 0;
  }

  get view(): readonly HoldView[] {
    return this.#effective.map(({ hold: name, from, label, forwards, since }) => ({
      name,
      from,
      label,
      forwards: forwards.map(({ id }) => id),
      since,
    }));
  }

  holdsProfile(id: ProfileId): boolean {
    return this.profiles.includes(id);
  }

  /** @param ended called when it ends before its connection does @throws CommandError */
  hold(input: HoldInput, ended: Ended): Hold {
    switch (input.what) {
      case 'profile':
        return this.#holdProfile(input.profile);
      case 'forwards':
        return this.#holdForwards(input, ended);
      case 'switches':
        this.#switches += 1;
        this.#options.changed();
        return {
          forwards: [],
          isMeant: () => false,
          release: once(() => {
            this.#switches -= 1;
            if (this.#switches === 0) this.#options.detached();
            this.#options.changed();
          }),
        };
    }
  }

  /** A person, or the holder itself, ends it. @returns what was held @throws CommandError `no-such-forward` */
  release(name: string, keep: boolean): (forward: ForwardId) => boolean {
    const list = this.#lists.get(name);
    if (list === undefined) throw new CommandError('no-such-forward', 'hold', { code: 'no-such-hold', parameters: {} });
    this.#end(list, keep);
    list.ended('released');
    return isOneOf(list.forwards);
  }

  /** Lets go of these forwards; a list that has none left ends. */
  drop(forwards: readonly ForwardId[]): void {
    const dropped = new Set(forwards);
    for (const list of this.#lists.values()) {
      const left = list.forwards.filter(({ id }) => !dropped.has(id));
      if (left.length === list.forwards.length) continue;
      if (left.length > 0) this.#lists.set(list.hold, { ...list, forwards: left });
      else {
        this.#lists.delete(list.hold);
        list.ended('released');
      }
    }
    this.#options.changed();
  }

  /** The list that a forward belongs to. */
  listOf(forward: ForwardId): Pick<HoldView, 'from' | 'label'> | undefined {
    return this.#effective.find(({ forwards }) => forwards.some(({ id }) => id === forward));
  }

  /** @throws CommandError `conflict` when a program holds one of the profile's ports */
  mustNotHave(profile: Pick<Profile, 'forwards'>, place: string): void {
    for (const list of this.#effective) {
      const clash = clashOf(profile.forwards, list.forwards);
      if (clash !== undefined) throw heldAlready(clash, list, place);
    }
  }

  get #effective(): readonly List[] {
    return [...this.#lists.values()].filter((list) => this.#counts(list));
  }

  #counts({ inDemo }: Pick<List, 'inDemo'>): boolean {
    return this.#options.isDemo() || !inDemo;
  }

  #holdProfile(id: ProfileId): Hold {
    const { profiles, isActive, isDemo, changed } = this.#options;
    const profile = profiles().find((one) => one.id === id);
    if (profile === undefined) {
      throw new CommandError('no-such-profile', 'profile', { code: 'no-such-profile', parameters: { id } });
    }
    if (!isActive(profile)) {
      checkClash(profile, profiles().filter(isActive), 'profile');
      this.mustNotHave(profile, 'profile');
    }
    const held: HeldProfile = { id, inDemo: isDemo() };
    this.#profiles.add(held);
    changed();
    return {
      forwards: [],
      isMeant: (forward) => isOfProfile(forward, id),
      release: () => {
        if (this.#profiles.delete(held)) changed();
      },
    };
  }

  #holdForwards(input: ForwardsInput, ended: Ended): Hold {
    const { clock, isDemo, changed } = this.#options;
    this.#mustBeFree(input);
    const { hold: name } = input;
    const before = this.#lists.get(name);
    const forwards = input.forwards.map((forward) => ({ ...forward, id: heldId(name, forward.id) }));
    const list: List = { ...input, forwards, since: before?.since ?? clock.now(), inDemo: isDemo(), ended };
    this.#lists.set(name, list);
    changed();
    before?.ended('replaced');
    return {
      forwards: forwards.map(({ id }) => id),
      isMeant: isOneOf(forwards),
      release: once(() => {
        const now = this.#lists.get(name);
        // Another connection may have taken the name over, or a person ended it.
        if (now?.ended === ended) this.#end(now, now.afterwards === 'keep');
      }),
    };
  }

  /** @throws CommandError `conflict`, naming the holder; `bad-input` when programs hold too much */
  #mustBeFree({ hold, forwards }: ForwardsInput): void {
    const others = this.#effective.filter((list) => list.hold !== hold);
    const count = mappingCount([...forwards, ...others.flatMap((list) => list.forwards)]);
    if (count > MOST_IN_ALL) {
      const parameters = { count, most: MOST_IN_ALL };
      throw new CommandError('bad-input', 'forwards', { code: 'too-many-mappings', parameters });
    }
    for (const profile of this.#options.profiles().filter(this.#options.isActive)) {
      const clash = clashOf(forwards, profile.forwards);
      if (clash === undefined) continue;
      const { name, id } = profile;
      const parameters = { ports: rangeText(clash), profile: name, id };
      throw new CommandError('conflict', 'forwards', { code: 'ports-of-profile', parameters });
    }
    for (const list of others) {
      const clash = clashOf(forwards, list.forwards);
      if (clash !== undefined) throw heldAlready(clash, list, 'forwards');
    }
  }

  #end({ hold, forwards }: List, keep: boolean): void {
    this.#lists.delete(hold);
    if (keep) this.#options.keep(forwards.map(({ id }) => id));
    this.#options.changed();
  }
}

function heldAlready(clash: Clash, { from, label }: Pick<List, 'from' | 'label'>, place: string): CommandError {
  const parameters = { ports: rangeText(clash), from, label };
  return new CommandError('conflict', place, { code: 'ports-held', parameters });
}

function isOneOf(forwards: readonly Forward[]): (forward: ForwardId) => boolean {
  const ids = new Set(forwards.map(({ id }) => id));
  return (forward) => ids.has(forward);
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    work();
  };
}
