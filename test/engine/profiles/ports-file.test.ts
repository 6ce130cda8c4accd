import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  parsePortsFile,
  PortsFileFault,
  type FileOptions,
  type PortEntry,
} from '../../../main/engine/profiles/ports-file.ts';
import { timesAsCostly } from '../../support/cost.ts';

const csv = (text: string, options: Partial<FileOptions> = {}): readonly PortEntry[] =>
  parsePortsFile(text, { format: 'csv', delimiter: ';', name: 'ports.csv', ...options });
const json = (value: unknown): readonly PortEntry[] =>
  parsePortsFile(typeof value === 'string' ? value : JSON.stringify(value), {
    format: 'json',
    delimiter: ';',
    name: 'ports.json',
  });

const HEADER = 'address;port;protocol;duration;comment\n';
const entry = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  address: null,
  port: 12_346,
  protocol: 'TCP',
  duration: 60,
  comment: 'Test 2',
  ...changes,
});

const asDocumented = [
  { address: '192.168.0.10', network: undefined, port: 12_345, transport: 'udp', lease: 60, comment: 'Test 1' },
  { address: undefined, network: undefined, port: 12_346, transport: 'tcp', lease: 60, comment: 'Test 2' },
];

describe('the files that upnp-daemon documents', () => {
  test('CSV', () => {
    expect(csv(`${HEADER}192.168.0.10;12345;UDP;60;Test 1\n;12346;TCP;60;Test 2\n`)).toMatchObject(asDocumented);
  });

  test('JSON, in lines or in one', () => {
    const first = { address: '192.168.0.10', port: 12_345, protocol: 'UDP', duration: 60, comment: 'Test 1' };
    expect(json([first, entry()])).toMatchObject(asDocumented);
    expect(json(JSON.stringify([first, entry()], undefined, 2))).toMatchObject(asDocumented);
  });

  test('JSON without an address, with keys that nobody knows', () => {
    const text = `[ { "rationale": "This port is needed for an awesome application!", "may-be-deleted": false,
      "port": 12347, "protocol": "TCP", "duration": 60, "comment": "Test 3" } ]`;
    expect(json(text)).toMatchObject([{ address: undefined, port: 12_347, transport: 'tcp', comment: 'Test 3' }]);
  });

  test('another delimiter', () => {
    const text = 'address,port,protocol,duration,comment\n,80,TCP,0,web\n';
    expect(csv(text, { delimiter: ',' })).toMatchObject([{ port: 80, lease: 'permanent' }]);
    expect(csv(text.replaceAll(',', '\t'), { delimiter: '\t' })).toMatchObject([{ port: 80 }]);
  });

  test('a range of addresses in CIDR notation, and its short form', () => {
    const range = (address: string): unknown => csv(`${HEADER}${address};80;TCP;60;web`)[0];
    const network = { address: '192.168.0.0', prefix: 24 };
    expect(range('192.168.0.0/24')).toMatchObject({ address: undefined, network });
    expect(range('192.168.0')).toMatchObject({ address: undefined, network });
    expect(range('10')).toMatchObject({ network: { address: '10.0.0.0', prefix: 8 } });
    expect(range('192.168.0.7/32')).toMatchObject({ address: '192.168.0.7', network: undefined });
    expect(json([entry({ address: '10.1.0.0/16' })])).toMatchObject([{ network: { address: '10.1.0.0', prefix: 16 } }]);
  });

  test('nothing but the header, or an empty array, opens nothing', () => {
    expect(csv(HEADER)).toEqual([]);
    expect(json([])).toEqual([]);
  });
});

describe('CSV files from editors and spreadsheets', () => {
  const two = `${HEADER}192.168.0.10;12345;UDP;60;Test 1\n;12346;TCP;60;Test 2\n`;

  test.each([
    ['a byte order mark', `\uFEFF${two}`],
    ['Windows line ends', two.replaceAll('\n', '\r\n')],
    ['both', `\uFEFF${two.replaceAll('\n', '\r\n')}`],
    ['no line end at the end', two.trimEnd()],
    ['empty lines', two.replaceAll('\n', '\n\n')],
    ['blanks around the fields', two.replaceAll(';', ' ; ')],
    ['quotes', two.replace('Test 1', '"Test 1"').replace('12346', '"12346"')],
    [
      'other columns, in another order',
      'port;x;protocol;comment;duration;address\n12345;?;UDP;Test 1;60;192.168.0.10\n12346;;TCP;Test 2;60;\n',
    ],
    ['lower-case protocols and upper-case titles', two.replace('UDP', 'udp').replace('address', 'Address')],
    ['delimiters at the end of a line', two.replace('Test 1', 'Test 1;;')],
  ])('%s', (_what, text) => {
    expect(csv(text)).toMatchObject(asDocumented);
  });

  test('quoted fields may have delimiters, quotes and line breaks in them', () => {
    const [first, second] = csv(`${HEADER};80;TCP;60;"a; ""b""\nc"\n;81;TCP;60;d`);
    expect(first?.comment).toBe('a; "b"\nc');
    expect(second?.place).toEqual({ line: 4 });
  });

  test('a quote in the middle of a field is a letter like any other, as upnp-daemon reads it', () => {
    expect(csv(`${HEADER};80;TCP;60;my 19" rack\n`)).toMatchObject([{ comment: 'my 19" rack' }]);
  });

  test('an empty comment', () => {
    expect(csv(`${HEADER};80;TCP;60;`)).toMatchObject([{ comment: '' }]);
  });
});

