/** Input that a hostile or broken router could send: noise, and valid messages with something changed. */
import * as fc from 'fast-check';

/** Bytes of nothing in particular, or made of the pieces that the grammar at hand is made of. */
export function noise(pieces: readonly string[]): fc.Arbitrary<Uint8Array> {
  const encoder = new TextEncoder();
  return fc.oneof(
    fc.uint8Array({ maxLength: 2048 }),
    fc.string({ unit: 'binary', maxLength: 512 }).map((text) => encoder.encode(text)),
    fc
      .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 8 })), { maxLength: 200 })
      .map((parts) => encoder.encode(parts.join(''))),
  );
}

/** One of the valid messages after a few cuts, changed bytes, doubled, dropped and inserted stretches. */
export function mutated(valid: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const step = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.nat({ max: 64 }),
    kind: fc.constantFrom('cut', 'change', 'double', 'drop', 'insert'),
    bytes: fc.uint8Array({ maxLength: 8 }),
  });
  return fc.tuple(fc.constantFrom(...valid), fc.array(step, { minLength: 1, maxLength: 6 })).map(([start, steps]) =>
    steps.reduce<Uint8Array>((bytes, { at, length, kind, bytes: extra }) => {
      const from = Math.floor(at * bytes.length);
      const [head, middle, tail] = [bytes.slice(0, from), bytes.slice(from, from + length), bytes.slice(from + length)];
      switch (kind) {
        case 'cut':
          return head;
        case 'change':
          return Uint8Array.from([...head, ...middle.map((byte, index) => byte ^ (extra[index % 8] ?? 1)), ...tail]);
        case 'double':
          return Uint8Array.from([...head, ...middle, ...middle, ...tail]);
        case 'drop':
          return Uint8Array.from([...head, ...tail]);
        default:
          return Uint8Array.from([...head, ...extra, ...middle, ...tail]);
      }
    }, start),
  );
}

/** The bytes cut into pieces as a stream may deliver them. */
export function inPieces(bytes: Uint8Array, sizes: readonly number[]): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (let index = 0; at < bytes.length; index += 1) {
    const size = Math.max(1, sizes[index % Math.max(1, sizes.length)] ?? bytes.length);
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

export const pieceSizes = fc.array(fc.integer({ min: 1, max: 600 }), { minLength: 1, maxLength: 20 });
