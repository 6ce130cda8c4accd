/** The requests of upnpc 2.2.4, and the answers that miniupnpd 2.3.1 gave to them. */
import { describe, expect, it } from 'vitest';
import { type PersonalityName, personality } from '../../main/simulator/personalities/personalities.ts';
import { CLIENT, NEIGHBOUR, scene } from './router-talk.ts';

describe('the description', () => {
  it('shows an IGD:2 with its services', async () => {
    const { talk, router } = await scene();
    const text = await talk.get('/rootDesc.xml');
    expect(router.location).toBe(`http://192.168.1.1:${talk.httpPort}/rootDesc.xml`);
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\nContent-Type: text\/xml; charset="utf-8"\r\nConnection: close\r\n/);
    expect(text.match(/<(?:device|service)Type>[^<]*/g)?.map((tag) => tag.replace(/.*schemas-upnp-org:/, ''))).toEqual([
      'device:InternetGatewayDevice:2',
      'service:Layer3Forwarding:1',
      'device:WANDevice:2',
      'service:WANCommonInterfaceConfig:1',
      'device:WANConnectionDevice:2',
      'service:WANIPConnection:2',
    ]);
    expect(new Set(text.match(/<UDN>[^<]*/g)).size).toBe(3);
  });

  it('lists in its SCPD what the service can do', async () => {
    const { talk } = await scene();
    const actions = (text: string) => text.match(/<action><name>\w+/g)?.map((tag) => tag.replace(/.*>/, ''));
    expect(actions(await talk.get('/WANIPCn.xml'))).toEqual(
      expect.arrayContaining([
        'AddPortMapping',
        'AddAnyPortMapping',
        'GetListOfPortMappings',
        'DeletePortMappingRange',
      ]),
    );
    const one = await scene('miniupnpd-igd1');
    expect(actions(await one.talk.get('/WANIPCn.xml'))).not.toContain('AddAnyPortMapping');
    expect(actions(await one.talk.get('/WANIPCn.xml'))).not.toContain('GetListOfPortMappings');
  });

  it('offers the IPv6 firewall where there is IPv6', async () => {
    const { talk } = await scene('miniupnpd', { ipv6: true });
    expect(await talk.get('/rootDesc.xml')).toContain('service:WANIPv6FirewallControl:1');
    expect(await talk.get('/WANIP6FC.xml')).toContain('<name>AddPinhole</name>');
  });

  it('is not served under another path or name', async () => {
    const { talk } = await scene();
    expect(await talk.get('/other.xml')).toMatch(/^HTTP\/1\.1 404 /);
    // X38: DNS rebinding.
    expect(await talk.raw(['GET /rootDesc.xml HTTP/1.1\r\nHost: evil.example\r\n\r\n'])).toMatch(/^HTTP\/1\.1 404 /);
  });
});

