/** Keeps what has not changed, so that what shows it need not be drawn again. */

/** Plain data as `next`, made of the parts of `previous` wherever they are equal. */
export function share<Value>(previous: unknown, next: Value): Value {
  // Equal in every part, and therefore a value of the same type.
  return shared(previous, next) as Value;
}

function shared(previous: unknown, next: unknown): unknown {
  if (Object.is(previous, next)) return previous;
  if (Array.isArray(previous) && Array.isArray(next)) return sharedList(previous, next);
  if (isRecord(previous) && isRecord(next)) return sharedRecord(previous, next);
  return next;
}

type PlainRecord = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is PlainRecord {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function sharedList(previous: readonly unknown[], next: readonly unknown[]): readonly unknown[] {
  let byId: ReadonlyMap<unknown, unknown> | undefined;
  // Lists lose and gain members in their midst: those with an id are compared with who they were.
  const before = (each: unknown, at: number): unknown => {
    const id = idOf(each);
    if (id === undefined || idOf(previous[at]) === id) return previous[at];
    byId ??= new Map(previous.map((one) => [idOf(one), one]));
    return byId.get(id) ?? previous[at];
  };
  const list = next.map((each, at) => shared(before(each, at), each));
  return list.length === previous.length && list.every((each, at) => Object.is(each, previous[at])) ? previous : list;
}

const idOf = (value: unknown): unknown => (isRecord(value) ? value['id'] : undefined);

function sharedRecord(previous: PlainRecord, next: PlainRecord): PlainRecord {
  const names = Object.keys(next);
  const values = names.map((name) => shared(previous[name], next[name]));
  const isSame =
    names.length === Object.keys(previous).length &&
    names.every((name, at) => Object.is(values[at], previous[name]) && Object.hasOwn(previous, name));
  // Most are the same: none is made for them.
  return isSame ? previous : Object.fromEntries(names.map((name, at) => [name, values[at]]));
}