describe('a bad line is reported with its line and column', () => {
  const second =
    (line: string): (() => unknown) =>
    () =>
      csv(`${HEADER};79;TCP;60;fine\n${line}\n`);
  test.each([
    ['192.168.0.300;80;TCP;60;x', 'line 3, column 1 (address): “192.168.0.300” is not an IPv4 address'],
    ['192.168.0.0/33;80;TCP;60;x', 'line 3, column 1 (address)'],
    ['::1;80;TCP;60;x', 'line 3, column 1 (address): “::1” is not an IPv4 address'],
    ['myserver;80;TCP;60;x', 'line 3, column 1 (address)'],
    [';0;TCP;60;x', 'line 3, column 2 (port): “0” is not a port from 1 to 65535'],
    [';65536;TCP;60;x', 'line 3, column 2 (port)'],
    [';8o;TCP;60;x', 'line 3, column 2 (port): “8o”'],
    [';;TCP;60;x', 'line 3, column 2 (port): this must be a port'],
    [';80;ICMP;60;x', 'line 3, column 3 (protocol): “ICMP” is not TCP or UDP'],
    [';80;TCP;-1;x', 'line 3, column 4 (duration): “-1” is not a time in seconds'],
    [';80;TCP;4294967296;x', 'line 3, column 4 (duration)'],
    [';80;TCP;1.5;x', 'line 3, column 4 (duration)'],
    [';80;TCP', 'line 3, column 4 (duration): this line has only 3 of 5 fields'],
    [
      ';80;TCP;60;a;b',
      'line 3, column 6: this line has 6 fields, but the first line has 5. Put the field that contains “;” in quotes',
    ],
    [';80;TCP;60;"open', 'line 3, column 5: a quote opens here and is never closed'],
    [';80;TCP;60;"a" b', 'line 3, column 5: there is text after the closing quote'],
    [';79;TCP;60;again', 'line 3: external port 79/TCP is already used in line 2. Remove one.'],
  ])('%s', (line, words) => {
    expect(second(line)).toThrow(PortsFileFault);
    expect(second(line)).toThrow(`ports.csv, ${words}`);
  });

  test.each([
    [{ address: 7 }, 'entry 2, “address”: 7 is not an IPv4 address'],
    [{ address: 'here' }, 'entry 2, “address”: “here” is not'],
    [{ port: 0 }, 'entry 2, “port”: 0 is not a port'],
    [{ port: 80.5 }, 'entry 2, “port”: 80.5 is not a port'],
    [{ port: undefined }, 'entry 2, “port”: this must be a port'],
    [{ protocol: 'SCTP' }, 'entry 2, “protocol”: “SCTP” is not TCP or UDP'],
    [{ protocol: 6 }, 'entry 2, “protocol”: 6 is not'],
    [{ duration: -1 }, 'entry 2, “duration”: -1 is not a time'],
    [{ duration: null }, 'entry 2, “duration”: null is not a time'],
    [{ comment: ['a'] }, 'entry 2, “comment”: ["a"] is not text'],
    [{ port: 79 }, 'entry 2: external port 79/TCP is already used in entry 1'],
  ])('JSON %j', (changes, words) => {
    const both = (): unknown => json([entry({ port: 79 }), entry(changes)]);
    expect(both).toThrow(PortsFileFault);
    expect(both).toThrow(`ports.json, ${words}`);
  });

  test('an entry that is not an object', () => {
    for (const odd of [5, null, [], 'text'])
      expect(() => json([odd])).toThrow('ports.json, entry 1: this must be an object');
  });
});

