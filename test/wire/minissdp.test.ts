import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeMinissdpdQuery, MinissdpdReader } from '../../main/wire/minissdp.ts';
import { WireError } from '../../main/wire/wire-error.ts';
import { inPieces, mutated, noise, pieceSizes } from '../support/untrusted-bytes.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A string as minissdpd sends it, for lengths up to 16383. */
function lengthAndText(text: string): number[] {
  const content = bytes(text);
  const high = content.length >> 7;
  return [...(high > 0 ? [high | 0x80] : []), content.length & 0x7f, ...content];
}

function answer(...entries: readonly (readonly [string, string, string])[]): Uint8Array {
  return Uint8Array.from([entries.length, ...entries.flat().flatMap(lengthAndText)]);
}

const router = ['http://192.168.1.1:5000/rootDesc.xml', 'upnp:rootdevice', 'uuid:1::upnp:rootdevice'] as const;

describe('a query', () => {
  it('is for one type, or for all', () => {
    expect([...encodeMinissdpdQuery('upnp:x')]).toEqual([1, 6, ...bytes('upnp:x')]);
    expect([...encodeMinissdpdQuery('ssdp:all')]).toEqual([3, 8, ...bytes('ssdp:all')]);
  });

  it('writes long lengths in groups of seven bits, highest first', () => {
    expect(Array.from(encodeMinissdpdQuery('x'.repeat(300)).subarray(0, 3))).toEqual([1, 0x82, 0x2c]);
    expect(Array.from(encodeMinissdpdQuery('x'.repeat(20_000)).subarray(0, 4))).toEqual([1, 0x81, 0x9c, 0x20]);
  });
});

describe('an answer', () => {
  it('lists what the daemon knows', () => {
    const reader = new MinissdpdReader();
    expect(reader.push(answer(router, ['http://10.0.0.1/d.xml', 'urn:y', 'uuid:2']))).toBe('done');
    expect(reader.entries).toEqual([
      { location: router[0], target: router[1], usn: router[2] },
      { location: 'http://10.0.0.1/d.xml', target: 'urn:y', usn: 'uuid:2' },
    ]);
  });

  it('may be empty', () => {
    const reader = new MinissdpdReader();
    expect(reader.push(Uint8Array.of(0))).toBe('done');
    expect(reader.entries).toEqual([]);
  });

  it('keeps its whole entries when the daemon hangs up', () => {
    const reader = new MinissdpdReader();
    expect(reader.push(answer(router, router).slice(0, -5))).toBe('more');
    expect(reader.end()).toBe('done');
    expect(reader.entries).toHaveLength(1);
    expect(new MinissdpdReader().end()).toBeInstanceOf(WireError);
  });

  it('is the same in whatever pieces it comes', () => {
    const entry = fc.tuple(fc.string({ maxLength: 300 }), fc.string({ maxLength: 30 }), fc.string({ maxLength: 30 }));
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 20 }), pieceSizes, (entries, sizes) => {
        const reader = new MinissdpdReader();
        const states = inPieces(answer(...entries), sizes).map((piece) => reader.push(piece));
        expect(states.at(-1)).toBe('done');
        expect(states.slice(0, -1).every((state) => state === 'more')).toBe(true);
        expect(reader.entries).toEqual(entries.map(([location, target, usn]) => ({ location, target, usn })));
      }),
    );
  });

  it('is bounded in the length of a string, its encoding, and in all', () => {
    expect(new MinissdpdReader().push(Uint8Array.of(1, 0xff, 0xff, 0x7f))).toBeInstanceOf(WireError);
    expect(new MinissdpdReader().push(Uint8Array.of(1, 0x80, 0x80, 0x80, 0x80, 0x80))).toBeInstanceOf(WireError);
    const reader = new MinissdpdReader();
    reader.push(Uint8Array.of(255));
    const states = Array.from({ length: 800 }, () =>
      reader.push(Uint8Array.from([0xa0, 0, ...bytes('x'.repeat(4096))])),
    );
    expect(states.at(-1)).toBeInstanceOf(WireError);
  });

  it('of any bytes is a list or an error', () => {
    const valid = [answer(router), answer(router, ['x'.repeat(500), '', '']), answer()];
    fc.assert(
      fc.property(
        fc.oneof(noise(['\u0001', '\u0003', 'abc', '\u007f']), mutated(valid)),
        pieceSizes,
        (content, sizes) => {
          const reader = new MinissdpdReader();
          for (const piece of inPieces(content, sizes)) reader.push(piece);
          const end = reader.end();
          return end instanceof WireError || reader.entries.length <= 255;
        },
      ),
      { numRuns: 1000 },
    );
  });
});
