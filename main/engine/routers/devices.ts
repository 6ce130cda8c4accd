/** Devices of the home that a forward can point to: those that this machine has met, and those read from routers. */
import { familyOf, inNetwork, type IpAddress } from '../../contract/address.ts';
import type { DeviceView } from '../../contract/commands.ts';
import { networksNow } from '../loop/host-facts.ts';
import { oneLine } from '../profiles/profile-names.ts';
import type { App } from '../app.ts';

/** More are no list to choose from. */
const MOST = 64;

/** @throws the signal's reason */
export async function knownDevices(
  { system, engine, tables }: App,
  signal: AbortSignal,
): Promise<readonly DeviceView[]> {
  const { routes, nameOf } = system;
  const [networks = [], met] = await Promise.all([networksNow(routes, signal), routes.neighbours()]);
  const others = new Set<IpAddress>([
    ...networks.map(({ address }) => address),
    ...engine.snapshot.gateways.map(({ address }) => address),
  ]);
  const isDevice = (address: IpAddress): boolean =>
    familyOf(address) === 'ipv4' && !others.has(address) && networks.some((network) => inNetwork(address, network));
  // A device's name for its entry says at least what runs there.
  const described = new Map<IpAddress, string>();
  for (const { internal, description } of tables.latest.flatMap(({ entries }) => entries)) {
    if (internal.client !== undefined && !described.has(internal.client)) described.set(internal.client, description);
  }
  const addresses = [...new Set([...described.keys(), ...met])].filter(isDevice).slice(0, MOST);
  const devices = await Promise.all(
    addresses.map(async (address) => ({
      address,
      name: (await nameOf?.(address, signal)) ?? oneLine(described.get(address) ?? ''),
    })),
  );
  signal.throwIfAborted();
  return devices.toSorted((a, b) => orderOf(a.address).localeCompare(orderOf(b.address)));
}

/** 192.168.1.9 before 192.168.1.10. */
const orderOf = (address: IpAddress): string => address.replaceAll(/\d+/g, (digits) => digits.padStart(3, '0'));
