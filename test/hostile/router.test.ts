/** Attacks of a router, or of whoever says to be one: by the places it names, by how much it sends, and by names. */
import { describe, expect, test } from 'vitest';
import { ip } from '../../main/contract/address.ts';
import { inMinutes, inSeconds, millis } from '../../main/contract/units.ts';
import { salvage } from '../../main/contract/profiles/profile-document.ts';
import { readProfileText } from '../../main/engine/profiles/profile-text.ts';
import { personality } from '../../main/simulator/personalities/personalities.ts';
import { decodePropertySet } from '../../main/wire/gena.ts';
import { encodeRequest, HttpRequestReader, HttpResponseReader } from '../../main/wire/http.ts';
import { decodeAnswer } from '../../main/wire/soap.ts';
import { parseXml } from '../../main/wire/xml.ts';
import { EngineHome, forward } from '../support/engine-home.ts';
import { answering, description, homeRouter, http, ROUTER, type Lan } from '../support/lan.ts';
import { searchAll } from '../support/searching.ts';
import type { Packet } from '../world/packet.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const ELSEWHERE = [
  'http://8.8.8.8/x.xml',
  'http://169.254.169.254/latest/meta-data',
  'http://127.0.0.1:8788/x.xml',
  'http://[::1]:8788/x.xml',
  'http://192.168.1.7:631/x.xml',
  'http://192.168.1.99:80/x.xml',
  'http://evil.example/x.xml',
  'http://2130706433/x.xml',
  'http://0x7f.1/x.xml',
  'http://192.168.1.1@8.8.8.8/x.xml',
  'https://8.8.8.8/x.xml',
  'file:///etc/passwd',
];

/** Everybody that was connected to or sent to, but for the groups of searches. */
function spokenTo(lan: Lan): readonly string[] {
  const all = [...lan.connections.map(({ to }) => to), ...lan.sent.map(({ to }) => to.address)];
  return [...new Set(all)].filter((address) => !/^(?:239\.|ff)/.test(address));
}

describe('a router that leads elsewhere', () => {
  test.each(ELSEWHERE)('by its LOCATION %s: nobody else is spoken to', async (location) => {
    const lan = homeRouter({ habits: [{ ssdp: { location } }] });
    await searchAll(lan);
    expect(spokenTo(lan)).toEqual([ROUTER]);
    expect(lan.connections.length).toBeLessThanOrEqual(12);
  });

  test.each(ELSEWHERE)('by its control URL %s: nobody else is spoken to', async (control) => {
    const lan = homeRouter({
      instead: (request) => (request.startsWith('GET') ? http(200, description('Router', control)) : undefined),
    });
    await searchAll(lan);
    expect(spokenTo(lan)).toEqual([ROUTER]);
    expect(lan.connections.length).toBeLessThanOrEqual(40);
  });

  test.each(ELSEWHERE)('by a redirect to %s: it is not followed', async (location) => {
    const redirect = `HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`;
    const lan = homeRouter({ instead: () => redirect });
    await searchAll(lan);
    expect(spokenTo(lan)).toEqual([ROUTER]);
    expect(lan.connections.length).toBeLessThanOrEqual(12);
  });

  test('by its base, and by a hundred answers: it is read a few times', async () => {
    const text = description('Router', '/ctl').replace('<device>', '<URLBase>http://8.8.8.8/</URLBase><device>');
    const many = Array.from({ length: 100 }, (_, n) => `http://${ROUTER}:5000/${n}.xml`);
    const lan = homeRouter({
      udp: answering(...many),
      instead: (request) => (request.startsWith('GET') ? http(200, text.replace('WANIP', 'Other')) : http(404)),
    });
    await searchAll(lan);
    expect(spokenTo(lan)).toEqual([ROUTER]);
    expect(lan.connections.length).toBeLessThanOrEqual(40);
  });
});

/** Bytes that are taken before it is broken off. */
function taken(reader: HttpResponseReader | HttpRequestReader, start: string, more: string): number {
  reader.push(bytes(start));
  const piece = bytes(more);
  for (let count = 0; count < 64 * 1024 * 1024; count += piece.length) if (reader.push(piece) !== 'more') return count;
  return Number.POSITIVE_INFINITY;
}

