import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Endpoint, ip } from '../../main/contract/address.ts';
import { inHours, inMinutes, inSeconds } from '../../main/contract/units.ts';
import type { SimHost } from '../world/sim-host.ts';
import { World, type WorldOptions } from '../world/world.ts';
import type { Connection, Listener } from '../../main/system/system.ts';

const never = new AbortController().signal;
const bytes = (words: string): Uint8Array => new TextEncoder().encode(words);
const serverAt = (port: number): Endpoint => ({ address: ip('192.168.1.3'), port });

interface Pair {
  readonly world: World;
  readonly alice: SimHost;
  readonly bob: SimHost;
}

function pair(options: WorldOptions): Pair {
  const world = new World(options);
  const segment = world.network.segment('lan');
  const add = (name: string, address: string): SimHost => {
    const host = world.network.addHost(name);
    host.addInterface({
      name: 'eth0',
      segment,
      addresses: [{ address: ip(address), prefix: 24, temporary: false }],
    });
    return host;
  };
  return { world, alice: add('alice', '192.168.1.2'), bob: add('bob', '192.168.1.3') };
}

let lan: Pair;
let listener: Listener;
beforeEach(async () => {
  lan = pair({ seed: 3 });
  listener = await lan.bob.system.tcp.listen({ address: ip('0.0.0.0'), port: 80 });
});

async function connected({ world, alice }: Pair = lan, to: Listener = listener): Promise<[Connection, Connection]> {
  const accepting = to.accept(never);
  // Ten lost SYNs cost half an hour.
  const client = await world.finish(alice.system.tcp.connect(serverAt(80), {}, never), inHours(1));
  return [client, await world.finish(accepting)];
}

async function readAll(connection: Connection): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (;;) {
    const piece = await connection.read(never);
    if (piece === undefined) return Buffer.concat(pieces);
    pieces.push(piece);
  }
}

describe('a stream', () => {
  test('brings every byte in order, however writes were cut and segments delayed or lost', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 1e6 }),
        fc.constantFrom(0, 5, 40),
        fc.array(fc.uint8Array({ maxLength: 5000 }), { maxLength: 12 }),
        async (seed, lossPercent, writes) => {
          const there = pair({ seed, lossPercent });
          const [client, server] = await connected(
            there,
            await there.bob.system.tcp.listen({ address: ip('0.0.0.0'), port: 80 }),
          );
          there.world.spawn(async () => {
            for (const write of writes) await client.write(write);
            client.close();
          });
          const read = await there.world.finish(readAll(server), inMinutes(30));
          expect(Buffer.from(read)).toEqual(Buffer.concat(writes));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('ends reads elsewhere than writes, sometimes within one and sometimes across two', async () => {
    const [client, server] = await connected();
    const lengths = new Set<number>();
    for (let turn = 0; turn < 60; turn += 1) {
      await client.write(bytes('0123456789'));
      await client.write(bytes('abcdef'));
      await lan.world.run(inSeconds(0.1));
      for (let left = 16; left > 0;) {
        const piece = await lan.world.finish(server.read(never));
        lengths.add(piece?.length ?? 0);
        left -= piece?.length ?? 16;
      }
    }
    expect([...lengths].some((length) => length < 6)).toBe(true);
    expect([...lengths].some((length) => length > 10)).toBe(true);
  });

  test('keeps a write whole where a host is set not to cut', async () => {
    lan.alice.splitsStreams = false;
    const [client, server] = await connected();
    await client.write(bytes('POST / HTTP/1.1\r\n\r\nbody'));
    expect(await lan.world.finish(server.read(never))).toHaveLength(23);
  });

  test('makes a writer wait for a reader who does not read', async () => {
    const [client, server] = await connected();
    let written = 0;
    lan.world.spawn(async () => {
      for (;;) {
        await client.write(new Uint8Array(1000));
        written += 1000;
      }
    });
    await lan.world.run(inMinutes(1));
    expect(written).toBeLessThan(70_000);
    const blockedAt = written;
    lan.world.spawn(async () => {
      for (let read = 0; read < 200_000;) read += (await server.read(never))?.length ?? 0;
    });
    await lan.world.run(inMinutes(1));
    expect(written).toBeGreaterThan(blockedAt + 190_000);
  });

  test('survives a cut cable, and goes on where it was', async () => {
    const [client, server] = await connected();
    await client.write(bytes('before '));
    await lan.world.run(inSeconds(1));
    lan.bob.interface('eth0')?.setPlugged(false);
    await client.write(bytes('during '));
    await lan.world.run(inSeconds(20));
    await client.write(bytes('late '));
    lan.bob.interface('eth0')?.setPlugged(true);
    await lan.world.run(inMinutes(1));
    await client.write(bytes('after'));
    client.close();
    expect(new TextDecoder().decode(await lan.world.finish(readAll(server)))).toBe('before during late after');
  });
});

