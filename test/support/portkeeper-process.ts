/** The command line as people run it: a process of its own, against a demo router on loopback. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ip } from '../../main/contract/address.ts';
import { epochMs, inHours } from '../../main/contract/units.ts';
import { startDemoRouter } from '../../main/simulator/on-loopback/demo-router.ts';
import { personality, type PersonalityName } from '../../main/simulator/personalities/personalities.ts';
import type { SimRouter } from '../../main/simulator/router/router.ts';
import type { SimMapping } from '../../main/simulator/router/router-table.ts';
import { createNodeSystem } from '../../main/system/node/node-system.ts';
import { PORTKEEPER } from '../peers/lab/portkeeper.ts';
import { RunningProcess, type Finished, type SpawnOptions } from '../peers/lab/process.ts';

export type Said = Readonly<Record<string, unknown>>;
type Fits = (said: Said) => boolean;

/** So long nothing takes; only a hang does. */
const HANG = 150_000;

export interface Outcome extends Finished {
  /** Standard output as JSON, a value for each line. Reading it throws SyntaxError when a line is no JSON. */
  readonly said: readonly Said[];
}

export class Portkeeper {
  readonly process: RunningProcess;

  constructor(process: RunningProcess) {
    this.process = process;
  }

  /** @throws SyntaxError when a line is no JSON */
  get said(): readonly Said[] {
    return this.process.lines.map(parsed);
  }

  /** The first value with this "event", past or future, that fits. @throws Error when the program ends without it */
  until(event: string, fits: Fits = () => true): Promise<Said> {
    const pick = (line: string): Said | undefined => {
      const said = parsed(line);
      return said['event'] === event && fits(said) ? said : undefined;
    };
    return this.process.line(pick, { timeoutMs: HANG });
  }

  /** The first line of standard output that matches. @throws Error when the program ends without it */
  line(pattern: RegExp): Promise<string> {
    return this.process.line((line) => (pattern.test(line) ? line : undefined), { timeoutMs: HANG });
  }

  /** Resolves once standard error has a line that matches. @throws Error when the program ends without it */
  async note(pattern: RegExp): Promise<string> {
    for (let waited = 0; waited < HANG; waited += 50) {
      const found = this.process.errors.find((line) => pattern.test(line));
      if (found !== undefined) return found;
      if (!this.process.running) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`nobody said ${pattern}:\n${this.process.errors.join('\n')}`);
  }

  /** Ctrl-C, and the end. */
  async interrupt(): Promise<Finished> {
    return await this.process.end('SIGINT');
  }

  async ended(): Promise<Outcome> {
    const timer = setTimeout(() => this.process.signal('SIGKILL'), HANG);
    try {
      const finished = await this.process.exited;
      const { lines } = this.process;
      return {
        ...finished,
        get said() {
          return lines.map(parsed);
        },
      };
    } finally {
      clearTimeout(timer);
    }
  }
}

const parsed = (line: string): Said => Object(JSON.parse(line));

/** A simulated router on loopback, in the process of the test: what it has is seen at once. */
export class DemoRouter {
  /** URL of its description. */
  readonly url: string;
  /** Options that lead to its UPnP. */
  readonly upnp: readonly string[];
  /** Options that lead to its PCP and NAT-PMP. */
  readonly pxp: readonly string[];
  readonly router: SimRouter;
  /** Whoever uses it then finds nobody at its ports. */
  readonly stop: () => Promise<void>;

  static async start(options: { readonly like?: PersonalityName; readonly httpPort?: number }): Promise<DemoRouter> {
    const { like, ...place } = options;
    const silent = (): void => undefined;
    const traits = like === undefined ? {} : { personality: personality(like) };
    const system = createNodeSystem({ log: { write: silent } });
    return new DemoRouter(
      await startDemoRouter({ log: silent, ...traits, ...place }, system, new AbortController().signal),
    );
  }

  private constructor(demo: Awaited<ReturnType<typeof startDemoRouter>>) {
    this.url = demo.location;
    this.upnp = ['--router', demo.location];
    this.pxp = ['--router', '127.0.0.1', '--pxp-port', String(demo.pxp.port)];
    this.router = demo.router;
    this.stop = () => demo.stop();
  }

  /** In the order of the ports. */
  get entries(): readonly SimMapping[] {
    return this.router
      .table()
      .toSorted((one, other) => one.externalPort - other.externalPort || (one.transport < other.transport ? -1 : 1));
  }

  /** Its entries, as `25565/tcp`. */
  get table(): readonly string[] {
    return this.entries.map(({ externalPort, transport }) => `${externalPort}/${transport}`);
  }

  /** Makes an entry as another device would. */
  addForeign(port: number): void {
    this.router.addMapping({
      transport: 'tcp',
      externalPort: port,
      internalClient: ip('127.0.0.99'),
      internalPort: port,
      description: 'xbox',
      expiresAt: epochMs(Date.now() + inHours(1)),
      owner: 'igd',
    });
  }
}

/** A folder of its own below the temporary one, and all that runs in it. */
export class Workplace {
  readonly folder: string;
  readonly #running: Portkeeper[] = [];
  readonly #routers: DemoRouter[] = [];

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(): Promise<Workplace> {
    return new Workplace(await mkdtemp(path.join(tmpdir(), 'portkeeper-cli-')));
  }

  /** Ends every process that is left, by its id, and removes the folder. */
  async close(): Promise<void> {
    await this.endAll();
    for (const router of this.#routers) await router.stop();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** For what a test that failed has left running. Says whether there was something. */
  async endAll(): Promise<boolean> {
    const left = this.#running.splice(0).filter(({ process }) => process.running);
    for (const { process } of left) await process.end('SIGKILL');
    return left.length > 0;
  }

  path(...parts: readonly string[]): string {
    return path.join(this.folder, ...parts);
  }

  async write(name: string, text: string): Promise<string> {
    await writeFile(this.path(name), text);
    return this.path(name);
  }

  /** With the data folder `data` here unless `args` name one. */
  start(args: readonly string[], options: SpawnOptions = {}): Portkeeper {
    const isApart = ['demo-router', 'probe-server'].includes(args[0] ?? '') || args.includes('--data-dir');
    const folder = isApart ? [] : ['--data-dir', this.path('data')];
    return this.#hold([...PORTKEEPER, ...args, ...folder], options);
  }

  /** Any command, such as a shell's pipeline. */
  spawn(command: readonly string[], options: SpawnOptions = {}): Portkeeper {
    return this.#hold(command, options);
  }

  /** To its end. */
  async run(args: readonly string[], input?: string): Promise<Outcome> {
    const started = this.start(args);
    if (input !== undefined) started.process.write(input);
    started.process.endInput();
    return await started.ended();
  }

  async demoRouter(options: Parameters<typeof DemoRouter.start>[0] = {}): Promise<DemoRouter> {
    const router = await DemoRouter.start(options);
    this.#routers.push(router);
    return router;
  }

  #hold(command: readonly string[], options: SpawnOptions): Portkeeper {
    const { PORTKEEPER_DATA_DIR: _theirs, ...env } = process.env;
    const started = new Portkeeper(RunningProcess.start(command, { env, cwd: this.folder, ...options }));
    this.#running.push(started);
    return started;
  }
}

/** Resolves once `condition` gives a value. @throws Error when it never does */
export async function eventually<Value>(condition: () => Promise<Value | undefined>): Promise<Value> {
  for (let waited = 0; waited < HANG; waited += 100) {
    const value = await condition();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('it never happened');
}
