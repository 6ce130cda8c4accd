/** Port Control Protocol version 2: requests to bytes, bytes to answers (RFC 6887). */
import { familyOf, fromBytes, ip, toBytes16, type IpAddress } from '../contract/address.ts';
import type { Transport } from '../contract/model.ts';
import { seconds, type Port, type Seconds } from '../contract/units.ts';
import { decodeVersionMismatch, type VersionMismatch } from './pxp.ts';
import { WireError, type Decoded } from './wire-error.ts';

const VERSION = 2;
const ANSWER_BIT = 0x80;
const OPCODE = { announce: 0, map: 1 } as const;
const OPTION = { thirdParty: 1, preferFailure: 2, filter: 3 } as const;
/** IANA protocol numbers. */
const PROTOCOL = { tcp: 6, udp: 17 } as const;

/** RFC 6887 §7: both headers. */
const HEADER_BYTES = 24;
/** RFC 6887 §11.1. */
const MAP_BYTES = 36;
/** RFC 6887 §7: no message is longer. */
const LONGEST_MESSAGE = 1100;
/** RFC 6887 §11.1. */
export const NONCE_BYTES = 12;

/** RFC 6887 §7.4, in the order of their codes. */
const RESULTS = [
  'SUCCESS',
  'UNSUPP_VERSION',
  'NOT_AUTHORIZED',
  'MALFORMED_REQUEST',
  'UNSUPP_OPCODE',
  'UNSUPP_OPTION',
  'MALFORMED_OPTION',
  'NETWORK_FAILURE',
  'NO_RESOURCES',
  'UNSUPP_PROTOCOL',
  'USER_EX_QUOTA',
  'CANNOT_PROVIDE_EXTERNAL',
  'ADDRESS_MISMATCH',
  'EXCESSIVE_REMOTE_PEERS',
] as const;
export type PcpResult = (typeof RESULTS)[number] | 'UNKNOWN';

export type PcpOption =
  /** RFC 6887 §13.1: the mapping is for this host, not for the sender. */
  | { readonly option: 'third-party'; readonly client: IpAddress }
  /** RFC 6887 §13.2: rather none than another external port. */
  | { readonly option: 'prefer-failure' }
  /** RFC 6887 §13.3: only from these remote peers; port 0 is any; `prefix` counts bits of the address as written. */
  | { readonly option: 'filter'; readonly remote: IpAddress; readonly prefix: number; readonly port: number };

export interface PcpMapRequest {
  /** The sender's own address, as the server sees it. */
  readonly sender: IpAddress;
  /** 0 deletes (RFC 6887 §15). */
  readonly lifetime: Seconds;
  readonly nonce: Uint8Array;
  readonly transport: Transport;
  readonly internalPort: Port;
  /** Absent: any. */
  readonly suggestedPort?: Port | undefined;
  /** Absent: any of the sender's family. */
  readonly suggestedAddress?: IpAddress | undefined;
  readonly options: readonly PcpOption[];
}

interface PcpHeader {
  readonly result: PcpResult;
  readonly resultCode: number;
  /** How long the mapping lasts, or an error holds (RFC 6887 §7.4). */
  readonly lifetime: Seconds;
  /** Seconds since the server lost its state (RFC 6887 §8.5). */
  readonly epoch: Seconds;
}

export interface PcpAnnounceAnswer extends PcpHeader {
  readonly kind: 'announce';
}

export interface PcpMapping {
  readonly nonce: Uint8Array;
  /** `undefined` for a protocol other than TCP and UDP. */
  readonly transport: Transport | undefined;
  readonly internalPort: number;
  readonly externalPort: number;
  readonly externalAddress: IpAddress;
  /** From the options of the answer, which lists those that were honoured (RFC 6887 §7.3). */
  readonly thirdParty: IpAddress | undefined;
}

export interface PcpMapAnswer extends PcpHeader {
  readonly kind: 'map';
  /** An error may come without. */
  readonly mapping: PcpMapping | undefined;
}

export type PcpAnswer = VersionMismatch | PcpAnnounceAnswer | PcpMapAnswer;

function header(message: Uint8Array, opcode: number, lifetime: Seconds, sender: IpAddress): DataView {
  const view = new DataView(message.buffer);
  view.setUint8(0, VERSION);
  view.setUint8(1, opcode);
  view.setUint32(4, lifetime);
  message.set(toBytes16(sender), 8);
  return view;
}

/** Asks for a sign of life and the epoch (RFC 6887 §14.1). */
export function encodePcpAnnounce(sender: IpAddress): Uint8Array {
  const message = new Uint8Array(HEADER_BYTES);
  header(message, OPCODE.announce, seconds(0), sender);
  return message;
}

/** @throws RangeError when the nonce does not have 12 bytes or a filter's prefix is out of range */
export function encodePcpMap(request: PcpMapRequest): Uint8Array {
  if (request.nonce.length !== NONCE_BYTES) throw new RangeError(`a mapping nonce has 12 bytes`);
  const options = request.options.map(encodeOption);
  const length = options.reduce((sum, option) => sum + option.length, HEADER_BYTES + MAP_BYTES);
  const message = new Uint8Array(length);
  const view = header(message, OPCODE.map, request.lifetime, request.sender);
  message.set(request.nonce, 24);
  view.setUint8(36, PROTOCOL[request.transport]);
  view.setUint16(40, request.internalPort);
  view.setUint16(42, request.suggestedPort ?? 0);
  // RFC 6887 §11.1: "any" is the all-zeros address of the wanted family.
  message.set(toBytes16(request.suggestedAddress ?? anyAddress(request.sender)), 44);
  let at = HEADER_BYTES + MAP_BYTES;
  for (const option of options) {
    message.set(option, at);
    at += option.length;
  }
  return message;
}

