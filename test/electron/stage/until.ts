/** Waiting for what another program does: looked at again and again, and ended only by a hang. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds that nothing takes; only a hang does. A fresh machine is slow to start a program for the first time. */
export const HANG = 120_000;
const PAUSE = 50;

/** Resolves with the first value of `look` that is neither `undefined` nor `false`; until then it may also throw.
 * @throws Error with `what`, and what `look` threw last */
export async function until<Value>(
  what: string,
  look: () => Value | undefined | false | Promise<Value | undefined | false>,
): Promise<Value> {
  let cause: unknown;
  const end = performance.now() + HANG;
  while (performance.now() < end) {
    try {
      const value = await look();
      if (value !== undefined && value !== false) return value;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await sleep(PAUSE);
  }
  throw new Error(`It never happened: ${what}`, { cause });
}

/** @param limit milliseconds @throws Error with `what` when `work` takes longer */
export async function inTime<Value>(what: string, work: Promise<Value>, limit = HANG): Promise<Value> {
  const done = new AbortController();
  const late = sleep(limit, undefined, { signal: done.signal }).then(() => {
    throw new Error(`It never happened: ${what}`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
    late.catch(() => undefined);
  }
}
