import { createHash, randomBytes } from 'node:crypto';
import { lookup, Resolver } from 'node:dns/promises';
import os from 'node:os';
import { parseIp, type IpAddress } from '../../contract/address.ts';
import type { LocalTime } from '../../contract/profiles/opens-while.ts';
import type { EpochMs } from '../../contract/units.ts';
import type { Log, System, Random } from '../system.ts';
import { createNodeClock } from './clock.ts';
import { isLetIn } from './network/firewall-windows.ts';
import { createNodeRoutes } from './network/routes.ts';
import { firewallsOf } from './network/firewalls.ts';
import { hopsTo } from './network/hops.ts';
import { listenersOf } from './network/listeners.ts';
import { programOnOf } from './network/listening-program.ts';
import { createNodeTcp } from './network/tcp.ts';
import { createNodeUdp } from './network/udp.ts';
import { programsOf } from './programs.ts';
import { runCommand } from './run-command.ts';
import { runProgram } from './run-program.ts';
import { createNodeWeb } from './network/web.ts';

/** This machine. */
export function createNodeSystem(given: { readonly log: Log }): System {
  const clock = createNodeClock();
  const listeners = listenersOf(process.platform);
  const programs = programsOf(process.platform);
  const programOn = programOnOf(process.platform);
  return {
    clock,
    random: createNodeRandom(),
    log: given.log,
    udp: createNodeUdp(),
    tcp: createNodeTcp(),
    routes: createNodeRoutes(clock),
    nameOf,
    addressesOf,
    localTime,
    hash,
    ...(listeners === undefined ? {} : { listeners }),
    ...(programs === undefined ? {} : { programs }),
    runProgram,
    ...(programOn === undefined ? {} : { programOn }),
    firewalls: (packet) => firewallsOf(packet),
    hops: hopsTo,
    web: createNodeWeb(),
    ...(process.platform === 'win32' ? { mayListen: askedOnce(() => isLetIn(process.execPath, runCommand)) } : {}),
  };
}

/** Milliseconds; the router of a home answers within a few. */
const NAME_WITHIN = 1500;

/** The first part of the name alone: `xbox` of `xbox.fritz.box`. What is no plain name is none. */
async function nameOf(address: IpAddress, signal: AbortSignal): Promise<string | undefined> {
  const resolver = new Resolver({ timeout: NAME_WITHIN, tries: 1 });
  const cancel = (): void => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const [name = ''] = await resolver.reverse(address);
    return /^[\w-]{1,63}(?=\.|$)/.exec(name)?.[0];
  } catch {
    return undefined;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

/** As every program here would look it up, the hosts file included; the system cannot be asked to stop, but is no longer
 * waited for. */
async function addressesOf(name: string, signal: AbortSignal): Promise<readonly IpAddress[]> {
  signal.throwIfAborted();
  const given = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  const found = await Promise.race([lookup(name, { all: true }).catch(() => []), given]);
  return found.flatMap(({ address }) => parseIp(address) ?? []);
}

export const hash: NonNullable<System['hash']> = (algorithm, text) =>
  createHash(algorithm.replace('-', '')).update(text).digest('hex');

function localTime(at: EpochMs): LocalTime {
  const moment = new Date(at);
  return { day: (moment.getDay() + 6) % 7, minute: moment.getHours() * 60 + moment.getMinutes() };
}

/** An answer that cannot be found out counts as no. */
function askedOnce(ask: () => Promise<boolean>): () => Promise<boolean> {
  let answer: Promise<boolean> | undefined;
  return () => (answer ??= ask().catch(() => false));
}

/** Nonces must not be guessable (RFC 6887 §11.2): bytes are from the operating system's generator. What spreads requests in
 * time need not be, and `node:crypto` takes 4 ms to load. */
export function createNodeRandom(): Random {
  return {
    bytes: (count) => Uint8Array.from(randomBytes(count)),
    unit: () => Math.random(),
  };
}

/** User and computer, not to be revealed to strangers. Empty where the system does not know. */
export function personalNames(): { readonly computer: string; readonly user: string; readonly homeFolder: string } {
  return {
    computer: known(() => os.hostname()),
    user: known(() => os.userInfo().username),
    homeFolder: known(() => os.homedir()),
  };
}

/** A user without an entry in the system's list (containers) is an error to Node. */
function known(ask: () => string): string {
  try {
    return ask();
  } catch {
    return '';
  }
}
