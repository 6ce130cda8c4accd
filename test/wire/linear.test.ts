/** Whatever a router sends, and however much of it is admitted: reading it costs about as much as reading usual input. */
import { describe, expect, test } from 'vitest';
import { ip } from '../../main/contract/address.ts';
import { isGatewayTarget } from '../../main/gateways/discovery/discover-ssdp.ts';
import { decodeDescription, decodeServiceDescription } from '../../main/wire/description.ts';
import { decodePropertySet } from '../../main/wire/gena.ts';
import { HttpRequestReader, HttpResponseReader } from '../../main/wire/http.ts';
import { MinissdpdReader } from '../../main/wire/minissdp.ts';
import { decodeNatPmp } from '../../main/wire/nat-pmp.ts';
import { decodePcp } from '../../main/wire/pcp.ts';
import { decodeAnswer, decodePortListing } from '../../main/wire/soap.ts';
import { decodeSsdp } from '../../main/wire/ssdp.ts';
import { decodeStun } from '../../main/wire/stun.ts';
import { parseHttpUrl, resolveHttpUrl } from '../../main/wire/url.ts';
import { parseXml } from '../../main/wire/xml.ts';
import { timesAsCostly } from '../support/cost.ts';
import { inPieces } from '../support/untrusted-bytes.ts';

/** Far above what odd input costs when each byte is looked at a few times, far below what it costs otherwise. */
const MOST_TIMES = 20;
/** Usual XML is dear in itself. */
const MOST_TIMES_OF_XML = 8;

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** `piece` again and again, as often as it fits. */
const filled = (piece: string, size: number): string => piece.repeat(Math.floor(size / piece.length));

const MEBIBYTE = 1024 * 1024;
/** The longest payload of an IPv4 datagram. */
const DATAGRAM = 65_507;
/** The largest head of an HTTP message. */
const HEAD = 32 * 1024;
/** More bytes of a chunked body are not read. */
const CHUNKED = 8 * MEBIBYTE;
/** The most that one read of a connection gives. */
const READ = 64 * 1024;

describe('an SSDP message', () => {
  const head = 'NOTIFY * HTTP/1.1\r\n';
  const some = bytes(head + filled('X-SOME-HEADER: some value\r\n', DATAGRAM - head.length));
  const usual = (): unknown => decodeSsdp(some);

  test.each([
    ['carriage returns', `a${filled('\r', DATAGRAM - 30)}x`],
    ['carriage returns in each line', filled(`${'\r'.repeat(1000)}x\n`, DATAGRAM - 30)],
    ['lines that continue a header', `A: b\n${filled(' c\n', DATAGRAM - 30)}`],
    ['empty headers', filled('a:\n', DATAGRAM - 30)],
    ['empty lines in front', filled('\r\n', DATAGRAM - 30)],
    ['blanks', filled(' ', DATAGRAM - 30)],
    ['equals signs', `CACHE-CONTROL: ${filled('max-age        =        ', DATAGRAM - 60)}`],
  ])('full of %s', (_what, content) => {
    const odd = bytes(head + content);
    expect(timesAsCostly(() => decodeSsdp(odd), usual)).toBeLessThan(MOST_TIMES);
  });

  test.each([
    ['of the names of services', filled('WAN', DATAGRAM)],
    ['of one name', `WAN${filled('x', DATAGRAM)}`],
  ])('with a target %s', (_what, target) => {
    expect(timesAsCostly(() => isGatewayTarget(target), usual)).toBeLessThan(MOST_TIMES);
  });
});

