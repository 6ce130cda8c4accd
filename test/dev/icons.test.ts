import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Resvg } from '@resvg/resvg-js';
import { describe, expect, test } from 'vitest';
import { allIcons } from '../../main/dev/icons.ts';

const assets = path.join(import.meta.dirname, '../../assets');
const icons = await allIcons();

function icon(name: string): Uint8Array {
  const found = icons.find((each) => each.path === name);
  if (found === undefined) throw new RangeError(`no icon ${name}`);
  return found.bytes;
}

/** How much of each pixel is covered, 0 to 255: what is left of an icon when colours are not seen. */
function shapeOf(png: Uint8Array): readonly number[] {
  const href = `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24"><image href="${href}" width="24" height="24"/></svg>`;
  return [...new Resvg(svg).render().pixels].filter((_, at) => at % 4 === 3);
}

test.each(icons.map((each) => [each.path, each.bytes] as const))(
  '%s is what its source makes of it',
  async (name, bytes) => {
    expect(Buffer.compare(await readFile(path.join(assets, name)), bytes)).toBe(0);
  },
);

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

describe('the tray', () => {
  const states = ['open', 'working', 'problem', 'idle'];
  const pairs = states.flatMap((one, at) => states.slice(at + 1).map((other) => [one, other] as const));

  test.each(pairs)('distinguishes %s from %s without colour', (one, other) => {
    for (const background of ['light', 'dark']) {
      const a = shapeOf(icon(`tray/tray-${one}-${background}.png`));
      const b = shapeOf(icon(`tray/tray-${other}-${background}.png`));
      const different = a.map((covered, at) => Math.abs(covered - (b[at] ?? 0)));
      // More than a tenth of what the gate covers.
      expect(sum(different)).toBeGreaterThan(sum(a) / 10);
    }
  });
});

test('Windows and macOS find every size that they ask for', () => {
  const ico = Buffer.from(icon('build/icon.ico'));
  const sizes = Array.from({ length: ico.readUInt16LE(4) }, (_, at) => ico.readUInt8(6 + 16 * at) || 256);
  expect(sizes).toEqual([16, 20, 24, 32, 40, 48, 64, 256]);
  for (let at = 0; at < sizes.length; at++) {
    const from = ico.readUInt32LE(6 + 16 * at + 12);
    expect(ico.subarray(from + 1, from + 4).toString('latin1')).toBe('PNG');
    expect(ico.readUInt32BE(from + 16)).toBe(sizes[at]);
  }
  const icns = Buffer.from(icon('build/icon.icns'));
  expect(icns.toString('latin1', 0, 4)).toBe('icns');
  expect(icns.readUInt32BE(4)).toBe(icns.length);
});
