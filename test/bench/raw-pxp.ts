/** The least that opens a port over NAT-PMP and PCP: one socket, one datagram, one answer. No retransmission. */
import { createSocket } from 'node:dgram';
import { randomBytes } from 'node:crypto';
import { isIPv6 } from 'node:net';

export interface RawWish {
  /** The server's address; with a zone when link-local. */
  readonly gateway: string;
  /** Our address towards it. */
  readonly client: string;
  readonly transport: 'tcp' | 'udp';
  readonly internal: number;
  readonly external: number;
  /** Seconds; 0 deletes. */
  readonly lifetime: number;
  /** PCP: another host (THIRD_PARTY, RFC 6887 §13.1). */
  readonly thirdParty?: string;
  /** PCP: 24 hexadecimal digits; at random when absent. */
  readonly nonce?: string;
}

export interface RawGrant {
  readonly result: number;
  readonly external: number;
  readonly lifetime: number;
  readonly epoch: number;
}

const SERVER_PORT = 5351;

/** One datagram there, one back. @throws Error when nobody listens or nothing comes within 5 s */
export async function exchange(wish: Pick<RawWish, 'gateway' | 'client'>, request: Uint8Array): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const socket = createSocket(isIPv6(wish.gateway.split('%')[0] ?? '') ? 'udp6' : 'udp4');
  const limit = setTimeout(() => reject(new Error('no answer')), 5000);
  socket.once('message', resolve);
  socket.once('error', reject);
  socket.bind(0, wish.client, () => {
    socket.connect(SERVER_PORT, wish.gateway, () => socket.send(request));
  });
  return promise.finally(() => {
    clearTimeout(limit);
    socket.close();
  });
}

/** RFC 6886 §3.3. */
export async function rawNatPmp(wish: RawWish): Promise<RawGrant> {
  const request = Buffer.alloc(12);
  request.writeUInt8(wish.transport === 'udp' ? 1 : 2, 1);
  request.writeUInt16BE(wish.internal, 4);
  request.writeUInt16BE(wish.external, 6);
  request.writeUInt32BE(wish.lifetime, 8);
  const answer = await exchange(wish, request);
  return {
    result: answer.readUInt16BE(2),
    epoch: answer.readUInt32BE(4),
    external: answer.length >= 16 ? answer.readUInt16BE(10) : 0,
    lifetime: answer.length >= 16 ? answer.readUInt32BE(12) : 0,
  };
}

/** RFC 6887 §11.1, with THIRD_PARTY where another host is named. */
export async function rawPcp(wish: RawWish): Promise<RawGrant> {
  const request = Buffer.alloc(wish.thirdParty === undefined ? 60 : 80);
  request.writeUInt8(2, 0);
  request.writeUInt8(1, 1);
  request.writeUInt32BE(wish.lifetime, 4);
  bytes16(wish.client).copy(request, 8);
  (wish.nonce === undefined ? randomBytes(12) : Buffer.from(wish.nonce, 'hex')).copy(request, 24);
  request.writeUInt8(wish.transport === 'udp' ? 17 : 6, 36);
  request.writeUInt16BE(wish.internal, 40);
  request.writeUInt16BE(wish.external, 42);
  bytes16(isIPv6(wish.client) ? '::' : '0.0.0.0').copy(request, 44);
  if (wish.thirdParty !== undefined) {
    request.writeUInt8(1, 60);
    request.writeUInt16BE(16, 62);
    bytes16(wish.thirdParty).copy(request, 64);
  }
  const answer = await exchange(wish, request);
  return {
    result: answer.readUInt8(3),
    lifetime: answer.readUInt32BE(4),
    epoch: answer.readUInt32BE(8),
    external: answer.readUInt16BE(42),
  };
}

/** RFC 6887 §5: IPv4 as ::ffff:a.b.c.d. */
function bytes16(address: string): Buffer {
  const bytes = Buffer.alloc(16);
  if (!isIPv6(address)) {
    bytes.writeUInt16BE(0xffff, 10);
    for (const [index, part] of address.split('.').entries()) bytes.writeUInt8(Number(part), 12 + index);
    return bytes;
  }
  const [head = '', tail = ''] = address.split('::');
  const groups = (text: string) => text.split(':').filter(Boolean);
  const zeros = 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...Array.from({ length: zeros }, () => '0'), ...groups(tail)];
  for (const [index, group] of all.entries()) bytes.writeUInt16BE(Number.parseInt(group, 16), index * 2);
  return bytes;
}
