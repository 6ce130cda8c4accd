import { describe, expect, it } from 'vitest';
import { ip } from '../../main/contract/address.ts';
import { inMinutes, inSeconds } from '../../main/contract/units.ts';
import type { Connection } from '../../main/system/system.ts';
import { CLIENT, type Scene, scene } from './router-talk.ts';

const header = (text: string, name: string): string | undefined =>
  new RegExp(`^${name}: *(.*?)\\r?$`, 'im').exec(text)?.[1];

/** Takes events on port 4000 of the client, and answers them; one that breaks off is not counted. */
function listen({ home, world }: Scene): string[] {
  const taken: string[] = [];
  const { signal } = new AbortController();
  const take = async (connection: Connection): Promise<void> => {
    let text = '';
    while (!text.includes('</e:propertyset>')) {
      const bytes = await connection.read(signal);
      if (bytes === undefined) return;
      text += new TextDecoder().decode(bytes);
    }
    taken.push(text);
    await connection.write(new TextEncoder().encode('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
    connection.close();
  };
  world.spawn(async () => {
    const listener = await home.client.system.tcp.listen({ address: CLIENT, port: 4000 });
    for (;;) await take(await listener.accept(signal)).catch(() => undefined);
  });
  return taken;
}

const subscribe = async ({ talk }: Scene, lines: readonly string[], method = 'SUBSCRIBE', path = '/evt/WANIPCn') =>
  talk.raw([`${method} ${path} HTTP/1.1\r\nHost: 192.168.1.1:${talk.httpPort}\r\n${lines.join('\r\n')}\r\n\r\n`]);
const fresh = ['CALLBACK: <http://192.168.1.10:4000/events>', 'NT: upnp:event', 'TIMEOUT: Second-300'];

describe('events', () => {
  it('begin with everything and go on with each change, in order', async () => {
    const played = await scene();
    const { talk, router, world } = played;
    const taken = listen(played);
    const answer = await subscribe(played, fresh);
    expect(header(answer, 'Timeout')).toBe('Second-300');
    const id = header(answer, 'SID');
    expect(id).toMatch(/^uuid:/);
    await world.run(inSeconds(1));
    expect(taken).toHaveLength(1);
    expect(taken[0]).toMatch(/^NOTIFY \/events HTTP\/1\.1\r\nHOST: 192\.168\.1\.10:4000\r\n/);
    expect(taken[0]).toContain('<ExternalIPAddress>11.22.33.44</ExternalIPAddress>');
    expect(taken[0]).toContain('<PortMappingNumberOfEntries>0</PortMappingNumberOfEntries>');

    await talk.add();
    router.changeExternalAddress(ip('22.33.44.55'));
    await world.run(inSeconds(1));
    expect(taken.map((text) => header(text, 'SEQ'))).toEqual(['0', '1', '2']);
    expect(new Set(taken.map((text) => header(text, 'SID')))).toEqual(new Set([id]));
    expect(taken[1]).toContain('<PortMappingNumberOfEntries>1<');
    expect(taken[2]).toContain('<ExternalIPAddress>22.33.44.55<');
  });

  it('end with the subscription: by its timeout, by wish, with the daemon', async () => {
    const played = await scene();
    const { talk, router, world } = played;
    const taken = listen(played);
    const id = header(await subscribe(played, fresh), 'SID') ?? '';
    await world.run(inMinutes(4));
    expect(await subscribe(played, [`SID: ${id}`, 'TIMEOUT: Second-300'])).toMatch(/^HTTP\/1\.1 200 /);
    await world.run(inMinutes(4));
    await talk.add();
    await world.run(inSeconds(1));
    expect(taken).toHaveLength(2);
    await world.run(inMinutes(2));
    expect(await subscribe(played, [`SID: ${id}`])).toMatch(/^HTTP\/1\.1 412 /);

    const second = header(await subscribe(played, fresh), 'SID') ?? '';
    expect(await subscribe(played, [`SID: ${second}`], 'UNSUBSCRIBE')).toMatch(/^HTTP\/1\.1 200 /);
    expect(await subscribe(played, [`SID: ${second}`], 'UNSUBSCRIBE')).toMatch(/^HTTP\/1\.1 412 /);

    const third = header(await subscribe(played, fresh), 'SID') ?? '';
    router.restartDaemon({ keepTable: true });
    await world.run(inSeconds(5));
    expect(await subscribe(played, [`SID: ${third}`])).toMatch(/^HTTP\/1\.1 412 /);
  });

  it('go only to the one who asks (X39)', async () => {
    const played = await scene();
    const elsewhere = ['CALLBACK: <http://192.168.1.11:4000/>', 'NT: upnp:event'];
    for (const lines of [
      elsewhere,
      ['CALLBACK: <http://laptop:4000/>', 'NT: upnp:event'],
      ['NT: upnp:event'],
      [fresh[0] ?? ''],
    ]) {
      expect(await subscribe(played, lines)).toMatch(/^HTTP\/1\.1 412 /);
    }
    expect(await subscribe(played, fresh, 'SUBSCRIBE', '/evt/Nothing')).toMatch(/^HTTP\/1\.1 404 /);
  });

  it('that nobody takes do not hold the router up', async () => {
    const played = await scene();
    await subscribe(played, fresh);
    for (let port = 8000; port < 8040; port++) await played.talk.add({ NewExternalPort: port });
    expect(played.router.table()).toHaveLength(40);
  });
});
