import { describe, expect, test } from 'vitest';

import { ip } from '../../../main/contract/address.ts';
import { millis } from '../../../main/contract/units.ts';
import { WANIP1 } from '../../support/igd-scene.ts';
import { answering, description, home, homeRouter, http, MAC, ROUTER, searchAnswer } from '../../support/lan.ts';
import { searchAll } from '../../support/searching.ts';

const UPNP = { protocol: 'upnp' } as const;

describe('descriptions', () => {
  test('are read once, however often they are announced (D10)', async () => {
    const lan = homeRouter();
    await searchAll(lan, UPNP);
    expect(lan.requests.filter((request) => request.includes('GET'))).toHaveLength(1);
  });

  test('of one router in two views make one control (D12)', async () => {
    const lan = homeRouter({
      udp: answering('http://192.168.1.1:5000/IGDV1/rootDesc.xml', 'http://192.168.1.1:5000/rootDesc.xml'),
      instead: (request) => (request.startsWith('GET') ? request.replace('/IGDV1/', '/') : undefined),
    });
    expect((await searchAll(lan, UPNP)).findings).toHaveLength(1);
  });

  test('whose first view leads nowhere leave the chance to the other (D12)', async () => {
    const dead = http(200, description('Router', 'http://192.168.1.1:9/gone'));
    const lan = homeRouter({
      udp: answering('http://192.168.1.1:5000/dead.xml', 'http://192.168.1.1:5000/rootDesc.xml'),
      instead: (request) => (request.startsWith('GET /dead') ? dead : undefined),
    });
    const { findings } = await searchAll(lan, UPNP);
    expect(findings.map(({ detail }) => detail)).toEqual([`${WANIP1} at http://192.168.1.1:5000/ctl/WANIPCn`]);
  });

  test('that could not be fetched are fetched when they are announced again', async () => {
    let refusals = 1;
    const lan = homeRouter({
      instead: (request) => (request.startsWith('GET') && refusals-- > 0 ? http(404) : undefined),
    });
    expect((await searchAll(lan, UPNP)).findings).toHaveLength(1);
  });

  test('of a hundred lamps do not keep the router waiting', async () => {
    const lan = home();
    for (let lamp = 0; lamp < 100; lamp += 1) {
      const address = `192.168.1.${lamp + 100}`;
      lan.host({
        on: 'eth0',
        addresses: [address],
        udp: answering(`http://${address}:5000/rootDesc.xml`),
        http: { 5000: () => 'hang' },
      });
    }
    lan.router(ROUTER, { mac: MAC, habits: [{ ssdp: { delay: millis(900) } }] });
    const { findings } = await searchAll(lan, UPNP);
    expect(findings).toMatchObject([{ address: ROUTER }]);
    expect(findings[0]?.foundIn).toBeLessThan(2000);
  });

  test('of a line that is down are reported as they are (N1, N4)', async () => {
    const { findings } = await searchAll(homeRouter({ habits: ['no-address'] }), UPNP);
    expect(findings).toMatchObject([{ vitals: { externalAddress: 'none', connected: false } }]);
  });

  test('of a router that takes seconds to say how it feels are usable before (X35)', async () => {
    const lan = homeRouter({ instead: (request) => (request.startsWith('GET') ? undefined : 'hang') });
    const { findings } = await searchAll(lan, UPNP);
    expect(findings).toMatchObject([{ control: { kind: 'igd' }, vitals: {} }]);
    expect(findings[0]?.foundIn).toBeLessThan(3000);
  });
});

describe('a forged LOCATION (D20, D21)', () => {
  test.each([
    'http://127.0.0.1:5000/rootDesc.xml',
    'http://192.168.1.7:5000/rootDesc.xml',
    'http://192.168.1.66:5000/rootDesc.xml',
    'http://8.8.8.8:5000/rootDesc.xml',
    'http://169.254.9.9:5000/rootDesc.xml',
    'http://[::1]:5000/rootDesc.xml',
    'http://[::ffff:127.0.0.1]:5000/rootDesc.xml',
    'http://evil.example:5000/rootDesc.xml',
    'http://localhost:5000/rootDesc.xml',
    'http://224.0.0.1:5000/rootDesc.xml',
  ])('%s leads to the host that said it, and nowhere else', async (location) => {
    const lan = homeRouter({ habits: [{ ssdp: { location } }] });
    const { findings } = await searchAll(lan, UPNP);
    expect(findings).toMatchObject([{ address: ROUTER }]);
    expect(lan.requests.every((request) => request.startsWith(`${ROUTER}:5000 `))).toBe(true);
  });

  test('is none when it points to the default router, whoever answers for it (D8)', async () => {
    const lan = homeRouter({ habits: [{ ssdp: { hears: 'none' } }] }).host({
      on: 'eth0',
      addresses: ['192.168.1.3'],
      udp: answering(`http://${ROUTER}:5000/rootDesc.xml`),
    });
    const { findings } = await searchAll(lan, UPNP);
    expect(findings).toMatchObject([{ address: ROUTER }]);
    expect(lan.requests.every((request) => request.startsWith(`${ROUTER}:5000 `))).toBe(true);
  });

  test.each(['https://192.168.1.1/x', 'file:///etc/passwd', 'http://192.168.1.1:99999/', 'gopher://192.168.1.1/', ''])(
    '%j is not followed',
    async (location) => {
      const lan = homeRouter({ habits: [{ ssdp: { location } }] });
      const { findings } = await searchAll(lan, UPNP);
      expect(findings).toEqual([]);
      expect(lan.requests).toEqual([]);
    },
  );

  test('and control URL is asked on the host of the description', async () => {
    const lan = homeRouter({
      instead: (request) =>
        request.startsWith('GET') ? http(200, description('Router', 'http://10.9.9.9:5000/ctl/WANIPCn')) : undefined,
    });
    await searchAll(lan, UPNP);
    expect(lan.requests.every((request) => request.startsWith(`${ROUTER}:5000 `))).toBe(true);
  });

  test('from beyond the link is not even looked at', async () => {
    const lan = home().host({
      on: 'eth0',
      addresses: [ROUTER],
      udp: {
        1900: (_bytes, reply) =>
          reply(searchAnswer('http://8.8.8.8:5000/rootDesc.xml'), { from: { address: ip('8.8.8.8'), port: 1900 } }),
      },
    });
    expect((await searchAll(lan, UPNP)).findings).toEqual([]);
    expect(lan.requests).toEqual([]);
  });

  test('by ourselves is our own media server, not a router', async () => {
    const lan = home().router('192.168.1.7');
    expect((await searchAll(lan, UPNP)).findings).toEqual([]);
    expect(lan.requests).toEqual([]);
  });
});
