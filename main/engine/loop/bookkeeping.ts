/** Tells the journal what the events mean, and people when it cannot be written. */
import type { Grant } from '../../contract/mapping.ts';
import type { Problem } from '../../contract/problems.ts';
import type { EpochMs } from '../../contract/units.ts';
import type { Event, RecoveredLease } from '../../core/events.ts';
import type { Action, Lease, LeftoverKey, MappingState, Request, State } from '../../core/state.ts';
import { leftoverKeyOf } from '../../core/state.ts';
import type { Log, RecordLog } from '../../system/system.ts';
import { StorageError } from '../../system/system.ts';
import { Journal } from './journal.ts';

type Opening = Extract<Action, { readonly do: 'open' }>;

export class Bookkeeping {
  readonly #journal: Journal;
  readonly #log: Log;
  readonly #changed: () => void;
  readonly #writing = new Set<Promise<void>>();
  #unread: Problem | undefined;
  #unwritten: Problem | undefined;
  #now: EpochMs;

  /** @param changed called when {@link problems} are others than before */
  constructor(records: RecordLog, log: Log, now: EpochMs, changed: () => void) {
    this.#journal = new Journal(records, log);
    this.#log = log;
    this.#now = now;
    this.#changed = changed;
  }

  get problems(): readonly Problem[] {
    return [this.#unread, this.#unwritten].filter((problem) => problem !== undefined);
  }

  /** Nothing, and a problem, when the journal cannot be read: what is wanted is opened all the same. */
  async load(now: EpochMs): Promise<readonly RecoveredLease[]> {
    try {
      return await this.#journal.load(now);
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      this.#log.write('error', 'the journal could not be read', { path: error.path, error: error.message });
      const parameters = { path: error.path, fault: error.fault };
      this.#unread = { code: 'journal-unreadable', parameters, severity: 'warning', since: now };
      this.#changed();
      return [];
    }
  }

  /** Openings are recorded together, before the first of them leaves. Absent when nothing need be waited for: what
   * renews an entry on record is known already. */
  opening(openings: readonly Opening[], state: State): Promise<void> | undefined {
    if (openings.length === 0) return undefined;
    this.#now = state.now;
    const isNew = openings.some(({ lease }) => !this.#journal.has(leftoverKeyOf(lease)));
    const entries = openings.map(({ lease, mapping }) => {
      const label = state.mappings.get(mapping)?.spec.label ?? '';
      return { lease, label, kept: false };
    });
    const written = this.#store(this.#journal.held(entries, this.#now));
    return isNew ? written : undefined;
  }

  /** To be called with the states around each event. */
  reduced(event: Event, before: State, after: State): void {
    this.#now = after.now;
    if (event.type === 'kept' || event.type === 'unkept') {
      const isKept = event.type === 'kept';
      void this.#store(
        this.#journal.held(
          [...after.leftovers.values()].filter(({ kept }) => kept === isKept),
          this.#now,
        ),
      );
    }
    const request = 'request' in event ? before.requests.get(event.request) : undefined;
    if (request === undefined) return;
    const granted = event.type === 'granted' ? grantedTo(after, request, event.grant) : undefined;
    // Before what it was asked as goes: a record torn in between leaves one too many, not one too few.
    if (granted !== undefined) void this.#store(this.#journal.held([granted], this.#now));
    const still = heldBy(after, request);
    const gone = heldBy(before, request).filter((key) => !still.includes(key) && !isHeld(after, key));
    if (gone.length > 0) void this.#store(this.#journal.gone(gone, this.#now));
  }

  /** Resolves once all that was recorded is durable, or told. */
  async flush(): Promise<void> {
    while (this.#writing.size > 0) await Promise.allSettled(this.#writing);
  }

  #store(writing: Promise<void>): Promise<void> {
    const stored = this.#judge(writing).finally(() => this.#writing.delete(stored));
    this.#writing.add(stored);
    return stored;
  }

  /** A journal that cannot be written is told, and does not keep anything closed. */
  async #judge(writing: Promise<void>): Promise<void> {
    try {
      await writing;
      if (this.#unwritten === undefined) return;
      this.#unwritten = undefined;
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      this.#log.write('error', 'the journal could not be written', { path: error.path, error: error.message });
      const parameters = { path: error.path, fault: error.fault };
      const since = this.#unwritten?.since ?? this.#now;
      this.#unwritten = { code: 'storage-failed', parameters, severity: 'warning', since };
    }
    this.#changed();
  }
}

interface Entry {
  readonly lease: Lease;
  readonly label: string;
  readonly kept: boolean;
}

/** What a gateway holds since it granted a request: for its mapping, or, when that was given up meanwhile, as something
 * to be closed, unless it was wanted once more. */
function grantedTo(state: State, request: Request, { external, internal }: Grant): Entry | undefined {
  if (request.mapping === undefined) {
    if (request.asked === undefined) return undefined;
    const key = leftoverKeyOf({ ...request.asked, external, internal });
    const holder = holderOf(state, key);
    return state.leftovers.get(key) ?? (holder === undefined ? undefined : entryOf(holder));
  }
  const mapping = state.mappings.get(request.mapping);
  return mapping === undefined ? undefined : entryOf(mapping);
}

function entryOf({ lease, spec }: MappingState): Entry | undefined {
  return lease === undefined ? undefined : { lease, label: spec.label, kept: false };
}

const isHeld = (state: State, key: LeftoverKey): boolean =>
  state.leftovers.has(key) || holderOf(state, key) !== undefined;

function holderOf(state: State, key: LeftoverKey): MappingState | undefined {
  for (const mapping of state.mappings.values()) {
    if (mapping.lease !== undefined && leftoverKeyOf(mapping.lease) === key) return mapping;
  }
  return undefined;
}

/** What a gateway may hold on account of a request. */
function heldBy(state: State, request: Request): readonly LeftoverKey[] {
  const lease = request.mapping === undefined ? undefined : state.mappings.get(request.mapping)?.lease;
  const keys: LeftoverKey[] = [];
  if (lease !== undefined) keys.push(leftoverKeyOf(lease));
  if (request.leftover !== undefined && state.leftovers.has(request.leftover)) keys.push(request.leftover);
  if (request.asked !== undefined && state.requests.has(request.id)) keys.push(leftoverKeyOf(request.asked));
  return keys;
}
