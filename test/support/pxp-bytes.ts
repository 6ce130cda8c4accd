/** PCP and NAT-PMP as a server reads and writes them, from the RFCs' figures and not from our codecs. */
import { toBytes16, toBytes4, ip } from '../../main/contract/address.ts';

export function hex(text: string): Uint8Array {
  return Uint8Array.from(text.replaceAll(/\s/g, '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** RFC 6887 figure 3 (header) and 9 (MAP). */
export interface PcpRequest {
  readonly version: number;
  readonly opcode: number;
  readonly lifetime: number;
  readonly sender: Uint8Array;
  readonly nonce: Uint8Array;
  readonly protocol: number;
  readonly internalPort: number;
  readonly externalPort: number;
  readonly externalAddress: Uint8Array;
  /** Option codes with their data. */
  readonly options: ReadonlyMap<number, Uint8Array>;
}

export function readPcp(bytes: Uint8Array): PcpRequest {
  const padded = new Uint8Array(Math.max(60, bytes.length));
  padded.set(bytes);
  const view = new DataView(padded.buffer);
  const options = new Map<number, Uint8Array>();
  for (let at = 60; at + 4 <= bytes.length;) {
    const length = view.getUint16(at + 2);
    options.set(view.getUint8(at), padded.slice(at + 4, at + 4 + length));
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return {
    version: view.getUint8(0),
    opcode: view.getUint8(1),
    lifetime: view.getUint32(4),
    sender: padded.slice(8, 24),
    nonce: padded.slice(24, 36),
    protocol: view.getUint8(36),
    internalPort: view.getUint16(40),
    externalPort: view.getUint16(42),
    externalAddress: padded.slice(44, 60),
    options,
  };
}

/** RFC 6887 figure 4: version, opcode with the answer bit, result, lifetime, epoch. */
export function pcpHeader(answer: {
  readonly opcode: number;
  readonly result?: number;
  readonly lifetime?: number;
  readonly epoch?: number;
}): Uint8Array {
  const bytes = new Uint8Array(24);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 2);
  view.setUint8(1, 0x80 | answer.opcode);
  view.setUint8(3, answer.result ?? 0);
  view.setUint32(4, answer.lifetime ?? 0);
  view.setUint32(8, answer.epoch ?? 1000);
  return bytes;
}

/** The MAP answer to `request`: it echoes what was asked, save what is given. */
export function pcpMapAnswer(
  request: Uint8Array,
  given: {
    readonly result?: number;
    readonly lifetime?: number;
    readonly epoch?: number;
    readonly nonce?: Uint8Array;
    readonly internalPort?: number;
    readonly externalPort?: number;
    readonly externalAddress?: string;
  } = {},
): Uint8Array {
  const asked = readPcp(request);
  const bytes = new Uint8Array(Math.max(60, request.length));
  bytes.set(request);
  bytes.set(pcpHeader({ opcode: 1, lifetime: asked.lifetime, ...given }));
  const view = new DataView(bytes.buffer);
  if (given.nonce !== undefined) bytes.set(given.nonce, 24);
  view.setUint16(40, given.internalPort ?? asked.internalPort);
  view.setUint16(42, given.externalPort ?? asked.externalPort);
  bytes.set(toBytes16(ip(given.externalAddress ?? '11.22.33.44')), 44);
  return bytes;
}

/** RFC 6886 §3.5: what a server that knows only NAT-PMP says to version 2. */
export function natPmpOnly(epoch = 77): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint16(2, 1);
  view.setUint32(4, epoch);
  return bytes;
}

export interface NatPmpRequest {
  readonly version: number;
  readonly opcode: number;
  readonly internalPort: number;
  readonly externalPort: number;
  readonly lifetime: number;
}

export function readNatPmp(bytes: Uint8Array): NatPmpRequest {
  const padded = new Uint8Array(12);
  padded.set(bytes.subarray(0, 12));
  const view = new DataView(padded.buffer);
  return {
    version: view.getUint8(0),
    opcode: view.getUint8(1),
    internalPort: view.getUint16(4),
    externalPort: view.getUint16(6),
    lifetime: view.getUint32(8),
  };
}

/** RFC 6886 §3.3. */
export function natPmpMapAnswer(
  request: Uint8Array,
  given: {
    readonly result?: number;
    readonly epoch?: number;
    readonly internalPort?: number;
    readonly externalPort?: number;
    readonly lifetime?: number;
  } = {},
): Uint8Array {
  const asked = readNatPmp(request);
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint8(1, 0x80 | asked.opcode);
  view.setUint16(2, given.result ?? 0);
  view.setUint32(4, given.epoch ?? 1000);
  view.setUint16(8, given.internalPort ?? asked.internalPort);
  view.setUint16(10, given.externalPort ?? asked.externalPort);
  view.setUint32(12, given.lifetime ?? asked.lifetime);
  return bytes;
}

/** RFC 6886 §3.2. */
export function natPmpAddressAnswer(
  address: string,
  given: { readonly result?: number; readonly epoch?: number } = {},
): Uint8Array {
  const bytes = new Uint8Array(12);
  const view = new DataView(bytes.buffer);
  view.setUint8(1, 0x80);
  view.setUint16(2, given.result ?? 0);
  view.setUint32(4, given.epoch ?? 1000);
  bytes.set(toBytes4(ip(address)), 8);
  return bytes;
}
