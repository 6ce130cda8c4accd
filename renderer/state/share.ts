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
  // Lists lose and gain members in their midst: those with an id are compared with who they were.
  const byId = new Map<unknown, unknown>();
  for (const each of previous) if (isRecord(each) && each['id'] !== undefined) byId.set(each['id'], each);
  const list = next.map((each, at) =>
    shared(isRecord(each) && byId.has(each['id']) ? byId.get(each['id']) : previous[at], each),
  );
  return list.length === previous.length && list.every((each, at) => Object.is(each, previous[at])) ? previous : list;
}

function sharedRecord(previous: PlainRecord, next: PlainRecord): PlainRecord {
  const names = Object.keys(next);
  const record = Object.fromEntries(names.map((name) => [name, shared(previous[name], next[name])]));
  const isSame =
    names.length === Object.keys(previous).length &&
    names.every((name) => name in previous && Object.is(record[name], previous[name]));
  return isSame ? previous : record;
}
