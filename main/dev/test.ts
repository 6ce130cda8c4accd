/**
 * `npm test`: all tests, in two lanes at once. Real gateways are slow to restart and need little of the processor; whatever
 * else there is to test uses that time, at a lower priority. With arguments it is vitest: `npm test -- test/core`.
 * What this machine cannot run is left out and listed at the end; with CI=true or --all that is a failure, and so is a test
 * that is skipped.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, setPriority, tmpdir } from 'node:os';
import path from 'node:path';
import type { LaneReport } from './test-report.ts';

const root = path.join(import.meta.dirname, '../..');
const VITEST = path.join(root, 'node_modules/vitest/vitest.mjs');

/** Projects of vitest.config.ts. */
const LANES = [['peers'], ['unit', 'desktop', 'window', 'packaging']] as const;

const args = process.argv.slice(2).filter((arg) => arg !== '--all');
const isStrict = process.argv.includes('--all') || process.env['CI'] === 'true';

interface LeftOut {
  /** In words that follow how many they are. */
  readonly what: string;
  readonly why: string;
  readonly remedy: string;
}

/** By project: Debian packages that are not there, as main/dev/bootstrap.mjs found. */
const lacking: Readonly<Record<string, readonly string[] | undefined>> = Object(
  JSON.parse(process.env['PORTKEEPER_LACKING'] ?? '{}'),
);
const AS_ROOT = 'sudo env "PATH=$PATH" npm test';

/** `undefined` when this machine can run it. */
function leftOut(project: string): LeftOut | undefined {
  const packages = lacking[project] ?? [];
  const missing =
    packages.length === 0
      ? undefined
      : { why: `need ${packages.join(', ')}`, remedy: `on Debian: ${AS_ROOT}, which installs them` };
  const elsewhere =
    process.platform === 'linux' ? undefined : { why: 'need Linux', remedy: 'run them there, or in CI' };
  if (project === 'peers') {
    const reason =
      elsewhere ?? (process.getuid?.() === 0 ? (missing ?? namespaceTrouble()) : { why: 'need root', remedy: AS_ROOT });
    return reason && { what: 'against real gateways (test/peers)', ...reason };
  }
  if (project === 'window') return missing && { what: 'of the window in Chromium (test/window)', ...missing };
  const reason = project === 'packaging' ? (elsewhere ?? missing) : undefined;
  return reason && { what: 'of the packages (test/packaging)', ...reason };
}

/** Tries what a home of test/peers needs, in namespaces that end with the command. */
function namespaceTrouble(): { readonly why: string; readonly remedy: string } | undefined {
  const attempt = 'ip link add lan0 type veth peer name wan0 && mount --bind /tmp /run && nft list ruleset';
  const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
  const { status } = spawnSync('unshare', ['--net', '--mount', 'sh', '-c', attempt], { env: { ...process.env, PATH } });
  if (status === 0) return undefined;
  return {
    why: 'need network namespaces, which are not permitted here (CAP_NET_ADMIN, CAP_SYS_ADMIN)',
    remedy: 'run them outside of this container, or in a privileged one',
  };
}

const children = new Set<ChildProcess>();

function vitest(args: readonly string[], output: 'inherit' | 'pipe', given: NodeJS.ProcessEnv = {}): ChildProcess {
  const env = { ...process.env, ...given };
  const child = spawn(process.execPath, [VITEST, ...args], { cwd: root, env, stdio: ['ignore', output, output] });
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

interface LaneEnd {
  readonly code: number;
  /** Printed when the lane that is shown as it runs has ended: two at once could not be read. */
  readonly text: Buffer;
  readonly report: LaneReport;
}

async function lane(projects: readonly string[], isShown: boolean): Promise<LaneEnd> {
  const folder = mkdtempSync(path.join(tmpdir(), 'portkeeper-test-'));
  const file = path.join(folder, 'report.json');
  const reporters = ['--reporter=default', `--reporter=${path.join(import.meta.dirname, 'test-report.ts')}`];
  const env = { PORTKEEPER_LANE_REPORT: file };
  const child = vitest(['run', ...projects.map(asOption), ...reporters], isShown ? 'inherit' : 'pipe', env);
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  if (!isShown && child.pid !== undefined) lowerPriority(child.pid);
  try {
    const code = await exitOf(child);
    return { code, text: Buffer.concat(chunks), report: reportIn(file) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const asOption = (project: string): string => `--project=${project}`;

/** An empty report where the lane ended before it could write one. */
function reportIn(file: string): LaneReport {
  const {
    failed = [],
    flaky = [],
    skipped = [],
  }: Partial<LaneReport> = Object(parsed(() => readFileSync(file, 'utf8')));
  return { failed, flaky, skipped };
}

function parsed(read: () => string): unknown {
  try {
    return JSON.parse(read());
  } catch {
    return undefined;
  }
}

/** By project, how many tests it has: each is collected, and none is run. Fewer where they cannot be. */
async function countTests(projects: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const child = vitest(['list', '--no-static-parse', '--json', ...projects.map(asOption)], 'pipe');
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  child.stderr?.resume();
  await exitOf(child);
  const listed: unknown = parsed(() => text);
  const counts = new Map<string, number>();
  for (const { projectName } of Array.isArray(listed) ? (listed as { readonly projectName: string }[]) : []) {
    counts.set(projectName, (counts.get(projectName) ?? 0) + 1);
  }
  return counts;
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

if (args.length > 0) {
  process.exitCode = await exitOf(vitest(['run', ...args], 'inherit'));
} else {
  const absent = new Map(
    LANES.flat().flatMap((project) => {
      const reason = leftOut(project);
      return reason === undefined ? [] : [[project, reason] as const];
    }),
  );
  const lanes = LANES.map((projects) => projects.filter((project) => !absent.has(project)));
  const ends = await Promise.all(
    lanes.filter((projects) => projects.length > 0).map((projects, at) => lane(projects, at === 0)),
  );
  for (const { text } of ends) process.stdout.write(text);
  list('Failed', 'failed');
  list('Passed only when run again', 'flaky');
  const skipped = list('Skipped', 'skipped');
  if (absent.size > 0) process.stdout.write('\nNot run on this machine:\n');
  const counts = absent.size > 0 ? await countTests([...absent.keys()]) : new Map<string, number>();
  for (const [project, { what, why, remedy }] of absent) {
    process.stdout.write(`  ${counts.get(project) ?? 'The'} tests ${what} ${why}. To run them: ${remedy}\n`);
  }
  process.exitCode = Math.max(...ends.map(({ code }) => code), isStrict && absent.size + skipped.length > 0 ? 1 : 0);

  function list(heading: string, kind: keyof LaneReport): readonly string[] {
    const found = ends.flatMap(({ report }) => report[kind]);
    if (found.length > 0) process.stdout.write(`\n${heading}:\n${found.map((text) => `  ${text}\n`).join('')}`);
    return found;
  }
}
