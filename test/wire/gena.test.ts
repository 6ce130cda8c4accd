import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ip } from '../../main/contract/address.ts';
import { seconds } from '../../main/contract/units.ts';
import {
  decodeEvent,
  decodePropertySet,
  parseTimeout,
  renewalRequest,
  subscribeRequest,
  unsubscribeRequest,
} from '../../main/wire/gena.ts';
import { encodeRequest, type HttpRequest, HttpRequestReader } from '../../main/wire/http.ts';
import type { HttpUrl } from '../../main/wire/url.ts';
import { WireError } from '../../main/wire/wire-error.ts';
import { routerFixture } from '../support/router-fixtures.ts';
import { mutated, noise } from '../support/untrusted-bytes.ts';

const events: HttpUrl = { address: ip('192.168.1.1'), port: 5000, target: '/evt/IPConn' };
const text = (request: HttpRequest): string => new TextDecoder().decode(encodeRequest(request));
const bytes = (content: string): Uint8Array => new TextEncoder().encode(content);

describe('a subscription', () => {
  it('is requested with a callback in angle brackets', () => {
    const callback: HttpUrl = { address: ip('192.168.1.50'), port: 40_123, target: '/events/1' };
    expect(text(subscribeRequest(events, callback, seconds(1800)))).toBe(
      'SUBSCRIBE /evt/IPConn HTTP/1.1\r\nHost: 192.168.1.1:5000\r\nCALLBACK: <http://192.168.1.50:40123/events/1>\r\n' +
        'NT: upnp:event\r\nTIMEOUT: Second-1800\r\nConnection: close\r\n\r\n',
    );
  });

  it('over IPv6 names a callback without zone', () => {
    const callback: HttpUrl = { address: ip('fe80::2'), zone: 'eth0', port: 40_123, target: '/e' };
    expect(text(subscribeRequest(events, callback, seconds(1800)))).toContain('CALLBACK: <http://[fe80::2]:40123/e>');
  });

  it('is renewed and ended by its id alone', () => {
    expect(text(renewalRequest(events, 'uuid:1', seconds(1800)))).toBe(
      'SUBSCRIBE /evt/IPConn HTTP/1.1\r\nHost: 192.168.1.1:5000\r\nSID: uuid:1\r\nTIMEOUT: Second-1800\r\nConnection: close\r\n\r\n',
    );
    expect(text(unsubscribeRequest(events, 'uuid:1'))).toBe(
      'UNSUBSCRIBE /evt/IPConn HTTP/1.1\r\nHost: 192.168.1.1:5000\r\nSID: uuid:1\r\nConnection: close\r\n\r\n',
    );
  });

  it.each([
    ['Second-1800', 1800],
    ['second-300 ', 300],
    ['1800', 1800],
    ['Second-infinite', 'infinite'],
    ['infinite', 'infinite'],
    ['Second-99999999999', 0xffff_ffff],
    ['', undefined],
    ['Second-', undefined],
    ['Second--1', undefined],
    ['soon', undefined],
  ])('granted for %j', (header, timeout) => {
    expect(parseTimeout(header)).toBe(timeout);
  });
});

describe('an event', () => {
  function received(head: string, body: string): ReturnType<typeof decodeEvent> {
    const reader = new HttpRequestReader();
    reader.push(bytes(`${head}\r\nContent-Length: ${bytes(body).length}\r\n\r\n${body}`));
    return decodeEvent(reader.request);
  }

  it('has every variable, in one property or in several', () => {
    const properties = decodePropertySet(routerFixture('event-several-properties.xml'));
    expect(properties instanceof WireError ? properties : Object.fromEntries(properties)).toEqual({
      ExternalIPAddress: '203.0.113.7',
      ConnectionStatus: 'Connected',
      PortMappingNumberOfEntries: '2',
    });
  });

  it.each([
    '<E:PROPERTYSET><E:PROPERTY><externalipaddress>A</externalipaddress></E:PROPERTY></E:PROPERTYSET>',
    '<propertyset><ExternalIPAddress>A</ExternalIPAddress></propertyset>',
  ])('may be in other letters, or without properties (X44): %s', (body) => {
    const properties = decodePropertySet(bytes(body));
    expect(properties instanceof WireError ? undefined : properties.get('ExternalIPAddress')).toBe('A');
  });

  it('comes with the id of its subscription and a number', () => {
    const body = '<propertyset><property><X>1</X></property></propertyset>';
    const event = received('NOTIFY /e HTTP/1.1\r\nSID: uuid:1\r\nSEQ: 7', body);
    expect(event).toMatchObject({ sid: 'uuid:1', sequence: 7 });
    expect(event instanceof WireError ? [] : [...event.properties]).toEqual([['X', '1']]);
    expect(received('NOTIFY /e HTTP/1.1\r\nSID: uuid:1', body)).not.toHaveProperty('sequence');
  });

  it('is refused without id, without properties, or under another method', () => {
    const body = '<propertyset><property><X>1</X></property></propertyset>';
    expect(received('NOTIFY /e HTTP/1.1', body)).toBeInstanceOf(WireError);
    expect(received('POST /e HTTP/1.1\r\nSID: uuid:1', body)).toBeInstanceOf(WireError);
    expect(received('NOTIFY /e HTTP/1.1\r\nSID: uuid:1', '<propertyset/>')).toBeInstanceOf(WireError);
  });

  it('of any bytes is a set of properties or an error', () => {
    const pieces = ['<propertyset>', '<property>', '</property>', '<X>', '</X>', '1', '&', '<'];
    fc.assert(
      fc.property(fc.oneof(noise(pieces), mutated([routerFixture('event-several-properties.xml')])), (content) => {
        const outcome = decodePropertySet(content);
        return outcome instanceof WireError || outcome.size > 0;
      }),
      { numRuns: 500 },
    );
  });
});
