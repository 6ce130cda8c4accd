/** The lab itself is right: what it says of a gateway is what the gateway does. */
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { RawGrant, RawWish } from '../bench/raw-pxp.ts';
import { PUBLIC_WAN, type Flavour } from './lab/flavours.ts';
import { startHome, type Home, type HomeOptions } from './lab/home.ts';
import type { LabHost } from './lab/host.ts';
import { namespacesOf } from './lab/namespace.ts';
import { natpmpc, upnpc, upnpcSearch } from './lab/observers.ts';
import { NODE, run, RunningProcess } from './lab/process.ts';

const here = (name: string) => resolve(import.meta.dirname, name);

async function homeFor(flavour: Flavour, options?: HomeOptions): Promise<Home> {
  const home = await startHome(flavour, options);
  onTestFinished(() => home.stop());
  return home;
}

const WISH = { transport: 'tcp', internal: 8080, external: 8080, lifetime: 600 } as const;

/** One PCP request from a host, by our raw script: Debian has no PCP client. */
async function pcp(home: Home, host: LabHost, wish: Partial<RawWish>): Promise<RawGrant> {
  const asked = { gateway: home.gateway.address, client: host.address, ...WISH, ...wish };
  const { stdout, stderr } = await host.exec([NODE, here('../bench/raw.ts'), 'pcp', JSON.stringify(asked)]);
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

describe('a mapping carries real traffic from the internet to the client', () => {
  test.each(['igd2', 'igd1', 'upnp-only', 'openwrt', 'ipv6'] as const)('%s: as upnpc opens it', async (flavour) => {
    const home = await homeFor(flavour);
    const router = upnpc(home.client, home.gateway);
    await home.client.echo.tcp(8080);
    await home.client.echo.udp(8090);
    expect(await home.internet.isSilent('tcp', PUBLIC_WAN.address, 18_080)).toBe(true);

    const ports = { tcp: { internal: 8080, external: 18_080 }, udp: { internal: 8090, external: 18_090 } };
    for (const transport of ['tcp', 'udp'] as const) {
      const { internal, external } = ports[transport];
      const opened = await router.add({ transport, internal, external, lifetime: 600 });
      // Its remaining lease, as the router lists it afterwards.
      expect(opened).toEqual({ ok: true, external, lifetime: expect.closeTo(600, -2) });
      expect(await home.internet.reach(transport, PUBLIC_WAN.address, external)).toBe('client');
    }
    expect(await home.gateway.nftRules()).toHaveLength(2);
    expect((await router.list()).map((entry) => entry.transport).toSorted()).toEqual(['tcp', 'udp']);

    expect(await router.delete('tcp', 18_080)).toBe(0);
    expect(await home.internet.isSilent('tcp', PUBLIC_WAN.address, 18_080)).toBe(true);
    expect(await home.internet.reach('udp', PUBLIC_WAN.address, 18_090)).toBe('client');
  });

  test.each(['igd2', 'pxp-only', 'openwrt', 'ipv6'] as const)('%s: as natpmpc and PCP open it', async (flavour) => {
    const home = await homeFor(flavour);
    await home.client.echo.tcp(8080);
    await home.client.echo.udp(8080);
    const opened = await natpmpc(home.client, home.gateway).map({ ...WISH, transport: 'udp' });
    expect(opened).toEqual({ ok: true, external: 8080, lifetime: 600 });
    expect(await pcp(home, home.client, {})).toMatchObject({ result: 0, external: 8080 });
    expect(await home.internet.reach('udp', PUBLIC_WAN.address, 8080)).toBe('client');
    expect(await home.internet.reach('tcp', PUBLIC_WAN.address, 8080)).toBe('client');
  });

  test('ipv6: a pinhole by UPnP and one by PCP, through a firewall that is otherwise shut', async () => {
    const home = await homeFor('ipv6');
    const inside = home.client.address6 ?? '';
    await home.client.echo.tcp(4443);
    await home.client.echo.udp(4444);
    expect(await home.internet.isSilent('tcp', inside, 4443)).toBe(true);
    expect(await upnpc(home.client, home.gateway).addPinhole('tcp', 4443, 600)).toMatchObject({ ok: true });
    expect(await home.internet.reach('tcp', inside, 4443)).toBe('client');

    expect(await home.internet.isSilent('udp', inside, 4444)).toBe(true);
    const wish = { gateway: 'fe80::1%eth0', client: inside, transport: 'udp', internal: 4444, external: 4444 } as const;
    expect(await pcp(home, home.client, wish)).toMatchObject({ result: 0 });
    expect(await home.internet.reach('udp', inside, 4444)).toBe('client');
  });

  test('double NAT: only when both gateways map', async () => {
    const home = await homeFor('double-nat');
    await home.client.echo.tcp(8080);
    expect(await upnpc(home.client, home.gateway).add(WISH)).toMatchObject({ ok: true });
    expect(await home.internet.isSilent('tcp', PUBLIC_WAN.address, 8080)).toBe(true);
    if (home.upstream === undefined) throw new Error('a double NAT has two gateways');
    const outer = upnpc(home.gateway, home.upstream);
    expect(await outer.add({ ...WISH, client: await home.gateway.wanAddress() })).toMatchObject({ ok: true });
    expect(await home.internet.reach('tcp', PUBLIC_WAN.address, 8080)).toBe('client');
  });
});

describe('features that the flavours’ gateways lack', () => {
  test.each(['igd1', 'upnp-only'] as const)('%s: no NAT-PMP', async (flavour) => {
    const home = await homeFor(flavour);
    expect(await natpmpc(home.client, home.gateway).map(WISH)).toBe('unsupported');
    await expect(pcp(home, home.client, {})).rejects.toThrow('ECONNREFUSED');
  });

  test.each([
    ['igd1', 'WANIPConnection:1'],
    ['igd2', 'WANIPConnection:2'],
  ] as const)('%s: the description names %s', async (flavour, service) => {
    const home = await homeFor(flavour);
    const fetchIt = `console.log(await (await fetch(${JSON.stringify(home.gateway.descriptionUrl)})).text())`;
    const { stdout } = await home.client.exec([NODE, '--input-type=module', '-e', fetchIt]);
    expect(stdout).toContain(`urn:schemas-upnp-org:service:${service}<`);
  });

  test('pxp-only: nobody answers a search', async () => {
    const home = await homeFor('pxp-only');
    expect(await upnpcSearch(home.client)).toEqual([]);
  });
});

describe('refusals', () => {
  test.each(['private-wan', 'cgnat-wan'] as const)('%s: 501, 3 and 8, and no rule', async (flavour) => {
    const home = await homeFor(flavour);
    expect(await upnpc(home.client, home.gateway).add(WISH)).toEqual({ ok: false, code: 501 });
    expect(await upnpc(home.client, home.gateway).externalAddress()).toBe('');
    expect(await natpmpc(home.client, home.gateway).map(WISH)).toEqual({ ok: false, code: 3 });
    expect(await pcp(home, home.client, {})).toMatchObject({ result: 8 });
    expect(await home.gateway.nftRules()).toEqual([]);
  });

  test('double NAT whose inner gateway does not know its public address: 501', async () => {
    const home = await homeFor('double-nat', { knowsPublicAddress: false });
    expect(await upnpc(home.client, home.gateway).add(WISH)).toEqual({ ok: false, code: 501 });
  });

  test('openwrt: a port below 1024', async () => {
    const home = await homeFor('openwrt');
    expect(await upnpc(home.client, home.gateway).add({ ...WISH, external: 80 })).toEqual({ ok: false, code: 606 });
    const other = await natpmpc(home.client, home.gateway).map({ ...WISH, external: 80 });
    expect(other).toMatchObject({ ok: true, external: 1024 });
    expect(await pcp(home, home.client, { internal: 80, external: 80 })).toMatchObject({ result: 2 });
  });

  test("openwrt: another host's address, port and mapping", async () => {
    const home = await homeFor('openwrt');
    const [mine, his] = [upnpc(home.client, home.gateway), upnpc(home.other, home.gateway)];
    expect(await mine.add({ ...WISH, client: home.other.address })).toEqual({ ok: false, code: 718 });
    expect(await pcp(home, home.client, { thirdParty: home.other.address })).not.toMatchObject({ result: 0 });

    expect(await his.add(WISH)).toMatchObject({ ok: true });
    expect(await mine.add(WISH)).toEqual({ ok: false, code: 718 });
    expect(await mine.delete('tcp', 8080)).toBe(606);
    expect(await mine.addAny(WISH)).toMatchObject({ ok: true, external: 8081 });
    expect(await natpmpc(home.client, home.gateway).map({ ...WISH, internal: 8090 })).toMatchObject({ external: 8082 });
    expect(await pcp(home, home.client, { internal: 8091 })).toMatchObject({ result: 0, external: 8083 });
    expect((await mine.list()).find((entry) => entry.external === 8080)).toMatchObject({ client: home.other.address });
  });

  test('igd2: another host may be mapped for, over UPnP and PCP', async () => {
    const home = await homeFor('igd2');
    await home.other.echo.tcp(8080);
    const forOther = await upnpc(home.client, home.gateway).add({ ...WISH, client: home.other.address });
    expect(forOther).toMatchObject({ ok: true });
    expect(await home.internet.reach('tcp', PUBLIC_WAN.address, 8080)).toBe('other');
    const thirdParty = { external: 8081, thirdParty: home.other.address };
    expect(await pcp(home, home.client, thirdParty)).toMatchObject({ result: 0, external: 8081 });
    expect(await home.internet.reach('tcp', PUBLIC_WAN.address, 8081)).toBe('other');
  });
});

describe('leases', () => {
  test('a short one expires', async () => {
    const home = await homeFor('igd2');
    await upnpc(home.client, home.gateway).add({ ...WISH, lifetime: 8 });
    expect(await home.gateway.nftRules()).toHaveLength(1);
    await expect.poll(() => home.gateway.nftRules(), { interval: 250 }).toEqual([]);
  });

  test('the longest over PCP can be set; NAT-PMP and UPnP grant what is asked', async () => {
    const home = await homeFor('igd2', { maxLifetime: 7 });
    expect(await pcp(home, home.client, { external: 8081, internal: 8081 })).toMatchObject({ lifetime: 7 });
    expect(await natpmpc(home.client, home.gateway).map(WISH)).toMatchObject({ lifetime: 600 });
  });

  test('UPnP reports seven days where "until deleted" was asked', async () => {
    const home = await homeFor('igd2');
    expect(await upnpc(home.client, home.gateway).add({ ...WISH, lifetime: 0 })).toMatchObject({ lifetime: 604_800 });
  });
});

describe('faults of this miniupnpd that clients must live with', () => {
  test('deleting the TCP mapping of a port silences its UDP mapping, which stays listed; adding it again does not help', async () => {
    const home = await homeFor('igd2');
    const router = upnpc(home.client, home.gateway);
    await home.client.echo.udp(8080);
    await router.add(WISH);
    await router.add({ ...WISH, transport: 'udp' });
    expect(await home.internet.reach('udp', PUBLIC_WAN.address, 8080)).toBe('client');

    await router.delete('tcp', 8080);
    expect(await router.list()).toHaveLength(1);
    expect(await home.internet.isSilent('udp', PUBLIC_WAN.address, 8080)).toBe(true);
    await router.add({ ...WISH, transport: 'udp' });
    expect(await home.internet.isSilent('udp', PUBLIC_WAN.address, 8080)).toBe(true);

    await router.delete('udp', 8080);
    await router.add({ ...WISH, transport: 'udp' });
    expect(await home.internet.reach('udp', PUBLIC_WAN.address, 8080)).toBe('client');
  });

  test('L20: with its rules wiped and its table listed, it says yes and forwards nothing until deleted', async () => {
    const home = await homeFor('igd2');
    const router = upnpc(home.client, home.gateway);
    await router.add(WISH);
    await home.gateway.wipeFirewallRules();
    await router.list();
    expect(await router.add(WISH)).toMatchObject({ ok: true });
    expect(await home.gateway.nftRules()).toEqual([]);
    await router.delete('tcp', 8080);
    await router.add(WISH);
    expect(await home.gateway.nftRules()).toHaveLength(1);
  });
});

describe('events on a router', () => {
  test('a restart keeps the table, a reboot empties it', async () => {
    const home = await homeFor('igd2');
    const router = upnpc(home.client, home.gateway);
    await router.add(WISH);
    await home.gateway.restart();
    expect(await router.list()).toHaveLength(1);
    expect(await home.gateway.nftRules()).toHaveLength(1);
    await home.gateway.restart({ emptyTable: true, abrupt: true });
    expect(await router.list()).toEqual([]);
    expect(await home.gateway.nftRules()).toEqual([]);
    expect(await router.add(WISH)).toMatchObject({ ok: true });
  });

  test('killed it is gone, started it is back', async () => {
    const home = await homeFor('igd2');
    await home.gateway.kill();
    expect(await home.gateway.alive()).toBe(false);
    expect(await natpmpc(home.client, home.gateway).map(WISH)).toBe('unsupported');
    await home.gateway.start();
    expect(await home.gateway.alive()).toBe(true);
    expect(await natpmpc(home.client, home.gateway).map(WISH)).toMatchObject({ ok: true });
  });

  test('another WAN address is announced over NAT-PMP and PCP, and mappings follow it', async () => {
    const home = await homeFor('igd2');
    await home.client.echo.tcp(8080);
    await upnpc(home.client, home.gateway).add(WISH);
    const ear = home.client.spawn([NODE, here('lab/overhear.ts'), '224.0.0.1', '5350', home.client.address]);
    await ear.line((line) => line.includes('listening') || undefined);
    await home.gateway.changeWanAddress('11.22.33.55');
    // RFC 6886 §3.2.1: version 0, opcode 128, result, epoch, address. RFC 6887 §14.1: version 2, opcode 0 with R set.
    await ear.line((line) => /"hex":"00800000[0-9a-f]{8}0b162137"/.test(line) || undefined);
    await ear.line((line) => line.includes('"hex":"0280') || undefined);
    expect(await upnpc(home.client, home.gateway).externalAddress()).toBe('11.22.33.55');
    expect(await home.internet.reach('tcp', '11.22.33.55', 8080)).toBe('client');
    expect(await home.internet.isSilent('tcp', PUBLIC_WAN.address, 8080)).toBe(true);
  });

  test('a shutdown says byebye, a return says alive', async () => {
    const home = await homeFor('igd2');
    const ear = home.client.spawn([NODE, here('lab/overhear.ts'), '239.255.255.250', '1900', home.client.address]);
    await ear.line((line) => line.includes('listening') || undefined);
    await home.gateway.restart({ emptyTable: true });
    await ear.line((line) => line.includes('ssdp:byebye') || undefined);
    await ear.line((line) => line.includes('ssdp:alive') || undefined);
  });

  test('packets get lost on demand', async () => {
    const home = await homeFor('igd2');
    await home.gateway.echo.tcp(7000);
    expect(await home.client.reach('tcp', home.gateway.address, 7000)).toBeDefined();
    await home.gateway.losePackets(100);
    expect(await home.client.isSilent('tcp', home.gateway.address, 7000)).toBe(true);
    await home.gateway.losePackets(0);
    expect(await home.client.reach('tcp', home.gateway.address, 7000)).toBeDefined();
  });
});

describe('homes', () => {
  test('minissdpd on the client answers there and nowhere else', async () => {
    const home = await homeFor('igd2', { minissdpd: true });
    const socket = ['sh', '-c', 'test -S /run/minissdpd.sock'];
    expect((await home.client.exec(socket)).code).toBe(0);
    expect((await home.other.exec(socket)).code).toBe(1);
    expect(await upnpcSearch(home.client)).toContain(home.gateway.descriptionUrl);
  });

  test('two at once do not meet', async () => {
    const [one, two] = [await homeFor('igd2'), await homeFor('igd2')];
    await upnpc(one.client, one.gateway).add(WISH);
    expect(await one.gateway.nftRules()).toHaveLength(1);
    expect(await upnpc(two.client, two.gateway).list()).toEqual([]);
    await two.stop();
    expect(await one.gateway.alive()).toBe(true);
  });

  test('stopping takes everything along, also what does not want to end', async () => {
    const home = await homeFor('igd2');
    const stubborn = home.client.spawn(['sh', '-c', 'trap "" TERM INT HUP; echo ready; while :; do sleep 1; done']);
    await stubborn.line((line) => line === 'ready' || undefined);
    await home.stop();
    expect((await stubborn.exited).signal).toBe('SIGKILL');
    expect(await namespacesOf(home.prefix)).toEqual([]);
    expect(await readdir(tmpdir())).not.toContainEqual(expect.stringContaining(home.prefix));
  });

  test.each(['SIGKILL', 'SIGINT'] as const)('a run that ends by %s leaves nothing behind', async (signal) => {
    const program = `
      const { startHome } = await import(${JSON.stringify(here('lab/home.ts'))});
      const home = await startHome('igd2');
      console.log(home.prefix);
      setInterval(() => {}, 1000);`;
    const owner = RunningProcess.start([NODE, '--input-type=module', '-e', program]);
    const prefix = await owner.line((line) => line || undefined);
    expect(await namespacesOf(prefix)).toHaveLength(4);
    await owner.end(signal);
    await expect.poll(() => namespacesOf(prefix)).toEqual([]);
  });

  test('npm run lab: up, exec, gateway, status, down', async () => {
    const home = await homeFor('igd2');
    const lab = (...words: readonly string[]) =>
      run([NODE, here('lab/lab.ts'), ...words], { env: { ...process.env, TMPDIR: home.folder } });
    expect((await lab('exec', 'client', 'true')).stderr).toContain('npm run lab -- up');
    expect((await lab('up', 'openwrt')).stdout).toContain('192.168.71.1');
    expect((await lab('up')).stderr).toContain('up already (openwrt)');
    const add = 'upnpc -u http://192.168.71.1:5000/rootDesc.xml -a @ 8080 8080 tcp'.split(' ');
    expect((await lab('exec', 'client', ...add)).code).toBe(0);
    expect((await lab('status')).stdout).toContain('tcp 8080 -> 192.168.71.10:8080');
    expect((await lab('gateway', 'reboot')).code).toBe(0);
    expect((await lab('status')).stdout).not.toContain('tcp 8080');
    expect((await lab('exec', 'client', 'sh', '-c', 'exit 7')).code).toBe(7);
    expect((await lab('down')).stdout).toContain('gone');
    expect((await lab('status')).stdout).toContain('No lab is up');
  });
});
