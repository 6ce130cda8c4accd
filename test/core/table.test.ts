import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Table } from '../../main/core/table.ts';

interface Value {
  readonly of: number;
}

const key = fc.integer({ min: 0, max: 200 });
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ go: fc.constant('with' as const), key }) },
  { weight: 2, arbitrary: fc.record({ go: fc.constant('without' as const), key }) },
  fc.record({ go: fc.constant('mapped' as const), key }),
  // Goes on from an earlier one, as nobody should, and as anybody may.
  fc.record({ go: fc.constant('back' as const), key }),
);

test('whatever is done to a table, it holds what a map would, and those before it stay as they were', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const made: { readonly table: Table<number, Value>; readonly map: ReadonlyMap<number, Value> }[] = [];
      let table = Table.of<number, Value>();
      let map = new Map<number, Value>();
      for (const [at, { go, key: of }] of steps.entries()) {
        made.push({ table, map });
        map = new Map(map);
        if (go === 'with') {
          table = table.with(of, { of: at });
          map.set(of, { of: at });
        } else if (go === 'without') {
          table = table.without(of);
          map.delete(of);
        } else if (go === 'mapped') {
          table = table.mapped((value, one) => (one % 3 === of % 3 ? { of: value.of + 1 } : value));
          map = new Map([...map].map(([one, value]) => [one, one % 3 === of % 3 ? { of: value.of + 1 } : value]));
        } else {
          const before = made[of % made.length];
          table = before?.table ?? table;
          map = new Map(before?.map ?? map);
        }
      }
      for (const each of [...made, { table, map }]) {
        expect(new Map(each.table)).toEqual(each.map);
        expect(each.table.size).toBe(each.map.size);
        for (const one of [0, 7, 200]) expect(each.table.get(one)).toEqual(each.map.get(one));
      }
    }),
    { numRuns: 60 },
  );
});

test('a change leaves all chunks but one as they were', () => {
  const table = Table.of(Array.from({ length: 1000 }, (_, of) => [of, { of }] as const));
  const next = table.with(500, { of: -1 });
  expect(next.groups.flat().filter((chunk, at) => chunk !== table.groups.flat()[at])).toHaveLength(1);
  expect(table.mapped((value) => value)).toBe(table);
});
