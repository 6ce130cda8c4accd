/** Workarounds learned for routers, by fingerprint, and where they were found, by network. Kept over restarts,
 * shown to people, and forgotten in time so that a repaired router is trusted again. */
import type { RouterTraits } from '../contract/mapping.ts';
import { isNamed, isSameNetwork } from '../contract/snapshot.ts';
import type { TraitName } from '../contract/trait-choices.ts';
import { after, epochMs, inHours, inSeconds, type EpochMs } from '../contract/units.ts';
import type { Clock, DocumentStore, Log } from '../system/system.ts';
import type { RememberedControl } from './gateway.ts';
import type { TraitMemory } from './port-control.ts';
import {
  forgetOldest,
  memoryFrom,
  memoryToJson,
  traitEntries,
  traitsFrom,
  type Memory,
  type RouterNotes,
  type TraitNote,
} from './router-memory-document.ts';

const DOCUMENT = 'router-memory';
/** Long enough for a holiday home, short enough that a firmware update is noticed within a season. */
const TRAIT_LIFE = inHours(24 * 90);
const NETWORK_LIFE = inHours(24 * 365);
const MOST_ROUTERS = 200;
const MOST_NETWORKS = 64;
const MOST_CONTROLS = 16;

/** Knowledge about one router, for showing. */
export interface RouterKnowledge {
  readonly fingerprint: string;
  readonly traits: readonly {
    readonly name: TraitName;
    /** As JSON. */
    readonly value: string;
    readonly why: string;
    readonly learntAt: EpochMs;
    readonly expiresAt: EpochMs;
  }[];
}

/** Learnt facts are written when the request is over, and not in its way: they would be learnt again. */
const SETTLE = inSeconds(1);

export type RouterMemory = ReturnType<typeof createRouterMemory>;

