/** A simulated router, for as long as it takes the place of the real ones. Nothing of it is stored. */
import { createRouterMemory } from '../gateways/router-memory.ts';
import type { DocumentStore, RecordLog, System } from '../system/system.ts';
import { CommandError } from './command-error.ts';
import type { EngineOptions } from './loop/engine.ts';
import type { Host } from './program/host.ts';

/** It ends with this process, and what it holds with it: nothing could be left open. */
export const NOTHING_RECORDED: RecordLog = {
  load: () => Promise.resolve([]),
  append: () => Promise.resolve(),
  rewrite: () => Promise.resolve(),
};
/** Its values must not be believed of a real router. */
const NOTHING_KEPT: DocumentStore = { read: () => Promise.resolve(undefined), write: () => Promise.resolve() };

export class Demo {
  readonly #system: System;
  readonly #host: Host | undefined;
  #stop = new AbortController();
  #location: string | undefined;

  constructor(system: System, host: Host | undefined) {
    this.#system = system;
    this.#host = host;
  }

  /** Is it there, or about to be? */
  get isOn(): boolean {
    return this.#location !== undefined;
  }

  /** Where it is, while it is on. */
  get location(): string | undefined {
    return this.#location;
  }

  /** Means for an engine while it is on: it looks there, and nowhere else, and leaves nothing behind. */
  get means(): Pick<EngineOptions, 'search' | 'journal' | 'memory'> | undefined {
    if (this.#location === undefined) return undefined;
    const { log, clock } = this.#system;
    const memory = createRouterMemory(NOTHING_KEPT, log, clock);
    return { search: { protocol: 'auto', manual: this.#location }, journal: NOTHING_RECORDED, memory };
  }

  /** @throws CommandError */
  async start(): Promise<void> {
    const router = this.#host?.demo;
    if (router === undefined) {
      throw new CommandError('not-here', '', { code: 'no-demo', parameters: {} });
    }
    const stop = new AbortController();
    this.#stop = stop;
    try {
      this.#location = await router.start(stop.signal);
    } catch (error) {
      stop.abort();
      this.#system.log.write('error', 'could not start the simulated router', { error: String(error) });
      const parameters = { fault: error instanceof Error ? error.message : String(error) };
      throw new CommandError('failed', '', { code: 'demo-failed', parameters }, { cause: error });
    }
  }

  /** From now on it is no longer meant. Returns what ends it, once nobody works with it any more. */
  leave(): () => void {
    this.#location = undefined;
    const stop = this.#stop;
    return () => stop.abort();
  }
}
