import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeAnswer,
  decodePortListing,
  encodeCall,
  type PortListEntry,
  type SoapAnswer,
} from '../../main/wire/soap.ts';
import { WireError } from '../../main/wire/wire-error.ts';
import { childOf, parseXml } from '../../main/wire/xml.ts';
import { routerFixture, routerFixtures } from '../support/router-fixtures.ts';
import { mutated, noise } from '../support/untrusted-bytes.ts';

const TYPE = 'urn:schemas-upnp-org:service:WANIPConnection:1';
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function answered(fixture: string, action: string): SoapAnswer {
  const answer = decodeAnswer(routerFixture(fixture), action);
  if (answer instanceof WireError) throw answer;
  return answer;
}

function valuesOf(fixture: string, action: string): Record<string, string> {
  const answer = answered(fixture, action);
  if (answer.kind === 'fault') throw new Error(`fault ${answer.code}`);
  return Object.fromEntries(answer.values);
}

describe('a call', () => {
  it('is written without a blank too many, its arguments in order, the action quoted (X16, X29, X31)', () => {
    const { body, soapAction } = encodeCall({
      serviceType: TYPE,
      action: 'DeletePortMapping',
      args: [
        ['NewRemoteHost', ''],
        ['NewExternalPort', '22000'],
        ['NewProtocol', 'TCP'],
      ],
    });
    expect(soapAction).toBe(`"${TYPE}#DeletePortMapping"`);
    expect(body).toBe(
      '<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" ' +
        's:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>' +
        `<u:DeletePortMapping xmlns:u="${TYPE}"><NewRemoteHost></NewRemoteHost><NewExternalPort>22000</NewExternalPort>` +
        '<NewProtocol>TCP</NewProtocol></u:DeletePortMapping></s:Body></s:Envelope>',
    );
  });

  it('escapes only & < > (X30)', () => {
    const { body } = encodeCall({ serviceType: TYPE, action: 'A', args: [['D', `Tom & "Jerry's" <x>`]] });
    expect(body).toContain(`<D>Tom &amp; "Jerry's" &lt;x&gt;</D>`);
  });

  it('keeps within its quotes whatever type a router names', () => {
    const { body, soapAction } = encodeCall({ serviceType: 'urn:x"><evil y="', action: 'A', args: [] });
    expect(soapAction).toBe('"urn:x><evil y=#A"');
    expect(body).toContain('<u:A xmlns:u="urn:x&gt;&lt;evil y="></u:A>');
  });

  it('carries every argument whole', () => {
    const value = fc.string({ unit: 'grapheme-ascii' });
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(fc.stringMatching(/^New[A-Z][a-z]{1,9}$/), value), { selector: ([n]) => n }),
        (args) => {
          const document = parseXml(encodeCall({ serviceType: TYPE, action: 'Do', args }).body);
          if (document instanceof WireError) throw document;
          const call = childOf(childOf(document, 'Body') ?? document, 'Do');
          expect(call?.children.map(({ name, text }) => [name, text])).toEqual(args.map(([n, v]) => [n, v.trim()]));
        },
      ),
    );
  });
});

