/** What macOS' own tools print; none of them is translated. */
import { parseIp, scopeOf, type Family, type IpAddress } from '../../../contract/address.ts';
import type { DefaultRoute } from '../../system.ts';
import type { AddressFacts } from './interfaces.ts';

/** Added to the place of a route that counts only for sockets bound to its interface (RTF_IFSCOPE, flag `I`). */
const scopedPenalty = 1000;

/** What macOS shows as the gateway of a tunnel's IPv6 default route. */
const noRouter = 'fe80::';

/**
 * Default routes of `netstat -rn -f inet` or `-f inet6`. macOS has no metrics: the place in the table stands for one,
 * and scoped routes come after. Routes into tunnels (`link#12`) have no gateway and are left out.
 */
export function parseMacosRoutes(text: string, family: Family): readonly DefaultRoute[] {
  let netif = -1;
  const routes: DefaultRoute[] = [];
  for (const line of text.split('\n')) {
    const columns = line.trim().split(/\s+/);
    // Refs and Use stand before Netif up to macOS 10.14 and are gone since.
    if (columns[0] === 'Destination') netif = columns.indexOf('Netif');
    if (columns[0] !== 'default' || netif < 0) continue;
    const [, hop = '', flags = ''] = columns;
    const gateway = parseIp(hop.split('%')[0] ?? '');
    const interfaceName = columns[netif];
    if (gateway === undefined || interfaceName === undefined || scopeOf(gateway) === 'unspecified') continue;
    if (String(gateway) === noRouter || !flags.includes('G')) continue;
    const metric = routes.length + (flags.includes('I') ? scopedPenalty : 0);
    routes.push({ family, gateway, interfaceName, metric });
  }
  return routes;
}

/** `ifconfig -a`: the words behind an IPv6 address. */
export function parseMacosAddressFacts(text: string): AddressFacts {
  const temporary = new Set<IpAddress>();
  const unusable = new Set<IpAddress>();
  for (const line of text.split('\n')) {
    const [keyword, scoped = '', ...words] = line.trim().split(/\s+/);
    const address = keyword === 'inet6' ? parseIp(scoped.split('%')[0] ?? '') : undefined;
    if (address === undefined) continue;
    if (words.includes('temporary') || words.includes('deprecated')) temporary.add(address);
    if (words.includes('tentative') || words.includes('duplicated') || words.includes('detached'))
      unusable.add(address);
  }
  return { temporary, unusable };
}

/** `arp -an`: `? (192.168.1.1) at a4:b1:c1:1:2:3 on en0 ifscope [ethernet]`. */
export function parseMacosArp(text: string, address: IpAddress): string | undefined {
  const line = text.split('\n').find((one) => one.includes(`(${address})`));
  return paddedMac(line?.split(/\s+at\s+/)[1]?.split(/\s/)[0]);
}

/** `ndp -an`: `fe80::1%en0   a4:b1:c1:1:2:3   en0  23h59m  S  R`. */
export function parseMacosNeighbours6(text: string, address: IpAddress): string | undefined {
  for (const line of text.split('\n')) {
    const [scoped = '', mac] = line.trim().split(/\s+/);
    if (parseIp(scoped.split('%')[0] ?? '') === address) return paddedMac(mac);
  }
  return undefined;
}

/** Bytes below 0x10 are printed with one digit. */
function paddedMac(text: string | undefined): string | undefined {
  if (text === undefined || !/^[0-9a-f]{1,2}(:[0-9a-f]{1,2}){5}$/i.test(text)) return undefined;
  return text
    .toLowerCase()
    .split(':')
    .map((byte) => byte.padStart(2, '0'))
    .join(':');
}
