/** Profiles in files that people have: our own, and upnp-daemon's. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Answer, CommandResults } from '../../../main/contract/commands.ts';
import type { ForwardInput } from '../../../main/contract/profiles/profile.ts';
import { faultText } from '../../../main/contract/words/faults.ts';
import { importLossText } from '../../../main/contract/words/losses.ts';
import { parsePortsFile } from '../../../main/engine/profiles/ports-file.ts';
import { AppHome, tcp, udp } from '../../support/app-home.ts';

const HEADER = 'address;port;protocol;duration;comment\n';

const given = (text: string, name = 'ports.csv') => ({ text, name, mode: 'add' as const, confirmed: 'all' as const });

/** The forwards that a list becomes. */
async function taken(text: string, name?: string): Promise<readonly unknown[]> {
  const at = await AppHome.start({ runs: false });
  await at.do('profiles.import-text', given(text, name));
  return at.snapshot.profiles[0]?.forwards ?? [];
}

describe('a list of upnp-daemon', () => {
  test('becomes one profile, called after the file, off', async () => {
    const at = await AppHome.start({ runs: false });
    const text = `${HEADER}192.168.0.10;12345;UDP;60;Test 1\n;12346;TCP;0;Test 2\n`;
    const done = await at.do('profiles.import-text', given(text, 'C:\\Lists\\Game ports.csv'));
    expect(done).toEqual({ added: ['game-ports'], left: [] });
    expect(at.snapshot.profiles).toEqual([
      {
        id: 'game-ports',
        name: 'Game ports',
        on: false,
        forwards: [
          {
            label: 'Test 1',
            transports: ['udp'],
            families: ['ipv4'],
            external: { first: 12_345, last: 12_345 },
            internal: { first: 12_345, client: '192.168.0.10' },
            lease: 60,
            ifTaken: 'fail',
          },
          {
            label: 'Test 2',
            transports: ['tcp'],
            families: ['ipv4'],
            external: { first: 12_346, last: 12_346 },
            internal: { first: 12_346 },
            lease: 'permanent',
            ifTaken: 'fail',
          },
        ],
        confirmed: ['device 192.168.0.10'],
      },
    ]);
  });

  test('is known by its content, as CSV with any usual delimiter or as JSON', async () => {
    const one = { port: 80, protocol: 'TCP', duration: 60, comment: 'Web' };
    for (const text of [
      `${HEADER};80;TCP;60;Web\n`,
      `\uFEFF${HEADER};80;TCP;60;Web\n`.replaceAll(';', ','),
      `${HEADER};80;TCP;60;Web\n`.replaceAll(';', '\t'),
      JSON.stringify([one]),
      `\n\n ${JSON.stringify([one], undefined, 2)}`,
    ]) {
      expect(await taken(text)).toMatchObject([{ external: { first: 80 }, label: 'Web', lease: 60 }]);
    }
  });

  test('has TCP and UDP of one port, and ports in a row, as one forward where all else is the same', async () => {
    const ports = [27_015, 27_016, 27_017].flatMap((port) => [`;${port};UDP;60;Steam`, `;${port};TCP;60;Steam`]);
    const text = `${HEADER}${ports.join('\n')}\n;27018;UDP;60;Steam\n;27019;UDP;120;Steam\n;27020;UDP;60;Other\n`;
    expect(await taken(text)).toMatchObject([
      { transports: ['tcp', 'udp'], external: { first: 27_015, last: 27_017 }, label: 'Steam' },
      { transports: ['udp'], external: { first: 27_018, last: 27_018 }, lease: 60 },
      { transports: ['udp'], external: { first: 27_019, last: 27_019 }, lease: 120 },
      { transports: ['udp'], external: { first: 27_020, last: 27_020 }, label: 'Other' },
    ]);
  });

  test('whose entries are meant for one network is taken without that, which is reported', async () => {
    const at = await AppHome.start({ runs: false });
    const text = `${HEADER}192.168.0.0/24;80;TCP;60;Home\n10.0.0.0/8;80;TCP;60;Office\n`;
    const { left } = await at.do('profiles.import-text', given(text));
    expect(at.snapshot.profiles[0]?.forwards).toMatchObject([{ external: { first: 80 }, label: 'Home' }]);
    expect(left).toEqual([{ what: 'network', entries: 2 }]);
    expect(left.map((loss) => importLossText(loss, 'de'))[0]).toContain('2 Einträge');
  });

  test('has its comments as labels; one that does not fit is shortened, and reported', async () => {
    const at = await AppHome.start({ runs: false });
    const long = `${'x'.repeat(79)}😀`;
    const text = `${HEADER};80;TCP;60;"two\nlines"\n;81;TCP;60;${long}\n;82;TCP;60;fine\n`;
    const { left } = await at.do('profiles.import-text', given(text));
    const labels = at.snapshot.profiles[0]?.forwards.map(({ label }) => label);
    expect(labels).toEqual(['two lines', 'x'.repeat(79), 'fine']);
    expect(left).toEqual([{ what: 'comment', entries: 2 }]);
  });

  test('that replaces all leaves the settings as they are, and nothing is lost', async () => {
    const at = await AppHome.start({ runs: false });
    await at.do('settings.change', { settings: { lease: 600 } });
    await at.add('Ports', [tcp(8080)], true);
    await at.add('Web', [tcp(80)]);
    const before = at.snapshot.profiles;
    const { added } = await at.do('profiles.import-text', { ...given(`${HEADER};81;TCP;60;x\n`), mode: 'replace' });
    expect(added).toEqual(['ports-2']);
    expect(at.snapshot.profiles).toMatchObject([{ id: 'ports-2', on: false }]);
    expect(at.snapshot.settings.lease).toBe(600);
    for (const { id } of before) await at.do('profile.restore', { id });
    expect(at.snapshot.profiles.slice(0, 2)).toEqual(before);
  });

  test.for([
    ['ports.csv', 'ports'],
    ['.hidden', '.hidden'],
    ['/etc/my.ports.json', 'my.ports'],
    ['', 'Ports'],
    ['  ', 'Ports'],
    ['x'.repeat(200), 'x'.repeat(80)],
  ])('a file called %j makes a profile called %j', async ([file = '', name]) => {
    const at = await AppHome.start({ runs: false });
    await at.do('profiles.import-text', given(`${HEADER};80;TCP;60;x\n`, file));
    expect(at.snapshot.profiles.map((profile) => profile.name)).toEqual([name]);
  });
});

