/** Ends that people ask for: Ctrl-C, a closed terminal, a service manager, a reader that went away. */
import { Interrupted } from './output/fault.ts';

/** One Ctrl-C often arrives twice: from the terminal and from whoever started us (npm, timeout). Milliseconds. */
const SAME_INTERRUPT = 1000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Interruptions {
  /** Aborts with {@link Interrupted} at the first one. */
  readonly signal: AbortSignal;
  readonly forget: () => void;
}

const current = new Set<AbortController>();

/** The first interrupt asks for a tidy end, a later one ends at once. */
export function interruptions(): Interruptions {
  const controller = new AbortController();
  let first = 0;
  const interrupt = (): void => {
    if (!controller.signal.aborted) first = performance.now();
    else if (performance.now() - first > SAME_INTERRUPT) process.exit(130);
    controller.abort(new Interrupted());
  };
  current.add(controller);
  for (const signal of SIGNALS) process.on(signal, interrupt);
  return {
    signal: controller.signal,
    forget: () => {
      current.delete(controller);
      for (const signal of SIGNALS) process.off(signal, interrupt);
    },
  };
}

/** The tidy end, without a signal: others listen to those as well, and would end the process. */
export function interruptQuietly(): void {
  for (const controller of current) controller.abort(new Interrupted());
}
