/**
 * `npm start`: builds the application and starts it; where that cannot be, the same window is served for a browser.
 * `npm start -- --demo`: with a simulated router and a data folder of its own, for whoever only wants to look.
 * With other arguments (`npm start -- open 25565/tcp`) it is the `portkeeper` command.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { electronBinary, lacksDisplay, tryDesktop } from './electron-binary.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const CLI = path.join(ROOT, 'main/cli/index.ts');
const BUILD = path.join(ROOT, 'node_modules/electron-vite/bin/electron-vite.js');
const ELECTRON = path.join(ROOT, 'node_modules/electron');
const INTERRUPTED = 130;

const stop = new AbortController();
let running: ChildProcess | undefined;

// Ctrl-C reaches the children by the terminal; this process waits for their tidy end.
process.on('SIGINT', () => stop.abort());
for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    stop.abort();
    running?.kill(signal);
  });
}

async function exitOf(child: ChildProcess): Promise<number> {
  running = child;
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.once('error', reject).once('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : INTERRUPTED)));
  return await promise;
}

const portkeeper = (args: readonly string[]): Promise<number> =>
  exitOf(spawn(process.execPath, [CLI, ...args], { stdio: 'inherit' }));

/** @throws Error with what was printed */
async function build(): Promise<void> {
  const child = spawn(process.execPath, [BUILD, 'build', '--logLevel', 'warn'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  if ((await exitOf(child)) !== 0) throw new Error(`Portkeeper cannot be built:\n${said}`);
}

/** Why there is no desktop here; `undefined` when there was one, and a person has quit. */
async function desktop(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const place = { folder: ELECTRON, platform: process.platform, env };
  if (lacksDisplay(place)) return 'there is no display';
  const found = await electronBinary(place, stop.signal, (text) => console.error(text));
  if ('missing' in found) return `Electron is missing: ${found.missing}`;
  const { code, reason } = await tryDesktop(found.path, ['.', ...args], { cwd: ROOT, env }, (child) => {
    running = child;
  });
  if (stop.signal.aborted || reason === undefined) {
    process.exitCode = code;
    return undefined;
  }
  return `Electron does not start: ${reason}`;
}

async function start(isDemo: boolean): Promise<void> {
  console.error('Building Portkeeper ...');
  await build();
  const folder = isDemo ? await mkdtemp(path.join(tmpdir(), 'portkeeper-demo-')) : undefined;
  const env = folder === undefined ? process.env : { ...process.env, PORTKEEPER_DATA_DIR: folder };
  const demo = isDemo ? ['--demo'] : [];
  try {
    const reason = await desktop(demo, env);
    if (reason === undefined) return;
    console.error(`The same window for your browser, not on your desktop: ${reason}.`);
    const own = folder === undefined ? [] : ['--throw-away', '--data-dir', folder];
    process.exitCode = await portkeeper(['serve', ...demo, ...own]);
  } finally {
    if (folder !== undefined) await throwAway(folder);
  }
}

/** Profiles that the person kept for the real router are not thrown away with the rest. */
async function throwAway(folder: string): Promise<void> {
  const text = await readFile(path.join(folder, 'profiles.json'), 'utf8').catch(() => '{}');
  if (/"profiles":\s*\[\s*\{/.test(text)) {
    console.error(
      `The profiles that you kept are in ${folder}. Use them with: PORTKEEPER_DATA_DIR=${folder} npm start`,
    );
  } else await rm(folder, { recursive: true, force: true });
}

const args = process.argv.slice(2);
const isDemo = args.length === 1 && args[0] === '--demo';
try {
  if (args.length === 0 || isDemo) await start(isDemo);
  else process.exitCode = await portkeeper(args);
} catch (error) {
  if (stop.signal.aborted) process.exitCode = INTERRUPTED;
  else {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
