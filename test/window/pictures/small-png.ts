/**
 * Pictures of a window have few colours: with 256 of them at most, each close to what it stands for, they take a
 * quarter of the room. PNG with a palette: W3C PNG §11.2.
 */
import { crc32, deflateSync } from 'node:zlib';

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue, alpha of each, row by row. */
  readonly rgba: Uint8Array;
}

const MOST_COLOURS = 256;
const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

type Colour = readonly [red: number, green: number, blue: number, alpha: number];

export function smallPng({ width, height, rgba }: Pixels): Uint8Array {
  const words = new Uint32Array(rgba.buffer, rgba.byteOffset, width * height);
  const counts = new Map<number, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const { palette, placeOf } = paletteOf(
    [...counts.keys()].toSorted((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0)),
  );
  const rows = new Uint8Array((width + 1) * height);
  for (const [at, word] of words.entries()) {
    // Each row begins with its filter: none.
    rows[at + Math.floor(at / width) + 1] = placeOf.get(word) ?? 0;
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  // 8 bits of a palette.
  head.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', head),
    chunk('PLTE', Uint8Array.from(palette.flatMap(([red, green, blue]) => [red, green, blue]))),
    chunk('tRNS', Uint8Array.from(palette.map(([, , , alpha]) => alpha))),
    chunk('IDAT', deflateSync(rows, { level: 9, memLevel: 9 })),
    chunk('IEND', new Uint8Array()),
  ]);
}

/** As fine as 256 colours allow: no colour is further from the one that stands for it than it must be. */
function paletteOf(byUse: readonly number[]): {
  readonly palette: readonly Colour[];
  readonly placeOf: ReadonlyMap<number, number>;
} {
  const colours = byUse.map(colourOf);
  for (let reach = 0; ; reach += 2) {
    const palette: Colour[] = [];
    const placeOf = new Map<number, number>();
    for (const [at, colour] of colours.entries()) {
      const near = nearest(palette, colour);
      if (near.distance > reach ** 2 || near.place < 0) palette.push(colour);
      if (palette.length > MOST_COLOURS) break;
      placeOf.set(byUse[at] ?? 0, near.distance > reach ** 2 || near.place < 0 ? palette.length - 1 : near.place);
    }
    if (palette.length <= MOST_COLOURS) return { palette, placeOf };
  }
}

function nearest(palette: readonly Colour[], colour: Colour): { readonly place: number; readonly distance: number } {
  let best = { place: -1, distance: Infinity };
  for (const [place, other] of palette.entries()) {
    const distance = other.reduce((sum, part, at) => sum + (part - (colour[at] ?? 0)) ** 2, 0);
    if (distance < best.distance) best = { place, distance };
  }
  return best;
}

/** As little-endian machines keep four bytes in a number. */
const colourOf = (word: number): Colour => [word & 255, (word >>> 8) & 255, (word >>> 16) & 255, word >>> 24];

function chunk(name: string, data: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(name, 4, 'latin1');
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}
