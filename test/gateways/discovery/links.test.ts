import { describe, expect, test } from 'vitest';
import { ip } from '../../../main/contract/address.ts';
import { isSameNetwork } from '../../../main/contract/snapshot.ts';
import {
  fingerprintOf,
  gatewayIdOf,
  guessedRouter,
  linksOf,
  localAddressTo,
  networkKeyOf,
  type Link,
} from '../../../main/gateways/discovery/links.ts';
import { Lan } from '../../support/lan.ts';

function linkOf(lan: Lan, name = 'eth0'): Link {
  const link = linksOf(lan.state, {}).find((one) => one.name === name);
  if (link === undefined) throw new Error(`no link ${name}`);
  return link;
}

describe('interfaces', () => {
  test('with a default route come first, virtual ones last, loopback only by name (H3)', () => {
    const lan = new Lan()
      .interface('lo', ['127.0.0.1/8'], { loopback: true })
      .interface('docker0', ['172.17.0.1/16'], { virtual: true })
      .interface('eth1', ['10.1.0.7/24'])
      .interface('down0', [])
      .interface('wlan0', ['192.168.1.8/24'])
      .interface('tun0', ['10.8.0.6/24'], { virtual: true })
      .defaultRoute('wlan0', '192.168.1.1', 600)
      .defaultRoute('tun0', '10.8.0.1', 50);
    expect(linksOf(lan.state, {}).map(({ name }) => name)).toEqual(['tun0', 'wlan0', 'eth1', 'docker0']);
    expect(linksOf(lan.state, { onlyInterfaces: ['lo'] }).map(({ name }) => name)).toEqual(['lo']);
    expect(linksOf(lan.state, { exceptInterfaces: ['tun0', 'docker0'] }).map(({ name }) => name)).toEqual([
      'wlan0',
      'eth1',
    ]);
  });

  test('talk to IPv6 gateways from the stable global address (V2)', () => {
    const lan = new Lan().interface('eth0', ['fe80::7/64', 'fd00::7/64', '2001:db8::aaaa/64', '2001:db8::7/64']);
    const [first] = lan.state.interfaces;
    const addresses = (first?.addresses ?? []).map((own) => ({ ...own, temporary: own.address === '2001:db8::aaaa' }));
    const state = {
      ...lan.state,
      interfaces: lan.state.interfaces.map((one) => Object.assign({}, one, { addresses })),
    };
    const [link] = linksOf(state, {});
    expect(link === undefined ? undefined : localAddressTo(link, ip('fe80::1'))).toBe('2001:db8::7');
  });

  test.each([
    ['10.2.0.2/32', '10.2.0.1'],
    ['10.8.3.6/16', '10.8.0.1'],
    ['100.64.0.9/10', '100.64.0.1'],
  ])('of tunnels (%s) probably lead to %s (P24)', (own, gateway) => {
    const lan = new Lan().interface('wg0', [own], { virtual: true });
    expect(guessedRouter(linkOf(lan, 'wg0'))).toBe(gateway);
  });

  test('that have a router, are real, are the first host themselves, or public are not guessed about', () => {
    const lan = new Lan()
      .interface('docker0', ['172.17.0.1/16'], { virtual: true })
      .interface('eth0', ['192.168.1.7/24'])
      .interface('tun0', ['10.8.0.6/24'], { virtual: true })
      .interface('pub0', ['11.22.33.44/24'], { virtual: true })
      .defaultRoute('tun0', '10.8.0.1');
    const names = ['docker0', 'eth0', 'tun0', 'pub0'];
    expect(names.map((name) => guessedRouter(linkOf(lan, name)))).toEqual(names.map(() => undefined));
  });
});

describe('a gateway', () => {
  const lan = new Lan()
    .interface('eth0', ['192.168.1.7/24', 'fe80::7/64'])
    .defaultRoute('eth0', '192.168.1.1')
    .defaultRoute('eth0', 'fe80::1');

  test('is one for IPv4 and IPv6', () => {
    expect(gatewayIdOf(linkOf(lan), ip('192.168.1.1'))).toBe('eth0/192.168.1.1');
    expect(gatewayIdOf(linkOf(lan), ip('fe80::1'))).toBe('eth0/192.168.1.1');
    expect(gatewayIdOf(linkOf(lan), ip('192.168.1.2'))).toBe('eth0/192.168.1.2');
  });

  test('is recognised by hardware address and model, else by its place (D13)', () => {
    const gateway = gatewayIdOf(linkOf(lan), ip('192.168.1.1'));
    expect(fingerprintOf({ mac: '00:11:22:33:44:55', gateway, model: 'X1' })).toBe('00:11:22:33:44:55 X1');
    expect(fingerprintOf({ mac: undefined, gateway, model: '' })).toBe('eth0/192.168.1.1');
  });
});

describe('a network', () => {
  const lan = new Lan().interface('eth0', ['192.168.1.7/24']).defaultRoute('eth0', '192.168.1.1');

  test('is named by its router, and by its hardware address as soon as that is known', async () => {
    expect(await networkKeyOf(lan.state, () => Promise.resolve(undefined))).toBe('192.168.1.1/24');
    const known = await networkKeyOf(lan.state, () => Promise.resolve('00:11:22:33:44:55'));
    expect(known).toBe('192.168.1.1/24 00:11:22:33:44:55');
  });

  test('without a router is named by our place in it', async () => {
    const nobody = new Lan().interface('lo', ['127.0.0.1/8'], { loopback: true });
    expect(await networkKeyOf(nobody.state, () => Promise.resolve(undefined))).toBe('-');
    nobody.interface('eth0', ['10.0.0.7/24']);
    expect(await networkKeyOf(nobody.state, () => Promise.resolve(undefined))).toBe('- 10.0.0.7/24');
  });

  test('is the same as another where the hardware address agrees, or the place where one is not known', () => {
    const key = '192.168.1.1/24 00:11:22:33:44:55';
    expect(isSameNetwork(key, '192.168.1.1/24')).toBe(true);
    expect(isSameNetwork(key, '10.0.0.1/24 00:11:22:33:44:55')).toBe(true);
    expect(isSameNetwork(key, '192.168.1.1/24 66:77:88:99:aa:bb')).toBe(false);
    expect(isSameNetwork(key, '192.168.2.1/24')).toBe(false);
    expect(isSameNetwork('- 10.0.0.7/24', '- 10.0.0.8/24')).toBe(false);
  });
});
