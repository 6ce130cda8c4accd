import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeDescription,
  decodeServiceDescription,
  type Description,
  type ServiceEntry,
  servicesOf,
} from '../../main/wire/description.ts';
import { WireError } from '../../main/wire/wire-error.ts';
import { routerFixture, routerFixtures } from '../support/router-fixtures.ts';
import { mutated, noise } from '../support/untrusted-bytes.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function described(name: string): Description {
  const description = decodeDescription(routerFixture(name));
  if (description instanceof WireError) throw description;
  return description;
}

function connections(description: Description): readonly ServiceEntry[] {
  return servicesOf(description)
    .map(({ service }) => service)
    .filter(({ type }) => /:WAN(?:IP|PPP)Connection/.test(type));
}

describe('the description of', () => {
  it('miniupnpd says who it is and what it offers, depth first', () => {
    const description = described('description-miniupnpd-igd2.xml');
    expect(description.urlBase).toBe('');
    expect(description.root).toMatchObject({
      type: 'urn:schemas-upnp-org:device:InternetGatewayDevice:2',
      udn: 'uuid:2f3a90c1-6b0e-4c55-8f37-5d9a3ce1b001',
      friendlyName: 'OpenWrt router',
      manufacturer: 'OpenWrt',
      modelName: 'OpenWrt router',
      modelNumber: '24.10',
    });
    expect(servicesOf(description).map(({ service, device }) => [device.friendlyName, service.controlUrl])).toEqual([
      ['OpenWrt router', '/ctl/L3F'],
      ['WANDevice', '/ctl/CmnIfCfg'],
      ['WANConnectionDevice', '/ctl/IPConn'],
      ['WANConnectionDevice', '/ctl/IP6FCtl'],
    ]);
    expect(connections(description)).toEqual([
      {
        type: 'urn:schemas-upnp-org:service:WANIPConnection:2',
        id: 'urn:upnp-org:serviceId:WANIPConn1',
        controlUrl: '/ctl/IPConn',
        eventUrl: '/evt/IPConn',
        scpdUrl: '/WANIPCn.xml',
      },
    ]);
  });

  it('a FRITZ!Box puts a service of its own first', () => {
    const description = described('description-fritzbox-vendor-service-first.xml');
    expect(servicesOf(description)[0]?.service.type).toBe('urn:schemas-any-com:service:Any:1');
    expect(connections(description).map(({ controlUrl }) => controlUrl)).toEqual(['/igdupnp/control/WANIPConn1']);
  });

  it('a TP-Link with a wrong URLBase gives it as it is (X13)', () => {
    expect(described('description-urlbase-wrong-port.xml').urlBase).toBe('http://192.168.0.1:80');
  });

  it('a D-Link keeps its odd URLs byte for byte (X15)', () => {
    const urls = connections(described('description-control-url-query.xml'));
    expect(urls.map(({ controlUrl, eventUrl, scpdUrl }) => [controlUrl, eventUrl, scpdUrl])).toEqual([
      ['/UD/?3', '/UD/?event=3', '/UD/?desc=3'],
      ['uuid:0c80-6300/WANPPPConnection:1', '?WANPPPConnection', '//upnp/ppp.xml'],
    ]);
  });

  it('a Huawei HG531 has the legacy URN without version (X8)', () => {
    const [service] = connections(described('description-dslforum-no-version.xml'));
    expect(service).toMatchObject({ type: 'urn:dslforum-org:service:WANPPPConnection', id: 'WANPPPConn1' });
  });

  it('a MikroTik with three WANs has three connections (X10)', () => {
    expect(connections(described('description-several-connections.xml')).map(({ controlUrl }) => controlUrl)).toEqual([
      '/upnp/control/ip1',
      '/upnp/control/ppp2',
      '/upnp/control/ip3',
    ]);
  });

  it('a Thomson has no UUID (D11), no services at the root (X6) and an absolute control URL (X14)', () => {
    const description = described('description-thomson-absolute-urls.xml');
    expect(description.root.udn).toBe('uuid:UPnP_Thomson TG585-7_00-1D-68-5A-B1-C2');
    expect(description.root.services).toEqual([]);
    expect(connections(description)[0]?.controlUrl).toMatch(/^http:\/\/192\.168\.1\.254:80\//);
  });

  it('a router that turns the order of its tags round, and its serviceList away, is read by name (X6, X41)', () => {
    const description = described('description-tags-in-odd-order.xml');
    expect(description.root.friendlyName).toBe('LINKSYS WAG200G Gateway');
    expect(connections(description)).toEqual([
      {
        type: 'urn:schemas-upnp-org:service:WANIPConnection:1',
        id: 'urn:upnp-org:serviceId:WANIPConnection',
        controlUrl: '/upnp/control/WANIPConnection',
        eventUrl: '/upnp/event/WANIPConnection',
        scpdUrl: '/upnp/ipc.xml',
      },
    ]);
  });

  it.each([
    ['description-unclosed-tag.xml', 'Archer C9 AC1900 Router', '/ipc'],
    ['description-junk-around.xml', 'Livebox', '/ppp'],
    ['description-control-characters.xml', 'Home Gateway', '/ipc'],
    ['description-latin1-labelled-utf8.xml', 'Boîte à Internet', '/ipc'],
  ])('%s is read in spite of it', (fixture, name, controlUrl) => {
    const description = described(fixture);
    expect(description.root.friendlyName).toBe(name);
    expect(connections(description).map((service) => service.controlUrl)).toEqual([controlUrl]);
  });

  it('an access point has no service at all (X9)', () => {
    expect(servicesOf(described('description-no-service.xml'))).toEqual([]);
  });
});

describe('no description', () => {
  it.each(['description-is-an-html-page.html', 'description-entity-bomb.xml', 'soap-answer-miniupnpd.xml'])(
    'is %s (X25)',
    (fixture) => {
      expect(decodeDescription(routerFixture(fixture))).toBeInstanceOf(WireError);
    },
  );

  it('is nothing', () => {
    expect(decodeDescription(new Uint8Array())).toBeInstanceOf(WireError);
    expect(decodeDescription(bytes('<root><device'))).toBeInstanceOf(WireError);
  });
});

describe('a service description', () => {
  it('lists actions with their arguments in order, optional ones without any (X31, C29)', () => {
    const description = decodeServiceDescription(routerFixture('scpd-misnamed-output.xml'));
    if (description instanceof WireError) throw description;
    expect([...description.actions]).toEqual([
      ['GetExternalIPAddress', { inputs: [], outputs: ['NewExternalIPAddress'] }],
      [
        'AddAnyPortMapping',
        {
          inputs: [
            'NewRemoteHost',
            'NewExternalPort',
            'NewProtocol',
            'NewInternalPort',
            'NewInternalClient',
            'NewEnabled',
            'NewPortMappingDescription',
            'NewLeaseDuration',
          ],
          outputs: ['NewReservedPort'],
        },
      ],
      ['RequestConnection', { inputs: [], outputs: [] }],
    ]);
  });

  it('is whole only with its end', () => {
    const whole = routerFixture('scpd-misnamed-output.xml');
    expect(decodeServiceDescription(whole)).toMatchObject({ isWhole: true });
    expect(decodeServiceDescription(bytes('<s:SCPD><action/></s:SCPD >\r\n\0'))).toMatchObject({ isWhole: true });
    for (const kept of [0.5, 0.9, 0.99]) {
      const half = decodeServiceDescription(whole.subarray(0, Math.floor(whole.length * kept)));
      expect(half).toMatchObject({ isWhole: false });
    }
  });

  it('may list none, but must be one', () => {
    expect(decodeServiceDescription(bytes('<scpd/>'))).toMatchObject({ actions: { size: 0 } });
    expect(decodeServiceDescription(bytes('<html><body>action</body></html>'))).toBeInstanceOf(WireError);
    expect(decodeServiceDescription(routerFixture('description-miniupnpd-igd2.xml'))).toBeInstanceOf(WireError);
  });
});

describe('any bytes', () => {
  const pieces = [
    '<root>',
    '<device>',
    '</device>',
    '<deviceList>',
    '<serviceList>',
    '<service>',
    '<serviceType>',
    'urn:x',
    '</service>',
    '<URLBase>',
    '<action>',
    '<name>',
    'a',
    '<argument>',
    '&',
  ];
  const valid = [...routerFixtures('description-'), ...routerFixtures('scpd-')].map(([, content]) => content);

  it('are a description or an error', () => {
    fc.assert(
      fc.property(fc.oneof(noise(pieces), mutated(valid)), (content) => {
        const outcome = decodeDescription(content);
        return (
          outcome instanceof WireError ||
          servicesOf(outcome).every(({ service, device }) => service.type.length >= 0 && device.udn.length >= 0)
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('are a service description or an error', () => {
    fc.assert(
      fc.property(fc.oneof(noise(pieces), mutated(valid)), (content) => {
        const outcome = decodeServiceDescription(content);
        return outcome instanceof WireError || ![...outcome.actions.keys()].includes('');
      }),
      { numRuns: 1000 },
    );
  });

  it('are bounded in depth and number', () => {
    expect(decodeDescription(bytes(`<root>${'<device><deviceList>'.repeat(1000)}`))).toBeInstanceOf(WireError);
    expect(decodeDescription(bytes(`<root><device>${'<service/>'.repeat(100_000)}`))).toBeInstanceOf(WireError);
  });
});
