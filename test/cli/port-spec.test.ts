import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputFault } from '../../main/cli/output/fault.ts';
import { globalOptions } from '../../main/cli/options/global-options.ts';
import { forwardDefaults, forwardsOf, parsePortSpec } from '../../main/cli/options/port-spec.ts';

const defaults = {
  label: 'Game',
  families: ['ipv4'],
  ifTaken: 'fail',
} as const;

describe('a port as people type it', () => {
  test('one port, one protocol', () => {
    expect(parsePortSpec('25565/tcp')).toEqual({
      transports: ['tcp'],
      external: { first: 25_565, last: 25_565 },
      internal: { first: 25_565 },
    });
  });

  test.each(['34197', '34197/both', '34197/TCP+UDP'])('%s means TCP and UDP', (text) => {
    expect(parsePortSpec(text).transports).toEqual(['tcp', 'udp']);
  });

  test('outside and inside may differ', () => {
    expect(parsePortSpec('8080:80/tcp')).toMatchObject({
      external: { first: 8080, last: 8080 },
      internal: { first: 80 },
    });
  });

  test('a range keeps its length inside', () => {
    expect(parsePortSpec('27015-27020:37015/udp')).toMatchObject({
      external: { first: 27_015, last: 27_020 },
      internal: { first: 37_015 },
    });
    expect(parsePortSpec('27015-27020:37015-37020/udp')).toEqual(parsePortSpec('27015-27020:37015/udp'));
  });

  test('another computer of the home', () => {
    expect(parsePortSpec('443/tcp@192.168.1.20').internal).toEqual({ first: 443, client: '192.168.1.20' });
  });

  test.each([
    ['', 'is not a port number from 1 to 65535'],
    ['0', 'is not a port number from 1 to 65535'],
    ['65536', '"65536" is not a port number'],
    ['http', '"http" is not a port number'],
    ['80/', '"" is not a protocol; tcp, udp and both are'],
    ['80/icmp', '"icmp" is not a protocol'],
    ['30-20', 'the range ends (20) before it begins (30)'],
    ['1-2-3', '"1-2-3" is not a range'],
    ['10-20:30-35', 'the outside and the inside range differ in length'],
    ['10-20:65530', 'the inside range ends above 65535'],
    ['443@example.net', '"example.net" is not an IPv4 address'],
    ['443@fe80::1', '"fe80::1" is not an IPv4 address'],
    ['443@', '"" is not an IPv4 address'],
    ['443/tcp:80', 'is not a protocol'],
  ])('%j is refused: %s', (text, why) => {
    expect(() => parsePortSpec(text)).toThrow(why);
    expect(() => parsePortSpec(text)).toThrow(/The form is OUTSIDE/);
    expect(() => parsePortSpec(text)).toThrow(InputFault);
  });

  test('every well-formed text means what it says', () => {
    const parts = fc.record({
      first: fc.integer({ min: 1, max: 65_000 }),
      length: fc.integer({ min: 0, max: 500 }),
      inside: fc.option(fc.integer({ min: 1, max: 65_000 }), { nil: undefined }),
      protocol: fc.constantFrom('tcp', 'UDP', 'both', undefined),
      host: fc.option(fc.ipV4(), { nil: undefined }),
    });
    fc.assert(
      fc.property(parts, ({ first, length, inside, protocol, host }) => {
        const text = [
          length === 0 ? `${first}` : `${first}-${first + length}`,
          inside === undefined ? '' : `:${inside}`,
          protocol === undefined ? '' : `/${protocol}`,
          host === undefined ? '' : `@${host}`,
        ].join('');
        const transports = protocol === 'tcp' ? ['tcp'] : protocol === 'UDP' ? ['udp'] : ['tcp', 'udp'];
        expect(parsePortSpec(text)).toEqual({
          transports,
          external: { first, last: first + length },
          internal: { first: inside ?? first, ...(host === undefined ? {} : { client: host }) },
        });
      }),
    );
  });

  test('any other text is an InputFault, never anything else', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.stringMatching(/^[0-9]{0,6}[-:/@.]{0,2}[0-9a-z]{0,5}[-:/@][0-9a-z.]{0,12}$/),
    );
    fc.assert(
      fc.property(text, (text) => {
        try {
          const { external, internal } = parsePortSpec(text);
          expect(external.first).toBeGreaterThanOrEqual(1);
          expect(external.last).toBeLessThanOrEqual(65_535);
          expect(internal.first + external.last - external.first).toBeLessThanOrEqual(65_535);
        } catch (error) {
          expect(error).toBeInstanceOf(InputFault);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('several ports', () => {
  test('each becomes a forward, named by what was typed', () => {
    const forwards = forwardsOf(['25565/TCP', '8080:80/tcp'], { ...defaults, gateway: 'fritz' });
    expect(forwards).toMatchObject([
      { id: '25565/tcp', label: 'Game', ifTaken: 'fail', gateway: 'fritz' },
      { id: '8080:80/tcp', external: { first: 8080 }, internal: { first: 80 } },
    ]);
    expect(forwards[0]).not.toHaveProperty('lease');
  });

  test('options that were not given leave nothing behind', async () => {
    const options = await globalOptions({});
    expect(forwardDefaults({}, options)).toEqual({ label: '', families: ['ipv4'], ifTaken: 'fail' });
    expect(forwardDefaults({ lease: '2h', anyPort: true }, { ...options, gatewayName: 'fritz' })).toEqual({
      label: '',
      families: ['ipv4'],
      ifTaken: 'next-free',
      lease: 7200,
      gateway: 'fritz',
    });
  });

  test('TCP and UDP of one number do not collide', () => {
    expect(forwardsOf(['53/tcp', '53/udp'], defaults)).toHaveLength(2);
  });

  test('one outside port cannot be asked for twice', () => {
    expect(() => forwardsOf(['27015-27020/udp', '27018'], defaults)).toThrow(
      '"27018" and "27015-27020/udp" both ask for outside port 27018/udp. Leave one out.',
    );
  });

  test('overlapping ranges are found wherever they overlap', () => {
    // Two ranges of them are no more than may be asked for at once.
    const low = fc.integer({ min: 1, max: 4000 });
    fc.assert(
      fc.property(low, low, low, low, (a, b, c, d) => {
        const [one, other] = [
          [Math.min(a, b), Math.max(a, b)],
          [Math.min(c, d), Math.max(c, d)],
        ] as const;
        const overlaps = one[0] <= other[1] && other[0] <= one[1];
        const both = (): unknown => forwardsOf([`${one[0]}-${one[1]}/tcp`, `${other[0]}-${other[1]}/tcp`], defaults);
        if (overlaps) expect(both).toThrow(InputFault);
        else expect(both()).toHaveLength(2);
      }),
      { numRuns: 50 },
    );
  });
});
