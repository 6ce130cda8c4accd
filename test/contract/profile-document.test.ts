import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  parseProfileDocument,
  salvage,
  toDocument,
  type Migration,
  type Migrations,
} from '../../main/contract/profiles/profile-document.ts';
import { DEFAULT_SETTINGS } from '../../main/contract/settings.ts';

const name = fc.stringMatching(/^[A-Za-z0-9äöü'()-]{1,40}$/);

/** Each forward of a profile has ports of its own. */
const forwards = fc
  .array(
    fc.record(
      {
        label: fc.stringMatching(/^[A-Za-z0-9-]{0,40}$/),
        transports: fc.constantFrom(['tcp'], ['udp'], ['tcp', 'udp']),
        families: fc.constantFrom(['ipv4'], ['ipv4', 'ipv6']),
        width: fc.integer({ min: 1, max: 50 }),
        client: fc.constantFrom(undefined, '192.168.1.20', '2001:db8::1'),
        lease: fc.oneof(fc.constant('permanent'), fc.integer({ min: 1, max: 0xffff_ffff })),
        ifTaken: fc.constantFrom('fail', 'next-free'),
        gateway: name,
      },
      { requiredKeys: ['label', 'transports', 'families', 'width', 'ifTaken'] },
    ),
    { maxLength: 8 },
  )
  .map((list) =>
    list.map(({ width, client, ...forward }, at) => {
      const first = 1000 + at * 100;
      const internal = { first, ...(client === undefined ? {} : { client }) };
      return { ...forward, external: { first, last: first + width - 1 }, internal };
    }),
  );

const profiles = fc.uniqueArray(
  fc.record({ id: fc.stringMatching(/^[a-z0-9-]{1,64}$/), name, on: fc.boolean(), forwards }),
  { selector: ({ id }) => id, maxLength: 6 },
);
const settings = fc.record(
  {
    onQuit: fc.constantFrom('close', 'keep'),
    lease: fc.oneof(fc.constant(null), fc.integer({ min: 60, max: 604_800 })),
    gateway: fc.constantFrom(null, '192.168.1.1', 'http://192.168.1.1:5000/rootDesc.xml'),
    paused: fc.boolean(),
  },
  { requiredKeys: [] },
);
const documents = fc.record({ version: fc.constant(1), profiles, settings });

describe('a document', () => {
  test('survives being parsed, written and parsed again', () => {
    fc.assert(
      fc.property(documents, (document) => {
        const parsed = parseProfileDocument(document);
        if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
        expect(parsed.value.profiles).toEqual(document.profiles);
        expect(parsed.value.settings).toEqual({ ...DEFAULT_SETTINGS, ...document.settings });
        const again = parseProfileDocument(JSON.parse(JSON.stringify(toDocument(parsed.value))));
        expect(again).toEqual(parsed);
        expect(salvage(document)).toEqual(parsed.value);
      }),
    );
  });

  test('of any content at all is answered; a refusal says where and why', () => {
    const anything = fc.oneof(
      fc.jsonValue(),
      fc.record({ version: fc.constant(1), profiles: fc.jsonValue(), settings: fc.jsonValue() }),
      fc.record({ version: fc.constant(1), profiles: fc.array(fc.jsonValue()) }),
    );
    fc.assert(
      fc.property(anything, (document) => {
        const parsed = parseProfileDocument(document);
        for (const { message } of parsed.ok ? [] : parsed.faults) expect(message).not.toBe('');
        if (!parsed.ok) expect(parsed.faults.length).toBeGreaterThan(0);
        const { profiles: saved } = salvage(document);
        expect(parseProfileDocument(toDocument({ profiles: saved, settings: DEFAULT_SETTINGS })).ok).toBe(true);
      }),
    );
  });

  test('with one bad value anywhere is refused whole, at the place', () => {
    fc.assert(
      fc.property(documents, fc.nat(), (document, pick) => {
        fc.pre(document.profiles.some((profile) => profile.forwards.length > 0));
        const places = document.profiles.flatMap((profile, at) =>
          profile.forwards.map((_, which) => [at, which] as const),
        );
        const [at = 0, which = 0] = places[pick % places.length] ?? [];
        const spoilt = structuredClone(document);
        const forward = spoilt.profiles[at]?.forwards[which];
        if (forward !== undefined) forward.external.first = 70_000;
        const parsed = parseProfileDocument(spoilt);
        expect(parsed).toMatchObject({
          ok: false,
          faults: [{ place: `profiles.${at}.forwards.${which}.external.first` }],
        });
        // The other profiles can be saved.
        expect(salvage(spoilt).profiles).toEqual(document.profiles.filter((_, index) => index !== at));
      }),
    );
  });

  test('with one id twice is refused', () => {
    const profile = { id: 'a', name: 'A', forwards: [] };
    expect(parseProfileDocument({ version: 1, profiles: [profile, profile] })).toEqual({
      ok: false,
      faults: [
        {
          place: 'profiles.1',
          reason: { code: 'id-twice', parameters: { id: 'a' } },
          message: 'another profile already has the ID a',
        },
      ],
    });
  });

  test('cannot reach where objects come from', () => {
    const document: unknown = JSON.parse('{"version":1,"profiles":[],"settings":{"__proto__":{"paused":true}}}');
    const parsed = parseProfileDocument(document);
    expect(parsed).toMatchObject({ ok: true, value: { settings: { paused: false } } });
    expect({}).not.toHaveProperty('paused');
  });
});

describe('versions', () => {
  const current = 3;
  const migrations: Migrations = new Map<number, Migration>([
    [1, ({ games }) => ({ list: games })],
    [2, ({ list }) => ({ profiles: list })],
  ]);

  test('older documents are brought up to date, step by step', () => {
    const games = [{ id: 'a', name: 'A', on: false, forwards: [] }];
    const value = { profiles: games, settings: DEFAULT_SETTINGS };
    expect(parseProfileDocument({ version: 1, games }, { current, migrations })).toEqual({ ok: true, value });
    expect(parseProfileDocument({ version: 2, list: games }, { current, migrations })).toEqual({ ok: true, value });
    expect(parseProfileDocument({ version: 3, profiles: games }, { current, migrations })).toEqual({ ok: true, value });
  });

  test.for([{}, [], null, 'x', { version: 0 }, { version: '1' }, { version: 4 }, { version: 1.5 }, { version: -1 }])(
    '%j is refused at its version, or whole',
    (document) => {
      const parsed = parseProfileDocument(document, { current, migrations });
      expect(parsed.ok ? undefined : parsed.faults[0]?.place).toMatch(/^(?:version)?$/);
      expect(parsed.ok).toBe(false);
    },
  );
});
