import { describe, expect, test } from 'vitest';

import { natPmpAddressAnswer, pcpHeader } from '../../support/pxp-bytes.ts';
import { ip } from '../../../main/contract/address.ts';
import { millis } from '../../../main/contract/units.ts';
import type { Habits } from '../../support/igd-scene.ts';
import { answering, description, home, homeRouter, http, Lan, MAC, PXP, ROUTER } from '../../support/lan.ts';
import { firstOf, kindsOf, searchAll } from '../../support/searching.ts';

const NAT_PMP: Habits = [{ protocols: { igd: false, natPmp: true, pcp: false } }];
const UNHEARD: Habits = [{ ssdp: { hears: 'none' } }];
const LAMP = http(200, description('Lamp'));

describe('the race', () => {
  test('hands out the first usable answer without waiting for the others', async () => {
    const lan = homeRouter();
    const { finding, close } = await firstOf(lan);
    expect(finding).toMatchObject({
      gateway: 'eth0/192.168.1.1',
      isDefault: true,
      localAddress: '192.168.1.7',
      name: 'Router',
      fingerprint: `${MAC} Acme Router`,
      control: { kind: 'igd' },
      vitals: { externalAddress: '11.22.33.44', connected: true },
    });
    // PCP and NAT-PMP are still silent, and no second search has left.
    expect(lan.now).toBeLessThan(250);
    await close();
    lan.powerOff();
    await lan.pass();
    expect(lan.openSockets).toBe(0);
    expect(lan.pending).toBe(0);
  });

  test('hands out the rest as it comes, each control once', async () => {
    const lan = homeRouter({ habits: [...PXP, { ssdp: { delay: millis(2500) } }] });
    const { findings, summary } = await searchAll(lan);
    expect(kindsOf(findings).toSorted()).toEqual(['igd', 'nat-pmp', 'pcp']);
    expect(findings.at(-1)?.control.kind).toBe('igd');
    expect(new Set(findings.map(({ gateway }) => gateway)).size).toBe(1);
    expect(findings.find(({ control }) => control.kind === 'nat-pmp')?.vitals.externalAddress).toBe('11.22.33.44');
    expect(findings.every(({ foundIn }, index) => foundIn >= (findings[index - 1]?.foundIn ?? 0))).toBe(true);
    expect(summary).toMatchObject({ noNetwork: false, denied: false, routers: [{ address: ROUTER, alive: true }] });
  });

  test('reports what can be searched for first next time', async () => {
    const lan = homeRouter();
    const { findings } = await searchAll(lan);
    expect(findings[0]?.remember).toEqual({
      kind: 'igd',
      interfaceName: 'eth0',
      address: ROUTER,
      location: 'http://192.168.1.1:5000/rootDesc.xml',
      common: expect.objectContaining({ controlUrl: 'http://192.168.1.1:5000/ctl/WANCfg' }),
      service: expect.objectContaining({ controlUrl: 'http://192.168.1.1:5000/ctl/WANIPCn', model: 'Acme Router' }),
    });
    expect(JSON.parse(JSON.stringify(findings[0]?.remember))).toEqual(findings[0]?.remember);
  });

  test('ends at once without a network', async () => {
    const lan = new Lan().interface('lo', ['127.0.0.1/8'], { loopback: true });
    const { findings, summary } = await searchAll(lan);
    expect(findings).toEqual([]);
    expect(summary.noNetwork).toBe(true);
    expect(lan.now).toBeLessThan(100);
  });

  test('ends with the reason of its signal, and closes every socket', async () => {
    const lan = homeRouter({ instead: () => 'hang' });
    const controller = new AbortController();
    const searching = searchAll(lan, { signal: controller.signal });
    void lan.clock.sleep(lan.ms(1000), controller.signal).then(() => controller.abort(new Error('enough')));
    await expect(searching).rejects.toThrow('enough');
    lan.powerOff();
    await lan.pass();
    expect(lan.openSockets).toBe(0);
    expect(lan.pending).toBe(0);
  });

  test('goes on while nobody listens to its findings', async () => {
    const lan = homeRouter({ habits: NAT_PMP });
    const { findings } = await searchAll(lan, { pauseMs: 60_000 });
    expect(kindsOf(findings)).toEqual(['nat-pmp']);
  });
});

