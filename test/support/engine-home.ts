/** An engine in a simulated home, and words to ask how it stands. */
import { ip, type IpAddress } from '../../main/contract/address.ts';
import { isDeepStrictEqual } from 'node:util';
import { asForwardId, type Forward, type Transport } from '../../main/contract/model.ts';
import type { MappingStatus, Snapshot } from '../../main/contract/snapshot.ts';
import { inSeconds, port, type Millis } from '../../main/contract/units.ts';
import type { Engine, EngineOptions } from '../../main/engine/loop/engine.ts';
import { createEngine } from '../../main/engine/loop/two-routers.ts';
import { dueTests } from '../../main/engine/reach/due-tests.ts';
import { createRouterMemory } from '../../main/gateways/router-memory.ts';
import { askEcho } from '../world/echo.ts';
import { createHome, type Home, type HomeOptions } from '../world/home.ts';
import { World, type WorldOptions } from '../world/world.ts';

export interface EngineHomeOptions extends HomeOptions {
  readonly seed?: number;
  readonly world?: Omit<WorldOptions, 'seed'>;
  readonly search?: EngineOptions['search'];
  /** The router in front, on which ports are opened too. */
  readonly upstream?: IpAddress;
  /** A friend on the internet tries each open port so often. */
  readonly testedEvery?: Millis;
}

/** An entry of another device, and how {@link EngineHome.table} shows it. */
export const THEIRS = {
  transport: 'tcp',
  externalPort: 7777,
  internalClient: ip('192.168.1.11'),
  internalPort: 7777,
  description: 'theirs',
  expiresAt: 'never',
  owner: 'manual',
} as const;
export const THEIR_LINE = 'tcp 7777 -> 192.168.1.11:7777';

export class EngineHome {
  readonly world: World;
  readonly home: Home;
  engine: Engine;
  readonly #options: EngineHomeOptions;
  #stop = new AbortController();
  #ended: Promise<void> = Promise.resolve();

  static async start(options: EngineHomeOptions = {}): Promise<EngineHome> {
    const world = new World({ seed: options.seed ?? 1, ...options.world });
    const home = await createHome(world, options);
    return new EngineHome(world, home, options);
  }

  private constructor(world: World, home: Home, options: EngineHomeOptions) {
    this.world = world;
    this.home = home;
    this.#options = options;
    this.engine = this.#begin();
  }

  get snapshot(): Snapshot {
    return this.engine.snapshot;
  }

  /** Another engine on the same machine, as after `kill -9`: what it had stored is there, what it knew is not. */
  restart(): void {
    this.#stop.abort();
    this.home.client.crash();
    this.engine = this.#begin();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.world.finish(this.#ended);
  }

  #begin(): Engine {
    const { system, storage } = this.home.client;
    const engine = createEngine({
      system,
      journal: storage.log('journal'),
      memory: createRouterMemory(storage.documents(), system.log, system.clock),
      search: this.#options.search ?? { protocol: 'auto' },
      ...(this.#options.upstream === undefined
        ? {}
        : { upstream: { address: this.#options.upstream, journal: storage.log('journal-upstream') } }),
    });
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    this.#ended = engine.run(signal);
    const { testedEvery: every } = this.#options;
    if (every !== undefined) void this.#test(engine, every, signal).catch(() => undefined);
    return engine;
  }

  async #test(engine: Engine, every: Millis, signal: AbortSignal): Promise<void> {
    const { client, internet, outside } = this.home;
    for await (const { id, transport, lease } of dueTests(
      { every, clock: client.system.clock },
      () => engine.snapshot,
      signal,
    )) {
      if (outside === undefined) continue;
      const answer = await askEcho(internet.system, transport, { address: outside, port: lease.external.port });
      engine.probed(id, answer !== undefined);
    }
  }

  /** Wants exactly these and lets time pass until they have settled. */
  async want(...forwards: Forward[]): Promise<void> {
    this.engine.want(forwards);
    await this.settle();
  }

  async settle(limit: Millis = inSeconds(60)): Promise<void> {
    await this.world.finish(this.engine.settled(new AbortController().signal), limit);
  }

  async until(condition: (snapshot: Snapshot) => boolean, limit: Millis, what: string): Promise<void> {
    await this.world.until(() => condition(this.engine.snapshot), limit, what);
  }

  status(id: string, transport?: Transport): MappingStatus {
    const mapping = this.snapshot.mappings.find(
      (candidate) => candidate.forward === id && (transport === undefined || candidate.transport === transport),
    );
    if (mapping === undefined) throw new Error(`nothing of ${id} is in the snapshot`);
    return mapping.status;
  }

  get allOpen(): boolean {
    return this.snapshot.mappings.length > 0 && this.snapshot.mappings.every(({ status }) => isOpen(status));
  }

  /** The router's table, as `tcp 25565 -> 192.168.1.10:25565`. */
  get table(): readonly string[] {
    return tableOf(this.home.router);
  }

  holds(...lines: string[]): boolean {
    return isDeepStrictEqual(this.table, lines.toSorted());
  }
}

export const tableOf = (router: Home['router']): readonly string[] =>
  router
    .table()
    .map(
      ({ transport, externalPort, internalClient, internalPort }) =>
        `${transport} ${externalPort} -> ${internalClient}:${internalPort}`,
    )
    .toSorted();

export const isOpen = (status: MappingStatus): boolean => status.at === 'open' || status.at === 'renewing';

/** `forward('minecraft', 25565)`: TCP, this machine, same port inside. */
export function forward(id: string, external: number, change: Partial<Forward> = {}): Forward {
  return {
    id: asForwardId(id),
    label: id,
    transports: ['tcp'],
    families: ['ipv4'],
    external: { first: port(external), last: port(external) },
    internal: { first: port(external) },
    ifTaken: 'fail',
    ...change,
  };
}
