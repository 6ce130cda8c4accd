/** A probe server under attack: it sends to whoever asks, at the address that was proven, less than it got; counted. */
import { afterEach, describe, expect, test } from 'vitest';
import { ip, type IpAddress } from '../../main/contract/address.ts';
import { inSeconds, port } from '../../main/contract/units.ts';
import { ALL, EACH, MOST_CONNECTIONS, MOST_OF_ONE } from '../../main/probe/server.ts';
import { decodeServer, encodeAsk, encodeHello, type ProbeAsk } from '../../main/wire/probe.ts';
import { WireError } from '../../main/wire/wire-error.ts';
import { NetworkError, type Connection } from '../../main/system/system.ts';
import { payloadOf, PROBE_PORT, ProbeScene } from '../support/probe-scene.ts';
import { createHome } from '../world/home.ts';
import { interfaceAddress, INTERNET } from '../world/router-site.ts';
import type { SimHost } from '../world/sim-host.ts';
import { World } from '../world/world.ts';

const ATTACKER = ip('66.66.66.66');
const VICTIM = ip('77.77.77.77');
const NEVER = new AbortController().signal;
const NO_PROOF = new Uint8Array(32);

const scenes: ProbeScene[] = [];
afterEach(async () => {
  for (const each of scenes.splice(0)) await each.stop();
});

async function scene() {
  const world = new World({ seed: 1 });
  const home = await createHome(world);
  const addHost = (name: string, address: IpAddress): SimHost => {
    const host = world.network.addHost(name);
    const addresses = [interfaceAddress(address, 0)];
    host.addInterface({ name: 'eth0', segment: world.network.segment(INTERNET), addresses });
    return host;
  };
  const attacker = addHost('attacker', ATTACKER);
  const victim = addHost('victim', VICTIM);
  const at = await ProbeScene.start(home);
  scenes.push(at);
  return { at, world, attacker, victim, addHost };
}

type Scene = Awaited<ReturnType<typeof scene>>;

async function connected({ at, world, attacker }: Scene, host: SimHost = attacker): Promise<Connection> {
  return await world.finish(host.system.tcp.connect(at.server, {}, NEVER));
}

async function heard({ world }: Scene, connection: Connection): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const read = async (): Promise<void> => {
    for (let length = 0; length < 64;) {
      const bytes = await connection.read(NEVER);
      if (bytes === undefined) return;
      parts.push(bytes);
      length += bytes.length;
    }
  };
  await world.finish(
    read().catch((error: unknown) => {
      if (!(error instanceof NetworkError)) throw error;
    }),
  );
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Says hello, and returns the token. */
async function greeted(from: Scene, connection: Connection): Promise<Uint8Array> {
  await from.world.finish(connection.write(encodeHello()));
  const offer = decodeServer(await heard(from, connection));
  if (offer instanceof WireError || offer.kind !== 'offer') throw new Error('no offer');
  return offer.token;
}

const asking = (token: Uint8Array, change: Partial<ProbeAsk> = {}): Uint8Array =>
  encodeAsk({ token, transport: 'udp', port: port(53), standsIn: false, proof: NO_PROOF, ...change });

/** Packets from the server to this address, beside the answers on its connections. */
const triedAt = ({ at }: Scene, address: IpAddress): number =>
  at.sent.filter(({ source, destination }) => destination.address === address && source.port !== PROBE_PORT).length;

describe('forged requests', () => {
  test('another’s source address: nothing is sent to it but the answers to its own connection', async () => {
    const from = await scene();
    const { at, world, attacker } = from;
    for (let n = 0; n < 200; n += 1) {
      const source = { address: VICTIM, port: 1024 + n };
      for (const bytes of [encodeHello(), asking(new Uint8Array(16))]) {
        attacker.send({ transport: 'udp', source, destination: at.server, content: { kind: 'datagram', bytes } });
        const content = { kind: 'data', sequence: 0, bytes } as const;
        attacker.send({ transport: 'tcp', source, destination: at.server, content });
      }
    }
    await world.run(inSeconds(30));
    expect(at.served).toEqual([]);
    expect(at.sent.reduce((sum, packet) => sum + payloadOf(packet), 0)).toBe(0);
    expect(triedAt(from, VICTIM)).toBe(0);
  });

  test('a token is good once, for one port, on the connection that it came by', async () => {
    const from = await scene();
    const { at, world } = from;
    const first = await connected(from);
    const token = await greeted(from, first);
    // On another connection; then made up; then twice in one message.
    for (const bytes of [asking(token), asking(new Uint8Array(16).fill(7)), [...asking(token), ...asking(token)]]) {
      const other = await connected(from);
      await greeted(from, other);
      await world.finish(other.write(Uint8Array.from(bytes)));
      expect(await heard(from, other)).toHaveLength(0);
    }
    expect(at.served).toEqual([]);
    await world.finish(first.write(asking(token)));
    expect(decodeServer(await heard(from, first))).toMatchObject({ kind: 'result' });
    // Used up, and so is the connection.
    await first.write(asking(token, { port: port(54) })).catch(() => undefined);
    await world.run(inSeconds(30));
    expect(at.served).toMatchObject([{ address: ATTACKER, port: 53 }]);
    expect(at.recipients).toEqual([ATTACKER]);
  });

  test('no request names an address: only the asker’s own is tried', async () => {
    const from = await scene();
    const { at, world } = from;
    const connection = await connected(from);
    const token = await greeted(from, connection);
    const bytes = asking(token);
    // The rest of the message, filled with the victim's address everywhere.
    for (let offset = 60; offset + 4 <= bytes.length; offset += 4) bytes.set([77, 77, 77, 77], offset);
    await world.finish(connection.write(bytes));
    await heard(from, connection);
    expect(at.served).toMatchObject([{ address: ATTACKER }]);
    expect(at.recipients).toEqual([ATTACKER]);
  });

  test('from a private address it tries nothing: what is in front of it may be a proxy', async () => {
    const { at, world } = await scene();
    const { internet } = at.home;
    internet.addInterface({
      name: 'docker0',
      segment: world.network.segment('docker'),
      addresses: [interfaceAddress('172.17.0.1', 16)],
    });
    const proxy = world.network.addHost('proxy');
    proxy.addInterface({
      name: 'eth0',
      segment: world.network.segment('docker'),
      addresses: [interfaceAddress('172.17.0.2', 16)],
    });
    const connection = await world.finish(
      proxy.system.tcp.connect({ address: ip('172.17.0.1'), port: PROBE_PORT }, {}, NEVER),
    );
    await world.finish(connection.write(encodeHello()));
    const parts = await world.finish(connection.read(NEVER));
    expect(parts?.[6]).toBe(9);
    expect(at.served).toEqual([]);
  });
});

