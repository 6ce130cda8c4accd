/**
 * The entries of what has happened, in memory and in a file beside. Nothing waits for the file: one that cannot be read or
 * written is logged, and what could not be written goes with what comes next.
 */
import * as v from 'valibot';
import {
  isShown,
  openAfter,
  type ActivityEntry,
  type ActivityFact,
  type ForwardThen,
} from '../../contract/activity.ts';
import { asForwardId } from '../../contract/model.ts';
import { AddressSchema, EpochMsSchema, PortNumber, TransportSchema } from '../../contract/checked.ts';
import { OpensWhileSchema } from '../../contract/profiles/opens-while.ts';
import { ProblemSchema, Text } from '../../contract/problems.ts';
import { ProfileIdSchema } from '../../contract/profiles/profile.ts';
import { millis, type EpochMs } from '../../contract/units.ts';
import { StorageError, type Log, type RecordLog } from '../../system/system.ts';

/** Entries that are kept: of a home with fifty forwards, more than a week. */
const KEPT = 5000;
/** How many more there may be before the oldest go. */
const SLACK = 500;
/** Lines of the file before it is rewritten. */
const MOST_LINES = 2 * KEPT;

export interface RecordedFact {
  readonly at: EpochMs;
  readonly fact: ActivityFact;
}

interface ActivityRecordOptions {
  /** In memory only when absent. */
  readonly records: RecordLog | undefined;
  readonly log: Log;
  /** With what an earlier start of Portkeeper noted. */
  readonly loaded: (entries: readonly ActivityEntry[]) => void;
}

export class ActivityRecord {
  readonly #options: ActivityRecordOptions;
  #entries: ActivityEntry[] = [];
  #latest = 0;
  #loading: Promise<void> | undefined;
  #isLoaded = false;
  /** Until the numbers of earlier entries are known. */
  readonly #early: RecordedFact[] = [];
  #unwritten: ActivityEntry[] = [];
  #writing: Promise<void> | undefined;
  #lines = 0;
  #isFailing = false;

  constructor(options: ActivityRecordOptions) {
    this.#options = options;
  }

  /** Number of the latest entry shown to people, or of the one that the record begins with; 0 before it was loaded. */
  get latest(): number {
    return this.#latest;
  }

