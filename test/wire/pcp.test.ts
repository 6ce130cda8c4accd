import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ip } from '../../main/contract/address.ts';
import { port, seconds } from '../../main/contract/units.ts';
import {
  decodePcp,
  encodePcpAnnounce,
  encodePcpMap,
  nonceFromHex,
  nonceToHex,
  type PcpMapRequest,
} from '../../main/wire/pcp.ts';
import { WireError } from '../../main/wire/wire-error.ts';
import { hex, natPmpOnly, pcpHeader, pcpMapAnswer, readPcp } from '../support/pxp-bytes.ts';

const nonce = hex('0102030405060708090a0b0c');
const request: PcpMapRequest = {
  sender: ip('192.168.1.7'),
  lifetime: seconds(7200),
  nonce,
  transport: 'tcp',
  internalPort: port(25565),
  suggestedPort: port(443),
  options: [],
};

describe('requests, byte by byte', () => {
  test('ANNOUNCE is a header alone', () => {
    expect(encodePcpAnnounce(ip('192.168.1.7'))).toEqual(hex('02 00 0000 00000000 00000000000000000000ffff c0a80107'));
  });

  test('MAP for IPv4 suggests any IPv4 address', () => {
    expect(encodePcpMap(request)).toEqual(
      hex(`02 01 0000 00001c20 00000000000000000000ffff c0a80107
           0102030405060708090a0b0c 06 000000 63dd 01bb 00000000000000000000ffff 00000000`),
    );
  });

  test('MAP for IPv6 suggests any IPv6 address', () => {
    expect(encodePcpMap({ ...request, sender: ip('2001:db8::7'), transport: 'udp' })).toEqual(
      hex(`02 01 0000 00001c20 20010db8000000000000000000000007
           0102030405060708090a0b0c 11 000000 63dd 01bb 00000000000000000000000000000000`),
    );
  });

  test('options follow, each a multiple of four bytes', () => {
    const bytes = encodePcpMap({
      ...request,
      suggestedAddress: ip('11.22.33.44'),
      options: [
        { option: 'third-party', client: ip('192.168.1.9') },
        { option: 'prefer-failure' },
        { option: 'filter', remote: ip('203.0.113.0'), prefix: 24, port: 0 },
      ],
    });
    expect(bytes.subarray(44)).toEqual(
      hex(`00000000000000000000ffff 0b16212c
           01 00 0010 00000000000000000000ffff c0a80109
           02 00 0000
           03 00 0014 00 78 0000 00000000000000000000ffff cb007100`),
    );
    expect(bytes.length % 4).toBe(0);
  });

  test('a deletion names no external port', () => {
    const { suggestedPort: _, ...deletion } = request;
    expect(readPcp(encodePcpMap({ ...deletion, lifetime: seconds(0) }))).toMatchObject({
      lifetime: 0,
      externalPort: 0,
    });
  });

  test('a nonce of another length is a mistake of ours', () => {
    expect(() => encodePcpMap({ ...request, nonce: new Uint8Array(11) })).toThrow(RangeError);
  });
});

