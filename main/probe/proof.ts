/** Knows somebody the secret? And the reading that both sides share. */
import { createHmac } from 'node:crypto';
import type { Connection } from '../system/system.ts';
import { provenBytes, type ProbeAsk } from '../wire/probe.ts';

/** Shorter ones could be guessed, longer ones are no secret but a file of another kind. Bytes. */
export const SHORTEST_SECRET = 16;
export const LONGEST_SECRET = 1024;

/** Content of a file, without the line end that editors add; `undefined` when it is too short or too long. */
export function secretIn(bytes: Uint8Array): Uint8Array | undefined {
  let length = bytes.length;
  while (length > 0 && [0x0a, 0x0d, 0x20, 0x09].includes(bytes[length - 1] ?? 0)) length -= 1;
  return length < SHORTEST_SECRET || length > LONGEST_SECRET ? undefined : bytes.slice(0, length);
}

/** HMAC-SHA256 (RFC 2104) of the request without its proof. */
export function proofOf(secret: Uint8Array, ask: Omit<ProbeAsk, 'kind' | 'proof'>): Uint8Array {
  return Uint8Array.from(createHmac('sha256', secret).update(provenBytes(ask)).digest());
}

/**
 * Exactly so many bytes, or `undefined` when the peer ends before, or sends more than it was asked for.
 * @throws NetworkError, or the signal's reason
 */
export async function readMessage(
  connection: Connection,
  length: number,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const message = new Uint8Array(length);
  let read = 0;
  while (read < length) {
    const bytes = await connection.read(signal);
    if (bytes === undefined || read + bytes.length > length) return undefined;
    message.set(bytes, read);
    read += bytes.length;
  }
  return message;
}
