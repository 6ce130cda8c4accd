import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSsdp, encodeSearch, SEARCH_TARGETS, type SsdpMessage } from '../../main/wire/ssdp.ts';
import { WireError } from '../../main/wire/wire-error.ts';
import { routerFixture, routerFixtures } from '../support/router-fixtures.ts';
import { mutated, noise } from '../support/untrusted-bytes.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (content: Uint8Array): string => new TextDecoder().decode(content);

function decoded(content: Uint8Array): SsdpMessage {
  const message = decodeSsdp(content);
  if (message instanceof WireError) throw message;
  return message;
}

describe('a search', () => {
  it('is written in the classic order (D9)', () => {
    expect(text(encodeSearch({ host: '239.255.255.250:1900', target: 'upnp:rootdevice', mx: 2 }))).toBe(
      'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: 2\r\nST: upnp:rootdevice\r\n\r\n',
    );
  });

  it('to one router may go without MX, and there is a second order to try', () => {
    expect(text(encodeSearch({ host: '192.168.1.1:1900', target: 'ssdp:all', mx: 0 }))).not.toContain('MX');
    expect(text(encodeSearch({ host: '192.168.1.1:1900', target: 'ssdp:all', mx: 1, order: 'st-first' }))).toBe(
      'M-SEARCH * HTTP/1.1\r\nHOST: 192.168.1.1:1900\r\nST: ssdp:all\r\nMAN: "ssdp:discover"\r\nMX: 1\r\n\r\n',
    );
  });

  it('asks for gateways by device, by service and for everything (D1)', () => {
    expect(SEARCH_TARGETS).toHaveLength(7);
    for (const target of SEARCH_TARGETS) {
      const search = decoded(encodeSearch({ host: '239.255.255.250:1900', target, mx: 2 }));
      expect([search.kind, search.target]).toEqual(['search', target]);
    }
  });
});

describe('answers from routers', () => {
  it('miniupnpd answers with boot and configuration id', () => {
    expect(decoded(routerFixture('ssdp-response-miniupnpd.txt'))).toMatchObject({
      kind: 'response',
      target: 'urn:schemas-upnp-org:device:InternetGatewayDevice:1',
      usn: 'uuid:2f3a90c1-6b0e-4c55-8f37-5d9a3ce1b001::urn:schemas-upnp-org:device:InternetGatewayDevice:1',
      location: 'http://192.168.1.1:5000/rootDesc.xml',
      server: 'OpenWrt/24.10 UPnP/1.1 MiniUPnPd/2.3.7',
      maxAge: 120,
      bootId: 1_700_000_000,
      configId: 1337,
    });
  });

  it('a Thomson uses bare LF and a USN that is not a UUID (D11)', () => {
    const message = decoded(routerFixture('ssdp-response-thomson-no-uuid.txt'));
    expect(message).toMatchObject({
      kind: 'response',
      usn: 'uuid:UPnP_Thomson TG585-7_00-1D-68-5A-B1-C2::upnp:rootdevice',
      location: 'http://192.168.1.254:80/upnp/IGD.xml',
      maxAge: 1800,
    });
    expect(message.bootId).toBeUndefined();
  });

  it('a D-Link answers a search with an announcement (D4)', () => {
    expect(decoded(routerFixture('ssdp-notify-answers-a-search.txt'))).toMatchObject({
      kind: 'alive',
      target: 'urn:schemas-upnp-org:service:WANPPPConnection:1',
      location: 'http://192.168.1.1:80/gatedesc.xml',
    });
  });

  it.each([
    ['ssdp:byebye', 'byebye'],
    ['SSDP:Update', 'update'],
  ])('NTS %s is %s', (nts, kind) => {
    expect(decoded(bytes(`NOTIFY * HTTP/1.1\r\nNT: x\r\nNTS: ${nts}\r\nUSN: y\r\n\r\n`))).toMatchObject({
      kind,
      target: 'x',
      usn: 'y',
    });
  });

  it('a UPnP 1.0 device counts its starts in 01-NLS', () => {
    expect(decoded(bytes('HTTP/1.1 200 OK\r\n01-NLS: 42\r\n\r\n')).bootId).toBe(42);
    expect(decoded(bytes('HTTP/1.1 200 OK\r\n01-NLS: 6b0e-4c55\r\n\r\n')).bootId).toBeUndefined();
  });

  it('a lifetime beyond all bounds is the longest that there is', () => {
    expect(decoded(bytes('HTTP/1.1 200 OK\r\nCACHE-CONTROL: no-cache, max-age="99999999999"\r\n\r\n')).maxAge).toBe(
      0xffff_ffff,
    );
  });

  it('missing headers are empty or absent', () => {
    const message = decoded(bytes('HTTP/1.1 200 OK\r\nLOCATION:\r\n\r\n'));
    expect(message).toMatchObject({ kind: 'response', target: '', usn: '', server: '' });
    expect(message).toHaveProperty('location', undefined);
  });

  it.each([
    ['nothing', ''],
    ['another status', 'HTTP/1.1 404 Not Found\r\n\r\n'],
    ['an unknown notification', 'NOTIFY * HTTP/1.1\r\nNTS: upnp:propchange\r\n\r\n'],
    ['another protocol', '\u0000\u0001\u0002'],
  ])('%s is refused', (_what, content) => {
    expect(decodeSsdp(bytes(content))).toBeInstanceOf(WireError);
  });

  it('any bytes are a message or an error', () => {
    const pieces = [
      'HTTP/1.1 200 OK',
      'NOTIFY * HTTP/1.1',
      'NTS: ssdp:alive',
      '\r\n',
      '\n',
      ':',
      'LOCATION: ',
      'CACHE-CONTROL: max-age=',
      '9',
      ' ',
    ];
    const valid = routerFixtures('ssdp-').map(([, content]) => content);
    fc.assert(
      fc.property(fc.oneof(noise(pieces), mutated(valid)), (content) => {
        const message = decodeSsdp(content);
        return message instanceof WireError || (message.location !== '' && (message.maxAge ?? 0) >= 0);
      }),
      { numRuns: 1000 },
    );
    expect(decodeSsdp(bytes(`HTTP/1.1 200 OK\r\n${' '.repeat(60_000)}`))).not.toBeInstanceOf(WireError);
    expect(decodeSsdp(bytes(`HTTP/1.1 200 OK\r\n${'max-age '.repeat(8000)}`))).not.toBeInstanceOf(WireError);
  });
});
