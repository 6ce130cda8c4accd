/**
 * Makes every icon from `assets/icon.svg`: application icons for electron-builder, tray icons by state and background.
 * `node main/dev/icons.ts` writes them; what it writes is the same each time.
 */
import { Resvg } from '@resvg/resvg-js';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const assets = path.join(import.meta.dirname, '../../assets');

/** Linux desktops look for these (freedesktop.org Icon Theme Specification). */
const LINUX_SIZES = [16, 24, 32, 48, 64, 128, 256, 512];
const WINDOWS_SIZES = [16, 20, 24, 32, 40, 48, 64, 256];
/** At 100 % to 300 % of a Windows taskbar. */
const WINDOWS_TRAY_SIZES = [16, 20, 24, 32, 48];
/** Points of a menu bar icon. */
const MACOS_TRAY = 18;
const LINUX_TRAY = 24;

/** The tray's states, by shape. */
const STATES = {
  open: ['leaf', 'knob', 'post', 'sides'],
  working: ['frame', 'dots', 'floor'],
  problem: ['shut', 'bang', 'floor'],
  idle: ['frame', 'handle', 'floor'],
} as const;

/** Colours for light and dark backgrounds. */
const INK = { light: '#1b1f24', dark: '#ffffff' } as const;

export interface IconFile {
  /** Below `assets`. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

export async function allIcons(): Promise<readonly IconFile[]> {
  const source = await readFile(path.join(assets, 'icon.svg'), 'utf8');
  const app = (size: number): Uint8Array => render(withLayers(source, ['plate'], '#ffffff'), size);
  return [
    { path: 'build/icon.png', bytes: app(1024) },
    { path: 'build/icon.ico', bytes: icoOf(WINDOWS_SIZES.map((size) => ({ size, png: app(size) }))) },
    { path: 'build/icon.icns', bytes: icnsOf(app) },
    ...LINUX_SIZES.map((size) => ({ path: `build/icons/${size}x${size}.png`, bytes: app(size) })),
    ...Object.entries(STATES).flatMap(([state, layers]) => trayIcons(source, state, layers)),
  ];
}

function trayIcons(source: string, state: string, layers: readonly string[]): readonly IconFile[] {
  const files: IconFile[] = [];
  // A template: macOS takes its shape only, and gives it the colour of the menu bar.
  const template = withLayers(source, layers, '#000000');
  for (const [suffix, scale] of [
    ['', 1],
    ['@2x', 2],
  ] as const) {
    files.push({ path: `tray/tray-${state}Template${suffix}.png`, bytes: render(template, MACOS_TRAY * scale) });
  }
  for (const [background, ink] of Object.entries(INK)) {
    const svg = withLayers(source, layers, ink);
    for (const [suffix, scale] of [
      ['', 1],
      ['@2x', 2],
    ] as const) {
      files.push({ path: `tray/tray-${state}-${background}${suffix}.png`, bytes: render(svg, LINUX_TRAY * scale) });
    }
    const images = WINDOWS_TRAY_SIZES.map((size) => ({ size, png: render(svg, size) }));
    files.push({ path: `tray/tray-${state}-${background}.ico`, bytes: icoOf(images) });
  }
  return files;
}

/** @throws Error when the source lacks one of the layers */
function withLayers(source: string, shown: readonly string[], ink: string): string {
  for (const name of shown) {
    if (!source.includes(`data-layer="${name}"`)) throw new Error(`icon.svg has no layer "${name}"`);
  }
  return source
    .replaceAll(/<g [^>]*data-layer="(?<name>[a-z]+)"[^]*?<\/g>/g, (whole, name: string) =>
      shown.includes(name) ? whole : '',
    )
    .replaceAll('currentColor', ink);
}

function render(svg: string, size: number): Uint8Array {
  return new Resvg(svg, { fitTo: { mode: 'width', value: size } }).render().asPng();
}

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

if (import.meta.main) {
  for (const { path: name, bytes } of await allIcons()) {
    const file = path.join(assets, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
}
