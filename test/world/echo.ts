import { type Endpoint, type IpAddress, ip } from '../../main/contract/address.ts';
import type { Transport } from '../../main/contract/model.ts';
import { type Millis, inSeconds } from '../../main/contract/units.ts';
import { type Connection, NetworkError, type System } from '../../main/system/system.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** Longest question and answer, in bytes. */
const LONGEST = 256;

export interface EchoPlace {
  readonly transport: Transport;
  /** Every address of this family when absent: IPv4. */
  readonly address?: IpAddress;
  readonly port: number;
}

/** Answers every line with `<name> <line>`, listening once resolved, until the signal.
 * @throws NetworkError when the port cannot be had */
export async function startEcho(system: System, name: string, place: EchoPlace, signal: AbortSignal): Promise<void> {
  const address = place.address ?? ip('0.0.0.0');
  if (place.transport === 'tcp') {
    const listener = await system.tcp.listen({ address, port: place.port });
    signal.addEventListener('abort', () => listener.close(), { once: true });
    void untilClosed(async () => {
      const connection = await listener.accept(signal);
      void answer(connection, name, signal);
    });
    return;
  }
  const family = address.includes(':') ? 'ipv6' : 'ipv4';
  const socket = await system.udp.open({ family, localAddress: address, localPort: place.port });
  signal.addEventListener('abort', () => socket.close(), { once: true });
  void untilClosed(async () => {
    const { bytes, from } = await socket.receive(signal);
    await socket.send(encoder.encode(`${name} ${decoder.decode(bytes)}`), from).catch(() => undefined);
  });
}

/** Asks an echo: the name that answered, or `undefined` when none did in time. */
export async function askEcho(
  system: System,
  transport: Transport,
  to: Endpoint,
  patience: Millis = inSeconds(5),
): Promise<string | undefined> {
  const question = `who is there ${Math.floor(system.random.unit() * 1e9)}\n`;
  const stop = new AbortController();
  const giveUp = system.clock.sleep(patience, stop.signal).then(
    () => undefined,
    () => undefined,
  );
  const ask = transport === 'tcp' ? askOverTcp : askOverUdp;
  const answered = ask(system, to, question, stop.signal).catch(() => undefined);
  const answer = await Promise.race([answered, giveUp]);
  stop.abort();
  return answer?.endsWith(` ${question}`) === true ? answer.slice(0, -question.length - 1) : undefined;
}

async function askOverTcp(system: System, to: Endpoint, question: string, signal: AbortSignal): Promise<string> {
  const connection = await system.tcp.connect(to, {}, signal);
  try {
    await connection.write(encoder.encode(question));
    return await readLine(connection, signal);
  } finally {
    connection.close();
  }
}

async function askOverUdp(system: System, to: Endpoint, question: string, signal: AbortSignal): Promise<string> {
  const family = to.address.includes(':') ? 'ipv6' : 'ipv4';
  const socket = await system.udp.open({ family, connectTo: to });
  try {
    // Three tries half a second apart: networks lose datagrams.
    for (let tries = 0; tries < 3; tries += 1) {
      await socket.send(encoder.encode(question));
      const pause = new AbortController();
      const answer = await Promise.race([
        socket.receive(AbortSignal.any([signal, pause.signal])).then(({ bytes }) => decoder.decode(bytes)),
        system.clock.sleep(inSeconds(0.5), AbortSignal.any([signal, pause.signal])).then(() => undefined),
      ]);
      pause.abort();
      if (answer !== undefined) return answer;
    }
    throw new NetworkError('unreachable', 'no answer');
  } finally {
    socket.close();
  }
}

async function answer(connection: Connection, name: string, signal: AbortSignal): Promise<void> {
  try {
    await connection.write(encoder.encode(`${name} ${await readLine(connection, signal)}`));
  } catch {
    // The one who asked has gone.
  } finally {
    connection.close();
  }
}

async function readLine(connection: Connection, signal: AbortSignal): Promise<string> {
  let line = '';
  while (!line.includes('\n') && line.length < LONGEST) {
    const piece = await connection.read(signal);
    if (piece === undefined) break;
    line += decoder.decode(piece);
  }
  return line;
}

/** Again and again, until the socket is closed or the wait is taken back. */
async function untilClosed(step: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await step();
    } catch (error) {
      if (error instanceof NetworkError && error.fault !== 'closed') continue;
      return;
    }
  }
}
