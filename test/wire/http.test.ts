import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeRequest,
  encodeResponse,
  HttpRequestReader,
  type HttpResponse,
  HttpResponseReader,
  type ReceivedRequest,
} from '../../main/wire/http.ts';
import { WireError } from '../../main/wire/wire-error.ts';
import { routerFixture, routerFixtures } from '../support/router-fixtures.ts';
import { inPieces, mutated, noise, pieceSizes } from '../support/untrusted-bytes.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (content: Uint8Array): string => new TextDecoder().decode(content);

/** As a connection would deliver it: piece by piece, then the end, unless the reader had enough before. */
function read(content: Uint8Array, sizes: readonly number[] = [content.length]): HttpResponse | WireError {
  const reader = new HttpResponseReader();
  for (const piece of inPieces(content, sizes)) {
    const progress = reader.push(piece);
    if (progress === 'done') return reader.response;
    if (progress instanceof WireError) return progress;
  }
  const end = reader.end();
  return end === 'done' ? reader.response : end;
}

/** Is the message complete without waiting for the connection to end? */
function completes(content: string): boolean {
  return new HttpResponseReader().push(bytes(content)) === 'done';
}

function bodyOf(content: string): string {
  const outcome = read(bytes(content));
  return outcome instanceof WireError ? outcome.message : text(outcome.body);
}

describe('a request', () => {
  it('is one buffer with the header spelling as given, the length of the body, and the connection closed', () => {
    const request = encodeRequest({
      method: 'POST',
      target: '/UD/?3',
      host: '192.168.1.1:5000',
      headers: [
        ['Content-Type', 'text/xml; charset="utf-8"'],
        ['SOAPAction', '"urn:x#Y"'],
      ],
      body: '<é/>',
    });
    expect(text(request)).toBe(
      'POST /UD/?3 HTTP/1.1\r\nHost: 192.168.1.1:5000\r\nContent-Type: text/xml; charset="utf-8"\r\n' +
        'SOAPAction: "urn:x#Y"\r\nContent-Length: 5\r\nConnection: close\r\n\r\n<é/>',
    );
  });

  it('has no length without a body, and can be of version 1.0', () => {
    const request = encodeRequest({ method: 'GET', target: '/', host: '10.0.0.1:80', headers: [], version: '1.0' });
    expect(text(request)).toBe('GET / HTTP/1.0\r\nHost: 10.0.0.1:80\r\nConnection: close\r\n\r\n');
  });

  it('cannot be split by what a router wrote into its description', () => {
    const request = encodeRequest({
      method: 'POST',
      target: '/a b\r\nX-Evil: 1',
      host: '10.0.0.1:80',
      headers: [['SOAPAction', '"urn:x\r\n\r\nGET /"']],
    });
    expect(text(request).split('\r\n')).toEqual([
      'POST /a%20bX-Evil:%201 HTTP/1.1',
      'Host: 10.0.0.1:80',
      'SOAPAction: "urn:xGET /"',
      'Connection: close',
      '',
      '',
    ]);
  });

  it('is understood by the other side as it was meant', () => {
    const token = fc.stringMatching(/^[A-Z]{1,12}$/);
    const target = fc.stringMatching(/^\/[!-~]{0,60}$/);
    const headers = fc.uniqueArray(
      fc.tuple(fc.stringMatching(/^X-[A-Za-z]{1,10}$/), fc.stringMatching(/^[!-~]{0,30}$/)),
      {
        selector: ([name]) => name.toLowerCase(),
        maxLength: 5,
      },
    );
    fc.assert(
      fc.property(
        token,
        target,
        headers,
        fc.option(fc.string({ unit: 'grapheme' })),
        pieceSizes,
        (method, target, headers, body, sizes) => {
          fc.pre(method !== 'NOTIFY' || body !== null);
          const encoded = encodeRequest({
            method,
            target,
            host: '10.0.0.1:80',
            headers,
            ...(body === null ? {} : { body }),
          });
          const reader = new HttpRequestReader();
          const states = inPieces(encoded, sizes).map((piece) => reader.push(piece));
          expect(states.at(-1)).toBe('done');
          const { request } = reader;
          expect([request.method, request.target]).toEqual([method, target]);
          // A body that ends like a UPnP document may be taken as complete before a trailing blank.
          expect(text(request.body)).toBe(body ?? '');
          for (const [name, value] of headers) expect(request.headers.get(name.toLowerCase())).toBe(value);
        },
      ),
    );
  });
});

