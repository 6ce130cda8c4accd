/**
 * Real traffic inside a namespace: echo servers that say who they are, and probes that ask them.
 *
 *   node test/peers/lab/echo.ts serve NAME tcp/25565 udp/34197     until ended
 *   node test/peers/lab/echo.ts probe tcp ADDRESS PORT             prints who answers, exit code 1 when nobody does
 *   node test/peers/lab/echo.ts agent NAME                         JSON lines on standard input, for the lab itself
 */
import { createSocket } from 'node:dgram';
import { createConnection, createServer, isIPv6 } from 'node:net';
import { createInterface } from 'node:readline';
import {
  is,
  object,
  parse,
  picklist,
  number,
  pipe,
  integer,
  minValue,
  maxValue,
  string,
  variant,
  literal,
  type InferOutput,
} from 'valibot';

const transport = picklist(['tcp', 'udp']);
const port = pipe(number(), integer(), minValue(1), maxValue(65_535));
const request = variant('do', [
  object({ id: number(), do: literal('listen'), transport, port }),
  object({ id: number(), do: literal('silence'), transport, port }),
  object({ id: number(), do: literal('probe'), transport, port, address: string(), withinMs: number() }),
]);
export type AgentRequest = InferOutput<typeof request>;
type Transport = InferOutput<typeof transport>;
type Close = () => void;

/** `NAME:` before what came shows whose server it is. */
async function listen(name: string, transport: Transport, port: number): Promise<Close> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  if (transport === 'tcp') {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (bytes) => socket.write(`${name}:${bytes.toString()}`));
    });
    server.once('error', reject);
    // '::' takes IPv4 too.
    server.listen(port, '::', resolve);
    await promise;
    return () => server.close();
  }
  const socket = createSocket('udp6');
  socket.once('error', reject);
  socket.on('message', (bytes, from) => socket.send(`${name}:${bytes.toString()}`, from.port, from.address));
  socket.bind(port, '::', resolve);
  await promise;
  return () => socket.close();
}

export const isTransport = (text: unknown): text is Transport => is(transport, text);

/** The name of who answers, or `undefined` when nobody does within the time. */
export function probe(
  transport: Transport,
  address: string,
  port: number,
  withinMs: number,
): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const closers: Close[] = [];
  const read = (bytes: Buffer) => resolve(bytes.toString().split(':')[0]);
  if (transport === 'tcp') {
    const socket = createConnection({ host: address, port });
    socket.on('connect', () => socket.write('probe'));
    socket.on('data', read);
    socket.on('error', () => resolve(undefined));
    socket.on('close', () => resolve(undefined));
    closers.push(() => socket.destroy());
  } else {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    const send = () => socket.send('probe');
    socket.on('message', read);
    // Connected, so that "port unreachable" arrives; a first datagram may be lost to neighbour discovery.
    socket.on('error', () => resolve(undefined));
    socket.once('connect', () => {
      send();
      const again = setInterval(send, Math.max(50, withinMs / 4));
      closers.push(() => clearInterval(again));
    });
    // Without a route the callback is what hears of it, and there is no "error" event.
    socket.connect(port, address, (error?: Error) => {
      if (error !== undefined) resolve(undefined);
    });
    closers.push(() => socket.close());
  }
  const limit = setTimeout(() => resolve(undefined), withinMs);
  return promise.finally(() => {
    clearTimeout(limit);
    for (const close of closers) close();
  });
}

function agent(name: string): void {
  const open = new Map<string, Close>();
  const answer = async (asked: AgentRequest): Promise<unknown> => {
    const key = `${asked.transport}/${asked.port}`;
    switch (asked.do) {
      case 'listen':
        if (!open.has(key)) open.set(key, await listen(name, asked.transport, asked.port));
        return {};
      case 'silence':
        open.get(key)?.();
        open.delete(key);
        return {};
      case 'probe':
        return { answered: await probe(asked.transport, asked.address, asked.port, asked.withinMs) };
    }
  };
  createInterface({ input: process.stdin })
    .on('line', (line) => {
      const asked = parse(request, JSON.parse(line));
      answer(asked).then(
        (value) => console.log(JSON.stringify({ id: asked.id, ...Object(value) })),
        (error: unknown) => console.log(JSON.stringify({ id: asked.id, error: String(error) })),
      );
    })
    .on('close', () => process.exit(0));
}

function wanted(text: string): { transport: Transport; port: number } {
  const [kind, digits] = text.split('/');
  return { transport: parse(transport, kind), port: parse(port, Number(digits)) };
}

if (import.meta.main) {
  const [mode, ...rest] = process.argv.slice(2);
  if (mode === 'agent') {
    agent(rest[0] ?? 'somebody');
  } else if (mode === 'serve') {
    const [name = 'somebody', ...ports] = rest;
    for (const one of ports.map(wanted)) await listen(name, one.transport, one.port);
    console.log(`${name} echoes on ${ports.join(' ')}; Ctrl-C ends it`);
  } else if (mode === 'probe') {
    const [kind, address = '', digits] = rest;
    const who = await probe(parse(transport, kind), address, parse(port, Number(digits)), 2000);
    console.log(who === undefined ? 'nobody answers' : `${who} answers`);
    process.exit(who === undefined ? 1 : 0);
  } else {
    console.error('usage: echo.ts serve NAME tcp/PORT… | probe tcp|udp ADDRESS PORT | agent NAME');
    process.exit(2);
  }
}
