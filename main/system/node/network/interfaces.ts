import type os from 'node:os';
import { parseCidr, parseIp, type IpAddress } from '../../../contract/address.ts';
import type { DefaultRoute, InterfaceAddress, NetworkInterface } from '../../system.ts';

/** Facts that `os.networkInterfaces()` leaves out. */
export interface AddressFacts {
  /** Privacy addresses (RFC 8981) and those being phased out. */
  readonly temporary: ReadonlySet<IpAddress>;
  /** Not usable: still being checked for duplicates, or found to be one (RFC 4862 §5.4). */
  readonly unusable: ReadonlySet<IpAddress>;
}

interface AddressFact {
  readonly address: IpAddress;
  readonly isTemporary: boolean;
  readonly isUnusable: boolean;
}

export function addressFacts(found: readonly AddressFact[]): AddressFacts {
  return {
    temporary: new Set(found.filter(({ isTemporary }) => isTemporary).map(({ address }) => address)),
    unusable: new Set(found.filter(({ isUnusable }) => isUnusable).map(({ address }) => address)),
  };
}

/** The columns of each line that a tool prints. */
export function rowsOf(text: string): readonly (readonly string[])[] {
  return text.split(/\r?\n/).map((line) => line.trim().split(/\s+/));
}

/** `fe80::1%en0` without its zone. */
export const scopedIp = (text = ''): IpAddress | undefined => parseIp(text.split('%')[0] ?? '');

/** Lower case, colon separated; macOS prints bytes below 0x10 with one digit, Windows hyphens. */
export function macOf(text = ''): string | undefined {
  if (!/^[0-9a-f]{1,2}([:-][0-9a-f]{1,2}){5}$/i.test(text)) return undefined;
  const bytes = text.toLowerCase().split(/[:-]/);
  const mac = bytes.map((byte) => byte.padStart(2, '0')).join(':');
  return mac === '00:00:00:00:00:00' ? undefined : mac;
}

/** Hardware addresses of neighbours. */
export type Neighbours = ReadonlyMap<IpAddress, string>;

/** @param rows each begins with an address and a hardware address; others are left out, and so is a second of one address */
export function neighboursOf(rows: readonly (readonly (string | undefined)[])[]): Neighbours {
  const found = new Map<IpAddress, string>();
  for (const [text = '', hardware] of rows) {
    const [address, mac] = [parseIp(text), macOf(hardware)];
    if (address !== undefined && mac !== undefined && !found.has(address)) found.set(address, mac);
  }
  return found;
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

/** VPNs and the operating systems' own pseudo interfaces, on Linux, macOS and Windows. */
const tunnelName =
  /^(tun|tap|utun|wg|ipsec|ppp|gif|stf|sit|gre|ip6tnl|tailscale|feth|nordlynx|proton|awdl|llw|anpi)([\d_.-]|$)|^zt[0-9a-z]{8,}|wireguard|openvpn|tap-windows|tailscale|zerotier|hamachi|mullvad|teredo|isatap|6to4|wintun|\bvpn\b|bluetooth/i;

/** Bridges and adapters that a hypervisor or container engine adds to its host. */
const hypervisorName =
  /^(docker|br-[0-9a-f]{12}|veth|virbr|vmnet|vboxnet|lxcbr|lxdbr|incusbr|podman|cni|cali|flannel|kube|vnet\d|vnic|bridge1\d\d$)|vethernet|vmware|virtualbox|hyper-v|\bwsl\b|parallels|loopback adapter|npcap/i;

/**
 * IEEE prefixes of hypervisors: Hyper-V, VMware, VirtualBox (guest and host-only), QEMU, Xen, Parallels, Docker. A
 * guest's one real interface carries them too.
 */
const hypervisorMac = /^(00:15:5d|00:50:56|00:0c:29|00:05:69|08:00:27|0a:00:27|52:54:00|00:16:3e|00:1c:42|02:42:)/;

/** TAP-Windows and Hamachi. */
const tunnelMac = /^(00:ff:|7a:79:)/;

export function isVirtualAdapter(one: {
  readonly name: string;
  readonly mac: string | undefined;
  /** The owner of a default route is how this machine gets out: a guest's interface, or a host's external switch. */
  readonly ownsDefaultRoute: boolean;
}): boolean {
  const mac = one.mac ?? '';
  if (tunnelName.test(one.name) || tunnelMac.test(mac)) return true;
  return !one.ownsDefaultRoute && (hypervisorName.test(one.name) || hypervisorMac.test(mac));
}
