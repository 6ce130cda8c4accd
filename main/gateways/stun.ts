/** Asks a STUN server on the internet which address it sees us with (RFC 8489 §6, without authentication). */
import { familyOf, type Endpoint, type IpAddress } from '../contract/address.ts';
import { inSeconds, millis } from '../contract/units.ts';
import { forAtMost } from '../system/deadline.ts';
import { NetworkError, type System, type UdpSocket } from '../system/system.ts';
import { decodeStun, encodeStunBinding } from '../wire/stun.ts';
import { WireError } from '../wire/wire-error.ts';
import { Refused } from './failure.ts';

/** RFC 8489 §6.2.1: RTO of 500 ms, doubling; seven sends would take 39.5 s, for which nobody waits here. */
const SENDS_AFTER = [millis(0), millis(500), millis(1000)] as const;
const PATIENCE = inSeconds(2.5);

/**
 * @returns nothing where no answer came in time, or only one that cannot be understood
 * @throws Refused when the server says no, or the signal's reason
 */
export async function askStun(
  network: Pick<System, 'udp' | 'clock' | 'random'>,
  server: Endpoint,
  signal: AbortSignal,
): Promise<IpAddress | undefined> {
  let socket: UdpSocket;
  try {
    socket = await network.udp.open({ family: familyOf(server.address), connectTo: server });
  } catch (error) {
    if (error instanceof NetworkError) return undefined;
    throw error;
  }
  const transaction = network.random.bytes(12);
  const answered = new AbortController();
  const sending = sendAgain(
    network,
    socket,
    encodeStunBinding(transaction),
    AbortSignal.any([signal, answered.signal]),
  );
  try {
    return await forAtMost(network.clock, PATIENCE, signal, (inTime) => answerTo(transaction, socket, inTime));
  } catch (error) {
    if (error instanceof NetworkError) return undefined;
    throw error;
  } finally {
    answered.abort();
    socket.close();
    await sending;
  }
}

async function sendAgain(
  { clock }: Pick<System, 'clock'>,
  socket: UdpSocket,
  request: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  try {
    for (const wait of SENDS_AFTER) {
      if (wait > 0) await clock.sleep(wait, signal);
      await socket.send(request);
    }
  } catch {
    // An answer has come, or the socket reports the fault to the receiver.
  }
}

async function answerTo(
  transaction: Uint8Array,
  socket: UdpSocket,
  signal: AbortSignal,
): Promise<IpAddress | undefined> {
  for (;;) {
    const answer = decodeStun((await socket.receive(signal)).bytes);
    if (answer instanceof WireError) continue;
    if (answer.transaction.some((byte, at) => byte !== transaction[at])) continue;
    if (answer.kind === 'success') return answer.mapped.address;
    throw new Refused('failed', `stun ${answer.code}`, `the STUN server answered ${answer.code} (${answer.reason})`);
  }
}
