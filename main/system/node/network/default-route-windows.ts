/**
 * Output of Windows' tools. Headings and words are translated, so rows are known by their shape alone: `route print`
 * answers in 30 ms where PowerShell's Get-NetRoute takes a second.
 */
import { parseIp, scopeOf, type IpAddress } from '../../../contract/address.ts';
import type { DefaultRoute } from '../../system.ts';
import { addressFacts, neighboursOf, rowsOf, scopedIp, type AddressFacts, type Neighbours } from './interfaces.ts';

/**
 * Default routes of `route print -4`: destination, mask, gateway, the interface's address, metric. Persistent routes
 * have four columns and are left out, so are those whose gateway is a word (on-link).
 */
export function parseWindowsRoutes(
  text: string,
  interfaceOf: (address: IpAddress) => string | undefined,
): readonly DefaultRoute[] {
  return rowsOf(text).flatMap((columns) => {
    const [destination, mask, hop = '', own = '', metric = ''] = columns;
    if (destination !== '0.0.0.0' || mask !== '0.0.0.0' || columns.length !== 5 || !/^\d+$/.test(metric)) return [];
    const gateway = parseIp(hop);
    const address = parseIp(own);
    const interfaceName = address === undefined ? undefined : interfaceOf(address);
    if (gateway === undefined || interfaceName === undefined || scopeOf(gateway) === 'unspecified') return [];
    return [{ family: 'ipv4' as const, gateway, interfaceName, metric: Number(metric) }];
  });
}

/** Default routes of `route print -6`: interface index, metric, destination, gateway. */
export function parseWindowsRoutes6(
  text: string,
  interfaceOf: (index: number) => string | undefined,
): readonly DefaultRoute[] {
  return rowsOf(text).flatMap((columns) => {
    const [index = '', metric = '', destination, hop = ''] = columns;
    if (destination !== '::/0' || columns.length !== 4 || !/^\d+$/.test(index) || !/^\d+$/.test(metric)) return [];
    const gateway = scopedIp(hop);
    const interfaceName = interfaceOf(Number(index));
    if (gateway === undefined || interfaceName === undefined || scopeOf(gateway) === 'unspecified') return [];
    return [{ family: 'ipv6' as const, gateway, interfaceName, metric: Number(metric) }];
  });
}

/** For PowerShell, whose enumerations (MSFT_NetIPAddress) are asked for as numbers: their names may be translated. */
export const windowsAddressQuery =
  'Get-NetIPAddress -AddressFamily IPv6 | Select-Object IPAddress,' +
  "@{n='suffix';e={[int]$_.SuffixOrigin}},@{n='length';e={[int]$_.PrefixLength}}," +
  "@{n='state';e={[int]$_.AddressState}} | ConvertTo-Json -Compress";

/** SuffixOrigin Random. */
const randomSuffix = 5;
/** AddressState. */
const tentative = 1;
const duplicate = 2;
const deprecated = 3;

/** Answers of `windowsAddressQuery`: one object, or a list. */
export function parseWindowsAddressFacts(text: string): AddressFacts {
  return addressFacts(
    listOf(text).flatMap((one) => {
      if (typeof one !== 'object' || one === null || !('IPAddress' in one) || typeof one.IPAddress !== 'string')
        return [];
      const address = scopedIp(one.IPAddress);
      if (address === undefined) return [];
      const { suffix, length, state } = { suffix: undefined, length: undefined, state: undefined, ...one };
      return {
        address,
        // A stable but random interface identifier is Random too; only the temporary address stands alone as a /128.
        isTemporary: (suffix === randomSuffix && length === 128) || state === deprecated,
        isUnusable: state === tentative || state === duplicate,
      };
    }),
  );
}

/** `arp -a` (IPv4) and `netsh interface ipv6 show neighbors`: an address, then `a4-b1-c1-01-02-03`. */
export function parseWindowsNeighbours(text: string): Neighbours {
  return neighboursOf(rowsOf(text));
}

function listOf(text: string): readonly unknown[] {
  try {
    const found: unknown = JSON.parse(text);
    return Array.isArray(found) ? found : [found];
  } catch {
    return [];
  }
}
