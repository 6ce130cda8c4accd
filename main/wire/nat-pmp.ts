/** NAT Port Mapping Protocol: requests to bytes, bytes to answers (RFC 6886). */
import { fromBytes, type IpAddress } from '../contract/address.ts';
import type { Transport } from '../contract/model.ts';
import { seconds, type Port, type Seconds } from '../contract/units.ts';
import { decodeVersionMismatch, type VersionMismatch } from './pxp.ts';
import { WireError, type Decoded } from './wire-error.ts';

const ANSWER_BIT = 0x80;
const OPCODE = { externalAddress: 0, udp: 1, tcp: 2 } as const;
/** A PCP server's refusal of version 0 is the longest thing worth reading. */
const LONGEST_MESSAGE = 1100;

/** RFC 6886 §3.5, in the order of their codes. */
const RESULTS = [
  'SUCCESS',
  'UNSUPPORTED_VERSION',
  'NOT_AUTHORIZED',
  'NETWORK_FAILURE',
  'OUT_OF_RESOURCES',
  'UNSUPPORTED_OPCODE',
] as const;
export type NatPmpResult = (typeof RESULTS)[number] | 'UNKNOWN';

export interface NatPmpMapRequest {
  readonly transport: Transport;
  readonly internalPort: Port;
  /** Absent for "any" when mapping, and when deleting (RFC 6886 §3.4, P22). */
  readonly suggestedPort?: Port;
  /** 0 deletes. */
  readonly lifetime: Seconds;
}

interface NatPmpHeader {
  readonly result: NatPmpResult;
  readonly resultCode: number;
  /** Seconds since the server lost its state (RFC 6886 §3.6). */
  readonly epoch: Seconds;
}

/** Also the announcement of a new external address (RFC 6886 §3.2.1). */
export interface NatPmpAddressAnswer extends NatPmpHeader {
  readonly kind: 'external-address';
  /** `undefined` in errors and where the server writes 0.0.0.0 (P13). */
  readonly address: IpAddress | undefined;
}

export interface NatPmpMapAnswer extends NatPmpHeader {
  readonly kind: 'map';
  readonly transport: Transport;
  /** An error may come without. */
  readonly mapping:
    | { readonly internalPort: number; readonly externalPort: number; readonly lifetime: Seconds }
    | undefined;
}

export type NatPmpAnswer = VersionMismatch | NatPmpAddressAnswer | NatPmpMapAnswer;

/** RFC 6886 §3.2. */
export function encodeNatPmpAddressRequest(): Uint8Array {
  return new Uint8Array([0, OPCODE.externalAddress]);
}

/** RFC 6886 §3.3 and §3.4. */
export function encodeNatPmpMap(request: NatPmpMapRequest): Uint8Array {
  const message = new Uint8Array(12);
  const view = new DataView(message.buffer);
  view.setUint8(1, OPCODE[request.transport]);
  view.setUint16(4, request.internalPort);
  view.setUint16(6, request.suggestedPort ?? 0);
  view.setUint32(8, request.lifetime);
  return message;
}

export function decodeNatPmp(bytes: Uint8Array): Decoded<NatPmpAnswer> {
  if (bytes.length > LONGEST_MESSAGE) return new WireError('longer than any NAT-PMP answer', bytes);
  const mismatch = decodeVersionMismatch(bytes);
  if (mismatch !== undefined) return mismatch;
  if (bytes.length < 8) return new WireError('too short for NAT-PMP', bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint8(0) !== 0) return new WireError(`NAT-PMP version ${view.getUint8(0)}`, bytes);
  const opcode = view.getUint8(1);
  if ((opcode & ANSWER_BIT) === 0) return new WireError('a request where an answer was due', bytes);
  const resultCode = view.getUint16(2);
  const head: NatPmpHeader = {
    result: RESULTS[resultCode] ?? 'UNKNOWN',
    resultCode,
    epoch: seconds(view.getUint32(4)),
  };
  const success = head.result === 'SUCCESS';
  switch (opcode & ~ANSWER_BIT) {
    case OPCODE.externalAddress:
      if (success && bytes.length < 12) return new WireError('a NAT-PMP address cut short', bytes);
      return { kind: 'external-address', ...head, address: success ? writtenAddress(bytes) : undefined };
    case OPCODE.udp:
    case OPCODE.tcp: {
      if (success && bytes.length < 16) return new WireError('a NAT-PMP mapping cut short', bytes);
      return {
        kind: 'map',
        ...head,
        transport: (opcode & ~ANSWER_BIT) === OPCODE.udp ? 'udp' : 'tcp',
        mapping:
          bytes.length < 16
            ? undefined
            : {
                internalPort: view.getUint16(8),
                externalPort: view.getUint16(10),
                lifetime: seconds(view.getUint32(12)),
              },
      };
    }
    default:
      return new WireError(`NAT-PMP opcode ${opcode}, never asked for`, bytes);
  }
}

function writtenAddress(bytes: Uint8Array): IpAddress | undefined {
  const address = bytes.subarray(8, 12);
  return address.every((byte) => byte === 0) ? undefined : fromBytes(address);
}
