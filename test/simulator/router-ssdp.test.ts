import { describe, expect, it } from 'vitest';
import { ip } from '../../main/contract/address.ts';
import { inMinutes, inSeconds } from '../../main/contract/units.ts';
import { personality } from '../../main/simulator/personalities/personalities.ts';
import { scene } from './router-talk.ts';

const IGD = 'urn:schemas-upnp-org:device:InternetGatewayDevice';

describe('a search', () => {
  it('is answered with what was requested, from port 1900', async () => {
    const { talk, router } = await scene();
    for (const to of ['multicast', 'unicast'] as const) {
      const [answer, ...more] = await talk.search(`${IGD}:1`, to);
      expect(more).toEqual([]);
      expect(answer?.text).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n$/);
      expect(answer?.from).toBe('192.168.1.1:1900');
      expect(answer?.header('ST')).toBe(`${IGD}:1`);
      expect(answer?.header('USN')).toMatch(new RegExp(`^uuid:[\\w-]{36}::${IGD}:1$`));
      expect(answer?.header('LOCATION')).toBe(router.location);
      expect(answer?.header('CACHE-CONTROL')).toMatch(/^max-age=\d+$/);
      expect(answer?.header('BOOTID\\.UPNP\\.ORG')).toMatch(/^\d+$/);
    }
    expect(router.counters.of('M-SEARCH')).toBe(2);
  });

  it('for everything is answered once per device, name and service', async () => {
    const { talk } = await scene();
    const all = (await talk.search('ssdp:all')).map((answer) => answer.header('ST'));
    expect(all).toHaveLength(10);
    expect(all).toEqual(
      expect.arrayContaining(['upnp:rootdevice', `${IGD}:2`, 'urn:schemas-upnp-org:service:WANIPConnection:2']),
    );
  });

  it('for what it is not stays without an answer', async () => {
    const { talk } = await scene();
    expect(await talk.search('urn:schemas-upnp-org:device:MediaServer:1')).toEqual([]);
    expect(await talk.search('uuid:00000000-0000-0000-0000-000000000000')).toEqual([]);
  });

  it('is heard by some routers on one way only (D5)', async () => {
    const deaf = await scene('multicast-search-only');
    expect(await deaf.talk.search('upnp:rootdevice', 'unicast')).toEqual([]);
    expect(await deaf.talk.search('upnp:rootdevice', 'multicast')).toHaveLength(1);
    const shy = await scene('unicast-search-only');
    expect(await shy.talk.search('upnp:rootdevice', 'multicast')).toEqual([]);
    expect(await shy.talk.search('upnp:rootdevice', 'unicast')).toHaveLength(1);
  });

  it('can be answered from another port (D7), for one target only (D1), with another version (D3)', async () => {
    const { talk } = await scene(
      personality({ ssdp: { ownSourcePort: true, targets: [`${IGD}:1`], answeredTarget: 'own' } }),
    );
    const [answer] = await talk.search(`${IGD}:1`);
    expect(answer?.from).toMatch(/^192\.168\.1\.1:(?!1900$)/);
    expect(answer?.header('ST')).toBe(`${IGD}:2`);
    expect(await talk.search('upnp:rootdevice')).toEqual([]);
  });

  it('can be answered by a NOTIFY, seconds later (D4)', async () => {
    const { talk, world } = await scene('answers-by-notify');
    await world.run(inSeconds(5));
    let direct: readonly unknown[] = [];
    const heard = await talk.eavesdrop(
      '239.255.255.250',
      1900,
      async () => {
        direct = await talk.search(`${IGD}:1`);
      },
      10,
    );
    expect(direct).toEqual([]);
    expect(heard.map((each) => each.header('NTS')).filter((kind) => kind !== undefined)).not.toEqual([]);
  });

  it('can be answered with a forged location (D21)', async () => {
    const { talk } = await scene(personality({ ssdp: { location: 'http://127.0.0.1:80/' } }));
    expect((await talk.search(`${IGD}:1`))[0]?.header('LOCATION')).toBe('http://127.0.0.1:80/');
  });

  it('over IPv6 points to an IPv6 location', async () => {
    const { home, world } = await scene('miniupnpd', { ipv6: true });
    const { udp } = home.client.system;
    const here = { groups: [], interfaceName: 'eth0', interfaceAddress: ip('fe80::10') };
    const socket = await udp.open({ family: 'ipv6', localAddress: ip('fe80::10'), multicast: here });
    const search = `M-SEARCH * HTTP/1.1\r\nHOST: [FF02::C]:1900\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: ${IGD}:2\r\n\r\n`;
    await socket.send(new TextEncoder().encode(search), { address: ip('ff02::c'), port: 1900 });
    const { bytes } = await world.finish(socket.receive(new AbortController().signal));
    socket.close();
    expect(new TextDecoder().decode(bytes)).toMatch(/LOCATION: http:\/\/\[fe80::1\]:\d+\/rootDesc\.xml/);
  });
});

describe('unasked', () => {
  it('the router says that it is there, again and again, and when it goes', async () => {
    const { talk, router, world } = await scene('chatty');
    await world.run(inMinutes(1));
    const heard = await talk.eavesdrop('239.255.255.250', 1900, () => router.restartDaemon({ keepTable: true }), 40);
    const kinds = heard.map((each) => each.header('NTS'));
    expect(kinds[0]).toBe('ssdp:byebye');
    expect(kinds.filter((kind) => kind === 'ssdp:byebye')).toHaveLength(10);
    // At the start, 250 ms later, and every 30 s.
    expect(kinds.filter((kind) => kind === 'ssdp:alive')).toHaveLength(30);
    const boots = new Set(heard.map((each) => Number(each.header('BOOTID\\.UPNP\\.ORG'))));
    expect(boots.size).toBe(2);
    const [before = 0, afterwards = 0] = [...boots];
    expect(afterwards).toBeGreaterThan(before);
  });

  it('a reboot is silent until the router is back', async () => {
    const { talk, router } = await scene();
    const heard = await talk.eavesdrop('239.255.255.250', 1900, () => router.reboot({ downFor: inSeconds(20) }), 25);
    expect(new Set(heard.map((each) => each.header('NTS')))).toEqual(new Set(['ssdp:alive']));
  });
});