  add(happenings: readonly RecordedFact[]): void {
    if (happenings.length === 0) return;
    if (!this.#isLoaded) {
      this.#early.push(...happenings);
      this.#early.splice(0, this.#early.length - KEPT);
      // Earlier entries are read once, and never waited for.
      void this.#loaded();
      return;
    }
    for (const { at, fact } of happenings) {
      const entry = { id: this.#nextId, at, fact };
      this.#push(entry);
      this.#unwritten.push(entry);
    }
    this.#trim();
    this.#write();
  }

  /** Those with a higher number than `id`, in order. */
  async after(id: number): Promise<{ readonly entries: readonly ActivityEntry[]; readonly oldest: number }> {
    await this.#loaded();
    return { entries: this.#entries.filter((entry) => entry.id > id), oldest: this.#entries[0]?.id ?? this.#nextId };
  }

  /** @param open forwards open now. @throws StorageError; all is then as before */
  async clear(at: EpochMs, open: readonly ForwardThen[]): Promise<void> {
    await this.#loaded();
    await this.#settled();
    const former = this.#entries;
    const unwritten = this.#unwritten;
    this.#entries = [];
    this.#unwritten = [];
    this.#push({ id: (former.at(-1)?.id ?? 0) + 1, at, fact: { is: 'record-begins', open } });
    const rewriting = this.#rewrite();
    const done = rewriting.catch(() => undefined);
    this.#writing = done;
    try {
      await rewriting;
    } catch (error) {
      this.#entries = [...former, ...this.#entries.slice(1)];
      this.#unwritten = [...unwritten, ...this.#unwritten];
      throw error;
    } finally {
      if (this.#writing === done) this.#writing = undefined;
      this.#write();
    }
  }

  /** Resolves when all that was added so far is durable, or cannot be written. */
  async stored(): Promise<void> {
    if (this.#loading !== undefined) await this.#loading;
    await this.#settled();
    // Writes unwritten entries again: nothing may come before them.
    this.#write();
    await this.#settled();
  }

  /** The record was taken away. Resolves when it is there again, or cannot be written. */
  async storeAgain(): Promise<void> {
    await this.#loaded();
    await this.#settled();
    // With the next of them, the whole is written.
    this.#lines = MOST_LINES;
    this.#unwritten.push(...this.#entries.slice(-1));
    await this.stored();
  }

  get #nextId(): number {
    return Math.max(this.#entries.at(-1)?.id ?? 0, this.#latest) + 1;
  }

  #push(entry: ActivityEntry): void {
    const { is } = entry.fact;
    // Later entries of the same start are signs of life as well.
    if (this.#entries.at(-1)?.fact.is === 'running' && is !== 'started') this.#entries.pop();
    this.#entries.push(entry);
    if (isShown(entry.fact) || is === 'record-begins') this.#latest = entry.id;
  }

  #trim(): void {
    if (this.#entries.length <= KEPT + SLACK) return;
    const dropped = this.#entries.slice(0, -KEPT);
    const last = dropped.at(-1);
    if (last === undefined) return;
    const begin: ActivityEntry = { id: last.id, at: last.at, fact: { is: 'record-begins', open: openAfter(dropped) } };
    this.#entries = [begin, ...this.#entries.slice(-KEPT)];
  }

  #loaded(): Promise<void> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  async #load(): Promise<void> {
    const { records, log, loaded } = this.#options;
    try {
      const all = (await records?.load()) ?? [];
      this.#lines = all.length;
      let dropped = 0;
      for (const record of all) {
        const entry = entryOf(record);
        if (entry === undefined) dropped += 1;
        else this.#push({ ...entry, id: Math.max(entry.id, this.#nextId) });
      }
      if (dropped > 0) log.write('warn', 'dropped invalid activity records', { count: dropped });
      this.#trim();
    } catch (error) {
      this.#failed(error);
    }
    this.#isLoaded = true;
    const former = this.#entries;
    this.add(this.#early.splice(0));
    loaded(former);
  }

  #write(): void {
    if (this.#writing !== undefined || this.#unwritten.length === 0) return;
    this.#writing = this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
  }

  async #writeAll(): Promise<void> {
    while (this.#unwritten.length > 0) {
      const batch = this.#unwritten;
      this.#unwritten = [];
      try {
        if (this.#lines + batch.length > MOST_LINES) await this.#rewrite();
        else await this.#append(batch);
        this.#isFailing = false;
      } catch (error) {
        this.#unwritten = [...batch, ...this.#unwritten].slice(-KEPT);
        this.#failed(error);
        // Tried again with what comes next.
        return;
      }
    }
  }

  async #append(batch: readonly ActivityEntry[]): Promise<void> {
    await this.#options.records?.append(batch.map(recordOf));
    this.#lines += batch.length;
  }

  async #rewrite(): Promise<void> {
    const all = this.#entries.map(recordOf);
    await this.#options.records?.rewrite(all);
    this.#lines = all.length;
  }

  async #settled(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  /** Reported once, not with each try. Whatever it is, recording goes on. */
  #failed(error: unknown): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    const about =
      error instanceof StorageError
        ? { path: error.path, error: error.message }
        : { error: error instanceof Error ? error.stack : String(error) };
    this.#options.log.write('warn', 'could not read or write the activity', about);
  }
}

const Duration = v.pipe(v.number(), v.finite(), v.minValue(0), v.transform(millis));
const Outside = v.union([AddressSchema, v.literal('none')]);
const listOf = <In, Out>(item: v.GenericSchema<In, Out>): v.GenericSchema<readonly In[], readonly Out[]> =>
  v.array(item);
const then = {
  forward: v.pipe(Text, v.transform(asForwardId)),
  name: Text,
  transports: listOf(TransportSchema),
  external: v.object({ first: PortNumber, last: PortNumber }),
};

const Fact = v.variant('is', [
  v.object({ is: v.picklist(['started', 'running', 'paused', 'resumed']) }),
  v.object({ is: v.literal('ended'), left: v.picklist(['closed', 'open']) }),
  v.object({ is: v.literal('demo'), on: v.boolean() }),
  v.object({ is: v.literal('woke'), asleep: Duration }),
  v.object({ is: v.literal('clock-set-back'), by: Duration }),
  v.object({ is: v.literal('record-begins'), open: listOf(v.object(then)) }),
  v.object({ is: v.literal('gateway-found'), gateway: Text, address: v.exactOptional(Outside) }),
  v.object({ is: v.picklist(['gateway-away', 'gateway-back', 'gateway-restarted']), gateway: Text }),
  v.object({ is: v.literal('address-changed'), gateway: Text, from: Outside, to: Outside }),
  v.object({ is: v.literal('command-ran'), program: Text }),
  v.object({ is: v.literal('name-updated'), host: Text, addresses: listOf(AddressSchema) }),
  v.object({ is: v.literal('switched'), profile: ProfileIdSchema, name: Text, on: v.boolean() }),
  v.object({
    is: v.literal('condition'),
    profile: ProfileIdSchema,
    name: Text,
    opensWhile: OpensWhileSchema,
    isMet: v.boolean(),
  }),
  v.object({ is: v.literal('opened'), gateway: Text, granted: v.exactOptional(PortNumber), ...then }),
  v.object({ is: v.literal('renewed'), gateway: Text, forwards: v.pipe(v.number(), v.integer(), v.minValue(1)) }),
  v.object({ is: v.literal('closed'), ...then }),
  v.object({ is: v.literal('lost'), because: v.exactOptional(v.picklist(['gateway', 'network'])), ...then }),
  v.object({ is: v.literal('refused'), problem: ProblemSchema, ...then }),
  v.object({ is: v.picklist(['problem', 'solved']), problem: ProblemSchema }),
]);

const Entry = v.object({ id: v.pipe(v.number(), v.safeInteger(), v.minValue(1)), at: EpochMsSchema, fact: Fact });

/** A fact that could not be read back does not compile. */
const readable = (fact: ActivityFact): v.InferInput<typeof Fact> => fact;

export function recordOf({ id, at, fact }: ActivityEntry): unknown {
  return { id, at, fact: readable(fact) };
}

/** `undefined` when it makes no sense. */
export function entryOf(record: unknown): ActivityEntry | undefined {
  const parsed = v.safeParse(Entry, record);
  return parsed.success ? parsed.output : undefined;
}
