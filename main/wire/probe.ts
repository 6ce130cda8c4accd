/** The probe from outside, version 1: docs/probe.md. Every message has a fixed length, which its sender pads with zeros. */
import { fromBytes, toBytes16, type IpAddress } from '../contract/address.ts';
import type { Transport } from '../contract/model.ts';
import { isPort, seconds, type Port, type Seconds } from '../contract/units.ts';
import { WireError, type Decoded } from './wire-error.ts';

const MAGIC = 0x504b_5042;
const VERSION = 1;
const TYPE = { hello: 1, offer: 2, ask: 3, result: 4, probe: 5, echo: 6 } as const;

/** The asker's messages are twice as long as the replies, so that nobody is sent more than was paid for. */
export const ASKER_BYTES = 128;
export const SERVER_BYTES = 64;
/** The message to the port, and Portkeeper's answer there in a program's place. */
export const PROBE_BYTES = 40;

export const TOKEN_BYTES = 16;
export const NONCE_BYTES = 16;
export const PROOF_BYTES = 32;

/** IANA protocol numbers. */
const PROTOCOL: Readonly<Record<Transport, number>> = { tcp: 6, udp: 17 };

/** In the order of their codes, from 1. */
const OUTCOMES = [
  /** TCP: somebody accepted the connection. */
  'connected',
  /** UDP: something came back. */
  'answered',
  /** The asker's own Portkeeper answered, with what only the port was sent. */
  'echoed',
  /** TCP RST, or ICMP port unreachable. */
  'refused',
  'silent',
  'unreachable',
  /** Too many tests of this address, or of all; see `retryAfter`. */
  'busy',
  'wrong-secret',
  /** The asker comes from a private address: this server is not outside. */
  'not-outside',
  'unknown-version',
] as const;
export type ProbeOutcome = (typeof OUTCOMES)[number];

export interface ProbeOffer {
  readonly kind: 'offer';
  readonly needsSecret: boolean;
  /** Good for one port, on this connection. */
  readonly token: Uint8Array;
  /** Where the asker comes from, as the server sees it: the only address that is probed. */
  readonly seen: IpAddress;
}

export interface ProbeAsk {
  readonly kind: 'ask';
  readonly token: Uint8Array;
  readonly transport: Transport;
  readonly port: Port;
  /** Portkeeper answers there in the program's place: over TCP the port is sent the token. */
  readonly standsIn: boolean;
  /** HMAC-SHA256 of {@link provenBytes} with the secret; zeros without one. */
  readonly proof: Uint8Array;
}

export interface ProbeResult {
  readonly kind: 'result';
  readonly outcome: ProbeOutcome;
  /** Worth another try after this; 0 where that says nothing. */
  readonly retryAfter: Seconds;
}

/** `probe` goes to the port; `echo` is its answer, the same otherwise. */
export interface ProbeSign {
  readonly kind: 'probe' | 'echo';
  readonly token: Uint8Array;
  /** Known to nobody but who gets it at the port. */
  readonly nonce: Uint8Array;
}

export function encodeHello(): Uint8Array {
  return begun(TYPE.hello, ASKER_BYTES).bytes;
}

/** @throws RangeError when the token does not have 16 bytes */
export function encodeOffer({ needsSecret, token, seen }: Omit<ProbeOffer, 'kind'>): Uint8Array {
  const { bytes, view } = begun(TYPE.offer, SERVER_BYTES);
  view.setUint8(6, needsSecret ? 1 : 0);
  bytes.set(ofLength(token, TOKEN_BYTES), 8);
  bytes.set(toBytes16(seen), 24);
  return bytes;
}

/** @throws RangeError when token or proof do not have their length */
export function encodeAsk({ token, transport, port, standsIn, proof }: Omit<ProbeAsk, 'kind'>): Uint8Array {
  const { bytes, view } = begun(TYPE.ask, ASKER_BYTES);
  view.setUint8(6, PROTOCOL[transport]);
  view.setUint8(7, standsIn ? 1 : 0);
  view.setUint16(8, port);
  bytes.set(ofLength(token, TOKEN_BYTES), 12);
  bytes.set(ofLength(proof, PROOF_BYTES), 28);
  return bytes;
}

/** Input of the proof: the request without it. */
export function provenBytes(ask: Omit<ProbeAsk, 'kind' | 'proof'>): Uint8Array {
  return encodeAsk({ ...ask, proof: new Uint8Array(PROOF_BYTES) });
}

