import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromBytes } from '../../../main/contract/address.ts';
import { Mask } from '../../../main/engine/program/mask.ts';
import { timesAsCostly } from '../../support/cost.ts';

const mask = (): Mask =>
  new Mask({ computer: 'laptop.home.lan', user: 'alice', homeFolder: String.raw`C:\Users\alice.smith` });

describe('in a text', () => {
  test.for<readonly [text: string, masked: string]>([
    ['from 192.168.1.10:80 to 81.2.69.160.', 'from private-1:80 to public-1.'],
    ['100.64.1.2 is 100.64.1.2, 10.0.0.1 is not', 'shared-1 is shared-1, private-1 is not'],
    ['127.0.0.1 and ::1 and 0.0.0.0 stay', '127.0.0.1 and ::1 and 0.0.0.0 stay'],
    ['M-SEARCH to 239.255.255.250 and [ff02::c]:1900', 'M-SEARCH to 239.255.255.250 and [ff02::c]:1900'],
    ['another group: 239.1.2.3', 'another group: multicast-1'],
    ['[2A02:8109:0:0::1]:80 is 2a02:8109::1', '[public-ipv6-1]:80 is public-ipv6-1'],
    ['from:fe80::1%eth0 to fd00::1/64.', 'from:link-local-ipv6-1%eth0 to unique-local-ipv6-1/64.'],
    ['::ffff:192.168.1.10 is 192.168.1.10', 'private-1 is private-1'],
    ['2001:470:1f0b:0:1:2:3:4 in full', 'public-ipv6-1 in full'],
    ['mac 00:11:22:AA:bb:cc, 00-11-22-aa-bb-cc, 0011.22aa.bbcc', 'mac mac-1, mac-1, mac-1'],
    ['001122aabbcc is 00:11:22:aa:bb:cc', 'mac-1 is mac-1'],
    ['uuid:4d696e69-444c-164e-9d41-001122aabbcc::upnp', 'uuid:uuid-1::upnp'],
    ['nonce=0123456789abcdef01234567', 'nonce=hex-1'],
    ['http://192.168.1.1:5000/rootDesc.xml', 'http://private-1:5000/rootDesc.xml'],
    ['http://[fe80::1]:5000/x', 'http://[link-local-ipv6-1]:5000/x'],
    ['http://nas.example.org:80/a http://nas.example.org/b', 'http://host-1:80/a http://host-1/b'],
    ['http://bob:secret@nas.example.org/b', 'http://host-1/b'],
    ['http://1:0:0:0:0:0:0:1/ and http://81.2.69.160.nip.io', 'http://public-ipv6-1/ and http://host-1'],
    ['http://alice:hunter2@nas.example.org/b', 'http://host-1/b'],
    ['ftp://alice:hunter2@192.168.1.5/b', 'ftp://private-1/b'],
    ['https://laptop:se@cret@10.0.0.1:80/', 'https://private-1:80/'],
    ['(192.168.1.1) at 0:11:22:a:b:c on en0', '(private-1) at mac-1 on en0'],
    ['0:11:22:a:b:c is 00:11:22:0a:0b:0c', 'mac-1 is mac-1'],
    ['1:2:3:4:5:6:7:8 is none', 'public-ipv6-1 is none'],
    ['http://bob:secret@nas.some-other-end/b', 'http://host-1/b'],
    ['as john.doe@example.com, or j+d@example.com', 'as host-1, or host-1'],
    ['münchen.example.de and nas.bücher.example.org', 'host-1 and host-2'],
    [
      '/update?domains=bob&token=xyz-tuv&x=1 and ?hostname=bob&password=hunter2',
      '/update?domains=host-1&token=host-2&x=1 and ?hostname=host-1&password=host-3',
    ],
    ['nas.example.org and NAS.example.org, not fritz.box', 'host-1 and host-1, not host-2'],
    ['p5-81-2-69-160.dip.provider.net', 'host-1'],
    [
      'daemon.ts:12, README.md, profiles.json, lib.so, e.g. 2.3.1',
      'daemon.ts:12, README.md, profiles.json, lib.so, e.g. 2.3.1',
    ],
    ['gateway.list and app.report of rootDesc.xml', 'gateway.list and app.report of rootDesc.xml'],
    ['https://github.com/portkeeper', 'https://github.com/portkeeper'],
    ['p5-81-2-69-160.dip.example is 81.2.69.160', 'p5-public-1.dip.example is public-1'],
    [String.raw`C:\Users\alice.smith\AppData c:/users/alice.smith/x`, String.raw`~\AppData ~/x`],
    [JSON.stringify({ at: String.raw`C:\Users\alice.smith\x` }), String.raw`{"at":"~\\x"}`],
    ['Alice at laptop (laptop.home.lan)', 'user at this-computer (this-computer)'],
    ['malice and laptops stay', 'malice and laptops stay'],
    ['at 2026-11-24T23:59:38.123Z, 12:34:56, 1772352030010', 'at 2026-11-24T23:59:38.123Z, 12:34:56, 1772352030010'],
    ['MiniUPnPd 2.3.1, UPnP/1.1, port 25565-25570', 'MiniUPnPd 2.3.1, UPnP/1.1, port 25565-25570'],
    ['{"foundIn":6.482000000000001,"share":0.1}', '{"foundIn":6.482000000000001,"share":0.1}'],
    ['took 17.123456789012 ms, 1.2345678901234e-7 s', 'took 17.123456789012 ms, 1.2345678901234e-7 s'],
    ['serial 123456789012345, x.123456789012', 'serial hex-1, x.mac-1'],
    ['999.1.1.1 is none, and is masked', 'address-1 is none, and is masked'],
  ])('%s', ([text, masked]) => {
    expect(mask().text(text)).toBe(masked);
  });

  test('the same address has the same placeholder in every text', () => {
    const one = mask();
    expect(one.text('81.2.69.160 10.0.0.1')).toBe('public-1 private-1');
    expect(one.text('10.0.0.1 81.2.69.161 81.2.69.160')).toBe('private-1 public-2 public-1');
  });

  test('the name that a person gave to a router is masked, wherever it stands', () => {
    const named = new Mask({ computer: 'laptop', user: 'alice', homeFolder: '/home/alice' }, ['Schmidts Router']);
    expect(named.text('found Schmidts Router; "schmidts router"')).toBe('found router-1; "router-1"');
  });

  test('names that are not known mask nothing', () => {
    const nobody = new Mask({ computer: '', user: 'me', homeFolder: '' });
    expect(nobody.text('me and my 10.0.0.1')).toBe('me and my private-1');
  });
});

