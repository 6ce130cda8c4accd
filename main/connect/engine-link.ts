/**
 * The one engine that tray, window and notifications work with, for as long as the app lives: its own, or that of
 * another process until that one ends, and then its own.
 */
import type { AppSnapshot, CommandFault } from '../contract/commands.ts';
import { inSeconds, type Millis } from '../contract/units.ts';
import { Computed, Watch } from '../contract/watch.ts';
import { commandFault } from '../contract/words/faults.ts';
import { ConnectionLost } from './client.ts';
import { StorageError, type Clock, type Log } from '../system/system.ts';
import type { Gate, Resident, Surroundings } from './resident.ts';

export type LinkState =
  | { readonly at: 'connecting' }
  /** The data folder cannot be had now; it is tried again. */
  | { readonly at: 'blocked'; readonly fault: StorageError['fault']; readonly path: string }
  | { readonly at: 'connected'; readonly role: Resident['role'] };

export interface LinkParts {
  /** @throws StorageError when the data folder cannot be had, or the signal's reason */
  readonly meet: (signal: AbortSignal) => Promise<Resident>;
  readonly clock: Clock;
  readonly log: Log;
}

const AGAIN: Millis = inSeconds(5);

const NOBODY: CommandFault = commandFault('stopped', '', { code: 'not-connected', parameters: {} });

export class EngineLink implements Gate {
  readonly #parts: LinkParts;
  readonly #snapshots = new Watch<AppSnapshot>();
  readonly #states = new Computed(() => this.#state);
  #state: LinkState = { at: 'connecting' };
  #session: Resident | undefined;
  #surroundings: Surroundings | undefined;
  #isLeaving = false;

  constructor(parts: LinkParts) {
    this.#parts = parts;
  }

  /** As long as the signal lasts; once. Then the data folder is free. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#meetOnce(signal);
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof StorageError)) throw error;
        const { fault, path } = error;
        this.#parts.log.write('warn', 'could not use the data folder', { fault, path, error: error.message });
        this.#become({ at: 'blocked', fault, path });
        await this.#parts.clock.sleep(AGAIN, signal).catch(() => undefined);
      }
    }
  }

  get state(): LinkState {
    return this.#state;
  }

  /** Absent before there is an engine. */
  get snapshot(): AppSnapshot | undefined {
    return this.#snapshots.latest;
  }

  async command(name: string, input: unknown, signal: AbortSignal): ReturnType<Gate['command']> {
    signal.throwIfAborted();
    const session = this.#session;
    if (session === undefined || this.#isLeaving) return { ok: false, fault: NOBODY };
    try {
      return await session.command(name, input, signal);
    } catch (error) {
      if (error instanceof ConnectionLost) return { ok: false, fault: NOBODY };
      throw error;
    }
  }

  /** The first call is immediate when there is an engine, or comes with it. */
  watch(listener: (snapshot: AppSnapshot) => void): () => void {
    return this.#snapshots.watch(listener);
  }

  /** The first call is immediate. Returns what ends it. */
  watchState(listener: (state: LinkState) => void): () => void {
    return this.#states.watch(listener);
  }

  woke(): void {
    this.#session?.woke();
  }

  setSurroundings(surroundings: Surroundings): void {
    this.#surroundings = surroundings;
    this.#session?.setSurroundings(surroundings);
  }

  /** Closes or keeps open ports, as the person chose. Resolves after `limit` at the latest. */
  async leave(limit: Millis): Promise<void> {
    this.#isLeaving = true;
    await this.#session?.leave(limit);
  }

  async #meetOnce(signal: AbortSignal): Promise<void> {
    const session = await this.#parts.meet(signal);
    const stop = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => stop.resolve(), { once: true });
    let unwatch = (): void => undefined;
    try {
      if (signal.aborted) return;
      this.#session = session;
      if (this.#surroundings !== undefined) session.setSurroundings(this.#surroundings);
      this.#parts.log.write('info', 'engine ready', { role: session.role });
      unwatch = session.watch((snapshot) => this.#snapshots.set(snapshot));
      this.#become({ at: 'connected', role: session.role });
      await Promise.race([session.over, stop.promise]);
    } finally {
      this.#session = undefined;
      // The last engine's state is shown until the next one reports its own.
      if (!signal.aborted) this.#become({ at: 'connecting' });
      // The last that it says is whether all is stored.
      await session.end().finally(unwatch);
    }
  }

  #become(state: LinkState): void {
    this.#state = state;
    this.#states.changed();
  }
}
