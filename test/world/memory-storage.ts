import type { StorageFault } from '../../main/contract/fault-reasons.ts';
import { StorageError, type DocumentStore, type ReadOptions, type RecordLog } from '../../main/system/system.ts';
import type { HostClock } from './host-clock.ts';
import { Program } from './program.ts';
import type { SeededRandom } from './seeded-random.ts';

export type StorageCall = 'read' | 'write' | 'load' | 'append' | 'rewrite';

/** How long a durable write takes: about an fsync on a solid-state disk. */
const WRITE_TAKES = 2;
const READ_TAKES = 0.2;

interface Planned {
  readonly call: StorageCall;
  readonly fault: StorageFault;
  /** Any when absent. */
  readonly name: string | undefined;
  left: number;
}

/** A disk: JSON documents and append-only logs, in memory, with faults on demand. */
export class MemoryStorage {
  readonly #clock: HostClock;
  readonly #owner: string;
  readonly #random: SeededRandom;
  #program = new Program();
  /** JSON text, as on a disk: what is read is never the object that was written. */
  readonly #documents = new Map<string, { now: string; lastGood: string | undefined }>();
  readonly #logs = new Map<string, string[]>();
  readonly #planned: Planned[] = [];
  /** Writes under way, which a crash may let through or lose. */
  readonly #unfinished = new Set<(share: number) => void>();
  /** Completed calls, for bounds on how often is written. */
  readonly calls: Record<StorageCall, number> = { read: 0, write: 0, load: 0, append: 0, rewrite: 0 };

  constructor(clock: HostClock, random: SeededRandom, owner: string) {
    this.#clock = clock;
    this.#owner = owner;
    this.#random = random;
  }

  /** The next `count` calls of this kind fail; those of one document or log where it is named. */
  failNext(call: StorageCall, fault: StorageFault, count = 1, name?: string): void {
    this.#planned.push({ call, fault, name, left: count });
  }

  /** Calls fail normally again. */
  heal(): void {
    this.#planned.length = 0;
  }

  /** The current content of the disk, whoever asks. */
  document(name: string): unknown {
    const text = this.#documents.get(name)?.now;
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** Every byte of it, as text. */
  get everything(): string {
    const documents = [...this.#documents.values()].flatMap(({ now, lastGood }) => [now, lastGood ?? '']);
    return [...documents, ...[...this.#logs.values()].flat()].join('\n');
  }

  /** @param from of all, that many are left out */
  records(name: string, from = 0): readonly unknown[] {
    return (this.#logs.get(name) ?? []).slice(from).map((line): unknown => JSON.parse(line));
  }

  /** Puts a document there, as an earlier version of the program or a person would have. */
  put(name: string, document: unknown): void {
    this.#documents.set(name, { now: JSON.stringify(document), lastGood: undefined });
  }

  putRecords(name: string, records: readonly unknown[]): void {
    this.#logs.set(
      name,
      records.map((record) => JSON.stringify(record)),
    );
  }

  /** The document cannot be read any more; its copy, the last good version, can. */
  corrupt(name: string): void {
    const document = this.#documents.get(name);
    if (document !== undefined) document.now = '{ torn';
  }

  /** Writes that were under way happen, do not, or are torn: of what was appended the first records are there. Whoever
   * waited for them never hears of it. */
  crash(): void {
    this.#program.end();
    this.#program = new Program();
    for (const apply of this.#unfinished) if (this.#random.chance(50)) apply(this.#random.unit());
    this.#unfinished.clear();
  }

  /** The documents as the programs that run now see them. `onSetAside` as the node implementation's. */
  documents(onSetAside: (name: string, kept: string) => void = () => {}): DocumentStore {
    const program = this.#program;
    return {
      read: (name, options) => this.#call(program, 'read', name, () => this.#read(name, onSetAside, options)),
      write: (name, document) => {
        const text = JSON.stringify(document);
        return this.#call(program, 'write', name, () => {
          this.#documents.set(name, { now: text, lastGood: text });
        });
      },
    };
  }

  log(name: string): RecordLog {
    const program = this.#program;
    const lines = (records: readonly unknown[]): string[] => records.map((record) => JSON.stringify(record));
    return {
      load: () => this.#call(program, 'load', name, () => this.records(name)),
      append: (records) => {
        const added = lines(records);
        return this.#call(program, 'append', name, (share = 1) => {
          const written = added.slice(0, Math.ceil(share * added.length));
          const log = this.#logs.get(name);
          if (log === undefined) this.#logs.set(name, written);
          else log.push(...written);
        });
      },
      rewrite: (records) => {
        const all = lines(records);
        return this.#call(program, 'rewrite', name, () => {
          this.#logs.set(name, all);
        });
      },
    };
  }

  #read(name: string, onSetAside: (name: string, kept: string) => void, options?: ReadOptions): unknown {
    const document = this.#documents.get(name);
    if (document === undefined) return undefined;
    const found = parsed(document.now);
    if (found !== undefined && options?.isUsable(found) !== false) return found;
    const good = document.lastGood === undefined ? undefined : parsed(document.lastGood);
    if (document.lastGood === undefined || (good !== undefined && options?.isUsable(good) === false)) {
      if (found !== undefined) return found;
      throw new StorageError('unreadable', name, `read ${name}: unreadable`);
    }
    const kept = `${name}.unreadable-1`;
    this.#documents.set(kept, { now: JSON.stringify(document.now), lastGood: undefined });
    document.now = document.lastGood;
    onSetAside(name, kept);
    options?.onLastGood();
    return good;
  }

  #call<Value>(program: Program, call: StorageCall, name: string, apply: (share?: number) => Value): Promise<Value> {
    const fault = this.#faultFor(call, name);
    const writes = call === 'write' || call === 'append' || call === 'rewrite';
    return program.wait<Value>(undefined, (resolve, reject) => {
      const unfinished = (share: number): void => {
        apply(share);
      };
      if (writes && fault === undefined) this.#unfinished.add(unfinished);
      const takes = writes ? WRITE_TAKES : READ_TAKES;
      const wait = this.#clock.after(takes, `${this.#owner} ${call} ${name}`, () => {
        this.#unfinished.delete(unfinished);
        this.calls[call] += 1;
        if (fault === undefined) resolve(apply());
        else reject(new StorageError(fault, name, `${call} ${name}: ${fault}`));
      });
      return () => wait.cancel();
    });
  }

  #faultFor(call: StorageCall, name: string): StorageFault | undefined {
    const planned = this.#planned.find(
      (each) => each.call === call && each.left > 0 && (each.name === undefined || each.name === name),
    );
    if (planned === undefined) return undefined;
    planned.left -= 1;
    return planned.fault;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