describe('a message without end is broken off', () => {
  const start = 'HTTP/1.1 200 OK\r\n';
  const kibi = 1024;

  test.each([
    ['a first line', '', 'x'.repeat(kibi), 64],
    ['headers', start, `A: ${'b'.repeat(60)}\r\n`, 64],
    ['provisional answers', '', 'HTTP/1.1 100 Continue\r\n\r\n', 64],
    ['a body', `${start}\r\n`, 'x'.repeat(64 * kibi), 8 * kibi],
    [
      'a body of a length beyond all measure',
      `${start}Content-Length: 99999999999\r\n\r\n`,
      'x'.repeat(64 * kibi),
      8 * kibi,
    ],
    ['chunks', `${start}Transfer-Encoding: chunked\r\n\r\n`, `400\r\n${'x'.repeat(kibi)}\r\n`, 10 * kibi],
    ['empty lines of a chunk', `${start}Transfer-Encoding: chunked\r\n\r\n`, '\r\n'.repeat(8 * kibi), 10 * kibi],
  ])('%s', (_what, head, more, kibibytes) => {
    expect(taken(new HttpResponseReader(), head, more)).toBeLessThanOrEqual(kibibytes * kibi);
  });

  test('an event', () => {
    const head = 'NOTIFY /x HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n';
    expect(taken(new HttpRequestReader({ maxBody: 64 * kibi }), head, 'x'.repeat(kibi))).toBeLessThanOrEqual(65 * kibi);
  });

  test('compressed content is neither unpacked nor requested', () => {
    const request = new TextDecoder().decode(encodeRequest({ method: 'GET', target: '/', host: 'x', headers: [] }));
    expect(request).not.toMatch(/accept-encoding: .*(?:gzip|deflate|br)/i);
    const reader = new HttpResponseReader();
    reader.push(bytes(`${start}Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\u001f\u008b\u0008`));
    expect(reader.response.body.length).toBe(3);
  });
});

describe('names that are more than names', () => {
  const EVIL = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'];
  const untouched = (): void => {
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  };

  test.each(EVIL)('%s in XML, answers and events is a name', (name) => {
    parseXml(`<${name} ${name}="1"><${name}>polluted</${name}></${name}>`);
    decodeAnswer(bytes(`<e><Body><XResponse><${name}>polluted</${name}></XResponse></Body></e>`), 'X');
    const event = decodePropertySet(bytes(`<p><property><${name}>polluted</${name}></property></p>`));
    // The parser writes some of them otherwise.
    expect(event instanceof Map && [...event.values()]).toEqual(['polluted']);
    untouched();
  });

  test.each(EVIL)('%s in an imported file is refused or left out', (name) => {
    const text = `{"version":1,"${name}":{"polluted":1},"profiles":[{"name":"x","${name}":{"polluted":1},"forwards":[]}]}`;
    try {
      readProfileText({ text, name: 'x.json' } as never);
    } catch (error) {
      expect(error).toMatchObject({ message: expect.any(String) });
    }
    salvage(JSON.parse(text));
    untouched();
  });

  test('line ends in what a router names end no line of a request', () => {
    const evil = '/a\r\nX-Evil: 1\r\n\r\nGET /b';
    const text = new TextDecoder().decode(
      encodeRequest({ method: 'POST', target: evil, host: `x${evil}`, headers: [['SID', `uuid:1${evil}`]], body: '' }),
    );
    expect(text.split('\r\n').filter((line) => /^(?:X-Evil|GET)/.test(line))).toEqual([]);
  });
});

const FLOOD = 20_000;

/** A device of the home says to be there, in the name of `from`. */
function announce({ home }: EngineHome, from: string, ...headers: readonly string[]): void {
  const lines = [
    'NOTIFY * HTTP/1.1',
    'HOST: 239.255.255.250:1900',
    'NTS: ssdp:alive',
    'NT: upnp:rootdevice',
    ...headers,
  ];
  home.others[0]?.send({
    transport: 'udp',
    source: { address: ip(from), port: 1900 },
    destination: { address: ip('192.168.1.10'), port: 1900 },
    content: { kind: 'datagram', bytes: bytes(`${lines.join('\r\n')}\r\n\r\n`) },
  });
}

/** A device of the home has all these addresses, and a router's description at each. */
async function describeAt({ home, world }: EngineHome, addresses: readonly string[]): Promise<void> {
  const [liar] = home.others;
  if (liar === undefined) throw new Error('nobody else is at home');
  const all = addresses.map((each) => ({ address: ip(each), prefix: 24, temporary: false }));
  liar.interface('eth0')?.setAddresses(all);
  const listener = await world.finish(liar.system.tcp.listen({ address: ip('0.0.0.0'), port: 80 }));
  const { signal } = new AbortController();
  world.spawn(async () => {
    for (;;) {
      const connection = await listener.accept(signal);
      await connection.read(signal);
      await connection.write(bytes(http(200, description('Router', '/ctl'))));
      connection.close();
    }
  });
}

/** How many packets have left this computer since, of those that count. */
function sentBy({ home: { client } }: EngineHome, counts: (packet: Packet) => boolean = () => true): () => number {
  let left = 0;
  const carry = client.carry.bind(client);
  client.carry = (packet, journey) => {
    if (counts(packet)) left += 1;
    return carry(packet, journey);
  };
  return () => left;
}

