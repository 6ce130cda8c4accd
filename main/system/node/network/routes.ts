import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { familyOf, parseIp, type IpAddress } from '../../../contract/address.ts';
import { inMinutes, inSeconds } from '../../../contract/units.ts';
import { forAtMost } from '../../deadline.ts';
import type { Clock, NetworkState, Routes, DefaultRoute } from '../../system.ts';
import { runCommand, windowsTool } from '../run-command.ts';
import * as linux from './default-route-linux.ts';
import * as macos from './default-route-macos.ts';
import * as windows from './default-route-windows.ts';
import { bestFirst, describeInterfaces, noAddressFacts, type AddressFacts, type Neighbours } from './interfaces.ts';
import { networkError } from './network-fault.ts';

/** How often is looked in the first seconds. */
const POLL = inSeconds(2);
/** Looks before a tool is started for it: a command that ends at once starts none. */
const LOOKS_BEFORE_TOOL = 3;
/** How often is looked where there is no tool. */
const POLL_WITHOUT_TOOL = inSeconds(10);
/** Looks between two at tables that cost a process to read. */
const LOOKS_PER_DEAR_LOOK = 6;
/** How often is looked while a tool reports changes, should it miss one. */
const POLL_WITH_TOOL = inMinutes(1);
/** A change comes in several parts: route, address and link. */
const SETTLE = inSeconds(0.2);
/** How long a reading counts: a search begins when the network has just been read, and reads it for itself. */
const FRESH = inSeconds(0.2);

/**
 * Interfaces and routes of this machine. Node has no change notification: `changed` listens to a tool of the system
 * (`ip monitor`, `route -n monitor`), which ends with the wait; one for all who wait. In the first seconds it polls every
 * 2 s, where there is no such tool every 10 s: on Linux everything (three files of /proc and one netlink dump, about
 * 1 ms), on macOS and Windows the interfaces (about 0.1 ms) and, when those changed or every minute, the routing table
 * (three short processes).
 */
