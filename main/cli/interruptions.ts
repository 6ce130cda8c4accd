/** Ends that people ask for: Ctrl-C, a closed terminal, a service manager, a reader that went away. */
import { Interrupted } from './output/fault.ts';

/** One Ctrl-C often arrives twice: from the terminal and from whoever started us (npm, timeout). Milliseconds. */
const SAME_INTERRUPT = 1000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const current = new Set<AbortController>();

/** @param work is given a signal that aborts with {@link Interrupted} at the first interrupt; a later one ends at once */
export async function interruptible<Result>(work: (interrupted: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  let first = 0;
  const interrupt = (): void => {
    if (!controller.signal.aborted) first = performance.now();
    else if (performance.now() - first > SAME_INTERRUPT) process.exit(130);
    controller.abort(new Interrupted());
  };
  current.add(controller);
  for (const signal of SIGNALS) process.on(signal, interrupt);
  try {
    return await work(controller.signal);
  } finally {
    current.delete(controller);
    for (const signal of SIGNALS) process.off(signal, interrupt);
  }
}

/** The tidy end, without a signal: others listen to those as well, and would end the process. */
export function interruptQuietly(): void {
  for (const controller of current) controller.abort(new Interrupted());
}

export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Waits no longer than until the signal aborts. @throws its reason */
export async function orAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  work.catch(() => undefined);
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
