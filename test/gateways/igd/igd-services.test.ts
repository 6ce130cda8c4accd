import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ip } from '../../../main/contract/address.ts';
import { readIgd, type IgdDescription } from '../../../main/gateways/igd/igd-services.ts';
import type { HttpUrl } from '../../../main/wire/url.ts';
import { never, WANIP1, WANIP2, WatchedRouter, type Answers, type Asked, type Reply } from '../../support/igd-scene.ts';

const WANPPP1 = 'urn:schemas-upnp-org:service:WANPPPConnection:1';
const location: HttpUrl = { address: ip('192.168.1.1'), port: 5000, target: '/desc.xml' };

const fixture = (name: string): Reply => ({
  status: 200,
  body: readFileSync(new URL(`../../fixtures/routers/${name}`, import.meta.url), 'latin1'),
});

function serviceXml(type: string, control: string): string {
  return (
    `<service><serviceType>${type}</serviceType><serviceId>x</serviceId><SCPDURL>/scpd.xml</SCPDURL>` +
    `<controlURL>${control}</controlURL><eventSubURL>/evt</eventSubURL></service>`
  );
}

function description(services: string, urlBase = ''): Reply {
  const body =
    `<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0">${urlBase}<device>` +
    '<deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:1</deviceType><friendlyName>Box</friendlyName>' +
    `<manufacturer>Acme</manufacturer><modelName>R1</modelName><UDN>uuid:1</UDN><serviceList>${services}</serviceList>` +
    '</device></root>';
  return { status: 200, body };
}

/** Descriptions of real routers, and such as only a test of the decoder needs, in the place of the simulator's own. */
function described(
  reply: Answers[string],
  answers: Answers = {},
): { readonly igd: WatchedRouter; readonly read: () => Promise<IgdDescription> } {
  const igd = new WatchedRouter({ answers: { 'GET /desc.xml': reply, ...answers } });
  return { igd, read: () => igd.run(readIgd(igd, location, never, { traits: igd.traits })) };
}

describe('a description', () => {
  test('with one connection takes one request', async () => {
    const { igd, read } = described(fixture('description-miniupnpd-igd2.xml'));
    await expect(read()).resolves.toMatchObject({
      location: 'http://192.168.1.1:5000/desc.xml',
      name: 'OpenWrt router',
      model: 'OpenWrt OpenWrt router 24.10',
      wan: [
        {
          type: WANIP2,
          controlUrl: 'http://192.168.1.1:5000/ctl/IPConn',
          eventUrl: 'http://192.168.1.1:5000/evt/IPConn',
          scpdUrl: 'http://192.168.1.1:5000/WANIPCn.xml',
          actions: [],
          name: 'OpenWrt router',
        },
      ],
      firewall: { controlUrl: 'http://192.168.1.1:5000/ctl/IP6FCtl' },
      common: { controlUrl: 'http://192.168.1.1:5000/ctl/CmnIfCfg' },
    });
    expect(igd.requests.map(({ method, target }) => `${method} ${target}`)).toEqual(['GET /desc.xml']);
    expect(igd.requests[0]?.headers['host']).toBe('192.168.1.1:5000');
  });

  test('X8: of the legacy family, without a version', async () => {
    const { read } = described(fixture('description-dslforum-no-version.xml'));
    await expect(read()).resolves.toMatchObject({
      wan: [{ type: 'urn:dslforum-org:service:WANPPPConnection', alternativeUrl: expect.stringContaining(':37215/') }],
    });
  });

  test('X9, D17: without a usable service names none', async () => {
    const { read } = described(fixture('description-no-service.xml'));
    await expect(read()).resolves.toMatchObject({ wan: [], firewall: undefined, common: undefined });
  });

  test('X15: keeps odd control URLs as they are', async () => {
    const { read } = described(description(serviceXml(WANIP1, '/UD/?3')));
    await expect(read()).resolves.toMatchObject({ wan: [{ controlUrl: 'http://192.168.1.1:5000/UD/?3' }] });
  });

  test.for([
    ['http://127.0.0.1:631/admin', 'http://192.168.1.1:631/admin'],
    ['http://10.9.9.9:5000/ctl', 'http://192.168.1.1:5000/ctl'],
    ['//10.9.9.9/ctl', 'http://192.168.1.1:80/ctl'],
  ])('D21: a control URL of %s is only ever asked at the host that answered', async ([forged, asked]) => {
    const { read } = described(description(serviceXml(WANIP1, forged ?? '')));
    await expect(read()).resolves.toMatchObject({ wan: [{ controlUrl: asked }] });
  });

  test.for(['https://192.168.1.1/ctl', 'http://router.example/ctl', 'file:///etc/passwd', ''])(
    'D21: a service at "%s" cannot be used',
    async (control) => {
      const { read } = described(description(serviceXml(WANIP1, control)));
      await expect(read()).resolves.toMatchObject({ wan: [] });
    },
  );

  test.for([
    [401, 'Refused', 'not-authorized'],
    [403, 'Refused', 'not-authorized'],
    [500, 'Refused', 'failed'],
    [404, 'Unreachable', undefined],
  ] as const)('X37: HTTP %i is %s', async ([status, name, reason]) => {
    const { read } = described({ status });
    await expect(read()).rejects.toMatchObject(reason === undefined ? { name } : { name, reason });
  });

  test('D21: a redirect is not followed', async () => {
    const { igd, read } = described({ status: 302, headers: { Location: 'http://127.0.0.1/' } });
    await expect(read()).rejects.toMatchObject({ name: 'Malformed' });
    expect(igd.requests).toHaveLength(1);
  });

  test('X25: a web page is not a description', async () => {
    const { read } = described(fixture('description-is-an-html-page.html'));
    await expect(read()).rejects.toMatchObject({ name: 'Malformed' });
  });

  test('X22, X34: is requested again over HTTP/1.0 when the connection breaks', async () => {
    const { igd, read } = described(({ version }) =>
      version === 'HTTP/1.0' ? description(serviceXml(WANIP1, '/ctl')) : { breaks: 'closed' },
    );
    await expect(read()).resolves.toMatchObject({ wan: [{ type: WANIP1 }] });
    expect(igd.requests).toHaveLength(2);
  });
});

