/** A simulated home in which a whole Portkeeper runs, for tests that speak in commands and snapshots. */
import type {
  AppClient,
  AppSnapshot,
  CommandFault,
  CommandInput,
  CommandName,
  CommandResults,
} from '../../main/contract/commands.ts';
import type { ForwardInput, ProfileId } from '../../main/contract/profiles/profile.ts';
import { inSeconds, type Millis } from '../../main/contract/units.ts';
import { App, type AppOptions } from '../../main/engine/app.ts';
import { createDispatch, createLocalClient, type Dispatch } from '../../main/engine/dispatch.ts';
import type { Host } from '../../main/engine/program/host.ts';
// Read when they are needed, which takes real time, of which a virtual home knows nothing.
import '../../main/diagnose/run-checks.ts';
import '../../main/engine/profiles/profile-text.ts';
import { createRouterMemory } from '../../main/gateways/router-memory.ts';
import { createHome, type Home, type HomeOptions } from '../world/home.ts';
import type { MemoryStorage } from '../world/memory-storage.ts';
import { hash } from '../../main/system/node/node-system.ts';
import type { System } from '../../main/system/system.ts';
import { World } from '../world/world.ts';

export type AppHomeOptions = HomeOptions &
  Pick<AppOptions, 'switches' | 'gatewayName' | 'patience' | 'readFile' | 'secrets'> & {
    readonly host?: (home: Home) => Host;
    /** The machine as the app sees it. */
    readonly around?: (system: System) => System;
    /** Before the app first looks. */
    readonly prepare?: (storage: MemoryStorage) => void;
    /** `false`: nothing is held, as for commands while nothing runs. */
    readonly runs?: boolean;
  };

export class AppHome {
  readonly world: World;
  readonly home: Home;
  readonly app: App;
  readonly dispatch: Dispatch;
  readonly client: AppClient;
  readonly #options: AppHomeOptions;
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;

  static async start(options: AppHomeOptions = {}): Promise<AppHome> {
    const world = new World({ seed: 1, hash });
    const home = await createHome(world, options);
    options.prepare?.(home.client.storage);
    return await AppHome.#on(world, home, options);
  }

  static async #on(world: World, home: Home, options: AppHomeOptions): Promise<AppHome> {
    const { storage } = home.client;
    const system = options.around?.(home.client.system) ?? home.client.system;
    const { switches, gatewayName, patience, host, readFile, secrets } = options;
    const app = await world.finish(
      App.load({
        system,
        documents: storage.documents(),
        journal: storage.log('journal'),
        upstreamJournal: storage.log('journal-upstream'),
        activity: storage.log('activity'),
        memory: createRouterMemory(storage.documents(), system.log, system.clock),
        ...(host === undefined ? {} : { host: host(home) }),
        ...(switches === undefined ? {} : { switches }),
        ...(gatewayName === undefined ? {} : { gatewayName }),
        ...(patience === undefined ? {} : { patience }),
        readFile,
        secrets,
      }),
    );
    return new AppHome(world, home, app, options);
  }

  private constructor(world: World, home: Home, app: App, options: AppHomeOptions) {
    const { runs = true } = options;
    this.#options = options;
    this.world = world;
    this.home = home;
    this.app = app;
    this.dispatch = createDispatch(app, home.client.system.log);
    this.client = createLocalClient(this.dispatch);
    this.#ended = runs ? app.run(this.#stop.signal) : Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.world.finish(this.#ended);
  }

  /** As `kill -9`: what it had stored is there, what it knew is not. */
  kill(): void {
    this.#stop.abort();
    this.home.client.crash();
  }

  /** Another Portkeeper on the same machine, once this one has ended. */
  async again(change: Pick<AppHomeOptions, 'runs' | 'patience'> = {}): Promise<AppHome> {
    return await AppHome.#on(this.world, this.home, { ...this.#options, ...change });
  }

  get snapshot(): AppSnapshot {
    return this.app.snapshot;
  }

  get storage(): MemoryStorage {
    return this.home.client.storage;
  }

  /** Lets time pass until the answer is there. @throws Error when it is a refusal */
  async do<Name extends CommandName>(name: Name, input: CommandInput<Name>): Promise<CommandResults[Name]> {
    const answer = await this.finish(this.client.ask(name, input));
    if (answer.ok) return answer.value;
    throw new Error(`${name}: ${answer.fault.code} at "${answer.fault.place}": ${answer.fault.message}`);
  }

  /** The refusal, of any input at all. @throws Error when it is done */
  async refused(name: string, input: unknown): Promise<CommandFault> {
    const answer = await this.finish(this.dispatch.command(name, input, new AbortController().signal));
    if (!answer.ok) return answer.fault;
    throw new Error(`${name} was done`);
  }

  async add(name: string, forwards: readonly ForwardInput[], on = false): Promise<ProfileId> {
    const { id } = await this.do('profile.add', { profile: { name, forwards: [...forwards], on }, confirmed: 'all' });
    return id;
  }

  async finish<Value>(work: Promise<Value>, limit: Millis = inSeconds(120)): Promise<Value> {
    return await this.world.finish(work, limit);
  }

  /** The router's table, as `tcp 25565 -> 192.168.1.10:25565`. */
  get table(): readonly string[] {
    return this.home.router
      .table()
      .map((entry) => `${entry.transport} ${entry.externalPort} -> ${entry.internalClient}:${entry.internalPort}`)
      .toSorted();
  }
}

/** `tcp(25565)`, `udp(27015, 27020)`. */
export const tcp = (first: number, last = first): ForwardInput => ports('tcp', first, last);
export const udp = (first: number, last = first): ForwardInput => ports('udp', first, last);

function ports(transport: 'tcp' | 'udp', first: number, last: number): ForwardInput {
  return { transports: [transport], external: { first, last }, internal: { first } };
}
