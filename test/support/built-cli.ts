/** Builds the command line once for all tests that start it: as it is shipped, and it starts six times as fast as the sources. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build, loadConfigFromFile } from 'vite';
import { CLI_VARIABLE } from '../peers/lab/process.ts';

const ROOT = path.join(import.meta.dirname, '../..');

/** @throws Error when it cannot be built */
export default async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'portkeeper-built-cli-'));
  await buildBundle('main/cli/index.ts', folder);
  process.env[CLI_VARIABLE] = path.join(folder, 'portkeeper.mjs');
  // Hundreds of processes compile the same file.
  process.env['NODE_COMPILE_CACHE'] = path.join(folder, 'compiled');
  // A process that has just ended may still be writing its compile cache.
  return () => rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** With another entry point in place of the command line's, into a folder as that is shipped. */
export async function buildBundle(entry: string, folder: string): Promise<void> {
  // A build sets it for the whole process.
  const { NODE_ENV } = process.env;
  try {
    const command = { command: 'build', mode: 'production' } as const;
    const loaded = await loadConfigFromFile(command, path.join(ROOT, 'vite.cli.config.ts'));
    if (loaded === null) throw new Error('vite.cli.config.ts is not there');
    const { plugins = [], build: usual, ...config } = loaded.config;
    const output = { ...usual, ssr: entry, outDir: folder, emptyOutDir: true };
    // Tests name the window that they serve.
    const needed = plugins.filter((plugin) => !isNamed(plugin, 'window'));
    await build({ ...config, plugins: needed, build: output, configFile: false, logLevel: 'warn', root: ROOT });
  } finally {
    if (NODE_ENV === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = NODE_ENV;
  }
}

const isNamed = (plugin: unknown, name: string): boolean => Object(plugin).name === name;
