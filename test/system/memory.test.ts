import v8 from 'node:v8';
import { Script } from 'node:vm';
import { expect, test } from 'vitest';
import { createNodeClock } from '../../main/system/node/clock.ts';
import { giveMemoryBack } from '../../main/system/node/memory.ts';

test('unused memory is given back, and memory in use stays', async () => {
  const size = (): number => v8.getHeapStatistics().total_heap_size;
  const kept = { text: 'in use' };
  let garbage: unknown[] | undefined = Array.from({ length: 400_000 }, (_, at) => ({ at, text: `no. ${at}` }));
  const full = size();
  const sizes: number[] = [];
  const stop = new AbortController();
  const sleep = async (): Promise<void> => {
    sizes.push(size());
    garbage = undefined;
    if (sizes.length === 3) stop.abort();
    stop.signal.throwIfAborted();
  };
  const compiled = new Script('1 + 1').createCachedData();
  await giveMemoryBack({ ...createNodeClock(), sleep }, stop.signal);
  expect(garbage).toBeUndefined();
  expect(sizes[0]).toBeGreaterThanOrEqual(full);
  expect(full - (sizes[2] ?? full)).toBeGreaterThan(16 * 1024 * 1024);
  expect(kept.text).toBe('in use');
  // V8 takes it under the same flags alone.
  expect(new Script('1 + 1', { cachedData: compiled }).cachedDataRejected).toBe(false);
});
