/**
 * Keeps something held, whoever has the engine: as the guest of a running process or, where none runs, in this one; and in
 * this one when that process ends, unless another guest was quicker.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, AppClient, AppSnapshot, CommandInput, CommandResults } from '../contract/commands.ts';
import { millis, type Millis } from '../contract/units.ts';
import { until, Watch } from '../contract/watch.ts';
import { ConnectionLost } from './client.ts';
import type { EngineSession } from './program.ts';

type HoldInput = CommandInput<'forwards.hold'>;
type Held = Answer<CommandResults['forwards.hold']>;

export interface KeeperOptions {
  /** @param isTakeover what was held until now is to be taken over @throws StorageError, or the signal's reason */
  readonly meet: (isTakeover: boolean, signal: AbortSignal) => Promise<EngineSession>;
  /** The ports to hold in this session. */
  readonly input: (session: EngineSession) => HoldInput | Promise<HoldInput>;
  /** This process has taken over, or is the guest of another one by now. */
  readonly moved?: (session: EngineSession) => void;
}

/** Milliseconds before whoever is about to end is asked again. */
const PAUSE = 100;

export class HoldKeeper {
  readonly #options: KeeperOptions;
  readonly #ended = Promise.withResolvers<void>();
  readonly #snapshots = new Watch<AppSnapshot>();
  #session: EngineSession | undefined;
  /** Ends the hold. */
  #holding = new AbortController();
  /** Holds that have not settled yet. */
  readonly #settling = new Set<AbortController>();
  #isHeld = false;
  /** Ends what is still taken over, once there is no more time for it. */
  readonly #late = new AbortController();
  #unwatch: () => void = () => undefined;
  #moving: Promise<void> = Promise.resolve();
  #isLeaving = false;

  constructor(options: KeeperOptions) {
    this.#options = options;
    // Handled where it is awaited; nobody may await it, when the work is done first.
    this.#ended.promise.catch(() => undefined);
  }

  /** Resolves when a person has released it. @throws what keeps everybody from holding it, such as a StorageError */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** The current session. */
  get session(): EngineSession | undefined {
    return this.#session;
  }

  /** Resolves when there is an engine to hold it; once. @throws StorageError, or the signal's reason */
  async begin(signal: AbortSignal): Promise<EngineSession> {
    const session = await this.#options.meet(false, signal);
    this.#adopt(session);
    return session;
  }

  /** Holds it; resolves when it has settled. Again: what was held before is replaced by what is to be held now, unless that is
   * refused. @throws the signal's reason */
  async hold(signal: AbortSignal): Promise<Held> {
    for (;;) {
      const session = await this.#settled(signal);
      const answer = await this.#holdIn(session, signal);
      if (answer?.ok === true) await this.#seen(answer.value.revision, session, signal);
      if (answer !== undefined) return answer;
      this.#move(session);
    }
  }

  /** Snapshots of whoever has the engine; while it changes hands, none. The first call is immediate. Returns what ends it. */
  watch(listener: (snapshot: AppSnapshot) => void): () => void {
    return this.#snapshots.watch(listener);
  }

