/** A whole Portkeeper behind a window, in a simulated home or with a simulated router on real sockets. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ip } from '../../../main/contract/address.ts';
import type { Settings } from '../../../main/contract/settings.ts';
import { millis, type EpochMs, type Millis } from '../../../main/contract/units.ts';
import { App } from '../../../main/engine/app.ts';
import { createDispatch, type Dispatch } from '../../../main/engine/dispatch.ts';
import { createRouterMemory } from '../../../main/gateways/router-memory.ts';
import {
  createDemoStarter,
  startDemoRouter,
  type DemoRouter,
} from '../../../main/simulator/on-loopback/demo-router.ts';
import type { Personality } from '../../../main/simulator/router/personality.ts';
import { createDocumentStore } from '../../../main/system/node/files/document-store.ts';
import { createRecordLog } from '../../../main/system/node/files/record-log.ts';
import { createNodeSystem } from '../../../main/system/node/node-system.ts';
import type { Log } from '../../../main/system/system.ts';
import type { AppHome } from '../../support/app-home.ts';
import { testHost } from '../../support/test-host.ts';

export interface StagedApp {
  readonly dispatch: Dispatch;
  readonly log: Log;
  /** Time the window's clock should show; `undefined` where it is right anyhow. */
  readonly now?: () => EpochMs;
  /** Idempotent. */
  stop(): Promise<void>;
}

/** Milliseconds of the home that pass in as many of ours. */
const STEP = 25;
/** The same while somebody waits for what takes a router its time. */
const HURRIED = 1000;

/**
 * The home's time passes as ours does, so that what is clicked gets done; {@link elapse} lets more pass at once.
 * Nothing else may let it pass meanwhile.
 */
export class HomeOnStage implements StagedApp {
  readonly home: AppHome;
  #isStopped = false;
  #step = STEP;
  #turn: Promise<void> = Promise.resolve();
  readonly #flow: Promise<void>;

  constructor(home: AppHome) {
    this.home = home;
    this.#flow = this.#passTime();
  }

  get dispatch(): Dispatch {
    return this.home.dispatch;
  }

  get log(): Log {
    return this.home.home.client.system.log;
  }

  readonly now = (): EpochMs => this.home.world.now;

  async elapse(duration: Millis): Promise<void> {
    await this.alone(() => this.home.world.run(duration));
  }

  /** Time passes forty times as fast until that has happened: `app.hurry(page.getByText('Signed in').waitFor())`. */
  async hurry(wait: Promise<void>): Promise<void> {
    this.#step = HURRIED;
    await wait.finally(() => {
      this.#step = STEP;
    });
  }

  /** For what lets time pass itself: `stage.alone(() => home.do('profile.switch', …))`. */
  async alone<Value>(work: () => Promise<Value>): Promise<Value> {
    const turn = this.#turn.then(work);
    this.#turn = turn.then(
      () => undefined,
      () => undefined,
    );
    return await turn;
  }

  async change(settings: Partial<Settings>): Promise<void> {
    await this.alone(() => this.home.do('settings.change', { settings }));
  }

  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    await this.#flow;
    await this.alone(() => this.home.stop());
  }

  async #passTime(): Promise<void> {
    while (!this.#isStopped) {
      await this.elapse(millis(this.#step));
      await sleep(STEP);
    }
  }
}

/** The demo router takes the place of the real one at home; the window can have another simulated one beside it. */
export class LoopbackOnStage implements StagedApp {
  readonly dispatch: Dispatch;
  readonly app: App;
  readonly log: Log;
  readonly router: DemoRouter;
  readonly #stop: AbortController;
  readonly #ended: Promise<void>;
  readonly #folder: string;

  static async start(personality?: Personality): Promise<LoopbackOnStage> {
    const folder = await mkdtemp(path.join(tmpdir(), 'portkeeper-stage-'));
    const log: Log = { write: () => undefined };
    const system = createNodeSystem({ log });
    const stop = new AbortController();
    const like = personality === undefined ? {} : { personality };
    // Named, so that a router that was restarted is found where it was: on loopback nothing announces it.
    const listener = await system.tcp.listen({ address: ip('127.0.0.1') });
    listener.close();
    const httpPort = listener.local.port;
    const router = await startDemoRouter({ log: () => undefined, httpPort, ...like }, system, stop.signal);
    const documents = createDocumentStore(folder);
    const app = await App.load({
      system,
      documents,
      journal: createRecordLog(path.join(folder, 'journal.jsonl')),
      memory: createRouterMemory(documents, log, system.clock),
      search: { manual: router.location },
      host: testHost({ demo: createDemoStarter(system) }),
    });
    return new LoopbackOnStage({ app, log, router, stop, folder });
  }

  private constructor(parts: {
    readonly app: App;
    readonly log: Log;
    readonly router: DemoRouter;
    readonly stop: AbortController;
    readonly folder: string;
  }) {
    this.app = parts.app;
    this.log = parts.log;
    this.router = parts.router;
    this.#stop = parts.stop;
    this.#folder = parts.folder;
    this.dispatch = createDispatch(parts.app, parts.log);
    this.#ended = parts.app.run(parts.stop.signal);
  }

  /** The router's table, as `tcp 25565`. */
  get table(): readonly string[] {
    return this.router.router
      .table()
      .map((entry) => `${entry.transport} ${entry.externalPort}`)
      .toSorted();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
    await this.router.stop();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
