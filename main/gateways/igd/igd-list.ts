/** Lists a port mapping table, however its router lists it (E1–E16). */
import type { FoundMapping } from '../../contract/mapping.ts';
import type { Transport } from '../../contract/model.ts';
import { inSeconds } from '../../contract/units.ts';
import type { Clock } from '../../system/system.ts';
import { isFailure, Malformed, Refused, Unreachable } from '../failure.ts';
import type { MappingList, TraitMemory } from '../port-control.ts';
import { keyText, shown, type EntryKey, type TableEntry } from './igd-entry.ts';
import { httpCode } from '../upnp/upnp-errors.ts';
import type { IgdTable } from './igd-table.ts';

/** E7: some fail above. */
const PAGE = 100;
/** E16: with this many entries at most GetListOfPortMappings is known not to kill a daemon. */
const SMALL_TABLE = 64;
/** E2: routers that repeat their last entry forever; E13: one repeat is natural while others add entries. */
const MOST_REPEATS = 3;
/** E12. */
const TRIES = 3;

const TRANSPORTS: readonly Transport[] = ['tcp', 'udp'];

/** E10: how long some routers need until they find what they have just added. */
const SETTLING = inSeconds(1.5);

export interface EntryLookup {
  readonly entry: TableEntry | 'absent' | 'cannot-tell';
  /** Entries in the table, when it had to be listed. */
  readonly listed: number | undefined;
}

/** Reads a port mapping table: whole, or one entry of it, and knows when an answer proves nothing. */
export class IgdList implements Pick<MappingList, 'list' | 'count'> {
  readonly #table: () => IgdTable;
  readonly #traits: TraitMemory;
  readonly #clock: Clock;
  readonly #cap: number;
  /** Entries of the last whole listing. */
  #size: number | undefined;
  /** E8: GetListOfPortMappings has shown fewer than the index. */
  #pagesLack = false;
  /** Could each row of the last listing be read? */
  #isLegible = true;
  /** GetSpecificPortMappingEntry is known, as far as has been seen. */
  #askable = true;
  /** Was it seen to be right about an entry, so that one which it does not show is not there (E5)? */
  #shows = false;

  /** @param table the service in use; may change
   * @param cap entries after which a list ends whatever the router says (E2) */
  constructor(table: () => IgdTable, traits: TraitMemory, clock: Clock, cap = 2000) {
    this.#table = table;
    this.#traits = traits;
    this.#clock = clock;
    this.#cap = cap;
  }

  /** Entry by entry, unless the table is known to be small: then in one request per transport (E16).
   * @throws Unreachable when the router stops answering, or the signal's reason */
  async *list(signal: AbortSignal, asking?: () => void): AsyncGenerator<FoundMapping> {
    for await (const entry of this.entries(signal, asking)) yield shown(entry);
  }

