import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { ip } from '../../main/contract/address.ts';
import { port, seconds } from '../../main/contract/units.ts';
import type { RememberedControl } from '../../main/gateways/gateway.ts';
import { FIREWALL, http, igd, pcpServer, searchAnswer, WAN_IP } from '../support/scripted-router.ts';
import { ScriptedLan } from '../support/scripted-lan.ts';
import { kindsOf, searchAll } from '../support/searching.ts';

const ROUTER = '192.168.1.1';
const MAC = '00:11:22:33:44:55';
const FROM_ROUTER = { address: ip(ROUTER), port: 1900 };

function home(): ScriptedLan {
  return new ScriptedLan().interface('eth0', ['192.168.1.7/24']).defaultRoute('eth0', ROUTER);
}

function routerWith(script: Parameters<typeof igd>[1] = {}): ScriptedLan {
  return home().host({ on: 'eth0', addresses: [ROUTER], mac: MAC, ...igd(ROUTER, script) });
}

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const UPNP = { protocol: 'upnp' } as const;

describe('routers that are hard to find', () => {
  test.each([
    ['to unicast only (D5)', (_text: string, to: string) => to === ROUTER],
    ['to multicast only (D5)', (_text: string, to: string) => to !== ROUTER],
    ['when HOST is the group (D6)', (text: string) => text.includes('HOST: 239.255.255.250:1900')],
    ['when HOST is its own address (D6)', (text: string) => text.includes('HOST: 192.168.1.1:1900')],
    ['to WANPPPConnection:1 only (D1)', (text: string) => text.includes('WANPPPConnection:1')],
    ['to upnp:rootdevice only (D1)', (text: string) => text.includes('ST: upnp:rootdevice')],
    ['to ssdp:all only (D1)', (text: string) => text.includes('ST: ssdp:all')],
    ['when ST comes before MAN (D9)', (text: string) => text.indexOf('ST:') < text.indexOf('MAN:')],
  ])('answer %s', async (_what, answers: (text: string, to: string) => boolean) => {
    const router = igd(ROUTER);
    const lan = home().host({
      on: 'eth0',
      addresses: [ROUTER],
      mac: MAC,
      http: router.http,
      udp: {
        1900: (bytes, reply, to) => {
          if (answers(textOf(bytes), to.address)) reply(searchAnswer('http://192.168.1.1:5000/rootDesc.xml'));
        },
      },
    });
    expect(kindsOf((await searchAll(lan, UPNP)).findings)).toEqual(['igd']);
  });

  test('answer with another type than asked (D3), from another port (D7), with a USN that is no UUID (D11)', async () => {
    const router = igd(ROUTER);
    const lan = home().host({
      on: 'eth0',
      addresses: [ROUTER],
      mac: MAC,
      http: router.http,
      udp: {
        1900: (_bytes, reply) =>
          reply(searchAnswer('http://192.168.1.1:5000/rootDesc.xml', 'urn:other:thing:9').replace('uuid:1', '???'), {
            from: { address: ip(ROUTER), port: 49_152 },
          }),
      },
    });
    expect(kindsOf((await searchAll(lan, UPNP)).findings)).toEqual(['igd']);
  });

  test('answer after twelve seconds (D25), or with a NOTIFY to everybody (D4)', async () => {
    expect((await searchAll(routerWith({ answerAfterMs: 12_000 }), UPNP)).findings).toHaveLength(1);

    const lan = home().host({ on: 'eth0', addresses: [ROUTER], mac: MAC, http: igd(ROUTER).http });
    const notify =
      'NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNT: upnp:rootdevice\r\nNTS: ssdp:alive\r\nUSN: x\r\n' +
      'LOCATION: http://192.168.1.1:5000/rootDesc.xml\r\n\r\n';
    const never = new AbortController().signal;
    void lan.clock
      .sleep(lan.ms(8_000), never)
      .then(() => lan.announce('eth0', '239.255.255.250', 1900, FROM_ROUTER, notify));
    const { findings } = await searchAll(lan, UPNP);
    expect(findings).toMatchObject([{ foundBy: 'ssdp-notify', control: { kind: 'igd' } }]);
  });

  test('hear a search from port 1900 too, when all else is silent (D24)', async () => {
    const silent = home();
    await searchAll(silent, UPNP);
    expect(silent.sent.some(({ localPort }) => localPort === 1900)).toBe(true);
    const heard = routerWith();
    await searchAll(heard, UPNP);
    expect(heard.sent.some(({ localPort }) => localPort === 1900)).toBe(false);
  });

  test('are asked in the classic form first, by unicast before multicast, on every interface (D5, D9, H2)', async () => {
    const lan = home().interface('eth1', ['10.0.0.7/24']);
    await searchAll(lan, UPNP);
    const [first] = lan.sent;
    expect(first?.to).toMatchObject({ address: ROUTER, port: 1900 });
    expect(first?.text).toMatch(
      /^M-SEARCH \* HTTP\/1\.1\r\nHOST: .*\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: .*\r\n\r\n$/,
    );
    const groups = lan.sent.filter(({ to }) => to.address === '239.255.255.250');
    expect(new Set(groups.map(({ localPort }) => localPort)).size).toBeGreaterThanOrEqual(2);
  });

  test('are found although port 1900 is taken (H5)', async () => {
    const lan = routerWith();
    lan.openFaults.set(1900, 'in-use');
    expect((await searchAll(lan, UPNP)).findings).toHaveLength(1);
  });
});

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

