import { describe, expect, test } from 'vitest';

import { ip } from '../../../main/contract/address.ts';
import { port, seconds } from '../../../main/contract/units.ts';
import type { Habits } from '../../support/igd-scene.ts';
import { answering, Lan, MAC, PCP_ONLY, ROUTER } from '../../support/lan.ts';
import { searchAll } from '../../support/searching.ts';

const UPNP = { protocol: 'upnp' } as const;

const IGD2: Habits = [{ device: { igdVersion: 2 } }];

describe('IPv6', () => {
  const GLOBAL = '2001:db8:1::7';
  const dual = (): Lan =>
    new Lan()
      .interface('eth0', ['192.168.1.7/24', `${GLOBAL}/64`, 'fe80::7/64'])
      .defaultRoute('eth0', ROUTER)
      .defaultRoute('eth0', 'fe80::1', 1024);

  test('is searched when IPv4 has had its chance (D18)', async () => {
    const lan = dual();
    await searchAll(lan, UPNP);
    const six = lan.sent.filter(({ to }) => to.address.includes(':'));
    expect(six[0]?.at).toBeGreaterThanOrEqual(1000);
    expect(new Set(six.map(({ to }) => to.address))).toEqual(new Set(['fe80::1', 'ff02::c', 'ff05::c']));
    expect(six.every(({ to }) => to.address !== 'fe80::1' || to.zone === 'eth0')).toBe(true);
  });

  test('gives pinholes, requested from the address to be opened (V1), at the gateway of IPv4', async () => {
    const lan = dual()
      .router(ROUTER, { mac: MAC })
      .router('192.168.99.1', { also: ['2001:db8:1::1', 'fe80::1'], mac: MAC, habits: IGD2 });
    const { findings } = await searchAll(lan, UPNP);
    expect(findings.map(({ gateway, control, localAddress }) => [gateway, control.kind, localAddress])).toEqual([
      ['eth0/192.168.1.1', 'igd', '192.168.1.7'],
      ['eth0/192.168.1.1', 'pinhole', '192.168.1.7'],
    ]);
    expect(findings[1]?.remember.address).toBe('2001:db8:1::1');
    expect(lan.connections.at(-1)).toEqual({ from: GLOBAL, to: '2001:db8:1::1' });
    expect(findings.every(({ isDefault }) => isDefault)).toBe(true);
  });

  test('follows nobody but the router to another host (D20, D21)', async () => {
    const lan = dual()
      .host({ on: 'eth0', addresses: ['fe80::66'], udp: answering('http://[2001:db8:1::9]:5000/rootDesc.xml') })
      .router('192.168.99.9', { also: ['2001:db8:1::9'], habits: [{ ssdp: { hears: 'none' } }] })
      .host({
        on: 'eth0',
        addresses: ['fe80::1'],
        mac: MAC,
        udp: answering(`http://[${GLOBAL}]:5000/rootDesc.xml`),
      });
    await searchAll(lan, UPNP);
    expect(lan.connections.map(({ to }) => to)).not.toContain('2001:db8:1::9');
    expect(lan.connections.map(({ to }) => to)).not.toContain(GLOBAL);
  });

  test('gives the pinholes that a description over IPv4 names, asked at the router’s IPv6 address', async () => {
    const lan = dual().router(ROUTER, { also: ['fe80::1'], mac: MAC, habits: IGD2 });
    const { findings } = await searchAll(lan, UPNP);
    expect(findings).toMatchObject([
      { control: { kind: 'igd' }, address: ROUTER },
      { control: { kind: 'pinhole' }, address: ROUTER, remember: { address: 'fe80::1' }, gateway: 'eth0/192.168.1.1' },
    ]);
    expect(lan.requests.at(-1)).toMatch(/^fe80::1:5000 POST \/ctl\/WANIP6FC/);
  });

  test('gives PCP openings from the stable global address, by the same control as IPv4 mappings', async () => {
    const lan = dual().router(ROUTER, { also: ['fe80::1'], mac: MAC, habits: PCP_ONLY });
    const { findings } = await searchAll(lan, { protocol: 'pcp' });
    expect(findings.map(({ gateway, address, localAddress }) => [gateway, address, localAddress])).toEqual(
      findings.map(() => ['eth0/192.168.1.1', ROUTER, '192.168.1.7']),
    );
    expect(findings.map(({ control }) => control.capabilities.families)).toEqual([['ipv4'], ['ipv4', 'ipv6']]);
    expect(lan.localAddressesTo('fe80::1', 5351)).toEqual([GLOBAL]);

    const both = findings.at(-1)?.control;
    expect(await lan.run(Promise.resolve(both?.vitals(new AbortController().signal)))).toMatchObject({
      epoch: expect.any(Number) as unknown,
    });
    const wish = {
      transport: 'tcp',
      handle: {},
      lease: seconds(60),
      description: 'x',
      acceptOtherPort: true,
      recreate: false,
    } as const;
    const ports = { external: { port: port(8080) }, internal: { port: port(8080) } };
    for (const [family, client] of [
      ['ipv4', '192.168.1.7'],
      ['ipv6', GLOBAL],
    ] as const) {
      const grant = both?.open(
        { ...wish, family, external: ports.external, internal: { ...ports.internal, client: ip(client) } },
        new AbortController().signal,
      );
      expect(await lan.run(Promise.resolve(grant))).toMatchObject({ internal: { client } });
    }
  });

  test('without an IPv4 router is a gateway of its own', async () => {
    const lan = new Lan()
      .interface('eth0', [`${GLOBAL}/64`, 'fe80::7/64'])
      .defaultRoute('eth0', 'fe80::1')
      .router('192.168.99.1', { also: ['fe80::1'], mac: MAC, habits: PCP_ONLY });
    const { findings } = await searchAll(lan);
    expect(findings).toMatchObject([
      { gateway: 'eth0/fe80::1', address: 'fe80::1', localAddress: GLOBAL, isDefault: true },
    ]);
  });
});
