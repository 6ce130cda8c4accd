/** STUN's Binding method, without authentication: how an address on the internet sees us (RFC 8489). */
import { fromBytes, type Endpoint } from '../contract/address.ts';
import { WireError, type Decoded } from './wire-error.ts';

const MAGIC_COOKIE = 0x2112_a442;
/** RFC 8489 §5. */
const HEADER_BYTES = 20;
const TRANSACTION_BYTES = 12;
/** Bytes of an answer without authentication, generously; a UDP answer fits one packet (RFC 8489 §6.1). */
const LONGEST_MESSAGE = 1500;

const TYPE = { request: 0x0001, success: 0x0101, error: 0x0111 } as const;
const ATTRIBUTE = { mappedAddress: 0x0001, errorCode: 0x0009, xorMappedAddress: 0x0020 } as const;
/** Attributes that a client must understand are below (RFC 8489 §14). */
const FIRST_OPTIONAL_ATTRIBUTE = 0x8000;
/** Required ones that say nothing to a client without credentials: USERNAME, MESSAGE-INTEGRITY, UNKNOWN-ATTRIBUTES,
 * REALM, NONCE, MESSAGE-INTEGRITY-SHA256, PASSWORD-ALGORITHM, USERHASH; and RFC 3489's SOURCE-ADDRESS, CHANGED-ADDRESS
 * and REFLECTED-FROM, which old servers still send. */
const IGNORED_ATTRIBUTES = new Set([
  0x0004, 0x0005, 0x0006, 0x0008, 0x000a, 0x000b, 0x0014, 0x0015, 0x001c, 0x001d, 0x001e,
]);

export type StunAnswer =
  | { readonly kind: 'success'; readonly transaction: Uint8Array; readonly mapped: Endpoint }
  | {
      readonly kind: 'error';
      readonly transaction: Uint8Array;
      /** 300 … 699 (RFC 8489 §14.8). */
      readonly code: number;
      /** Printable, at most 127 characters. */
      readonly reason: string;
    };

/** @throws RangeError when the transaction id does not have 12 bytes */
export function encodeStunBinding(transaction: Uint8Array): Uint8Array {
  if (transaction.length !== TRANSACTION_BYTES) throw new RangeError('a transaction id has 12 bytes');
  const message = new Uint8Array(HEADER_BYTES);
  const view = new DataView(message.buffer);
  view.setUint16(0, TYPE.request);
  view.setUint32(4, MAGIC_COOKIE);
  message.set(transaction, 8);
  return message;
}

export function decodeStun(bytes: Uint8Array): Decoded<StunAnswer> {
  if (bytes.length < HEADER_BYTES) return new WireError('too short for STUN', bytes);
  if (bytes.length > LONGEST_MESSAGE) return new WireError('longer than a STUN answer', bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const type = view.getUint16(0);
  if (view.getUint32(4) !== MAGIC_COOKIE) return new WireError('not STUN: no magic cookie', bytes);
  if (view.getUint16(2) !== bytes.length - HEADER_BYTES || bytes.length % 4 !== 0)
    return new WireError('a STUN length that does not fit', bytes);
  const transaction = bytes.slice(8, HEADER_BYTES);
  const attributes = readAttributes(bytes, view);
  if (attributes instanceof WireError) return attributes;
  if (type === TYPE.success) {
    const xor = attributes.get(ATTRIBUTE.xorMappedAddress);
    // RFC 3489 servers know only the plain form.
    const plain = attributes.get(ATTRIBUTE.mappedAddress);
    const mapped =
      xor === undefined ? plain && decodeAddress(plain) : decodeAddress(xor, bytes.subarray(4, HEADER_BYTES));
    return mapped === undefined
      ? new WireError('a STUN answer without an address', bytes)
      : { kind: 'success', transaction, mapped };
  }
  if (type === TYPE.error) {
    const error = attributes.get(ATTRIBUTE.errorCode);
    const code = error === undefined || error.length < 4 ? 0 : ((error[2] ?? 0) & 7) * 100 + (error[3] ?? 0);
    if (error === undefined || code < 300 || code > 699) return new WireError('a STUN error without a code', bytes);
    return { kind: 'error', transaction, code, reason: printable(error.subarray(4)) };
  }
  return new WireError(`STUN message type ${type}, never asked for`, bytes);
}

/** First of each type wins (RFC 8489 §14). */
function readAttributes(bytes: Uint8Array, view: DataView): Decoded<ReadonlyMap<number, Uint8Array>> {
  const found = new Map<number, Uint8Array>();
  const known = new Set<number>(Object.values(ATTRIBUTE));
  let at = HEADER_BYTES;
  while (at + 4 <= bytes.length) {
    const type = view.getUint16(at);
    const length = view.getUint16(at + 2);
    const end = at + 4 + length;
    if (end > bytes.length) return new WireError('a STUN attribute cut short', bytes);
    // RFC 8489 §6.3.3: an answer that holds an unknown required attribute is not understood.
    if (type < FIRST_OPTIONAL_ATTRIBUTE && !known.has(type) && !IGNORED_ATTRIBUTES.has(type))
      return new WireError(`STUN attribute ${type} is not known`, bytes);
    if (known.has(type) && !found.has(type)) found.set(type, bytes.subarray(at + 4, end));
    at = end + ((4 - (length % 4)) % 4);
  }
  return found;
}

/** RFC 8489 §14.1, and §14.2 when `mask` (cookie and transaction id) is given. */
function decodeAddress(value: Uint8Array, mask?: Uint8Array): Endpoint | undefined {
  const length = value[1] === 1 ? 4 : value[1] === 2 ? 16 : 0;
  if (length === 0 || value.length !== 4 + length) return undefined;
  const plain = value.slice(2);
  if (mask !== undefined) {
    for (let at = 0; at < 2; at += 1) plain[at] = (plain[at] ?? 0) ^ (mask[at] ?? 0);
    for (let at = 0; at < length; at += 1) plain[at + 2] = (plain[at + 2] ?? 0) ^ (mask[at] ?? 0);
  }
  return { address: fromBytes(plain.subarray(2)), port: new DataView(plain.buffer).getUint16(0) };
}

function printable(bytes: Uint8Array): string {
  const text = new TextDecoder('utf-8').decode(bytes);
  return text.replaceAll(/\p{C}/gu, '.').slice(0, 127);
}