describe('IPv6', () => {
  const GLOBAL = '2001:db8:1::7';
  const dual = (): ScriptedLan =>
    new ScriptedLan()
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

  test('gives pinholes, asked for from the address to be opened (V1), at the gateway of IPv4', async () => {
    const lan = dual()
      .host({ on: 'eth0', addresses: [ROUTER], mac: MAC, ...igd(ROUTER) })
      .host({
        on: 'eth0',
        addresses: ['2001:db8:1::1', 'fe80::1'],
        mac: MAC,
        ...igd('2001:db8:1::1', { services: [WAN_IP, FIREWALL] }),
      });
    const { findings } = await searchAll(lan, UPNP);
    expect(findings.map(({ gateway, control, localAddress }) => [gateway, control.kind, localAddress])).toEqual([
      ['eth0/192.168.1.1', 'igd', '192.168.1.7'],
      ['eth0/192.168.1.1', 'pinhole', '192.168.1.7'],
    ]);
    expect(findings[1]?.remember.address).toBe('2001:db8:1::1');
    expect(lan.connections.at(-1)).toEqual({ from: GLOBAL, to: '2001:db8:1::1' });
    expect(findings.every(({ isDefault }) => isDefault)).toBe(true);
  });

  test('gives the pinholes that a description over IPv4 names, asked at the router’s IPv6 address', async () => {
    const script = igd(ROUTER, { services: [WAN_IP, FIREWALL] });
    const lan = dual().host({
      on: 'eth0',
      addresses: [ROUTER, 'fe80::1'],
      mac: MAC,
      http: script.http,
      udp: script.udp,
    });
    const { findings } = await searchAll(lan, UPNP);
    expect(findings).toMatchObject([
      { control: { kind: 'igd' }, address: ROUTER },
      { control: { kind: 'pinhole' }, address: ROUTER, remember: { address: 'fe80::1' }, gateway: 'eth0/192.168.1.1' },
    ]);
    expect(lan.requests.at(-1)).toMatch(/^fe80::1:5000 POST \/ctl\/IP6FCtl/);
  });

  test('gives PCP openings from the stable global address, by the same control as IPv4 mappings', async () => {
    const lan = dual().host({ on: 'eth0', addresses: [ROUTER, 'fe80::1'], mac: MAC, udp: { 5351: pcpServer() } });
    const { findings } = await searchAll(lan, { protocol: 'pcp' });
    expect(findings.map(({ gateway, address, localAddress }) => [gateway, address, localAddress])).toEqual(
      findings.map(() => ['eth0/192.168.1.1', ROUTER, '192.168.1.7']),
    );
    expect(findings.map(({ control }) => control.capabilities.families)).toEqual([['ipv4'], ['ipv4', 'ipv6']]);
    expect(lan.localAddressesTo('fe80::1', 5351)).toEqual([GLOBAL]);

    const both = findings.at(-1)?.control;
    expect(await lan.run(Promise.resolve(both?.vitals(new AbortController().signal)))).toMatchObject({ epoch: 256 });
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
    const lan = new ScriptedLan()
      .interface('eth0', [`${GLOBAL}/64`, 'fe80::7/64'])
      .defaultRoute('eth0', 'fe80::1')
      .host({ on: 'eth0', addresses: ['fe80::1'], mac: MAC, udp: { 5351: pcpServer() } });
    const { findings } = await searchAll(lan);
    expect(findings).toMatchObject([
      { gateway: 'eth0/fe80::1', address: 'fe80::1', localAddress: GLOBAL, isDefault: true },
    ]);
  });
});

