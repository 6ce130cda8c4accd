import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePorts, type TypedPorts } from '../../main/contract/profiles/ports.ts';
import { portsFaultText } from '../../main/contract/words/ports.ts';

function ports(text: string): readonly TypedPorts[] {
  const parsed = parsePorts(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.fault));
  return parsed.ports;
}

describe('ports as people type them', () => {
  test('one port, one protocol', () => {
    expect(ports('25565/tcp')).toEqual([
      {
        text: '25565/tcp',
        transports: ['tcp'],
        external: { first: 25_565, last: 25_565 },
        internal: { first: 25_565 },
      },
    ]);
  });

  test.each(['34197/both', '34197/TCP+UDP'])('%s means TCP and UDP', (text) => {
    expect(ports(text)).toMatchObject([{ transports: ['tcp', 'udp'] }]);
  });

  test('external and internal port may differ', () => {
    expect(ports('8080:80/tcp')).toMatchObject([{ external: { first: 8080, last: 8080 }, internal: { first: 80 } }]);
  });

  test('a range keeps its length inside', () => {
    const [moved] = ports('27015-27020:37015/udp');
    expect(moved).toMatchObject({ external: { first: 27_015, last: 27_020 }, internal: { first: 37_015 } });
    expect(ports('27015–27020:37015-37020/udp')).toMatchObject([
      { external: moved?.external, internal: moved?.internal },
    ]);
  });

  test('another computer of the home', () => {
    expect(ports('443/tcp@192.168.1.20')).toMatchObject([{ internal: { first: 443, client: '192.168.1.20' } }]);
  });

  test('a list has ports and ranges, with or without blanks', () => {
    expect(ports('80, 443,8000 - 8010').map(({ external }) => external)).toEqual([
      { first: 80, last: 80 },
      { first: 443, last: 443 },
      { first: 8000, last: 8010 },
    ]);
    expect(ports('80,443')[0]).not.toHaveProperty('transports');
  });

  test('a suffix after the last port applies to those before it, up to the one that has its own', () => {
    expect(ports('80,443/tcp,53/UDP@192.168.1.20,99').map(({ text }) => text)).toEqual([
      '80/tcp@192.168.1.20',
      '443/tcp@192.168.1.20',
      '53/udp@192.168.1.20',
      '99',
    ]);
  });

  test.each([
    ['', 0, 0, 'A port is missing here.'],
    ['80,', 3, 0, 'A port is missing here.'],
    ['0', 0, 1, '“0” is not a port. Ports are numbers from 1 to 65535.'],
    ['80,65536/tcp', 3, 5, '“65536” is not a port.'],
    ['80:http', 3, 4, '“http” is not a port.'],
    ['80/', 3, 0, '“” is not a protocol.'],
    ['80/icmp', 3, 4, '“icmp” is not a protocol. Use tcp, udp or both.'],
    ['30-20', 0, 5, 'The range 30-20 ends before it begins.'],
    ['1-2-3', 0, 5, '“1-2-3” is not a range.'],
    ['10-20:30-35', 6, 5, 'The external and the internal range differ in length.'],
    ['10-20:65530', 6, 5, 'The internal range ends above 65535.'],
    ['443@example.net', 4, 11, '“example.net” is not an IPv4 address.'],
    ['443@fe80::1', 4, 7, '“fe80::1” is not an IPv4 address.'],
    ['443/tcp:80', 4, 6, '“tcp:80” is not a protocol.'],
  ])('%j is refused at %i, %i characters: %s', (text, at, length, words) => {
    const parsed = parsePorts(text);
    if (parsed.ok) throw new Error('it was taken');
    expect(parsed.fault).toMatchObject({ at, length });
    expect(portsFaultText(parsed.fault, 'en')).toContain(words);
    expect(portsFaultText(parsed.fault, 'de')).toMatch(/^[A-Z„].*\.$/);
  });

  test('every well-formed list means what it says', () => {
    const part = fc.record({
      first: fc.integer({ min: 1, max: 65_000 }),
      more: fc.integer({ min: 0, max: 500 }),
      internal: fc.option(fc.integer({ min: 1, max: 65_000 }), { nil: undefined }),
      protocol: fc.constantFrom('tcp', 'UDP', 'both'),
      host: fc.ipV4(),
    });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (list) => {
        const text = list.map(
          ({ first, more, internal, protocol, host }) =>
            `${first}${more === 0 ? '' : `-${first + more}`}${internal === undefined ? '' : `:${internal}`}/${protocol}@${host}`,
        );
        expect(ports(text.join(','))).toMatchObject(
          list.map(({ first, more, internal, protocol, host }) => ({
            transports: protocol === 'tcp' ? ['tcp'] : protocol === 'UDP' ? ['udp'] : ['tcp', 'udp'],
            external: { first, last: first + more },
            internal: { first: internal ?? first, client: host },
          })),
        );
      }),
    );
  });

  test('any other text is ports within their bounds, or a fault within the text', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.stringMatching(/^[0-9]{0,6}[-:/@.,]{0,2}[0-9a-z]{0,5}[-:/@,][0-9a-z.]{0,12}$/),
    );
    fc.assert(
      fc.property(text, (text) => {
        const parsed = parsePorts(text);
        if (parsed.ok) {
          for (const { external, internal } of parsed.ports) {
            expect(external.first).toBeGreaterThanOrEqual(1);
            expect(internal.first + external.last - external.first).toBeLessThanOrEqual(65_535);
          }
        } else {
          const { at, length } = parsed.fault;
          expect(at + length).toBeLessThanOrEqual(text.length);
          expect(text.slice(at, at + length)).toBe(parsed.fault.found);
        }
      }),
      { numRuns: 500 },
    );
  });
});