describe('a response', () => {
  it.each(routerFixtures('http-'))('%s is read whole, in whatever pieces it comes', (_name, content) => {
    fc.assert(
      fc.property(pieceSizes, (sizes) => {
        const response = read(content, sizes);
        if (response instanceof WireError) throw response;
        expect(response.status).toBe(200);
        expect(text(response.body)).toMatch(/^<\?xml[^]*203\.0\.113\.7[^]*<\/s:Envelope>$/);
      }),
      { numRuns: 30 },
    );
  });

  it('returns status and headers by lower-case name, the first of a repeated one, continued lines joined', () => {
    const response = read(
      bytes(
        'HTTP/1.0 500 Internal Server Error\r\nServer: A\r\n  and B\r\nEXT:\r\nserver: C\r\nContent-Length: 0\r\n\r\n',
      ),
    );
    if (response instanceof WireError) throw response;
    expect(response.status).toBe(500);
    expect([...response.headers]).toEqual([
      ['server', 'A and B'],
      ['ext', ''],
      ['content-length', '0'],
    ]);
  });

  it.each([
    ['HTTP/1.1 200 OK', 200],
    ['http/1.1   404 Not Found', 404],
    ['HTTP/1.1 500', 500],
    ['HTTP 200 OK', 200],
    ['ICY 200 OK', 200],
    ['200 OK', 200],
    ['HTTP/1.1 200OK', 200],
  ])('may begin with %s (X24)', (line, status) => {
    const response = read(bytes(`\r\n${line}\nContent-Length: 1\n\nx`));
    expect(response instanceof WireError ? response : [response.status, text(response.body)]).toEqual([status, 'x']);
  });

  it.each(['SSH-2.0-dropbear\r\n\r\n', 'HTTP/1.1 OK\r\n\r\n', 'HTTP/1.1 2000 OK\r\n\r\n', 'GET / HTTP/1.1\r\n\r\n'])(
    'does not begin with %j',
    (start) => {
      expect(read(bytes(start))).toBeInstanceOf(WireError);
    },
  );

  it('may be a document without any head', () => {
    expect(bodyOf('<?xml version="1.0"?>\n<root>x</root>\n')).toBe('<?xml version="1.0"?>\n<root>x</root>\n');
  });

  it('may have no body: 204, 304, or a connection that ends after the headers', () => {
    expect(completes('HTTP/1.1 204 No Content\r\n\r\n')).toBe(true);
    expect(completes('HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n')).toBe(true);
    expect(bodyOf('HTTP/1.1 200 OK\r\nEXT:')).toBe('');
  });

  it('needs something to be one', () => {
    expect(bodyOf('')).toBe('the connection ended without an HTTP message');
    expect(bodyOf('\r\n\r\n')).toBe('the connection ended without an HTTP message');
    expect(bodyOf('HTTP/1.1 100 Continue\r\n\r\n')).toBe('the connection ended without an HTTP message');
  });
});

describe('the end of a body (X23)', () => {
  const OK = 'HTTP/1.1 200 OK\r\n';

  it('is where the length says, and what comes after is cut', () => {
    expect(completes(`${OK}Content-Length: 3\r\n\r\nabc`)).toBe(true);
    expect(bodyOf(`${OK}Content-Length: 3\r\n\r\nabcdef`)).toBe('abc');
    expect(completes(`${OK}Content-Length: 3\r\n\r\nab`)).toBe(false);
  });

  it('is the end of the connection where the length is missing', () => {
    expect(bodyOf(`${OK}\r\nabc`)).toBe('abc');
    expect(completes(`${OK}\r\nabc`)).toBe(false);
  });

  it.each(['</s:Envelope>', '</SOAP-ENV:Envelope >\r\n\0', '</ENVELOPE>', '</root>', '</scpd>\n', '</e:propertyset>'])(
    'is not waited for after %j',
    (tag) => {
      expect(completes(`${OK}\r\n<x>${tag}`)).toBe(true);
      expect(completes(`${OK}Content-Length: 9999\r\n\r\n<x>${tag}`)).toBe(true);
      expect(completes(`${OK}\r\n<x>${tag}<`)).toBe(false);
    },
  );

  it('is the last chunk, whatever the version, with extensions, trailers and blank lines', () => {
    const chunked = 'HTTP/1.0 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n';
    expect(bodyOf(`${chunked}3;x=y\r\nabc\r\n 003 \ndef\r\n0\r\nX: y\r\n\r\n`)).toBe('abcdef');
    expect(completes(`${chunked}3\r\nabc\r\n0\r\n`)).toBe(true);
    expect(completes(`${chunked}3\r\nabc\r\n`)).toBe(false);
  });

  it.each([
    'Content-Length: 30\r\n\r\n<x>abc',
    'Transfer-Encoding: chunked\r\n\r\na\r\n<x>abc',
    'Content-Length: 3\r\n',
  ])('has not come where an answer is cut off: %j', (half) => {
    expect(bodyOf(`${OK}${half}`)).toBe('the HTTP message was cut off');
  });

  it('is the end of the connection where the chunks are broken, nothing lost', () => {
    const chunked = `${OK}Transfer-Encoding: chunked\r\n\r\n`;
    expect(bodyOf(`${chunked}not chunked\nat all`)).toBe('not chunked\nat all');
    expect(bodyOf(`${chunked}3\r\nabc\r\n<rest>\r\n`)).toBe('abc<rest>\r\n');
    expect(bodyOf(`${chunked}${'x'.repeat(1000)}`)).toBe('x'.repeat(1000));
    expect(bodyOf(`${chunked}short`)).toBe('short');
  });
});

