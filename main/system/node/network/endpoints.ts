/** Node's address texts ↔ the contract's endpoints. The zone is a name on Unix and an index on Windows. */
import os from 'node:os';
import {
  familyOf,
  inNetwork,
  parseCidr,
  parseIp,
  scopeOf,
  type Cidr,
  type Endpoint,
  type IpAddress,
} from '../../../contract/address.ts';

/** @throws RangeError when Node gives something that is no address */
export function endpointFromNode(from: { readonly address: string; readonly port: number }): Endpoint {
  const [text = '', zone] = from.address.split('%');
  const address = parseIp(text);
  if (address === undefined) throw new RangeError(`not an address: ${from.address}`);
  if (zone === undefined || scopeOf(address) !== 'link-local') return { address, port: from.port };
  return { address, port: from.port, zone: interfaceNameOf(zone) };
}

/** The address as Node's socket calls take it, with the zone that a link-local IPv6 address needs. */
export function nodeAddress(endpoint: { readonly address: IpAddress; readonly zone?: string }): string {
  return endpoint.zone === undefined || familyOf(endpoint.address) === 'ipv4'
    ? endpoint.address
    : `${endpoint.address}%${scopeText(endpoint.zone)}`;
}

/** How the operating system wants an interface named behind `%`. */
export function scopeText(interfaceName: string): string {
  if (process.platform !== 'win32') return interfaceName;
  const index = scopeIndex(interfaceName);
  return index === undefined ? interfaceName : String(index);
}

function scopeIndex(interfaceName: string): number | undefined {
  for (const one of os.networkInterfaces()[interfaceName] ?? [])
    if (one.family === 'IPv6' && one.scopeid !== 0) return one.scopeid;
  return undefined;
}

function interfaceNameOf(zone: string): string {
  if (process.platform !== 'win32' || !/^\d+$/.test(zone)) return zone;
  const found = Object.entries(os.networkInterfaces()).find(([, addresses]) =>
    addresses?.some((one) => one.family === 'IPv6' && one.scopeid === Number(zone)),
  );
  return found?.[0] ?? zone;
}

/** The networks that this machine is directly connected to, by interface. */
export function attachedNetworks(): readonly { readonly interfaceName: string; readonly network: Cidr }[] {
  return Object.entries(os.networkInterfaces()).flatMap(([interfaceName, addresses]) =>
    (addresses ?? []).flatMap((one) => {
      const network = one.cidr === null ? undefined : parseCidr(one.cidr);
      return network === undefined ? [] : [{ interfaceName, network }];
    }),
  );
}

/** On one of our own networks, or reached without a router by its nature. */
export function isDirectlyConnected(address: IpAddress): boolean {
  const scope = scopeOf(address);
  if (scope === 'link-local' || scope === 'multicast') return true;
  return attachedNetworks().some(({ network }) => inNetwork(address, network));
}
