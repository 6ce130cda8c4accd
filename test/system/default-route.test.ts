import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ip, type IpAddress } from '../../main/contract/address.ts';
import * as linux from '../../main/system/node/network/default-route-linux.ts';
import * as macos from '../../main/system/node/network/default-route-macos.ts';
import * as windows from '../../main/system/node/network/default-route-windows.ts';

const said = (name: string): string => readFileSync(new URL(`../fixtures/system/${name}`, import.meta.url), 'utf8');
const router6 = ip('fe80::a6b1:c1ff:fe01:203');

describe('Linux', () => {
  it('finds IPv4 default routes through a gateway, and no tunnel, half-default or blackhole', () => {
    expect(linux.parseLinuxRoutes(said('linux-route.txt'), true)).toEqual([
      { family: 'ipv4', gateway: '192.168.1.1', interfaceName: 'wlan0', metric: 600 },
      { family: 'ipv4', gateway: '192.168.1.254', interfaceName: 'enp3s0', metric: 100 },
    ]);
  });

  it('reads addresses in the byte order of the machine', () => {
    const [route] = linux.parseLinuxRoutes('eth0\t00000000\tC0A80101\t0003\t0\t0\t0\t00000000\t0\t0\t0\n', false);
    expect(route?.gateway).toBe('192.168.1.1');
  });

  it('finds IPv6 default routes', () => {
    expect(linux.parseLinuxRoutes6(said('linux-ipv6-route.txt'))).toEqual([
      { family: 'ipv6', gateway: router6, interfaceName: 'enp3s0', metric: 100 },
      { family: 'ipv6', gateway: router6, interfaceName: 'wlan0', metric: 600 },
    ]);
  });

  it('distinguishes temporary addresses from lasting ones, and leaves out those not yet or never usable', () => {
    const facts = linux.parseLinuxAddressFacts(said('linux-if-inet6.txt'));
    expect([...facts.temporary]).toEqual(['2001:db8:1:0:1234:5678:90ab:cdef', '2001:db8:2:0:11:2233:4455:6677']);
    expect([...facts.unusable]).toEqual(['2001:db8:3::1', '2001:db8:4::1']);
  });

  it('knows hardware addresses of neighbours that answered', () => {
    const arp = said('linux-arp.txt');
    expect(linux.parseLinuxArp(arp).get(ip('192.168.1.254'))).toBe('a4:b1:c1:01:02:03');
    expect(linux.parseLinuxArp(arp).get(ip('192.168.1.77'))).toBeUndefined();
    expect(linux.parseLinuxArp(arp).get(ip('192.168.1.2'))).toBeUndefined();
    const neighbours = said('linux-neighbours.json');
    expect(linux.parseIpNeighbours(neighbours, router6)).toBe('a4:b1:c1:01:02:03');
    expect(linux.parseIpNeighbours(neighbours, ip('fe80::dead'))).toBeUndefined();
  });
});

describe('macOS', () => {
  it('puts the primary route first and keeps the one behind a full tunnel', () => {
    expect(macos.parseMacosRoutes(said('macos-netstat-inet.txt'), 'ipv4')).toEqual([
      { family: 'ipv4', gateway: '192.168.1.1', interfaceName: 'en0', metric: 0 },
      { family: 'ipv4', gateway: '192.168.1.1', interfaceName: 'en1', metric: 1001 },
      { family: 'ipv4', gateway: '10.211.55.1', interfaceName: 'bridge100', metric: 1002 },
    ]);
  });

  it('reads the wider table of older releases', () => {
    expect(macos.parseMacosRoutes(said('macos-netstat-inet-10.13.txt'), 'ipv4')).toEqual([
      { family: 'ipv4', gateway: '192.168.0.1', interfaceName: 'en0', metric: 0 },
    ]);
  });

  it('finds IPv6 routers without the zone, and not the bare prefix that tunnels claim', () => {
    expect(macos.parseMacosRoutes(said('macos-netstat-inet6.txt'), 'ipv6')).toEqual([
      { family: 'ipv6', gateway: router6, interfaceName: 'en0', metric: 0 },
      { family: 'ipv6', gateway: router6, interfaceName: 'en1', metric: 1001 },
    ]);
  });

  it('distinguishes temporary addresses from lasting ones', () => {
    const facts = macos.parseMacosAddressFacts(said('macos-ifconfig.txt'));
    expect([...facts.temporary]).toEqual([
      ip('2001:db8:1::8d4f:1e2d:3c4b:5a69'),
      ip('2001:db8:1::aaaa:bbbb:cccc:dddd'),
    ]);
    expect([...facts.unusable]).toEqual(['2001:db8:2::1', '2001:db8:2::2']);
  });

  it('knows hardware addresses, whose bytes are printed short', () => {
    expect(macos.parseMacosArp(said('macos-arp.txt')).get(ip('192.168.1.1'))).toBe('a4:b1:c1:01:02:03');
    expect(macos.parseMacosArp(said('macos-arp.txt')).get(ip('192.168.1.11'))).toBeUndefined();
    expect(macos.parseMacosNeighbours6(said('macos-ndp.txt'), router6)).toBe('a4:b1:c1:01:02:03');
    expect(macos.parseMacosNeighbours6(said('macos-ndp.txt'), ip('fe80::dead'))).toBeUndefined();
  });
});

