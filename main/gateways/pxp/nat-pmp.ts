/** Opening ports with NAT-PMP (RFC 6886), on home routers and on VPN gateways. */
import { isPublic, type IpAddress } from '../../contract/address.ts';
import type { Capabilities, Grant, MappingKey, MappingWish, RefusalReason, Vitals } from '../../contract/mapping.ts';
import { inSeconds, isPort, port, seconds, type Millis, type Port, type Seconds } from '../../contract/units.ts';
import {
  decodeNatPmp,
  encodeNatPmpAddressRequest,
  encodeNatPmpMap,
  type NatPmpAddressAnswer,
  type NatPmpAnswer,
  type NatPmpMapAnswer,
  type NatPmpMapRequest,
  type NatPmpResult,
} from '../../wire/nat-pmp.ts';
import { lifetimeConflict, type VersionMismatch } from '../../wire/pxp.ts';
import { isFailure, Malformed, outcomeOf, Refused } from '../failure.ts';
import type { PortControl } from '../port-control.ts';
import { Exchange, ownAddress, type PxpOptions, type Reading } from './exchange.ts';
import { NAT_PMP_SCHEDULE } from './retransmission.ts';

export interface NatPmpVitals {
  readonly epoch: Seconds;
  /** `none`: the server has no external address now, or a private one that it will not map on (P12). */
  readonly externalAddress: IpAddress | 'none';
}

/** Requests in flight. */
const MOST_PARALLEL = 4;

/** So long the reason of one network failure stands for others. */
const REASON_KEPT: Millis = inSeconds(10);

const REASONS: { readonly [Result in NatPmpResult]: RefusalReason } = {
  SUCCESS: 'failed',
  UNSUPPORTED_VERSION: 'unsupported',
  NOT_AUTHORIZED: 'not-authorized',
  NETWORK_FAILURE: 'no-external-address',
  OUT_OF_RESOURCES: 'table-full',
  UNSUPPORTED_OPCODE: 'unsupported',
  UNKNOWN: 'failed',
};

function refusal(answer: NatPmpAddressAnswer | NatPmpMapAnswer, reason = REASONS[answer.result]): Refused {
  const name = answer.result === 'UNKNOWN' ? String(answer.resultCode) : answer.result;
  return new Refused(reason, `nat-pmp ${name}`, `the gateway answered ${name}`);
}

function mismatch(answer: VersionMismatch): Refused {
  return new Refused(
    'unsupported',
    'nat-pmp UNSUPPORTED_VERSION',
    answer.speaks === 'pcp' ? `the gateway speaks PCP version ${answer.version} only` : 'another NAT-PMP version', // P2
  );
}

const createExchange = (options: PxpOptions, most: number): Exchange<NatPmpAnswer> =>
  new Exchange({ ...options, schedule: NAT_PMP_SCHEDULE, decode: decodeNatPmp, most });

async function askVitals(exchange: Exchange<NatPmpAnswer>, signal: AbortSignal): Promise<NatPmpVitals> {
  const answer = await exchange.ask<NatPmpAddressAnswer | VersionMismatch>(
    {
      bytes: encodeNatPmpAddressRequest(),
      read: (answer) => (answer.kind === 'map' ? undefined : answer),
    },
    signal,
  );
  if (answer.kind === 'version-mismatch') throw mismatch(answer);
  if (answer.result === 'NETWORK_FAILURE') return { epoch: answer.epoch, externalAddress: 'none' };
  if (answer.result !== 'SUCCESS') throw refusal(answer);
  return { epoch: answer.epoch, externalAddress: answer.address ?? 'none' };
}

/** Does the server speak NAT-PMP? Says nothing about whether it will map (P28).
 * @throws Refused `unsupported` when it speaks only PCP (P2); Unreachable | Malformed, or the signal's reason */
export function probeNatPmp(options: PxpOptions, signal: AbortSignal): Promise<NatPmpVitals> {
  return askVitals(createExchange(options, 1), signal);
}

