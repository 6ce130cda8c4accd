/** `portkeeper open` in a home, and what it said about each port. */
import { onTestFinished } from 'vitest';
import type { Flavour } from './flavours.ts';
import { startHome, type Home, type HomeOptions } from './home.ts';
import type { Transport } from './host.ts';
import { portkeeper, portkeeperOnce, type Portkeeper } from './portkeeper.ts';

/** A home for the time of one test. */
export async function homeFor(flavour: Flavour, options?: HomeOptions): Promise<Home> {
  const home = await startHome(flavour, options);
  onTestFinished(() => home.stop());
  return home;
}

/** One port in `--json`. */
export interface Told {
  readonly transport: Transport;
  readonly wantedPort: number;
  readonly status: string;
  readonly externalPort?: number;
  readonly protocol?: string;
  readonly problem?: { readonly code: string; readonly what: string; readonly why: string; readonly todo: string };
}

/** The last word on each port, in the order of the first. */
export function told(said: readonly unknown[]): readonly Told[] {
  const last = new Map<string, Told>();
  for (const value of said) {
    const record: Told & { readonly event?: string } = Object(value);
    if (record.event === 'mapping') last.set(`${record.wantedPort}/${record.transport}`, record);
  }
  return [...last.values()];
}

export interface Opened {
  readonly program: Portkeeper;
  /** How many are open, refused, waiting. */
  readonly ready: Readonly<Record<string, unknown>>;
  readonly told: readonly Told[];
}

/** Starts it on the client and waits until everything requested is open, or the reason why not is shown. */
export async function opened(home: Home, ...args: readonly string[]): Promise<Opened> {
  const program = portkeeper(home.client, ['open', ...args, '--json']);
  const ready = await program.until(({ event }) => event === 'ready');
  return { program, ready, told: told(program.said) };
}

/** Runs it on the client until it exits on its own, because nothing could be opened. */
export async function refused(
  home: Home,
  ...args: readonly string[]
): Promise<{ readonly code: number | null; readonly told: readonly Told[] }> {
  const { code, stdout } = await portkeeperOnce(home.client, ['open', ...args, '--json']);
  const said = stdout
    .split('\n')
    .flatMap((line): readonly unknown[] => (line.startsWith('{') ? [JSON.parse(line)] : []));
  return { code, told: told(said) };
}
