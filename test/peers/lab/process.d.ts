/** The Node of devDependencies, whatever Node the machine has. */
export declare const NODE: any;
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
  /** Ends the process with SIGKILL; 60 s when absent, so that nothing hangs for ever. */
  readonly timeoutMs?: number;
}
export type SpawnOptions = Omit<RunOptions, 'input' | 'timeoutMs'>;
/** A running process. Its output is kept whole: meant for programs that say little. */
export declare class RunningProcess {
  #private;
  readonly pid: number;
  readonly exited: Promise<Finished>;
  /** @throws Error when the program cannot be started */
  static start(command: readonly string[], options?: SpawnOptions): RunningProcess;
  private constructor();
  /** Lines of standard output so far, the unfinished last one not among them. */
  get lines(): readonly string[];
  /** Lines of standard error so far. */
  get errors(): readonly string[];
  get running(): boolean;
  write(line: string): void;
  endInput(): void;
  /** The value of the first line, past or future, for which `pick` gives one.
   * @throws Error when the process ends first, or nothing fits in time (30 s when absent) */
  line<T>(
    pick: (line: string) => T | undefined,
    options?: {
      readonly timeoutMs?: number;
    },
  ): Promise<T>;
  /** Sends the signal and waits for the end; a process that ignores it for 10 s is killed. */
  end(signal?: NodeJS.Signals): Promise<Finished>;
  /** Sends the signal without waiting. */
  signal(signal: NodeJS.Signals): void;
  /** Lets the test runner end while this process still runs (the reaper then ends it). */
  unref(): void;
}
/** Runs a program to its end, whatever its exit code. */
export declare function run(command: readonly string[], options?: RunOptions): Promise<Finished>;
/** Runs a program that must succeed. @throws Error with its output when it does not */
export declare function must(command: readonly string[], options?: RunOptions): Promise<string>;
