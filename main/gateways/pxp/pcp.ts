/** Opening ports with the Port Control Protocol (RFC 6887): IPv4 mappings and IPv6 firewall pinholes alike. */
import { familyOf, isPublic, scopeOf, type Family, type IpAddress } from '../../contract/address.ts';
import type { Capabilities, Grant, MappingKey, MappingWish, Vitals } from '../../contract/mapping.ts';
import { isPort, millis, seconds, secondsToMillis, type Millis, type Seconds } from '../../contract/units.ts';
import {
  NONCE_BYTES,
  nonceFromHex,
  nonceToHex,
  type PcpAnswer,
  type PcpMapAnswer,
  type PcpMapping,
} from '../../wire/pcp.ts';
import { isFailure, Malformed, outcomeOf, Refused } from '../failure.ts';
import type { PortControl } from '../port-control.ts';
import { ownAddress, type Exchange, type PxpOptions } from './exchange.ts';
import { probeNatPmp } from './nat-pmp.ts';
import {
  askEpoch,
  createPcpExchange,
  mapQuestion,
  pcpRefusal,
  pcpVersionRefusal,
  type MapAsk,
} from './pcp-conversation.ts';

/** Requests in flight. */
const MOST_PARALLEL = 8;
/** For a question whose answer only makes a message clearer. */
const SIDE_QUESTION_PATIENCE: Millis = millis(1000);

/** Does the server speak PCP version 2? Says nothing about whether it will map (P28).
 * @throws Refused `unsupported` when it speaks only NAT-PMP (P1), `not-authorized` when PCP is switched off (P16),
 * `not-direct` when a NAT lies between (P17); Unreachable | Malformed, or the signal's reason */
export async function probePcp(
  options: PxpOptions,
  signal: AbortSignal,
): Promise<{ readonly epoch: Seconds; readonly version: 2 }> {
  const exchange = createPcpExchange(options, 1);
  return { epoch: await askEpoch(exchange, ownAddress(options), signal), version: 2 };
}

type Granted = PcpMapAnswer & { readonly mapping: PcpMapping };

/** Holds no socket while nothing is asked, so there is nothing to close. */
export class PcpControl implements PortControl {
  readonly kind = 'pcp';
  readonly #options: PxpOptions;
  readonly #own: IpAddress;
  readonly #exchange: Exchange<PcpAnswer>;
  #thirdParty: Capabilities['thirdParty'] = 'unknown';
  /** P25: one that refused PREFER_FAILURE is not sent it again. */
  #knowsPreferFailure = true;
  /** Does it answer NAT-PMP, which can be asked what PCP does not report? */
  #natPmpTells = true;
  /** From the last grant, with the epoch of that answer: a younger epoch makes it old (L21). */
  #told: { readonly address: IpAddress; readonly epoch: Seconds } | undefined;
  /** By nonce: where a mapping was, to ask for it again after the server forgot (RFC 6887 §16.3.1). */
  readonly #formerAddress = new Map<string, IpAddress>();

  /** By nonce: when a pinhole that cannot be deleted ends, on the monotonic clock. */
  readonly #endings = new Map<string, Millis>();

  constructor(options: PxpOptions) {
    this.#options = options;
    this.#own = ownAddress(options);
    this.#exchange = createPcpExchange(options, MOST_PARALLEL);
  }

