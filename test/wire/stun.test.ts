import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeStun, encodeStunBinding } from '../../main/wire/stun.ts';
import { WireError } from '../../main/wire/wire-error.ts';
import { hex } from '../support/pxp-bytes.ts';

const transaction = hex('b7e7a701 bc34d686 fa87dfae');
/** RFC 5769 §2.2, with SOFTWARE, MESSAGE-INTEGRITY and FINGERPRINT. */
const rfc5769v4 = hex(`0101 003c 2112a442 b7e7a701bc34d686fa87dfae
  8022 000b 7465737420766563746f7220 0020 0008 0001a147 e112a643
  0008 0014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7 8028 0004 c07d4c96`);
/** RFC 5769 §2.3. */
const rfc5769v6 = hex(`0101 0048 2112a442 b7e7a701bc34d686fa87dfae
  8022 000b 7465737420766563746f7220 0020 0014 0002a147 0113a9faa5d3f179bc25f4b5bed2b9d9
  0008 0014 a382954e4be67bf11784c97c8292c275bfe3ed41 8028 0004 c8fb0b4c`);

/** A message of the given attributes, padded. */
function message(type: string, ...attributes: readonly string[]): Uint8Array {
  const padded = attributes
    .map((text) => text.replaceAll(' ', ''))
    .map((text) => text.padEnd(Math.ceil(text.length / 8) * 8, '0'));
  const length = padded.join('').length / 2;
  return hex(`${type} ${length.toString(16).padStart(4, '0')} 2112a442 b7e7a701bc34d686fa87dfae ${padded.join('')}`);
}

test('a binding request is a header alone', () => {
  expect(encodeStunBinding(transaction)).toEqual(hex('0001 0000 2112a442 b7e7a701bc34d686fa87dfae'));
  expect(() => encodeStunBinding(new Uint8Array(16))).toThrow(RangeError);
});

describe('answers', () => {
  test.each([
    [rfc5769v4, { address: '192.0.2.1', port: 32853 }],
    [rfc5769v6, { address: '2001:db8:1234:5678:11:2233:4455:6677', port: 32853 }],
  ])('the samples of RFC 5769', (bytes, mapped) => {
    expect(decodeStun(bytes)).toEqual({ kind: 'success', transaction, mapped });
  });

  test('an old server has only the plain address', () => {
    expect(decodeStun(message('0101', '0001 0008 0001 8055 c0000201'))).toMatchObject({
      mapped: { address: '192.0.2.1', port: 32853 },
    });
  });

  test('the masked address wins over the plain one, which a NAT may have rewritten', () => {
    const bytes = message('0101', '0001 0008 0001 8055 c0a80107', '0020 0008 0001 a147 e112a643');
    expect(decodeStun(bytes)).toMatchObject({ mapped: { address: '192.0.2.1', port: 32853 } });
  });

  test('an error, with a reason fit to print', () => {
    expect(decodeStun(message('0111', '0009 000c 00000401 556e1b6175746800'))).toEqual({
      kind: 'error',
      transaction,
      code: 401,
      reason: 'Un.auth.',
    });
  });

  test.each([
    ['a request', message('0001')],
    ['an address of no family', message('0101', '0020 0008 0003 a147 e112a643')],
    ['no address at all', message('0101')],
    ['an error without a code', message('0111')],
    ['an unknown attribute that must be understood', message('0101', '0020 0008 0001 a147 e112a643', '0021 0000')],
    ['an attribute longer than the message', message('0101', '0020 ffff 0001 a147')],
    ['a length that does not fit', rfc5769v4.subarray(0, 60)],
    ['no magic cookie', Uint8Array.from(rfc5769v4, (byte, at) => (at === 4 ? 0 : byte))],
  ])('%s is an error that says so', (_, bytes) => {
    expect(decodeStun(bytes)).toBeInstanceOf(WireError);
  });
});

describe('whatever comes', () => {
  const isDecoded = (bytes: Uint8Array): void => {
    const decoded = decodeStun(bytes);
    expect(decoded instanceof WireError || typeof decoded.kind === 'string').toBe(true);
  };

  test('any bytes are a value or a WireError', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 1600 }), isDecoded));
  });

  test('so is a good answer with some bytes changed or missing', () => {
    const change = fc.record({ at: fc.nat(rfc5769v6.length - 1), to: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), fc.nat(rfc5769v6.length), (changes, length) => {
        const bytes = rfc5769v6.slice();
        for (const { at, to } of changes) bytes[at] = to;
        isDecoded(bytes.subarray(0, length));
      }),
    );
  });
});
