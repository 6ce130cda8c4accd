/** Hearing a socket out. */
import type { Endpoint } from '../../contract/address.ts';
import { NetworkError } from '../../system/system.ts';
import type { UdpSocket } from '../../system/system.ts';

/** ICMP and interface troubles in a row after which a socket is beyond hope. */
const MOST_FAULTS = 16;

/** Hands every datagram to `hear`, which must not throw, at most `limit` of them.
 * @throws NetworkError when the socket gives nothing but faults, or the signal's reason */
export async function receiveAll(
  socket: UdpSocket,
  signal: AbortSignal,
  hear: (bytes: Uint8Array, from: Endpoint) => void,
  options: { readonly limit?: number; readonly onFault?: (error: NetworkError) => void } = {},
): Promise<void> {
  const { limit = Number.POSITIVE_INFINITY, onFault } = options;
  let faults = 0;
  for (let heard = 0; heard < limit;) {
    try {
      const { bytes, from } = await socket.receive(signal);
      hear(bytes, from);
      heard += 1;
      faults = 0;
    } catch (error) {
      if (signal.aborted || !(error instanceof NetworkError)) throw error;
      onFault?.(error);
      faults += 1;
      if (error.fault === 'closed' || faults >= MOST_FAULTS) throw error;
    }
  }
}