describe('Windows', () => {
  const names: Readonly<Record<string, string>> = {
    '192.168.1.23': 'WLAN',
    '172.28.0.77': 'vEthernet (WSL)',
    '12': 'Wi-Fi',
  };

  it('finds IPv4 default routes in any language, and no persistent, on-link or half-default one', () => {
    const routes = windows.parseWindowsRoutes(said('windows-route-4.txt'), (address: IpAddress) => names[address]);
    expect(routes).toEqual([
      { family: 'ipv4', gateway: '192.168.1.1', interfaceName: 'WLAN', metric: 35 },
      { family: 'ipv4', gateway: '172.28.0.1', interfaceName: 'vEthernet (WSL)', metric: 25 },
    ]);
  });

  it('finds IPv6 default routes by interface index', () => {
    expect(windows.parseWindowsRoutes6(said('windows-route-6.txt'), (index) => names[String(index)])).toEqual([
      { family: 'ipv6', gateway: router6, interfaceName: 'Wi-Fi', metric: 291 },
    ]);
  });

  it('distinguishes temporary addresses from those of DHCPv6, which are /128 as well', () => {
    const facts = windows.parseWindowsAddressFacts(said('windows-addresses.json'));
    expect([...facts.temporary]).toEqual([ip('2001:db8:1::8d4f:1e2d:3c4b:5a69'), '2001:db8:1::99']);
    expect([...facts.unusable]).toEqual(['2001:db8:1::aa']);
    const alone = windows.parseWindowsAddressFacts('{"IPAddress":"2001:db8::1","suffix":5,"length":128,"state":4}');
    expect([...alone.temporary]).toEqual(['2001:db8::1']);
  });

  it('knows hardware addresses', () => {
    expect(windows.parseWindowsNeighbours(said('windows-arp.txt')).get(ip('192.168.1.1'))).toBe('a4:b1:c1:01:02:03');
    expect(windows.parseWindowsNeighbours(said('windows-neighbours-6.txt')).get(router6)).toBe('a4:b1:c1:01:02:03');
    expect(windows.parseWindowsNeighbours(said('windows-neighbours-6.txt')).get(ip('fe80::dead'))).toBeUndefined();
  });
});

it('takes any text for a table without routes rather than failing', () => {
  const word = fc.constantFrom(
    '0.0.0.0',
    '00000000',
    'default',
    'Destination',
    'Netif',
    '::/0',
    '0003',
    'inet6',
    '-1',
    '%',
    '[{}]',
    '4294967296',
    'zz',
  );
  const table = fc.oneof(
    fc.string(),
    fc
      .array(fc.array(fc.oneof(word, fc.string({ maxLength: 8 })), { maxLength: 12 }), { maxLength: 6 })
      .map((rows) => rows.map((row) => row.join(' ')).join('\n')),
    fc.json(),
  );
  const router = ip('192.168.1.1');
  fc.assert(
    fc.property(table, (text) => {
      const routes = [
        ...linux.parseLinuxRoutes(text, true),
        ...linux.parseLinuxRoutes6(text),
        ...macos.parseMacosRoutes(text, 'ipv4'),
        ...windows.parseWindowsRoutes(text, () => 'Ethernet'),
        ...windows.parseWindowsRoutes6(text, () => 'Ethernet'),
      ];
      expect(routes.every((route) => Number.isSafeInteger(route.metric) && route.interfaceName !== '')).toBe(true);
      linux.parseLinuxAddressFacts(text);
      macos.parseMacosAddressFacts(text);
      windows.parseWindowsAddressFacts(text);
      const macs = [
        ...linux.parseLinuxArp(text).values(),
        linux.parseIpNeighbours(text, router),
        ...macos.parseMacosArp(text).values(),
        macos.parseMacosNeighbours6(text, router),
        ...windows.parseWindowsNeighbours(text).values(),
      ];
      expect(macs.every((mac) => mac === undefined || /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac))).toBe(true);
    }),
  );
});
