/** The packaged app: a process with a window, a data folder and an end. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable, Writable } from 'node:stream';
import * as v from 'valibot';
import { DevTools } from './devtools.ts';
import { Page } from './page.ts';
import { inTime, until } from './until.ts';

export interface Ending {
  /** `null` when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const Processes = v.object({ processInfo: v.array(v.object({ type: v.string(), id: v.number() })) });

export class App {
  readonly data: string;
  /** How it ended. */
  readonly ended: Promise<Ending>;
  readonly #child: ChildProcess;
  readonly #devtools: DevTools;
  #said = '';
  #ending: Ending | undefined;

  /** @param command with its arguments @param data its data folder, which `env` names */
  constructor([file = '', ...args]: readonly string[], data: string, env: NodeJS.ProcessEnv) {
    this.data = data;
    this.#child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'] });
    const [, output, errors, to, from] = this.#child.stdio;
    if (!(to instanceof Writable) || !(from instanceof Readable)) throw new Error('there is no pipe to the app');
    this.#devtools = new DevTools(to, from);
    for (const stream of [output, errors]) {
      if (stream instanceof Readable) stream.setEncoding('utf8').on('data', (text: string) => (this.#said += text));
    }
    const { promise, resolve, reject } = Promise.withResolvers<Ending>();
    this.#child.once('error', reject);
    this.#child.once('exit', (code, signal) => {
      this.#ending = { code, signal };
      resolve(this.#ending);
    });
    this.ended = promise;
    promise.catch(() => undefined);
  }

  get isRunning(): boolean {
    return this.#ending === undefined;
  }

  /** Its output. */
  get said(): string {
    return this.#said;
  }

  async page(): Promise<Page> {
    const ended = this.ended.then(({ code, signal }) => {
      throw new Error(`the app ended with ${code ?? signal}: ${this.#said}`);
    });
    return await Promise.race([Page.of(this.#devtools), ended]);
  }

  /** Its process that draws the page. */
  async renderer(): Promise<number> {
    return await until('a process for the page', async () => {
      const { processInfo } = v.parse(Processes, await this.#devtools.ask('SystemInfo.getProcessInfo'));
      return processInfo.find(({ type }) => type === 'renderer')?.id;
    });
  }

  /** How it ends. @throws Error when it does not */
  async end(): Promise<Ending> {
    return await inTime('the end of the app', this.ended);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** A file of its data folder. @throws when it is not there */
  async file(name: string): Promise<string> {
    return await readFile(path.join(this.data, name), 'utf8');
  }

  /** Ends it whatever it does, and waits for that. */
  async kill(): Promise<void> {
    if (this.#child.pid === undefined) return;
    this.#child.kill('SIGKILL');
    await this.ended;
  }
}
