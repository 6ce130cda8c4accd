/** Planned requests, asked of controls; what comes of them are events. Leaving a network ends those under way there. */
import type { GatewayId } from '../../contract/model.ts';
import type { EventWithoutMoment } from '../../core/events.ts';
import type { Action, FailureFact, RequestId, State } from '../../core/state.ts';
import { isFailure, Malformed, Refused, Unreachable } from '../../gateways/failure.ts';
import type { PortControl } from '../../gateways/port-control.ts';
import type { Log, Random } from '../../system/system.ts';

export type RequestAction = Exclude<Action, { readonly do: 'search' }>;

/** Nothing when the signal aborts. */
export async function perform(
  action: RequestAction,
  control: PortControl | undefined,
  log: Log,
  signal: AbortSignal,
): Promise<EventWithoutMoment | undefined> {
  const { request } = action;
  try {
    if (control === undefined) throw new TypeError(`no such control: ${action.gateway} ${action.control}`);
    switch (action.do) {
      case 'open':
        return { type: 'granted', request, grant: await control.open(action.wish, signal) };
      case 'close':
        await control.close(action.key, signal);
        return { type: 'closed', request };
      case 'find':
        return { type: 'looked-up', request, found: await control.find(action.key, signal, action.afresh) };
      case 'vitals':
        return { type: 'vitals', request, vitals: await control.vitals(signal, action.whole) };
    }
  } catch (error) {
    if (signal.aborted) return undefined;
    const isOurs = !isFailure(error);
    const { gateway, control: kind } = action;
    const told = isOurs && error instanceof Error ? error.stack : String(error);
    log.write(isOurs ? 'error' : 'info', `${action.do} failed`, { gateway, control: kind, error: told });
    return { type: 'failed', request, failure: failureFact(error) };
  }
}

/** A failure as plain data. Any error outside the three classes is a fault of ours, reported as a garbled answer. */
function failureFact(error: unknown): FailureFact {
  if (error instanceof Unreachable) return { class: 'unreachable', why: error.why, undone: error.undone };
  if (error instanceof Malformed) return { class: 'malformed', capture: error.capture, undone: error.undone };
  if (!(error instanceof Refused)) return { class: 'malformed', capture: String(error).slice(0, 200) };
  const { reason, code, retryAfter, offeredPort } = error;
  return { class: 'refused', reason, code, retryAfter, offeredPort };
}

/** RFC 6887 §11.1: 96 bits. */
const NONCE_BYTES = 12;

/** The nonce of a PCP mapping is drawn before the journal is written, so that what a crash leaves can be closed (P15). */
export function withNonces(actions: readonly Action[], random: Random): readonly Action[] {
  return actions.map((action) => {
    if (action.do !== 'open' || action.control !== 'pcp' || action.wish.handle.nonce !== undefined) return action;
    const bytes = [...random.bytes(NONCE_BYTES)];
    const nonce = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
    const handle = { ...action.wish.handle, nonce };
    return { ...action, wish: { ...action.wish, handle }, lease: { ...action.lease, handle } };
  });
}

interface InFlightRequest {
  readonly gateway: GatewayId;
  /** Absent for requests that somebody waits for: the engine does not know them. */
  readonly request?: RequestId;
  readonly isOpening: boolean;
  readonly ending: AbortController;
}

/** Its outcome will stay unknown; it may have been done. */
const UNANSWERED: FailureFact = { class: 'unreachable', why: 'timeout' };
export const NEVER_LEFT: FailureFact = { class: 'unreachable', why: 'no-route' };

export class InFlight {
  readonly #entries = new Set<InFlightRequest>();
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
    { gateway, request, do: kind }: Pick<RequestAction, 'gateway' | 'request' | 'do'>,
    ready: Promise<void> | undefined,
    ask: (signal: AbortSignal) => Promise<Answer | undefined>,
  ): Promise<Answer | FailureFact | undefined> {
    const ending = new AbortController();
    const entry = { gateway, request, isOpening: kind === 'open', ending };
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

  /** For a request that somebody waits for. @throws what `ask` throws, the signal's reason, or Unreachable when the
   * gateway was forgotten meanwhile or all was stopped */
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

  /** Ends openings and renewals under way. */
  endOpenings(): void {
    for (const { isOpening, ending } of this.#entries) if (isOpening) ending.abort();
  }

  /** Ends what was asked of gateways that are not among these, and what was taken back. */
  keepTo({ gateways, requests }: Pick<State, 'gateways' | 'requests'>): void {
    for (const { gateway, request, ending } of this.#entries)
      if (!gateways.has(gateway) || (request !== undefined && !requests.has(request))) ending.abort();
  }
}

const leftBehind = (cause?: unknown): Unreachable =>
  new Unreachable('no-route', 'the network that the gateway is on was left', { cause });
