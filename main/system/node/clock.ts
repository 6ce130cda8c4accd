import { epochMs, millis, type Millis } from '../../contract/units.ts';
import type { Clock } from '../system.ts';

/** Limit of `setTimeout`; above it Node fires after 1 ms (2³¹−1 ms, 24.8 days). */
const longestTimer = 2 ** 31 - 1;

/** Milliseconds since the process started. Node's `performance` loads ten modules when it is first used. */
const elapsed = (): number => process.uptime() * 1000;

/**
 * The machine's clocks. A pending sleep keeps the process alive, one that was aborted leaves no timer behind.
 * Timers stand still while the machine sleeps, so a sleep over a suspend ends late by as much as was left (H9).
 */
export function createNodeClock(): Clock {
  return {
    now: () => epochMs(Date.now()),
    monotonic: () => millis(elapsed()),
    sleep,
  };
}

function sleep(duration: Millis, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const due = elapsed() + duration;
    let timer: NodeJS.Timeout;
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const wait = (): void => {
      const left = Math.ceil(due - elapsed());
      timer = setTimeout(left > longestTimer ? wait : finish, Math.min(Math.max(left, 0), longestTimer));
    };
    const finish = (): void => {
      // libuv's loop time lags, so a timer can come up to a millisecond before its moment.
      if (elapsed() < due) return wait();
      signal.removeEventListener('abort', onAbort);
      resolve();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    wait();
  });
}
