/** Builds packages as `npm run dist` does, with a stand-in for what can only be fetched: Electron, fpm and 7zip. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { distConfig } from '../../main/dev/dist-config.ts';
import { makeStandIn, type Platform } from './stand-in-electron.ts';

export const root = path.join(import.meta.dirname, '../..');

const SWITCH: Readonly<Record<Platform, string>> = { linux: '--linux', win32: '--win', darwin: '--mac' };

/** Resolves with what it printed. @throws Error with that when it fails */
export async function output(
  program: string,
  args: readonly string[],
  { cwd = root, env = {} }: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const [code] = await once(child, 'close');
  if (code === 0) return text;
  throw new Error(`${program} ${args.join(' ')}: exit ${String(code)}\n${text}`);
}

/** Into `out/`, as `npm run build` does. */
export async function buildProgram(): Promise<void> {
  await output(process.execPath, ['node_modules/electron-vite/bin/electron-vite.js', 'build']);
  await output(process.execPath, ['node_modules/vite/bin/vite.js', 'build', '--config', 'vite.cli.config.ts']);
}

export interface Packages {
  /** Where electron-builder put them. */
  readonly folder: string;
  remove(): Promise<void>;
}

/** @param targets as electron-builder has them on its command line @param app a folder with the app, in the place of one
 * with the stand-in for Electron */
export async function buildPackages(platform: Platform, targets: readonly string[], app?: string): Promise<Packages> {
  const folder = await mkdtemp(path.join(tmpdir(), `portkeeper-${platform}-`));
  const electron = path.join(folder, 'electron');
  if (app === undefined) await makeStandIn(electron, platform, await electronVersion());
  const config = path.join(folder, 'config.json');
  const packages = path.join(folder, 'packages');
  await writeFile(
    config,
    JSON.stringify({
      ...distConfig(undefined, {
        electronDist: electron,
        directories: { output: packages, buildResources: 'assets/build' },
        compression: 'store',
        // Signing again takes macOS.
        electronFuses: { resetAdHocDarwinSignature: false },
      }),
      extends: path.join(root, 'electron-builder.yml'),
    }),
  );
  const env = {
    ELECTRON_BUILDER_7ZIP_PATH: '/usr/bin/7za',
    CUSTOM_FPM_PATH: path.join(import.meta.dirname, 'fpm.mjs'),
    PATH: `${path.dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
  };
  const builder = path.join(root, 'node_modules/electron-builder/cli.js');
  const packed = app === undefined ? [] : ['--prepackaged', app];
  const args = ['--config', config, '--publish', 'never', ...packed, SWITCH[platform], ...targets];
  await output(process.execPath, [builder, ...args], { env });
  return { folder: packages, remove: () => rm(folder, { recursive: true, force: true }) };
}

async function electronVersion(): Promise<string> {
  const text = await readFile(path.join(root, 'node_modules/electron/package.json'), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
