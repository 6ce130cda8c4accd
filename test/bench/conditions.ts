/** On what, and when, a bench was run. */
import { cpus, loadavg, release, totalmem } from 'node:os';
import { NODE, run } from '../peers/lab/process.ts';

export interface Conditions {
  readonly at: string;
  readonly commit: string;
  readonly node: string;
  readonly kernel: string;
  readonly processors: string;
  readonly memoryGb: number;
  readonly loadBefore: number;
}

export async function conditions(): Promise<Conditions> {
  const said = async (...command: readonly string[]) => (await run(command)).stdout.trim() || 'unknown';
  return {
    at: new Date().toISOString(),
    commit: await said('git', '-C', import.meta.dirname, 'describe', '--always', '--dirty'),
    node: await said(NODE, '--version'),
    kernel: release(),
    processors: `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    loadBefore: loadavg()[0] ?? 0,
  };
}

export function conditionsText(told: Conditions): string {
  return [
    `Node ${told.node}; Linux ${told.kernel}; ${told.processors}, ${told.memoryGb} GB;`,
    `load ${told.loadBefore.toFixed(2)} before; ${told.commit}; ${told.at}`,
  ].join('\n');
}