describe('floods', () => {
  test('one address gets its rate, whatever it asks for', async () => {
    const from = await scene();
    const { at, world, attacker } = from;
    const flood = async (): Promise<void> => {
      for (let wanted = 1; wanted <= 400; wanted += 1) {
        await at.ask('udp', wanted, { host: attacker });
      }
    };
    const began = world.now;
    await flood();
    const passed = world.now - began;
    expect(at.served.length).toBeLessThanOrEqual(EACH.burst + passed / EACH.every + 1);
    expect(at.served.length).toBeGreaterThan(EACH.burst - 1);
    expect(at.recipients).toEqual([ATTACKER]);
  });

  test('a crowd of addresses gets the rate of all', async () => {
    const from = await scene();
    const { at, world, addHost } = from;
    const hosts = Array.from({ length: 40 }, (_, n) => addHost(`bot-${n}`, ip(`66.66.67.${n + 1}`)));
    const began = world.now;
    const ask = async (host: SimHost): Promise<void> => {
      for (let n = 0; n < 30; n += 1) {
        const connection = await host.system.tcp.connect(at.server, {}, NEVER);
        const work = async (): Promise<void> => {
          await connection.write(encodeHello());
          const token = (await connection.read(NEVER))?.subarray(8, 24) ?? new Uint8Array(16);
          if (token.length === 16) await connection.write(asking(token, { transport: 'tcp', port: port(1 + n) }));
          while ((await connection.read(NEVER)) !== undefined);
        };
        await work().catch(() => undefined);
        connection.close();
      }
    };
    await world.finish(Promise.all(hosts.map(ask)));
    const passed = world.now - began;
    expect(at.served.length).toBeLessThanOrEqual(ALL.burst + passed / ALL.every + 1);
    expect(at.served.length).toBeGreaterThan(100);
  });

  test('half-open talk ends, is bounded, and gives way', async () => {
    const from = await scene();
    const { at, world, addHost } = from;
    const silent: Connection[] = [];
    for (let n = 0; n < 30; n += 1) {
      const bot = addHost(`bot-${n}`, ip(`66.66.67.${n + 1}`));
      for (let m = 0; m < MOST_OF_ONE + 2; m += 1) silent.push(await connected(from, bot));
    }
    expect(silent.length).toBeGreaterThan(2 * MOST_CONNECTIONS);
    let over = 0;
    for (const connection of silent) {
      const count = (): void => {
        over += 1;
      };
      connection.read(NEVER).then(count, count);
    }
    await world.run(inSeconds(1));
    expect(silent.length - over).toBeLessThanOrEqual(MOST_CONNECTIONS);
    // All places are taken by those who say nothing; a person still gets an answer.
    expect(await at.ask('tcp', 25_565)).not.toMatchObject({ outcome: 'no-answer' });
    await world.run(inSeconds(10));
    expect(over).toBe(silent.length);
  });
});

test('never sends more than it was sent, whatever is answered or not', async () => {
  const from = await scene();
  const { at, attacker, world } = from;
  const sum = (packets: typeof at.sent): number => packets.reduce((bytes, packet) => bytes + payloadOf(packet), 0);
  for (const isSilent of [false, true]) {
    // Where nobody answers, all tries are made.
    attacker.answersClosedPorts = !isSilent;
    attacker.dropInbound = ({ source }) => isSilent && source.port !== PROBE_PORT;
    for (const transport of ['udp', 'tcp'] as const) {
      const [sent, received] = [sum(at.sent), sum(at.received)];
      await at.ask(transport, 4000, { host: attacker });
      await world.run(inSeconds(20));
      expect(sum(at.sent) - sent).toBeLessThanOrEqual(sum(at.received) - received);
    }
  }
  expect(at.served.map(({ outcome }) => outcome)).toEqual(['refused', 'refused', 'silent', 'silent']);
  expect(triedAt(from, ATTACKER)).toBeGreaterThan(4);
});
