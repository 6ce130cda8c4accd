import type os from 'node:os';
import { describe, expect, it } from 'vitest';
import { ip } from '../../main/contract/address.ts';
import { createLog } from '../../main/system/node/files/log.ts';
import {
  bestFirst,
  describeInterfaces,
  noAddressFacts,
  isVirtualAdapter,
} from '../../main/system/node/network/interfaces.ts';
import { faultOf } from '../../main/system/node/network/network-fault.ts';
import { createNodeSystem } from '../../main/system/node/node-system.ts';
import type { DefaultRoute } from '../../main/system/system.ts';

const route = (interfaceName: string, metric: number, family: 'ipv4' | 'ipv6' = 'ipv4'): DefaultRoute => ({
  family,
  gateway: ip(family === 'ipv4' ? '192.168.1.1' : 'fe80::1'),
  interfaceName,
  metric,
});

function info(cidr: string, mac = 'A4:B1:C1:01:02:03', internal = false): os.NetworkInterfaceInfo {
  const [address = ''] = cidr.split('/');
  return { address, netmask: '', mac, internal, cidr, family: 'IPv4' };
}

describe('interfaces', () => {
  it('are described with what is known of their addresses', () => {
    const facts = { temporary: new Set([ip('2001:db8::2')]), unusable: new Set([ip('2001:db8::3')]) };
    const found = {
      lo: [info('127.0.0.1/8', '00:00:00:00:00:00', true)],
      eth0: [info('192.168.1.23/24'), info('2001:db8::1/64'), info('2001:db8::2/64'), info('2001:db8::3/64')],
    };
    expect(describeInterfaces(found, facts, [route('eth0', 0)])).toEqual([
      {
        name: 'lo',
        addresses: [{ address: '127.0.0.1', prefix: 8, temporary: false }],
        loopback: true,
        virtual: false,
      },
      {
        name: 'eth0',
        mac: 'a4:b1:c1:01:02:03',
        addresses: [
          { address: '192.168.1.23', prefix: 24, temporary: false },
          { address: '2001:db8::1', prefix: 64, temporary: false },
          { address: '2001:db8::2', prefix: 64, temporary: true },
        ],
        loopback: false,
        virtual: false,
      },
    ]);
  });

  it('without a hardware address have none', () => {
    const [tunnel] = describeInterfaces({ tun0: [info('10.8.0.2/24', '00:00:00:00:00:00')] }, noAddressFacts, []);
    expect(tunnel).toMatchObject({ name: 'tun0', virtual: true });
    expect(tunnel).not.toHaveProperty('mac');
  });
});

describe('virtual adapters (H3, H10)', () => {
  const isVirtual = (name: string, mac?: string, ownsDefaultRoute = false): boolean =>
    isVirtualAdapter({ name, mac, ownsDefaultRoute });

  it.each([
    ['tun0'],
    ['wg0'],
    ['wg-mullvad'],
    ['utun4'],
    ['tailscale0'],
    ['ztabcdef1234'],
    ['nordlynx'],
    ['ppp0'],
    ['OpenVPN TAP-Windows6'],
    ['WireGuard Tunnel'],
    ['ZeroTier One [abcdef]'],
    ['awdl0'],
    ['ipsec0'],
  ])('%s is a tunnel, also when all traffic goes through it', (name) => {
    expect(isVirtual(name)).toBe(true);
    expect(isVirtual(name, undefined, true)).toBe(true);
  });

  it.each([
    ['docker0', '02:42:ac:11:00:01'],
    ['br-0123456789ab', undefined],
    ['veth12ab', undefined],
    ['virbr0', '52:54:00:01:02:03'],
    ['vEthernet (WSL)', '00:15:5d:01:02:03'],
    ['VMware Network Adapter VMnet8', '00:50:56:c0:00:08'],
    ['VirtualBox Host-Only Network', '0a:00:27:00:00:0e'],
    ['bridge100', undefined],
    ['Ethernet 5', '0a:00:27:00:00:0e'],
  ])('%s belongs to a hypervisor', (name, mac) => {
    expect(isVirtual(name, mac)).toBe(true);
  });

  it.each([
    ['eth0', 'a4:b1:c1:01:02:03'],
    ['enp3s0', undefined],
    ['wlan0', undefined],
    ['en0', undefined],
    ['Wi-Fi', undefined],
    ['br0', undefined],
    ['Ethernet', 'f0:18:98:aa:bb:cc'],
  ])('%s is real', (name, mac) => expect(isVirtual(name, mac)).toBe(false));

  it('the only way out of a guest, or of a host with an external switch, is real', () => {
    expect(isVirtual('eth0', '00:15:5d:01:02:03', true)).toBe(false);
    expect(isVirtual('ens18', '52:54:00:01:02:03', true)).toBe(false);
    expect(isVirtual('vEthernet (External)', 'f0:18:98:aa:bb:cc', true)).toBe(false);
  });
});