describe('several gateways', () => {
  test('on two interfaces are two, and the machine’s own default router is marked', async () => {
    const lan = home()
      .interface('wlan0', ['10.0.0.7/24'])
      .defaultRoute('wlan0', '10.0.0.1', 600)
      .router('10.0.0.1', { on: 'wlan0', mac: '66:66:66:66:66:66' })
      .router(ROUTER, { mac: MAC });
    const { findings } = await searchAll(lan);
    expect(new Map(findings.map(({ gateway, isDefault }) => [gateway, isDefault]))).toEqual(
      new Map([
        ['eth0/192.168.1.1', true],
        ['wlan0/10.0.0.1', false],
      ]),
    );
    // H3: the interface with the best route goes first.
    expect(lan.sent[0]?.to.address).toBe(ROUTER);
  });

  test('an access point that still announces its IGD is listed, but is not the default (D16)', async () => {
    const lan = home()
      .router('192.168.1.2', { mac: '22:22:22:22:22:22', habits: ['address-not-told'] })
      .router(ROUTER, { mac: MAC, habits: [{ ssdp: { delay: millis(300) } }] });
    const { findings } = await searchAll(lan);
    expect(findings).toMatchObject([
      { gateway: 'eth0/192.168.1.2', isDefault: false, vitals: { externalAddress: 'unknown' } },
      { gateway: 'eth0/192.168.1.1', isDefault: true },
    ]);
  });

  test('a VPN gateway that speaks only NAT-PMP is found beside the router (M11)', async () => {
    const lan = home()
      .interface('wg0', ['10.2.0.2/32'], { virtual: true, peer: '10.2.0.1' })
      .router('10.2.0.1', { on: 'wg0', habits: ['natpmp-only-vpn', { wan: { address: ip('185.1.2.3') } }] })
      .router(ROUTER, { mac: MAC });
    const { findings, summary } = await searchAll(lan);
    const vpn = findings.find(({ interfaceName }) => interfaceName === 'wg0');
    expect(vpn).toMatchObject({
      gateway: 'wg0/10.2.0.1',
      localAddress: '10.2.0.2',
      isDefault: false,
      control: { kind: 'nat-pmp' },
      vitals: { externalAddress: '185.1.2.3' },
    });
    // Nobody said that there is a router.
    expect(summary.routers).toHaveLength(1);
  });

  test('through a VPN that is the default route the VPN’s gateway is the default', async () => {
    const lan = home()
      .interface('tun0', ['10.8.0.6/24'], { virtual: true })
      .defaultRoute('tun0', '10.8.0.1', 50)
      .router('10.8.0.1', { on: 'tun0', habits: NAT_PMP })
      .router(ROUTER, { mac: MAC });
    const { findings } = await searchAll(lan);
    expect(new Map(findings.map(({ gateway, isDefault }) => [gateway, isDefault]))).toEqual(
      new Map([
        ['eth0/192.168.1.1', false],
        ['tun0/10.8.0.1', true],
      ]),
    );
  });

  test('for two routers that share an address the shared one is asked as well (D8)', async () => {
    const lan = homeRouter({ habits: UNHEARD }).router('192.168.1.3', { mac: MAC });
    const { findings } = await searchAll(lan);
    expect(findings.map(({ gateway, isDefault }) => [gateway, isDefault])).toEqual([
      ['eth0/192.168.1.3', false],
      ['eth0/192.168.1.1', true],
    ]);
  });
});

