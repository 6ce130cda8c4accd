/** Answers a probe server on a port where no program listens, for as long as the probe takes. */
import { familyOf, type Endpoint } from '../contract/address.ts';
import type { Transport } from '../contract/model.ts';
import { inSeconds } from '../contract/units.ts';
import { forAtMost } from '../system/deadline.ts';
import { NetworkError, type Connection, type System } from '../system/system.ts';
import { decodeSign, encodeSign, PROBE_BYTES, sameBytes } from '../wire/probe.ts';
import { WireError } from '../wire/wire-error.ts';
import { readMessage } from './proof.ts';

type Network = Pick<System, 'tcp' | 'udp' | 'clock'>;

/** The port is open to everybody meanwhile: so many are heard at once. */
const MOST_CONNECTIONS = 8;
/** For the 40 bytes of a sign. */
const PATIENCE = inSeconds(3);

export interface StandIn {
  /** Only whoever knows this is answered. */
  expect(token: Uint8Array): void;
  /** A sign with that token has come. */
  readonly hasArrived: boolean;
  close(): void;
}

/** @throws NetworkError; with fault `in-use` a program has the port */
export async function openStandIn(network: Network, transport: Transport, at: Endpoint): Promise<StandIn> {
  const signs = new Signs();
  const ending = new AbortController();
  const { signal } = ending;
  if (transport === 'tcp') {
    const listener = await network.tcp.listen(at);
    void untilClosed(() => acceptAll(network, listener, signs, signal));
    return standIn(signs, () => {
      ending.abort('over');
      listener.close();
    });
  }
  const socket = await network.udp.open({
    family: familyOf(at.address),
    localAddress: at.address,
    localPort: at.port,
  });
  void untilClosed(async () => {
    for (;;) {
      const { bytes, from } = await socket.receive(signal);
      const answer = signs.answerTo(bytes);
      if (answer !== undefined) await socket.send(answer, from).catch(() => undefined);
    }
  });
  return standIn(signs, () => {
    ending.abort('over');
    socket.close();
  });
}

const standIn = (signs: Signs, close: () => void): StandIn => ({
  expect: (token) => {
    signs.token = token;
  },
  get hasArrived() {
    return signs.hasArrived;
  },
  close,
});

class Signs {
  token: Uint8Array | undefined;
  hasArrived = false;

  /** As long as the request, and only for those who know the token. */
  answerTo(bytes: Uint8Array): Uint8Array | undefined {
    const sign = decodeSign(bytes);
    if (sign instanceof WireError || sign.kind !== 'probe' || this.token === undefined) return undefined;
    if (!sameBytes(sign.token, this.token)) return undefined;
    this.hasArrived = true;
    return encodeSign({ ...sign, kind: 'echo' });
  }
}

async function acceptAll(
  network: Network,
  listener: Awaited<ReturnType<System['tcp']['listen']>>,
  signs: Signs,
  signal: AbortSignal,
): Promise<void> {
  let heard = 0;
  const hear = async (connection: Connection): Promise<void> => {
    heard += 1;
    try {
      const bytes = await forAtMost(network.clock, PATIENCE, signal, (inTime) =>
        readMessage(connection, PROBE_BYTES, inTime),
      );
      const answer = bytes === undefined ? undefined : signs.answerTo(bytes);
      if (answer !== undefined) await connection.write(answer);
    } finally {
      heard -= 1;
      connection.close();
    }
  };
  for (;;) {
    const connection = await listener.accept(signal);
    if (heard >= MOST_CONNECTIONS) connection.close();
    else void untilClosed(() => hear(connection));
  }
}

async function untilClosed(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Error && !(error instanceof NetworkError)) throw error;
  }
}
