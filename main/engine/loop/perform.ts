/** One planned request, asked of a control; what comes of it is an event. */
import type { News } from '../../core/events.ts';
import type { Action, FailureFact } from '../../core/state.ts';
import { Malformed, Refused, Unreachable } from '../../gateways/failure.ts';
import type { PortControl } from '../../gateways/port-control.ts';
import type { Log } from '../../system/system.ts';

export type RequestAction = Exclude<Action, { readonly do: 'search' }>;

/** Nothing when the signal aborts. */
export async function perform(
  action: RequestAction,
  control: PortControl | undefined,
  log: Log,
  signal: AbortSignal,
): Promise<News | undefined> {
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
        return { type: 'looked-up', request, found: await control.find(action.key, signal) };
      case 'vitals':
        return { type: 'vitals', request, vitals: await control.vitals(signal) };
    }
  } catch (error) {
    if (signal.aborted) return undefined;
    const { fact, isOurs } = failureFact(error);
    const { gateway, control: kind } = action;
    const told = isOurs && error instanceof Error ? error.stack : String(error);
    log.write(isOurs ? 'error' : 'info', `${action.do} failed`, { gateway, control: kind, error: told });
    return { type: 'failed', request, failure: fact };
  }
}

/** A failure as plain data. Anything that is not one of the three classes is a fault of ours, told as a garbled answer. */
function failureFact(error: unknown): { readonly fact: FailureFact; readonly isOurs: boolean } {
  if (error instanceof Unreachable)
    return { fact: { class: 'unreachable', why: error.why, undone: error.undone }, isOurs: false };
  if (error instanceof Malformed)
    return { fact: { class: 'malformed', capture: error.capture, undone: error.undone }, isOurs: false };
  if (error instanceof Refused) {
    const { reason, code, retryAfter, offeredPort } = error;
    return { fact: { class: 'refused', reason, code, retryAfter, offeredPort }, isOurs: false };
  }
  return { fact: { class: 'malformed', capture: String(error).slice(0, 200) }, isOurs: true };
}
