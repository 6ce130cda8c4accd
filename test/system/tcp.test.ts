import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ip, type Endpoint } from '../../main/contract/address.ts';
import { createNodeTcp } from '../../main/system/node/network/tcp.ts';
import type { Connection, Listener } from '../../main/system/system.ts';
import { temporaryFolder } from './files/temporary-folder.ts';

const here = ip('127.0.0.1');
const never = new AbortController().signal;
const tcp = createNodeTcp();
const bytes = (content: string): Uint8Array => new TextEncoder().encode(content);

async function listen(): Promise<Listener> {
  const listener = await tcp.listen({ address: here });
  onTestFinished(() => listener.close());
  return listener;
}

async function connect(to: Endpoint): Promise<Connection> {
  const connection = await tcp.connect(to, {}, never);
  onTestFinished(() => connection.close());
  return connection;
}

async function pair(): Promise<{ readonly client: Connection; readonly server: Connection }> {
  const listener = await listen();
  const client = await connect(listener.local);
  const server = await listener.accept(never);
  onTestFinished(() => server.close());
  return { client, server };
}

/** A server of plain Node, to see what is on the wire. */
async function plainServer(): Promise<{ readonly at: Endpoint; readonly accepted: Promise<net.Socket> }> {
  const server = net.createServer({ allowHalfOpen: true });
  const accepted = new Promise<net.Socket>((resolve) => {
    server.once('connection', (socket) => {
      onTestFinished(() => void socket.destroy());
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
  server.listen(0, here);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  return { at: { address: here, port: typeof address === 'object' && address !== null ? address.port : 0 }, accepted };
}

async function readText(connection: Connection, length: number): Promise<string> {
  let text = '';
  while (text.length < length) {
    const chunk = await connection.read(never);
    if (chunk === undefined) break;
    text += new TextDecoder().decode(chunk);
  }
  return text;
}

it('carries bytes both ways and knows both ends', async () => {
  const { client, server } = await pair();
  expect(server.remote).toEqual(client.local);
  expect(client.remote).toEqual(server.local);
  await client.write(bytes('request'));
  expect(await readText(server, 7)).toBe('request');
  await server.write(bytes('answer'));
  expect(await readText(client, 6)).toBe('answer');
});

it('leaves from the requested local address', async () => {
  const listener = await listen();
  const connection = await tcp.connect(listener.local, { localAddress: ip('127.0.0.2') }, never);
  onTestFinished(() => connection.close());
  expect((await listener.accept(never)).remote.address).toBe('127.0.0.2');
});

it('sends what one call wrote in one piece (X19)', async () => {
  const { at, accepted } = await plainServer();
  const client = await connect(at);
  const chunk = once(await accepted, 'data');
  await client.write(bytes(`POST /ctl HTTP/1.1\r\n\r\n${'x'.repeat(4000)}`));
  expect(String((await chunk)[0])).toHaveLength(4022);
});

it('does not end its side, neither after a request nor when the router ends its own (X20)', async () => {
  const { at, accepted } = await plainServer();
  const client = await connect(at);
  const router = await accepted;
  let ended = false;
  router.on('end', () => (ended = true)).resume();
  await client.write(bytes('request'));
  router.end('answer');
  expect(await readText(client, 100)).toBe('answer');
  expect(await client.read(never)).toBeUndefined();
  expect(await client.read(never)).toBeUndefined();
  await client.write(bytes('still talking'));
  expect(ended).toBe(false);
  client.close();
  await once(router, 'close');
});

it('reads everything of a large answer, however slowly', async () => {
  const { client, server } = await pair();
  const size = 3_000_000;
  const sent = server.write(bytes('x'.repeat(size)));
  expect(await readText(client, size)).toHaveLength(size);
  await sent;
});

describe('failures', () => {
  it('nobody listens', async () => {
    const listener = await listen();
    listener.close();
    await expect(tcp.connect(listener.local, {}, never)).rejects.toMatchObject({ fault: 'refused' });
  });

  it('the peer breaks the connection', async () => {
    const { at, accepted } = await plainServer();
    const client = await connect(at);
    const reading = client.read(never);
    (await accepted).resetAndDestroy();
    await expect(reading).rejects.toMatchObject({ name: 'NetworkError', fault: 'reset' });
  });

  it('the port is taken', async () => {
    const { local } = await listen();
    await expect(tcp.listen(local)).rejects.toMatchObject({ fault: 'in-use' });
  });

  it('we closed it ourselves', async () => {
    const { client } = await pair();
    const reading = client.read(never);
    client.close();
    client.close();
    await expect(reading).rejects.toMatchObject({ fault: 'closed' });
    await expect(client.read(never)).rejects.toMatchObject({ fault: 'closed' });
    await expect(client.write(bytes('more'))).rejects.toMatchObject({ fault: 'closed' });
  });

  it('the listener was closed', async () => {
    const listener = await listen();
    const accepting = listener.accept(never);
    listener.close();
    await expect(accepting).rejects.toMatchObject({ fault: 'closed' });
  });
});

describe('giving up', () => {
  it('before and while connecting', async () => {
    const { local } = await listen();
    await expect(tcp.connect(local, {}, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
    const stop = new AbortController();
    const connecting = tcp.connect(local, {}, stop.signal);
    stop.abort(new Error('stopped'));
    await expect(connecting).rejects.toThrow('stopped');
  });

  it('while reading, which leaves the connection usable', async () => {
    const { client, server } = await pair();
    const stop = new AbortController();
    const reading = client.read(stop.signal);
    stop.abort(new Error('stopped'));
    await expect(reading).rejects.toThrow('stopped');
    await server.write(bytes('late'));
    expect(await readText(client, 4)).toBe('late');
  });
});

describe('local stream sockets', () => {
  it('are reached by path', async () => {
    const socketPath = path.join(temporaryFolder(), 'minissdpd.sock');
    const daemon = net.createServer((socket) => socket.pipe(socket));
    daemon.listen(socketPath);
    await once(daemon, 'listening');
    onTestFinished(() => void daemon.close());
    const connection = await tcp.connectLocal(socketPath, never);
    await connection.write(bytes('\u0003\u0000'));
    expect(await readText(connection, 2)).toBe('\u0003\u0000');
    connection.close();
  });

  it('that are not there are unreachable', async () => {
    const absent = path.join(temporaryFolder(), 'absent.sock');
    await expect(tcp.connectLocal(absent, never)).rejects.toMatchObject({ fault: 'unreachable' });
  });
});