describe('the bounds of a reader', () => {
  const endless = (start: string, piece: string): 'more' | 'done' | WireError => {
    const reader = new HttpResponseReader({ maxBody: 10_000, maxHead: 1000 });
    reader.push(bytes(start));
    for (let count = 0; count < 1000; count += 1) reader.push(bytes(piece.repeat(100)));
    return reader.push(bytes(piece));
  };

  it.each([
    ['headers', 'HTTP/1.1 200 OK\r\n', 'X: y\r\n'],
    ['blank lines', '', '\r\n'],
    ['status line', 'HTTP/1.1 200 ', 'x'],
    ['provisional responses', '', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['body', 'HTTP/1.1 200 OK\r\n\r\n', 'xxxx'],
    ['body by length', 'HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n', 'xxxx'],
    ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', '1\r\nx\r\n'],
    ['a broken chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', 'x'],
    ['blank chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', '\r\n'],
  ])('stop endless %s', (_what, start, piece) => {
    expect(endless(start, piece)).toBeInstanceOf(WireError);
  });

  it('let no response be taken before it is there', () => {
    expect(() => new HttpResponseReader().response).toThrow('not complete');
  });

  it('hold for any bytes', () => {
    const pieces = [
      'HTTP/1.1 ',
      '200',
      ' OK',
      '\r\n',
      '\n',
      '\r\n\r\n',
      'Content-Length: ',
      '5',
      'Transfer-Encoding: chunked',
      '0\r\n',
      ':',
      ' ',
      '<',
      '</s:Envelope>',
    ];
    const valid = routerFixtures('http-').map(([, content]) => content);
    fc.assert(
      fc.property(fc.oneof(noise(pieces), mutated(valid)), pieceSizes, (content, sizes) => {
        const outcome = read(content, sizes);
        return outcome instanceof WireError || (outcome.status >= 200 && outcome.body.length <= content.length);
      }),
      { numRuns: 1000 },
    );
  });

  it('do not depend on how the bytes were cut', () => {
    const valid = [
      'HTTP/1.1 200 OK\r\nContent-Length: 10\r\nX: y\r\n\r\n0123456789',
      'HTTP/1.0 500 Error\nServer: x\n\n0123456789',
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n012\r\nb\r\n3456789abcd\r\n0\r\n\r\n',
    ].map(bytes);
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...valid), mutated(valid)), pieceSizes, (content, sizes) => {
        expect(read(content, sizes)).toEqual(read(content));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a request that comes in', () => {
  function received(content: string): ReceivedRequest | WireError {
    const reader = new HttpRequestReader();
    const progress = reader.push(bytes(content));
    const state = progress === 'more' ? reader.end() : progress;
    return state === 'done' ? reader.request : state;
  }

  it('may be an event notification without its length', () => {
    const event = text(routerFixture('event-several-properties.xml'));
    const request = received(`NOTIFY /events/1 HTTP/1.0\nSID: uuid:1\n\n${event}`);
    if (request instanceof WireError) throw request;
    expect([request.method, request.target, request.headers.get('sid')]).toEqual(['NOTIFY', '/events/1', 'uuid:1']);
    expect(text(request.body)).toBe(event);
  });

  it('is refused when it is none', () => {
    expect(received('hello\r\n\r\n')).toBeInstanceOf(WireError);
    expect(received('HTTP/1.1 200 OK\r\n\r\n')).toBeInstanceOf(WireError);
    expect(received(`GET /${'x'.repeat(3000)} HTTP/1.1\r\n\r\n`)).toBeInstanceOf(WireError);
  });

  it('is answered with a length, and the connection closed', () => {
    expect(text(encodeResponse({ status: 200, reason: 'OK', headers: [['Server', 'x']] }))).toBe(
      'HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
    );
    expect(bodyOf(text(encodeResponse({ status: 200, reason: 'OK', body: 'é' })))).toBe('é');
  });

  it('never makes the reader throw', () => {
    const valid = [
      bytes('NOTIFY /x HTTP/1.1\r\nHOST: 1.2.3.4:5\r\nContent-Length: 4\r\nSID: uuid:1\r\nSEQ: 0\r\n\r\n<a/>'),
    ];
    fc.assert(
      fc.property(
        fc.oneof(noise(['NOTIFY ', '/', ' HTTP/1.1', '\r\n', 'Content-Length: ', '3']), mutated(valid)),
        (content) => {
          const outcome = received(text(content));
          return outcome instanceof WireError || outcome.method.length > 0;
        },
      ),
      { numRuns: 500 },
    );
  });
});
