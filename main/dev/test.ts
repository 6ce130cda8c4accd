/**
 * `npm test`: all tests, in two lanes at once. Real gateways are slow to restart and need little of the processor; whatever
 * else there is to test uses that time, at a lower priority. With arguments it is vitest: `npm test -- test/core`.
 */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import path from 'node:path';

const root = path.join(import.meta.dirname, '../..');
const VITEST = path.join(root, 'node_modules/vitest/vitest.mjs');

/** Projects of vitest.config.ts; one after the other within a lane. */
const LANES = [['peers'], ['unit', 'window', 'packaging']] as const;

const children = new Set<ChildProcess>();

function vitest(args: readonly string[], output: 'inherit' | 'pipe'): ChildProcess {
  const child = spawn(process.execPath, [VITEST, 'run', ...args], { cwd: root, stdio: ['ignore', output, output] });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

async function exitOf(child: ChildProcess): Promise<number> {
  const [code, signal] = await once(child, 'close');
  return typeof code === 'number'
    ? code
    : signal === null
      ? 1
      : 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
}

/** What it prints comes when the lane that is shown as it runs has ended: two at once could not be read. */
async function lane(projects: readonly string[], isShown: boolean): Promise<{ code: number; text: Buffer }> {
  const child = vitest(
    projects.flatMap((project) => ['--project', project]),
    isShown ? 'inherit' : 'pipe',
  );
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  if (!isShown && child.pid !== undefined) lowerPriority(child.pid);
  return { code: await exitOf(child), text: Buffer.concat(chunks) };
}

/** Waiting for a router is measured in seconds of ours: whatever else runs must not take them. */
function lowerPriority(pid: number): void {
  try {
    setPriority(pid, 5);
  } catch {
    // It has ended, or the system does not let us.
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    for (const child of children) child.kill(signal);
  });
}

const args = process.argv.slice(2);
if (args.length > 0) {
  process.exitCode = await exitOf(vitest(args, 'inherit'));
} else {
  const ends = await Promise.all(LANES.map((projects, at) => lane(projects, at === 0)));
  for (const { text } of ends) process.stdout.write(text);
  process.exitCode = Math.max(...ends.map(({ code }) => code));
}
