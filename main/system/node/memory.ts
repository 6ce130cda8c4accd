import type v8 from 'node:v8';
import { inMinutes, inSeconds, millis } from '../../contract/units.ts';
import type { Clock } from '../system.ts';

/** After the start, when what it took is no longer needed. */
const FIRST = inSeconds(20);
const LONGEST = inMinutes(10);

/** Bytes that are worth the time: some 50 ms of one core for a thousand forwards. */
const WORTH = 6 * 1024 * 1024;

/**
 * Gives back what work has left in V8's heap, until the signal aborts. V8 collects when it needs room, so that a program which
 * opens a thousand ports and then waits for half an hour keeps 60 MB that nobody uses.
 *
 * Electron may have its flags frozen: there nothing is done.
 */
export async function giveMemoryBack(clock: Clock, signal: AbortSignal): Promise<void> {
  if (process.versions['electron'] !== undefined) return;
  let left = 0;
  try {
    for (let pause = FIRST; ; pause = millis(Math.min(pause * 2, LONGEST))) {
      await clock.sleep(pause, signal);
      // A command that ends at once loads nothing for it.
      const { default: heap } = await import('node:v8');
      if (heap.getHeapStatistics().total_heap_size - left < WORTH) continue;
      await collect(heap);
      left = heap.getHeapStatistics().total_heap_size;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** All that can be, and the empty pages go back to the system. */
async function collect(heap: typeof v8): Promise<void> {
  const { default: vm } = await import('node:vm');
  heap.setFlagsFromString('--expose-gc');
  vm.runInNewContext("gc({ type: 'major', execution: 'sync', flavor: 'last-resort' })");
  heap.setFlagsFromString('--no-expose-gc');
}
