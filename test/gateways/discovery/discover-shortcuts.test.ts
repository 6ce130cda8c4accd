import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { ip } from '../../../main/contract/address.ts';
import type { RememberedControl, SearchSummary } from '../../../main/gateways/gateway.ts';
import { WANIP1 } from '../../support/igd-scene.ts';
import { home, homeRouter, Lan, MAC, PCP_ONLY, ROUTER } from '../../support/lan.ts';
import { searchAll } from '../../support/searching.ts';

const UPNP = { protocol: 'upnp' } as const;

describe('minissdpd', () => {
  const text = (value: string): readonly number[] => [value.length, ...new TextEncoder().encode(value)];
  const entry = (location: string): readonly number[] =>
    text(location).concat(text('urn:schemas-upnp-org:device:InternetGatewayDevice:1'), text('uuid:1'));

  test('reports the router before anybody has been asked', async () => {
    const lan = homeRouter({ habits: [{ ssdp: { hears: 'none' } }] });
    lan.localService(
      '/var/run/minissdpd.sock',
      Uint8Array.of(2, ...entry('http://192.168.1.1:5000/rootDesc.xml'), ...entry('http://8.8.8.8:5000/rootDesc.xml')),
    );
    const { findings } = await searchAll(lan, UPNP);
    expect(findings).toMatchObject([{ foundBy: 'minissdpd', gateway: 'eth0/192.168.1.1' }]);
    expect(lan.requests.every((request) => request.startsWith(ROUTER))).toBe(true);
  });

  test('that talks nonsense neither helps nor harms', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 100 }), async (bytes) => {
        const lan = homeRouter();
        lan.localService('/var/run/minissdpd.sock', bytes);
        expect((await searchAll(lan, UPNP)).findings).toHaveLength(1);
      }),
      { numRuns: 10 },
    );
  });
});

describe('a remembered location', () => {
  const remembered = (changes: Partial<NonNullable<RememberedControl['service']>> = {}): RememberedControl => ({
    kind: 'igd',
    interfaceName: 'eth0',
    address: ip(ROUTER),
    location: 'http://192.168.1.1:5000/rootDesc.xml',
    service: {
      type: WANIP1,
      controlUrl: 'http://192.168.1.1:5000/ctl/WANIPCn',
      actions: [],
      name: 'Router',
      model: 'Acme Router',
      ...changes,
    },
  });

  test('is used without asking for the description again (X36)', async () => {
    const lan = homeRouter();
    const { findings } = await searchAll(lan, { ...UPNP, remembered: [remembered()] });
    expect(findings).toMatchObject([
      { foundBy: 'remembered', name: 'Router', fingerprint: `${MAC} Acme Router`, vitals: { connected: true } },
    ]);
    expect(lan.requests.some((request) => request.includes('GET'))).toBe(false);
  });

  test.each([
    ['refuses (D14)', { controlUrl: 'http://192.168.1.1:4999/ctl/WANIPCn' }],
    ['has another path (D15)', { controlUrl: 'http://192.168.1.1:5000/x1y2/IPConn' }],
    ['names another host', { controlUrl: 'http://10.0.0.1:5000/ctl/WANIPCn' }],
  ])('and %s gives way to the search', async (_what, changes) => {
    const lan = homeRouter();
    const { findings, summary } = await searchAll(lan, { ...UPNP, remembered: [remembered(changes)] });
    expect(findings).toMatchObject([{ foundBy: 'ssdp-unicast' }]);
    expect(summary.passedOver).toEqual([]);
    expect(lan.requests.some((request) => request.startsWith('10.'))).toBe(false);
  });

  test('of the same router is reported before it has answered, and again with what it answers', async () => {
    const lan = homeRouter();
    const { findings } = await searchAll(lan, { ...UPNP, remembered: [remembered()], isSameRouter: true });
    expect(findings).toMatchObject([
      { foundBy: 'remembered', isUntried: true, vitals: {} },
      { foundBy: 'remembered', vitals: { connected: true } },
    ]);
    expect(lan.requests.some((request) => request.includes('GET'))).toBe(false);
  });

  test('of the same router, which is silent now, is reported to be tried, and no more', async () => {
    const lan = home().host({ on: 'eth0', addresses: [ROUTER], mac: MAC });
    const pcp = { kind: 'pcp', interfaceName: 'eth0', address: ip(ROUTER) } as const;
    const { findings } = await searchAll(lan, { protocol: 'pcp', remembered: [pcp], isSameRouter: true });
    expect(findings).toMatchObject([{ isUntried: true, foundIn: 0 }]);
  });

  test('of another host is asked first, though the router is the same', async () => {
    const lan = home().router('192.168.1.2', { habits: PCP_ONLY });
    const pcp = { kind: 'pcp', interfaceName: 'eth0', address: ip('192.168.1.2') } as const;
    const { findings } = await searchAll(lan, { protocol: 'pcp', remembered: [pcp], isSameRouter: true });
    expect(findings).toHaveLength(1);
    expect(findings[0]?.isUntried).toBeUndefined();
  });

  test('and hangs does not hold up the search', async () => {
    const lan = homeRouter({ instead: (request) => (request.includes(' /stuck ') ? 'hang' : undefined) });
    const stuck = remembered({ controlUrl: 'http://192.168.1.1:5000/stuck' });
    const { findings } = await searchAll(lan, { ...UPNP, remembered: [stuck] });
    expect(findings).toMatchObject([{ foundBy: 'ssdp-unicast' }]);
    expect(findings[0]?.foundIn).toBeLessThan(1000);
  });

  test('and is silent does not speak for the router: why nothing was found is reported after three seconds', async () => {
    const told: unknown[] = [];
    const onSilence = ({ routers }: SearchSummary): unknown => told.push(routers);
    await searchAll(home(), { ...UPNP, remembered: [remembered()], onSilence });
    expect(told).toEqual([[{ address: ROUTER, interfaceName: 'eth0', alive: false }]]);
  });

  test('of another network is not asked in this one', async () => {
    const lan = new Lan().interface('eth0', ['10.0.0.7/24']).defaultRoute('eth0', '10.0.0.1').router(ROUTER);
    const all = [remembered(), { kind: 'pcp', interfaceName: 'eth0', address: ip(ROUTER) } as const];
    const { findings } = await searchAll(lan, { remembered: all });
    expect(findings).toEqual([]);
    expect(lan.requests).toEqual([]);
    expect(lan.sent.every(({ to }) => to.address !== ROUTER)).toBe(true);
  });

  test('of a PCP server that is not the default router is asked again', async () => {
    const lan = home().router('192.168.1.2', { habits: PCP_ONLY });
    const control = { kind: 'pcp', interfaceName: 'eth0', address: ip('192.168.1.2') } as const;
    const { findings } = await searchAll(lan, { protocol: 'pcp', remembered: [control] });
    expect(findings).toMatchObject([{ foundBy: 'remembered', gateway: 'eth0/192.168.1.2' }]);
  });
});