function anyAddress(like: IpAddress): IpAddress {
  return ip(familyOf(like) === 'ipv4' ? '0.0.0.0' : '::');
}

function encodeOption(option: PcpOption): Uint8Array {
  const write = (code: number, data: Uint8Array): Uint8Array => {
    const bytes = new Uint8Array(4 + data.length);
    bytes[0] = code;
    new DataView(bytes.buffer).setUint16(2, data.length);
    bytes.set(data, 4);
    return bytes;
  };
  switch (option.option) {
    case 'third-party':
      return write(OPTION.thirdParty, toBytes16(option.client));
    case 'prefer-failure':
      return write(OPTION.preferFailure, new Uint8Array(0));
    case 'filter': {
      const four = familyOf(option.remote) === 'ipv4';
      if (!(option.prefix >= 0 && option.prefix <= (four ? 32 : 128)))
        throw new RangeError(`not a prefix length: ${option.prefix}`);
      const data = new Uint8Array(20);
      // RFC 6887 §13.3 counts in the 128 bits of the address on the wire; 0 alone means "all".
      data[1] = four && option.prefix > 0 ? option.prefix + 96 : option.prefix;
      new DataView(data.buffer).setUint16(2, option.port);
      data.set(toBytes16(option.remote), 4);
      return write(OPTION.filter, data);
    }
  }
}

/** An answer, or an announcement that nobody asked for. Options that are not known are skipped. */
export function decodePcp(bytes: Uint8Array): Decoded<PcpAnswer> {
  if (bytes.length > LONGEST_MESSAGE) return new WireError('longer than PCP allows', bytes);
  const mismatch = decodeVersionMismatch(bytes);
  if (mismatch !== undefined) return mismatch;
  if (bytes.length < 4) return new WireError('too short for PCP', bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint8(0);
  if ((view.getUint8(1) & ANSWER_BIT) === 0) return new WireError('a request where an answer was due', bytes);
  // A NAT-PMP server that does not look at the version answers the opcode it reads (P1).
  if (version === 0) return { kind: 'version-mismatch', speaks: 'nat-pmp', version, epoch: undefined };
  if (version !== VERSION) return new WireError(`PCP version ${version}`, bytes);
  if (bytes.length < HEADER_BYTES) return new WireError('a PCP header cut short', bytes);
  const resultCode = view.getUint8(3);
  const head: PcpHeader = {
    result: RESULTS[resultCode] ?? 'UNKNOWN',
    resultCode,
    lifetime: seconds(view.getUint32(4)),
    epoch: seconds(view.getUint32(8)),
  };
  const opcode = view.getUint8(1) & ~ANSWER_BIT;
  if (opcode === OPCODE.announce) return { kind: 'announce', ...head };
  if (opcode !== OPCODE.map) return new WireError(`PCP opcode ${opcode}, never asked for`, bytes);
  if (bytes.length >= HEADER_BYTES + MAP_BYTES) return { kind: 'map', ...head, mapping: decodeMapping(bytes, view) };
  if (head.result === 'SUCCESS') return new WireError('a PCP mapping cut short', bytes);
  return { kind: 'map', ...head, mapping: undefined };
}

function decodeMapping(bytes: Uint8Array, view: DataView): PcpMapping {
  const protocol = view.getUint8(36);
  return {
    nonce: bytes.slice(24, 36),
    transport: protocol === PROTOCOL.tcp ? 'tcp' : protocol === PROTOCOL.udp ? 'udp' : undefined,
    internalPort: view.getUint16(40),
    externalPort: view.getUint16(42),
    externalAddress: fromBytes(bytes.subarray(44, 60)),
    thirdParty: decodeThirdParty(bytes, view),
  };
}

function decodeThirdParty(bytes: Uint8Array, view: DataView): IpAddress | undefined {
  let at = HEADER_BYTES + MAP_BYTES;
  while (at + 4 <= bytes.length) {
    const length = view.getUint16(at + 2);
    const end = at + 4 + length;
    if (end > bytes.length) return undefined;
    if (view.getUint8(at) === OPTION.thirdParty && length === 16) return fromBytes(bytes.subarray(at + 4, end));
    // RFC 6887 §7.3: padded to a multiple of four bytes, which the length does not count.
    at = end + ((4 - (length % 4)) % 4);
  }
  return undefined;
}

/** 24 hexadecimal digits. */
export function nonceToHex(nonce: Uint8Array): string {
  return Array.from(nonce, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** `undefined` when the text is not 24 hexadecimal digits. */
export function nonceFromHex(text: string): Uint8Array | undefined {
  if (!/^[\da-f]{24}$/i.test(text)) return undefined;
  return Uint8Array.from({ length: NONCE_BYTES }, (_, index) =>
    Number.parseInt(text.slice(index * 2, index * 2 + 2), 16),
  );
}
