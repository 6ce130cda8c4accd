/**
 * The persisted record of everything asked of gateways and not known to be closed, written before the request leaves:
 * a crash at any await leaves nothing unknown.
 */
import * as v from 'valibot';
import type { Grant } from '../../contract/mapping.ts';
import { asGatewayId, CONTROL_KINDS } from '../../contract/model.ts';
import { AddressSchema, PortNumber, TransportSchema, EpochMsSchema } from '../../contract/checked.ts';
import type { Problem } from '../../contract/problems.ts';
import { after, elapsed, inHours, inSeconds, millis, type EpochMs } from '../../contract/units.ts';
import { mappingsInside } from '../../core/change.ts';
import type { RecoveredLease, Event } from '../../core/events.ts';
import {
  lastEnd,
  leasesOf,
  leftoverKeyOf,
  type LeftoverKey,
  type Action,
  type Lease,
  type MappingState,
  type Request,
  type State,
} from '../../core/state.ts';
import { StorageError, type Log, type RecordLog } from '../../system/system.ts';

const LeaseRecord = v.object({
  gateway: v.pipe(v.string(), v.maxLength(300), v.transform(asGatewayId)),
  network: v.pipe(v.string(), v.maxLength(300)),
  control: v.picklist(CONTROL_KINDS),
  family: v.picklist(['ipv4', 'ipv6']),
  transport: TransportSchema,
  external: v.object({ port: PortNumber }),
  internal: v.object({ client: AddressSchema, port: PortNumber }),
  handle: v.object({
    nonce: v.exactOptional(v.pipe(v.string(), v.regex(/^[0-9a-f]{24}$/))),
    pinholeId: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535))),
  }),
  grantedAt: EpochMsSchema,
  expiresAt: v.union([EpochMsSchema, v.literal('never')]),
});

const Held = v.object({
  op: v.literal('held'),
  lease: LeaseRecord,
  label: v.pipe(v.string(), v.maxLength(200)),
  kept: v.boolean(),
});
const Gone = v.object({ op: v.literal('gone'), key: v.pipe(v.string(), v.maxLength(1000)) });
const JournalRecord = v.variant('op', [Held, Gone]);
type HeldEntry = v.InferOutput<typeof Held>;

/** Records between two looks at whether it is worth rewriting, and how many beyond four times what is alive it may have. */
const SLACK = 500;

/** The wall clock may have been set forward while nobody looked (H9), and what PCP made only its nonce opens again or
 * closes (P15): that is kept a day longer, as if it had just been granted. */
const DOUBT = inHours(24);

function mayLast({ handle, expiresAt }: HeldEntry['lease'], now: EpochMs): boolean {
  return handle.nonce !== undefined && expiresAt !== 'never' && expiresAt <= now && now < after(expiresAt, DOUBT);
}

function restarted(lease: HeldEntry['lease'], now: EpochMs): HeldEntry['lease'] {
  const { grantedAt, expiresAt } = lease;
  if (expiresAt === 'never') return lease;
  return { ...lease, expiresAt: after(now, millis(Math.max(0, elapsed(grantedAt, expiresAt)))) };
}

export class Journal {
  readonly #records: RecordLog;
  readonly #log: Log;
  readonly #alive = new Map<string, HeldEntry>();
  /** Keys whose latest record could not be written. */
  readonly #owed = new Set<string>();
  #written = 0;
  #lookAt = SLACK;
  /** There are records that could not be read. */
  #isUnread = false;

  constructor(records: RecordLog, log: Log) {
    this.#records = records;
    this.#log = log;
  }