it('prefers the lowest metric, and among equals IPv4', () => {
  const routes = [route('wlan0', 600), route('eth0', 100, 'ipv6'), route('eth0', 100), route('wwan0', 700)];
  expect(bestFirst(routes)).toEqual([routes[2], routes[1], routes[0], routes[3]]);
});

describe('errors of sockets', () => {
  it.each([
    ['ECONNREFUSED', 'refused'],
    ['ENETUNREACH', 'unreachable'],
    ['EHOSTUNREACH', 'unreachable'],
    ['EACCES', 'denied'],
    ['EPERM', 'denied'],
    ['EADDRINUSE', 'in-use'],
    ['ECONNRESET', 'reset'],
    ['EPIPE', 'reset'],
    ['EMSGSIZE', 'other'],
    ['', 'other'],
  ] as const)('%s means %s', (code, fault) => {
    expect(faultOf(code, { platform: 'linux', directlyConnected: () => true })).toBe(fault);
  });

  it('macOS answers EHOSTUNREACH for a neighbour when it forbids the local network (H1)', () => {
    expect(faultOf('EHOSTUNREACH', { platform: 'darwin', directlyConnected: () => true })).toBe('local-network');
    expect(faultOf('EHOSTUNREACH', { platform: 'darwin', directlyConnected: () => false })).toBe('unreachable');
    expect(faultOf('EHOSTDOWN', { platform: 'darwin', directlyConnected: () => true })).toBe('unreachable');
  });

  it('Windows says EACCES of a port that is held exclusively (H5)', () => {
    expect(faultOf('EACCES', { platform: 'win32', binding: true })).toBe('in-use');
    expect(faultOf('EACCES', { platform: 'win32' })).toBe('denied');
    expect(faultOf('EACCES', { platform: 'linux', binding: true })).toBe('denied');
  });
});

describe('this machine', () => {
  const { routes } = createNodeSystem({ log: createLog({ level: 'error' }) });

  it('has a loopback interface, and no route without its interface', async () => {
    const state = await routes.read(new AbortController().signal);
    const loopback = state.interfaces.find((one) => one.loopback);
    expect(loopback?.addresses).toContainEqual({ address: '127.0.0.1', prefix: 8, temporary: false });
    const names = new Set(state.interfaces.map((one) => one.name));
    expect(state.defaultRoutes.every((one) => names.has(one.interfaceName))).toBe(true);
  });

  it('knows no hardware address of a host it never talked to', async () => {
    expect(await routes.neighbour(ip('192.0.2.254'))).toBeUndefined();
    expect(await routes.neighbour(ip('fe80::1234'))).toBeUndefined();
  });

  it('stops looking for changes when asked to', async () => {
    const stop = new AbortController();
    const changed = routes.changed(stop.signal);
    stop.abort(new Error('stopped'));
    await expect(changed).rejects.toThrow('stopped');
    await expect(routes.read(stop.signal)).rejects.toThrow('stopped');
  });
});