describe('the LAN', () => {
  test('announces twenty thousand devices: the router is asked as before, and nobody else', async () => {
    const world = { entriesPerHour: 4 * FLOOD };
    const at = await EngineHome.start({ router: personality('miniupnpd'), world });
    await at.want(forward('a', 25_565));
    await at.world.run(inMinutes(2));
    const left = sentBy(at);
    for (let n = 0; n < FLOOD; n += 1) {
      const location = `LOCATION: http://192.168.1.11:${1 + n}/${n}`;
      announce(at, '192.168.1.11', `USN: uuid:${n}`, `BOOTID.UPNP.ORG: ${n}`, location);
      if (n % 1000 === 0) await at.world.run(inSeconds(1));
    }
    // Heartbeats and looks of twenty seconds.
    expect(left()).toBeLessThanOrEqual(20);
    expect(at.snapshot.gateways).toHaveLength(1);
    expect(at.allOpen).toBe(true);
    await at.stop();
  });

  test('claims to be a hundred routers, beside the default router: few are met', async () => {
    const at = await EngineHome.start({ router: personality('pcp-only'), world: { entriesPerHour: 4 * FLOOD } });
    const claimed = Array.from({ length: 100 }, (_, n) => `192.168.1.${100 + n}`);
    await describeAt(at, claimed);
    at.engine.want([forward('a', 25_565), forward('six', 25_566, { families: ['ipv6'] })]);
    for (let round = 0; round < 5; round += 1) {
      for (const each of claimed) announce(at, each, `LOCATION: http://${each}/desc.xml`);
      await at.world.run(inSeconds(10));
    }
    expect(at.snapshot.gateways.length).toBeLessThanOrEqual(33);
    expect(at.snapshot.gateways).toContainEqual(expect.objectContaining({ isDefault: true }));
    await at.stop();
  });

  test('announces a restart in the router’s name each second: it is asked within its budget, and believed as before', async () => {
    const at = await EngineHome.start({ router: personality('upnp-only') });
    await at.want(forward('a', 25_565), forward('b', 8080));
    await at.world.run(inMinutes(2));
    const left = sentBy(at, ({ transport, content }) => transport === 'tcp' && content.kind === 'syn');
    let removed = 0;
    at.home.router.onMapping((change) => (removed += change === 'removed' ? 1 : 0));
    for (let second = 0; second < 600; second += 1) {
      announce(at, ROUTER, 'USN: uuid:1', `BOOTID.UPNP.ORG: ${second}`);
      await at.world.run(inSeconds(1));
    }
    const { perMinute = 0 } = at.snapshot.gateways[0]?.budget ?? {};
    expect(left()).toBeLessThanOrEqual(10 * perMinute);
    // Each time a little later: a dozen times in ten minutes, not six hundred.
    expect(removed).toBeLessThanOrEqual(2 * 15);
    expect(at.allOpen).toBe(true);
    expect(JSON.stringify(at.engine.memory.all())).not.toContain('falseRestarts');
    await at.stop();
  });

  test.for(['pcp', 'nat-pmp'] as const)(
    'replays each answer of the router, refusals too (%s): nothing is taken twice',
    async (kind) => {
      const router = personality('miniupnpd', {
        protocols: { igd: false, natPmp: kind === 'nat-pmp', pcp: kind === 'pcp' },
      });
      const at = await EngineHome.start({ router });
      const { host } = at.home;
      const carry = host.carry.bind(host);
      const heard: Parameters<typeof carry>[0][] = [];
      host.carry = (packet, journey) => {
        if (packet.content.kind === 'datagram' && packet.source.port === 5351) heard.push(packet);
        return carry(packet, journey);
      };
      await at.want(forward('a', 25_565), forward('b', 8080, { transports: ['tcp', 'udp'] }));
      for (let minute = 0; minute < 10; minute += 1) {
        for (const packet of heard.slice(-20)) {
          const { content } = packet;
          if (content.kind !== 'datagram') continue;
          const refusal = content.bytes.slice();
          refusal[3] = 2;
          carry(packet);
          carry({ ...packet, content: { ...content, bytes: refusal } });
        }
        await at.world.run(inMinutes(1));
      }
      expect(at.allOpen).toBe(true);
      expect(at.table).toHaveLength(3);
      await at.stop();
    },
  );

  test('answers slowly, byte by byte: nobody waits longer than for a router that is silent', async () => {
    const at = await EngineHome.start({ router: personality('upnp-only', { http: { latency: millis(9000) } }) });
    at.engine.want([forward('a', 25_565)]);
    await at.world.run(inMinutes(2));
    expect(at.snapshot.gateways[0]?.budget.used ?? 0).toBeLessThanOrEqual(60);
    await at.stop();
  });
});
