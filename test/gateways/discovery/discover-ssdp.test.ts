import { describe, expect, test } from 'vitest';

import { home, homeRouter, ROUTER, searchAnswer } from '../../support/lan.ts';
import { kindsOf, searchAll } from '../../support/searching.ts';

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const UPNP = { protocol: 'upnp' } as const;

describe('routers that are hard to find', () => {
  test.each([
    ['when HOST is the group (D6)', (text: string) => text.includes('HOST: 239.255.255.250:1900')],
    ['when HOST is its own address (D6)', (text: string) => text.includes('HOST: 192.168.1.1:1900')],
    ['to WANPPPConnection:1 only (D1)', (text: string) => text.includes('WANPPPConnection:1')],
    ['to upnp:rootdevice only (D1)', (text: string) => text.includes('ST: upnp:rootdevice')],
    ['to ssdp:all only (D1)', (text: string) => text.includes('ST: ssdp:all')],
    ['when ST comes before MAN (D9)', (text: string) => text.indexOf('ST:') < text.indexOf('MAN:')],
  ])('answer %s', async (_what, answers: (text: string) => boolean) => {
    const lan = homeRouter({
      udp: {
        1900: (bytes, reply) => {
          if (answers(textOf(bytes))) reply(searchAnswer('http://192.168.1.1:5000/rootDesc.xml'));
        },
      },
    });
    expect(kindsOf((await searchAll(lan, UPNP)).findings)).toEqual(['igd']);
  });

  test('answer with a USN that is no UUID (D11)', async () => {
    const answer = searchAnswer('http://192.168.1.1:5000/rootDesc.xml').replace('uuid:1', '???');
    const lan = homeRouter({ udp: { 1900: (_bytes, reply) => reply(answer) } });
    expect(kindsOf((await searchAll(lan, UPNP)).findings)).toEqual(['igd']);
  });

  test('hear a search from port 1900 too, when all else is silent (D24)', async () => {
    const silent = home();
    await searchAll(silent, UPNP);
    expect(silent.sent.some(({ localPort }) => localPort === 1900)).toBe(true);
    const heard = homeRouter();
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
    const lan = homeRouter();
    lan.openFaults.set(1900, 'in-use');
    expect((await searchAll(lan, UPNP)).findings).toHaveLength(1);
  });
});