describe('a search without result', () => {
  test('distinguishes a router with everything turned off from no router', async () => {
    const off = home().host({ on: 'eth0', addresses: [ROUTER], refusesUdp: true });
    expect((await searchAll(off)).summary.routers).toEqual([{ address: ROUTER, interfaceName: 'eth0', alive: true }]);
    const silent = home().host({ on: 'eth0', addresses: [ROUTER], mac: MAC });
    expect((await searchAll(silent)).summary.routers).toMatchObject([{ alive: true }]);
    const gone = home();
    expect((await searchAll(gone)).summary.routers).toMatchObject([{ alive: false }]);
  });

  test('reports that this machine forbids the traffic (H4), or macOS does (H1)', async () => {
    const firewalled = home();
    firewalled.sendFault = 'denied';
    expect((await searchAll(firewalled)).summary).toMatchObject({ denied: true, localNetworkDenied: false });
    const mac = home();
    mac.sendFault = 'local-network';
    expect((await searchAll(mac)).summary).toMatchObject({ denied: false, localNetworkDenied: true });
  });

  test('names devices that answered and are not a router: a lamp, a camera with a password, a web page (D17, X25, X37)', async () => {
    const lan = home();
    for (const [address, answer] of [
      ['192.168.1.20', LAMP],
      ['192.168.1.21', http(401)],
      ['192.168.1.22', http(200, '<html><body>Hello</body></html>')],
    ] as const)
      lan.host({
        on: 'eth0',
        addresses: [address],
        udp: answering(`http://${address}:5000/rootDesc.xml`),
        http: { 5000: () => answer },
      });
    const { findings, summary } = await searchAll(lan);
    expect(findings).toEqual([]);
    expect(summary.passedOver.map(({ from }) => from).toSorted()).toEqual([
      '192.168.1.20',
      '192.168.1.21',
      '192.168.1.22',
    ]);
    expect(summary.passedOver.find(({ from }) => from === '192.168.1.20')?.why).toContain('Lamp');
  });

  test('distinguishes a router that wants a password from one that opens no ports (X37)', async () => {
    const { findings, summary } = await searchAll(homeRouter({ instead: () => http(401) }));
    expect(findings).toEqual([]);
    expect(summary.routers).toMatchObject([{ address: ROUTER, alive: true, guarded: true }]);
  });

  test('names a router whose PCP is turned off (P16), and uses what is left', async () => {
    const lan = home().host({
      on: 'eth0',
      addresses: [ROUTER],
      mac: MAC,
      udp: {
        // NOT_AUTHORIZED (RFC 6887 §7.4).
        5351: ([version, opcode = 0], reply) =>
          reply(version === 2 ? pcpHeader({ opcode, result: 2 }) : natPmpAddressAnswer('11.22.33.44')),
      },
    });
    const { findings, summary } = await searchAll(lan);
    expect(kindsOf(findings)).toEqual(['nat-pmp']);
    expect(summary.passedOver).toEqual([{ from: ROUTER, why: 'pcp NOT_AUTHORIZED' }]);
  });
});

describe('the search asks', () => {
  test.each([
    ['upnp', ['igd']],
    ['pcp', ['pcp']],
    ['natpmp', ['nat-pmp']],
  ] as const)('with %s only that', async (protocol, kinds) => {
    const lan = homeRouter({ habits: PXP });
    const { findings } = await searchAll(lan, { protocol });
    expect(kindsOf(findings)).toEqual(kinds);
    expect(new Set(lan.sent.map(({ to }) => to.port))).toEqual(new Set([protocol === 'upnp' ? 1900 : 5351]));
  });

  test('on the chosen interfaces only', async () => {
    const two = (): Lan => home().interface('wlan0', ['10.0.0.7/24']).defaultRoute('wlan0', '10.0.0.1', 600);
    const only = two();
    await searchAll(only, { onlyInterfaces: ['wlan0'] });
    expect(only.sent.some(({ to }) => to.address === ROUTER)).toBe(false);
    expect(only.sent.some(({ to }) => to.address === '10.0.0.1')).toBe(true);
    const except = two();
    await searchAll(except, { exceptInterfaces: ['wlan0'] });
    expect(except.sent.some(({ to }) => to.address === '10.0.0.1')).toBe(false);
  });

  test('at another port, where PCP and NAT-PMP servers have their own', async () => {
    const lan = homeRouter({ habits: NAT_PMP, pxpPort: 15_351 });
    const { findings } = await searchAll(lan, { pxpPort: 15_351, protocol: 'natpmp' });
    expect(kindsOf(findings)).toEqual(['nat-pmp']);
  });
});

