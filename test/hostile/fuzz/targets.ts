/** Fuzz targets, each with a corpus to start from: every decoder, imported files, and the whole client. */
import * as fc from 'fast-check';
import { ip } from '../../../main/contract/address.ts';
import { inMinutes, seconds } from '../../../main/contract/units.ts';
import { Mask } from '../../../main/engine/program/mask.ts';
import { parsePortsFile } from '../../../main/engine/profiles/ports-file.ts';
import { readProfileText } from '../../../main/engine/profiles/profile-text.ts';
import { jsonFault } from '../../../main/engine/profiles/json-fault.ts';
import { withoutHidden } from '../../../main/contract/words/hidden.ts';
import { isGatewayTarget } from '../../../main/gateways/discovery/discover-ssdp.ts';
import { personality, personalityNames } from '../../../main/simulator/personalities/personalities.ts';
import { decodeText } from '../../../main/wire/bytes.ts';
import { decodeDescription, decodeServiceDescription, servicesOf } from '../../../main/wire/description.ts';
import { decodePropertySet } from '../../../main/wire/gena.ts';
import { HttpRequestReader, HttpResponseReader } from '../../../main/wire/http.ts';
import { MinissdpdReader } from '../../../main/wire/minissdp.ts';
import { decodeNatPmp, encodeNatPmpAddressRequest } from '../../../main/wire/nat-pmp.ts';
import { decodePcp, encodePcpAnnounce, encodePcpMap } from '../../../main/wire/pcp.ts';
import {
  decodeAsker,
  decodeServer,
  decodeSign,
  encodeAsk,
  encodeHello,
  encodeOffer,
  encodeResult,
  encodeSign,
} from '../../../main/wire/probe.ts';
import { decodeAnswer, decodePortListing } from '../../../main/wire/soap.ts';
import { decodeSsdp } from '../../../main/wire/ssdp.ts';
import { decodeStun, encodeStunBinding } from '../../../main/wire/stun.ts';
import { parseHttpUrl, resolveHttpUrl } from '../../../main/wire/url.ts';
import { WireError } from '../../../main/wire/wire-error.ts';
import { parseXml } from '../../../main/wire/xml.ts';
import { EngineHome, forward } from '../../support/engine-home.ts';
import { routerFixtures } from '../../support/router-fixtures.ts';
import { inPieces } from '../../support/untrusted-bytes.ts';
import { SeededRandom } from '../../world/seeded-random.ts';
import type { ByteTarget } from './guided.ts';

export interface ClientTarget {
  readonly name: 'client';
  /** One case: throws when something is wrong. */
  readonly property: () => fc.IRawProperty<unknown>;
}

export type Target = ByteTarget | ClientTarget;

const ofText = (text: string): Uint8Array => new TextEncoder().encode(text);
const fixtures = (prefix: string): readonly Uint8Array[] => routerFixtures(prefix).map(([, bytes]) => bytes);

/** Never throws, whatever the bytes. */
const decoder = (
  name: string,
  seeds: readonly Uint8Array[],
  pieces: readonly string[],
  run: (bytes: Uint8Array) => unknown,
): ByteTarget => ({ name, seeds, pieces, run });

function reading(make: () => HttpRequestReader | HttpResponseReader): (bytes: Uint8Array) => void {
  return (bytes) => {
    const reader = make();
    for (const piece of inPieces(bytes, [1, 7, 64, 600])) if (reader.push(piece) !== 'more') return;
    reader.end();
  };
}

/** A fault that is reported is an answer, anything else is not. */
function told(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Error) || error.constructor === Error || isProgrammersFault(error)) throw error;
  }
}

const isProgrammersFault = (error: Error): boolean =>
  error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;

