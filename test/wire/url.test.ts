import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ip } from '../../main/contract/address.ts';
import { hostOf, type HttpUrl, httpUrlText, parseHttpUrl, resolveHttpUrl } from '../../main/wire/url.ts';
import { WireError } from '../../main/wire/wire-error.ts';

function parsed(text: string): HttpUrl {
  const url = parseHttpUrl(text);
  if (url instanceof WireError) throw url;
  return url;
}

function resolved(base: string, reference: string): string {
  const url = resolveHttpUrl(parsed(base), reference);
  return url instanceof WireError ? url.message : httpUrlText(url);
}

describe('a URL', () => {
  it.each<[string, HttpUrl]>([
    ['http://192.168.1.1:5000/rootDesc.xml', { address: ip('192.168.1.1'), port: 5000, target: '/rootDesc.xml' }],
    [' HTTP://10.0.0.1 ', { address: ip('10.0.0.1'), port: 80, target: '/' }],
    ['http://10.0.0.1:/x#part', { address: ip('10.0.0.1'), port: 80, target: '/x' }],
    ['http://10.0.0.1?WANIP', { address: ip('10.0.0.1'), port: 80, target: '/?WANIP' }],
    ['http://[FD00::1]:81/x', { address: ip('fd00::1'), port: 81, target: '/x' }],
    ['http://[fe80::1%25eth0]:80/x', { address: ip('fe80::1'), zone: 'eth0', port: 80, target: '/x' }],
    ['http://[fe80::1%2]:80/x', { address: ip('fe80::1'), zone: '2', port: 80, target: '/x' }],
    ['http://[::ffff:127.0.0.1]:80/', { address: ip('127.0.0.1'), port: 80, target: '/' }],
  ])('%s is taken', (text, url) => {
    expect(parseHttpUrl(text)).toEqual(url);
  });

  it.each([
    '',
    '/rootDesc.xml',
    'https://192.168.1.1/',
    'ftp://192.168.1.1/',
    'file:///etc/passwd',
    'http://router.lan/',
    'http://localhost/',
    'http://user:pass@192.168.1.1/',
    'http://192.168.1.1@evil.example/',
    'http://192.168.1.1\\@10.0.0.1/',
    'http://2130706433/',
    'http://0x7f.0.0.1/',
    'http://0177.0.0.1/',
    'http://127.1/',
    'http://192.168.1.1:0/',
    'http://192.168.1.1:65536/',
    'http://192.168.1.1:8o/',
    'http://[192.168.1.1/',
    'http://192.168.1.1/a\r\nHost: evil',
    `http://192.168.1.1/${'x'.repeat(3000)}`,
  ])('%j is refused (D21)', (text) => {
    expect(parseHttpUrl(text)).toBeInstanceOf(WireError);
  });

  it('keeps path and query byte for byte (X15)', () => {
    for (const target of ['/UD/?3', '//a//b/', '/a/../b', '/%7Ea%2f', '/control?WANIPConnection', '/uuid:1/ctl', '/é'])
      expect(parsed(`http://10.0.0.1:80${target}`).target).toBe(target);
  });

  it('never lets a blank into the request line', () => {
    expect(parsed('http://10.0.0.1/a b').target).toBe('/a%20b');
  });

  it('names its host with the port (X17) and without the zone (D19)', () => {
    expect(hostOf(parsed('http://10.0.0.1/'))).toBe('10.0.0.1:80');
    expect(hostOf(parsed('http://[fe80::1%25eth0]/'))).toBe('[fe80::1]:80');
  });

  it('reads back from its text', () => {
    const url = fc.record({
      address: fc.oneof(fc.ipV4(), fc.ipV6()).map(ip),
      port: fc.integer({ min: 1, max: 65_535 }),
      target: fc.stringMatching(/^\/[!"$-~]{0,40}$/),
    });
    fc.assert(
      fc.property(url, fc.option(fc.stringMatching(/^[a-z0-9.]{1,10}$/)), (plain, zone) => {
        const url = zone === null || !plain.address.includes(':') ? plain : { ...plain, zone };
        expect(parseHttpUrl(httpUrlText(url))).toEqual(url);
      }),
    );
  });
});

describe('a reference', () => {
  const LOCATION = 'http://192.168.1.1:5000/igd/desc.xml?a=b';

  it.each([
    ['/ctl/IPConn', 'http://192.168.1.1:5000/ctl/IPConn'],
    ['ctl/IPConn', 'http://192.168.1.1:5000/igd/ctl/IPConn'],
    ['./ctl', 'http://192.168.1.1:5000/igd/ctl'],
    ['../ctl', 'http://192.168.1.1:5000/ctl'],
    ['../../../ctl', 'http://192.168.1.1:5000/ctl'],
    ['/a/../b/./c', 'http://192.168.1.1:5000/a/../b/./c'],
    ['?WANIPConnection', 'http://192.168.1.1:5000/igd/desc.xml?WANIPConnection'],
    ['/UD/?3', 'http://192.168.1.1:5000/UD/?3'],
    ['uuid:0c80/WANPPPConnection:1', 'http://192.168.1.1:5000/igd/uuid:0c80/WANPPPConnection:1'],
    ['//upnp/control', 'http://192.168.1.1:5000//upnp/control'],
    ['//192.168.1.1:80/ctl', 'http://192.168.1.1:80/ctl'],
    ['http://192.168.1.254:80/upnp/ctl', 'http://192.168.1.254:80/upnp/ctl'],
    ['HTTP://10.0.0.1/', 'http://10.0.0.1:80/'],
    ['', LOCATION],
    ['#top', LOCATION],
    ['ctl?a/../b#c', 'http://192.168.1.1:5000/igd/ctl?a/../b'],
    [' /ctl ', 'http://192.168.1.1:5000/ctl'],
  ])('%j is resolved against LOCATION', (reference, url) => {
    expect(resolved(LOCATION, reference)).toBe(url);
  });

  it('to a name or another scheme is refused', () => {
    expect(resolveHttpUrl(parsed(LOCATION), 'http://evil.example/')).toBeInstanceOf(WireError);
    expect(resolveHttpUrl(parsed(LOCATION), 'https://192.168.1.1/')).toBeInstanceOf(WireError);
    expect(resolveHttpUrl(parsed(LOCATION), '/a\nb')).toBeInstanceOf(WireError);
  });

  it('keeps the zone', () => {
    expect(resolved('http://[fe80::1%25eth0]:5000/', '/ctl')).toBe('http://[fe80::1%25eth0]:5000/ctl');
  });

  it('of any shape gives a usable target or an error', () => {
    const piece = fc.constantFrom('/', '..', '.', '?', '#', ':', '//', 'http:', 'a', ' ', '%', '[', '@', '\\');
    const any = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece, { maxLength: 40 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(any, (reference) => {
        const url = resolveHttpUrl(parsed(LOCATION), reference);
        return (
          url instanceof WireError || (/^\/[^\0-\x20\x7f]*$/.test(url.target.replaceAll(/\s/gu, '')) && url.port > 0)
        );
      }),
      { numRuns: 1000 },
    );
  });
});