describe('answers', () => {
  test('a mapping', () => {
    const answer = pcpMapAnswer(encodePcpMap(request), { lifetime: 3600, epoch: 12, externalPort: 444 });
    expect(decodePcp(answer)).toEqual({
      kind: 'map',
      result: 'SUCCESS',
      resultCode: 0,
      lifetime: 3600,
      epoch: 12,
      mapping: {
        nonce,
        transport: 'tcp',
        internalPort: 25565,
        externalPort: 444,
        externalAddress: '11.22.33.44',
        thirdParty: undefined,
      },
    });
  });

  test('an announcement', () => {
    expect(decodePcp(pcpHeader({ opcode: 0, epoch: 0 }))).toEqual({
      kind: 'announce',
      result: 'SUCCESS',
      resultCode: 0,
      lifetime: 0,
      epoch: 0,
    });
  });

  test('options that nobody knows are skipped, padding and all', () => {
    const mapped = pcpMapAnswer(encodePcpMap(request));
    const unknown = hex('80 00 0003 aabbcc 00');
    const thirdParty = hex('01 00 0010 00000000000000000000ffff c0a80109');
    const answer = Uint8Array.from([...mapped, ...unknown, ...thirdParty]);
    expect(decodePcp(answer)).toMatchObject({ mapping: { thirdParty: '192.168.1.9' } });
  });

  test('an option that ends after the message does no harm', () => {
    const answer = Uint8Array.from([...pcpMapAnswer(encodePcpMap(request)), ...hex('01 00 0010 0000')]);
    expect(decodePcp(answer)).toMatchObject({ kind: 'map', mapping: { thirdParty: undefined } });
  });

  test.each([
    [2, 'NOT_AUTHORIZED'],
    [11, 'CANNOT_PROVIDE_EXTERNAL'],
    [13, 'EXCESSIVE_REMOTE_PEERS'],
    [14, 'UNKNOWN'],
  ])('result %i is %s', (result, name) => {
    const answer = pcpMapAnswer(encodePcpMap(request), { result, lifetime: 30 });
    expect(decodePcp(answer)).toMatchObject({ result: name, resultCode: result, lifetime: 30 });
  });

  test('an error may be a header alone, a success may not', () => {
    expect(decodePcp(pcpHeader({ opcode: 1, result: 8 }))).toMatchObject({ kind: 'map', mapping: undefined });
    expect(decodePcp(pcpHeader({ opcode: 1, result: 0 }))).toBeInstanceOf(WireError);
  });

  test('P1: a NAT-PMP server says that it knows no version 2', () => {
    expect(decodePcp(natPmpOnly(77))).toEqual({ kind: 'version-mismatch', speaks: 'nat-pmp', version: 0, epoch: 77 });
  });

  test('P1: a NAT-PMP server that does not look at the version', () => {
    expect(decodePcp(hex('00 80 0000 00000001 0b16212c'))).toMatchObject({
      kind: 'version-mismatch',
      speaks: 'nat-pmp',
    });
  });

  test('a server of another PCP version', () => {
    expect(decodePcp(hex('01 81 0001 00000708 00000005 000000000000000000000000'))).toEqual({
      kind: 'version-mismatch',
      speaks: 'pcp',
      version: 1,
      epoch: 5,
    });
  });

  test.each([
    ['nothing', new Uint8Array(0)],
    ['a request', encodePcpMap(request)],
    ['an opcode never asked for', pcpHeader({ opcode: 2 })],
    ['a header cut short', pcpHeader({ opcode: 0 }).subarray(0, 23)],
    ['more than PCP allows', new Uint8Array(1101).fill(0x82)],
  ])('%s is an error that says so', (_, bytes) => {
    expect(decodePcp(bytes)).toBeInstanceOf(WireError);
  });
});

describe('whatever comes', () => {
  test('any bytes are a value or a WireError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1200 }), (bytes) => {
        const decoded = decodePcp(bytes);
        expect(decoded instanceof WireError || typeof decoded.kind === 'string').toBe(true);
      }),
    );
  });

  test('so is a good answer with some bytes changed or missing', () => {
    const good = pcpMapAnswer(
      encodePcpMap({ ...request, options: [{ option: 'third-party', client: ip('192.168.1.9') }] }),
    );
    const change = fc.record({ at: fc.nat(good.length - 1), to: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), fc.nat(good.length), (changes, length) => {
        const bytes = good.slice();
        for (const { at, to } of changes) bytes[at] = to;
        const decoded = decodePcp(bytes.subarray(0, length));
        expect(decoded instanceof WireError || typeof decoded.kind === 'string').toBe(true);
      }),
    );
  });

  test('a server reads from a request what was put in', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 65_535 }),
        fc.integer({ min: 1, max: 65_535 }),
        fc.integer({ min: 0, max: 0xffff_ffff }),
        fc.uint8Array({ minLength: 12, maxLength: 12 }),
        (internal, external, lifetime, nonce) => {
          const bytes = encodePcpMap({
            ...request,
            internalPort: port(internal),
            suggestedPort: port(external),
            lifetime: seconds(lifetime),
            nonce,
          });
          expect(readPcp(bytes)).toMatchObject({ internalPort: internal, externalPort: external, lifetime, nonce });
        },
      ),
    );
  });

  test('a nonce survives being saved', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 12, maxLength: 12 }), (nonce) => {
        expect(nonceToHex(nonce)).toMatch(/^[\da-f]{24}$/);
        expect(nonceFromHex(nonceToHex(nonce))).toEqual(nonce);
      }),
    );
    expect(nonceFromHex('not a nonce')).toBeUndefined();
    expect(nonceFromHex('00'.repeat(13))).toBeUndefined();
  });
});
