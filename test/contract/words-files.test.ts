import { describe, expect, test } from 'vitest';
import type { FilePlace, FileReason, FileReasons } from '../../main/contract/fault-reasons.ts';
import type { ImportLoss } from '../../main/contract/profiles/profile-document.ts';
import { LANGUAGES, type Language } from '../../main/contract/words/catalogues.ts';
import { commandFault, faultText } from '../../main/contract/words/faults.ts';
import { importLossText } from '../../main/contract/words/losses.ts';
import { blemishesIn } from '../support/languages.ts';

const HEADER = 'address;port;protocol;duration;comment';

/** A reason without an example does not compile. */
const reasons: { readonly [Code in keyof FileReasons]: FileReasons[Code] } = {
  'too-large': { mebibytes: 4 },
  'not-text': {},
  'not-json': { found: '}' },
  unknown: {},
  'no-header': { header: HEADER },
  'no-ports': {},
  'quote-not-closed': {},
  'quote-not-alone': {},
  csv: { text: 'Zeile kaputt' },
  'column-missing': { column: 'port', header: HEADER, delimiter: ';' },
  'column-twice': { column: 'port' },
  'too-many-fields': { fields: 6, columns: 5, delimiter: ';' },
  'too-few-fields': { fields: 3, columns: 5 },
  'not-a-list': {},
  'not-an-object': {},
  'wrong-value': { field: 'port', value: '"8o"' },
  'port-twice': { port: 80, transport: 'tcp', other: { line: 2 } },
  'too-many-ports': { most: 200 },
  'not-a-device': { address: '8.8.8.8', why: 'public' },
  'too-many-mappings': { count: 12_000, most: 10_000 },
};

function textOf(why: FileReason, language: Language, at: FilePlace = { line: 3, column: 2 }): string {
  const reason = { code: 'bad-file', parameters: { file: 'Liste.csv', at, why } } as const;
  return faultText(commandFault('bad-input', 'text', reason), language);
}

describe.each(LANGUAGES)('in %s', (language) => {
  // A reason's code and parameters belong together; the type system cannot follow that through the table.
  test.each(Object.entries(reasons).map(([code, parameters]) => ({ code, parameters }) as FileReason))(
    '$code names the file and says what is wrong with it',
    (why) => {
      const said = textOf(why, language);
      expect(said).toMatch(/^Liste\.csv[ ,:].*(?:[.)}\]"1]|comment)$/u);
      expect(blemishesIn(said.replace(HEADER, ''), language)).toEqual([]);
    },
  );
});

test('a place is named as the file has it', () => {
  const said = (at: FilePlace, language: 'en' | 'de'): string =>
    textOf({ code: 'wrong-value', parameters: { field: 'port', value: '' } }, language, at);
  expect(said({ entry: 2, field: 'port' }, 'en')).toBe(
    'Liste.csv, entry 2, “port”: this must be a port from 1 to 65535.',
  );
  expect(said({ entry: 2, field: 'port' }, 'de')).toBe('Liste.csv, Eintrag 2, „port“: hier fehlt etwas.');
  expect(said({ line: 3, column: 2, field: 'port' }, 'de')).toMatch(/^Liste\.csv, Zeile 3, Spalte 2 \(port\): /);
  expect(said({}, 'en')).toMatch(/^Liste\.csv: /);
});

test.each<ImportLoss['what']>(['network', 'comment'])('the loss of a %s has words in each language', (what) => {
  for (const entries of [1, 2]) {
    expect(importLossText({ what, entries }, 'en')).toMatch(entries === 1 ? /^1 \w+ was / : /^2 \w+ were /);
    for (const language of LANGUAGES)
      expect(blemishesIn(importLossText({ what, entries }, language), language)).toEqual([]);
  }
});