  /** @param asking called before each request leaves
   * @throws Unreachable, or the signal's reason */
  async *entries(signal: AbortSignal, asking: () => void = () => undefined): AsyncGenerator<TableEntry> {
    this.#isLegible = true;
    const seen = new Set<string>();
    const known = this.#size;
    const isNew = (entry: TableEntry): boolean => {
      this.#shows = true;
      const before = seen.size;
      seen.add(`${keyText(entry)}/${entry.remoteHost ?? ''}`);
      return seen.size > before && seen.size <= this.#cap;
    };
    let whole = false;
    if (await this.#mayPage(signal)) {
      for await (const rows of this.#byPages(asking, signal)) {
        for (const entry of rows) if (isNew(entry)) yield entry;
        // Rows come in any order, so that nobody knows where the rest of a full page is.
        whole = rows.length < PAGE;
        if (!whole) break;
      }
      if (whole && known !== undefined && seen.size >= known) {
        this.#size = seen.size;
        return;
      }
    }
    const paged = seen.size;
    for await (const entry of this.#byIndex(asking, signal)) if (isNew(entry)) yield entry;
    this.#pagesLack ||= whole && paged > 0 && paged < seen.size;
    this.#size = seen.size;
  }

  async #mayPage(signal: AbortSignal): Promise<boolean> {
    if (this.#pagesLack || this.#size === undefined || this.#size === 0 || this.#size > SMALL_TABLE) return false;
    if (this.#traits.get().listing !== undefined) return false;
    return (await this.#table().client.readWhetherDeclared('GetListOfPortMappings', signal)) === true;
  }

  async *#byPages(asking: () => void, signal: AbortSignal): AsyncGenerator<readonly TableEntry[]> {
    for (const transport of TRANSPORTS) {
      let rows: readonly TableEntry[] = [];
      asking();
      try {
        // E6: 0 is refused as a start.
        rows = await this.#table().page(transport, 1, PAGE, signal);
      } catch (error) {
        if (!isFailure(error)) throw error;
        if (error instanceof Unreachable)
          this.#traits.learn({ listing: 'index-only' }, 'stopped answering in GetListOfPortMappings'); // E16
        if (!(error instanceof Refused && error.reason === 'absent')) return;
      }
      yield rows;
    }
  }

  async *#byIndex(asking: () => void, signal: AbortSignal): AsyncGenerator<TableEntry> {
    const seen = new Set<string>();
    let repeats = 0;
    for (let index = 0; index < this.#cap + MOST_REPEATS; index += 1) {
      const entry = await this.#rowAt(index, asking, signal);
      this.#isLegible &&= entry !== 'garbled';
      if (entry === 'end') {
        // E3: a few count from 1.
        if (index === 0) continue;
        return;
      }
      const name = entry === 'garbled' ? entry : `${keyText(entry)}/${entry.remoteHost ?? ''}`;
      repeats = seen.has(name) ? repeats + 1 : 0;
      if (repeats >= MOST_REPEATS) return;
      seen.add(name);
      if (entry !== 'garbled') yield entry;
    }
  }

  /** E1: whatever the refusal, the list ends there. */
  async #rowAt(index: number, asking: () => void, signal: AbortSignal): Promise<TableEntry | 'end' | 'garbled'> {
    for (let attempt = 1; ; attempt += 1) {
      asking();
      try {
        return (await this.#table().atIndex(index, signal)) ?? 'garbled';
      } catch (error) {
        // HTTP 400 is no router's end: the question was cut off on its way.
        const isCutOff = error instanceof Refused && error.code === httpCode(400) && attempt < TRIES;
        if (isCutOff) continue;
        if (error instanceof Refused) return 'end';
        if (error instanceof Malformed) return 'garbled';
        const broke = error instanceof Unreachable && (error.why === 'reset' || error.why === 'timeout');
        if (!broke || attempt >= TRIES) throw error;
      }
    }
  }

  /** By index, for the number that routers report is not to be relied on (E4). On routers that count from 1 (E3) it is one
   * too many, each time. `cannot-tell` where the list has no end (E2), or shows nothing of what is expected (E1). */
  async count(expected: number, isWhole: boolean, signal: AbortSignal): Promise<number | 'cannot-tell'> {
    let there = 0;
    let missing = this.#cap + 1;
    let next = Math.max(1, expected);
    for (let step = 1; there + 1 < missing; step *= 2) {
      const row = await this.#rowAt(next - 1, () => undefined, signal);
      if (row === 'end') missing = next;
      else there = next;
      if (!isWhole && there >= expected) return there;
      if (missing > this.#cap) next = Math.min(there + step, this.#cap);
      else next = there === 0 ? Math.max(1, missing - step) : Math.floor((there + missing) / 2);
    }
    return there === this.#cap || (there === 0 && expected > 0) ? 'cannot-tell' : there;
  }

  /** Does it show anything at all, so that what it does not show is known to be absent?
   * @throws Unreachable, or the signal's reason */
  async showsAny(signal: AbortSignal): Promise<boolean> {
    if (!this.#shows) for await (const _ of this.entries(signal)) break;
    return this.#shows;
  }

  /** Deleting an entry has agreed that there is none. */
  wasRight(): void {
    this.#shows = true;
  }

  /** Can a lookup answer anything at all, as far as is known? */
  get canFind(): boolean {
    return this.#askable || this.#traits.get().listing !== 'unreliable';
  }

  /** @param justAdded the entry should be there, so that its absence is looked into (E10)
   * @throws Unreachable, or the signal's reason */
  async find(key: EntryKey, justAdded: boolean, signal: AbortSignal): Promise<EntryLookup> {
    let answer = await this.#ask(key, signal);
    if (typeof answer !== 'object' && justAdded && this.#askable) {
      await this.#clock.sleep(SETTLING, signal);
      answer = await this.#ask(key, signal);
    }
    if (typeof answer === 'object') return { entry: answer, listed: undefined };
    if (answer === 'absent' && !justAdded) {
      // E5: what does not show what it has granted has not lost it.
      const isTrusted = this.#traits.get().listing !== 'unreliable';
      return { entry: isTrusted ? answer : 'cannot-tell', listed: undefined };
    }
    return await this.#inList(key, answer, signal);
  }

  async #ask(key: EntryKey, signal: AbortSignal): Promise<TableEntry | 'absent' | 'unclear'> {
    if (!this.#askable) return 'unclear';
    try {
      const entry = await this.#table().specific(key, this.#traits.get().deleteRemoteHost ?? '', signal);
      if (entry === 'mismatch') return 'unclear';
      this.#shows = true;
      return entry;
    } catch (error) {
      if (error instanceof Malformed) return 'unclear';
      if (!(error instanceof Refused)) throw error;
      if (error.reason === 'unsupported') this.#askable = false;
      // E10: 501 may mean "not found", or anything.
      return error.reason === 'absent' ? 'absent' : 'unclear';
    }
  }

  async #inList(key: EntryKey, answer: 'absent' | 'unclear', signal: AbortSignal): Promise<EntryLookup> {
    let listed = 0;
    for await (const entry of this.entries(signal)) {
      listed += 1;
      if (keyText(entry) === keyText(key) && entry.remoteHost === undefined) return { entry, listed };
    }
    if (this.#traits.get().listing === 'unreliable') return { entry: 'cannot-tell', listed };
    // E1: an empty list is also what a router shows that does not list.
    const isTold = answer === 'absent' || (listed > 0 && this.#isLegible);
    return { entry: isTold ? 'absent' : 'cannot-tell', listed };
  }
}
