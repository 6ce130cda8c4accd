/** The kernel's tables under /proc/net, as text; formats of net/ipv4/fib_trie.c, net/ipv6/route.c and addrconf.c. */
import { fromBytes, scopeOf, type IpAddress } from '../../../contract/address.ts';
import type { DefaultRoute } from '../../system.ts';
import { addressFacts, macOf, neighboursOf, rowsOf, type AddressFacts, type Neighbours } from './interfaces.ts';

/** linux/route.h */
const up = 0x1;
const viaGateway = 0x2;
const reject = 0x200;

/** linux/if_addr.h */
const temporaryFlag = 0x01;
const duplicateFlag = 0x08;
const optimisticFlag = 0x04;
const deprecatedFlag = 0x20;
const tentativeFlag = 0x40;

/** Default routes of `/proc/net/route`; addresses are hexadecimal in the machine's byte order. */
export function parseLinuxRoutes(text: string, littleEndian: boolean): readonly DefaultRoute[] {
  return rowsOf(text).flatMap(([name, destination, gateway, flags, , , metric, mask]) => {
    if (name === undefined || destination !== '00000000' || mask !== '00000000') return [];
    if (!isDefaultVia(hex(flags))) return [];
    const bytes = bytesOf(gateway, 4);
    if (bytes === undefined || !/^\d+$/.test(metric ?? '')) return [];
    const address = fromBytes(littleEndian ? bytes.toReversed() : bytes);
    return scopeOf(address) === 'unspecified'
      ? []
      : [{ family: 'ipv4' as const, gateway: address, interfaceName: name, metric: Number(metric) }];
  });
}

/** Default routes of `/proc/net/ipv6_route`. */
export function parseLinuxRoutes6(text: string): readonly DefaultRoute[] {
  return rowsOf(text).flatMap(([destination, length, , , gateway, metric, , , flags, name]) => {
    if (name === undefined || destination !== '0'.repeat(32) || length !== '00') return [];
    if (!isDefaultVia(hex(flags))) return [];
    const bytes = bytesOf(gateway, 16);
    if (bytes === undefined || !/^[0-9a-f]{8}$/i.test(metric ?? '')) return [];
    const address = fromBytes(bytes);
    return scopeOf(address) === 'unspecified'
      ? []
      : [{ family: 'ipv6' as const, gateway: address, interfaceName: name, metric: hex(metric) }];
  });
}

/** IPv6 addresses in `/proc/net/if_inet6`; flags above eight bits are in the same column. */
export function parseLinuxAddressFacts(text: string): AddressFacts {
  return addressFacts(
    rowsOf(text).flatMap(([address, , , , flagText]) => {
      const bytes = bytesOf(address, 16);
      if (bytes === undefined) return [];
      const flags = hex(flagText);
      const isUnchecked = (flags & tentativeFlag) !== 0 && (flags & optimisticFlag) === 0;
      return {
        address: fromBytes(bytes),
        isTemporary: (flags & (temporaryFlag | deprecatedFlag)) !== 0,
        isUnusable: isUnchecked || (flags & duplicateFlag) !== 0,
      };
    }),
  );
}

/** Hardware addresses in `/proc/net/arp`, of entries that are complete (ATF_COM). */
export function parseLinuxArp(text: string): Neighbours {
  return neighboursOf(rowsOf(text).flatMap(([ip, , flags, mac]) => ((hex(flags) & 0x2) === 0 ? [] : [[ip, mac]])));
}

/** The hardware address in what `ip -j -6 neigh show to ADDRESS` prints. */
export function parseIpNeighbours(text: string, address: IpAddress): string | undefined {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(found)) return undefined;
  for (const one of found as readonly unknown[]) {
    if (typeof one !== 'object' || one === null || !('dst' in one) || !('lladdr' in one)) continue;
    if (one.dst === address && typeof one.lladdr === 'string') return macOf(one.lladdr);
  }
  return undefined;
}

function isDefaultVia(flags: number): boolean {
  return (flags & up) !== 0 && (flags & viaGateway) !== 0 && (flags & reject) === 0;
}

function hex(text: string | undefined): number {
  return text !== undefined && /^(0x)?[0-9a-f]{1,8}$/i.test(text) ? Number.parseInt(text, 16) : 0;
}

function bytesOf(text: string | undefined, count: number): Uint8Array | undefined {
  return text?.length === count * 2 && /^[0-9a-f]+$/i.test(text)
    ? Uint8Array.from(Buffer.from(text, 'hex'))
    : undefined;
}
