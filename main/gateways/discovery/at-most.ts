/** Waiting for something, but not for ever. */
import type { Millis } from '../../contract/units.ts';
import type { Clock } from '../../system/system.ts';

/** Resolves when `work` has resolved, `duration` is over or the signal has aborted; `work` goes on. It must not reject. */
export async function atMost(
  clock: Pick<Clock, 'sleep'>,
  duration: Millis,
  work: Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const patience = clock.sleep(duration, AbortSignal.any([signal, over.signal])).catch(() => undefined);
  await Promise.race([work, patience]);
  over.abort();
}
