/** What Portkeeper costs while nothing happens, and how long it takes to say that no router is there. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startHome } from '../peers/lab/home.ts';
import { portkeeper } from '../peers/lab/portkeeper.ts';
import { median, msText } from './statistics.ts';

/** Milliseconds: by then the search has ended, and the tool that tells of changes of the network runs. */
const SETTLED = 40_000;
const WATCHED = 120_000;

export interface Quiet {
  /** Of the main thread, and of all threads, a minute: how often they gave up the processor to wait. */
  readonly mainWakes: number;
  readonly allWakes: number;
  /** Of one core. */
  readonly cpuPercent: number;
  readonly memoryMb: number;
  /** Milliseconds until the reason is told, and until the command ends: from its start. */
  readonly told: readonly number[];
  readonly ended: readonly number[];
}

interface Account {
  readonly main: number;
  readonly all: number;
  /** Clock ticks, of which Linux has 100 a second. */
  readonly ticks: number;
  readonly memoryMb: number;
}

async function accountOf(pid: number): Promise<Account> {
  const threads = await readdir(`/proc/${pid}/task`);
  const waits = await Promise.all(
    threads.map(async (thread) => {
      const status = await readFile(join('/proc', `${pid}`, 'task', thread, 'status'), 'utf8').catch(() => '');
      return [thread, Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(status)?.[1] ?? 0)] as const;
    }),
  );
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ');
  const memory = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
  return {
    main: waits.find(([thread]) => thread === `${pid}`)?.[1] ?? 0,
    all: waits.reduce((sum, [, count]) => sum + count, 0),
    // utime and stime of proc(5), counted from the state.
    ticks: Number(fields[11]) + Number(fields[12]),
    memoryMb: Number(memory) / 1024,
  };
}

/** One forward held for two minutes; and three commands in a home without a router. Needs root. */
export async function measureQuiet(): Promise<Quiet> {
  process.stderr.write('quiet ...\n');
  const home = await startHome('igd2');
  try {
    const held = portkeeper(home.client, ['open', '25565/tcp', '--json']);
    await held.until(({ event }) => event === 'ready');
    await sleep(SETTLED);
    const { pid } = held.process;
    const before = await accountOf(pid);
    await sleep(WATCHED);
    const after = await accountOf(pid);
    await held.interrupt();
    const minutes = WATCHED / 60_000;
    await home.gateway.kill();
    await home.gateway.namespace.ip('addr flush dev lan0');
    const told: number[] = [];
    const ended: number[] = [];
    for (let run = 0; run < 3; run++) {
      await home.client.namespace.ip('neigh flush all');
      const started = performance.now();
      const silent = portkeeper(home.client, ['open', `${26_000 + run}/tcp`, '--json']);
      await silent.until(({ event }) => event === 'problem');
      told.push(performance.now() - started);
      await silent.process.exited;
      ended.push(performance.now() - started);
    }
    return {
      mainWakes: (after.main - before.main) / minutes,
      allWakes: (after.all - before.all) / minutes,
      cpuPercent: after.ticks - before.ticks === 0 ? 0 : ((after.ticks - before.ticks) * 10) / (WATCHED / 1000) / 10,
      memoryMb: after.memoryMb,
      told,
      ended,
    };
  } finally {
    await home.stop();
  }
}

export function quietReport({ mainWakes, allWakes, cpuPercent, memoryMb, told, ended }: Quiet): string {
  return [
    `One forward held, nothing to do: ${mainWakes.toFixed(1)} waits a minute on the main thread, ${allWakes.toFixed(1)} on all threads,`,
    `${cpuPercent.toFixed(2)} % of a core, ${memoryMb.toFixed(0)} MB.`,
    `No router: told after ${msText(median(told))} ms, ended after ${msText(median(ended))} ms (medians of ${told.length}).`,
  ].join('\n');
}
