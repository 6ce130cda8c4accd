import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ip, parseCidr, type Cidr } from '../../main/contract/address.ts';
import {
  openingQuestions,
  unanswered,
  unfitAddress,
  type Asking,
} from '../../main/contract/profiles/opening-questions.ts';
import { QuestionKeySchema } from '../../main/contract/profiles/profile.ts';
import { checked } from '../../main/contract/checked.ts';
import { port } from '../../main/contract/units.ts';
import { LANGUAGES } from '../../main/contract/words/catalogues.ts';
import { questionText } from '../../main/contract/words/opening-questions.ts';
import { blemishesIn } from '../support/languages.ts';

const HOME = [parseCidr('192.168.1.10/24'), parseCidr('2a0d:c0de:71::10/64')].filter((each) => each !== undefined);

const forward: fc.Arbitrary<Asking> = fc
  .record({
    transports: fc.constantFrom(['tcp'] as const, ['udp'] as const, ['tcp', 'udp'] as const),
    first: fc.integer({ min: 1, max: 65_000 }),
    more: fc.nat(500),
    inside: fc.integer({ min: 1, max: 65_000 }),
    client: fc.option(fc.oneof(fc.ipV4(), fc.ipV6()).map(ip), { nil: undefined }),
  })
  .map(({ transports, first, more, inside, client }) => ({
    transports,
    external: { first: port(first), last: port(first + more) },
    internal: { first: port(inside), ...(client === undefined ? {} : { client }) },
  }));

test('an answered question is not asked again, and an answer can be stored', () => {
  fc.assert(
    fc.property(fc.array(forward, { maxLength: 200 }), (forwards) => {
      const questions = openingQuestions(forwards, HOME);
      const keys = questions.map(({ key }) => key);
      expect(new Set(keys).size).toBe(keys.length);
      for (const key of keys) expect(checked(QuestionKeySchema, key).ok).toBe(true);
      expect(unanswered(questions, keys)).toEqual([]);
      expect(unanswered(questions, 'all')).toEqual([]);
      expect(unanswered(questions, [])).toEqual(questions);
    }),
  );
});

describe.each(LANGUAGES)('the question, in %s', (language) => {
  test('has whole sentences, however many things it is about', () => {
    fc.assert(
      fc.property(fc.array(forward, { minLength: 1, maxLength: 40 }), (forwards) => {
        const questions = openingQuestions(forwards, HOME);
        fc.pre(questions.length > 0);
        const { title, text, yes } = questionText(questions, language);
        expect(title).toMatch(/^[\p{Lu}\d].*\?$/u);
        for (const paragraph of text) expect(paragraph).toMatch(/^[\p{L}\d:].*\.$/u);
        expect([title, ...text, yes].join(' ')).not.toMatch(/undefined|null|NaN|\[object/);
        expect(blemishesIn([title, ...text, yes].join(' '), language)).toEqual([]);
      }),
    );
  });
});

describe('an address', () => {
  const none: readonly Cidr[] = [];

  test('of a network that this computer is in can be a device, whatever its kind', () => {
    const campus = [parseCidr('141.20.5.9/24')].filter((each) => each !== undefined);
    expect(unfitAddress(ip('141.20.5.7'), campus)).toBeUndefined();
    expect(unfitAddress(ip('141.20.5.255'), campus)).toBe('broadcast');
    expect(unfitAddress(ip('141.20.6.7'), campus)).toBe('public');
  });

  test('of a link between two has no broadcast', () => {
    const link = [parseCidr('10.0.0.1/31')].filter((each) => each !== undefined);
    for (const address of ['10.0.0.0', '10.0.0.1']) expect(unfitAddress(ip(address), link)).toBeUndefined();
  });

  test('over IPv6 can be public: every device of a home is', () => {
    expect(unfitAddress(ip('2a0d:c0de:71::20'), HOME)).toBeUndefined();
    expect(unfitAddress(ip('2a0d:c0de:72::20'), HOME)).toBeUndefined();
    expect(openingQuestions([asking('2a0d:c0de:71::20')], HOME)).toEqual([]);
    expect(openingQuestions([asking('2a0d:c0de:72::20')], HOME)).toMatchObject([
      { code: 'device-elsewhere', networks: ['2a0d:c0de:71::/64'] },
    ]);
  });

  test('is not judged by networks that nobody knows', () => {
    expect(unfitAddress(ip('8.8.8.8'), undefined)).toBeUndefined();
    expect(unfitAddress(ip('8.8.8.8'), none)).toBe('public');
    expect(openingQuestions([asking('10.0.0.7')], none)).toEqual([]);
  });
});

function asking(client: string): Asking {
  return {
    transports: ['tcp'],
    external: { first: port(8000), last: port(8000) },
    internal: { first: port(8000), client: ip(client) },
  };
}
