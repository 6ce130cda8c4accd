import type v8 from 'node:v8';
import { inMinutes, inSeconds, millis } from '../../contract/units.ts';
import type { Clock } from '../system.ts';

/** A command that ends at once loads nothing for it, and its new objects may take room. */
const BEGIN = inSeconds(1);
/** After the start, when what it took is no longer needed. */
const FIRST = inSeconds(20);
const LONGEST = inMinutes(10);

/** V8's own is 2. */
const GROWTH = '--semi-space-growth-factor';

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
  let heap: typeof v8 | undefined;
  try {
    await clock.sleep(BEGIN, signal);
    ({ default: heap } = await import('node:v8'));
    // New objects stay in 1 MB, which is as quick here; opening a thousand ports would make 32 MB of it.
    heap.setFlagsFromString(`${GROWTH}=1`);
    for (let pause = FIRST; ; pause = millis(Math.min(pause * 2, LONGEST))) {
      await clock.sleep(pause, signal);
      if (heap.getHeapStatistics().total_heap_size - left < WORTH) continue;
      await collect(heap);
      left = heap.getHeapStatistics().total_heap_size;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    // V8 takes compiled code, which is kept at the end, only under the flags that it was kept under.
    heap?.setFlagsFromString(`${GROWTH}=2`);
  }
}

/** All that can be, and the empty pages go back to the system. */
async function collect(heap: typeof v8): Promise<void> {
  const { default: vm } = await import('node:vm');
  heap.setFlagsFromString('--expose-gc');
  vm.runInNewContext("gc({ type: 'major', execution: 'sync', flavor: 'last-resort' })");
  heap.setFlagsFromString('--no-expose-gc');
}