export function createRouterMemory(store: DocumentStore, log: Log, clock: Pick<Clock, 'now' | 'sleep'>) {
  const memory: Memory = { routers: new Map(), networks: new Map() };
  let loaded = false;
  let dirty = false;
  let writing: Promise<void> | undefined;
  let loading: Promise<void> | undefined;
  /** Ends the pause before a write. */
  let hurry = new AbortController();
  /** Why the latest write failed. */
  let fault: unknown;

  const isAlive = (note: TraitNote): boolean => after(note.learntAt, TRAIT_LIFE) > clock.now();

  function changed(when: 'soon' | 'now'): void {
    forgetOldest(memory.routers, MOST_ROUTERS, newestOf);
    forgetOldest(memory.networks, MOST_NETWORKS, (network) => network.seenAt);
    dirty = true;
    // Stored facts must be known before they are overwritten.
    if (!loaded) return;
    writing ??= writeAll();
    if (when === 'now') hurry.abort();
  }

  async function writeAll(): Promise<void> {
    while (dirty) {
      await clock.sleep(SETTLE, hurry.signal).catch(() => undefined);
      hurry = new AbortController();
      dirty = false;
      try {
        await store.write(DOCUMENT, memoryToJson(memory));
        fault = undefined;
      } catch (error) {
        fault = error;
        log.write('warn', 'could not save router memory; kept until Portkeeper quits', {
          error: String(error),
        });
      }
    }
    writing = undefined;
  }

  function livingNotes(fingerprint: string): RouterNotes {
    const notes = memory.routers.get(fingerprint) ?? new Map<TraitName, TraitNote>();
    return new Map([...notes].filter(([, note]) => isAlive(note)));
  }

  /** Asked for several times in each request. */
  const read = new Map<string, { notes: RouterNotes | undefined; traits: RouterTraits; until: number }>();

  function traitsNow(fingerprint: string): RouterTraits {
    const notes = memory.routers.get(fingerprint);
    const known = read.get(fingerprint);
    if (known !== undefined && known.notes === notes && clock.now() < known.until) return known.traits;
    const living = livingNotes(fingerprint);
    const traits = traitsOf(living);
    const until = Math.min(...[...living.values()].map((note) => after(note.learntAt, TRAIT_LIFE)));
    read.set(fingerprint, { notes, traits, until });
    return traits;
  }

  async function readStored(): Promise<void> {
    try {
      const stored = memoryFrom(await store.read(DOCUMENT));
      if (stored.dropped > 0) {
        log.write('warn', 'dropped invalid router memory entries', { count: stored.dropped });
      }
      const now = clock.now();
      for (const [fingerprint, notes] of stored.memory.routers) {
        // Facts learnt before the clock was set back would otherwise never expire.
        const living = [...notes]
          .map(([name, note]) => [name, { ...note, learntAt: epochMs(Math.min(note.learntAt, now)) }] as const)
          .filter(([, note]) => isAlive(note));
        const learnt = memory.routers.get(fingerprint) ?? [];
        if (living.length > 0) memory.routers.set(fingerprint, new Map([...living, ...learnt]));
      }
      for (const [key, network] of stored.memory.networks) {
        if (!memory.networks.has(key) && after(network.seenAt, NETWORK_LIFE) > now) memory.networks.set(key, network);
      }
    } catch (error) {
      log.write('warn', 'could not read router memory', { error: String(error) });
    }
    loaded = true;
    if (dirty) changed('soon');
  }

  /** @throws what storing it threw; it is then as it was */
  async function replace(fingerprint: string, change: (notes: Map<TraitName, TraitNote>) => void): Promise<void> {
    await (loading ??= readStored());
    const before = memory.routers.get(fingerprint);
    const notes = new Map(livingNotes(fingerprint));
    change(notes);
    if (notes.size > 0) memory.routers.set(fingerprint, notes);
    else memory.routers.delete(fingerprint);
    changed('now');
    await writing;
    if (fault === undefined) return;
    const now = memory.routers.get(fingerprint);
    // Facts learnt meanwhile are not taken back with it.
    if (now === (notes.size > 0 ? notes : undefined)) {
      if (before === undefined) memory.routers.delete(fingerprint);
      else memory.routers.set(fingerprint, before);
    }
    throw fault;
  }

  return {
    /** Reads the stored memory, once; earlier lessons are merged, and win. An unreadable store leaves it empty. */
    async load(): Promise<void> {
      await (loading ??= readStored());
    },
    /** Cheap; may be called before `load` has finished. */
    traitsFor(fingerprint: string): TraitMemory {
      return {
        get: () => traitsNow(fingerprint),
        learn(traits, why) {
          const notes = livingNotes(fingerprint);
          const fresh = notesFrom(traits, why, clock.now(), notes);
          if (fresh.length === 0) return;
          memory.routers.set(fingerprint, new Map([...notes, ...fresh]));
          log.write('info', 'learned a router trait', { fingerprint, why });
          changed('soon');
        },
      };
    },
    /** Where the gateways of this network were, most useful first; empty when the network is new. */
    remembered(networkKey: string): readonly RememberedControl[] {
      const matching = [...memory.networks].filter(([key]) => isSameNetwork(key, networkKey));
      const exact = matching.find(([key]) => key === networkKey);
      const latest = matching.toSorted(([, one], [, other]) => other.seenAt - one.seenAt)[0];
      return (exact ?? latest)?.[1].controls ?? [];
    },
    /** Is {@link remembered} about this very network, by its router's hardware address? */
    isRemembered: (networkKey: string): boolean => isNamed(networkKey) && memory.networks.has(networkKey),
    /** Replaces the memory of this network; nothing to remember forgets the network. */
    remember(networkKey: string, controls: readonly RememberedControl[]): void {
      const kept = controls.slice(0, MOST_CONTROLS);
      const known = memory.networks.get(networkKey);
      if (known === undefined ? kept.length === 0 : JSON.stringify(known.controls) === JSON.stringify(kept)) return;
      for (const key of memory.networks.keys()) if (isSameNetwork(key, networkKey)) memory.networks.delete(key);
      if (kept.length > 0) memory.networks.set(networkKey, { seenAt: clock.now(), controls: kept });
      changed('soon');
    },
    /** Says what a router needs, in the place of what is known of these traits.
     * @throws StorageError when it cannot be stored; it is then as it was */
    async set(fingerprint: string, traits: RouterTraits, why: string): Promise<void> {
      await replace(fingerprint, (notes) => {
        for (const [name, value] of traitEntries(traits)) notes.set(name, { value, why, learntAt: clock.now() });
      });
    },
    /** Forgets what this router has shown, or one trait of it. @throws StorageError as `set` does */
    async forget(fingerprint: string, trait?: TraitName): Promise<void> {
      if (!memory.routers.has(fingerprint) && loaded) return;
      await replace(fingerprint, (notes) => {
        if (trait === undefined) notes.clear();
        else notes.delete(trait);
      });
    },
    /** Forgets everything, also where gateways were. @throws what storing it threw; it is then as it was */
    async clear(): Promise<void> {
      await (loading ??= readStored());
      const before = { routers: [...memory.routers], networks: [...memory.networks] };
      memory.routers.clear();
      memory.networks.clear();
      changed('now');
      await writing;
      if (fault === undefined) return;
      // Facts learnt meanwhile are newer.
      for (const [key, notes] of before.routers) if (!memory.routers.has(key)) memory.routers.set(key, notes);
      for (const [key, network] of before.networks) if (!memory.networks.has(key)) memory.networks.set(key, network);
      throw fault;
    },
    all(): readonly RouterKnowledge[] {
      return [...memory.routers.keys()].flatMap((fingerprint) => {
        const traits = [...livingNotes(fingerprint)].map(([name, note]) => ({
          name,
          value: JSON.stringify(note.value),
          why: note.why,
          learntAt: note.learntAt,
          expiresAt: after(note.learntAt, TRAIT_LIFE),
        }));
        return traits.length === 0 ? [] : [{ fingerprint, traits }];
      });
    },
    /** The stored file has been taken away. Resolves as {@link flush} does. */
    async storeAgain(): Promise<void> {
      changed('now');
      await writing;
    },
    /** Resolves once all that is known is stored, or storing it has failed (which is logged). */
    async flush(): Promise<void> {
      hurry.abort();
      await writing;
    },
  };
}

