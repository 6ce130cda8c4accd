import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ip } from '../../main/contract/address.ts';
import { readSearch } from '../../main/simulator/servers/ssdp-server.ts';
import { readCall } from '../../main/simulator/servers/igd-soap.ts';
import { ROUTER, bytesOf, hexOf, scene } from './router-talk.ts';

const seeds = [
  '0000',
  '000100001388138800001c20',
  `0201000000001c20${'00'.repeat(10)}ffffc0a8010a${'41'.repeat(12)}0600000017701770${'00'.repeat(16)}02000000`,
];
const noise = fc.uint8Array({ maxLength: 300 }).map((bytes) => String.fromCharCode(...bytes));
/** Noise, and messages with a few bytes changed. */
const datagrams = fc.oneof(
  fc.uint8Array({ maxLength: 1200 }),
  fc
    .tuple(
      fc.constantFrom(...seeds),
      fc.array(fc.tuple(fc.nat(80), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
    )
    .map(([seed, changes]) => {
      const bytes = bytesOf(seed);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      return bytes;
    }),
);

describe('noise', () => {
  it('on the PCP port is answered or not, and the server goes on', async () => {
    const { home, talk, world } = await scene();
    const socket = await home.client.system.udp.open({ family: 'ipv4' });
    await fc.assert(
      fc.asyncProperty(datagrams, async (bytes) => {
        await socket.send(bytes, { address: ROUTER, port: 5351 });
        await world.settle();
      }),
      { numRuns: 300 },
    );
    socket.close();
    expect(await talk.datagram('0000')).toMatch(/^00800000/);
    expect(home.host.logged.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('on the SSDP port neither', async () => {
    const { home, talk, world } = await scene();
    const socket = await home.client.system.udp.open({ family: 'ipv4' });
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          noise,
          fc.string().map((text) => `M-SEARCH * HTTP/1.1\r\nMAN: "ssdp:discover"\r\nST: ${text}\r\n\r\n`),
        ),
        async (text) => {
          await socket.send(new TextEncoder().encode(text), { address: ROUTER, port: 1900 });
          await world.settle();
        },
      ),
      { numRuns: 200 },
    );
    socket.close();
    expect(await talk.search('upnp:rootdevice', 'unicast')).toHaveLength(1);
    expect(home.host.logged.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('over HTTP gets an error at most', async () => {
    const { home, talk } = await scene();
    const request = talk.soapRequest('GetExternalIPAddress');
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          noise.map((text) => `${text}\r\n\r\n`),
          fc
            .tuple(fc.nat(request.length - 1), fc.string({ maxLength: 5 }))
            .map(([at, text]) => request.slice(0, at) + text + request.slice(at + text.length)),
        ),
        async (text) => {
          expect(await talk.raw([text])).toMatch(/^(?:HTTP\/\d\.\d \d{3} |$)/);
        },
      ),
      { numRuns: 150 },
    );
    expect((await talk.add()).status).toBe(200);
    expect(home.host.logged.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('is neither a search nor a call', () => {
    fc.assert(
      fc.property(noise, noise, (header, body) => {
        readSearch(header);
        const call = readCall(header, body);
        expect(call === undefined || header.includes(call.action)).toBe(true);
      }),
    );
  });
});

describe('hexadecimal in these tests', () => {
  it('is read as it is written', () => {
    expect(hexOf(bytesOf('00 ff 10'))).toBe('00ff10');
    expect(ip('192.168.1.1')).toBe(ROUTER);
  });
});