export function encodeResult({ outcome, retryAfter }: Omit<ProbeResult, 'kind'>): Uint8Array {
  const { bytes, view } = begun(TYPE.result, SERVER_BYTES);
  view.setUint8(6, OUTCOMES.indexOf(outcome) + 1);
  view.setUint16(8, Math.min(retryAfter, 0xffff));
  return bytes;
}

/** @throws RangeError when token or nonce do not have 16 bytes */
export function encodeSign({ kind, token, nonce }: ProbeSign): Uint8Array {
  const { bytes } = begun(TYPE[kind], PROBE_BYTES);
  bytes.set(ofLength(token, TOKEN_BYTES), 8);
  bytes.set(ofLength(nonce, NONCE_BYTES), 24);
  return bytes;
}

/** Messages to a server; `hello` also from another version. */
export function decodeAsker(
  bytes: Uint8Array,
): Decoded<ProbeAsk | { readonly kind: 'hello'; readonly isKnownVersion: boolean }> {
  const head = headOf(bytes, ASKER_BYTES);
  if (head instanceof WireError) return head;
  const { view, type, version } = head;
  if (type === TYPE.hello) return { kind: 'hello', isKnownVersion: version === VERSION };
  if (version !== VERSION) return new WireError(`probe version ${version}`, bytes);
  if (type !== TYPE.ask) return new WireError(`probe message ${type}, where a request was due`, bytes);
  const protocol = view.getUint8(6);
  const port = view.getUint16(8);
  if (protocol !== PROTOCOL.tcp && protocol !== PROTOCOL.udp)
    return new WireError(`a probe over protocol ${protocol}`, bytes);
  if (!isPort(port)) return new WireError('a probe of port 0', bytes);
  return {
    kind: 'ask',
    transport: protocol === PROTOCOL.tcp ? 'tcp' : 'udp',
    port,
    standsIn: view.getUint8(7) === 1,
    token: bytes.slice(12, 12 + TOKEN_BYTES),
    proof: bytes.slice(28, 28 + PROOF_BYTES),
  };
}

/** Messages to an asker. */
export function decodeServer(bytes: Uint8Array): Decoded<ProbeOffer | ProbeResult> {
  const head = headOf(bytes, SERVER_BYTES);
  if (head instanceof WireError) return head;
  const { view, type, version } = head;
  if (type === TYPE.result) {
    const outcome = OUTCOMES[view.getUint8(6) - 1];
    if (outcome === undefined) return new WireError(`probe result ${view.getUint8(6)}`, bytes);
    return { kind: 'result', outcome, retryAfter: seconds(view.getUint16(8)) };
  }
  if (version !== VERSION) return new WireError(`probe version ${version}`, bytes);
  if (type !== TYPE.offer) return new WireError(`probe message ${type}, never asked for`, bytes);
  return {
    kind: 'offer',
    needsSecret: view.getUint8(6) === 1,
    token: bytes.slice(8, 8 + TOKEN_BYTES),
    seen: fromBytes(bytes.slice(24, 40)),
  };
}

export function decodeSign(bytes: Uint8Array): Decoded<ProbeSign> {
  const head = headOf(bytes, PROBE_BYTES);
  if (head instanceof WireError) return head;
  const { type, version } = head;
  if (version !== VERSION) return new WireError(`probe version ${version}`, bytes);
  if (type !== TYPE.probe && type !== TYPE.echo) return new WireError(`probe message ${type} at a port`, bytes);
  return {
    kind: type === TYPE.probe ? 'probe' : 'echo',
    token: bytes.slice(8, 8 + TOKEN_BYTES),
    nonce: bytes.slice(24, 24 + NONCE_BYTES),
  };
}

/** For two of the same length; the time it takes reveals nothing about them. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  let difference = one.length ^ other.length;
  for (const [at, byte] of one.entries()) difference |= byte ^ (other[at] ?? 0);
  return difference === 0;
}

function begun(type: number, length: number): { readonly bytes: Uint8Array; readonly view: DataView } {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC);
  view.setUint8(4, VERSION);
  view.setUint8(5, type);
  return { bytes, view };
}

function headOf(
  bytes: Uint8Array,
  length: number,
): Decoded<{ readonly view: DataView; readonly type: number; readonly version: number }> {
  if (bytes.length !== length) return new WireError(`a probe message of ${bytes.length} bytes, not ${length}`, bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== MAGIC) return new WireError('not a probe message', bytes);
  return { view, version: view.getUint8(4), type: view.getUint8(5) };
}

function ofLength(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length !== length) throw new RangeError(`${length} bytes are needed, not ${bytes.length}`);
  return bytes;
}