describe('an answer', () => {
  it('of miniupnpd has its values by name', () => {
    expect(valuesOf('soap-answer-miniupnpd.xml', 'GetExternalIPAddress')).toEqual({
      NewExternalIPAddress: '203.0.113.7',
    });
  });

  it('is trimmed, junk around it and blanks in it (X1, X4)', () => {
    expect(valuesOf('soap-answer-padded-values.xml', 'GetSpecificPortMappingEntry')).toEqual({
      NewInternalPort: '22',
      NewInternalClient: '192.168.1.50',
      NewEnabled: '1',
      NewPortMappingDescription: 'ssh & more',
      NewLeaseDuration: '0',
    });
  });

  it('may use a prefix that nobody declared (X3), or the name of the call', () => {
    expect(valuesOf('soap-answer-undeclared-prefix.xml', 'GetExternalIPAddress')).toEqual({
      NewExternalIPAddress: '203.0.113.7',
    });
    expect(valuesOf('soap-answer-named-like-the-call.xml', 'AddPortMapping')).toEqual({});
  });

  it.each([
    [
      'lower case',
      '<u:getexternalipaddressresponse><newexternalipaddress>A</newexternalipaddress></u:getexternalipaddressresponse>',
    ],
    ['deeper', '<u:XResponse><out><NewExternalIPAddress>A</NewExternalIPAddress></out></u:XResponse>'],
    ['right in the body', '<NewExternalIPAddress>A</NewExternalIPAddress>'],
    [
      'beside the response',
      '<u:GetExternalIPAddressResponse/><out><NEWEXTERNALIPADDRESS>A</NEWEXTERNALIPADDRESS></out>',
    ],
    [
      'twice',
      '<u:XResponse><o><newexternalipaddress>B</newexternalipaddress></o><NewExternalIPAddress>A</NewExternalIPAddress></u:XResponse>',
    ],
  ])('may have its values in %s (X44)', (_where, body) => {
    const answer = decodeAnswer(bytes(`<s:Envelope><s:Body>${body}</s:Body></s:Envelope>`), 'GetExternalIPAddress');
    expect(answer).toMatchObject({ kind: 'answer' });
    expect('values' in answer ? answer.values.get('NewExternalIPAddress') : undefined).toBe('A');
  });

  it('is not an empty body (X27), an empty envelope or a web page (X25)', () => {
    const envelope = '<s:Envelope><s:Body></s:Body></s:Envelope>';
    for (const body of ['', ' \r\n\0', envelope, '<html><body><h1>404 Not Found</h1></body></html>', 'OK'])
      expect(decodeAnswer(bytes(body), 'AddPortMapping')).toBeInstanceOf(WireError);
  });

  it('is not a fault because a description says so', () => {
    const text = 'x &lt;errorCode&gt;718&lt;/errorCode&gt; errorCode>718<![CDATA[<errorCode>718</errorCode>]]>';
    const body = `<s:Envelope><s:Body><u:XResponse><D>${text}</D></u:XResponse></s:Body></s:Envelope>`;
    expect(decodeAnswer(bytes(body), 'X')).toMatchObject({ kind: 'answer' });
  });
});

describe('a fault', () => {
  it.each([
    ['soap-fault-miniupnpd-718.xml', 718, 'ConflictInMappingEntry'],
    ['soap-fault-200.xml', 725, 'OnlyPermanentLeasesSupported'],
    ['soap-fault-faultcode-spelling.xml', 501, 'Action Failed'],
    ['soap-fault-negative-code.xml', -911, ''],
    ['soap-fault-without-code.xml', 0, 'Internal error'],
  ])('%s has the code %i (X26, L5)', (fixture, code, description) => {
    expect(answered(fixture, 'AddPortMapping')).toEqual({ kind: 'fault', code, description });
  });

  it('keeps its code where the text after it is broken', () => {
    expect(answered('soap-fault-broken-after-code.xml', 'AddPortMapping')).toMatchObject({ kind: 'fault', code: 725 });
  });

  it.each([
    ['no XML around it', 'errorCode>718<'],
    ['itself escaped', '<s:Envelope><s:Body>&lt;errorCode&gt;718&lt;/errorCode&gt;</s:Body></s:Envelope>'],
    ['broken off after the code', '<s:Envelope><s:Body><s:Fault><errorCode>718</err'],
    ['broken off in the description', '<s:Envelope><s:Body><s:Fault><errorCode>718</errorCode><errorDescription>Conf'],
    ['text after the number', '<Fault><errorCode>718 (Conflict)</errorCode></Fault>'],
  ])('is seen with %s', (_what, body) => {
    expect(decodeAnswer(bytes(body), 'AddPortMapping')).toMatchObject({ kind: 'fault', code: 718 });
  });

  it('is not made of a number that was cut off', () => {
    expect(decodeAnswer(bytes('<s:Envelope><s:Body><s:Fault><errorCode>71'), 'A')).not.toMatchObject({ code: 71 });
  });
});

