/** The window as it is shipped, in a folder of its own. */
import path from 'node:path';
import { resolveConfig } from 'electron-vite';
import { build } from 'vite';

const ROOT = path.join(import.meta.dirname, '../..');

/** @throws Error when it cannot be built */
export async function buildWindow(folder: string): Promise<void> {
  // It says for whom it builds, to everybody in this process.
  const { NODE_ENV } = process.env;
  try {
    const configFile = path.join(ROOT, 'electron.vite.config.ts');
    const { config } = await resolveConfig(
      { configFile, mode: 'production', logLevel: 'warn', ignoreConfigWarning: true },
      'build',
      'production',
    );
    const renderer = config?.renderer;
    if (renderer === undefined) throw new Error('electron.vite.config.ts has no renderer');
    const root = path.join(ROOT, 'renderer');
    await build({ ...renderer, root, base: './', build: { ...renderer.build, outDir: folder, emptyOutDir: true } });
  } finally {
    if (NODE_ENV === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = NODE_ENV;
  }
}
