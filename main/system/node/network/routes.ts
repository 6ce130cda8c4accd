import os from 'node:os';
import { inSeconds } from '../../../contract/units.ts';
import { NetworkError, type Clock, type NetworkState, type Routes } from '../../system.ts';
import { bestFirst, describeInterfaces } from './interfaces.ts';
import { networkError } from './network-fault.ts';
import { routingTables } from './routing-tables.ts';

const interval = inSeconds(2);
/** Rounds between two looks at tables that cost a process to read: 30 s. */
const roundsPerDearLook = 15;

/**
 * Interfaces and routes of this machine. Node has no change notification, so `changed` looks every 2 s: on Linux at
 * everything (three files of /proc and one netlink dump, about 1 ms), on macOS and Windows at the interfaces (about
 * 0.1 ms) and, when those changed or every 30 s, at the routing table (three short processes).
 */
export function createNodeRoutes(clock: Clock, platform: NodeJS.Platform = process.platform): Routes {
  const tables = routingTables(platform);
  /** What the last reader was told: what came since is a change also for who waits from now on. */
  let told: string | undefined;

  async function look(signal: AbortSignal): Promise<NetworkState> {
    signal.throwIfAborted();
    try {
      const { routes, facts } = await tables.read(signal);
      const interfaces = describeInterfaces(os.networkInterfaces(), facts, routes);
      const names = new Set(interfaces.map((one) => one.name));
      return { interfaces, defaultRoutes: bestFirst(routes.filter((route) => names.has(route.interfaceName))) };
    } catch (error) {
      signal.throwIfAborted();
      throw networkError(error, 'read the routing table');
    }
  }

  async function print(signal: AbortSignal): Promise<string> {
    try {
      return JSON.stringify(await look(signal));
    } catch (error) {
      if (error instanceof NetworkError) return error.message;
      throw error;
    }
  }

  return {
    async read(signal) {
      const state = await look(signal);
      told = JSON.stringify(state);
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
    async changed(signal) {
      let quick = quickPrint();
      const before = told ?? (await print(signal));
      for (let round = 0; ; round += 1) {
        const now = quickPrint();
        if (tables.cheap || now !== quick || round % roundsPerDearLook === 0) {
          if ((await print(signal)) !== before) return;
          quick = now;
        }
        await clock.sleep(interval, signal);
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
