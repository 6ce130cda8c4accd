/**
 * `npm test`: all tests, in two lanes at once. Real gateways are slow to restart and need little of the processor; whatever
 * else there is to test uses that time, at a lower priority. With arguments it is vitest: `npm test -- test/core`.
 * What this machine cannot run is left out and listed at the end; with CI=true or --all that is a failure.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import path from 'node:path';

const root = path.join(import.meta.dirname, '../..');
const VITEST = path.join(root, 'node_modules/vitest/vitest.mjs');

/** Projects of vitest.config.ts; one after the other within a lane. */
const LANES = [['peers'], ['unit', 'window', 'packaging']] as const;

interface LeftOut {
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
    return reason && { what: 'Tests against real gateways (test/peers)', ...reason };
  }
  if (project === 'window') return missing && { what: 'Tests of the window in Chromium (test/window)', ...missing };
  const reason = project === 'packaging' ? (elsewhere ?? missing) : undefined;
  return reason && { what: 'Tests of the packages (test/packaging)', ...reason };
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

const args = process.argv.slice(2).filter((arg) => arg !== '--all');
const isStrict = process.argv.includes('--all') || process.env['CI'] === 'true';
if (args.length > 0) {
  process.exitCode = await exitOf(vitest(args, 'inherit'));
} else {
  const absent = new Map(LANES.flat().map((project) => [project, leftOut(project)] as const));
  const lanes = LANES.map((projects) => projects.filter((project) => absent.get(project) === undefined));
  const ends = await Promise.all(
    lanes.filter((projects) => projects.length > 0).map((projects, at) => lane(projects, at === 0)),
  );
  for (const { text } of ends) process.stdout.write(text);
  const missed = [...absent.values()].filter((each) => each !== undefined);
  if (missed.length > 0) process.stdout.write('\nNot run on this machine:\n');
  for (const { what, why, remedy } of missed) process.stdout.write(`  ${what} ${why}. To run them: ${remedy}\n`);
  process.exitCode = Math.max(...ends.map(({ code }) => code), isStrict && missed.length > 0 ? 1 : 0);
}
