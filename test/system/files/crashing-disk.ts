/**
 * A file system in memory that loses what a real one may. A killed process leaves what its calls have done, the last one
 * in part. A power cut takes what was not synced: each write is there, is not, is torn, or has left its place empty; and of
 * what was made, renamed or removed in a folder the latest part is undone, whatever became of the content.
 */
import path from 'node:path';
import type { SeededRandom } from '../../world/seeded-random.ts';

type Change = { readonly position: number; readonly bytes: Buffer } | { readonly length: number };

class Inode {
  /** As programs see it. */
  seen: Buffer;
  readonly #synced: Buffer;
  readonly #unsynced: Change[];

  constructor(seen: Buffer = Buffer.alloc(0), synced = seen, unsynced: readonly Change[] = []) {
    this.seen = seen;
    this.#synced = synced;
    this.#unsynced = [...unsynced];
  }

  change(change: Change): void {
    this.seen = changed(this.seen, change);
    this.#unsynced.push(change);
  }

  synced(): Inode {
    return new Inode(this.seen);
  }

  afterPowerCut(random: SeededRandom): Inode {
    let left = this.#synced;
    for (const change of this.#unsynced) {
      if (random.chance(40)) continue;
      if ('length' in change || random.chance(50)) left = changed(left, change);
      else {
        const { position, bytes } = change;
        const torn = bytes.subarray(0, random.between(0, bytes.length));
        // A length that is on the disk before its blocks are.
        const empty = Buffer.concat([torn, Buffer.alloc(bytes.length - torn.length)]);
        left = changed(left, { position, bytes: random.chance(50) ? torn : empty });
      }
    }
    return new Inode(left);
  }
}

function changed(bytes: Buffer, change: Change): Buffer {
  if ('length' in change) return Buffer.concat([bytes, Buffer.alloc(change.length)]).subarray(0, change.length);
  const { position, bytes: written } = change;
  const before = Buffer.concat([bytes, Buffer.alloc(position)]).subarray(0, position);
  return Buffer.concat([before, written, bytes.subarray(position + written.length)]);
}

/** State of one folder. */
type Entries = ReadonlyMap<string, number>;

interface Image {
  readonly inodes: ReadonlyMap<number, Inode>;
  readonly entries: Entries;
}

const error = (code: string): Error => Object.assign(new Error(code), { code });

/** One folder, `folder`, and one run of the programs that use it. */
export class CrashingDisk {
  readonly #folder: string;
  readonly #random: SeededRandom;
  readonly #inodes: Map<number, Inode>;
  #entries: Entries;
  /** The folder at its last sync, and after each change since. */
  #unsynced: Entries[];
  #left: number;
  #image: Image | undefined;
  readonly #crash = Promise.withResolvers<void>();

  /** @param calls that are done before it crashes */
  constructor(folder: string, random: SeededRandom, calls: number, from?: Image) {
    this.#folder = folder;
    this.#random = random;
    this.#left = calls;
    this.#inodes = new Map(from?.inodes);
    this.#entries = from?.entries ?? new Map();
    this.#unsynced = [this.#entries];
  }

  /** Resolves when it has crashed. */
  get crashed(): Promise<void> {
    return this.#crash.promise;
  }

