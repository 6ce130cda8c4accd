import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { millis } from '../../../main/contract/units.ts';
import { answering, homeRouter, ROUTER, searchAnswer } from '../../support/lan.ts';
import { firstOf, kindsOf, searchAll } from '../../support/searching.ts';

test('whatever datagrams come, the search goes on and finds the router', async () => {
  const line = fc.oneof(
    fc.string({ maxLength: 80 }),
    fc.webUrl().map((url) => `LOCATION: ${url}`),
    fc.constantFrom('HTTP/1.1 200 OK', 'NOTIFY * HTTP/1.1', 'NTS: ssdp:alive', 'NT: upnp:rootdevice'),
    fc.constantFrom('LOCATION: http://192.168.1.1:5000/', 'LOCATION: http://[fe80::1%25eth0]:1/', 'LOCATION: http://'),
  );
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.array(line, { maxLength: 8 }).map((lines) => new TextEncoder().encode(`${lines.join('\r\n')}\r\n\r\n`)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(noise, { maxLength: 20 }), fc.array(noise, { maxLength: 5 }), async (early, late) => {
      const lan = homeRouter({
        udp: {
          1900: (_bytes, reply) => {
            for (const junk of early) reply(junk);
            reply(searchAnswer(`http://${ROUTER}:5000/rootDesc.xml`), { afterMs: 5 });
          },
          5351: (_bytes, reply) => {
            for (const junk of late) reply(junk);
          },
        },
      });
      const { findings } = await searchAll(lan);
      expect(kindsOf(findings)).toContain('igd');
      expect(lan.client.logged.filter(({ level }) => level === 'error')).toEqual([]);
      expect(lan.openSockets).toBe(0);
    }),
    { numRuns: 40 },
  );
});

test('whatever another host says about the router, and however much, the router is asked where it says itself', async () => {
  const others = Array.from({ length: 8 }, (_, n) => `http://${ROUTER}:5000/slow/${n}`);
  const lan = homeRouter({
    habits: [{ ssdp: { delay: millis(60) } }],
    instead: (request) => (request.startsWith('GET /slow/') ? 'hang' : undefined),
  }).host({ on: 'eth0', addresses: ['192.168.1.66'], udp: answering(...others) });
  const { finding, close } = await firstOf(lan);
  expect(finding.gateway).toBe(`eth0/${ROUTER}`);
  expect(finding.foundIn).toBeLessThan(500);
  await close();
});

test('a location that both another host and the router announce is asked once', async () => {
  const location = `http://${ROUTER}:5000/rootDesc.xml`;
  const lan = homeRouter().host({ on: 'eth0', addresses: ['192.168.1.66'], udp: answering(location) });
  const { findings } = await searchAll(lan);
  expect(kindsOf(findings)).toEqual(['igd']);
  expect(lan.requests.filter((request) => request.includes('GET /rootDesc.xml'))).toHaveLength(1);
});