  /** As it is now. @throws the signal's reason */
  async snapshot(signal: AbortSignal): Promise<AppSnapshot> {
    return await until(this.#snapshots, () => true, signal);
  }

  /** Ends the hold of that name, which the engine then closes or keeps: see `forwards.release`. Resolves when that has settled,
   * also when a person did it before. @throws the signal's reason, or that nobody has it any more */
  async release(hold: string, keep: boolean, signal: AbortSignal): Promise<void> {
    const answer = await this.ask((client) => client.ask('forwards.release', { hold, keep }, signal), signal);
    if (answer.ok && this.#session !== undefined) await this.#seen(answer.value.revision, this.#session, signal);
  }

  /** Asks whoever has the engine, also one that comes after. @throws the signal's reason, or that nobody has it any more */
  async ask<Value>(work: (client: AppClient) => Promise<Answer<Value>>, signal: AbortSignal): Promise<Answer<Value>> {
    for (;;) {
      const session = await this.#settled(signal);
      try {
        const answer = await work(session.client);
        if (answer.ok || answer.fault.code !== 'stopped') return answer;
      } catch (error) {
        if (!(error instanceof ConnectionLost)) throw error;
      }
      this.#move(session);
    }
  }

  /** Lets go of it, and of the engine if that is here; others take over what they hold. Resolves after `limit` at the latest, as
   * far as the engine does. Idempotent. */
  async leave(limit: Millis): Promise<void> {
    this.#isLeaving = true;
    const began = process.uptime();
    // A hold that changes hands is taken over first: nobody else closes what the one before has left open.
    const moved = new AbortController();
    const tooLong = sleep(limit, undefined, { signal: moved.signal }).catch(() => undefined);
    await Promise.race([this.#moving.catch(() => undefined), tooLong]);
    moved.abort();
    this.#late.abort();
    this.#letGo();
    await this.#moving.catch(() => undefined);
    // It may have moved meanwhile.
    this.#letGo();
    this.#unwatch();
    const session = this.#session;
    this.#session = undefined;
    if (session === undefined) return;
    await session.leave(millis(Math.max(0, limit - (process.uptime() - began) * 1000)));
    await session.end();
  }

  /** The session once it is not changing hands. @throws ConnectionLost, or the signal's reason */
  async #settled(signal: AbortSignal): Promise<EngineSession> {
    await this.#moving;
    signal.throwIfAborted();
    if (this.#session === undefined) throw new ConnectionLost('nobody holds it any more');
    return this.#session;
  }

  /** Snapshots come another way than answers. @throws the signal's reason */
  async #seen(revision: number, session: EngineSession, signal: AbortSignal): Promise<void> {
    const isSeen = (snapshot: AppSnapshot): boolean => snapshot.revision >= revision || this.#session !== session;
    await until(this.#snapshots, isSeen, signal);
  }

  #letGo(): void {
    for (const holding of [this.#holding, ...this.#settling]) holding.abort();
  }

  /** `undefined`: the session cannot be used any more. */
  async #holdIn(session: EngineSession, signal: AbortSignal): Promise<Held | undefined> {
    const holding = new AbortController();
    const input = await this.#options.input(session);
    this.#settling.add(holding);
    const stop = (): void => holding.abort(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    try {
      this.#late.signal.throwIfAborted();
      const answer = await session.client.hold(input, holding.signal, (why) => {
        if (holding !== this.#holding) return;
        if (why === 'released') this.#ended.resolve();
        else if (why === 'lost') this.#move(session);
      });
      if (answer.ok) {
        const before = this.#holding;
        this.#isHeld = true;
        this.#holding = holding;
        before.abort();
        return answer;
      }
      holding.abort();
      return answer.fault.code === 'stopped' ? undefined : answer;
    } catch (error) {
      holding.abort();
      signal.throwIfAborted();
      if (error instanceof ConnectionLost) return undefined;
      throw error;
    } finally {
      this.#settling.delete(holding);
      // Ports that it opened stay open when the wait is over.
      signal.removeEventListener('abort', stop);
    }
  }

  /** @param since the revision by which it has what is held: before, it would look as if that had ended */
  #adopt(session: EngineSession, since = 0): void {
    this.#session = session;
    session.over.catch((error: unknown) => this.#ended.reject(error));
    this.#unwatch = session.client.watch((snapshot) => {
      if (snapshot.revision >= since) this.#snapshots.set(snapshot);
    });
  }

  #move(from: EngineSession): void {
    if (this.#isLeaving || this.#session !== from) return;
    this.#session = undefined;
    this.#snapshots.clear();
    this.#unwatch();
    this.#moving = this.#moveFrom(from);
    this.#moving.catch((error: unknown) => this.#ended.reject(error));
  }

  async #moveFrom(from: EngineSession): Promise<void> {
    const { signal } = this.#late;
    await from.end();
    while (!signal.aborted && (this.#isHeld || !this.#isLeaving)) {
      const session = await this.#options.meet(true, signal);
      let answer: Held | undefined;
      try {
        answer = this.#isHeld ? await this.#holdIn(session, signal) : undefined;
        if (answer?.ok === false) throw new Error(answer.fault.message);
      } catch (error) {
        if (!this.#isLeaving) await session.end();
        // Let go of meanwhile: `leave` closes what the one before has left open, and ends it.
        else this.#adopt(session);
        throw error;
      }
      if (answer !== undefined || !this.#isHeld) {
        this.#adopt(session, answer?.value.revision);
        if (!this.#isLeaving) this.#options.moved?.(session);
        return;
      }
      await session.end();
      await sleep(PAUSE, undefined, { signal }).catch(() => undefined);
    }
  }
}
