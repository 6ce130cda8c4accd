import { RunningProcess } from './process.ts';
import type { Finished, RunOptions, SpawnOptions } from './process.ts';

/** Begins the name of every namespace and folder that the lab makes. */
export declare const LAB_PREFIX = 'pklab';
export declare function newPrefix(): string;
/** Where a home keeps its files; the random part of the prefix keeps others from being there first. */
export declare function folderOf(prefix: string): string;
/** @throws Error when it exists already */
export declare function newFolder(prefix: string): Promise<string>;
/** Names of the namespaces that exist now and begin with `prefix`. */
export declare function namespacesOf(prefix: string): Promise<readonly string[]>;
/** Removes a home that nobody watches over. @throws Error when something could not be removed */
export declare function removeHome(prefix: string, folder: string): Promise<void>;
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
export declare function startReaper(prefix: string, folder: string): Reaper;
export declare class Namespace {
  readonly name: string;
  /** Holds what programs in here must not share with others: /run, HOME, their configuration. */
  readonly folder: string;
  constructor(name: string, folder: string);
  get home(): string;
  create(): Promise<void>;
  /** Commands of iproute2, one a line. */
  ip(batch: string): Promise<void>;
  /** Writes below /proc/sys: `net/ipv4/ip_forward=1`. */
  sysctl(...settings: readonly string[]): Promise<void>;
  nft(ruleset: string): Promise<void>;
  /**
   * The command line that runs a command in here. `ip netns exec` gives each command mounts of its own, so a private
   * /run costs one more: without it a minissdpd of another home, or of the machine, would answer on /run/minissdpd.sock.
   */
  command(command: readonly string[]): readonly string[];
  environment(extra?: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
  /** Runs a command to its end, whatever its exit code. */
  exec(command: readonly string[], options?: RunOptions): Promise<Finished>;
  /** Starts a command and returns it running. */
  spawn(command: readonly string[], options?: SpawnOptions): RunningProcess;
  /** Processes in here. */
  pids(): Promise<readonly number[]>;
}
