/** Entries of one chunk: a change copies that many, and one reference for each chunk. */
const CHUNK = 64;

/**
 * A map that never changes: the next one shares all chunks with it but the one that is changed, so that a change costs the
 * same in a thousand entries as in ten. In the order in which keys were first put in; one that was taken out and is put in
 * again may stand where it was.
 */
export class Table<Key, Value extends object> implements ReadonlyMap<Key, Value> {
  readonly size: number;
  /** Their entries in order, with holes where some were taken out. What is derived from one holds for as long as it is in use. */
  readonly chunks: readonly (readonly (Value | undefined)[])[];
  /** Places that are in use here; {@link #keys} may go on with those of later tables. */
  readonly #length: number;
  readonly #places: Map<Key, number>;
  readonly #keys: Key[];

  static of<Key, Value extends object>(entries: Iterable<readonly [Key, Value]> = []): Table<Key, Value> {
    const places = new Map<Key, number>();
    const keys: Key[] = [];
    const chunks: Value[][] = [];
    for (const [key, value] of new Map(entries)) {
      places.set(key, keys.length);
      if (keys.length % CHUNK === 0) chunks.push([]);
      keys.push(key);
      chunks.at(-1)?.push(value);
    }
    return new Table(keys.length, chunks, keys.length, places, keys);
  }

  private constructor(
    size: number,
    chunks: readonly (readonly (Value | undefined)[])[],
    length: number,
    places: Map<Key, number>,
    keys: Key[],
  ) {
    this.size = size;
    this.chunks = chunks;
    this.#length = length;
    this.#places = places;
    this.#keys = keys;
  }

  get(key: Key): Value | undefined {
    const place = this.#placeOf(key);
    return place === undefined ? undefined : this.chunks[Math.floor(place / CHUNK)]?.[place % CHUNK];
  }

  has(key: Key): boolean {
    return this.get(key) !== undefined;
  }

  with(key: Key, value: Value): Table<Key, Value> {
    const place = this.#placeOf(key);
    if (place === undefined) return this.#withNew(key, value);
    const isNew = this.get(key) === undefined;
    return new Table(this.size + (isNew ? 1 : 0), this.#changed(place, value), this.#length, this.#places, this.#keys);
  }

  without(key: Key): Table<Key, Value> {
    const place = this.#placeOf(key);
    if (place === undefined || !this.has(key)) return this;
    const next = new Table(this.size - 1, this.#changed(place, undefined), this.#length, this.#places, this.#keys);
    const isMostlyHoles = this.#length > CHUNK && next.size < this.#length / 2;
    return isMostlyHoles || next.size === 0 ? Table.of(next) : next;
  }

  /** Each value by what `change` makes of it; the same one keeps it. */
  mapped(change: (value: Value, key: Key) => Value): Table<Key, Value> {
    let place = -1;
    const chunks = this.chunks.map((chunk) => {
      const next = chunk.map((value) => {
        place += 1;
        const key = this.#keys[place];
        return value === undefined || key === undefined ? value : change(value, key);
      });
      return next.every((value, at) => value === chunk[at]) ? chunk : next;
    });
    const isSame = chunks.every((chunk, at) => chunk === this.chunks[at]);
    return isSame ? this : new Table(this.size, chunks, this.#length, this.#places, this.#keys);
  }

  forEach(tell: (value: Value, key: Key, table: ReadonlyMap<Key, Value>) => void): void {
    for (const [key, value] of this) tell(value, key, this);
  }

  *[Symbol.iterator](): MapIterator<[Key, Value]> {
    let place = -1;
    for (const chunk of this.chunks) {
      for (const value of chunk) {
        place += 1;
        const key = this.#keys[place];
        if (value !== undefined && key !== undefined) yield [key, value];
      }
    }
  }

  entries(): MapIterator<[Key, Value]> {
    return this[Symbol.iterator]();
  }

  *keys(): MapIterator<Key> {
    for (const [key] of this) yield key;
  }

  *values(): MapIterator<Value> {
    for (const chunk of this.chunks) for (const value of chunk) if (value !== undefined) yield value;
  }

  /** Also where it was taken out. */
  #placeOf(key: Key): number | undefined {
    const place = this.#places.get(key);
    return place === undefined || place >= this.#length ? undefined : place;
  }

  #changed(place: number, value: Value | undefined): readonly (readonly (Value | undefined)[])[] {
    const at = Math.floor(place / CHUNK);
    return this.chunks.with(at, (this.chunks[at] ?? []).with(place % CHUNK, value));
  }

  #withNew(key: Key, value: Value): Table<Key, Value> {
    // Another table went on from this one: its places are not ours.
    if (this.#keys.length > this.#length) return Table.of(this).with(key, value);
    this.#places.set(key, this.#length);
    this.#keys.push(key);
    const last = this.chunks.at(-1);
    const chunks =
      last === undefined || last.length === CHUNK
        ? [...this.chunks, [value]]
        : this.chunks.with(this.chunks.length - 1, [...last, value]);
    return new Table(this.size + 1, chunks, this.#length + 1, this.#places, this.#keys);
  }
}