describe('a port listing', () => {
  const rows: readonly PortListEntry[] = [
    {
      remoteHost: '',
      externalPort: 22_000,
      protocol: 'TCP',
      internalPort: 22,
      internalClient: '192.168.1.50',
      enabled: true,
      description: 'ssh & sftp',
      leaseDuration: 3600,
    },
    {
      remoteHost: '',
      externalPort: 25_565,
      protocol: 'UDP',
      internalPort: 25_565,
      internalClient: '192.168.1.50',
      enabled: true,
      description: 'minecraft',
      leaseDuration: 0,
    },
  ];

  it.each(routerFixtures('port-listing-').map(([name]) => name))('%s is the same table (E9)', (fixture) => {
    expect(decodePortListing(valuesOf(fixture, 'GetListOfPortMappings')['NewPortListing'] ?? '')).toEqual(rows);
  });

  it('may be escaped twice', () => {
    const text = valuesOf('port-listing-cdata.xml', 'GetListOfPortMappings')['NewPortListing'] ?? '';
    const twice = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    expect(decodePortListing(twice)).toEqual(rows);
  });

  it('may be empty', () => {
    expect(decodePortListing('')).toEqual([]);
    expect(decodePortListing('<p:PortMappingList></p:PortMappingList>')).toEqual([]);
  });

  it('leaves out rows without usable ports, and keeps a thousand at most', () => {
    const row = (port: string): string =>
      `<PortMappingEntry><NewExternalPort>${port}</NewExternalPort><NewProtocol>tcp</NewProtocol>` +
      '<NewInternalPort>1</NewInternalPort><NewEnabled>0</NewEnabled><NewLeaseDuration>60</NewLeaseDuration></PortMappingEntry>';
    expect(decodePortListing(`<l>${row('')}${row('70000')}${row('-1')}${row('5')}</l>`)).toMatchObject([
      { externalPort: 5, protocol: 'TCP', enabled: false, leaseDuration: 60 },
    ]);
    const many = decodePortListing(`<l>${row('5').repeat(1500)}</l>`);
    expect(many instanceof WireError ? many : many.length).toBe(1000);
  });

  it('of any text is a table or an error', () => {
    const cdata = routerFixture('port-listing-cdata.xml');
    const pieces = [
      '<PortMappingEntry>',
      '</PortMappingEntry>',
      '<NewExternalPort>',
      '5',
      '</',
      '>',
      '&lt;',
      '&amp;',
      '<NewProtocol>TCP</NewProtocol>',
      '<NewInternalPort>1</NewInternalPort>',
    ];
    fc.assert(
      fc.property(fc.oneof(noise(pieces), mutated([cdata])), (content) => {
        const table = decodePortListing(new TextDecoder().decode(content));
        return table instanceof WireError || table.every((row) => row.externalPort <= 65_535 && row.leaseDuration >= 0);
      }),
      { numRuns: 500 },
    );
  });
});

describe('any bytes', () => {
  it('are an answer, a fault or an error', () => {
    const pieces = [
      '<s:Envelope>',
      '<s:Body>',
      '<u:XResponse>',
      '<NewA>',
      '</NewA>',
      '<Fault>',
      '<errorCode>',
      '718',
      '-',
      '</',
      '>',
      '&',
      '\0',
    ];
    const valid = [...routerFixtures('soap-'), ...routerFixtures('port-')].map(([, content]) => content);
    fc.assert(
      fc.property(fc.oneof(noise(pieces), mutated(valid)), (content) => {
        const outcome = decodeAnswer(content, 'X');
        if (outcome instanceof WireError) return outcome.capture.length <= 512;
        return (
          outcome.kind === 'answer' || (Number.isInteger(outcome.code) && outcome.description.length <= content.length)
        );
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['nested responses', '<XResponse>'.repeat(50_000)],
    ['values', `<Envelope><Body><XResponse>${'<a>1</a>'.repeat(50_000)}`],
    ['error codes', '<errorCode>x'.repeat(50_000)],
    ['error codes in text', 'errorCode '.repeat(50_000)],
    ['digits', `<errorCode>${'9'.repeat(500_000)}</errorCode>`],
  ])('cost no more than their length: %s', (_what, body) => {
    const outcome = decodeAnswer(bytes(body), 'X');
    expect(outcome instanceof WireError || outcome.kind === 'fault').toBe(true);
  });
});
