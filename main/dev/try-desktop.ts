/** Starts the built application; where it ends at once, that is told apart from a person's quitting it. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { reasonIn } from './electron-binary.ts';

export interface Ended {
  readonly code: number;
  /** It could not start; `undefined` when it ran. */
  readonly reason: string | undefined;
}

/** Milliseconds. Electron without what it needs (libraries, a sandbox, the display it was promised) ends sooner. */
const STARTED_AFTER = 10_000;

/** @param started told of the process, to pass signals on to */
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
  // Kept back until it runs: one line tells why when it does not.
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