  /** Leases that earlier runs left; entries that make no sense are dropped and logged.
   * @throws StorageError */
  async load(now: EpochMs): Promise<readonly RecoveredLease[]> {
    let dropped = 0;
    this.#isUnread = true;
    const records = await this.#records.load();
    this.#isUnread = false;
    this.#written = records.length;
    for (const record of records) {
      const parsed = v.safeParse(JournalRecord, record);
      if (!parsed.success) dropped += 1;
      else if (parsed.output.op === 'gone') this.#alive.delete(parsed.output.key);
      else this.#alive.set(leftoverKeyOf(parsed.output.lease), parsed.output);
    }
    if (dropped > 0) this.#log.write('warn', 'dropped invalid journal records', { count: dropped });
    for (const [key, entry] of this.#alive) {
      if (mayLast(entry.lease, now)) this.#alive.set(key, { ...entry, lease: restarted(entry.lease, now) });
    }
    this.#dropExpired(now);
    return [...this.#alive.values()].map(({ lease, label, kept }) => ({
      lease: { ...lease, renewAt: now, evidence: 'asked', renewals: 0, recreate: false },
      label,
      kept,
    }));
  }

  has(key: LeftoverKey): boolean {
    return this.#alive.has(key);
  }

  /** A port forwards to one place whichever protocol opened it: to close what another one made there before would cut the
   * latest (P26). Durable once resolved. @throws StorageError */
  async granted(entry: RecoveredLease, now: EpochMs): Promise<void> {
    const { lease } = entry;
    const others = CONTROL_KINDS.filter((control) => control !== lease.control);
    const replaced = others.map((control) => leftoverKeyOf({ ...lease, control }));
    await this.held(
      [entry],
      now,
      replaced.filter((key) => this.#alive.delete(key)),
    );
  }

  /** @param gone what they take the place of. Durable once resolved. @throws StorageError */
  async held(entries: readonly RecoveredLease[], now: EpochMs, gone: readonly string[] = []): Promise<void> {
    const records = entries.map(({ lease, label, kept }): HeldEntry => {
      const { gateway, network, control, family, transport, internal, handle, grantedAt } = lease;
      const expiresAt = lastEnd(lease);
      const external = { port: lease.external.port };
      return {
        op: 'held',
        lease: { gateway, network, control, family, transport, external, internal, handle, grantedAt, expiresAt },
        label: label.slice(0, 200),
        kept,
      };
    });
    const keys = [...records.map(({ lease }) => leftoverKeyOf(lease)), ...gone];
    for (const record of records) this.#alive.set(leftoverKeyOf(record.lease), record);
    if (keys.length > 0) await this.#write(keys, now);
  }

  /** Durable once resolved. @throws StorageError */
  async gone(keys: readonly LeftoverKey[], now: EpochMs): Promise<void> {
    const known = keys.filter((key) => this.#alive.delete(key));
    if (known.length > 0) await this.#write(known, now);
  }

  /** The whole was taken away. @throws StorageError */
  async storeAgain(): Promise<void> {
    if (!(await this.#rewritten())) await this.#append([...this.#alive.keys()]);
  }

  /** Writes records that could not be written in time. @throws StorageError */
  async catchUp(): Promise<void> {
    if (this.#owed.size > 0) await this.#append([]);
  }

  #dropExpired(now: EpochMs): void {
    for (const [key, { lease }] of this.#alive) {
      if (lease.expiresAt !== 'never' && lease.expiresAt <= now) this.#alive.delete(key);
    }
  }

  async #write(keys: readonly string[], now: EpochMs): Promise<void> {
    if (this.#written + keys.length > this.#lookAt) {
      this.#lookAt = this.#written + keys.length + SLACK;
      this.#dropExpired(now);
      // An unread journal must not be written over.
      if (!this.#isUnread && this.#written > 4 * this.#alive.size + SLACK && (await this.#rewritten())) return;
    }
    await this.#append(keys);
  }

  /** As a whole, in what is left of it. Where that fails (it takes room, and rights in the folder) it goes on growing. */
  async #rewritten(): Promise<boolean> {
    const before = this.#written;
    const all = [...this.#alive.values()];
    const owed = [...this.#owed];
    this.#owed.clear();
    try {
      await this.#records.rewrite(all);
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      for (const key of owed) this.#owed.add(key);
      this.#log.write('warn', 'could not shorten the journal', { path: error.path, error: error.message });
      return false;
    }
    // Records appended meanwhile follow it.
    this.#written += all.length - before;
    this.#lookAt = this.#written + SLACK;
    return true;
  }

  /** Each key as it stands now, not as it stood when this was asked for: others may have been written meanwhile. */
  async #append(keys: readonly string[]): Promise<void> {
    const all = new Set([...this.#owed, ...keys]);
    this.#owed.clear();
    this.#written += all.size;
    try {
      await this.#records.append([...all].map((key) => this.#alive.get(key) ?? { op: 'gone', key }));
    } catch (error) {
      this.#written -= all.size;
      for (const key of all) this.#owed.add(key);
      throw error;
    }
  }
}

/** Heartbeats bring it about, also where nothing else has to be recorded. */
const WRITE_AGAIN = inSeconds(30);

type Opening = Extract<Action, { readonly do: 'open' }>;

export class Bookkeeping {
  readonly #journal: Journal;
  readonly #log: Log;
  readonly #changed: () => void;
  readonly #writing = new Set<Promise<void>>();
  #unread: Problem | undefined;
  #unwritten: Problem | undefined;
  #now: EpochMs;
  /** The latest attempt to write that failed. */
  #triedAt: EpochMs;

  /** @param changed called when {@link problems} are others than before */
  constructor(records: RecordLog, log: Log, now: EpochMs, changed: () => void) {
    this.#journal = new Journal(records, log);
    this.#log = log;
    this.#now = now;
    this.#triedAt = now;
    this.#changed = changed;
  }

  get problems(): readonly Problem[] {
    return [this.#unread, this.#unwritten].filter((problem) => problem !== undefined);
  }

  /** Nothing, and a problem, when the journal cannot be read: wanted forwards are opened all the same. */
  async load(now: EpochMs): Promise<readonly RecoveredLease[]> {
    try {
      return await this.#journal.load(now);
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      this.#log.write('error', 'could not read the journal', { path: error.path, error: error.message });
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
    const labelOf = (mapping: Opening['mapping']): string => state.mappings.get(mapping)?.spec.label ?? '';
    const entries = openings.map(({ lease, mapping }) => ({ lease, label: labelOf(mapping), kept: false }));
    const written = this.#store(this.#journal.held(entries, this.#now));
    return isNew ? written : undefined;
  }

  /** To be called with the states around each event. */
  reduced(event: Event, before: State, after: State): void {
    this.#now = after.now;
    if (this.#unwritten !== undefined && elapsed(this.#triedAt, this.#now) >= WRITE_AGAIN) {
      this.#triedAt = this.#now;
      void this.#store(this.#journal.catchUp());
    }
    if (event.type === 'kept' || event.type === 'unkept' || event.type === 'woke') {
      const changed = changedIn(before, after);
      if (changed.length > 0) void this.#store(this.#journal.held(changed, this.#now));
    }
    const request = 'request' in event ? before.requests.get(event.request) : undefined;
    if (request === undefined) return;
    const granted = event.type === 'granted' ? grantedTo(after, request, event.grant) : undefined;
    // Before what it was asked as goes: a record torn in between leaves one too many, not one too few.
    if (granted !== undefined) void this.#store(this.#journal.granted(granted, this.#now));
    const still = new Set(heldBy(after, request).map(leftoverKeyOf));
    const former = heldBy(before, request).filter((lease) => !still.has(leftoverKeyOf(lease)) && !isHeld(after, lease));
    const gone = former.map(leftoverKeyOf);
    if (gone.length > 0) void this.#store(this.#journal.gone(gone, this.#now));
  }

  /** The journal was taken away. Resolves once it is there again, or its absence has been reported. */
  async storeAgain(): Promise<void> {
    await this.#store(this.#journal.storeAgain());
  }

  /** Resolves once all that was recorded is durable, or the failure is reported. */
  async flush(): Promise<void> {
    while (this.#writing.size > 0) await Promise.allSettled(this.#writing);
  }

  #store(writing: Promise<void>): Promise<void> {
    const stored = this.#judge(writing).finally(() => this.#writing.delete(stored));
    this.#writing.add(stored);
    return stored;
  }

  /** A journal that cannot be written is reported, and does not keep anything closed. */
  async #judge(writing: Promise<void>): Promise<void> {
    try {
      await writing;
      if (this.#unwritten === undefined) return;
      this.#unwritten = undefined;
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      this.#log.write('error', 'could not write the journal', { path: error.path, error: error.message });
      const parameters = { path: error.path, fault: error.fault };
      this.#triedAt = this.#now;
      const since = this.#unwritten?.since ?? this.#now;
      this.#unwritten = { code: 'storage-failed', parameters, severity: 'warning', since };
    }
    this.#changed();
  }
}

/** What is kept, or no longer, or may last longer than it seemed. */
function changedIn(before: State, after: State): readonly RecoveredLease[] {
  const held = [...after.mappings.values()].flatMap((mapping) => {
    const former = before.mappings.get(mapping.spec.id);
    const known = new Set(former === undefined ? [] : leasesOf(former));
    const changed = leasesOf(mapping).filter((lease) => !known.has(lease));
    return changed.map((lease) => ({ lease, label: mapping.spec.label, kept: false }));
  });
  const left = [...after.leftovers.values()].filter(({ key, lease, kept }) => {
    const former = before.leftovers.get(key);
    return lease !== former?.lease || kept !== former.kept;
  });
  return [...held, ...left];
}

/** The lease from a granted request: for its mapping, or, when that was given up meanwhile, as something
 * to be closed, unless it was wanted again. */
function grantedTo(state: State, request: Request, { external, internal }: Grant): RecoveredLease | undefined {
  if (request.mapping === undefined) {
    if (request.asked === undefined) return undefined;
    const lease = { ...request.asked, external, internal };
    const holder = holderOf(state, lease);
    return state.leftovers.get(leftoverKeyOf(lease)) ?? (holder === undefined ? undefined : entryOf(holder));
  }
  const mapping = state.mappings.get(request.mapping);
  return mapping === undefined ? undefined : entryOf(mapping);
}

function entryOf({ lease, spec }: MappingState): RecoveredLease | undefined {
  return lease === undefined ? undefined : { lease, label: spec.label, kept: false };
}

const isHeld = (state: State, lease: Lease): boolean =>
  state.leftovers.has(leftoverKeyOf(lease)) || holderOf(state, lease) !== undefined;

function holderOf(state: State, entry: Lease): MappingState | undefined {
  const key = leftoverKeyOf(entry);
  const near = mappingsInside(state, entry.internal.port);
  return near.find((mapping) => leasesOf(mapping).some((lease) => leftoverKeyOf(lease) === key));
}

/** Leases that a gateway may hold on account of a request. */
function heldBy(state: State, request: Request): readonly Lease[] {
  const mapping = request.mapping === undefined ? undefined : state.mappings.get(request.mapping);
  const leases = [
    ...(mapping === undefined ? [] : leasesOf(mapping)),
    request.leftover === undefined ? undefined : state.leftovers.get(request.leftover)?.lease,
    state.requests.has(request.id) ? request.asked : undefined,
  ];
  return leases.filter((lease) => lease !== undefined);
}
