import type { Millis } from '../contract/units.ts';
import type { Clock } from './system.ts';

/** Reasons at hand: an abort without one makes an exception, stack and all, each time. */
const DONE = 'done';
const LATE = 'late';

/**
 * Runs `work` with a signal that aborts with `signal`, or once `limit` has passed.
 * @param late the reason of the abort then
 * @throws what `work` throws, or the signal's reason
 */
export async function withDeadline<Value>(
  clock: Clock,
  limit: Millis,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Value>,
  late: () => unknown,
): Promise<Value> {
  signal.throwIfAborted();
  const over = new AbortController();
  // One listener is cheaper than a composite signal, which counts where there is a deadline for each request.
  const stop = (): void => over.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  clock.sleep(limit, over.signal).then(
    () => over.abort(late()),
    () => undefined,
  );
  try {
    return await work(over.signal);
  } finally {
    signal.removeEventListener('abort', stop);
    over.abort(DONE);
  }
}

/** As {@link withDeadline}, but resolves with nothing once `limit` has passed. */
export async function forAtMost<Value>(
  clock: Clock,
  limit: Millis,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value | undefined> {
  let isLate = false;
  try {
    return await withDeadline(clock, limit, signal, work, () => {
      isLate = true;
      return LATE;
    });
  } catch (error) {
    if (isLate && !signal.aborted) return undefined;
    throw error;
  }
}
