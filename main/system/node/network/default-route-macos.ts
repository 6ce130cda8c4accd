/** Output of macOS' own tools; none of it is translated. */
import { scopeOf, type Family, type IpAddress } from '../../../contract/address.ts';
import type { DefaultRoute } from '../../system.ts';
import {
  addressFacts,
  macOf,
  neighboursOf,
  rowsOf,
  scopedIp,
  type AddressFacts,
  type Neighbours,
} from './interfaces.ts';

/** Added to the place of a route that counts only for sockets bound to its interface (RTF_IFSCOPE, flag `I`). */
const scopedPenalty = 1000;

/** Shown by macOS as the gateway of a tunnel's IPv6 default route. */
const noRouter = 'fe80::';

/**
 * Default routes of `netstat -rn -f inet` or `-f inet6`. macOS has no metrics: the place in the table stands for one,
 * and scoped routes come after. Routes into tunnels (`link#12`) have no gateway and are left out.
 */
export function parseMacosRoutes(text: string, family: Family): readonly DefaultRoute[] {
  let netif = -1;
  const routes: DefaultRoute[] = [];
  for (const columns of rowsOf(text)) {
    // Refs and Use stand before Netif up to macOS 10.14 and are gone since.
    if (columns[0] === 'Destination') netif = columns.indexOf('Netif');
    if (columns[0] !== 'default' || netif < 0) continue;
    const [, hop = '', flags = ''] = columns;
    const gateway = scopedIp(hop);
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
  return addressFacts(
    rowsOf(text).flatMap(([keyword, scoped, ...words]) => {
      const address = keyword === 'inet6' ? scopedIp(scoped) : undefined;
      if (address === undefined) return [];
      return {
        address,
        isTemporary: ['temporary', 'deprecated'].some((word) => words.includes(word)),
        isUnusable: ['tentative', 'duplicated', 'detached'].some((word) => words.includes(word)),
      };
    }),
  );
}

/** `arp -an`: `? (192.168.1.1) at a4:b1:c1:1:2:3 on en0 ifscope [ethernet]`. */
export function parseMacosArp(text: string): Neighbours {
  return neighboursOf(rowsOf(text).map(([, ip, , mac]) => [ip?.replaceAll(/^\(|\)$/g, ''), mac]));
}

/** `ndp -an`: `fe80::1%en0   a4:b1:c1:1:2:3   en0  23h59m  S  R`. */
export function parseMacosNeighbours6(text: string, address: IpAddress): string | undefined {
  return macOf(rowsOf(text).find(([scoped]) => scopedIp(scoped) === address)?.[1]);
}