  /** The same disk at the next start. */
  next(calls: number): CrashingDisk {
    return new CrashingDisk(this.#folder, this.#random, calls, this.#image);
  }

  // ── what `node:fs/promises` has, as far as it is used ──

  readonly promises = {
    open: async (file: string, flags: string) => {
      await this.#call();
      if (file === this.#folder) return this.#handleOfFolder();
      const name = this.#nameOf(file);
      const isThere = this.#entries.has(name);
      if (flags === 'r+' && !isThere) throw error('ENOENT');
      if (flags === 'wx' && isThere) throw error('EEXIST');
      if (!isThere) this.#link(name, this.#made(new Inode()));
      const number = this.#entries.get(name) ?? 0;
      if (flags === 'w') this.#inodes.get(number)?.change({ length: 0 });
      return this.#handleOf(number);
    },
    rename: async (from: string, to: string) => {
      await this.#call();
      const number = this.#entries.get(this.#nameOf(from));
      if (number === undefined) throw error('ENOENT');
      const entries = new Map(this.#entries);
      entries.delete(this.#nameOf(from));
      this.#changed(entries.set(this.#nameOf(to), number));
    },
    rm: async (file: string) => {
      await this.#call();
      const entries = new Map(this.#entries);
      if (entries.delete(this.#nameOf(file))) this.#changed(entries);
    },
    copyFile: async (from: string, to: string) => {
      await this.#call();
      const inode = new Inode(Buffer.alloc(0));
      inode.change({ position: 0, bytes: this.#inode(from).seen });
      this.#link(this.#nameOf(to), this.#made(inode));
    },
    readdir: async () => {
      await this.#call();
      return [...this.#entries.keys()];
    },
    readFile: async (file: string) => {
      await this.#call();
      return this.#inode(file).seen;
    },
    stat: async (file: string) => {
      await this.#call();
      const { length: size } = this.#inode(file).seen;
      return { size, isFile: () => true };
    },
  };

  /** As atomically does it for electron-store, in calls that wait: written beside, synced, renamed. */
  writeAtOnce(file: string, text: string): void {
    const beside = `${this.#nameOf(file)}.tmp-0123456789abcdef`;
    const steps = [
      () => this.#link(beside, this.#made(new Inode())),
      () => this.#inodeAt(beside)?.change({ position: 0, bytes: Buffer.from(text) }),
      () => this.#sync(this.#entries.get(beside) ?? 0),
      () => {
        const entries = new Map(this.#entries).set(this.#nameOf(file), this.#entries.get(beside) ?? 0);
        entries.delete(beside);
        this.#changed(entries);
      },
    ];
    for (const step of steps) {
      if (this.#isOver()) return;
      step();
    }
  }

  #handleOfFolder() {
    const sync = async (): Promise<void> => {
      await this.#call();
      this.#unsynced = [this.#entries];
    };
    return { sync, close: async () => undefined };
  }

  #handleOf(number: number) {
    const write = (bytes: Buffer, position: number): void =>
      this.#inodes.get(number)?.change({ position, bytes: Buffer.from(bytes) });
    const sync = async (): Promise<void> => {
      await this.#call();
      this.#sync(number);
    };
    return {
      writeFile: async (text: string) => {
        const bytes = Buffer.from(text);
        await this.#call((share) => write(bytes.subarray(0, share * bytes.length), 0));
        write(bytes, 0);
      },
      write: async (bytes: Buffer, offset: number, length: number, position: number) => {
        const whole = bytes.subarray(offset, offset + length);
        await this.#call((share) => write(whole.subarray(0, share * length), position));
        // A short write is not an error.
        const some = whole.subarray(0, this.#random.chance(20) ? this.#random.between(1, length) : length);
        write(some, position);
        return { bytesWritten: some.length };
      },
      truncate: async (length: number) => {
        await this.#call();
        this.#inodes.get(number)?.change({ length });
      },
      sync,
      datasync: sync,
      close: async () => undefined,
    };
  }

  #nameOf(file: string): string {
    return path.basename(file);
  }

  #inodeAt(name: string): Inode | undefined {
    return this.#inodes.get(this.#entries.get(name) ?? -1);
  }

  #inode(file: string): Inode {
    const inode = this.#inodeAt(this.#nameOf(file));
    if (inode === undefined) throw error('ENOENT');
    return inode;
  }

  #made(inode: Inode): number {
    const number = this.#inodes.size;
    this.#inodes.set(number, inode);
    return number;
  }

  #link(name: string, number: number): void {
    this.#changed(new Map(this.#entries).set(name, number));
  }

  #changed(entries: Entries): void {
    this.#entries = entries;
    this.#unsynced.push(entries);
  }

  #sync(number: number): void {
    const inode = this.#inodes.get(number);
    if (inode !== undefined) this.#inodes.set(number, inode.synced());
  }

  /** A call of a program that lives returns after a while; what a killed one began may be done in part. */
  async #call(part: (share: number) => void = () => undefined): Promise<void> {
    for (let hops = this.#random.between(0, 3); hops > 0; hops -= 1) await Promise.resolve();
    if (this.#isOver(part)) await new Promise(() => {});
  }

  #isOver(part: (share: number) => void = () => undefined): boolean {
    if (this.#image !== undefined) return true;
    this.#left -= 1;
    if (this.#left > 0) return false;
    if (this.#random.chance(70)) part(this.#random.unit());
    const isPowerCut = this.#random.chance(60);
    const left = (inode: Inode): Inode => (isPowerCut ? inode.afterPowerCut(this.#random) : inode);
    const inodes = new Map([...this.#inodes].map(([number, inode]) => [number, left(inode)]));
    const folder = this.#unsynced[isPowerCut ? this.#random.between(0, this.#unsynced.length - 1) : -1];
    this.#image = { inodes, entries: folder ?? this.#entries };
    this.#crash.resolve();
    return true;
  }
}
