/** The same router on this machine's own sockets, asked by Node's own HTTP client and a plain datagram socket. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { ip } from '../../main/contract/address.ts';
import { millis } from '../../main/contract/units.ts';
import { type PersonalityName, personality } from '../../main/simulator/personalities/personalities.ts';
import { SimRouter } from '../../main/simulator/router/router.ts';
import { createNodeSystem } from '../../main/system/node/node-system.ts';
import { bytesOf, hexOf } from './router-talk.ts';

const running: SimRouter[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((router) => router.stop()));
});

async function start(...names: PersonalityName[]): Promise<SimRouter> {
  const router = new SimRouter({
    system: createNodeSystem({ log: { write: () => undefined } }),
    lan: { interfaceName: 'lo', address: ip('127.0.0.1') },
    wan: { address: ip('11.22.33.44') },
    personality: personality(...names, { pxp: { announcements: 0 } }),
    ports: { pxp: 0, ssdp: false },
  });
  running.push(router);
  await router.start();
  return router;
}

async function soap(router: SimRouter, action: string, inner = ''): Promise<string> {
  const service = 'urn:schemas-upnp-org:service:WANIPConnection:2';
  const response = await fetch(new URL('/ctl/WANIPCn', router.location), {
    method: 'POST',
    headers: { SOAPAction: `"${service}#${action}"`, 'Content-Type': 'text/xml; charset="utf-8"' },
    body: `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><u:${action} xmlns:u="${service}">${inner}</u:${action}></s:Body></s:Envelope>`,
  });
  return `${response.status} ${await response.text()}`;
}

async function datagram(router: SimRouter, request: string): Promise<string> {
  const socket = createSocket('udp4');
  const answered: Promise<unknown[]> = once(socket, 'message');
  socket.send(bytesOf(request), router.pxpPort ?? 0, '127.0.0.1');
  const [answer] = await answered;
  socket.close();
  return answer instanceof Uint8Array ? hexOf(answer) : 'nothing';
}

describe('on loopback', () => {
  it('describes itself, maps and lists', async () => {
    const router = await start();
    expect(await (await fetch(router.location)).text()).toContain('WANIPConnection:2');
    expect(await soap(router, 'GetExternalIPAddress')).toMatch(/^200 .*11\.22\.33\.44/s);
    const mapping =
      '<NewRemoteHost/><NewExternalPort>8080</NewExternalPort><NewProtocol>TCP</NewProtocol><NewInternalPort>80</NewInternalPort><NewInternalClient>127.0.0.1</NewInternalClient><NewEnabled>1</NewEnabled><NewPortMappingDescription>caf\u00E9</NewPortMappingDescription><NewLeaseDuration>600</NewLeaseDuration>';
    expect(await soap(router, 'AddPortMapping', mapping)).toMatch(/^200 /);
    expect(router.table()).toMatchObject([{ externalPort: 8080, internalPort: 80, description: 'caf\u00E9' }]);
    const index = '<NewPortMappingIndex>0</NewPortMappingIndex>';
    expect(await soap(router, 'GetGenericPortMappingEntry', index)).toMatch(/^200 .*<NewExternalPort>8080</s);
  });

  it('reads as well in chunks', async () => {
    const router = await start('chunked');
    expect(await (await fetch(router.location)).text()).toMatch(/<\/root>$/);
  });

  it('answers NAT-PMP and PCP', async () => {
    const router = await start();
    expect(await datagram(router, '0000')).toMatch(/^00800000.{8}0b16212c$/);
    expect(await datagram(router, '000100001388138800001c20')).toMatch(/1388138800001c20$/);
    const map = `0201000000001c20${'00'.repeat(10)}ffff7f000001${'41'.repeat(12)}0600000017701770${'00'.repeat(16)}`;
    expect(await datagram(router, map)).toMatch(/^02810000/);
    expect(router.table()).toHaveLength(2);
  });

  it('is gone after a power cut and comes back automatically', async () => {
    const router = await start();
    const before = router.location;
    router.reboot({ downFor: millis(50) });
    await expect(fetch(before)).rejects.toThrow(/fetch failed/);
    await router.ready();
    expect((await fetch(router.location)).status).toBe(200);
  });
});
