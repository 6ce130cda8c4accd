/** Drawing less: what has not changed stays the same object, and is not drawn again. */
import { Component, h, type Attributes, type ComponentChild, type ComponentType } from 'preact';
import { useCallback, useRef } from 'preact/hooks';

export function memo<Properties extends object>(draw: ComponentType<Properties>): ComponentType<Properties> {
  return class Memo extends Component<Properties> {
    override shouldComponentUpdate(next: Readonly<Properties>): boolean {
      return !isSame(this.props, next);
    }
    override render(): ComponentChild {
      return h(draw, { ...this.props } as Attributes & Properties);
    }
  };
}

function isSame(one: object, other: object): boolean {
  const before = new Map<string, unknown>(Object.entries(one));
  const after = Object.entries(other);
  return before.size === after.length && after.every(([name, value]) => Object.is(before.get(name), value));
}

/** Keeps what has not changed, so that what shows it need not be drawn again. */

/** Plain data as `next`, made of the parts of `previous` wherever they are equal. */
export function share<Value>(previous: unknown, next: Value): Value {
  // Equal in every part, and therefore a value of the same type.
  return shared(previous, next) as Value;
}

/** The same value as before wherever it is equal. */
export function useShared<Value>(next: Value): Value {
  const latest = useRef(next);
  latest.current = share(latest.current, next);
  return latest.current;
}

/** Stays the same function, and does what `work` does now: for rows that are drawn again only when something changes. */
export function useStable<Given extends unknown[], Result>(work: (...given: Given) => Result) {
  const latest = useRef(work);
  latest.current = work;
  return useCallback((...given: Given): Result => latest.current(...given), []);
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

// All but a few of a snapshot's thousands of parts are equal: nothing is made for those.

function sharedList(previous: readonly unknown[], next: readonly unknown[]): readonly unknown[] {
  let byId: ReadonlyMap<unknown, unknown> | undefined;
  // Lists lose and gain members in their midst: those with an id are compared with who they were.
  const before = (each: unknown, at: number): unknown => {
    const id = idOf(each);
    if (id === undefined || idOf(previous[at]) === id) return previous[at];
    byId ??= new Map(previous.map((one) => [idOf(one), one]));
    return byId.get(id) ?? previous[at];
  };
  let list: unknown[] | undefined;
  for (const [at, each] of next.entries()) {
    const kept = shared(before(each, at), each);
    if (list === undefined && (at >= previous.length || !Object.is(kept, previous[at]))) list = previous.slice(0, at);
    list?.push(kept);
  }
  return list ?? (next.length === previous.length ? previous : previous.slice(0, next.length));
}

const idOf = (value: unknown): unknown => (isRecord(value) ? value['id'] : undefined);

function sharedRecord(previous: PlainRecord, next: PlainRecord): PlainRecord {
  const names = Object.keys(next);
  let values: unknown[] | undefined;
  for (const [at, name] of names.entries()) {
    const before = previous[name];
    const kept = shared(before, next[name]);
    if (values === undefined && !(Object.is(kept, before) && Object.hasOwn(previous, name))) {
      values = names.slice(0, at).map((each) => previous[each]);
    }
    values?.push(kept);
  }
  if (values === undefined && names.length === Object.keys(previous).length) return previous;
  return Object.fromEntries(names.map((name, at) => [name, values === undefined ? previous[name] : values[at]]));
}
