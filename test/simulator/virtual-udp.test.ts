import { beforeEach, describe, expect, test } from 'vitest';
import { type Endpoint, ip } from '../../main/contract/address.ts';
import { inMinutes, inSeconds, millis } from '../../main/contract/units.ts';
import type { Segment } from '../world/segment.ts';
import type { SimHost } from '../world/sim-host.ts';
import { World } from '../world/world.ts';
import { NetworkError, type UdpSocket } from '../../main/system/system.ts';

const never = new AbortController().signal;
const group = ip('239.255.255.250');
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytes = (words: string): Uint8Array => new TextEncoder().encode(words);
const own = (address: string, prefix: number) => ({ address: ip(address), prefix, temporary: false });

function attach(world: World, name: string, segment: Segment, address: string, prefix = 24): SimHost {
  const host = world.network.addHost(name);
  host.addInterface({ name: 'eth0', segment, addresses: [own(address, prefix)] });
  return host;
}

let world: World;
let lan: Segment;
let alice: SimHost;
let bob: SimHost;
const bobAt = (port: number): Endpoint => ({ address: ip('192.168.1.3'), port });

beforeEach(() => {
  world = new World({ seed: 5 });
  lan = world.network.segment('lan');
  alice = attach(world, 'alice', lan, '192.168.1.2');
  bob = attach(world, 'bob', lan, '192.168.1.3');
});

async function next(socket: UdpSocket): Promise<string> {
  return text((await world.finish(socket.receive(never))).bytes);
}

describe('datagrams', () => {
  test('arrive with their sender’s address, and answers go back there', async () => {
    const server = await bob.system.udp.open({ family: 'ipv4', localPort: 5351 });
    const client = await alice.system.udp.open({ family: 'ipv4' });
    await client.send(bytes('ping'), bobAt(5351));
    const question = await world.finish(server.receive(never));
    expect(text(question.bytes)).toBe('ping');
    expect(question.from).toEqual({ address: '192.168.1.2', port: client.local.port });
    await server.send(bytes('pong'), question.from);
    expect(await next(client)).toBe('pong');
  });

  test('wait unread, 256 of them; later ones are dropped', async () => {
    const server = await bob.system.udp.open({ family: 'ipv4', localPort: 5351 });
    const client = await alice.system.udp.open({ family: 'ipv4' });
    for (let count = 0; count < 300; count += 1) {
      await client.send(bytes(`${count}`), bobAt(5351));
      await world.run(millis(2));
    }
    const read: string[] = [];
    for (let count = 0; count < 256; count += 1) read.push(text((await server.receive(never)).bytes));
    expect(read).toEqual(Array.from({ length: 256 }, (_, count) => `${count}`));
    await client.send(bytes('after'), bobAt(5351));
    expect(await next(server)).toBe('after');
  });

  test('are the receiver’s own: what the sender does with its buffer later changes nothing', async () => {
    const server = await bob.system.udp.open({ family: 'ipv4', localPort: 5351 });
    const client = await alice.system.udp.open({ family: 'ipv4' });
    const buffer = bytes('before');
    await client.send(buffer, bobAt(5351));
    buffer.fill(0);
    expect(await next(server)).toBe('before');
  });

  test('get lost as often as the segment says, the same ones for the same seed', async () => {
    const arrivals = async (seed: number): Promise<string[]> => {
      const lossy = new World({ seed, lossPercent: 30 });
      const segment = lossy.network.segment('lan');
      const from = attach(lossy, 'alice', segment, '192.168.1.2');
      const to = await attach(lossy, 'bob', segment, '192.168.1.3').system.udp.open({ family: 'ipv4', localPort: 9 });
      const client = await from.system.udp.open({ family: 'ipv4' });
      const read: string[] = [];
      lossy.spawn(async () => {
        for (;;) read.push(text((await to.receive(never)).bytes));
      });
      for (let count = 0; count < 500; count += 1) {
        await client.send(bytes(`${count}`), bobAt(9));
        await lossy.run(millis(5));
      }
      return read;
    };
    const first = await arrivals(1);
    expect(first.length).toBeGreaterThan(300);
    expect(first.length).toBeLessThan(400);
    expect(await arrivals(1)).toEqual(first);
    expect(await arrivals(2)).not.toEqual(first);
  });
});

