/** Asks a probe server to try one port of ours: see docs/probe.md. */
import type { Endpoint, IpAddress } from '../contract/address.ts';
import type { Transport } from '../contract/model.ts';
import { inSeconds, seconds, type Port, type Seconds } from '../contract/units.ts';
import { forAtMost } from '../system/deadline.ts';
import { NetworkError, type Connection, type System } from '../system/system.ts';
import { decodeServer, encodeAsk, encodeHello, PROOF_BYTES, SERVER_BYTES, type ProbeOutcome } from '../wire/probe.ts';
import { WireError } from '../wire/wire-error.ts';
import { proofOf, readMessage } from './proof.ts';
import type { StandIn } from './stand-in.ts';

export interface ProbeQuestion {
  readonly server: Endpoint;
  /** Our address to come from; what is probed is where the server sees it come from. */
  readonly from?: IpAddress | undefined;
  readonly transport: Transport;
  readonly port: Port;
  readonly secret?: Uint8Array | undefined;
  /** Listens where the program should; it learns the token before anything is sent there. */
  readonly standIn?: StandIn | undefined;
}

export interface ProbeAnswer {
  /** `no-answer`: the server cannot be reached, or is none. `needs-secret`: none was given. */
  readonly outcome: ProbeOutcome | 'no-answer' | 'needs-secret';
  /** Absent as long as the server has not said it. */
  readonly seen?: IpAddress;
  /** 0 where another try would say the same. */
  readonly retryAfter: Seconds;
}

/** Longer than the server takes for any probe. */
const PATIENCE = inSeconds(12);
/** Before another try, when the server hung up: too many ask. */
const CROWDED = seconds(5);

const NEVER = seconds(0);

/** @throws the signal's reason */
export async function askProbe(
  network: Pick<System, 'tcp' | 'clock'>,
  question: ProbeQuestion,
  signal: AbortSignal,
): Promise<ProbeAnswer> {
  const { server, from } = question;
  const none = { outcome: 'no-answer', retryAfter: NEVER } as const;
  const answer = await forAtMost(network.clock, PATIENCE, signal, async (inTime) => {
    let connection: Connection | undefined;
    try {
      connection = await network.tcp.connect(server, from === undefined ? {} : { localAddress: from }, inTime);
      return await converse(connection, question, inTime);
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      return none;
    } finally {
      connection?.close();
    }
  });
  return answer ?? none;
}

async function converse(connection: Connection, question: ProbeQuestion, signal: AbortSignal): Promise<ProbeAnswer> {
  const { transport, port, secret, standIn } = question;
  await connection.write(encodeHello());
  const offer = await heard(connection, signal);
  if (offer === undefined) return { outcome: 'busy', retryAfter: CROWDED };
  if (offer instanceof WireError) return { outcome: 'no-answer', retryAfter: NEVER };
  if (offer.kind === 'result') return offer;
  const { seen, token, needsSecret } = offer;
  if (needsSecret && secret === undefined) return { outcome: 'needs-secret', seen, retryAfter: NEVER };
  standIn?.expect(token);
  const ask = { token, transport, port, standsIn: standIn !== undefined };
  const proof = needsSecret && secret !== undefined ? proofOf(secret, ask) : new Uint8Array(PROOF_BYTES);
  await connection.write(encodeAsk({ ...ask, proof }));
  const result = await heard(connection, signal);
  if (result === undefined || result instanceof WireError || result.kind !== 'result') {
    return { outcome: 'no-answer', seen, retryAfter: NEVER };
  }
  return { ...result, seen };
}

/** `undefined`: it hung up. */
async function heard(connection: Connection, signal: AbortSignal) {
  const bytes = await readMessage(connection, SERVER_BYTES, signal);
  return bytes === undefined ? undefined : decodeServer(bytes);
}
