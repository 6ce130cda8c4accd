import { describe, expect, test } from 'vitest';
import { LANGUAGES } from '../../main/contract/words/catalogues.ts';
import type { RouterTraits } from '../../main/contract/mapping.ts';
import { traitText } from '../../renderer/views/router/trait-words.ts';
import { blemishesIn } from '../support/languages.ts';

/** A trait without examples does not compile. */
const values: { readonly [Name in keyof RouterTraits]-?: readonly Exclude<RouterTraits[Name], undefined>[] } = {
  leases: ['permanent-only', 'capped'],
  longestLease: [3600],
  samePortOnly: [true, false],
  unreliableSuccess: [true, false],
  falseRestarts: [true, false],
  renewalNeedsDelete: [true, false],
  listing: ['index-only', 'unreliable'],
  deleteRemoteHost: ['*', ''],
  soap: [{ httpVersion: '1.0' }],
  parallel: [1, 4],
};
const cases = Object.entries(values).flatMap(([name, all]) =>
  all.map((value) => ({ name, value: JSON.stringify(value) })),
);

describe.each(LANGUAGES)('in %s', (language) => {
  test.each(cases)('$name of $value is a name and a sentence', (trait) => {
    const { name, meaning } = traitText(trait, language);
    expect(name).not.toBe(trait.name);
    expect(meaning).toMatch(/^\p{Lu}.*\.$/u);
    expect(blemishesIn(`${name} ${meaning}`, language)).toEqual([]);
  });

  test('each value means something of its own', () => {
    const meanings = cases.map((trait) => traitText(trait, language).meaning);
    expect(new Set(meanings).size).toBe(cases.length);
  });

  test.each([
    ['constructor', 'true'],
    ['later', '{"a":1}'],
    ['parallel', 'no JSON'],
  ])('%s, which makes no sense, is shown as it is', (name, value) => {
    expect(traitText({ name, value }, language)).toEqual({ name, meaning: value });
  });
});

test('figures are written as the language writes them', () => {
  expect(traitText({ name: 'longestLease', value: '604800' }, 'de').meaning).toBe('Gewährt höchstens 7 Tage.');
  expect(traitText({ name: 'parallel', value: '4' }, 'en').meaning).toBe('Handles up to 4 requests at once.');
});
