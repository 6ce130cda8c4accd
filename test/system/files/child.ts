import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** A script of this folder in a process of its own, which does not outlive the test. */
export function startChild(script: string, ...args: readonly string[]): Child {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const child = new Child(spawn(process.execPath, [file, ...args]));
  onTestFinished(() => child.kill());
  return child;
}

export class Child {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #exited: Promise<unknown>;
  #said = '';

  constructor(process: ChildProcessWithoutNullStreams) {
    this.#process = process;
    this.#exited = once(process, 'exit');
    process.stdout.setEncoding('utf8').on('data', (text: string) => (this.#said += text));
    process.stderr.setEncoding('utf8').on('data', (text: string) => (this.#said += text));
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Lines it has written in full. */
  get lines(): readonly string[] {
    return this.#said.split('\n').slice(0, -1);
  }

  /** Until it has written that many lines. */
  async wrote(count: number): Promise<readonly string[]> {
    while (this.lines.length < count) {
      if (this.#process.exitCode !== null) throw new Error(`the child ended after: ${this.#said}`);
      await Promise.race([once(this.#process.stdout, 'data'), this.#exited]);
    }
    return this.lines;
  }

  /** Until it has ended on its own. */
  async ended(): Promise<readonly string[]> {
    await this.#exited;
    return this.lines;
  }

  /** Nobody reads its errors any more. */
  closeStderr(): void {
    this.#process.stderr.destroy();
  }

  /** SIGKILL: no handler runs, nothing is flushed. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#exited;
  }
}
