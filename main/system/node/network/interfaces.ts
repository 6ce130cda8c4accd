import type os from 'node:os';
import { parseCidr, type IpAddress } from '../../../contract/address.ts';
import type { DefaultRoute, InterfaceAddress, NetworkInterface } from '../../system.ts';
import { isVirtualAdapter } from './virtual-adapter.ts';

/** What `os.networkInterfaces()` cannot tell. */
export interface AddressFacts {
  /** Privacy addresses (RFC 8981) and those being phased out. */
  readonly temporary: ReadonlySet<IpAddress>;
  /** Not usable: still being checked for duplicates, or found to be one (RFC 4862 §5.4). */
  readonly unusable: ReadonlySet<IpAddress>;
}

export const noAddressFacts: AddressFacts = { temporary: new Set(), unusable: new Set() };

type NodeInterfaces = NodeJS.Dict<os.NetworkInterfaceInfo[]>;

export function describeInterfaces(
  found: NodeInterfaces,
  facts: AddressFacts,
  routes: readonly DefaultRoute[],
): readonly NetworkInterface[] {
  const owners = new Set(routes.map((route) => route.interfaceName));
  return Object.entries(found).map(([name, infos = []]) => describe(name, infos, facts, owners.has(name)));
}

function describe(
  name: string,
  infos: readonly os.NetworkInterfaceInfo[],
  facts: AddressFacts,
  ownsDefaultRoute: boolean,
): NetworkInterface {
  const mac = infos.map((info) => info.mac.toLowerCase()).find((text) => text !== '' && text !== '00:00:00:00:00:00');
  const loopback = infos.some((info) => info.internal);
  return {
    name,
    ...(mac === undefined ? {} : { mac }),
    addresses: infos.flatMap((info) => addressOf(info, facts)),
    loopback,
    virtual: !loopback && isVirtualAdapter({ name, mac, ownsDefaultRoute }),
  };
}

function addressOf(info: os.NetworkInterfaceInfo, facts: AddressFacts): readonly InterfaceAddress[] {
  const cidr = info.cidr === null ? undefined : parseCidr(info.cidr);
  if (cidr === undefined || facts.unusable.has(cidr.address)) return [];
  return [{ ...cidr, temporary: facts.temporary.has(cidr.address) }];
}

/** Lowest metric first; among equals IPv4, then the order of the table. */
export function bestFirst(routes: readonly DefaultRoute[]): readonly DefaultRoute[] {
  return routes.toSorted(
    (one, other) => one.metric - other.metric || Number(one.family === 'ipv6') - Number(other.family === 'ipv6'),
  );
}
