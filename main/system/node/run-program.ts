import {
  ChildProcess,
  spawn,
  type SpawnOptionsWithStdioTuple,
  type StdioNull,
  type StdioPipe,
} from 'node:child_process';
import type { Program, ProgramEnd } from '../system.ts';
import { codeOf } from './network/network-fault.ts';

/** Bytes that are kept of what it prints; the rest is read and dropped. */
const MOST_OUTPUT = 8 * 1024;
/** Milliseconds for it to end in order, before it is ended. */
const GRACE = 2000;
/** Milliseconds that its output is waited for once it has ended: what it left running may keep it open. */
const LAST_WORDS = 200;

/** See `System.runProgram`. It reads nothing; what it prints to either output counts. */
export function runProgram({ file, args, environment }: Program, signal: AbortSignal): Promise<ProgramEnd> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<ProgramEnd>();
  const child = started(file, args, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that what it started ends with it. Windows has no such groups.
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  if (!(child instanceof ChildProcess)) return Promise.resolve(child);
  const kept: Buffer[] = [];
  let size = 0;
  const keep = (bytes: Buffer): void => {
    if (size < MOST_OUTPUT) kept.push(bytes.subarray(0, MOST_OUTPUT - size));
    size += bytes.length;
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  let force: NodeJS.Timeout | undefined;
  const stop = (): void => {
    endAll(child, 'SIGTERM');
    force = setTimeout(() => endAll(child, 'SIGKILL'), GRACE);
  };
  signal.addEventListener('abort', stop, { once: true });
  const over = (end: ProgramEnd): void => {
    signal.removeEventListener('abort', stop);
    if (force !== undefined) {
      clearTimeout(force);
      // Its children may go on although it has ended.
      endAll(child, 'SIGKILL');
    }
    child.stdout.destroy();
    child.stderr.destroy();
    if (signal.aborted) reject(signal.reason);
    else resolve(end);
  };
  child.once('error', (error) => over({ is: 'not-started', fault: codeOf(error) }));
  child.once('exit', (code) => {
    const end = (): void =>
      over({ is: 'ended', code: code ?? undefined, output: Buffer.concat(kept).toString('utf8') });
    const late = setTimeout(end, LAST_WORDS);
    child.once('close', () => {
      clearTimeout(late);
      end();
    });
  });
  return promise;
}

type Options = SpawnOptionsWithStdioTuple<StdioNull, StdioPipe, StdioPipe>;

/** Some of what cannot be started, such as a batch file of Windows, is said at once. */
function started(file: string, args: readonly string[], options: Options) {
  try {
    return spawn(file, [...args], options);
  } catch (error) {
    return { is: 'not-started', fault: codeOf(error) } as const;
  }
}

function endAll(child: ChildProcess, by: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill(by);
    else process.kill(-child.pid, by);
  } catch {
    // It has ended.
  }
}