/** Holds no socket while nothing is asked, so there is nothing to close. */
export class NatPmpControl implements PortControl {
  readonly kind = 'nat-pmp';
  readonly #options: PxpOptions;
  readonly #exchange: Exchange<NatPmpAnswer>;
  /** Has an answer named the internal port that was asked for? Then one that names another is not believed to be a VPN
   * gateway's (P10). */
  #namesInternalPort = false;
  #networkFailure: { readonly at: Millis; readonly reason: RefusalReason } | undefined;

  constructor(options: PxpOptions) {
    this.#options = options;
    this.#exchange = createExchange(options, MOST_PARALLEL);
  }

  get capabilities(): Capabilities {
    return {
      families: ['ipv4'],
      permanentLeases: 'no',
      picksFreePort: true,
      thirdParty: 'no',
      onePerInternalPort: true,
      translatesPorts: true,
      canFind: false,
      parallel: this.#exchange.parallel,
    };
  }

  async open(wish: MappingWish, signal: AbortSignal): Promise<Grant> {
    this.#mustBeOurs(wish);
    if (wish.lease === 'permanent')
      throw new Refused('no-permanent-lease', 'nat-pmp lifetime', 'NAT-PMP gives no permanent leases');
    const internal = wish.internal.port;
    // Nothing need be deleted for `recreate`: asked for a mapping again, servers write its rule again (L20).
    // A lifetime of 0 would delete.
    const lifetime = seconds(Math.max(1, wish.lease));
    // Never port 0 for "any", which some refuse (P8); always the same port when asking again (P7).
    const answer = await this.#map(
      { transport: wish.transport, internalPort: internal, suggestedPort: wish.external.port, lifetime },
      signal,
    );
    const { mapping } = answer;
    const receiving = receivingPort(internal, wish.external.port, mapping);
    if (mapping === undefined || receiving === undefined) {
      // Whichever port it really gave must not stay open; what it gave before stays.
      const undone = wish.isRenewal !== true && (await this.#remove(wish.transport, internal, signal));
      throw new Malformed('the ports that it granted cannot be read', JSON.stringify(answer), { undone }); // P9
    }
    if (mapping.externalPort !== wish.external.port && !wish.acceptOtherPort) {
      // Delete what nobody wants, or it piles up (P7); should that fail, it expires.
      await this.#remove(wish.transport, internal, signal);
      throw new Refused('conflict', 'nat-pmp port', 'the gateway gave another port', {
        offeredPort: mapping.externalPort,
      });
    }
    return {
      external: { port: port(mapping.externalPort) },
      internal: { client: ownAddress(this.#options), port: receiving },
      lease: mapping.lifetime,
      handle: {},
      evidence: 'answered',
      epoch: answer.epoch,
    };
  }

  async close(key: MappingKey, signal: AbortSignal): Promise<void> {
    this.#mustBeOurs(key);
    await this.#delete(key.transport, key.internal.port, signal);
  }

  /** NAT-PMP cannot look up a mapping. */
  find(): Promise<'cannot-tell'> {
    return Promise.resolve('cannot-tell');
  }

  vitals(signal: AbortSignal): Promise<Vitals> {
    return askVitals(this.#exchange, signal);
  }

  #mustBeOurs(key: Pick<MappingKey, 'family' | 'internal'>): void {
    if (key.family !== 'ipv4') throw new Refused('unsupported', 'nat-pmp family', 'NAT-PMP maps IPv4 only');
    if (key.internal.client !== ownAddress(this.#options))
      throw new Refused('only-for-itself', 'nat-pmp client', 'NAT-PMP maps only to the host that asks');
  }

  /** The external port of a deletion is 0; an internal port of 0, which would delete everything, cannot be had (P22). */
  #delete(transport: NatPmpMapRequest['transport'], internalPort: Port, signal: AbortSignal): Promise<NatPmpMapAnswer> {
    return this.#map({ transport, internalPort, lifetime: seconds(0) }, signal);
  }

  /** @returns whether the server confirmed it */
  async #remove(transport: NatPmpMapRequest['transport'], internalPort: Port, signal: AbortSignal): Promise<boolean> {
    const outcome = await outcomeOf(this.#delete(transport, internalPort, signal));
    if (!isFailure(outcome)) return true;
    const { log } = this.#options.network;
    log.write('debug', 'nat-pmp: could not delete', { transport, internalPort, error: outcome.message });
    return false;
  }

  async #map(request: NatPmpMapRequest, signal: AbortSignal): Promise<NatPmpMapAnswer> {
    const answer = await this.#exchange.ask<NatPmpMapAnswer | VersionMismatch>(
      { bytes: encodeNatPmpMap(request), read: (answer) => this.#read(request, answer) },
      signal,
    );
    if (answer.kind === 'version-mismatch') throw mismatch(answer);
    if (answer.result === 'NETWORK_FAILURE' && request.lifetime > 0)
      throw refusal(answer, await this.#whyNetworkFailed(signal));
    if (answer.result !== 'SUCCESS') throw refusal(answer);
    return answer;
  }

  /** miniupnpd has one word for a line without a public address and a firewall that takes no rule. Many mappings may be
   * refused together: the address is asked for once. */
  async #whyNetworkFailed(signal: AbortSignal): Promise<RefusalReason> {
    const now = this.#options.network.clock.monotonic();
    if (this.#networkFailure === undefined || now - this.#networkFailure.at > REASON_KEPT) {
      this.#networkFailure = { at: now, reason: await this.#reasonByAddress(signal) };
    }
    return this.#networkFailure.reason;
  }

  async #reasonByAddress(signal: AbortSignal): Promise<RefusalReason> {
    const vitals = await outcomeOf(askVitals(this.#exchange, signal));
    if (isFailure(vitals)) return 'failed';
    const { externalAddress } = vitals;
    return externalAddress !== 'none' && isPublic(externalAddress) ? 'firewall-failed' : 'no-external-address';
  }

  #read(request: NatPmpMapRequest, answer: NatPmpAnswer): Reading<NatPmpMapAnswer | VersionMismatch> {
    if (answer.kind === 'version-mismatch') return answer;
    if (answer.kind !== 'map' || answer.transport !== request.transport) return undefined;
    const { mapping, result } = answer;
    if (mapping === undefined) return answer;
    const { internalPort, externalPort, lifetime } = mapping;
    const isSuccess = result === 'SUCCESS';
    if (internalPort === request.internalPort) this.#namesInternalPort ||= isSuccess;
    else {
      const isOfVpn = !this.#namesInternalPort && (internalPort === 0 || internalPort === externalPort);
      if (!isOfVpn && !isCut(request.internalPort, internalPort) && (isSuccess || internalPort !== 0)) return undefined;
    }
    return (isSuccess ? lifetimeConflict(request.lifetime, lifetime) : undefined) ?? answer;
  }
}

/** The internal port lost a byte (P9). */
function isCut(asked: number, answered: number): boolean {
  return answered === (asked & 0xff) || answered === asked >> 8;
}

/** Where the traffic arrives: a VPN gateway that names another internal port sends it to the port it assigned (P10).
 * `undefined` when the answer's ports cannot be trusted (P9) */
function receivingPort(
  asked: Port,
  suggested: Port,
  mapping: { readonly internalPort: number; readonly externalPort: number } | undefined,
): Port | undefined {
  if (mapping === undefined || !isPort(mapping.externalPort)) return undefined;
  const { internalPort, externalPort } = mapping;
  if (internalPort === asked) return asked;
  if (isCut(asked, internalPort) && isCut(suggested, externalPort)) return undefined;
  return internalPort === 0 || internalPort === externalPort ? port(externalPort) : undefined;
}