  get capabilities(): Capabilities {
    const family = familyOf(this.#own);
    const translates = family === 'ipv4';
    return {
      families: [family],
      permanentLeases: 'no',
      picksFreePort: translates,
      thirdParty: this.#thirdParty,
      onePerInternalPort: true,
      translatesPorts: translates,
      canFind: false,
      parallel: this.#exchange.parallel,
    };
  }

  async open(wish: MappingWish, signal: AbortSignal): Promise<Grant> {
    this.#mustBeOfFamily(wish);
    if (wish.lease === 'permanent')
      throw new Refused('no-permanent-lease', 'pcp lifetime', 'PCP gives no permanent leases');
    // One nonce for the life of a mapping, over restarts too (P15).
    const nonce = nonceFromHex(wish.handle.nonce ?? '') ?? this.#options.network.random.bytes(NONCE_BYTES);
    const handle = { nonce: nonceToHex(nonce) };
    // Nothing need be deleted for `recreate`: asked for a mapping again, servers write its rule again (L20).
    const former = this.#formerAddress.get(handle.nonce);
    const answer = await this.#map(
      {
        transport: wish.transport,
        internal: wish.internal,
        nonce,
        lifetime: seconds(Math.max(1, wish.lease)),
        suggestedPort: wish.external.port,
        // With PREFER_FAILURE an address that is no longer the gateway's would be insisted on.
        suggestedAddress: wish.acceptOtherPort ? former : undefined,
        // A firewall has no other port to give.
        preferFailure: !wish.acceptOtherPort && wish.family === 'ipv4',
      },
      signal,
    );
    const { mapping, epoch } = answer;
    this.#endings.delete(handle.nonce);
    if (mapping.internalPort !== wish.internal.port || !isPort(mapping.externalPort)) {
      // Whichever port it really gave must not stay open; what it gave before stays.
      const undone = wish.isRenewal !== true && (await this.#remove({ ...wish, handle }, signal));
      throw new Malformed('the answer names other ports', JSON.stringify({ ...mapping, nonce: undefined }), { undone }); // P9
    }
    if (mapping.externalPort !== wish.external.port && !wish.acceptOtherPort) {
      // Close what nobody wants, or it piles up (P7); should that fail, it expires.
      await this.#remove({ ...wish, handle }, signal);
      throw new Refused('conflict', 'pcp port', 'the gateway gave another port', { offeredPort: mapping.externalPort });
    }
    const address = scopeOf(mapping.externalAddress) === 'unspecified' ? undefined : mapping.externalAddress;
    if (address !== undefined) {
      this.#formerAddress.set(handle.nonce, address);
      if (familyOf(address) === 'ipv4') this.#told = { address, epoch };
    }
    return {
      external: { port: mapping.externalPort, ...(address === undefined ? {} : { address }) },
      internal: wish.internal,
      lease: answer.lifetime,
      handle,
      evidence: 'answered',
      epoch,
    };
  }

  async close(key: MappingKey, signal: AbortSignal): Promise<void> {
    this.#mustBeOfFamily(key);
    // Without the mapping's own nonce the server will say that it is not ours to close, or that there is none.
    const nonce = nonceFromHex(key.handle.nonce ?? '') ?? this.#options.network.random.bytes(NONCE_BYTES);
    try {
      await this.#map(
        { transport: key.transport, internal: key.internal, nonce, lifetime: seconds(0), preferFailure: false },
        signal,
      );
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.reason === 'not-authorized' && key.family === 'ipv6' && key.handle.nonce !== undefined)
        await this.#letRunOut(key, nonce, error, signal);
      // How some say that there was nothing to delete (P18).
      else if (error.code !== 'pcp NO_RESOURCES') throw error;
    }
    this.#formerAddress.delete(nonceToHex(nonce));
  }

  /** miniupnpd 2.3.1 refuses to delete any IPv6 pinhole, but renews it for a shorter time (P18, as V5). Done once: asking
   * again would only make it again.
   * @throws Refused until that time is over */
  async #letRunOut(key: MappingKey, nonce: Uint8Array, refusal: Refused, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options.network;
    let end = this.#endings.get(nonceToHex(nonce));
    if (end === undefined) {
      const ask = { transport: key.transport, internal: key.internal, nonce, suggestedPort: key.external.port };
      const { lifetime } = await this.#map({ ...ask, lifetime: seconds(1), preferFailure: false }, signal);
      end = millis(clock.monotonic() + secondsToMillis(lifetime));
      this.#endings.set(nonceToHex(nonce), end);
    }
    const left = end - clock.monotonic();
    if (left > 0)
      throw new Refused(refusal.reason, refusal.code, 'the gateway does not delete it; its lease expires soon', {
        retryAfter: Math.ceil(left / 1000),
        cause: refusal,
      });
    this.#endings.delete(nonceToHex(nonce));
  }

  /** PCP cannot look up a mapping without making it. */
  find(): Promise<'cannot-tell'> {
    return Promise.resolve('cannot-tell');
  }

  async vitals(signal: AbortSignal): Promise<Vitals> {
    const epoch = await askEpoch(this.#exchange, this.#own, signal);
    if (this.#told !== undefined && epoch < this.#told.epoch) this.#told = undefined;
    return this.#told === undefined ? { epoch } : { epoch, externalAddress: this.#told.address };
  }

  #mustBeOfFamily(key: Pick<MappingKey, 'family'>): void {
    if (key.family !== familyOf(this.#own))
      throw new Refused('unsupported', 'pcp family', `this gateway is asked for ${key.family} from another address`);
  }

  /** @returns whether the server confirmed it */
  async #remove(key: MappingKey, signal: AbortSignal): Promise<boolean> {
    const failure = await outcomeOf(this.close(key, signal));
    if (failure === undefined) return true;
    const { transport, internal } = key;
    this.#options.network.log.write('debug', 'pcp: could not delete', { transport, internal, error: failure.message });
    return false;
  }

  async #map(ask: MapAsk & { readonly preferFailure: boolean }, signal: AbortSignal): Promise<Granted> {
    const foreign = ask.internal.client !== this.#own;
    let preferFailure = ask.preferFailure && this.#knowsPreferFailure;
    for (;;) {
      const answer = await this.#exchange.ask(mapQuestion(this.#own, ask, preferFailure), signal);
      if (answer.kind === 'version-mismatch') throw pcpVersionRefusal(answer);
      const { result, mapping } = answer;
      const optionRefused = result === 'UNSUPP_OPTION' || result === 'MALFORMED_OPTION';
      if (optionRefused && preferFailure) {
        preferFailure = false;
        continue;
      }
      if (result === 'SUCCESS' && mapping !== undefined) {
        if (foreign) this.#thirdParty = 'yes';
        if (ask.preferFailure && !preferFailure) this.#knowsPreferFailure = false;
        return { ...answer, mapping };
      }
      if (foreign && (result === 'UNSUPP_OPTION' || result === 'NOT_AUTHORIZED')) {
        // Only UNSUPP_OPTION is about third parties in general.
        if (result === 'UNSUPP_OPTION') this.#thirdParty = 'no';
        throw pcpRefusal(answer, 'only-for-itself');
      }
      if (result === 'NO_RESOURCES' && ask.lifetime > 0 && (await this.#lacksAddress(signal)))
        throw pcpRefusal(answer, 'no-external-address');
      throw pcpRefusal(answer);
    }
  }

  /** miniupnpd says NO_RESOURCES when its external address is private, its firewall takes no rule, or its table is full
   * (P12); over NAT-PMP it reports the address. */
  async #lacksAddress(signal: AbortSignal): Promise<boolean> {
    if (familyOf(this.#own) !== 'ipv4' || !this.#natPmpTells || this.#told !== undefined) return false;
    const asking = probeNatPmp({ ...this.#options, patience: SIDE_QUESTION_PATIENCE }, signal);
    const vitals = await outcomeOf(asking);
    this.#natPmpTells = !isFailure(vitals);
    return !isFailure(vitals) && (vitals.externalAddress === 'none' || !isPublic(vitals.externalAddress));
  }
}

/** Asks for IPv4 mappings from our IPv4 address and for IPv6 openings from our IPv6 address, as each leads to the address that
 * asked (RFC 6887 §8.1, §11.2). */
export function joinPcpFamilies(controls: Readonly<Record<Family, PortControl>>): PortControl {
  const { ipv4, ipv6 } = controls;
  return {
    kind: 'pcp',
    get capabilities(): Capabilities {
      // The two differ in what IPv6 does without: other ports.
      return { ...ipv4.capabilities, families: ['ipv4', 'ipv6'] };
    },
    open: (wish, signal) => controls[wish.family].open(wish, signal),
    close: (key, signal) => controls[key.family].close(key, signal),
    find: (key, signal) => ipv4.find(key, signal),
    async vitals(signal) {
      try {
        return await ipv4.vitals(signal);
      } catch (error) {
        // A server that hears one family only is alive all the same.
        if (signal.aborted) throw error;
        return await ipv6.vitals(signal);
      }
    },
  };
}
