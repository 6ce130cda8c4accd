import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { ScriptedLan } from '../../support/scripted/scripted-lan.ts';
import { igd, searchAnswer } from '../../support/scripted/scripted-router.ts';
import { firstOf, kindsOf, searchAll } from '../../support/scripted/searching.ts';

const ROUTER = '192.168.1.1';
const MAC = '00:11:22:33:44:55';

function home(): ScriptedLan {
  return new ScriptedLan().interface('eth0', ['192.168.1.7/24']).defaultRoute('eth0', ROUTER);
}

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
      const router = igd(ROUTER);
      const lan = home().host({
        on: 'eth0',
        addresses: [ROUTER],
        mac: MAC,
        http: router.http,
        udp: {
          1900: (bytes, reply, to) => {
            for (const junk of early) reply(junk);
            router.udp[1900]?.(bytes, reply, to);
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
  const router = igd(ROUTER, { answerAfterMs: 60 });
  const others = Array.from({ length: 8 }, (_, n) => `http://${ROUTER}:5000/slow/${n}`);
  const lan = home()
    .host({
      on: 'eth0',
      addresses: ['192.168.1.66'],
      udp: {
        1900: (_bytes, reply) => {
          for (const location of others) reply(searchAnswer(location));
        },
      },
    })
    .host({
      on: 'eth0',
      addresses: [ROUTER],
      mac: MAC,
      udp: router.udp,
      http: { 5000: (request) => (request.startsWith('GET /slow/') ? 'hang' : (router.http[5000]?.(request) ?? '')) },
    });
  const { finding, close } = await firstOf(lan);
  expect(finding.gateway).toBe(`eth0/${ROUTER}`);
  expect(finding.foundIn).toBeLessThan(500);
  await close();
});

test('a location that both another host and the router announce is asked once', async () => {
  const location = `http://${ROUTER}:5000/rootDesc.xml`;
  const lan = home()
    .host({ on: 'eth0', addresses: ['192.168.1.66'], udp: { 1900: (_bytes, reply) => reply(searchAnswer(location)) } })
    .host({ on: 'eth0', addresses: [ROUTER], mac: MAC, ...igd(ROUTER) });
  const { findings } = await searchAll(lan);
  expect(kindsOf(findings)).toEqual(['igd']);
  expect(lan.requests.filter((request) => request.includes('GET /rootDesc.xml'))).toHaveLength(1);
});