describe('a gateway given by hand', () => {
  test('as an address is all that is asked', async () => {
    const lan = homeRouter().router('192.168.1.2', {
      habits: [{ protocols: { igd: true, natPmp: true, pcp: false } }],
    });
    const { findings } = await searchAll(lan, { manual: '192.168.1.2' });
    expect(findings.map(({ address, foundBy }) => [address, foundBy])).toEqual([
      ['192.168.1.2', 'manual'],
      ['192.168.1.2', 'manual'],
    ]);
    expect(kindsOf(findings).toSorted()).toEqual(['igd', 'nat-pmp']);
    expect(lan.requests.every((request) => request.startsWith('192.168.1.2:'))).toBe(true);
  });

  test('as the URL of its description costs no search, wherever it is', async () => {
    const lan = home().router('172.16.9.1', { also: [ROUTER], habits: [{ description: { randomPath: true } }] });
    await lan.pass();
    const { findings } = await searchAll(lan, { manual: lan.routers[0]?.location ?? '' });
    expect(findings).toMatchObject([{ gateway: 'eth0/172.16.9.1', isDefault: false, localAddress: '192.168.1.7' }]);
    expect(lan.sent).toEqual([]);
    expect(lan.now).toBeLessThan(1000);
  });

  test('beyond the link is not searched by multicast', async () => {
    const lan = home().router('172.16.9.1', { also: [ROUTER] });
    const { findings } = await searchAll(lan, { manual: '172.16.9.1' });
    expect(kindsOf(findings)).toEqual(['igd']);
    expect(new Set(lan.sent.map(({ to }) => to.address))).toEqual(new Set(['172.16.9.1']));
  });

  describe('as a URL that is not a description (X45): says what it is, and asks its host', () => {
    const SCPD = '<?xml version="1.0"?><scpd xmlns="urn:schemas-upnp-org:service-1-0"><actionList/></scpd>';
    const answers: Readonly<Record<string, string>> = {
      'service-description': SCPD,
      'web-page': '<!DOCTYPE html>\n<html><body>Log in</body></html>',
      other: 'what?',
    };

    test.each([
      ['service-description', 'HTTP/1.1 200 OK', answers['service-description']],
      ['web-page', 'HTTP/1.1 200 OK', answers['web-page']],
      ['other', 'HTTP/1.1 200 OK', answers['other']],
      ['missing', 'HTTP/1.1 404 Not Found', ''],
      ['password', 'HTTP/1.1 401 Unauthorized', ''],
      ['forbidden', 'HTTP/1.1 403 Forbidden', ''],
      ['other', 'HTTP/1.1 500 Internal Server Error', ''],
    ] as const)('%s: %s', async (what, status, body) => {
      const page = `${status}\r\nConnection: close\r\n\r\n${body}`;
      const lan = homeRouter({
        habits: [{ description: { randomPath: true } }],
        instead: (request) => (request.startsWith('GET /x ') ? page : undefined),
      });
      const url = `http://${ROUTER}:5000/x`;
      const { findings, summary } = await searchAll(lan, { manual: url });
      expect(kindsOf(findings)).toEqual(['igd']);
      expect(findings[0]?.wrongUrl).toEqual({ url, what, router: ROUTER });
      expect(summary.wrongUrl?.what).toBe(what);
      expect(lan.requests.every((request) => request.startsWith(`${ROUTER}:`))).toBe(true);
    });

    test('closed, beside a router that answers no search: one of the usual places', async () => {
      const lan = homeRouter({
        habits: UNHEARD,
        instead: (request) =>
          /^GET \/(?:rootDesc|gone)/.test(request) ? http(404) : request.replace('/igddesc', '/rootDesc'),
      });
      expect((await searchAll(lan, { manual: `http://${ROUTER}:5000/gone` })).findings).toHaveLength(1);
      const { findings, summary } = await searchAll(lan, { manual: `http://${ROUTER}:9/x` });
      expect(findings).toEqual([]);
      expect(summary.wrongUrl?.what).toBe('closed');
    });

    test.each([
      ['closed', ROUTER],
      ['silent', '192.168.1.99'],
    ] as const)(
      'that is gone (%s): its new place is searched for, and no other way is taken',
      async (what, address) => {
        const lan = home().host({ on: 'eth0', addresses: [ROUTER], http: {} });
        const { summary } = await searchAll(lan, { manual: `http://${address}:5000/rootDesc.xml` });
        expect(summary.wrongUrl?.what).toBe(what);
        expect(new Set(lan.sent.map(({ to }) => to.port))).toEqual(new Set([1900]));
      },
    );

    test('of a device that opens no ports', async () => {
      const lan = home().host({ on: 'eth0', addresses: [ROUTER], http: { 5000: () => LAMP } });
      expect((await searchAll(lan, { manual: `http://${ROUTER}:5000/rootDesc.xml` })).summary.wrongUrl?.what).toBe(
        'other-device',
      );
    });

    test('nobody is there', async () => {
      const { summary } = await searchAll(home(), { manual: 'http://192.168.1.99/' });
      expect(summary).toMatchObject({ wrongUrl: { what: 'silent' }, routers: [{ alive: false }] });
    });
  });

  test.each(['fritz.box', 'http://fritz.box:49000/igddesc.xml', 'https://192.168.1.1/', '192.168.1', ''])(
    'that is neither (%j) is an error of the caller',
    async (manual) => {
      await expect(searchAll(home(), { manual })).rejects.toThrow(RangeError);
    },
  );
});
