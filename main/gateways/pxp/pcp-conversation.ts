/** Single questions to a PCP server (RFC 6887), without any memory. */
import type { IpAddress } from '../../contract/address.ts';
import type { MappingKey, RefusalReason } from '../../contract/mapping.ts';
import type { Port, Seconds } from '../../contract/units.ts';
import {
  decodePcp,
  encodePcpAnnounce,
  encodePcpMap,
  nonceToHex,
  type PcpAnnounceAnswer,
  type PcpAnswer,
  type PcpMapAnswer,
  type PcpOption,
  type PcpResult,
} from '../../wire/pcp.ts';
import { lifetimeConflict, type VersionMismatch } from '../../wire/pxp.ts';
import { Refused } from '../failure.ts';
import { Exchange, type PxpOptions, type Question, type Reading } from './exchange.ts';
import { PCP_SCHEDULE } from './retransmission.ts';

export const createPcpExchange = (options: PxpOptions, most: number): Exchange<PcpAnswer> =>
  new Exchange({ ...options, schedule: PCP_SCHEDULE, decode: decodePcp, most });

export async function askEpoch(
  exchange: Exchange<PcpAnswer>,
  sender: IpAddress,
  signal: AbortSignal,
): Promise<Seconds> {
  const answer = await exchange.ask<PcpAnnounceAnswer | VersionMismatch>(
    {
      bytes: encodePcpAnnounce(sender),
      read: (answer) => (answer.kind === 'map' ? undefined : answer),
    },
    signal,
  );
  if (answer.kind === 'version-mismatch') throw pcpVersionRefusal(answer);
  // Other errors, such as not knowing ANNOUNCE (P25), come from a live server and carry its epoch.
  if (answer.result === 'NOT_AUTHORIZED' || answer.result === 'ADDRESS_MISMATCH') throw pcpRefusal(answer);
  return answer.epoch;
}

/** Contents of a MAP request of ours, whatever options it takes. */
export interface MapAsk extends Pick<MappingKey, 'transport' | 'internal'> {
  readonly nonce: Uint8Array;
  /** 0 deletes. */
  readonly lifetime: Seconds;
  readonly suggestedPort?: Port | undefined;
  readonly suggestedAddress?: IpAddress | undefined;
}

/** Names a third party when the mapping is not for the sender (RFC 6887 §13.1). */
export function mapQuestion(
  sender: IpAddress,
  ask: MapAsk,
  preferFailure: boolean,
): Question<PcpAnswer, PcpMapAnswer | VersionMismatch> {
  const options: PcpOption[] = [];
  if (ask.internal.client !== sender) options.push({ option: 'third-party', client: ask.internal.client });
  if (preferFailure) options.push({ option: 'prefer-failure' });
  const { transport, nonce, lifetime, internal, suggestedPort, suggestedAddress } = ask;
  return {
    bytes: encodePcpMap({
      sender,
      lifetime,
      nonce,
      transport,
      internalPort: internal.port,
      suggestedPort,
      suggestedAddress,
      options,
    }),
    read: (answer) => readMap(ask, answer),
  };
}

/**
 * RFC 6887 §8.3, §11.4 and §13.1: an answer belongs to the question with its nonce, protocol and client. A wrong port
 * with the right nonce is taken too, and then distrusted (P9). What an error is about, a mapping or its deletion, is
 * written in none: that is known only because each question has a port of its own.
 */
function readMap(ask: MapAsk, answer: PcpAnswer): Reading<PcpMapAnswer | VersionMismatch> {
  if (answer.kind === 'version-mismatch') return answer;
  if (answer.kind !== 'map') return undefined;
  const { mapping, result } = answer;
  if (mapping === undefined) return answer;
  if (mapping.transport !== ask.transport || nonceToHex(mapping.nonce) !== nonceToHex(ask.nonce)) return undefined;
  if (mapping.thirdParty !== undefined && mapping.thirdParty !== ask.internal.client) return undefined;
  return (result === 'SUCCESS' ? lifetimeConflict(ask.lifetime, answer.lifetime) : undefined) ?? answer;
}

/** RFC 6887 §7.4 recommends 30 minutes for errors that last; a server that says more is not believed (P20). */
const LONGEST_RETRY_AFTER = 1800;

/** RFC 6887 §7.4. */
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
