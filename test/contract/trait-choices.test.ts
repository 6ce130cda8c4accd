import { describe, expect, test } from 'vitest';
import { choicesText, TRAIT_NAMES, traitChoices } from '../../main/contract/trait-choices.ts';
import { traitText } from '../../renderer/views/router/trait-words.ts';
import { traitFromText } from '../../main/gateways/router-memory-document.ts';

describe.each(TRAIT_NAMES)('%s', (name) => {
  const choices = traitChoices(name);

  test('may have every value that is offered, and each is explained', () => {
    const offered =
      choices?.kind === 'one-of' ? choices.values : choices?.kind === 'number' ? [`${choices.least}`] : [];
    const meanings = offered.map((value) => {
      expect(traitFromText(name, value)).toEqual({ [name]: JSON.parse(value) });
      return traitText({ name, value }, 'en').meaning;
    });
    expect(new Set(meanings).size).toBe(offered.length);
    expect(choicesText(name).length).toBeGreaterThan(0);
  });

  test.each(['', 'x', 'null', '[]', '{}', '-1', '1.5', '"sideways"', '1e99', '{"colour": "red"}', '[true]'])(
    'cannot be %s',
    (value) => {
      expect(traitFromText(name, value)).toBeUndefined();
    },
  );
});

test('numbers end where they end', () => {
  for (const name of TRAIT_NAMES) {
    const choices = traitChoices(name);
    if (choices?.kind !== 'number') continue;
    expect(traitFromText(name, String(choices.most))).toEqual({ [name]: choices.most });
    expect(traitFromText(name, String(choices.most + 1))).toBeUndefined();
    expect(traitFromText(name, String(choices.least - 1))).toBeUndefined();
  }
});

test('the form of requests may have some of its parts, and no others', () => {
  expect(traitFromText('soap', '{"httpVersion": "1.0"}')).toEqual({ soap: { httpVersion: '1.0' } });
  expect(traitFromText('soap', '{"base": "urlbase", "method": "M-POST"}')).toEqual({
    soap: { base: 'urlbase', method: 'M-POST' },
  });
  expect(traitFromText('soap', '{"base": "urlbase", "colour": "red"}')).toBeUndefined();
  expect(traitFromText('soap', '{"httpVersion": "1.1"}')).toBeUndefined();
  expect(traitFromText('soap', '{"service": 7}')).toBeUndefined();
});

test('there are no choices for something that is not a trait', () => {
  expect(traitChoices('constructor')).toBeUndefined();
  expect(traitChoices('')).toBeUndefined();
});