describe('connecting', () => {
  test('to a port where nobody listens is refused at once', async () => {
    const start = lan.world.now;
    await expect(lan.world.finish(lan.alice.system.tcp.connect(serverAt(81), {}, never))).rejects.toMatchObject({
      fault: 'refused',
    });
    expect(lan.world.now - start).toBeLessThan(100);
  });

  test('to a neighbour that is off fails after some seconds, through a router only after minutes', async () => {
    lan.bob.setPower(false);
    const start = lan.world.now;
    await expect(lan.world.finish(lan.alice.system.tcp.connect(serverAt(80), {}, never))).rejects.toMatchObject({
      fault: 'unreachable',
    });
    expect(lan.world.now - start).toBe(3000);
    lan.bob.setPower(true);
    lan.bob.dropInbound = () => true;
    const later = lan.world.now;
    await expect(lan.world.finish(lan.alice.system.tcp.connect(serverAt(80), {}, never))).rejects.toMatchObject({
      fault: 'unreachable',
    });
    expect(lan.world.now - later).toBeGreaterThan(inMinutes(2));
  });

  test('can be taken back; the listener is not left with a connection', async () => {
    lan.bob.dropInbound = () => true;
    const stop = new AbortController();
    const connecting = lan.alice.system.tcp.connect(serverAt(80), {}, stop.signal);
    const outcome = expect(connecting).rejects.toBe('enough');
    await lan.world.run(inSeconds(2));
    stop.abort('enough');
    await outcome;
    lan.bob.dropInbound = undefined;
    let accepted = false;
    void listener.accept(never).finally(() => {
      accepted = true;
    });
    await lan.world.run(inMinutes(5));
    expect(accepted).toBe(false);
    expect(lan.world.pending()).toEqual([]);
  });

  test('from an address of its own shows that address', async () => {
    lan.alice
      .interface('eth0')
      ?.setAddresses(
        ['192.168.1.2', '192.168.1.22'].map((address) => ({ address: ip(address), prefix: 24, temporary: false })),
      );
    const accepting = listener.accept(never);
    const to = serverAt(80);
    await lan.world.finish(lan.alice.system.tcp.connect(to, { localAddress: ip('192.168.1.22') }, never));
    expect((await lan.world.finish(accepting)).remote.address).toBe('192.168.1.22');
    await expect(lan.alice.system.tcp.connect(to, { localAddress: ip('192.168.1.99') }, never)).rejects.toMatchObject({
      fault: 'other',
    });
  });
});

describe('the end of a connection', () => {
  test('comes after everything that was written', async () => {
    const [client, server] = await connected();
    await server.write(bytes('last words'));
    server.close();
    expect(new TextDecoder().decode(await lan.world.finish(readAll(client)))).toBe('last words');
    await expect(server.write(bytes('more'))).rejects.toMatchObject({ fault: 'closed' });
    await expect(server.read(never)).rejects.toMatchObject({ fault: 'closed' });
  });

  test('is a reset for a peer whose bytes were never read', async () => {
    const [client, server] = await connected();
    await client.write(bytes('a question'));
    await lan.world.run(inSeconds(1));
    server.close();
    await expect(lan.world.finish(readAll(client))).rejects.toMatchObject({ fault: 'reset' });
    await expect(client.write(bytes('more'))).rejects.toMatchObject({ fault: 'reset' });
  });

  test('is a reset when the peer was rebooted meanwhile, seen by the next write', async () => {
    const [client] = await connected();
    lan.bob.crash('power-cut');
    let heard = false;
    const reading = client.read(never).catch((error: unknown) => {
      heard = true;
      return error;
    });
    await lan.world.run(inMinutes(10));
    expect(heard).toBe(false);
    await client.write(bytes('still there?'));
    expect(await lan.world.finish(reading)).toMatchObject({ fault: 'reset' });
  });

  test('is noticed at once when a program is killed: its system closes for it', async () => {
    const [client] = await connected();
    lan.bob.crash();
    expect(await lan.world.finish(client.read(never))).toBeUndefined();
  });

  test('leaves nothing to wait for', async () => {
    const [client, server] = await connected();
    client.close();
    server.close();
    await lan.world.run(inMinutes(1));
    expect(lan.world.pending()).toEqual([]);
  });
});

test('a listener hands out connections in order, and its port to one at a time', async () => {
  await expect(lan.bob.system.tcp.listen({ address: ip('192.168.1.3'), port: 80 })).rejects.toMatchObject({
    fault: 'in-use',
  });
  const first = await lan.world.finish(lan.alice.system.tcp.connect(serverAt(80), {}, never));
  const second = await lan.world.finish(lan.alice.system.tcp.connect(serverAt(80), {}, never));
  expect((await listener.accept(never)).remote.port).toBe(first.local.port);
  expect((await listener.accept(never)).remote.port).toBe(second.local.port);
  const waiting = listener.accept(never);
  listener.close();
  await expect(waiting).rejects.toMatchObject({ fault: 'closed' });
  await lan.bob.system.tcp.listen({ address: ip('192.168.1.3'), port: 80 });
});

test('a local socket is found by its path, or not there', async () => {
  const { tcp } = lan.alice.system;
  await expect(tcp.connectLocal('/var/run/minissdpd.sock', never)).rejects.toMatchObject({ fault: 'unreachable' });
  const service = await tcp.listen({ address: ip('127.0.0.1') });
  lan.alice.localServices.set('/var/run/minissdpd.sock', service.local);
  const connection = await lan.world.finish(tcp.connectLocal('/var/run/minissdpd.sock', never));
  await connection.write(bytes('x'));
  const accepted = await lan.world.finish(service.accept(never));
  expect(await lan.world.finish(accepted.read(never))).toEqual(bytes('x'));
});
