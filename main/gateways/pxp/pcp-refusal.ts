/** PCP's result codes (RFC 6887 §7.4) as refusals. */
import type { RefusalReason } from '../../contract/mapping.ts';
import type { PcpAnnounceAnswer, PcpMapAnswer, PcpResult } from '../../wire/pcp.ts';
import type { VersionMismatch } from '../../wire/pxp.ts';
import { Refused } from '../failure.ts';

/** RFC 6887 §7.4 recommends 30 minutes for errors that last; a server that says more is not believed (P20). */
const LONGEST_RETRY_AFTER = 1800;

const REASONS: { readonly [Result in PcpResult]: RefusalReason } = {
  SUCCESS: 'failed',
  UNSUPP_VERSION: 'unsupported',
  NOT_AUTHORIZED: 'not-authorized',
  MALFORMED_REQUEST: 'bad-arguments',
  UNSUPP_OPCODE: 'unsupported',
  UNSUPP_OPTION: 'unsupported',
  MALFORMED_OPTION: 'bad-arguments',
  NETWORK_FAILURE: 'no-external-address',
  NO_RESOURCES: 'failed',
  UNSUPP_PROTOCOL: 'unsupported',
  USER_EX_QUOTA: 'table-full',
  CANNOT_PROVIDE_EXTERNAL: 'conflict',
  ADDRESS_MISMATCH: 'not-direct',
  EXCESSIVE_REMOTE_PEERS: 'bad-arguments',
  UNKNOWN: 'failed',
};

/** `reason` where more is known than the code says. */
export function pcpRefusal(answer: PcpAnnounceAnswer | PcpMapAnswer, reason = REASONS[answer.result]): Refused {
  const name = answer.result === 'UNKNOWN' ? String(answer.resultCode) : answer.result;
  return new Refused(
    reason,
    `pcp ${name}`,
    `the gateway answered ${name}`,
    answer.lifetime > 0 ? { retryAfter: Math.min(answer.lifetime, LONGEST_RETRY_AFTER) } : {},
  );
}

export function pcpVersionRefusal(answer: VersionMismatch): Refused {
  const other = answer.speaks === 'nat-pmp' ? 'NAT-PMP only' : `PCP version ${answer.version}`; // P1
  return new Refused('unsupported', 'pcp UNSUPP_VERSION', `the gateway speaks ${other}`);
}