describe('several connections', () => {
  type Health = { readonly status?: string; readonly address?: string; readonly fault?: number };
  const health = (by: Readonly<Record<string, Health>>): Answers => ({
    GetStatusInfo: ({ target }: Asked): Reply => {
      const { status, fault } = by[target] ?? {};
      return status === undefined
        ? { fault: fault ?? 401 }
        : { values: { NewConnectionStatus: status, NewLastConnectionError: 'ERROR_NONE', NewUptime: '9' } };
    },
    GetExternalIPAddress: ({ target }: Asked): Reply => {
      const { address, fault } = by[target] ?? {};
      return address === undefined ? { fault: fault ?? 401 } : { values: { NewExternalIPAddress: address } };
    },
  });
  const three = description(serviceXml(WANIP1, '/a') + serviceXml(WANPPP1, '/b') + serviceXml(WANIP1, '/c'));
  const order = async (by: Readonly<Record<string, Health>>): Promise<readonly string[]> => {
    const { read } = described(three, health(by));
    return (await read()).wan.map(
      ({ type, controlUrl }) => `${type === WANPPP1 ? 'ppp' : 'ip'} ${controlUrl.slice(-2)}`,
    );
  };

  test('X10: the live one comes first, with its own URL', async () => {
    await expect(
      order({
        '/a': { status: 'Disconnected', address: '0.0.0.0' },
        '/b': { status: 'Connected', address: '11.22.33.44' },
        '/c': { status: 'Unconfigured', address: '' },
      }),
    ).resolves.toEqual(['ppp /b', 'ip /a', 'ip /c']);
  });

  test('X35: a slow router does not take the whole search to say which one is live', async () => {
    const { read } = described(three, {
      GetStatusInfo: ({ target }): Reply => ({
        values: { NewConnectionStatus: target === '/c' ? 'Connected' : 'Disconnected' },
        afterMs: 5000,
      }),
      GetExternalIPAddress: { values: { NewExternalIPAddress: '11.22.33.44' }, afterMs: 5000 },
    });
    const { wan } = await read();
    // One was asked and is down; of the others nothing is known.
    expect(wan.map(({ controlUrl }) => controlUrl.slice(-2))).toEqual(['/b', '/c', '/a']);
  });

  test('N3: a private external address ranks below a public one, above none', async () => {
    await expect(
      order({
        '/a': { status: 'Disconnected', address: '' },
        '/b': { status: 'Connected', address: '10.0.0.5' },
        '/c': { status: 'Up', address: '11.22.33.44' },
      }),
    ).resolves.toEqual(['ip /c', 'ppp /b', 'ip /a']);
  });

  test('N6: one that does not report its status is judged by its address', async () => {
    await expect(
      order({ '/a': { status: 'Disconnected', address: '' }, '/b': { address: '11.22.33.44' } }),
    ).resolves.toEqual(['ppp /b', 'ip /a', 'ip /c']);
  });

  test('N1: all of them disconnected are all still offered', async () => {
    await expect(order({})).resolves.toHaveLength(3);
  });

  test('X12: of two live views version 2 comes first, unless version 1 is known to work better', async () => {
    const actions = health({
      '/v1': { status: 'Connected', address: '11.22.33.44' },
      '/v2': { status: 'Connected', address: '11.22.33.44' },
    });
    const both = description(serviceXml(WANIP1, '/v1') + serviceXml(WANIP2, '/v2'));
    const fresh = described(both, actions);
    expect((await fresh.read()).wan.map(({ type }) => type)).toEqual([WANIP2, WANIP1]);
    const taught = described(both, actions);
    taught.igd.traits.learn({ soap: { service: WANIP1 } }, 'X12');
    expect((await taught.read()).wan.map(({ type }) => type)).toEqual([WANIP1, WANIP2]);
  });

  test('the byte counters are those of the connection that is used', async () => {
    const { read } = described(
      fixture('description-several-connections.xml'),
      health({ '/upnp/control/ip3': { status: 'Connected', address: '11.22.33.44' } }),
    );
    await expect(read()).resolves.toMatchObject({
      wan: [{ controlUrl: 'http://192.168.1.1:5000/upnp/control/ip3' }, {}, {}],
      common: { controlUrl: 'http://192.168.1.1:5000/upnp/control/cmn3' },
    });
  });
});
