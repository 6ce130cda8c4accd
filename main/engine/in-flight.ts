/** Requests under way, each with an end of its own: who left a network waits for no answer from there. */
import type { GatewayId } from '../contract/model.ts';
import type { FailureFact, RequestId } from '../core/state.ts';

interface Entry {
  readonly gateway: GatewayId;
  readonly ending: AbortController;
}

/** What became of it nobody will tell; it may have been done. */
const UNANSWERED: FailureFact = { class: 'unreachable', why: 'timeout' };
const NEVER_LEFT: FailureFact = { class: 'unreachable', why: 'no-route' };

export class InFlight {
  readonly #entries = new Map<RequestId, Entry>();
  readonly #stop: AbortSignal;

  /** @param stop ends all of them, without a word */
  constructor(stop: AbortSignal) {
    this.#stop = stop;
    const endAll = (): void => {
      for (const { ending } of this.#entries.values()) ending.abort(stop.reason);
    };
    stop.addEventListener('abort', endAll, { once: true });
  }

  /**
   * Runs `ask` once `ready`, and resolves with what it gives, or with why there is no answer when its gateway was
   * forgotten meanwhile; with nothing when all was stopped.
   */
  async run<Answer>(
    { request, gateway }: { readonly request: RequestId; readonly gateway: GatewayId },
    ready: Promise<void> | undefined,
    ask: (signal: AbortSignal) => Promise<Answer | undefined>,
  ): Promise<Answer | FailureFact | undefined> {
    const ending = new AbortController();
    this.#entries.set(request, { gateway, ending });
    try {
      await ready;
      if (this.#stop.aborted) return undefined;
      if (ending.signal.aborted) return NEVER_LEFT;
      const answer = await ask(ending.signal);
      return answer ?? (this.#stop.aborted ? undefined : UNANSWERED);
    } finally {
      this.#entries.delete(request);
    }
  }

  /** Ends what was asked of gateways that are not among these. */
  keepTo(gateways: ReadonlyMap<GatewayId, unknown>): void {
    for (const { gateway, ending } of this.#entries.values()) if (!gateways.has(gateway)) ending.abort();
  }
}
