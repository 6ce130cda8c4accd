/** Child processes as tests want them: awaited to the end, or held with their lines. */
import { spawn as spawnChild, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

/** The Node of devDependencies, whatever Node the machine has. */
export const NODE = resolve(import.meta.dirname, '../../../node_modules/.bin/node');

/** Names the built command line in a run of tests. */
export const CLI_VARIABLE = 'PORTKEEPER_BUILT_CLI';

export interface Finished {
  /** `null` when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Ends the process with SIGKILL; 2 min when absent, so that nothing hangs forever. */
  readonly timeoutMs?: number;
}

export type SpawnOptions = Omit<RunOptions, 'input' | 'timeoutMs'>;

/** A running process. Its output is kept whole: meant for programs that say little. */
export class RunningProcess {
  readonly pid: number;
  readonly exited: Promise<Finished>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #command: readonly string[];
  readonly #out: string[] = [];
  readonly #err: string[] = [];
  readonly #waiting = new Set<() => void>();
  #finished: Finished | undefined;

  /** @throws Error when the program cannot be started */
  static start(command: readonly string[], options: SpawnOptions = {}): RunningProcess {
    const [file = '', ...rest] = command;
    const env = options.env ?? process.env;
    const child = spawnChild(file, rest, {
      stdio: 'pipe',
      // ip, nft and the daemons are where only an administrator's shell looks.
      env: { ...env, PATH: `${env.PATH ?? ''}:/usr/sbin:/sbin` },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    return new RunningProcess(child, command);
  }

  private constructor(child: ChildProcessWithoutNullStreams, command: readonly string[]) {
    this.#child = child;
    this.#command = command;
    this.pid = child.pid ?? -1;
    // A program that ends before it reads its input is not our fault.
    child.stdin.on('error', () => {});
    this.#collect(child.stdout, this.#out);
    this.#collect(child.stderr, this.#err);
    const { promise, resolve: finish, reject } = Promise.withResolvers<Finished>();
    child.once('error', reject);
    child.once('close', (code, signal) => {
      this.#finished = { code, signal, stdout: this.#out.join('\n'), stderr: this.#err.join('\n') };
      finish(this.#finished);
      this.#wake();
    });
    this.exited = promise;
    // Whoever cares awaits it; a spawn error must not end the test runner.
    promise.catch(() => this.#wake());
  }

  /** Lines of standard output so far, the unfinished last one not among them. */
  get lines(): readonly string[] {
    return this.#out;
  }

  /** Lines of standard error so far. */
  get errors(): readonly string[] {
    return this.#err;
  }

  get running(): boolean {
    return this.#finished === undefined && this.pid > 0;
  }

  write(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  endInput(): void {
    this.#child.stdin.end();
  }

  /** The value of the first line, past or future, for which `pick` gives one.
   * @throws Error when the process ends first, or nothing fits in time (2 min when absent) */
  async line<T>(pick: (line: string) => T | undefined, options: { readonly timeoutMs?: number } = {}): Promise<T> {
    const deadline = performance.now() + (options.timeoutMs ?? 120_000);
    for (let next = 0; ;) {
      for (; next < this.#out.length; next++) {
        const value = pick(this.#out[next] ?? '');
        if (value !== undefined) return value;
      }
      if (!this.running) throw new Error(`ended without the awaited line: ${this.#story()}`);
      const left = deadline - performance.now();
      if (left <= 0) throw new Error(`the awaited line did not come: ${this.#story()}`);
      await this.#change(left);
    }
  }

  /** Sends the signal and waits for the end; a process that ignores it for a minute and a half is killed. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<Finished> {
    this.#child.kill(signal);
    const escalation = setTimeout(() => this.#child.kill('SIGKILL'), 90_000);
    try {
      return await this.exited;
    } finally {
      clearTimeout(escalation);
    }
  }

  /** Sends the signal without waiting. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Lets the test runner end while this process still runs (the reaper then ends it). */
  unref(): void {
    this.#child.unref();
    for (const stream of [this.#child.stdin, this.#child.stdout, this.#child.stderr]) {
      if ('unref' in stream && typeof stream.unref === 'function') stream.unref();
    }
  }

  #collect(stream: NodeJS.ReadableStream, into: string[]): void {
    createInterface({ input: stream, crlfDelay: Infinity }).on('line', (line) => {
      into.push(line);
      this.#wake();
    });
  }

  #wake(): void {
    for (const resume of this.#waiting) resume();
    this.#waiting.clear();
  }

  #change(withinMs: number): Promise<void> {
    const { promise, resolve: resume } = Promise.withResolvers<void>();
    const timer = setTimeout(resume, withinMs);
    this.#waiting.add(resume);
    return promise.finally(() => clearTimeout(timer));
  }

  #story(): string {
    const code =
      this.#finished === undefined ? 'still running' : `exit ${this.#finished.code ?? this.#finished.signal}`;
    return [this.#command.join(' '), code, ...this.#out.slice(-20), ...this.#err.slice(-20)].join('\n  ');
  }
}

/** Runs a program to its end, whatever its exit code. */
export async function run(command: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const child = RunningProcess.start(command, options);
  if (options.input !== undefined) child.write(options.input);
  child.endInput();
  const limit = setTimeout(() => child.signal('SIGKILL'), options.timeoutMs ?? 120_000);
  try {
    return await child.exited;
  } finally {
    clearTimeout(limit);
  }
}

/** Runs a program that must succeed. @throws Error with its output when it does not */
export async function must(command: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, signal, stdout, stderr } = await run(command, options);
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code ?? signal}: ${stderr}${stdout}`);
  return stdout;
}
