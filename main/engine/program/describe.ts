import type { AppDescription } from '../../contract/commands.ts';
import type { Routes } from '../../system/system.ts';
import { NetworkError } from '../../system/system.ts';
import type { Host } from './host.ts';

/** Interfaces that lead out of this machine; none while the system's tables cannot be read. @throws the signal's reason */
export async function describe(
  { version, platform, dataFolder }: Host,
  routes: Routes,
  signal: AbortSignal,
): Promise<AppDescription> {
  return { version, platform, dataFolder, interfaces: await interfacesOf(routes, signal) };
}

async function interfacesOf(routes: Routes, signal: AbortSignal): Promise<AppDescription['interfaces']> {
  try {
    const { interfaces } = await routes.read(signal);
    return interfaces
      .filter(({ loopback }) => !loopback)
      .map(({ name, addresses, virtual }) => ({ name, addresses: addresses.map(({ address }) => address), virtual }));
  } catch (error) {
    if (error instanceof NetworkError) return [];
    throw error;
  }
}
