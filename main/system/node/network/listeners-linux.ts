/** Who listens on this machine, as Linux tells it in `/proc/net`. */
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import type { Transport } from '../../../contract/model.ts';
import type { Port } from '../../../contract/units.ts';

/** @throws the system's error where `/proc` cannot be read */
export async function hasListener(transport: Transport, port: Port): Promise<boolean> {
  const texts = await Promise.all([
    readFile(`/proc/net/${transport}`, 'utf8'),
    // Absent where the kernel runs without IPv6.
    readFile(`/proc/net/${transport}6`, 'utf8').catch(() => ''),
  ]);
  return texts.some((text) => listsListener(text, transport, port, os.endianness() === 'LE'));
}

/** `TCP_LISTEN` of the kernel's `include/net/tcp_states.h`; a UDP socket without a peer is in state `TCP_CLOSE`. */
const WAITS: Readonly<Record<Transport, string>> = { tcp: '0A', udp: '07' };

/**
 * Does somebody listen on the port, where other machines can reach it? Linear in the text.
 * @param text of `/proc/net/tcp`, `tcp6`, `udp` or `udp6`: `sl local_address rem_address st …`
 * @param isLittleEndian addresses are written as the words that the machine has in memory
 */
export function listsListener(text: string, transport: Transport, port: number, isLittleEndian: boolean): boolean {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return text.split('\n').some((line) => {
    const [, local = '', , state] = line.trim().split(/\s+/, 4);
    return state === WAITS[transport] && local.endsWith(suffix) && !isLoopback(local, isLittleEndian);
  });
}

function isLoopback(local: string, isLittleEndian: boolean): boolean {
  const address = local.slice(0, local.indexOf(':'));
  const one = isLittleEndian ? '01000000' : '00000001';
  if (address === `${'0'.repeat(24)}${one}`) return true;
  // IPv4, or IPv4 as IPv6 has it: ::ffff:127.0.0.1.
  const isMapped = address.length === 32 && /^0{16}(?:FFFF0000|0000FFFF)/.test(address);
  if (address.length !== 8 && !isMapped) return false;
  const last = address.slice(-8);
  return (isLittleEndian ? last.slice(-2) : last.slice(0, 2)) === '7F';
}