describe('text that is not understood is refused whole, with its place', () => {
  test.for<readonly [text: string, en: string, de: string]>([
    ['{ "version": 1,\n  "profiles": [,]\n}', 'p, line 2, column 16: this is not valid JSON', 'p, Zeile 2, Spalte 16'],
    [
      '{ "version": 1',
      'p, line 1, column 15: this is not valid JSON (the file ends too early)',
      'die Datei endet zu früh',
    ],
    ['[\n  { "port": 80, }\n]', 'p, line 2, column 17', 'Zeile 2, Spalte 17'],
    [`${HEADER};0;TCP;60;x\n`, 'p, line 2, column 2 (port): “0” is not a port', 'Zeile 2, Spalte 2 (port): „0“'],
    ['[{"port":80,"protocol":"SCTP"}]', 'p, entry 1, “protocol”: “SCTP” is not TCP', 'Eintrag 1, „protocol“'],
    [`${HEADER};80;TCP;60;x\n;80;TCP;60;y\n`, 'p, line 3: external port 80/TCP is already used', 'Zeile 3'],
    // At home for this machine, everywhere for another: one profile cannot say that.
    [`${HEADER}10.0.0.0/8;80;TCP;60;x\n10.0.0.9;80;TCP;60;y\n`, 'p, line 3: external port 80/TCP', 'in Zeile 2'],
    ['', 'p is empty. The first line must be: address;port', 'p ist leer'],
    [HEADER, 'p contains no ports', 'p enthält keine Ports'],
    ['[]', 'p contains no ports', 'p enthält keine Ports'],
    [';80;TCP;60;x\n', 'p, line 1: the column “address” is missing', 'die Spalte „address“ fehlt'],
    ['%PDF-1.7', 'p is neither a Portkeeper export', 'p ist weder ein Export'],
    ['a\0b', 'p is not UTF-8 text', 'p ist kein UTF-8-Text'],
    [
      HEADER + Array.from({ length: 201 }, (_, count) => `;${2 * count + 1};TCP;60;x`).join('\n'),
      'p: a profile can have at most 200 forwards',
      'ein Profil kann höchstens 200',
    ],
  ])('%j', async ([text, en, de]) => {
    const at = await AppHome.start({ runs: false });
    await at.add('There', [tcp(8080)], true);
    const before = at.snapshot;
    for (const mode of ['add', 'replace']) {
      const fault = await at.refused('profiles.import-text', { text, name: 'p', mode });
      expect(fault).toMatchObject({ code: 'bad-input', place: 'text' });
      expect(fault.message).toContain(en);
    }
    const answer = await at.finish(at.client.ask('profiles.read-text', { text, name: 'p' }));
    expect(answer.ok ? '' : faultText(answer.fault, 'de')).toContain(de);
    expect(at.snapshot).toEqual(before);
  });

  test('a document of ours with the place in it', async () => {
    const at = await AppHome.start({ runs: false });
    const text = JSON.stringify({ version: 1, profiles: [{ id: 'a', name: 'A', forwards: [{}] }] });
    expect(await at.refused('profiles.import-text', given(text))).toMatchObject({
      code: 'bad-input',
      place: 'document.profiles.0.forwards.0.transports',
    });
  });

  test('a format that was named and is another', async () => {
    const at = await AppHome.start({ runs: false });
    const csv = `${HEADER};80;TCP;60;x\n`;
    for (const [text, format] of [
      [csv, 'portkeeper'],
      [csv, 'upnp-daemon-json'],
      ['{}', 'upnp-daemon-json'],
      ['[]', 'upnp-daemon-csv'],
    ]) {
      expect(await at.refused('profiles.read-text', { text, name: 'p', format })).toMatchObject({ code: 'bad-input' });
    }
  });

  test('any text at all is taken or refused', async () => {
    const at = await AppHome.start({ runs: false });
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.json(),
      fc.array(fc.string({ maxLength: 20 }), { maxLength: 8 }).map((lines) => HEADER + lines.join('\n')),
    );
    await fc.assert(
      fc.asyncProperty(text, fc.string(), async (any, name) => {
        const answer = await at.finish(at.client.ask('profiles.read-text', { text: any, name: name.slice(0, 200) }));
        expect(answer.ok ? 'taken' : answer.fault.code).toMatch(/^(?:taken|bad-input)$/);
      }),
      { numRuns: 500 },
    );
  });
});