describe('minissdpd', () => {
  const text = (value: string): readonly number[] => [value.length, ...new TextEncoder().encode(value)];
  const entry = (location: string): readonly number[] =>
    text(location).concat(text('urn:schemas-upnp-org:device:InternetGatewayDevice:1'), text('uuid:1'));

  test('tells the router before anybody has been asked', async () => {
    const lan = home().host({ on: 'eth0', addresses: [ROUTER], mac: MAC, http: igd(ROUTER).http });
    lan.localSockets.set('/var/run/minissdpd.sock', () =>
      Uint8Array.of(2, ...entry('http://192.168.1.1:5000/rootDesc.xml'), ...entry('http://8.8.8.8:5000/rootDesc.xml')),
    );
    const { findings } = await searchAll(lan, UPNP);
    expect(findings).toMatchObject([{ foundBy: 'minissdpd', gateway: 'eth0/192.168.1.1' }]);
    expect(lan.requests.every((request) => request.startsWith(ROUTER))).toBe(true);
  });

  test('that talks nonsense is no help and no harm', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 100 }), async (bytes) => {
        const lan = routerWith();
        lan.localSockets.set('/var/run/minissdpd.sock', () => bytes);
        expect((await searchAll(lan, UPNP)).findings).toHaveLength(1);
      }),
      { numRuns: 10 },
    );
  });
});

