import type { FailureFact } from '../core/state.ts';
import { Malformed, Refused, Unreachable } from '../gateways/failure.ts';

/** A failure as plain data. Anything that is not one of the three classes is a fault of ours, told as a garbled answer. */
export function failureFact(error: unknown): { readonly fact: FailureFact; readonly isOurs: boolean } {
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
