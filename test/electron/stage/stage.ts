/** Where the packaged app is started: a folder of its own as the person's home, and what runs in it. */
import { chown, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { NODE, RunningProcess, type Finished } from '../../peers/lab/process.ts';
import type { Namespace } from '../../peers/lab/namespace.ts';
import { App } from './app.ts';
import { inTime } from './until.ts';

const { PORTKEEPER_APP } = process.env;

/** The app under test. @throws Error when the environment names none */
export const PROGRAM = ((): string => {
  if (PORTKEEPER_APP === undefined) throw new Error('PORTKEEPER_APP names no app: see npm run test:electron.');
  return path.resolve(PORTKEEPER_APP);
})();

/** Another than root: Chromium's sandbox does not let root in. */
export const PERSON = { name: 'nobody', uid: 65_534, gid: 65_534 } as const;

const ROUTER_TABLE = path.join(import.meta.dirname, 'router-table.ts');
const READY = /^\{.*"location":"(?<url>[^"]+)"/;

/** As it is stored. */
export interface Book {
  readonly profiles?: readonly object[];
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** A profile of one port, switched on. */
export const MINECRAFT = {
  id: 'minecraft',
  name: 'Minecraft',
  on: true,
  forwards: [
    {
      label: '',
      transports: ['tcp'],
      families: ['ipv4'],
      external: { first: 25_565, last: 25_565 },
      internal: { first: 25_565 },
      ifTaken: 'fail',
    },
  ],
} as const;

/** Where processes run. */
export interface Site {
  readonly folder: string;
  /** Root alone can make one. */
  readonly namespace: Namespace | undefined;
}

export interface StartOptions {
  readonly data?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** A simulated router, run by the installed command line. */
export interface DemoRouter {
  /** URL of its description. */
  readonly url: string;
  readonly process: RunningProcess;
  /** Makes an entry as another device would. */
  addForeign(port: number, client: string, label: string): Promise<void>;
  /** Has its table an entry for this TCP port now? */
  has(port: number): Promise<boolean>;
}

export class Stage {
  /** The person's. */
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  readonly #namespace: Namespace | undefined;
  readonly #apps: App[] = [];
  readonly #running: RunningProcess[] = [];

  protected constructor({ folder, namespace }: Site, env: NodeJS.ProcessEnv) {
    this.home = folder;
    this.#namespace = namespace;
    this.env = env;
  }

  /** On this computer as it is, whichever system it has. */
  static async here(): Promise<Stage> {
    const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'portkeeper-')));
    const inherited = Object.entries(process.env).filter(
      ([name]) => !/^(?:PORTKEEPER_|ELECTRON_|NODE_OPTIONS$|VITEST)/.test(name),
    );
    return new Stage({ folder, namespace: undefined }, Object.fromEntries(inherited));
  }

  /** Ends every process that it started, by its id, and removes the folder. */
  async stop(): Promise<void> {
    for (const app of this.#apps) await app.kill();
    for (const process of this.#running.toReversed()) if (process.running) await process.end('SIGKILL');
    await rm(this.home, { recursive: true, force: true, maxRetries: 5 });
  }

  get data(): string {
    return path.join(this.home, 'data');
  }

  /** Starts the app. */
  start(args: readonly string[] = [], { data = this.data, env = {} }: StartOptions = {}): App {
    const command = [PROGRAM, '--remote-debugging-pipe', ...args];
    const app = new App(this.#asPerson(command), data, { ...this.env, PORTKEEPER_DATA_DIR: data, ...env });
    this.#apps.push(app);
    return app;
  }

  /** Starts the app a second time, and waits for the end of that. */
  async startAgain(args: readonly string[] = []): Promise<void> {
    const { code, signal } = await this.start(args).end();
    if (code !== 0) throw new Error(`the second start ended with ${code ?? signal}`);
  }

  /** A program on this computer, as the person; it ends with the stage. */
  spawn(command: readonly string[], env: NodeJS.ProcessEnv = {}): RunningProcess {
    return this.#keep(this.#asPerson(command), env);
  }

  /** To its end, whatever its exit code. */
  async run(command: readonly string[]): Promise<Finished> {
    const process = this.spawn(command);
    process.endInput();
    return await inTime(command.join(' '), process.exited);
  }

  /** The installed command line. */
  portkeeper(...args: readonly string[]): RunningProcess {
    return this.spawn([...commandLine(), ...args], { PORTKEEPER_DATA_DIR: this.data });
  }

  async demoRouter(...args: readonly string[]): Promise<DemoRouter> {
    const process = this.portkeeper('demo-router', '--json', ...args);
    const url = await process.line((line) => READY.exec(line)?.groups?.['url']);
    return {
      url,
      process,
      addForeign: async (port, client, label) => {
        await this.#askRouter('add', url, `${port}`, client, label);
      },
      has: async (port) => (await this.#askRouter('has', url, `${port}`)) === 'true',
    };
  }

  /** Not as the person, who may not be able to read the script. */
  async #askRouter(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.#keep(this.#inside([NODE, ROUTER_TABLE, ...args]), {}).exited;
    if (code !== 0) throw new Error(stderr);
    return stdout.trim();
  }

  /** Writes the profiles and settings that the app finds when it starts. */
  async keep(book: Book, version = 1): Promise<void> {
    await this.write('data/profiles.json', JSON.stringify({ version, profiles: [], ...book }));
  }

  /** Writes a file of the person's. */
  async write(name: string, text: string): Promise<void> {
    await this.folder(path.dirname(name));
    await writeFile(path.join(this.home, name), text, { mode: 0o600 });
    await this.give(path.join(this.home, name));
  }

  /** Makes a folder of the person's. */
  async folder(name: string): Promise<string> {
    const folder = path.join(this.home, name);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await this.give(folder);
    return folder;
  }

  /** Lets the person have a file or folder that was made here. */
  async give(file: string): Promise<void> {
    if (this.#namespace !== undefined) await chown(file, PERSON.uid, PERSON.gid);
  }

  #keep(command: readonly string[], env: NodeJS.ProcessEnv): RunningProcess {
    const started = RunningProcess.start(command, { env: { ...this.env, ...env }, cwd: this.home });
    this.#running.push(started);
    return started;
  }

  #inside(command: readonly string[]): readonly string[] {
    return this.#namespace === undefined ? command : this.#namespace.command(command);
  }

  #asPerson(command: readonly string[]): readonly string[] {
    if (this.#namespace === undefined) return command;
    const ids = ['--reuid', `${PERSON.uid}`, '--regid', `${PERSON.gid}`, '--clear-groups'];
    return this.#namespace.command(['setpriv', ...ids, '--', ...command]);
  }
}

function commandLine(): readonly string[] {
  const folder = path.dirname(PROGRAM);
  if (process.platform === 'darwin') return [path.join(folder, '../Resources/bin/portkeeper')];
  const file = path.join(folder, 'resources/bin/portkeeper');
  return process.platform === 'win32' ? ['cmd.exe', '/c', `${file}.cmd`] : [file];
}