describe('whatever the text', () => {
  const bytes = (count: number) => fc.uint8Array({ minLength: count, maxLength: count });
  /** As somebody may write it, and canonically. */
  const ipv4 = bytes(4)
    .map((four) => fromBytes(four))
    .filter((address) => !address.startsWith('127.') && address !== '0.0.0.0');
  const ipv6 = bytes(16)
    .filter((sixteen) => sixteen[0] !== 0 && sixteen[0] !== 0xff)
    .chain((sixteen) => {
      const words = Array.from({ length: 8 }, (_, at) => ((sixteen[2 * at] ?? 0) << 8) | (sixteen[2 * at + 1] ?? 0));
      const full = words.map((word) => word.toString(16)).join(':');
      const padded = words.map((word) => word.toString(16).padStart(4, '0')).join(':');
      return fc.constantFrom<string>(fromBytes(sixteen), full, padded, padded.toUpperCase());
    });
  const zeros = fc
    .tuple(bytes(4), bytes(4))
    .map(([head, tail]) => fromBytes(Uint8Array.from([0x20, 0x01, ...head, 0, 0, 0, 0, 0, 0, ...tail])));
  const mac = bytes(6).chain((six) => {
    const pairs = [...six].map((byte) => byte.toString(16).padStart(2, '0'));
    return fc.constantFrom(pairs.join(':'), pairs.join('-'), pairs.join(''), pairs.join(':').toUpperCase());
  });
  const secret = fc.oneof(ipv4, ipv6, zeros, mac);
  /** Separators between them in logs, URLs and JSON. */
  const between = fc.constantFrom(
    ' ',
    ', ',
    '=',
    '"',
    '":"',
    '/',
    '//',
    ' [',
    '] ',
    '|',
    '\n',
    ' -> ',
    '%eth0 ',
    '/24 ',
    ':80 ',
    ' http://',
    '>',
    '(',
    ') ',
    ', port 80, ',
  );

  test('no address of it is left', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(secret, between), { minLength: 1, maxLength: 12 }), between, (parts, first) => {
        const text = first + parts.map((part) => part.join('')).join('');
        const masked = mask().text(text).toLowerCase();
        for (const [one] of parts) expect(masked).not.toContain(one.toLowerCase());
      }),
      { numRuns: 3000 },
    );
  });

  // A number of twelve or more digits could as well be a hardware address.
  test('no number of it is touched', () => {
    fc.assert(
      fc.property(fc.double({ min: -9e10, max: 9e10, noNaN: true }), (number) => {
        const text = JSON.stringify({ number, numbers: [number] });
        expect(mask().text(text)).toBe(text);
      }),
    );
  });

  test('any text is masked, in time that grows with its length', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '1', ':', '.', '-', '/', ' ', '::', '\\', '25'), maxLength: 400 }),
        (text) => {
          expect(typeof mask().text(text)).toBe('string');
        },
      ),
    );
    for (const part of ['1.', 'a', ':', '::', '1-', '00:', 'f'.repeat(40), 'http://a:']) {
      expect(typeof mask().text(part.repeat(50_000))).toBe('string');
    }
  });

  test('full stops without end cost no more than any other host', () => {
    const masked = (host: string): string => mask().text(`http://${host}x`);
    expect(
      timesAsCostly(
        () => masked('.'.repeat(50_000)),
        () => masked('a.'.repeat(25_000)),
      ),
    ).toBeLessThan(50);
    expect(masked('.'.repeat(50_000))).toBe('http://host-1');
  });
});