describe('what is remembered', () => {
  const remembered = (changes: Partial<NonNullable<RememberedControl['service']>> = {}): RememberedControl => ({
    kind: 'igd',
    interfaceName: 'eth0',
    address: ip(ROUTER),
    location: 'http://192.168.1.1:5000/rootDesc.xml',
    service: {
      type: WAN_IP.type,
      controlUrl: 'http://192.168.1.1:5000/ctl/IPConn',
      actions: [],
      name: 'Router',
      model: 'Acme Router',
      ...changes,
    },
  });

  test('is used without asking for the description again (X36)', async () => {
    const lan = routerWith();
    const { findings } = await searchAll(lan, { ...UPNP, remembered: [remembered()] });
    expect(findings).toMatchObject([
      { foundBy: 'remembered', name: 'Router', fingerprint: `${MAC} Acme Router`, vitals: { connected: true } },
    ]);
    expect(lan.requests.some((request) => request.includes('GET'))).toBe(false);
  });

  test.each([
    ['refuses (D14)', { controlUrl: 'http://192.168.1.1:4999/ctl/IPConn' }],
    ['has another path (D15)', { controlUrl: 'http://192.168.1.1:5000/x1y2/IPConn' }],
    ['names another host', { controlUrl: 'http://10.0.0.1:5000/ctl/IPConn' }],
  ])('and %s gives way to the search', async (_what, changes) => {
    const lan = routerWith();
    const { findings, summary } = await searchAll(lan, { ...UPNP, remembered: [remembered(changes)] });
    expect(findings).toMatchObject([{ foundBy: 'ssdp-unicast' }]);
    expect(summary.passedOver).toEqual([]);
    expect(lan.requests.some((request) => request.startsWith('10.'))).toBe(false);
  });

  test('and hangs does not hold up the search', async () => {
    const router = igd(ROUTER);
    const lan = home().host({
      on: 'eth0',
      addresses: [ROUTER],
      mac: MAC,
      udp: router.udp,
      http: { ...router.http, 4999: () => 'hang' },
    });
    const stuck = remembered({ controlUrl: 'http://192.168.1.1:4999/ctl/IPConn' });
    const { findings } = await searchAll(lan, { ...UPNP, remembered: [stuck] });
    expect(findings).toMatchObject([{ foundBy: 'ssdp-unicast' }]);
    expect(findings[0]?.foundIn).toBeLessThan(1000);
  });

  test('of another network is not asked in this one', async () => {
    const lan = new ScriptedLan()
      .interface('eth0', ['10.0.0.7/24'])
      .defaultRoute('eth0', '10.0.0.1')
      .host({ on: 'eth0', addresses: [ROUTER], ...igd(ROUTER) });
    const all = [remembered(), { kind: 'pcp', interfaceName: 'eth0', address: ip(ROUTER) } as const];
    const { findings } = await searchAll(lan, { remembered: all });
    expect(findings).toEqual([]);
    expect(lan.requests).toEqual([]);
    expect(lan.sent.every(({ to }) => to.address !== ROUTER)).toBe(true);
  });

  test('of a PCP server that is no default router is asked again', async () => {
    const lan = home().host({ on: 'eth0', addresses: ['192.168.1.2'], udp: { 5351: pcpServer() } });
    const control = { kind: 'pcp', interfaceName: 'eth0', address: ip('192.168.1.2') } as const;
    const { findings } = await searchAll(lan, { protocol: 'pcp', remembered: [control] });
    expect(findings).toMatchObject([{ foundBy: 'remembered', gateway: 'eth0/192.168.1.2' }]);
  });
});

test('whatever datagrams come, the search goes on and finds the router', async () => {
  const line = fc.oneof(
    fc.string({ maxLength: 80 }),
    fc.webUrl().map((url) => `LOCATION: ${url}`),
    fc.constantFrom('HTTP/1.1 200 OK', 'NOTIFY * HTTP/1.1', 'NTS: ssdp:alive', 'NT: upnp:rootdevice'),
    fc.constantFrom('LOCATION: http://192.168.1.1:5000/', 'LOCATION: http://[fe80::1%25eth0]:1/', 'LOCATION: http://'),
  );
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.array(line, { maxLength: 8 }).map((lines) => new TextEncoder().encode(`${lines.join('\r\n')}\r\n\r\n`)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(noise, { maxLength: 20 }), fc.array(noise, { maxLength: 5 }), async (early, late) => {
      const router = igd(ROUTER);
      const lan = home().host({
        on: 'eth0',
        addresses: [ROUTER],
        mac: MAC,
        http: router.http,
        udp: {
          1900: (bytes, reply, to) => {
            for (const junk of early) reply(junk);
            router.udp[1900]?.(bytes, reply, to);
          },
          5351: (_bytes, reply) => {
            for (const junk of late) reply(junk);
          },
        },
      });
      const { findings } = await searchAll(lan);
      expect(kindsOf(findings)).toContain('igd');
      expect(lan.log.filter(({ level }) => level === 'error')).toEqual([]);
      expect(lan.openSockets).toBe(0);
    }),
    { numRuns: 40 },
  );
});
