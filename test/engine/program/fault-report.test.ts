import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inMinutes, inSeconds } from '../../../main/contract/units.ts';
import { AppHome, tcp, udp } from '../../support/app-home.ts';
import { testHost } from '../../support/test-host.ts';

const LOG = [
  '2026-11-24T22:38:00.000Z info  found gateway=eth0/192.168.1.1 control=igd detail="http://192.168.1.1:5000/ctl"',
  '2026-11-24T22:38:01.000Z warn  could not read the routing table path=/home/alice/.config/portkeeper',
  '2026-11-24T22:38:02.000Z debug heard from=[fe80::1]:1900 usn=uuid:4d696e69-444c-164e-9d41-001122aabbcc',
];

async function home(): Promise<AppHome> {
  const at = await AppHome.start({ ipv6: true, host: () => testHost({ recentLog: () => LOG }) });
  const id = await at.add('Minecraft', [
    { ...tcp(25_565), label: 'Java edition' },
    { ...udp(19_132), internal: { first: 19_132, client: '192.168.1.20' }, label: 'NAS of alice at 192.168.1.20' },
  ]);
  await at.do('profile.switch', { id, on: true });
  await at.do('network.approve', {});
  await at.world.run(inMinutes(2));
  return at;
}

const report = async (at: AppHome): Promise<string> => (await at.do('app.report', {})).text;

describe('a report of a fault', () => {
  test('has all that is known, under titles', async () => {
    const at = await home();
    const text = await report(at);
    const titles = [...text.matchAll(/^== (.*) ==$/gm)].map(([, title]) => title);
    expect(titles).toEqual([
      'Program',
      'Interfaces',
      'Settings',
      'Profiles',
      'Network',
      'Routers',
      'Ports',
      'Problems',
      'Remembered about routers',
      'What has happened',
      'Log',
    ]);
    expect(text).toMatch(/^Portkeeper 1\.2\.3 \(service\) on linux 6\.1\.0, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/m);
    expect(text).toContain('Java edition');
    expect(text).toContain('"port":25565');
    expect(text).toContain('"is":"opened"');
    expect(text).toMatch(/"grantedAt":"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"/);
    expect(text).toContain('could not read the routing table path=~/.config/portkeeper');
    expect((await at.do('app.report', {})).fileName).toMatch(/^portkeeper-report-\d{4}-\d\d-\d\d\.txt$/);
    await at.stop();
  });

  test('has every number as it is, however long its fraction', async () => {
    const at = await AppHome.start({ host: () => testHost() });
    await at.world.run(inSeconds(30));
    const text = await report(at);
    const found = [...text.matchAll(/"foundIn":([^,}]*)/g)].map(([, number]) => number);
    expect(found.length).toBeGreaterThan(0);
    for (const number of found) expect(number).toMatch(/^\d+(?:\.\d+)?$/);
    await at.stop();
  });

  test('contains no address, no name of the person or the computer, and no secret', async () => {
    const at = await home();
    const { engine, settings } = at.snapshot;
    const text = await report(at);
    const secret = [
      ...JSON.stringify([engine, settings, LOG]).matchAll(
        /\d+(?:\.\d+){3}|[0-9a-f:]*::[0-9a-f:]*|(?:[0-9a-f]{2}:){5}[0-9a-f]{2}/gi,
      ),
    ].map(([address]) => address.toLowerCase());
    expect(secret).toContain('192.168.1.20');
    expect(secret).toContain('11.22.33.44');
    for (const one of secret) expect(text.toLowerCase()).not.toContain(one);
    expect(text).not.toMatch(/alice|laptop/i);
    const nonces = JSON.stringify(at.storage.records('journal')).match(/[0-9a-f]{24}/g) ?? [];
    expect(nonces).not.toEqual([]);
    for (const nonce of nonces) expect(text).not.toContain(nonce);
    await at.stop();
  });

  test('says the same of the same throughout, in log lines and URLs too', async () => {
    const at = await home();
    const text = await report(at);
    const [, router] = /"address":"(private-\d+)","interfaceName"/.exec(text) ?? [];
    expect(router).toBeDefined();
    expect(text).toContain(`gateway=eth0/${router} control=igd detail="http://${router}:5000/ctl"`);
    const [, nas] = /NAS of user at (private-\d+)/.exec(text) ?? [];
    expect(text).toContain(`"client":"${nas}"`);
    expect(nas).not.toBe(router);
    await at.stop();
  });

  test('can be had without a router, without a network, and while everything is paused', async () => {
    const at = await AppHome.start({ host: () => testHost() });
    at.home.client.interface('eth0')?.setUp(false);
    await at.do('settings.change', { settings: { paused: true } });
    await at.world.run(inSeconds(30));
    expect(await report(at)).toContain('This computer isn’t connected to a network.');
    await at.stop();
  });

  test('is refused where nothing runs', async () => {
    const at = await AppHome.start({ runs: false });
    expect(await at.refused('app.report', {})).toMatchObject({ code: 'not-here' });
  });

  test('contains no address, whatever the log says', async () => {
    const address = fc.oneof(fc.ipV4(), fc.ipV6()).filter((text) => !/^(?:127|0)\.|^::|^ff/i.test(text));
    const around = fc.constantFrom(' ', '=', '"', '/', '[', 'http://', '->', '(');
    const line = fc.array(fc.tuple(around, address), { minLength: 1, maxLength: 5 });
    const at = await AppHome.start({ runs: false, host: () => testHost({ recentLog: () => lines }) });
    let lines: readonly string[] = [];
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 5 }), async (given) => {
        lines = given.map((parts) => `2026-11-24T22:38:00.000Z info  ${parts.map((part) => part.join('')).join(' ')}`);
        const text = (await report(at)).toLowerCase();
        for (const [, one] of given.flat()) expect(text).not.toContain(one.toLowerCase());
      }),
      { numRuns: 200 },
    );
  });
});
