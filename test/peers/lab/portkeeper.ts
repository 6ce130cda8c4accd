/** Our own command line, run on a host of the lab as a person would. */
import { join, resolve } from 'node:path';
import type { LabHost } from './host.ts';
import {
  CLI_VARIABLE,
  NODE,
  type Finished,
  type RunningProcess,
  type RunOptions,
  type SpawnOptions,
} from './process.ts';

const SOURCES = resolve(import.meta.dirname, '../../../main/cli/index.ts');

/** The command line before its arguments; outside of a run, as in `npm run lab`, from the sources. */
export const PORTKEEPER: readonly string[] = [NODE, process.env[CLI_VARIABLE] ?? SOURCES];

/** So long nothing takes: hundreds of mappings with a router and a machine that are busy, perhaps a third of it. */
const HANG = 200_000;

export interface Portkeeper {
  readonly process: RunningProcess;
  /** Standard output so far as JSON, one value a line; other lines are left out. */
  readonly said: readonly unknown[];
  /** The first value, past or future, that `fits`. @throws Error when the program ends first, or hangs */
  until(fits: (value: Readonly<Record<string, unknown>>) => boolean): Promise<Readonly<Record<string, unknown>>>;
  /** Ctrl-C, and the end. */
  interrupt(): Promise<Finished>;
  /** `kill -9`, and the end. */
  crash(): Promise<Finished>;
}

function parsed(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{') && !line.startsWith('[')) return undefined;
  try {
    return Object(JSON.parse(line));
  } catch {
    return undefined;
  }
}

/** Each host has a data folder of its own unless `args` name one, and it lasts as long as the home. */
function commandLine(host: LabHost, args: readonly string[]): readonly string[] {
  const folder = args.includes('--data-dir') ? [] : ['--data-dir', join(host.namespace.home, 'portkeeper')];
  return [...PORTKEEPER, ...args, ...folder];
}

/** Starts it and returns it running; `--json` is for the caller to ask for. */
export function portkeeper(host: LabHost, args: readonly string[], options?: SpawnOptions): Portkeeper {
  const running = host.spawn(commandLine(host, args), options);
  return {
    process: running,
    get said() {
      return running.lines.map(parsed).filter((value) => value !== undefined);
    },
    until: (fits) =>
      running.line(
        (line) => {
          const value = parsed(line);
          return value !== undefined && fits(value) ? value : undefined;
        },
        { timeoutMs: HANG },
      ),
    interrupt: () => running.end('SIGINT'),
    crash: () => running.end('SIGKILL'),
  };
}

/** Runs it to its end, whatever its exit code; `json` is its whole standard output where that is one JSON value. */
export async function portkeeperOnce(
  host: LabHost,
  args: readonly string[],
  options?: RunOptions,
): Promise<Finished & { readonly json: unknown }> {
  const finished = await host.exec(commandLine(host, args), options);
  return { ...finished, json: parsed(finished.stdout.trim()) };
}
