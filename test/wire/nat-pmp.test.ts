import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { port, seconds } from '../../main/contract/units.ts';
import { decodeNatPmp, encodeNatPmpAddressRequest, encodeNatPmpMap } from '../../main/wire/nat-pmp.ts';
import { WireError } from '../../main/wire/wire-error.ts';
import { hex, natPmpAddressAnswer, natPmpMapAnswer, pcpHeader } from '../support/pxp-bytes.ts';

const tcp = { transport: 'tcp', internalPort: port(25565), suggestedPort: port(443), lifetime: seconds(7200) } as const;

describe('requests, byte by byte', () => {
  test('the external address', () => {
    expect(encodeNatPmpAddressRequest()).toEqual(hex('00 00'));
  });

  test('a TCP mapping', () => {
    expect(encodeNatPmpMap(tcp)).toEqual(hex('00 02 0000 63dd 01bb 00001c20'));
  });

  test('P22: a UDP deletion names no external port', () => {
    expect(encodeNatPmpMap({ transport: 'udp', internalPort: port(25565), lifetime: seconds(0) })).toEqual(
      hex('00 01 0000 63dd 0000 00000000'),
    );
  });
});

describe('answers', () => {
  test('the external address, requested or announced', () => {
    expect(decodeNatPmp(hex('00 80 0000 00000010 0b16212c'))).toEqual({
      kind: 'external-address',
      result: 'SUCCESS',
      resultCode: 0,
      epoch: 16,
      address: '11.22.33.44',
    });
  });

  test('P13: 0.0.0.0 is not an address', () => {
    expect(decodeNatPmp(natPmpAddressAnswer('0.0.0.0'))).toMatchObject({ result: 'SUCCESS', address: undefined });
  });

  test('P12: no address because the network is down', () => {
    expect(decodeNatPmp(natPmpAddressAnswer('10.0.0.1', { result: 3 }))).toMatchObject({
      result: 'NETWORK_FAILURE',
      address: undefined,
    });
  });

  test('a mapping', () => {
    expect(decodeNatPmp(natPmpMapAnswer(encodeNatPmpMap(tcp), { externalPort: 444, lifetime: 60, epoch: 9 }))).toEqual({
      kind: 'map',
      result: 'SUCCESS',
      resultCode: 0,
      epoch: 9,
      transport: 'tcp',
      mapping: { internalPort: 25565, externalPort: 444, lifetime: 60 },
    });
  });

  test('an error may be a header alone, a success may not', () => {
    expect(decodeNatPmp(hex('00 81 0004 00000001'))).toMatchObject({
      kind: 'map',
      transport: 'udp',
      result: 'OUT_OF_RESOURCES',
      mapping: undefined,
    });
    expect(decodeNatPmp(hex('00 81 0000 00000001'))).toBeInstanceOf(WireError);
    expect(decodeNatPmp(hex('00 80 0000 00000001'))).toBeInstanceOf(WireError);
  });

  test('P2: a PCP server says that it knows no version 0', () => {
    expect(decodeNatPmp(pcpHeader({ opcode: 1, result: 1, epoch: 5 }))).toEqual({
      kind: 'version-mismatch',
      speaks: 'pcp',
      version: 2,
      epoch: 5,
    });
  });

  test.each([
    ['RFC 6886 §3.5, opcode 0', hex('00 00 0001 00000005')],
    ['with the opcode echoed', hex('00 82 0001 00000005')],
    ['cut to four bytes', hex('00 00 0001')],
  ])('a server of another NAT-PMP version: %s', (_, bytes) => {
    expect(decodeNatPmp(bytes)).toMatchObject({ kind: 'version-mismatch', speaks: 'nat-pmp', version: 0 });
  });

  test.each([
    ['nothing', new Uint8Array(0)],
    ['a request', encodeNatPmpMap(tcp)],
    ['an opcode never asked for', hex('00 90 0000 00000001')],
    ['a PCP answer', pcpHeader({ opcode: 1 })],
    ['far too much', new Uint8Array(2000)],
  ])('%s is an error that says so', (_, bytes) => {
    expect(decodeNatPmp(bytes)).toBeInstanceOf(WireError);
  });
});

describe('whatever comes', () => {
  const isDecoded = (bytes: Uint8Array): void => {
    const decoded = decodeNatPmp(bytes);
    expect(decoded instanceof WireError || typeof decoded.kind === 'string').toBe(true);
  };

  test('any bytes are a value or a WireError', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), isDecoded));
    fc.assert(fc.property(fc.uint8Array({ maxLength: 1200 }), isDecoded));
  });

  test('so is a good answer with some bytes changed or missing', () => {
    const good = natPmpMapAnswer(encodeNatPmpMap(tcp));
    const change = fc.record({ at: fc.nat(good.length - 1), to: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), fc.nat(good.length), (changes, length) => {
        const bytes = good.slice();
        for (const { at, to } of changes) bytes[at] = to;
        isDecoded(bytes.subarray(0, length));
      }),
    );
  });
});