describe('a file that is wrong as a whole', () => {
  test.each([
    ['', 'ports.csv is empty. The first line must be: address;port;protocol;duration;comment'],
    ['\n\n', 'ports.csv is empty'],
    [';80;TCP;60;x\n', 'line 1: the column “address” is missing. The first line must be: address;port'],
    ['address;port;protocol;comment\n', 'line 1: the column “duration” is missing'],
    ['address,port,protocol,duration,comment\n', '(is “;” the delimiter?)'],
    ['address;port;port;protocol;duration;comment\n', 'line 1: the column “port” appears twice'],
    ['a\0d\0d\0', 'ports.csv is not UTF-8 text'],
  ])('CSV %j', (text, words) => {
    expect(() => csv(text)).toThrow(PortsFileFault);
    expect(() => csv(text)).toThrow(words);
  });

  test('a typo in JSON is reported with line and column', () => {
    expect(() => json('[\n  { "port": 80, }\n]')).toThrow('ports.json, line 2, column 17: this is not valid JSON');
  });

  test('JSON that is not an array', () => {
    expect(() => json(entry())).toThrow('ports.json: the top level must be an array, even for a single port');
    expect(() => json('')).toThrow('ports.json: this is not valid JSON');
  });

  test('too large', () => {
    expect(() => csv(HEADER + ';80;TCP;60;x\n'.repeat(400_000))).toThrow('ports.csv is larger than 4 MiB');
  });
});

describe('one external port', () => {
  test('may be listed once for each network that the computer may be in', () => {
    const text = `${HEADER}192.168.0.0/24;80;TCP;60;home\n10.0.0.0/8;80;TCP;60;office\n`;
    expect(csv(text)).toHaveLength(2);
  });

  test('may be listed for TCP and for UDP', () => {
    expect(csv(`${HEADER};80;TCP;60;a\n;80;UDP;60;b\n`)).toHaveLength(2);
  });

  test('cannot forward to two computers', () => {
    expect(() => csv(`${HEADER}192.168.0.10;80;TCP;60;a\n192.168.0.11;80;TCP;60;b\n`)).toThrow(
      'line 3: external port 80/TCP is already used in line 2',
    );
  });
});

describe('any text at all', () => {
  const check = (read: () => readonly PortEntry[]): void => {
    try {
      for (const { port } of read()) expect(port).toBeGreaterThan(0);
    } catch (error) {
      expect(error).toBeInstanceOf(PortsFileFault);
    }
  };
  const field = fc.oneof(
    fc.constantFrom('', '80', 'TCP', 'udp', '60', '192.168.0.0/24', '192.168', '"', '""', '"a;b"', '\0', 'é'),
    fc.string({ unit: 'grapheme', maxLength: 12 }),
  );
  const line = fc.array(field, { maxLength: 7 }).map((fields) => fields.join(';'));

  test('as CSV: entries or a fault', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.array(line, { maxLength: 6 }).map((lines) => HEADER + lines.join('\n')),
      fc.array(line, { maxLength: 6 }).map((lines) => lines.join('\r\n')),
    );
    const delimiter = fc.constantFrom(';', ',', '\t', '|', ' ', '#', '0', 'p', '→', '😀');
    fc.assert(
      fc.property(text, delimiter, (text, delimiter) => check(() => csv(text, { delimiter }))),
      { numRuns: 1000 },
    );
  });

  test('as JSON: entries or a fault', () => {
    const item = fc.record(
      {
        address: fc.jsonValue(),
        port: fc.oneof(fc.integer(), fc.jsonValue()),
        protocol: fc.constantFrom('TCP', 'udp', 5, null),
        duration: fc.oneof(fc.integer({ min: 0 }), fc.jsonValue()),
        comment: fc.oneof(fc.string(), fc.jsonValue()),
        __proto__: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.json(),
      fc.array(item, { maxLength: 4 }).map((items) => JSON.stringify(items)),
    );
    fc.assert(
      fc.property(text, (text) => check(() => json(text))),
      { numRuns: 1000 },
    );
  });
});

test('a list of the largest size whose rows lack columns is not read to its end', () => {
  const usual = `${HEADER}${Array.from({ length: 10_000 }, (_, at) => `;${at + 1};TCP;60;Test\n`).join('')}`;
  const odd = `${HEADER}${';\n'.repeat(2 * 1024 * 1024 - 50)}`;
  const read = (): unknown => {
    try {
      return csv(odd);
    } catch (error) {
      return error;
    }
  };
  expect(read()).toMatchObject({
    message: expect.stringContaining('2097102 ports, but the limit is 10000') as unknown,
  });
  // It is more than twenty times as long, and was ten thousand times as costly when each of its rows made an error.
  expect(timesAsCostly(read, () => csv(usual))).toBeLessThan(60);
});