describe('our own document', () => {
  test('as text, brings profiles and settings elsewhere', async () => {
    const one = await AppHome.start({ runs: false });
    await one.add('Minecraft', [tcp(25_565)], true);
    await one.do('settings.change', { settings: { lease: 900 } });
    const { text, fileName, left } = await one.do('profiles.export-text', { format: 'portkeeper' });
    expect([fileName, left]).toEqual(['portkeeper.json', []]);
    const two = await AppHome.start({ runs: false });
    const content = await two.do('profiles.read-text', { text, name: fileName });
    expect(content).toEqual({
      format: 'portkeeper',
      profiles: one.snapshot.profiles,
      settings: one.snapshot.settings,
      left: [],
    });
    expect(two.snapshot.profiles).toEqual([]);
    await two.do('profiles.import-text', { text, name: fileName, mode: 'replace' });
    expect(two.snapshot.profiles).toEqual(one.snapshot.profiles);
    expect(two.snapshot.settings).toEqual(one.snapshot.settings);
  });

  test('without settings leaves those that are there', async () => {
    const at = await AppHome.start({ runs: false });
    await at.do('settings.change', { settings: { lease: 900 } });
    const text = JSON.stringify({ version: 1, profiles: [] });
    expect(await at.do('profiles.read-text', { text, name: 'x' })).not.toHaveProperty('settings');
    await at.do('profiles.import-text', { text, name: 'x', mode: 'replace' });
    expect(at.snapshot.settings.lease).toBe(900);
  });
});

