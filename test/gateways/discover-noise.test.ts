import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { ScriptedLan } from '../support/scripted-lan.ts';
import { igd } from '../support/scripted-router.ts';
import { kindsOf, searchAll } from '../support/searching.ts';

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
      expect(lan.log.filter(({ level }) => level === 'error')).toEqual([]);
      expect(lan.openSockets).toBe(0);
    }),
    { numRuns: 40 },
  );
});
