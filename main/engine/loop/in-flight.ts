/** Requests under way, each with an end of its own: who left a network waits for no answer from there. */
import type { GatewayId } from '../../contract/model.ts';
import type { FailureFact } from '../../core/state.ts';
import { Unreachable } from '../../gateways/failure.ts';
import type { RequestAction } from './perform.ts';

interface Entry {
  readonly gateway: GatewayId;
  readonly isOpening: boolean;
  readonly ending: AbortController;
}

/** What became of it nobody will tell; it may have been done. */
const UNANSWERED: FailureFact = { class: 'unreachable', why: 'timeout' };
export const NEVER_LEFT: FailureFact = { class: 'unreachable', why: 'no-route' };

export class InFlight {
  readonly #entries = new Set<Entry>();
  readonly #stop: AbortSignal;

  /** @param stop ends all of them, without a word */
  constructor(stop: AbortSignal) {
    this.#stop = stop;
    const endAll = (): void => {
      for (const { ending } of this.#entries) ending.abort(stop.reason);
    };
    stop.addEventListener('abort', endAll, { once: true });
  }

  /**
   * Runs `ask` once `ready`, and resolves with what it gives, or with why there is no answer when its gateway was
   * forgotten meanwhile; with nothing when all was stopped.
   */
  async run<Answer>(
    { gateway, do: kind }: Pick<RequestAction, 'gateway' | 'do'>,
    ready: Promise<void> | undefined,
    ask: (signal: AbortSignal) => Promise<Answer | undefined>,
  ): Promise<Answer | FailureFact | undefined> {
    const ending = new AbortController();
    const entry = { gateway, isOpening: kind === 'open', ending };
    this.#entries.add(entry);
    try {
      await ready;
      if (this.#stop.aborted) return undefined;
      if (ending.signal.aborted) return NEVER_LEFT;
      const answer = await ask(ending.signal);
      return answer ?? (this.#stop.aborted ? undefined : UNANSWERED);
    } finally {
      this.#entries.delete(entry);
    }
  }

  /** Of what somebody waits for. @throws what `ask` throws, the signal's reason, or Unreachable when the gateway was
   * forgotten meanwhile or all was stopped */
  async waitedFor<Answer>(
    gateway: GatewayId,
    signal: AbortSignal,
    ask: (signal: AbortSignal) => Promise<Answer>,
  ): Promise<Answer> {
    signal.throwIfAborted();
    if (this.#stop.aborted) throw leftBehind();
    const ending = new AbortController();
    const entry = { gateway, isOpening: false, ending };
    this.#entries.add(entry);
    try {
      return await ask(AbortSignal.any([signal, ending.signal]));
    } catch (error) {
      throw ending.signal.aborted && !signal.aborted ? leftBehind(error) : error;
    } finally {
      this.#entries.delete(entry);
    }
  }

  /** Ends what is being opened or renewed. */
  endOpenings(): void {
    for (const { isOpening, ending } of this.#entries) if (isOpening) ending.abort();
  }

  /** Ends what was asked of gateways that are not among these. */
  keepTo(gateways: ReadonlyMap<GatewayId, unknown>): void {
    for (const { gateway, ending } of this.#entries) if (!gateways.has(gateway)) ending.abort();
  }
}

const leftBehind = (cause?: unknown): Unreachable =>
  new Unreachable('no-route', 'the network that the gateway is on was left', { cause });
