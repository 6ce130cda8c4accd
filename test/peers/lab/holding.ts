/** A home whose client serves two ports and holds them open with the command line, and what the internet sees of it. */
import type { TestContext } from 'vitest';
import { PUBLIC_WAN, type Flavour } from './flavours.ts';
import { startHome, type Home, type HomeOptions } from './home.ts';
import type { Transport } from './host.ts';
import { portkeeper, type Portkeeper } from './portkeeper.ts';
import { setTimeout as sleep } from 'node:timers/promises';

export const PORTS = ['25565/tcp', '34197/udp'] as const;
/** The result of {@link answers} when all is well. */
export const ALIVE = ['client', 'client'];

/** A home of its own for one test, also where tests run at the same time. */
export async function homeOf(context: TestContext, flavour: Flavour, options?: HomeOptions): Promise<Home> {
  const home = await startHome(flavour, options);
  context.onTestFinished(() => home.stop());
  return home;
}

export async function serve(home: Home): Promise<void> {
  await home.client.echo.tcp(25_565);
  await home.client.echo.udp(34_197);
}

/** Opens {@link PORTS} and holds them; resolves once both are open. @throws Error when they are not */
export async function hold(home: Home, ...args: readonly string[]): Promise<Portkeeper> {
  await serve(home);
  const program = portkeeper(home.client, ['open', ...PORTS, '--json', ...args]);
  const ready = await program.until(({ event }) => event === 'ready');
  if (ready['open'] !== PORTS.length) throw new Error(`not open: ${program.process.lines.join('\n')}`);
  return program;
}

interface Place {
  readonly transport: Transport;
  readonly address: string;
  readonly port: number;
}

/** The host that answers at each place, asked from the internet. */
export function reached(home: Home, places: readonly Place[]): Promise<readonly (string | undefined)[]> {
  return Promise.all(places.map(({ transport, address, port }) => home.internet.reach(transport, address, port)));
}

/** Does nobody answer at any of them? */
export async function silent(home: Home, places: readonly Place[] = placesAt(PUBLIC_WAN.address)): Promise<boolean> {
  const each = places.map(({ transport, address, port }) => home.internet.isSilent(transport, address, port));
  return (await Promise.all(each)).every(Boolean);
}

/** Of {@link PORTS}. */
export const placesAt = (address: string): readonly Place[] => [
  { transport: 'tcp', address, port: 25_565 },
  { transport: 'udp', address, port: 34_197 },
];

/** The host that answers at each of {@link PORTS}. */
export function answers(home: Home, address: string = PUBLIC_WAN.address): Promise<readonly (string | undefined)[]> {
  return reached(home, placesAt(address));
}

/** Resolves with the milliseconds that passed until `holds`. @throws Error, with what the program said, when it does not in time */
export async function within(limitMs: number, program: Portkeeper, holds: () => Promise<boolean>): Promise<number> {
  const start = performance.now();
  for (;;) {
    if (await holds()) return performance.now() - start;
    if (performance.now() - start > limitMs) {
      const { lines, errors } = program.process;
      throw new Error(`not within ${limitMs} ms:\n${[...lines.slice(-30), ...errors.slice(-60)].join('\n')}`);
    }
    await sleep(250);
  }
}

/** Over PCP and NAT-PMP miniupnpd renews a rule by taking it out and putting it in again: it is looked at so many times. */
const LOOKS = 3;

/** @throws Error when at some moment of this time `holds` does not, however often it is looked at */
export async function stays(durationMs: number, program: Portkeeper, holds: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + durationMs; performance.now() < end; await sleep(150)) {
    for (let look = 1; !(await holds()); look++) {
      if (look === LOOKS) throw new Error(`does not stay:\n${program.process.lines.slice(-30).join('\n')}`);
      await sleep(400);
    }
  }
}

/** The first value that it says from now on that fits. */
export function next(program: Portkeeper, fits: Parameters<Portkeeper['until']>[0]): ReturnType<Portkeeper['until']> {
  const before = program.said.length;
  let heard = 0;
  return program.until((value) => ++heard > before && fits(value));
}

/** Both ports are reached from the internet again. */
export function reopened(home: Home, program: Portkeeper, limitMs: number, address?: string): Promise<number> {
  return within(limitMs, program, async () => (await answers(home, address)).every((name) => name === 'client'));
}
