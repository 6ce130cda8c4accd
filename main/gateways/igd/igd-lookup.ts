/** Finds one entry of a port mapping table, and knows when the answer proves nothing. */
import { inSeconds } from '../../contract/units.ts';
import type { Clock } from '../../system/system.ts';
import { Malformed, Refused } from '../failure.ts';
import { keyText } from './igd-entry.ts';
import type { EntryKey, TableEntry } from './igd-entry.ts';
import type { IgdList } from './igd-list.ts';
import type { IgdTable } from './igd-table.ts';
import type { TraitMemory } from '../port-control.ts';

/** E10: how long some routers need until they find what they have just added. */
const SETTLING = inSeconds(1.5);

export interface Sighting {
  readonly entry: TableEntry | 'absent' | 'cannot-tell';
  /** Entries in the table, when it had to be listed. */
  readonly listed: number | undefined;
}

export interface IgdLookupOptions {
  readonly table: () => IgdTable;
  readonly list: IgdList;
  readonly traits: TraitMemory;
  readonly clock: Clock;
}

export class IgdLookup {
  readonly #options: IgdLookupOptions;
  #askable = true;

  constructor(options: IgdLookupOptions) {
    this.#options = options;
  }

  /** Can a lookup tell anything at all, as far as is known? */
  get canFind(): boolean {
    return this.#askable || this.#options.traits.get().listing !== 'unreliable';
  }

  /** @param justAdded the entry should be there, so that its absence is looked into (E10)
   * @throws Unreachable, or the signal's reason */
  async find(key: EntryKey, justAdded: boolean, signal: AbortSignal): Promise<Sighting> {
    let answer = await this.#ask(key, signal);
    if (typeof answer !== 'object' && justAdded && this.#askable) {
      await this.#options.clock.sleep(SETTLING, signal);
      answer = await this.#ask(key, signal);
    }
    if (typeof answer === 'object') return { entry: answer, listed: undefined };
    if (answer === 'absent' && !justAdded) {
      // E5: what does not show what it has granted has not lost it.
      const isTrusted = this.#options.traits.get().listing !== 'unreliable';
      return { entry: isTrusted ? answer : 'cannot-tell', listed: undefined };
    }
    return await this.#inList(key, answer, signal);
  }

  async #ask(key: EntryKey, signal: AbortSignal): Promise<TableEntry | 'absent' | 'unclear'> {
    if (!this.#askable) return 'unclear';
    const { table, traits } = this.#options;
    try {
      const entry = await table().specific(key, traits.get().deleteRemoteHost ?? '', signal);
      return entry === 'mismatch' ? 'unclear' : entry;
    } catch (error) {
      if (error instanceof Malformed) return 'unclear';
      if (!(error instanceof Refused)) throw error;
      if (error.reason === 'unsupported') this.#askable = false;
      // E10: 501 may mean "not found", or anything.
      return error.reason === 'absent' ? 'absent' : 'unclear';
    }
  }

  async #inList(key: EntryKey, answer: 'absent' | 'unclear', signal: AbortSignal): Promise<Sighting> {
    let listed = 0;
    for await (const entry of this.#options.list.entries(signal)) {
      listed += 1;
      if (keyText(entry) === keyText(key) && entry.remoteHost === undefined) return { entry, listed };
    }
    if (this.#options.traits.get().listing === 'unreliable') return { entry: 'cannot-tell', listed };
    // E1: an empty list is also what a router shows that does not list.
    return { entry: answer === 'absent' || listed > 0 ? 'absent' : 'cannot-tell', listed };
  }
}
