import { describe, expect, test } from 'vitest';

import { ip } from '../../../main/contract/address.ts';
import { ScriptedLan } from '../../support/scripted/scripted-lan.ts';
import { http, igd, searchAnswer, WAN_IP } from '../../support/scripted/scripted-router.ts';
import { searchAll } from '../../support/scripted/searching.ts';

const ROUTER = '192.168.1.1';
const MAC = '00:11:22:33:44:55';
const UPNP = { protocol: 'upnp' } as const;

function home(): ScriptedLan {
  return new ScriptedLan().interface('eth0', ['192.168.1.7/24']).defaultRoute('eth0', ROUTER);
}

function routerWith(script: Parameters<typeof igd>[1] = {}): ScriptedLan {
  return home().host({ on: 'eth0', addresses: [ROUTER], mac: MAC, ...igd(ROUTER, script) });
}

describe('descriptions', () => {
  test('are read once, however often they are announced (D10)', async () => {
    const lan = routerWith();
    await searchAll(lan, UPNP);
    expect(lan.requests.filter((request) => request.includes('GET'))).toHaveLength(1);
  });

  test('of one router in two views make one control (D12)', async () => {
    const router = igd(ROUTER);
    const lan = home().host({
      on: 'eth0',
      addresses: [ROUTER],
      mac: MAC,
      udp: {
        1900: (_bytes, reply) => {
          reply(searchAnswer('http://192.168.1.1:5000/IGDV1/rootDesc.xml'));
          reply(searchAnswer('http://192.168.1.1:5000/rootDesc.xml'));
        },
      },
      http: {
        5000: (request) => router.http[5000]?.(request.replace('/IGDV1/', '/')) ?? '',
      },
    });
    expect((await searchAll(lan, UPNP)).findings).toHaveLength(1);
  });

  test('whose first view leads nowhere leave the chance to the other (D12)', async () => {
    const dead = igd(ROUTER, { port: 5001, services: [{ ...WAN_IP, control: 'http://192.168.1.1:9/gone' }] });
    const lan = home().host({
      on: 'eth0',
      addresses: [ROUTER],
      mac: MAC,
      http: { ...dead.http, ...igd(ROUTER).http },
      udp: {
        1900: (_bytes, reply) => {
          reply(searchAnswer('http://192.168.1.1:5001/rootDesc.xml'));
          reply(searchAnswer('http://192.168.1.1:5000/rootDesc.xml'));
        },
      },
    });
    const { findings } = await searchAll(lan, UPNP);
    expect(findings.map(({ detail }) => detail)).toEqual([`${WAN_IP.type} at http://192.168.1.1:5000/ctl/IPConn`]);
  });

  test('that could not be fetched are fetched when they are announced again', async () => {
    const router = igd(ROUTER);
    let refusals = 1;
    const lan = home().host({
      on: 'eth0',
      addresses: [ROUTER],
      mac: MAC,
      udp: router.udp,
      http: {
        5000: (request) => {
          const isBooting = request.startsWith('GET') && refusals-- > 0;
          return isBooting ? http(404, '') : (router.http[5000]?.(request) ?? '');
        },
      },
    });
    expect((await searchAll(lan, UPNP)).findings).toHaveLength(1);
  });

  test('of a hundred lamps do not keep the router waiting', async () => {
    const lan = home();
    for (let lamp = 0; lamp < 100; lamp += 1) {
      const address = `192.168.1.${lamp + 100}`;
      lan.host({ on: 'eth0', addresses: [address], udp: igd(address).udp, http: { 5000: () => 'hang' } });
    }
    lan.host({ on: 'eth0', addresses: [ROUTER], mac: MAC, ...igd(ROUTER, { answerAfterMs: 900 }) });
    const { findings } = await searchAll(lan, UPNP);
    expect(findings).toMatchObject([{ address: ROUTER }]);
    expect(findings[0]?.foundIn).toBeLessThan(2000);
  });

  test('of a line that is down are reported as they are (N1, N4)', async () => {
    const { findings } = await searchAll(routerWith({ external: '0.0.0.0', status: 'Disconnected' }), UPNP);
    expect(findings).toMatchObject([{ vitals: { externalAddress: 'none', connected: false } }]);
  });

  test('of a router that takes seconds to say how it feels are usable before (X35)', async () => {
    const router = igd(ROUTER);
    const lan = home().host({
      on: 'eth0',
      addresses: [ROUTER],
      mac: MAC,
      udp: router.udp,
      http: { 5000: (request) => (request.startsWith('GET') ? (router.http[5000]?.(request) ?? '') : 'hang') },
    });
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
    const lan = routerWith({ location });
    const { findings } = await searchAll(lan, UPNP);
    expect(findings).toMatchObject([{ address: ROUTER }]);
    expect(lan.requests.every((request) => request.startsWith(`${ROUTER}:5000 `))).toBe(true);
  });

  test('is none when it points to the default router, whoever answers for it (D8)', async () => {
    const lan = home()
      .host({ on: 'eth0', addresses: ['192.168.1.3'], udp: igd(ROUTER).udp })
      .host({ on: 'eth0', addresses: [ROUTER], mac: MAC, http: igd(ROUTER).http });
    const { findings } = await searchAll(lan, UPNP);
    expect(findings).toMatchObject([{ address: ROUTER }]);
    expect(lan.requests.every((request) => request.startsWith(`${ROUTER}:5000 `))).toBe(true);
  });

  test.each(['https://192.168.1.1/x', 'file:///etc/passwd', 'http://192.168.1.1:99999/', 'gopher://192.168.1.1/', ''])(
    '%j is not followed',
    async (location) => {
      const lan = routerWith({ location });
      const { findings } = await searchAll(lan, UPNP);
      expect(findings).toEqual([]);
      expect(lan.requests).toEqual([]);
    },
  );

  test('and control URL is asked on the host of the description', async () => {
    const lan = routerWith({ services: [{ ...WAN_IP, control: 'http://10.9.9.9:5000/ctl/IPConn' }] });
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
    const lan = home().host({ on: 'eth0', addresses: ['192.168.1.7'], ...igd('192.168.1.7') });
    expect((await searchAll(lan, UPNP)).findings).toEqual([]);
    expect(lan.requests).toEqual([]);
  });
});
