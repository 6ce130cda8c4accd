/** Electron's program: there, fetched by its own package, or a reason why it cannot be had. */
import { spawn, type ChildProcess } from 'node:child_process';
import { access, readFile } from 'node:fs/promises';
import path from 'node:path';

export type ElectronBinary = { readonly path: string } | { readonly missing: string };

export interface ElectronPlace {
  /** Folder of the npm package `electron`. */
  readonly folder: string;
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
}

/** Milliseconds; some 120 MB over a slow line. Without a line it fails much sooner anyway. */
const FETCHED_WITHIN = 10 * 60_000;

/** Electron has no other way to say it without trying. */
export function lacksDisplay({ platform, env }: Pick<ElectronPlace, 'platform' | 'env'>): boolean {
  const has = (name: string): boolean => (env[name] ?? '') !== '';
  return platform === 'linux' && !has('DISPLAY') && !has('WAYLAND_DISPLAY');
}

/** @param note called when something is downloaded: it takes a while */
export async function electronBinary(
  place: ElectronPlace,
  signal: AbortSignal,
  note: (text: string) => void,
): Promise<ElectronBinary> {
  const there = await installed(place);
  if (there !== undefined) return { path: there };
  if (place.env['ELECTRON_OVERRIDE_DIST_PATH'] !== undefined) {
    return { missing: 'there is none where ELECTRON_OVERRIDE_DIST_PATH says' };
  }
  note('Fetching Electron (once, about 120 MB) ...');
  const fault = await fetched(place, AbortSignal.any([signal, AbortSignal.timeout(FETCHED_WITHIN)]));
  signal.throwIfAborted();
  const path = fault === undefined ? await installed(place) : undefined;
  return path === undefined ? { missing: `it cannot be fetched: ${fault ?? 'nothing came'}` } : { path };
}

/** As the package's own `index.js` finds it. */
async function installed({ folder, env }: ElectronPlace): Promise<string | undefined> {
  const named = await readFile(path.join(folder, 'path.txt'), 'utf8').catch(() => undefined);
  const other = env['ELECTRON_OVERRIDE_DIST_PATH'];
  if (other === undefined && named === undefined) return undefined;
  const file = path.join(other ?? path.join(folder, 'dist'), named ?? 'electron');
  return await access(file).then(
    () => file,
    () => undefined,
  );
}

/** Runs the package's own `install.js`. The reason when it fails. */
async function fetched({ folder, env }: ElectronPlace, signal: AbortSignal): Promise<string | undefined> {
  const child = spawn(process.execPath, [path.join(folder, 'install.js')], {
    env,
    signal,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-20_000);
  });
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  child.once('error', (error) => resolve(signal.aborted ? 'it took too long' : error.message));
  child.once('close', (code) => resolve(code === 0 ? undefined : reasonIn(said)));
  return await promise;
}

/** One line of what a program that failed has printed: the last that says what kind of error it was, or the first.
 * Without its full stop. */
export function reasonIn(said: string): string {
  const lines = said
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('at '));
  const telling = lines.findLast((line) => /\b(?:error|fatal|failed|not supported)\b/i.test(line));
  return (telling ?? lines[0] ?? 'it gave no reason').slice(0, 200).replace(/\.$/, '');
}

export interface Ended {
  readonly code: number;
  /** It could not start; `undefined` when it ran. */
  readonly reason: string | undefined;
}

/** Milliseconds. Electron without what it needs (libraries, a sandbox, the display it was promised) ends sooner. */
const STARTED_AFTER = 10_000;

/** @param started called with the process, to pass signals on to */
export async function tryDesktop(
  electron: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
  started: (child: ChildProcess) => void,
): Promise<Ended> {
  // Terminals inside of Electron programs set it; then this one would be no more than Node.
  const { ELECTRON_RUN_AS_NODE: _theirs, ...env } = options.env;
  const child = spawn(electron, args, { cwd: options.cwd, env, stdio: ['ignore', 'inherit', 'pipe'] });
  started(child);
  // Kept back until it runs: one line says why when it does not.
  let early: string | undefined = '';
  const release = (): void => {
    if (early !== undefined) process.stderr.write(early);
    early = undefined;
  };
  const timer = setTimeout(release, STARTED_AFTER);
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (early === undefined) process.stderr.write(text);
    else early += text;
  });
  const { promise, resolve } = Promise.withResolvers<Ended>();
  child.once('error', (error) => resolve({ code: 1, reason: error.message }));
  child.once('close', (code) => {
    const hasFailed = code !== 0 && early !== undefined;
    resolve({ code: code ?? 1, reason: hasFailed ? reasonIn(early ?? '') : undefined });
  });
  const ended = await promise;
  clearTimeout(timer);
  if (ended.reason === undefined) release();
  return ended;
}