const XML = [
  '<',
  '>',
  '</',
  '/>',
  '<!--',
  '-->',
  '<![CDATA[',
  ']]>',
  '<?',
  '<!DOCTYPE',
  '&',
  '&#',
  ';',
  '="',
  'a',
  ' ',
];
const HTTP = [
  'HTTP/1.1 ',
  '200',
  '\r\n',
  '\n',
  ':',
  ' ',
  'Content-Length',
  'Transfer-Encoding: chunked',
  '100 ',
  'ffffffff',
];
const BINARY = ['\u0000', '\u0001', '\u0002', '\u0081', 'a'];
const nonce = new Uint8Array(12).fill(7);
const client = ip('192.168.1.10');
/** Requests as answers: the marks of an answer are among the first things that are changed. */
const pxpAnswers = (...requests: readonly Uint8Array[]): readonly Uint8Array[] =>
  requests.flatMap((request) => [
    request,
    Uint8Array.from([...request].map((byte, at) => (at === 1 ? byte | 0x80 : byte))),
  ]);
const profile = JSON.stringify({
  version: 1,
  profiles: [
    { name: 'Web', forwards: [{ transports: ['tcp'], external: { first: 80, last: 80 }, internal: { first: 80 } }] },
  ],
});
const CSV = 'address;port;protocol;duration;comment\n192.168.0.10;12345;UDP;60;Test 1\n;12346;TCP;60;"Test; 2"\n';

const token = new Uint8Array(16).fill(7);
const PROBES = [
  encodeHello(),
  encodeAsk({ token, transport: 'tcp', port: 80 as never, standsIn: true, proof: new Uint8Array(32) }),
  encodeOffer({ needsSecret: true, token, seen: ip('2001:db8::1') }),
  encodeResult({ outcome: 'busy', retryAfter: seconds(5) }),
  encodeSign({ kind: 'probe', token, nonce: token }),
];

const TARGETS: readonly Target[] = [
  decoder('ssdp', fixtures('ssdp'), HTTP, (bytes) => {
    const message = decodeSsdp(bytes);
    return message instanceof WireError ? message.capture : isGatewayTarget(decodeText(bytes));
  }),
  decoder(
    'http-response',
    fixtures('http'),
    HTTP,
    reading(() => new HttpResponseReader()),
  ),
  decoder(
    'http-request',
    fixtures('http'),
    [...HTTP, 'NOTIFY '],
    reading(() => new HttpRequestReader({ maxBody: 65_536 })),
  ),
  decoder('xml', [...fixtures('description'), ...fixtures('soap')], XML, parseXml),
  decoder('description', fixtures('description'), XML, (bytes) => {
    const description = decodeDescription(bytes);
    return description instanceof WireError ? undefined : servicesOf(description);
  }),
  decoder('service-description', fixtures('scpd'), XML, decodeServiceDescription),
  decoder('soap', fixtures('soap'), XML, (bytes) => decodeAnswer(bytes, 'GetExternalIPAddress')),
  decoder('port-listing', fixtures('port-listing'), XML, (bytes) => decodePortListing(decodeText(bytes))),
  decoder('event', fixtures('event'), XML, decodePropertySet),
  decoder(
    'nat-pmp',
    pxpAnswers(encodeNatPmpAddressRequest(), Uint8Array.from([0, 129, 0, 0, 0, 0, 0, 9, 0, 80, 0, 80, 0, 0, 14, 16])),
    BINARY,
    decodeNatPmp,
  ),
  decoder(
    'pcp',
    pxpAnswers(
      encodePcpAnnounce(client),
      encodePcpMap({
        sender: client,
        lifetime: seconds(60),
        nonce,
        transport: 'tcp',
        internalPort: 80 as never,
        suggestedPort: undefined,
        suggestedAddress: undefined,
        options: [{ option: 'prefer-failure' }, { option: 'third-party', client }],
      }),
    ),
    BINARY,
    decodePcp,
  ),
  decoder('stun', [encodeStunBinding(nonce)], BINARY, decodeStun),
  decoder('probe', PROBES, BINARY, (bytes) => [decodeAsker(bytes), decodeServer(bytes), decodeSign(bytes)]),
  decoder('minissdpd', [ofText('\u0001\u0003abc\u0003def\u0003ghi')], ['\u0001', 'a', '\u00ff'], (bytes) => {
    const reader = new MinissdpdReader();
    for (const piece of inPieces(bytes, [1, 5])) if (reader.push(piece) !== 'more') return;
    reader.end();
  }),
  decoder(
    'url',
    [ofText('http://192.168.1.1:5000/a/../b?c=d'), ofText('http://[fe80::1%25eth0]:1/')],
    ['http://', '[', ']', ':', '%25', '/', '..', '?', '@', '0x', '1.'],
    (bytes) => {
      const base = { address: ip('192.168.1.1'), port: 80, target: '/x/' };
      return [parseHttpUrl(decodeText(bytes)), resolveHttpUrl(base, decodeText(bytes))];
    },
  ),
  decoder('ports-file', [ofText(CSV)], [';', '"', '\n', 'address', '12345', 'UDP', '-', '/'], (bytes) =>
    told(() => parsePortsFile(decodeText(bytes), { format: 'csv', delimiter: ';', name: 'x.csv' })),
  ),
  decoder(
    'profiles',
    [ofText(profile), ofText(CSV)],
    ['{', '}', '[', ']', '"', ':', ',', '1', 'null', '__proto__', '\\u'],
    (bytes) => {
      const text = decodeText(bytes);
      jsonFault(text);
      told(() => readProfileText({ text, name: 'x.json' } as never));
    },
  ),
  decoder(
    'report',
    [ofText('http://a:b@c.de/ 1.2.3.4 [fe80::1] 0:1:2:a:b:c')],
    ['://', '@', ':', '.', '-', '1', 'a', 'de'],
    (bytes) =>
      new Mask({ computer: 'laptop', user: 'alice', homeFolder: '/home/alice' }).text(withoutHidden(decodeText(bytes))),
  ),
  {
    name: 'client',
    property: () =>
      fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 31 - 1 }), fc.constantFrom(...personalityNames), mutatingRouter),
  },
];

