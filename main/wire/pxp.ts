/** Common to PCP and its predecessor NAT-PMP: ports, groups, and how a server says that it speaks the other one. */
import { ip, type IpAddress } from '../contract/address.ts';
import { seconds, type Seconds } from '../contract/units.ts';
import { WireError } from './wire-error.ts';

/** UDP port of PCP and NAT-PMP servers (RFC 6886 §3.1, RFC 6887 §19.1). */
export const PXP_SERVER_PORT = 5351;
/** UDP port on which clients hear announcements (RFC 6886 §3.2.1, RFC 6887 §14.1). */
export const PXP_CLIENT_PORT = 5350;
/** All hosts of the link, where announcements go (RFC 6886 §3.2.1, RFC 6887 §14.1). */
export const PXP_ANNOUNCEMENT_GROUPS: { readonly ipv4: IpAddress; readonly ipv6: IpAddress } = {
  ipv4: ip('224.0.0.1'),
  ipv6: ip('ff02::1'),
};

/** The server does not speak the version of the question (P1, P2). */
export interface VersionMismatch {
  readonly kind: 'version-mismatch';
  /** The protocol that it speaks instead. */
  readonly speaks: 'nat-pmp' | 'pcp';
  /** 0 is NAT-PMP, 2 is RFC 6887's PCP, 1 a draft of it. */
  readonly version: number;
  /** Seconds since the server lost its state, when the answer is long enough to hold them. */
  readonly epoch: Seconds | undefined;
}

const UNSUPPORTED_VERSION = 1;
const ANSWER_BIT = 0x80;

/** `undefined` when the bytes are no such answer. Understands the NAT-PMP form (RFC 6886 §3.5, whose opcode is 0 or
 * 128 + the opcode asked) and the PCP form (RFC 6887 §7.2). */
export function decodeVersionMismatch(bytes: Uint8Array): VersionMismatch | undefined {
  if (bytes.length < 4) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint8(0);
  const isNatPmp = version === 0;
  const result = isNatPmp ? view.getUint16(2) : view.getUint8(3);
  if (result !== UNSUPPORTED_VERSION || (!isNatPmp && (view.getUint8(1) & ANSWER_BIT) === 0)) return undefined;
  const epochAt = isNatPmp ? 4 : 8;
  return {
    kind: 'version-mismatch',
    speaks: isNatPmp ? 'nat-pmp' : 'pcp',
    version,
    epoch: bytes.length >= epochAt + 4 ? seconds(view.getUint32(epochAt)) : undefined,
  };
}

/** RFC 6886 §3.4, RFC 6887 §15: a deletion that succeeded is answered with a lifetime of 0, a mapping never is. What is
 * wrong when it is otherwise: the answer to an earlier request, or P18's gateway. */
export function lifetimeConflict(asked: Seconds, answered: Seconds): WireError | undefined {
  if ((asked === 0) === (answered === 0)) return undefined;
  return new WireError(`asked for ${asked} s, the answer grants ${answered} s`);
}
