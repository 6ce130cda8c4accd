/** Network namespaces of one home, and their removal however the run ends. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { must, run, RunningProcess, type Finished, type RunOptions, type SpawnOptions } from './process.ts';

/** Begins the name of every namespace and folder that the lab makes. */
export const LAB_PREFIX = 'pklab';

export function newPrefix(): string {
  return `${LAB_PREFIX}-${process.pid.toString(36)}-${randomBytes(6).toString('hex')}`;
}

/** Where a home keeps its files; the random part of the prefix keeps others from being there first. */
export function folderOf(prefix: string): string {
  return join(tmpdir(), prefix);
}

/** @throws Error when it exists already */
export async function newFolder(prefix: string): Promise<string> {
  const folder = folderOf(prefix);
  await mkdir(folder, { mode: 0o700 });
  return folder;
}

/** Names of the namespaces that exist now and begin with `prefix`. */
export async function namespacesOf(prefix: string): Promise<readonly string[]> {
  const listed = await must(['ip', 'netns', 'list']);
  return listed
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
    .filter((name) => name.startsWith(`${prefix}-`));
}

/**
 * Ends every process in the namespaces of a prefix, each checked to be there still, then removes them and the folder.
 * It goes on until it has found nothing `quiet` times: a command that a dead owner had begun may still make a namespace
 * or enter one. Exit code 1 when something could not be removed.
 */
const REMOVE = `
remove() {
  quiet=$1 round=0
  while [ "$quiet" -gt 0 ] && [ "$round" -lt 100 ]; do
    found=
    for ns in $(ip netns list | cut -d' ' -f1); do
      case $ns in "$prefix"-*) ;; *) continue ;; esac
      found=yes
      for pid in $(ip netns pids "$ns" 2>/dev/null); do
        if [ "$(ip netns identify "$pid" 2>/dev/null)" = "$ns" ]; then kill -9 "$pid" 2>/dev/null; fi
      done
      if [ -z "$(ip netns pids "$ns" 2>/dev/null)" ]; then ip netns del "$ns" 2>/dev/null; fi
    done
    round=$((round + 1))
    if [ -z "$found" ]; then quiet=$((quiet - 1)); if [ "$quiet" -gt 0 ]; then sleep 0.2; fi
    elif [ "$round" -gt 5 ]; then sleep 0.1; fi
  done
  rm -rf "$folder"
  [ "$quiet" -eq 0 ]
}
prefix=$0 folder=$1
`;

/** Removes a home that nobody watches over. @throws Error when something could not be removed */
export async function removeHome(prefix: string, folder: string): Promise<void> {
  await must(['sh', '-c', `${REMOVE}\nremove 1`, prefix, folder]);
}

export interface Reaper {
  /** Removes all now. */
  release(): Promise<void>;
  /** Goes away and leaves all as it is. */
  dismiss(): void;
}

/**
 * A shell that waits for the end of its input and then removes the home. The input ends when the owner says so or when
 * the owner is gone: a failed test, Ctrl-C, `kill -9` and the end of the test runner all come out the same way.
 */
export function startReaper(prefix: string, folder: string): Reaper {
  // A session of its own, so that Ctrl-C in the terminal does not reach it before it has done its work.
  const watch = `${REMOVE}\nif read -r word; then remove 1; else remove 10; fi`;
  const child = spawn('sh', ['-c', watch, prefix, folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`the home ${prefix} could not be removed: exit ${code}`));
    });
  });
  ended.catch(() => {});
  child.unref();
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref();
  return {
    async release() {
      child.ref();
      child.stdin.end('release\n');
      await ended;
    },
    dismiss() {
      child.kill('SIGKILL');
    },
  };
}

export class Namespace {
  readonly name: string;
  /** Holds what programs in here must not share with others: /run, HOME, their configuration. */
  readonly folder: string;

  constructor(name: string, folder: string) {
    this.name = name;
    this.folder = folder;
  }

  get home(): string {
    return join(this.folder, 'home');
  }

  async create(): Promise<void> {
    await mkdir(join(this.folder, 'run'), { recursive: true });
    await mkdir(this.home, { recursive: true });
    await must(['ip', 'netns', 'add', this.name]);
    await this.ip('link set lo up');
  }

  /** Commands of iproute2, one a line. */
  async ip(batch: string): Promise<void> {
    await must(['ip', '-n', this.name, '-batch', '-'], { input: batch });
  }

  /** Writes below /proc/sys: `net/ipv4/ip_forward=1`. */
  async sysctl(...settings: readonly string[]): Promise<void> {
    const script = settings.map((setting) => {
      const [path, value] = setting.split('=');
      return `echo ${value} > /proc/sys/${path}`;
    });
    await must(this.command(['sh', '-ec', script.join('\n')]));
  }

  async nft(ruleset: string): Promise<void> {
    await must(this.command(['nft', '-f', '-']), { input: ruleset });
  }

  /**
   * The command line that runs a command in here. `ip netns exec` gives each command mounts of its own, so a private
   * /run costs one more: without it a minissdpd of another home, or of the machine, would answer on /run/minissdpd.sock.
   */
  command(command: readonly string[]): readonly string[] {
    const enter = 'mount --bind "$0" /run && exec "$@"';
    return ['ip', 'netns', 'exec', this.name, 'sh', '-c', enter, join(this.folder, 'run'), ...command];
  }

  environment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    const inherited = Object.entries(process.env).filter(
      ([key]) => !key.startsWith('XDG_') && key !== 'NODE_OPTIONS' && !key.startsWith('VITEST'),
    );
    return { ...Object.fromEntries(inherited), HOME: this.home, ...extra };
  }

  /** Runs a command to its end, whatever its exit code. */
  exec(command: readonly string[], options: RunOptions = {}): Promise<Finished> {
    return run(this.command(command), { ...options, env: this.environment(options.env) });
  }

  /** Starts a command and returns it running. */
  spawn(command: readonly string[], options: SpawnOptions = {}): RunningProcess {
    return RunningProcess.start(this.command(command), { ...options, env: this.environment(options.env) });
  }

  /** Processes in here. */
  async pids(): Promise<readonly number[]> {
    const listed = await must(['ip', 'netns', 'pids', this.name]);
    return listed.split('\n').filter(Boolean).map(Number);
  }
}