describe('a list for upnp-daemon', () => {
  test('has a line for each port and protocol; losses are reported', async () => {
    const at = await AppHome.start({ runs: false });
    await at.do('settings.change', { settings: { lease: 600 } });
    await at.add('Web', [
      { ...tcp(8080, 8081), label: 'a; "b"' },
      { ...udp(53), lease: 'permanent', internal: { first: 53, client: '192.168.1.20' } },
      { ...tcp(443), families: ['ipv4', 'ipv6'], ifTaken: 'next-free', gateway: 'FRITZ', lease: 60 },
      { ...tcp(8443), families: ['ipv6'] },
      { ...tcp(9000), internal: { first: 80 } },
    ]);
    const { text, fileName, left } = await at.do('profiles.export-text', { format: 'upnp-daemon-csv' });
    expect(fileName).toBe('ports.csv');
    expect(text).toBe(
      [
        'address;port;protocol;duration;comment',
        ';8080;TCP;600;"a; ""b"""',
        ';8081;TCP;600;"a; ""b"""',
        '192.168.1.20;53;UDP;0;Web',
        ';443;TCP;60;Web',
        '',
      ].join('\n'),
    );
    expect(left).toEqual([
      { what: 'profiles', forwards: 0 },
      { what: 'settings', forwards: 0 },
      { what: 'ipv6-too', forwards: 1 },
      { what: 'router', forwards: 1 },
      { what: 'if-taken', forwards: 1 },
      { what: 'ipv6', forwards: 1 },
      { what: 'inside-port', forwards: 1 },
    ]);
    const json = await at.do('profiles.export-text', { format: 'upnp-daemon-json' });
    expect(JSON.parse(json.text)).toEqual([
      { address: null, port: 8080, protocol: 'TCP', duration: 600, comment: 'a; "b"' },
      { address: null, port: 8081, protocol: 'TCP', duration: 600, comment: 'a; "b"' },
      { address: '192.168.1.20', port: 53, protocol: 'UDP', duration: 0, comment: 'Web' },
      { address: null, port: 443, protocol: 'TCP', duration: 60, comment: 'Web' },
    ]);
    expect(json.left).toEqual(left);
  });

  test('has each external port once: that of the profile that is on', async () => {
    const at = await AppHome.start({ runs: false });
    await at.add('Test server', [{ ...tcp(25_565), internal: { first: 25_565, client: '192.168.1.30' } }]);
    await at.add('Minecraft', [tcp(25_565)], true);
    const { text, left } = await at.do('profiles.export-text', { format: 'upnp-daemon-csv' });
    expect(text).toBe(`${HEADER};25565;TCP;3600;Minecraft\n`);
    expect(left).toContainEqual({ what: 'ports-claimed', forwards: 1 });
  });
});

