/** Portkeeper's cost while nothing happens, and the time it takes to report that there is no router. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startHome, type Home } from '../peers/lab/home.ts';
import { portkeeper, portkeeperOnce } from '../peers/lab/portkeeper.ts';
import { median, msText, table } from './statistics.ts';

/** Milliseconds: by then the search has ended, and the tool that reports network changes is running. */
const SETTLED = 40_000;
/** The first of the external ports. */
const PORT = 20_000;

/** Some forwards, held by one `portkeeper open`. */
interface Held {
  readonly forwards: number;
  readonly opened: Exchange;
  readonly listed: Exchange;
  /** How often the main thread, and all threads, gave up the processor to wait, per minute. */
  readonly mainWakes: number;
  readonly allWakes: number;
  /** Share of one core. */
  readonly cpuPercent: number;
  /** A minute, in both directions; what others announce is among them. */
  readonly packets: number;
  readonly memoryMb: number;
  /** At any time. */
  readonly mostMemoryMb: number;
  readonly closed: Exchange;
}

/** Milliseconds that something took, and what went over the wire meanwhile, in both directions. */
interface Exchange extends Traffic {
  readonly ms: number;
}

interface Traffic {
  readonly packets: number;
  readonly bytes: number;
}

export interface HeldOptions {
  /** How many forwards are held; one part for each. */
  readonly many: readonly number[];
  /** Minutes that they are watched. */
  readonly idle: number;
  /** Seconds; with a short one the figures are those of renewals. */
  readonly lease?: number;
}

export interface Quiet {
  readonly held: readonly Held[];
  /** Milliseconds until the reason is shown, and until the command ends: from its start. */
  readonly told: readonly number[];
  readonly ended: readonly number[];
}

interface Account {
  readonly main: number;
  readonly all: number;
  /** Clock ticks, of which Linux has 100 a second. */
  readonly ticks: number;
  readonly memoryMb: number;
  readonly mostMemoryMb: number;
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
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const megabytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024;
  return {
    main: waits.find(([thread]) => thread === `${pid}`)?.[1] ?? 0,
    all: waits.reduce((sum, [, count]) => sum + count, 0),
    // utime and stime of proc(5), counted from the state.
    ticks: Number(fields[11]) + Number(fields[12]),
    memoryMb: megabytes('VmRSS'),
    mostMemoryMb: megabytes('VmHWM'),
  };
}

async function trafficOf({ client }: Home): Promise<Traffic> {
  const { stdout } = await client.exec(['cat', '/proc/net/dev']);
  // Bytes and packets, received and sent, of each interface but loopback: proc_net(5).
  const links = stdout.split('\n').flatMap((line) => {
    const [, name, rest = ''] = /^\s*([^:\s]+):(.*)$/.exec(line) ?? [];
    return name === undefined || name === 'lo' ? [] : [rest.trim().split(/\s+/).map(Number)];
  });
  const sum = (...columns: readonly number[]): number =>
    links.reduce((all, link) => columns.reduce((part, column) => part + (link[column] ?? 0), all), 0);
  return { packets: sum(1, 9), bytes: sum(0, 8) };
}

const since = (after: Traffic, before: Traffic): Traffic => ({
  packets: after.packets - before.packets,
  bytes: after.bytes - before.bytes,
});

async function exchanged(home: Home, work: () => Promise<unknown>): Promise<Exchange> {
  const before = await trafficOf(home);
  const started = performance.now();
  await work();
  const ms = performance.now() - started;
  return { ms, ...since(await trafficOf(home), before) };
}

async function heldOnce(count: number, { idle, lease }: Omit<HeldOptions, 'many'>): Promise<Held> {
  const home = await startHome('igd2');
  try {
    const ports = Array.from({ length: count }, (_, at) => `${PORT + at}/tcp`);
    const leases = lease === undefined ? [] : ['--lease', `${lease}s`];
    const running = portkeeper(home.client, ['open', ...ports, ...leases, '--json']);
    const opened = await exchanged(home, () => running.until(({ event }) => event === 'ready'));
    const listed = await exchanged(home, () => portkeeperOnce(home.client, ['list', '--json']));
    await sleep(SETTLED);
    const { pid } = running.process;
    const [before, wire] = [await accountOf(pid), await trafficOf(home)];
    await sleep(idle * 60_000);
    const [after, { packets }] = [await accountOf(pid), since(await trafficOf(home), wire)];
    const closed = await exchanged(home, () => running.interrupt());
    return {
      forwards: count,
      opened,
      listed,
      mainWakes: (after.main - before.main) / idle,
      allWakes: (after.all - before.all) / idle,
      // A tick is a hundredth of a second.
      cpuPercent: (after.ticks - before.ticks) / (idle * 60),
      packets: packets / idle,
      memoryMb: after.memoryMb,
      mostMemoryMb: after.mostMemoryMb,
      closed,
    };
  } finally {
    await home.stop();
  }
}

/** Needs root. */
export async function measureHeld({ many, ...options }: HeldOptions): Promise<readonly Held[]> {
  const held: Held[] = [];
  for (const count of many) {
    process.stderr.write(`${count} held ...\n`);
    held.push(await heldOnce(count, options));
  }
  return held;
}

/** Values for the part of every run. */
const ONE: HeldOptions = { many: [1], idle: 2 };

/** One forward held; and three commands in a home without a router. Needs root. */
export async function measureQuiet(): Promise<Quiet> {
  const held = await measureHeld(ONE);
  process.stderr.write('no router ...\n');
  const home = await startHome('igd2');
  try {
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
    return { held, told, ended };
  } finally {
    await home.stop();
  }
}

export function quietReport({ held, told, ended }: Quiet): string {
  return `${heldReport(held, ONE)}\nNo router: told after ${msText(median(told))} ms, ended after ${msText(median(ended))} ms (medians of ${told.length}).`;
}

export function heldReport(held: readonly Held[], { idle: minutes, lease }: HeldOptions): string {
  const exchange = ({ ms, packets, bytes }: Exchange): string =>
    `${msText(ms)} ms, ${packets} packets, ${(bytes / 1000).toFixed(0)} kB`;
  const rows = held.map((one) => [
    `${one.forwards}`,
    exchange(one.opened),
    exchange(one.listed),
    exchange(one.closed),
    `${one.memoryMb.toFixed(0)} (${one.mostMemoryMb.toFixed(0)})`,
  ]);
  const idle = held.map((one) => [
    `${one.forwards}`,
    one.mainWakes.toFixed(1),
    one.allWakes.toFixed(1),
    one.packets.toFixed(0),
    `${one.cpuPercent.toFixed(2)} %`,
  ]);
  return [
    table([['forwards', 'opened', 'listed', 'closed', 'MB (at most)'], ...rows], 1),
    '',
    table([['a minute', 'main waits', 'all waits', 'packets', 'of a core'], ...idle], 1),
    '',
    `Watched for ${minutes} min, from 40 s after they were open${lease === undefined ? '' : `; leases of ${lease} s`}. "main waits": how often the`,
    'main thread gave up the processor to wait; "all waits": all threads. Packets and bytes are those of the wire, both ways.',
  ].join('\n');
}
