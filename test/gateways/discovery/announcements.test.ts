import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';

import { ip } from '../../../main/contract/address.ts';
import { announcements } from '../../../main/gateways/discovery/announcements.ts';
import type { Announcement } from '../../../main/gateways/gateway.ts';
import { Lan, PXP } from '../../support/lan.ts';

const ROUTER = { address: ip('192.168.1.1'), port: 5351 };

function notify(headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries({ HOST: '239.255.255.250:1900', NT: 'upnp:rootdevice', ...headers });
  return `NOTIFY * HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

/** Version 2, ANNOUNCE answer, SUCCESS, epoch (RFC 6887 §7.2 and §14.1). */
function pcpAnnounce(epoch: number): Uint8Array {
  const bytes = new Uint8Array(24);
  bytes.set([2, 0x80, 0, 0]);
  new DataView(bytes.buffer).setUint32(8, epoch);
  return bytes;
}

/** Version 0, opcode 128, result 0, epoch, address (RFC 6886 §3.2). */
function natPmpAddress(epoch: number, address: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(12);
  bytes.set([0, 128, 0, 0]);
  new DataView(bytes.buffer).setUint32(4, epoch);
  bytes.set(address, 8);
  return bytes;
}

function home(): Lan {
  return new Lan()
    .interface('eth0', ['192.168.1.7/24', 'fe80::7/64'])
    .defaultRoute('eth0', '192.168.1.1')
    .defaultRoute('eth0', 'fe80::1');
}

/** Listens until the test is over. `hear` awaits the next announcement. */
async function listenIn(lan: Lan, interfaces?: readonly string[]) {
  const controller = new AbortController();
  const heard: Announcement[] = [];
  const listening = (async () => {
    const options = interfaces === undefined ? {} : { interfaces };
    for await (const said of announcements(lan.system, options, controller.signal)) heard.push(said);
  })();
  listening.catch(() => undefined);
  const stop = async (): Promise<void> => {
    controller.abort(new Error('enough'));
    await lan.run(listening.catch(() => undefined));
  };
  onTestFinished(stop);
  await lan.pass();
  return { heard, stop, listening };
}

describe('a router that comes back', () => {
  test('is heard over PCP, NAT-PMP and SSDP', async () => {
    const lan = home().router('192.168.1.1', {
      also: ['fe80::1'],
      habits: [...PXP, { ssdp: { announces: true }, pxp: { announcements: 1 } }],
    });
    await lan.pass(60_000);
    const { heard } = await listenIn(lan);
    lan.routers[0]?.restartDaemon();
    await lan.pass(2000);
    const location = 'http://192.168.1.1:5000/rootDesc.xml';
    const bootId = expect.any(Number) as unknown;
    expect(heard).toEqual(
      expect.arrayContaining([
        { from: '192.168.1.1', interfaceName: 'eth0', kind: 'epoch', epoch: 0 },
        { from: '192.168.1.1', interfaceName: 'eth0', kind: 'address', epoch: 0, externalAddress: '11.22.33.44' },
        { from: '192.168.1.1', interfaceName: 'eth0', kind: 'byebye', location: undefined, bootId },
        { from: '192.168.1.1', interfaceName: 'eth0', kind: 'alive', location, bootId },
        { from: 'fe80::1', interfaceName: 'eth0', kind: 'epoch', epoch: 0 },
      ]),
    );
  });

  test('is reported once, though routers repeat themselves for every service (D10)', async () => {
    const lan = home();
    const { heard } = await listenIn(lan);
    const from = { address: ip('192.168.1.1'), port: 1900 };
    for (const NT of [
      'upnp:rootdevice',
      'urn:schemas-upnp-org:device:InternetGatewayDevice:1',
      'urn:x:service:WANIPConnection:2',
    ])
      lan.announce('eth0', '239.255.255.250', 1900, from, notify({ NT, NTS: 'ssdp:alive', 'BOOTID.UPNP.ORG': '7' }));
    await lan.pass();
    expect(heard).toHaveLength(1);
  });

  test('says under which boot id it will go on', async () => {
    const lan = home();
    const { heard } = await listenIn(lan);
    const headers = { NTS: 'ssdp:update', 'BOOTID.UPNP.ORG': '7', 'NEXTBOOTID.UPNP.ORG': '8' };
    lan.announce('eth0', '239.255.255.250', 1900, { address: ip('192.168.1.1'), port: 1900 }, notify(headers));
    await lan.pass();
    expect(heard).toMatchObject([{ kind: 'alive', bootId: 8 }]);
  });

  test('that announces no address still reports its epoch (P13)', async () => {
    const lan = home();
    const { heard } = await listenIn(lan);
    lan.announce('eth0', '224.0.0.1', 5350, ROUTER, natPmpAddress(9, [0, 0, 0, 0]));
    await lan.pass();
    expect(heard).toEqual([{ from: '192.168.1.1', interfaceName: 'eth0', kind: 'epoch', epoch: 9 }]);
  });
});

describe('ignored announcements', () => {
  test('PCP and NAT-PMP from anybody but the router (P13), SSDP from beyond the link, lamps, ourselves', async () => {
    const lan = home();
    const { heard } = await listenIn(lan);
    const alive = notify({ NTS: 'ssdp:alive' });
    lan.announce('eth0', '224.0.0.1', 5350, { address: ip('192.168.1.66'), port: 5351 }, pcpAnnounce(0));
    lan.announce('eth0', '239.255.255.250', 1900, { address: ip('8.8.8.8'), port: 1900 }, alive);
    lan.announce('eth0', '239.255.255.250', 1900, { address: ip('192.168.1.7'), port: 1900 }, alive);
    const lamp = notify({ NTS: 'ssdp:alive', NT: 'urn:schemas-upnp-org:device:Basic:1' });
    lan.announce('eth0', '239.255.255.250', 1900, { address: ip('192.168.1.20'), port: 1900 }, lamp);
    await lan.pass();
    expect(heard).toEqual([]);
  });

  test('noise: any datagram at all', async () => {
    const lan = home();
    const { heard } = await listenIn(lan);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.boolean(), async (bytes, ssdp) => {
        if (ssdp) lan.announce('eth0', '239.255.255.250', 1900, ROUTER, bytes);
        else lan.announce('eth0', '224.0.0.1', 5350, ROUTER, bytes);
        await lan.pass();
      }),
      { numRuns: 50 },
    );
    lan.announce('eth0', '239.255.255.250', 1900, ROUTER, notify({ NTS: 'ssdp:alive', 'BOOTID.UPNP.ORG': '99' }));
    await lan.pass();
    expect(heard.at(-1)).toMatchObject({ kind: 'alive', bootId: 99 });
  });
});

describe('the machine', () => {
  test('whose port 1900 is taken still hears the rest, and says so (H5)', async () => {
    const lan = home();
    lan.openFaults.set(1900, 'in-use');
    const { heard } = await listenIn(lan);
    lan.announce('eth0', '224.0.0.1', 5350, ROUTER, pcpAnnounce(5));
    await lan.pass();
    expect(heard).toMatchObject([{ kind: 'epoch', epoch: 5 }]);
    expect(lan.client.logged.filter(({ level }) => level === 'warn')).not.toHaveLength(0);
  });

  test('that changes network listens there, and no longer where it was', async () => {
    const lan = home();
    const { heard } = await listenIn(lan);
    const before = lan.openSockets;
    lan.client.interface('eth0')?.setUp(false);
    lan.interface('wlan0', ['10.0.0.7/8', 'fe80::8/64']).defaultRoute('wlan0', '10.0.0.1');
    await lan.pass();
    expect(lan.openSockets).toBe(before);
    lan.announce('wlan0', '224.0.0.1', 5350, { address: ip('10.0.0.1'), port: 5351 }, pcpAnnounce(0));
    lan.announce('eth0', '224.0.0.1', 5350, ROUTER, pcpAnnounce(0));
    await lan.pass();
    expect(heard).toEqual([{ from: '10.0.0.1', interfaceName: 'wlan0', kind: 'epoch', epoch: 0 }]);
  });

  test('that gets another router on the same interface heeds the new one', async () => {
    const lan = home();
    const { heard } = await listenIn(lan);
    lan.client.setDefaultRoutes([]);
    lan.defaultRoute('eth0', '192.168.1.254');
    await lan.pass();
    lan.announce('eth0', '224.0.0.1', 5350, ROUTER, pcpAnnounce(0));
    lan.announce('eth0', '224.0.0.1', 5350, { address: ip('192.168.1.254'), port: 5351 }, pcpAnnounce(4));
    await lan.pass();
    expect(heard).toMatchObject([{ from: '192.168.1.254', epoch: 4 }]);
  });

  test('listens on the named interfaces only, and leaves no socket behind', async () => {
    const lan = home().interface('docker0', ['172.17.0.1/16'], { virtual: true });
    const { stop } = await listenIn(lan, ['docker0']);
    expect(lan.openSockets).toBe(2);
    await stop();
    expect(lan.openSockets).toBe(0);
    expect(lan.pending).toBe(0);
  });

  test('that aborts gets the reason of its signal', async () => {
    const lan = home();
    const { stop, listening } = await listenIn(lan);
    await stop();
    await expect(listening).rejects.toThrow('enough');
  });
});