describe('there and back again', () => {
  const address = fc.constantFrom('192.168.1.20', '192.168.1.21', '10.0.0.7');
  const label = fc.oneof(
    fc.constantFrom('Web', 'a;b', '"quoted"', 'say "hi"', "it's", '#1', 'Ä ö', '\u00a0x', '-', '=1+1'),
    fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
      .filter((text) => /^[^\p{Cc}\u2028\u2029]+$/u.test(text.trim())),
  );
  const forward = fc.record({
    label: label.map((text) => text.trim()),
    transports: fc.constantFrom<('tcp' | 'udp')[]>(['tcp'], ['udp'], ['tcp', 'udp']),
    length: fc.nat({ max: 5 }),
    client: fc.option(address, { nil: undefined }),
    lease: fc.oneof(fc.constant('permanent' as const), fc.integer({ min: 1, max: 0xffff_ffff })),
  });
  /** One after the other, so that none has another's ports. */
  const forwards = fc.array(forward, { minLength: 1, maxLength: 12 }).map((list) => {
    let next = 1000;
    return list.map(({ length, client, ...rest }): ForwardInput => {
      const first = next;
      next += length + 1;
      return {
        ...rest,
        external: { first, last: first + length },
        internal: { first, ...(client === undefined ? {} : { client }) },
      };
    });
  });

  /** Its ports, one by one. */
  const opened = (list: readonly ForwardInput[]): readonly string[] =>
    list
      .flatMap(({ external, transports, internal, lease, label: text }) =>
        Array.from({ length: external.last - external.first + 1 }, (_, count) =>
          transports.map((transport) =>
            JSON.stringify([external.first + count, transport, internal.client ?? '', lease, text]),
          ),
        ).flat(),
      )
      .toSorted();

  const value = <Value>(answer: Answer<Value>): Value => {
    if (answer.ok) return answer.value;
    throw new Error(answer.fault.message);
  };

  test.each(['upnp-daemon-csv', 'upnp-daemon-json'] as const)(
    'a profile that %s can say opens the same afterwards',
    async (format) => {
      await fc.assert(
        fc.asyncProperty(forwards, async (list) => {
          const at = await AppHome.start({ runs: false });
          await at.add('Ports', list);
          const { text, left } = await at.do('profiles.export-text', { format });
          expect(left.map(({ what }) => what)).toEqual(['profiles', 'settings']);
          const { profiles, left: lost } = value(
            await at.finish<Answer<CommandResults['profiles.read-text']>>(
              at.client.ask('profiles.read-text', { text, name: 'Ports' }),
            ),
          );
          expect(lost).toEqual([]);
          expect(opened(profiles[0]?.forwards ?? [])).toEqual(
            opened(list.map((one) => ({ ...one, label: one.label || 'Ports' }))),
          );
        }),
        { numRuns: 200 },
      );
    },
  );

  test('a list opens the same, imported and exported', async () => {
    const entry = fc.record({
      address: fc.constantFrom('', '192.168.1.20'),
      port: fc.integer({ min: 1, max: 65_535 }),
      protocol: fc.constantFrom('TCP', 'UDP'),
      duration: fc.integer({ min: 0, max: 10_000 }),
      comment: fc.constantFrom('Web', 'a;b', '"c"', 'Game'),
    });
    const list = fc.uniqueArray(entry, {
      minLength: 1,
      maxLength: 30,
      selector: ({ port, protocol }) => `${port}/${protocol}`,
    });
    await fc.assert(
      fc.asyncProperty(list, async (entries) => {
        const at = await AppHome.start({ runs: false });
        await at.do('profiles.import-text', given(JSON.stringify(entries), 'list.json'));
        const { text } = await at.do('profiles.export-text', { format: 'upnp-daemon-csv' });
        const again = parsePortsFile(text, { format: 'csv', delimiter: ';', name: 'list.csv' });
        const lines = again.map(({ address, port, transport, lease, comment }) =>
          JSON.stringify([address ?? '', port, transport.toUpperCase(), lease === 'permanent' ? 0 : lease, comment]),
        );
        const wanted = entries.map(({ address, port, protocol, duration, comment }) =>
          JSON.stringify([address, port, protocol, duration, comment]),
        );
        expect(lines.toSorted()).toEqual(wanted.toSorted());
      }),
      { numRuns: 200 },
    );
  });
});