describe('a connected socket', () => {
  test('learns from ICMP that nobody listens; an unconnected one waits on', async () => {
    const connected = await alice.system.udp.open({ family: 'ipv4', connectTo: bobAt(5351) });
    await connected.send(bytes('anyone?'));
    await expect(world.finish(connected.receive(never))).rejects.toMatchObject({ fault: 'refused' });
    const unconnected = await alice.system.udp.open({ family: 'ipv4' });
    await unconnected.send(bytes('anyone?'), bobAt(5351));
    let heard = false;
    void unconnected.receive(never).finally(() => {
      heard = true;
    });
    await world.run(inMinutes(1));
    expect(heard).toBe(false);
  });

  test('hears nothing of a host that is down, asleep or firewalled', async () => {
    const quiet: (() => void)[] = [
      () => bob.setPower(false),
      () => {
        bob.setPower(true);
        bob.clock.suspend(inSeconds(30));
      },
      () => {
        bob.dropInbound = () => true;
      },
    ];
    for (const silence of quiet) {
      silence();
      const socket = await alice.system.udp.open({ family: 'ipv4', connectTo: bobAt(5351) });
      await socket.send(bytes('anyone?'));
      let heard = false;
      void socket.receive(never).finally(() => {
        heard = true;
      });
      await world.run(inMinutes(1));
      expect(heard).toBe(false);
    }
  });

  test('drops what others send', async () => {
    const socket = await alice.system.udp.open({ family: 'ipv4', connectTo: bobAt(5351) });
    const carol = attach(world, 'carol', lan, '192.168.1.4');
    const to = { address: ip('192.168.1.2'), port: socket.local.port };
    await (await carol.system.udp.open({ family: 'ipv4', localPort: 5351 })).send(bytes('forged'), to);
    await (await bob.system.udp.open({ family: 'ipv4', localPort: 5352 })).send(bytes('other port'), to);
    await world.run(inSeconds(1));
    await (await bob.system.udp.open({ family: 'ipv4', localPort: 5351 })).send(bytes('real'), to);
    expect(await next(socket)).toBe('real');
  });

  test('without a route it cannot be had: unreachable', async () => {
    await expect(
      alice.system.udp.open({ family: 'ipv4', connectTo: { address: ip('9.9.9.9'), port: 53 } }),
    ).rejects.toMatchObject({ fault: 'unreachable' });
  });
});

describe('local ports', () => {
  test('belong to one socket unless both share', async () => {
    const { udp } = alice.system;
    await udp.open({ family: 'ipv4', localPort: 1900 });
    await expect(udp.open({ family: 'ipv4', localPort: 1900 })).rejects.toMatchObject({ fault: 'in-use' });
    await expect(udp.open({ family: 'ipv4', localPort: 1900, share: true })).rejects.toMatchObject({ fault: 'in-use' });
    await udp.open({ family: 'ipv4', localPort: 5350, share: true });
    await udp.open({ family: 'ipv4', localPort: 5350, share: true });
  });

  test('are free again after closing; a waiting read then rejects as closed', async () => {
    const { udp } = alice.system;
    const first = await udp.open({ family: 'ipv4', localPort: 1900 });
    const reading = first.receive(never);
    first.close();
    first.close();
    await expect(reading).rejects.toMatchObject({ fault: 'closed' });
    await expect(first.send(bytes('x'), bobAt(1))).rejects.toBeInstanceOf(NetworkError);
    await udp.open({ family: 'ipv4', localPort: 1900 });
  });

  test('an address of somebody else cannot be bound', async () => {
    await expect(alice.system.udp.open({ family: 'ipv4', localAddress: ip('192.168.1.3') })).rejects.toBeInstanceOf(
      NetworkError,
    );
  });
});