describe('an HTTP message', () => {
  function read(reader: HttpResponseReader | HttpRequestReader, content: Uint8Array): void {
    for (const piece of inPieces(content, [READ])) if (reader.push(piece) !== 'more') return;
    reader.end();
  }

  const start = 'HTTP/1.1 200 OK\r\n';
  const some = bytes(`${start}${filled('X-Some-Header: some value\r\n', HEAD - 100)}\r\n`);
  const usual = (): void => read(new HttpResponseReader(), some);

  test.each([
    ['carriage returns', `${start}A: ${filled('\r', HEAD - 100)}x\r\n\r\n`],
    ['lines that continue a header', `${start}A: b\r\n${filled(' c\n', HEAD - 100)}\r\n`],
    ['empty lines in front', `${filled('\r\n', HEAD - 100)}${start}\r\n`],
    ['provisional answers', `${filled('100\n\n', HEAD - 100)}200\n\n`],
    ['blanks in its first line', `HTTP/1.1${filled(' ', HEAD - 100)}x\r\n\r\n`],
  ])('whose head is full of %s', (_what, content) => {
    const odd = bytes(content);
    expect(timesAsCostly(() => read(new HttpResponseReader(), odd), usual)).toBeLessThan(MOST_TIMES);
  });

  test('that is a request with blanks in its first line', () => {
    const odd = bytes(`NOTIFY${filled(' ', HEAD - 100)}/x y\r\n\r\n`);
    expect(timesAsCostly(() => read(new HttpRequestReader(), odd), usual)).toBeLessThan(MOST_TIMES);
  });

  const chunked = `${start}Transfer-Encoding: chunked\r\n\r\n`;

  /** The least that can be done with bytes. */
  function textBytes(content: Uint8Array): number {
    let count = 0;
    for (const byte of content) if (byte > 0x20) count += 1;
    return count;
  }

  test.each([
    ['empty lines', filled('\n', CHUNKED)],
    ['empty lines of two bytes', filled('\r\n', CHUNKED)],
    ['lines of blanks', filled(' \t \n', CHUNKED)],
    ['chunks of one byte', filled('1\r\nx\r\n', 6 * MEBIBYTE)],
    ['chunk extensions', filled(`1;${'x'.repeat(40)}\r\nx\r\n`, CHUNKED)],
  ])('whose body is full of %s', (_what, content) => {
    const odd = bytes(chunked + content);
    expect(
      timesAsCostly(
        () => read(new HttpResponseReader(), odd),
        () => textBytes(odd),
      ),
    ).toBeLessThan(MOST_TIMES);
  });
});

describe('XML', () => {
  const row = `<item><name>A name</name><text>${'Some text, and &amp; some more. '.repeat(5)}</text></item>`;
  const some = `<r>${filled(row, MEBIBYTE - 10)}</r>`;
  const usual = (): unknown => parseXml(some);
  const distinct = (count: number): string => Array.from({ length: count }, (_, index) => `a${index}=""`).join(' ');

  test.each([
    ['attributes', `<r ${distinct(90_000)}/>`],
    ['attributes without values', `<r ${filled('a ', MEBIBYTE - 10)}/>`],
    ['attributes without quotes', `<r ${filled('a=1 ', MEBIBYTE - 10)}/>`],
    ['attributes of a declaration', `<?xml ${distinct(90_000)}?><r/>`],
    ['attributes of a parent of many', `<r ${distinct(60_000)}>${filled('x<b/>', 90_000)}</r>`],
    ['some attributes of a parent of many', `<r ${distinct(2000)}>${filled('x<b/>', 90_000)}</r>`],
    ['names', `<r>${Array.from({ length: 19_000 }, (_, index) => `<a${index}/>`).join('')}</r>`],
    ['opened quotes', `<r ${filled('a="', MEBIBYTE - 10)}>`],
    ['blanks in a tag', `<r${filled(' ', MEBIBYTE - 10)}>`],
    ['carriage returns', `<r>${filled('\r', MEBIBYTE - 10)}</r>`],
    ['ampersands', `<r>${filled('&#', MEBIBYTE - 10)}</r>`],
    ['references', `<r>${filled('&#65;', MEBIBYTE - 10)}</r>`],
    ['comments', `<r>${filled('<!---->', MEBIBYTE - 10)}</r>`],
    ['opened comments', `<r>${filled('<!--', MEBIBYTE - 10)}>`],
    ['CDATA', `<r>${filled('<![CDATA[]]>', MEBIBYTE - 20)}</r>`],
    ['opened CDATA', `<r>${filled('<![CDATA[', MEBIBYTE - 20)}>`],
    ['less-than signs', `<r>${filled('<', MEBIBYTE - 10)}>`],
    ['end tags', `<r>${filled('</a', MEBIBYTE - 10)}>`],
    ['control characters', `<r>${filled('\x01', MEBIBYTE - 10)}</r>`],
  ])('full of %s', (_what, odd) => {
    expect(timesAsCostly(() => parseXml(odd), usual)).toBeLessThan(MOST_TIMES_OF_XML);
  });

  const usualBytes = bytes(some);
  const nested = (name: string, depth: number): string => `<${name}>`.repeat(depth);

  test.each<readonly [what: string, odd: string, decode: (content: Uint8Array) => unknown]>([
    [
      'a description of nested devices',
      `<root>${nested('device', 60)}${filled('<service><serviceType>x</serviceType></service>', 450_000)}`,
      decodeDescription,
    ],
    [
      'a service description of nested actions',
      `<scpd>${Array.from({ length: 60 }, (_, at) => `<action><name>a${at}</name>`).join('')}${filled('<argument><name>x</name></argument>', 340_000)}`,
      decodeServiceDescription,
    ],
    [
      'a SOAP answer of error codes',
      `<r>${filled('<errorCode>x</errorCode>', 470_000)}</r>`,
      (content) => decodeAnswer(content, 'X'),
    ],
    [
      'a SOAP answer of bits of a fault',
      `<r ${filled(`errorCode${'x'.repeat(64)}`, MEBIBYTE - 100)}>`,
      (content) => decodeAnswer(content, 'X'),
    ],
    [
      'a SOAP answer whose value is nested',
      `<e><Body><XResponse>${nested('deep', 55)}${filled('<aaaaaaaaaaaaa>x</aaaaaaaaaaaaa>', 600_000)}`,
      (content) => decodeAnswer(content, 'X'),
    ],
    ['an event of nested properties', `<p>${nested('property', 60)}${filled('<a/>', 70_000)}`, decodePropertySet],
    [
      'a port listing of nested rows',
      `<l>${nested('PortMappingEntry', 60)}${filled('<NewProtocol>x</NewProtocol>', 500_000)}`,
      (content) => decodePortListing(new TextDecoder().decode(content)),
    ],
    [
      'a port listing that is escaped',
      `<l>${filled('&lt;a&gt;&amp;', MEBIBYTE - 20)}</l>`,
      (content) => decodePortListing(new TextDecoder().decode(content)),
    ],
  ])('that is %s', (_what, text, decode) => {
    const odd = bytes(text);
    expect(
      timesAsCostly(
        () => decode(odd),
        () => decode(usualBytes),
      ),
    ).toBeLessThan(MOST_TIMES_OF_XML);
  });
});