describe('upnpc against the simulated router', () => {
  it('adds, reads and deletes a mapping in its own bytes', async () => {
    const { talk, router } = await scene();
    const body = `<?xml version="1.0"?>\r\n<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body><u:AddPortMapping xmlns:u="urn:schemas-upnp-org:service:WANIPConnection:2"><NewRemoteHost></NewRemoteHost><NewExternalPort>25565</NewExternalPort><NewProtocol>TCP</NewProtocol><NewInternalPort>25565</NewInternalPort><NewInternalClient>192.168.1.10</NewInternalClient><NewEnabled>1</NewEnabled><NewPortMappingDescription>my game</NewPortMappingDescription><NewLeaseDuration>3600</NewLeaseDuration></u:AddPortMapping></s:Body></s:Envelope>\r\n`;
    const request = `POST /ctl/WANIPCn HTTP/1.1\r\nHost: 192.168.1.1:${talk.httpPort}\r\nUser-Agent: Debian/bookworm/sid, UPnP/1.1, MiniUPnPc/2.2.4\r\nContent-Length: 594\r\nContent-Type: text/xml\r\nSOAPAction: "urn:schemas-upnp-org:service:WANIPConnection:2#AddPortMapping"\r\nConnection: Close\r\nCache-Control: no-cache\r\nPragma: no-cache\r\n\r\n${body}`;
    expect(body).toHaveLength(594);
    expect(await talk.raw([request])).toMatch(
      /^HTTP\/1\.1 200 OK\r\n[^]*<u:AddPortMappingResponse xmlns:u="urn:schemas-upnp-org:service:WANIPConnection:2"><\/u:AddPortMappingResponse>/,
    );
    expect(router.table()).toMatchObject([
      {
        transport: 'tcp',
        externalPort: 25_565,
        internalPort: 25_565,
        internalClient: CLIENT,
        description: 'my game',
        owner: 'igd',
      },
    ]);
    const read = await talk.specific(25_565);
    expect(
      ['NewInternalClient', 'NewInternalPort', 'NewEnabled', 'NewPortMappingDescription', 'NewLeaseDuration'].map(
        (name) => read.value(name),
      ),
    ).toEqual([CLIENT, '25565', '1', 'my game', '3600']);
    expect((await talk.remove(25_565)).status).toBe(200);
    expect(router.table()).toEqual([]);
    expect((await talk.specific(25_565)).code).toBe(714);
  });

  it('lists the table both ways', async () => {
    const { talk } = await scene();
    await talk.add({ NewPortMappingDescription: 'a &lt;b&gt; &amp; c' });
    await talk.add({ NewExternalPort: 8081, NewProtocol: 'UDP' });
    expect((await talk.entry(0)).value('NewExternalPort')).toBe('8081');
    expect((await talk.entry(1)).value('NewPortMappingDescription')).toBe('a &lt;b&gt; &amp; c');
    expect((await talk.entry(2)).code).toBe(713);
    const range = { NewStartPort: 0, NewEndPort: 65_535, NewProtocol: 'TCP', NewManage: 1, NewNumberOfPorts: 1000 };
    const list = await talk.soap('GetListOfPortMappings', range);
    expect(list.body).toMatch(
      /<NewPortListing><!\[CDATA\[<p:PortMappingList .*<p:NewExternalPort>8080<.*<p:NewDescription>a &lt;b&gt; &amp; c<.*<p:NewLeaseTime>3600</,
    );
    expect(list.body).not.toContain('8081');
  });
});

describe('AddPortMapping', () => {
  it.each([
    ['no external port', { NewExternalPort: 0 }, 716],
    ['a port that is none', { NewExternalPort: 70_000 }, 402],
    ['a word for a port', { NewInternalPort: 'http' }, 402],
    ['internal port 0', { NewInternalPort: 0 }, 402],
    ['an unknown protocol', { NewProtocol: 'SCTP' }, 402],
    ['a name for a client', { NewInternalClient: 'laptop' }, 402],
    ['an IPv6 client', { NewInternalClient: 'fd00::1' }, 402],
    ['a negative lease', { NewLeaseDuration: -1 }, 402],
  ])('refuses %s', async (_what, change, code) => {
    const { talk, router } = await scene();
    expect((await talk.add(change)).code).toBe(code);
    expect(router.table()).toEqual([]);
  });

  it('lets the holder move its mapping and nobody else', async () => {
    const { talk, neighbour, router } = await scene();
    await talk.add();
    expect((await talk.add({ NewInternalPort: 9090 })).status).toBe(200);
    expect((await neighbour.add()).code).toBe(718);
    expect(router.table()).toMatchObject([{ internalPort: 9090, internalClient: CLIENT }]);
    expect((await neighbour.add({ NewProtocol: 'UDP' })).status).toBe(200);
  });

  it('does not touch what a person has set by hand (C4)', async () => {
    const { talk, router } = await scene();
    const manual = { description: 'by hand', expiresAt: 'never', owner: 'manual' } as const;
    router.addMapping({ ...manual, transport: 'tcp', externalPort: 8080, internalClient: CLIENT, internalPort: 8080 });
    expect((await talk.add()).code).toBe(718);
  });

  it('maps nothing without a public address, and reports none (N3)', async () => {
    for (const name of ['private-wan', 'cgnat-wan'] as const) {
      const { talk } = await scene(name);
      expect((await talk.add()).code).toBe(501);
      expect((await talk.soap('GetStatusInfo')).value('NewConnectionStatus')).toBe('Connected');
      expect((await talk.soap('GetExternalIPAddress')).value('NewExternalIPAddress')).toBe('');
    }
  });
});

describe('the refusals of other routers', () => {
  it.each<[PersonalityName, Readonly<Record<string, string | number>>, number]>([
    ['permanent-only-725', { NewLeaseDuration: 3600 }, 725],
    ['lease-402', { NewLeaseDuration: 3600 }, 402],
    ['lease-501', { NewLeaseDuration: 3600 }, 501],
    ['same-port-only-724', { NewInternalPort: 80 }, 724],
    ['718-for-third-party', { NewInternalClient: NEIGHBOUR }, 718],
    ['606-for-third-party', { NewInternalClient: NEIGHBOUR }, 606],
    ['low-ports-refused-606', { NewExternalPort: 80 }, 606],
    ['low-ports-refused-501', { NewExternalPort: 80 }, 501],
    ['low-ports-refused-402', { NewExternalPort: 80 }, 402],
    ['low-ports-refused-718', { NewExternalPort: 80 }, 718],
    ['read-only-501', {}, 501],
    ['read-only-606', {}, 606],
  ])('%s', async (name, change, code) => {
    const { talk, router } = await scene(name);
    expect((await talk.add(change)).code).toBe(code);
    expect(router.table()).toEqual([]);
  });

  it('a full table says so, or says nothing (C18, C19)', async () => {
    const full = (whenFull: number | 'silent') => personality({ mapping: { capacity: { entries: 2, whenFull } } });
    for (const whenFull of [728, 501, 'silent'] as const) {
      const { talk, router } = await scene(full(whenFull));
      await talk.add();
      await talk.add({ NewExternalPort: 8081 });
      expect((await talk.add({ NewExternalPort: 8082 })).code).toBe(whenFull === 'silent' ? undefined : whenFull);
      expect((await talk.add()).status).toBe(200);
      expect(router.table()).toHaveLength(2);
    }
  });

  it('TCP and UDP exclude or replace each other (C16)', async () => {
    const refusing = await scene('tcp-udp-exclusive');
    await refusing.talk.add();
    expect((await refusing.talk.add({ NewProtocol: 'UDP' })).code).toBe(718);
    const replacing = await scene('tcp-udp-replaces');
    await replacing.talk.add();
    expect((await replacing.talk.add({ NewProtocol: 'UDP' })).status).toBe(200);
    expect(replacing.router.table().map(({ transport }) => transport)).toEqual(['udp']);
  });

  it('one internal port takes one external port (C7)', async () => {
    const { talk } = await scene('internal-port-once');
    await talk.add();
    expect((await talk.add({ NewExternalPort: 8081 })).code).toBe(718);
  });

  it('a delete needs a star (C12)', async () => {
    const { talk, router } = await scene('delete-needs-star');
    await talk.add();
    expect((await talk.remove(8080)).code).toBe(714);
    expect((await talk.remove(8080, 'TCP', '*')).status).toBe(200);
    expect(router.table()).toEqual([]);
  });

  it('Linux-IGD gives a port to whoever asks last, forever', async () => {
    const { talk, neighbour, router } = await scene('linux-igd');
    await talk.add();
    expect((await neighbour.add()).status).toBe(200);
    expect(router.table()).toMatchObject([{ internalClient: NEIGHBOUR, expiresAt: 'never' }]);
    expect((await neighbour.specific(8080)).value('NewLeaseDuration')).toBe('0');
  });
});
