/** The window, and the script that comes before it in the application, as they are shipped, in a folder of their own. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { resolveConfig } from 'electron-vite';
import { build, type InlineConfig } from 'vite';

const ROOT = path.join(import.meta.dirname, '../../..');

/** @throws Error when it cannot be built */
export async function buildWindow(folder: string): Promise<void> {
  await buildPart('renderer', folder, { root: path.join(ROOT, 'renderer'), base: './' });
}

/** @returns its text, a script of CommonJS @throws Error when it cannot be built */
export async function buildPreload(folder: string): Promise<string> {
  await buildPart('preload', folder, { root: ROOT });
  return await readFile(path.join(folder, 'index.cjs'), 'utf8');
}

async function buildPart(name: 'renderer' | 'preload', folder: string, place: InlineConfig): Promise<void> {
  // It says for whom it builds, to everybody in this process.
  const { NODE_ENV } = process.env;
  try {
    const configFile = path.join(ROOT, 'electron.vite.config.ts');
    const { config } = await resolveConfig(
      { configFile, mode: 'production', logLevel: 'warn', ignoreConfigWarning: true },
      'build',
      'production',
    );
    const part = config?.[name];
    if (part === undefined) throw new Error(`electron.vite.config.ts has no ${name}`);
    await build({ ...part, ...place, build: { ...part.build, outDir: folder, emptyOutDir: true } });
  } finally {
    if (NODE_ENV === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = NODE_ENV;
  }
}