describe('a datagram of the largest size', () => {
  /** Input that begins like a message, and goes on as a list of many short parts. */
  const full = (head: readonly number[], part: readonly number[]): Uint8Array => {
    const content = new Uint8Array(DATAGRAM - (DATAGRAM % 4));
    for (let at = 0; at + part.length <= content.length; at += part.length) content.set(part, at);
    content.set(head);
    return content;
  };
  const map = [2, 0x81, 0, 0, 0, 0, 14, 16, 0, 0, 0, 9, ...Array<number>(12).fill(0), ...Array<number>(36).fill(6)];
  const binding = [1, 1, 0xff, 0xe0, 0x21, 0x12, 0xa4, 0x42, ...Array<number>(12).fill(7)];

  test.each([
    ['PCP, full of options', full(map, [200, 0, 0, 0]), decodePcp],
    ['PCP, cut into options of one byte', full(map, [200, 0, 0, 1, 7, 0, 0, 0]), decodePcp],
    ['NAT-PMP', full([0, 128, 0, 0], [0, 1]), decodeNatPmp],
    ['STUN, full of attributes', full(binding, [0x80, 0x22, 0, 0]), decodeStun],
  ])('%s', (_what, content, decode) => {
    expect(
      timesAsCostly(
        () => decode(content),
        () => content.map((byte) => byte + 1),
      ),
    ).toBeLessThan(MOST_TIMES);
  });
});

test('an answer of minissdpd that comes byte by byte', () => {
  const content = new Uint8Array(MEBIBYTE).fill(0x41);
  content[0] = 255;
  // Each string as long as is admitted.
  for (let at = 1; at < content.length; at += 4098) content.set([0xa0, 0x00], at);
  const read = (size: number): void => {
    const reader = new MinissdpdReader();
    for (const piece of inPieces(content, [size])) if (reader.push(piece) !== 'more') return;
  };
  expect(
    timesAsCostly(
      () => read(1),
      () => content.map((byte) => byte + 1),
    ),
  ).toBeLessThan(100 * MOST_TIMES);
});

test('URLs', () => {
  const base = { address: ip('192.168.1.1'), port: 80, target: `/${filled('a/', 2000)}` };
  const usual = `http://192.168.1.1:5000/${filled('some-folder/', MEBIBYTE)}`;
  for (const odd of [
    filled(' ', MEBIBYTE),
    filled('a', MEBIBYTE),
    `http://${filled('1.', MEBIBYTE)}`,
    `http://${filled('@', MEBIBYTE)}`,
    filled('../', 2048),
  ]) {
    expect(
      timesAsCostly(
        () => [parseHttpUrl(odd), resolveHttpUrl(base, odd)],
        () => [parseHttpUrl(usual), usual.split('').length],
      ),
    ).toBeLessThan(MOST_TIMES);
  }
});