function newestOf(notes: RouterNotes): number {
  return Math.max(...[...notes.values()].map((note) => note.learntAt));
}

function traitsOf(notes: RouterNotes): RouterTraits {
  return traitsFrom(Object.fromEntries([...notes].map(([name, note]) => [name, note.value])));
}

/** Only new or different ones; the parts of `soap` are learnt one by one. */
function notesFrom(
  traits: RouterTraits,
  why: string,
  now: EpochMs,
  known: RouterNotes,
): readonly (readonly [TraitName, TraitNote])[] {
  const before = traitsOf(known);
  const merged: RouterTraits =
    traits.soap === undefined ? traits : { ...traits, soap: { ...before.soap, ...traits.soap } };
  return traitEntries(merged)
    .filter(([name, value]) => JSON.stringify(before[name]) !== JSON.stringify(value))
    .map(([name, value]) => [name, { value, why, learntAt: now }]);
}

/** Router memory for a router that is already talked to and not yet recognised. */
export class LateTraits implements TraitMemory {
  readonly #memory: Pick<RouterMemory, 'traitsFor'>;
  /** Learnt before the router had a name. */
  #early: { readonly traits: RouterTraits; readonly why: string }[] = [];
  #known: TraitMemory | undefined;

  constructor(memory: Pick<RouterMemory, 'traitsFor'>) {
    this.#memory = memory;
  }

  /** Hands on what was learnt so far; may be called again when the router turns out to be another. */
  identify(fingerprint: string): void {
    this.#known = this.#memory.traitsFor(fingerprint);
    for (const { traits, why } of this.#early) this.#known.learn(traits, why);
    this.#early = [];
  }

  get(): RouterTraits {
    return this.#known?.get() ?? Object.assign({}, ...this.#early.map(({ traits }) => traits));
  }

  learn(traits: RouterTraits, why: string): void {
    if (this.#known === undefined) this.#early.push({ traits, why });
    else this.#known.learn(traits, why);
  }
}