describe('multicast', () => {
  const join = (host: SimHost, interfaceAddress: string) =>
    host.system.udp.open({
      family: 'ipv4',
      localPort: 1900,
      share: true,
      multicast: { groups: [group], interfaceName: 'eth0', interfaceAddress: ip(interfaceAddress) },
    });

  test('reaches every member of the group on the segment, and nobody else', async () => {
    const carol = attach(world, 'carol', lan, '192.168.1.4');
    const far = attach(world, 'far', world.network.segment('elsewhere'), '192.168.1.5');
    const members = [await join(bob, '192.168.1.3'), await join(bob, '192.168.1.3')];
    const outsiders = [
      await join(far, '192.168.1.5'),
      await carol.system.udp.open({ family: 'ipv4', localPort: 1900 }),
    ];
    const client = await alice.system.udp.open({
      family: 'ipv4',
      multicast: { groups: [], interfaceName: 'eth0', interfaceAddress: ip('192.168.1.2') },
    });
    let strays = 0;
    for (const socket of outsiders)
      void socket.receive(never).finally(() => {
        strays += 1;
      });
    await client.send(bytes('M-SEARCH'), { address: group, port: 1900 });
    for (const member of members) expect(await next(member)).toBe('M-SEARCH');
    await world.run(inSeconds(1));
    expect(strays).toBe(0);
  });

  test('leaves by the socket’s own interface, whatever the routes prefer (H2)', async () => {
    const second = world.network.segment('second');
    alice.addInterface({ name: 'eth1', segment: second, addresses: [own('10.0.0.2', 24)] });
    alice.setDefaultRoutes([{ family: 'ipv4', gateway: ip('192.168.1.3'), interfaceName: 'eth0', metric: 1 }]);
    const there = attach(world, 'there', second, '10.0.0.3');
    const member = await join(there, '10.0.0.3');
    const client = await alice.system.udp.open({
      family: 'ipv4',
      multicast: { groups: [], interfaceName: 'eth1', interfaceAddress: ip('10.0.0.2') },
    });
    await client.send(bytes('M-SEARCH'), { address: group, port: 1900 });
    const heard = await world.finish(member.receive(never));
    expect(heard.from.address).toBe('10.0.0.2');
  });
});

describe('traffic that this machine forbids', () => {
  test('comes back as the fault of the send (H1, H4)', async () => {
    const socket = await alice.system.udp.open({ family: 'ipv4' });
    alice.deny = (packet) => (packet.destination.port === 1900 ? 'denied' : 'local-network');
    await expect(socket.send(bytes('x'), bobAt(1900))).rejects.toMatchObject({ fault: 'denied' });
    await expect(socket.send(bytes('x'), bobAt(5351))).rejects.toMatchObject({ fault: 'local-network' });
    alice.deny = undefined;
    await socket.send(bytes('x'), bobAt(5351));
  });
});

test('link-local neighbours are reached by their interface only, and known by it', async () => {
  alice.interface('eth0')?.setAddresses([own('fe80::2', 64)]);
  bob.interface('eth0')?.setAddresses([own('fe80::3', 64)]);
  const server = await bob.system.udp.open({ family: 'ipv6', localPort: 5351 });
  const client = await alice.system.udp.open({ family: 'ipv6' });
  await expect(client.send(bytes('x'), { address: ip('fe80::3'), port: 5351 })).rejects.toMatchObject({
    fault: 'unreachable',
  });
  await client.send(bytes('ping'), { address: ip('fe80::3'), port: 5351, zone: 'eth0' });
  const question = await world.finish(server.receive(never));
  expect(question.from).toEqual({ address: 'fe80::2', port: client.local.port, zone: 'eth0' });
  await server.send(bytes('pong'), question.from);
  expect(await next(client)).toBe('pong');
});