export function createNodeRoutes(clock: Clock): Routes {
  const tables = routingTables(process.platform);
  let latest: { readonly state: NetworkState; readonly at: number } | undefined;
  let looking: Promise<NetworkState> | undefined;
  /** The last reading: a change since then ends every wait. */
  let text: string | undefined;
  const waiting = new Set<() => void>();
  let watching: AbortController | undefined;

  /** Shared by all who ask meanwhile. @throws NetworkError */
  function look(): Promise<NetworkState> {
    looking ??= readTables().finally(() => (looking = undefined));
    return looking;
  }

  async function readTables(): Promise<NetworkState> {
    try {
      const { routes, facts } = await tables.read(new AbortController().signal);
      const interfaces = describeInterfaces(os.networkInterfaces(), facts, routes);
      const names = new Set(interfaces.map((one) => one.name));
      const state = { interfaces, defaultRoutes: bestFirst(routes.filter((route) => names.has(route.interfaceName))) };
      latest = { state, at: clock.monotonic() };
      seen(JSON.stringify(state));
      return state;
    } catch (error) {
      const fault = networkError(error, 'read the routing table');
      latest = undefined;
      seen(fault.message);
      throw fault;
    }
  }

  function seen(now: string): void {
    if (text !== undefined && now !== text) for (const resolve of waiting) resolve();
    text = now;
  }

  /** Looks again and again, for as long as somebody waits. */
  async function watch(signal: AbortSignal): Promise<void> {
    let quick = quickPrint();
    let tool: ChangeReports | undefined;
    try {
      for (let looks = 1; ; looks += 1) {
        if (looks === LOOKS_BEFORE_TOOL && tables.monitor !== undefined) tool = new ChangeReports(tables.monitor);
        // It may need a moment before it hears anything.
        const settled =
          looks <= LOOKS_BEFORE_TOOL ? POLL : tool?.isRunning === true ? POLL_WITH_TOOL : POLL_WITHOUT_TOOL;
        if (tool?.isRunning !== true) await clock.sleep(settled, signal);
        else if ((await forAtMost(clock, settled, signal, tool.next)) === true) await clock.sleep(SETTLE, signal);
        const now = quickPrint();
        if (!tables.cheap && tool?.isRunning !== true && now === quick && looks % LOOKS_PER_DEAR_LOOK !== 0) continue;
        quick = now;
        await look().catch(() => undefined);
      }
    } finally {
      tool?.end();
    }
  }

  /** A caller that has waited mostly waits on at once. */
  async function endUnlessAwaited(): Promise<void> {
    await setImmediate();
    if (waiting.size > 0) return;
    watching?.abort();
    watching = undefined;
  }

  return {
    async read(signal) {
      signal.throwIfAborted();
      if (latest !== undefined && clock.monotonic() - latest.at < FRESH) return latest.state;
      const state = await look();
      signal.throwIfAborted();
      return state;
    },
    async neighbour(address) {
      try {
        return await tables.neighbour(address);
      } catch {
        // No tool, no table: not known, as the interface allows.
        return undefined;
      }
    },
    async neighbours() {
      try {
        return [...(await tables.neighbours()).keys()];
      } catch {
        return [];
      }
    },
    async changed(signal) {
      signal.throwIfAborted();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const stop = (): void => reject(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
      waiting.add(resolve);
      if (watching === undefined) {
        watching = new AbortController();
        watch(watching.signal).catch(() => undefined);
      }
      try {
        await promise;
      } finally {
        signal.removeEventListener('abort', stop);
        waiting.delete(resolve);
        void endUnlessAwaited();
      }
    },
  };
}

function quickPrint(): string {
  try {
    return JSON.stringify(os.networkInterfaces());
  } catch {
    return '';
  }
}

/** A tool that prints whenever the network changes. What it prints is not read. */
class ChangeReports {
  readonly #child: ChildProcess;
  #isRunning = true;
  #hasReported = false;
  #wake: (() => void) | undefined;

  constructor([file, ...args]: readonly [string, ...string[]]) {
    this.#child = spawn(file, args, { stdio: ['ignore', 'pipe', 'ignore'], windowsHide: true });
    this.#child.unref();
    const report = (): void => {
      this.#hasReported = true;
      this.#wake?.();
    };
    const ended = (): void => {
      this.#isRunning = false;
      report();
    };
    this.#child.stdout?.on('data', report).on('error', ended);
    this.#child.once('error', ended).once('exit', ended);
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** `true` once it has printed something since the last time, or has ended. @throws the signal's reason */
  readonly next = async (signal: AbortSignal): Promise<true> => {
    if (!this.#hasReported) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const stop = (): void => reject(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
      this.#wake = resolve;
      await promise.finally(() => signal.removeEventListener('abort', stop));
    }
    this.#hasReported = false;
    return true;
  };

  end(): void {
    this.#child.kill('SIGKILL');
  }
}

/** Where one operating system keeps what Node leaves out. */
interface RoutingTables {
  /** A tool that prints a line for each change, and runs until it is ended. */
  readonly monitor?: readonly [string, ...string[]];
  /** Reading costs well under a millisecond: no process is started. */
  readonly cheap: boolean;
  read(signal: AbortSignal): Promise<{ readonly routes: readonly DefaultRoute[]; readonly facts: AddressFacts }>;
  neighbour(address: IpAddress): Promise<string | undefined>;
  /** Over IPv4. */
  neighbours(): Promise<Neighbours>;
}

export function routingTables(platform: NodeJS.Platform): RoutingTables {
  if (platform === 'win32') return windowsTables();
  return platform === 'darwin' ? macosTables : linuxTables;
}

const linuxArp = async (): Promise<Neighbours> => linux.parseLinuxArp(await readFile('/proc/net/arp', 'utf8'));
const macosArp = async (): Promise<Neighbours> => macos.parseMacosArp(await runCommand('/usr/sbin/arp', ['-an']));

const linuxTables: RoutingTables = {
  // Ends with this process, also when that is killed.
  monitor: ['setpriv', '--pdeathsig', 'KILL', 'ip', 'monitor', 'link', 'address', 'route'],
  cheap: true,
  async read() {
    const [routes, routes6, addresses6] = await Promise.all([
      readFile('/proc/net/route', 'utf8'),
      // Absent where the kernel runs without IPv6.
      readFile('/proc/net/ipv6_route', 'utf8').catch(() => ''),
      readFile('/proc/net/if_inet6', 'utf8').catch(() => ''),
    ]);
    return {
      routes: [...linux.parseLinuxRoutes(routes, os.endianness() === 'LE'), ...linux.parseLinuxRoutes6(routes6)],
      facts: linux.parseLinuxAddressFacts(addresses6),
    };
  },
  async neighbour(address) {
    if (familyOf(address) === 'ipv4') return (await linuxArp()).get(address);
    // The kernel shows IPv6 neighbours over netlink only; iproute2 is nearly everywhere, and not needed.
    return linux.parseIpNeighbours(await runCommand('ip', ['-j', '-6', 'neigh', 'show', 'to', address]), address);
  },
  neighbours: linuxArp,
};

const macosTables: RoutingTables = {
  monitor: ['/sbin/route', '-n', 'monitor'],
  cheap: false,
  async read(signal) {
    const [routes, routes6, addresses] = await Promise.all([
      runCommand('/usr/sbin/netstat', ['-rn', '-f', 'inet'], signal),
      runCommand('/usr/sbin/netstat', ['-rn', '-f', 'inet6'], signal),
      runCommand('/sbin/ifconfig', ['-a'], signal),
    ]);
    return {
      routes: [...macos.parseMacosRoutes(routes, 'ipv4'), ...macos.parseMacosRoutes(routes6, 'ipv6')],
      facts: macos.parseMacosAddressFacts(addresses),
    };
  },
  async neighbour(address) {
    return familyOf(address) === 'ipv4'
      ? (await macosArp()).get(address)
      : macos.parseMacosNeighbours6(await runCommand('/usr/sbin/ndp', ['-an']), address);
  },
  neighbours: macosArp,
};

function windowsTables(): RoutingTables {
  const powershell = windowsTool(String.raw`WindowsPowerShell\v1.0\powershell.exe`);
  let known: { readonly addresses: string; readonly facts: AddressFacts } | undefined;

  /** A second of PowerShell, so only when the IPv6 addresses are others than before. */
  async function addressFacts(signal: AbortSignal): Promise<AddressFacts> {
    const addresses = globalAddresses6();
    if (addresses === '') return noAddressFacts;
    if (known?.addresses === addresses) return known.facts;
    try {
      const args = ['-NoProfile', '-NonInteractive', '-Command', windows.windowsAddressQuery];
      known = { addresses, facts: windows.parseWindowsAddressFacts(await runCommand(powershell, args, signal)) };
      return known.facts;
    } catch {
      signal.throwIfAborted();
      // Where policy forbids PowerShell a temporary address passes for a lasting one; IPv4 is not affected.
      return noAddressFacts;
    }
  }

  const arp = async (): Promise<Neighbours> =>
    windows.parseWindowsNeighbours(await runCommand(windowsTool('arp.exe'), ['-a']));

  return {
    cheap: false,
    async read(signal) {
      const [routes, routes6, facts] = await Promise.all([
        runCommand(windowsTool('route.exe'), ['print', '-4'], signal),
        runCommand(windowsTool('route.exe'), ['print', '-6'], signal),
        addressFacts(signal),
      ]);
      return {
        routes: [
          ...windows.parseWindowsRoutes(routes, interfaceWithAddress),
          ...windows.parseWindowsRoutes6(routes6, interfaceWithIndex),
        ],
        facts,
      };
    },
    async neighbour(address) {
      const found =
        familyOf(address) === 'ipv4'
          ? await arp()
          : windows.parseWindowsNeighbours(
              await runCommand(windowsTool('netsh.exe'), ['interface', 'ipv6', 'show', 'neighbors']),
            );
      return found.get(address);
    },
    neighbours: arp,
  };
}

function globalAddresses6(): string {
  return Object.values(os.networkInterfaces())
    .flatMap((infos) => infos ?? [])
    .filter((info) => info.family === 'IPv6' && info.scopeid === 0 && !info.internal)
    .map((info) => info.address)
    .join(' ');
}

function interfaceWithAddress(address: IpAddress): string | undefined {
  return nameWhere((info) => parseIp(info.address) === address);
}

function interfaceWithIndex(index: number): string | undefined {
  return nameWhere((info) => info.family === 'IPv6' && info.scopeid === index);
}

function nameWhere(matches: (info: os.NetworkInterfaceInfo) => boolean): string | undefined {
  return Object.entries(os.networkInterfaces()).find(([, infos]) => infos?.some(matches))?.[0];
}
