/** Entries of one chunk, and chunks of one group: a change copies that many of each, and one reference for each group. */
const CHUNK = 64;
const GROUP = 4;

/** Entries in order, with holes where some were taken out. */
export type Chunk<Value> = readonly (Value | undefined)[];
export type Group<Value> = readonly Chunk<Value>[];

/**
 * A map that never changes: the next one shares all chunks with it but the one that is changed, so that a change costs the
 * same in ten thousand entries as in ten. In the order in which keys were first put in; one that was taken out and is put
 * in again may stand where it was.
 */
export class Table<Key, Value extends object> implements ReadonlyMap<Key, Value> {
  readonly size: number;
  /** Facts derived from a group, or from one of its chunks, hold for as long as that is in use. */
  readonly groups: readonly Group<Value>[];
  /** Places that are in use here; {@link #keys} may go on with those of later tables. */
  readonly #length: number;
  readonly #places: Map<Key, number>;
  readonly #keys: Key[];

  static of<Key, Value extends object>(entries: Iterable<readonly [Key, Value]> = []): Table<Key, Value> {
    const places = new Map<Key, number>();
    const keys: Key[] = [];
    const groups: Value[][][] = [];
    for (const [key, value] of new Map(entries)) {
      places.set(key, keys.length);
      if (keys.length % (GROUP * CHUNK) === 0) groups.push([]);
      if (keys.length % CHUNK === 0) groups.at(-1)?.push([]);
      keys.push(key);
      groups.at(-1)?.at(-1)?.push(value);
    }
    return new Table(keys.length, groups, keys.length, places, keys);
  }

  private constructor(
    size: number,
    groups: readonly Group<Value>[],
    length: number,
    places: Map<Key, number>,
    keys: Key[],
  ) {
    this.size = size;
    this.groups = groups;
    this.#length = length;
    this.#places = places;
    this.#keys = keys;
  }

  get(key: Key): Value | undefined {
    const place = this.#placeOf(key);
    if (place === undefined) return undefined;
    const chunk = Math.floor(place / CHUNK);
    return this.groups[Math.floor(chunk / GROUP)]?.[chunk % GROUP]?.[place % CHUNK];
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
    const groups = this.groups.map((group) =>
      sameOr(
        group,
        group.map((chunk) =>
          sameOr(
            chunk,
            chunk.map((value) => {
              place += 1;
              const key = this.#keys[place];
              return value === undefined || key === undefined ? value : change(value, key);
            }),
          ),
        ),
      ),
    );
    const next = sameOr(this.groups, groups);
    return next === this.groups ? this : new Table(this.size, next, this.#length, this.#places, this.#keys);
  }

  forEach(tell: (value: Value, key: Key, table: ReadonlyMap<Key, Value>) => void): void {
    for (const [key, value] of this) tell(value, key, this);
  }

  *[Symbol.iterator](): MapIterator<[Key, Value]> {
    let place = -1;
    for (const group of this.groups) {
      for (const chunk of group) {
        for (const value of chunk) {
          place += 1;
          const key = this.#keys[place];
          if (value !== undefined && key !== undefined) yield [key, value];
        }
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
    for (const group of this.groups)
      for (const chunk of group) for (const value of chunk) if (value !== undefined) yield value;
  }

  /** Also where it was taken out. */
  #placeOf(key: Key): number | undefined {
    const place = this.#places.get(key);
    return place === undefined || place >= this.#length ? undefined : place;
  }

  #changed(place: number, value: Value | undefined): readonly Group<Value>[] {
    const at = Math.floor(place / CHUNK);
    const group = this.groups[Math.floor(at / GROUP)] ?? [];
    const next = group.with(at % GROUP, (group[at % GROUP] ?? []).with(place % CHUNK, value));
    return this.groups.with(Math.floor(at / GROUP), next);
  }

  #withNew(key: Key, value: Value): Table<Key, Value> {
    // Another table went on from this one: its places are not ours.
    if (this.#keys.length > this.#length) return Table.of(this).with(key, value);
    this.#places.set(key, this.#length);
    this.#keys.push(key);
    return new Table(this.size + 1, this.#added(value), this.#length + 1, this.#places, this.#keys);
  }

  #added(value: Value): readonly Group<Value>[] {
    const group = this.groups.at(-1);
    const chunk = group?.at(-1);
    if (group === undefined || chunk === undefined) return [...this.groups, [[value]]];
    const last = this.groups.length - 1;
    if (chunk.length < CHUNK) return this.groups.with(last, group.with(group.length - 1, [...chunk, value]));
    if (group.length < GROUP) return this.groups.with(last, [...group, [value]]);
    return [...this.groups, [[value]]];
  }
}

/** The former one where nothing in it is new. */
function sameOr<Item>(former: readonly Item[], next: readonly Item[]): readonly Item[] {
  return next.every((item, at) => item === former[at]) ? former : next;
}
