import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonFault } from '../../../main/engine/profiles/json-fault.ts';

describe('where a text stops being JSON', () => {
  test.for<readonly [text: string, line: number, column: number, found: string]>([
    ['', 1, 1, ''],
    ['{', 1, 2, ''],
    ['[1,\n 2', 2, 3, ''],
    ['{ "port": 80, }', 1, 15, '}'],
    ['[\n  { "port": 80, }\n]', 2, 17, '}'],
    ['[1, 2,]', 1, 7, ']'],
    ['{ port: 80 }', 1, 3, 'p'],
    ["{ 'port': 80 }", 1, 3, "'"],
    ['{ "port" 80 }', 1, 10, '8'],
    ['{ "port": 080 }', 1, 12, '8'],
    ['{ "port": .5 }', 1, 11, '.'],
    ['{ "on": True }', 1, 9, 'T'],
    ['{ "a": "b\nc" }', 1, 10, '\n'],
    ['{ "a": "\\x" }', 1, 9, '\\'],
    ['{ "a": "open }', 1, 15, ''],
    ['[1] [2]', 1, 5, '['],
    ['[1}', 1, 3, '}'],
    ['// ports\n[]', 1, 1, '/'],
    ['[1, 😀]', 1, 5, '😀'],
    ['nothing', 1, 1, 'n'],
  ])('%j: line %i, column %i: %j', ([text, line, column, found]) => {
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
    expect(jsonFault(text)).toEqual({ line, column, found });
  });

  test('it is reported for exactly the texts that are not JSON', () => {
    const isJson = (text: string): boolean => {
      try {
        JSON.parse(text);
        return true;
      } catch {
        return false;
      }
    };
    const almost = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '"', '}', '0', '\\', 'e', ' '))
      .map(([text, at, change]) => {
        const place = at % (text.length + 1);
        return text.slice(0, place) + change + text.slice(place + 1);
      });
    fc.assert(
      fc.property(fc.oneof(fc.json(), almost, fc.string()), (text) => {
        expect(jsonFault(text) === undefined).toBe(isJson(text));
      }),
      { numRuns: 3000 },
    );
  });

  test('a deep one and a long one take no longer than reading them', () => {
    expect(jsonFault('['.repeat(2_000_000))).toMatchObject({ column: 2_000_001 });
    expect(jsonFault(`["${'a'.repeat(4_000_000)}`)).toMatchObject({ found: '' });
  });
});
