/** Files that hold one icon in several sizes, each as a PNG. */

export interface IconImage {
  /** Pixels, square; at most 256. */
  readonly size: number;
  readonly png: Uint8Array;
}

/** ICO with PNG images, as Windows reads it since Vista: ICONDIR, one ICONDIRENTRY per image, the images. */
export function icoOf(images: readonly IconImage[]): Uint8Array {
  const head = Buffer.alloc(6 + 16 * images.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(images.length, 4);
  let offset = head.length;
  for (const [at, { size, png }] of images.entries()) {
    const entry = 6 + 16 * at;
    // 256 is written as 0.
    head.writeUInt8(size % 256, entry);
    head.writeUInt8(size % 256, entry + 1);
    head.writeUInt16LE(1, entry + 4);
    head.writeUInt16LE(32, entry + 6);
    head.writeUInt32LE(png.length, entry + 8);
    head.writeUInt32LE(offset, entry + 12);
    offset += png.length;
  }
  return Buffer.concat([head, ...images.map(({ png }) => png)]);
}

/** Types of the Apple icon image format that hold PNGs, with their pixels. */
const ICNS_TYPES = [
  ['ic11', 32],
  ['ic12', 64],
  ['ic07', 128],
  ['ic13', 256],
  ['ic08', 256],
  ['ic14', 512],
  ['ic09', 512],
  ['ic10', 1024],
] as const;

export function icnsOf(render: (size: number) => Uint8Array): Uint8Array {
  const parts = ICNS_TYPES.map(([type, size]) => icnsPart(type, render(size)));
  return icnsPart('icns', Buffer.concat(parts));
}

function icnsPart(type: string, content: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.write(type, 'latin1');
  head.writeUInt32BE(content.length + 8, 4);
  return Buffer.concat([head, content]);
}
