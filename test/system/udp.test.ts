import os from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ip, type Endpoint } from '../../main/contract/address.ts';
import { millis } from '../../main/contract/units.ts';
import { createNodeClock } from '../../main/system/node/clock.ts';
import { createNodeUdp } from '../../main/system/node/network/udp.ts';
import type { UdpOptions, UdpSocket } from '../../main/system/system.ts';

const here = ip('127.0.0.1');
const never = new AbortController().signal;
const clock = createNodeClock();
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytes = (content: string): Uint8Array => new TextEncoder().encode(content);

async function open(options: Partial<UdpOptions> = {}): Promise<UdpSocket> {
  const socket = await createNodeUdp().open({ family: 'ipv4', localAddress: here, ...options });
  onTestFinished(() => socket.close());
  return socket;
}

/** A port of this machine where nobody listens any more. */
async function deserted(): Promise<Endpoint> {
  const socket = await open();
  socket.close();
  return socket.local;
}

it('carries datagrams there and back, and says where they came from', async () => {
  const [one, other] = [await open(), await open()];
  await one.send(bytes('ping'), other.local);
  const ping = await other.receive(never);
  expect({ from: ping.from, said: text(ping.bytes) }).toEqual({ from: one.local, said: 'ping' });
  await other.send(bytes(''), ping.from);
  expect((await one.receive(never)).bytes).toHaveLength(0);
});

it('speaks IPv6', async () => {
  const [one, other] = [
    await open({ family: 'ipv6', localAddress: ip('::1') }),
    await open({ family: 'ipv6', localAddress: ip('::1') }),
  ];
  await one.send(bytes('six'), other.local);
  expect((await other.receive(never)).from).toEqual({ address: '::1', port: one.local.port });
});

it('keeps datagrams until they are requested, and drops what is more than 256', async () => {
  const [sender, reader] = [await open(), await open()];
  for (let count = 0; count < 300; count += 1) {
    await sender.send(bytes(String(count)), reader.local);
    if (count % 10 === 0) await clock.sleep(millis(1), never);
  }
  await clock.sleep(millis(200), never);
  const read: string[] = [];
  for (let count = 0; count < 256; count += 1) read.push(text((await reader.receive(never)).bytes));
  expect(read).toEqual(Array.from({ length: 256 }, (_, count) => String(count)));
  await sender.send(bytes('after the flood'), reader.local);
  expect(text((await reader.receive(never)).bytes)).toBe('after the flood');
});

it('serves those who wait in their order, without those who gave up', async () => {
  const [sender, reader] = [await open(), await open()];
  const impatient = new AbortController();
  const first = reader.receive(impatient.signal);
  const second = reader.receive(never);
  impatient.abort(new Error('no patience'));
  await expect(first).rejects.toThrow('no patience');
  await sender.send(bytes('for the second'), reader.local);
  expect(text((await second).bytes)).toBe('for the second');
});

describe('a connected socket', () => {
  it('learns at once that nobody listens', async () => {
    const socket = await open({ connectTo: await deserted() });
    await socket.send(bytes('anyone?'));
    await expect(socket.receive(never)).rejects.toMatchObject({ name: 'NetworkError', fault: 'refused' });
  });

  it('goes on after a refusal, and loses no datagram to the error of an earlier one', async () => {
    const place = await deserted();
    const socket = await open({ connectTo: place });
    await socket.send(bytes('too early'));
    await clock.sleep(millis(50), never);
    const late = await open({ localPort: place.port });
    await socket.send(bytes('now'));
    expect(text((await late.receive(never)).bytes)).toBe('now');
    await late.send(bytes('welcome'), socket.local);
    await expect(socket.receive(never)).rejects.toMatchObject({ fault: 'refused' });
    expect(text((await socket.receive(never)).bytes)).toBe('welcome');
  });

  it('hears its peer only', async () => {
    const [peer, stranger] = [await open(), await open()];
    const socket = await open({ connectTo: peer.local });
    await stranger.send(bytes('believe me'), socket.local);
    await peer.send(bytes('the truth'), socket.local);
    expect(text((await socket.receive(never)).bytes)).toBe('the truth');
  });

  it('knows which of our addresses leads to the peer', async () => {
    const peer = await open();
    const socket = await createNodeUdp().open({ family: 'ipv4', connectTo: peer.local });
    onTestFinished(() => socket.close());
    expect(socket.local.address).toBe('127.0.0.1');
  });
});

it('does not blame a socket without a peer for what one of many refused', async () => {
  const [socket, other] = [await open(), await open()];
  await socket.send(bytes('anyone?'), await deserted());
  await clock.sleep(millis(50), never);
  await other.send(bytes('me'), socket.local);
  expect(text((await socket.receive(never)).bytes)).toBe('me');
});

describe('ports', () => {
  it('says that one is taken', async () => {
    const { local } = await open();
    await expect(open({ localPort: local.port })).rejects.toMatchObject({ fault: 'in-use' });
  });

  it('shares one with others who share it (H5)', async () => {
    const one = await open({ share: true });
    const other = await open({ share: true, localPort: one.local.port });
    expect(other.local).toEqual(one.local);
  });

  it('says that an address is not ours', async () => {
    await expect(open({ localAddress: ip('11.22.33.44') })).rejects.toMatchObject({ fault: 'unreachable' });
  });
});

it('reports to a waiting reader and later senders that it was closed', async () => {
  const socket = await open();
  const reading = socket.receive(never);
  socket.close();
  socket.close();
  await expect(reading).rejects.toMatchObject({ fault: 'closed' });
  await expect(socket.receive(never)).rejects.toMatchObject({ fault: 'closed' });
  await expect(socket.send(bytes('hello'), socket.local)).rejects.toMatchObject({ fault: 'closed' });
});

it('hands multicast around on the loopback interface', async () => {
  const [interfaceName = ''] = Object.entries(os.networkInterfaces()).find(([, own]) => own?.[0]?.internal) ?? [];
  const multicast = { groups: [ip('239.255.255.250')], interfaceName, interfaceAddress: here };
  const listener = await createNodeUdp().open({ family: 'ipv4', share: true, multicast });
  onTestFinished(() => listener.close());
  const sender = await open({ multicast: { ...multicast, groups: [] } });
  await sender.send(bytes('M-SEARCH'), { address: ip('239.255.255.250'), port: listener.local.port });
  const heard = await listener.receive(never);
  expect({ from: heard.from, said: text(heard.bytes) }).toEqual({ from: sender.local, said: 'M-SEARCH' });
});
