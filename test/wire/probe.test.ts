import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromBytes, ip } from '../../main/contract/address.ts';
import { port, seconds } from '../../main/contract/units.ts';
import {
  ASKER_BYTES,
  decodeAsker,
  decodeServer,
  decodeSign,
  encodeAsk,
  encodeHello,
  encodeOffer,
  encodeResult,
  encodeSign,
  PROBE_BYTES,
  provenBytes,
  sameBytes,
  SERVER_BYTES,
} from '../../main/wire/probe.ts';
import { WireError } from '../../main/wire/wire-error.ts';
import { hex } from '../support/pxp-bytes.ts';

const bytesOf = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
const address = fc
  .oneof(bytesOf(4), bytesOf(16))
  .map(fromBytes)
  // Held as IPv4, so that it comes back as that.
  .filter((text) => !text.startsWith('::ffff:'));
const ask = fc.record({
  kind: fc.constant('ask' as const),
  token: bytesOf(16),
  transport: fc.constantFrom('tcp' as const, 'udp' as const),
  port: fc.integer({ min: 1, max: 65_535 }).map(port),
  standsIn: fc.boolean(),
  proof: bytesOf(32),
});
const offer = fc.record({
  kind: fc.constant('offer' as const),
  needsSecret: fc.boolean(),
  token: bytesOf(16),
  seen: address,
});
const sign = fc.record({
  kind: fc.constantFrom('probe' as const, 'echo' as const),
  token: bytesOf(16),
  nonce: bytesOf(16),
});

const TOKEN = hex('000102030405060708090a0b0c0d0e0f');

describe('as docs/probe.md has it', () => {
  test('an asker says hello, and what it wants', () => {
    expect(encodeHello()).toEqual(hex(`504b5042 01 01 ${'00'.repeat(122)}`));
    const proof = new Uint8Array(32).fill(0xaa);
    const wanted = { token: TOKEN, transport: 'udp', port: port(34_197), standsIn: true, proof } as const;
    expect(encodeAsk(wanted)).toEqual(
      hex(`504b5042 01 03 11 01 8595 0000 000102030405060708090a0b0c0d0e0f ${'aa'.repeat(32)} ${'00'.repeat(68)}`),
    );
    expect(provenBytes(wanted)).toEqual(encodeAsk({ ...wanted, proof: new Uint8Array(32) }));
  });

  test('a server offers a token, and says what came of it', () => {
    expect(encodeOffer({ needsSecret: true, token: TOKEN, seen: ip('11.22.33.44') })).toEqual(
      hex(`504b5042 01 02 01 00 000102030405060708090a0b0c0d0e0f 00000000000000000000ffff0b16212c ${'00'.repeat(24)}`),
    );
    expect(encodeResult({ outcome: 'busy', retryAfter: seconds(5) })).toEqual(
      hex(`504b5042 01 04 07 00 0005 ${'00'.repeat(54)}`),
    );
  });

  test('the asker pays for what it gets: two messages each way, and three datagrams to the port', () => {
    expect(2 * ASKER_BYTES).toBeGreaterThanOrEqual(2 * SERVER_BYTES + 3 * PROBE_BYTES);
  });

  test('a server of another version still understands that it is greeted', () => {
    const greeting = encodeHello();
    greeting[4] = 9;
    expect(decodeAsker(greeting)).toEqual({ kind: 'hello', isKnownVersion: false });
  });

  test.each([
    ['port 0', 0, 6],
    ['a protocol that is neither', 80, 1],
  ])('%s is refused', (_, wanted, protocol) => {
    const bytes = encodeAsk({
      token: TOKEN,
      transport: 'tcp',
      port: port(80),
      standsIn: false,
      proof: new Uint8Array(32),
    });
    bytes[6] = protocol;
    bytes[9] = wanted;
    expect(decodeAsker(bytes)).toBeInstanceOf(WireError);
  });
});

describe('whatever is said', () => {
  test('comes back as it was', () => {
    fc.assert(
      fc.property(ask, offer, sign, (asked, offered, signed) => {
        expect(decodeAsker(encodeAsk(asked))).toEqual(asked);
        expect(decodeServer(encodeOffer(offered))).toEqual(offered);
        expect(decodeSign(encodeSign(signed))).toEqual(signed);
      }),
    );
  });

  test('any bytes are a value or a WireError', () => {
    const valid = fc.oneof(ask.map(encodeAsk), offer.map(encodeOffer), sign.map(encodeSign));
    const change = fc.array(fc.record({ at: fc.nat(130), to: fc.nat(255) }), { maxLength: 6 });
    fc.assert(
      fc.property(fc.oneof(valid, fc.uint8Array({ maxLength: 200 })), change, (bytes, changes) => {
        const changed = bytes.slice();
        for (const { at, to } of changes) changed[at] = to;
        for (const decode of [decodeAsker, decodeServer, decodeSign]) {
          const decoded = decode(changed);
          expect(decoded instanceof WireError || typeof decoded.kind === 'string').toBe(true);
        }
      }),
    );
  });

  test('a secret is compared byte by byte', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (one, other) => {
        expect(sameBytes(one, other)).toBe(Buffer.compare(one, other) === 0);
      }),
    );
  });
});