export const targets: ReadonlyMap<string, Target> = new Map(TARGETS.map((target) => [target.name, target]));

/**
 * The whole client at home with a router a part of whose packets is changed on their way: it fails at nothing of its own,
 * keeps to its budget, and once the router is itself again opens what is wanted.
 */
async function mutatingRouter(seed: number, like: (typeof personalityNames)[number]): Promise<void> {
  const at = await EngineHome.start({ seed, router: personality(like) });
  const { host, client: own } = at.home;
  const random = new SeededRandom(seed);
  const carry = host.carry.bind(host);
  const share = random.unit() / 2;
  const faults: string[] = [];
  const { log } = own.system;
  const write = log.write.bind(log);
  log.write = (level, message, fields) => {
    if (level === 'error') faults.push(`${message} ${JSON.stringify(fields)}`);
    write(level, message, fields);
  };
  host.carry = (packet, journey) => {
    const { content } = packet;
    if ((content.kind !== 'datagram' && content.kind !== 'data') || random.unit() > share)
      return carry(packet, journey);
    return carry({ ...packet, content: { ...content, bytes: changed(content.bytes, random) } }, journey);
  };
  at.engine.want([forward('a', 25_565), forward('b', 8080, { transports: ['tcp', 'udp'] }), forward('c', 34_197)]);
  await at.world.run(inMinutes(3));
  for (const { budget } of at.snapshot.gateways) {
    if (budget.used > budget.perMinute) faults.push(`the budget was overrun: ${JSON.stringify(budget)}`);
  }
  host.carry = carry;
  at.engine.want([]);
  await at.world.run(inMinutes(1));
  await at.stop();
  if (faults.length > 0) throw new Error(faults.slice(0, 3).join('\n'));
}

/** Same length: a stream is counted by its bytes. */
function changed(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const copy = bytes.slice();
  const times = 1 + Math.floor(random.unit() * 8);
  for (let time = 0; time < times; time += 1) {
    const at = Math.floor(random.unit() * copy.length);
    if (random.unit() < 0.5) copy[at] = Math.floor(random.unit() * 256);
    else copy.copyWithin(at, Math.floor(random.unit() * copy.length), copy.length);
  }
  return copy;
}
