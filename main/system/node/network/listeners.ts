/**
 * Sockets of this machine that wait for others, as its system lists them. Words of the lists may be translated, so rows
 * are known by their shape.
 */
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import { fromBytes, ip, parseIp } from '../../../contract/address.ts';
import type { Transport } from '../../../contract/model.ts';
import { isPort } from '../../../contract/units.ts';
import type { WaitingSocket, System } from '../../system.ts';
import { runCommand, windowsTool } from '../run-command.ts';
import { rowsOf } from './interfaces.ts';

/** @throws the system's error where its list cannot be had, or the signal's reason */
export function listenersOf(platform: NodeJS.Platform): NonNullable<System['listeners']> | undefined {
  if (platform === 'linux') return linuxListeners;
  // UDP and TCP are asked for one by one: macOS takes one protocol only.
  if (platform === 'darwin')
    return (signal) => netstat('/usr/sbin/netstat', [['tcp'], ['udp']], ['-anW', '-p'], signal);
  if (platform === 'win32') {
    const file = windowsTool('netstat.exe');
    return (signal) => netstat(file, [[]], ['-an'], signal);
  }
  return undefined;
}

async function netstat(
  file: string,
  each: readonly (readonly string[])[],
  args: readonly string[],
  signal: AbortSignal,
): Promise<readonly WaitingSocket[]> {
  const texts = await Promise.all(each.map((more) => runCommand(file, [...args, ...more], signal)));
  return texts.flatMap(parseNetstat);
}

async function linuxListeners(): Promise<readonly WaitingSocket[]> {
  const isLittleEndian = os.endianness() === 'LE';
  const lists = (['tcp', 'udp'] as const).flatMap((transport) => [
    readFile(`/proc/net/${transport}`, 'utf8').then((text) => parseProcNet(text, transport, isLittleEndian)),
    // Absent where the kernel runs without IPv6.
    readFile(`/proc/net/${transport}6`, 'utf8').then(
      (text) => parseProcNet(text, transport, isLittleEndian),
      () => [],
    ),
  ]);
  return (await Promise.all(lists)).flat();
}

/** `TCP_LISTEN` of the kernel's `include/net/tcp_states.h`; a UDP socket without a peer is in state `TCP_CLOSE`. */
const WAITS: Readonly<Record<Transport, string>> = { tcp: '0A', udp: '07' };

/**
 * Linear in the text.
 * @param text of `/proc/net/tcp`, `tcp6`, `udp` or `udp6`: `sl local_address rem_address st …`
 * @param isLittleEndian addresses are written as the words that the machine has in memory
 */
export function parseProcNet(text: string, transport: Transport, isLittleEndian: boolean): readonly WaitingSocket[] {
  return text.split('\n').flatMap((line) => {
    const [, local = '', , state] = line.trim().split(/\s+/, 4);
    if (state !== WAITS[transport]) return [];
    const [, address = '', hexPort = ''] = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(local) ?? [];
    const number = Number.parseInt(hexPort, 16);
    if (!isPort(number)) return [];
    const words = address.match(/.{8}/g) ?? [];
    const bytes = words.flatMap((word) => {
      const inOrder = (word.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16));
      return isLittleEndian ? inOrder.toReversed() : inOrder;
    });
    return [{ transport, address: fromBytes(Uint8Array.from(bytes)), port: number }];
  });
}

/**
 * Parses `netstat -an`. Windows: `TCP 0.0.0.0:135 0.0.0.0:0 LISTENING`, the last word translated; `UDP [::]:5353 *:*`.
 * macOS: `tcp46 0 0 *.25565 *.* LISTEN`, `udp4 0 0 192.168.1.20.123 *.*`. Linear in the text.
 */
export function parseNetstat(text: string): readonly WaitingSocket[] {
  return rowsOf(text).flatMap((columns) => {
    const [, name = '', digits = ''] = /^(tcp|udp)(4|6|46)?$/i.exec(columns[0] ?? '') ?? [];
    const transport = name.toLowerCase();
    if (transport !== 'tcp' && transport !== 'udp') return [];
    const [local = '', foreign = ''] = columns.slice(name === transport ? 3 : 1);
    // A waiting socket has no peer.
    if (!/^(?:0\.0\.0\.0:0|\[::\]:0|\*:\*|\*\.\*)$/.test(foreign)) return [];
    const [, host = '', number] = /^(.*)[.:](\d{1,5})$/.exec(local) ?? [];
    const port = Number(number);
    const bare = host.replaceAll(/[[\]]/g, '').split('%')[0] ?? '';
    const address = bare === '*' ? ip(digits.startsWith('6') ? '::' : '0.0.0.0') : parseIp(bare);
    return address === undefined || !isPort(port) ? [] : [{ transport, address, port }];
  });
}
