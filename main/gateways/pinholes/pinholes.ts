/** Openings in an IPv6 firewall over UPnP: WANIPv6FirewallControl:1. */
import { familyOf, scopeOf, type IpAddress } from '../../contract/address.ts';
import type { Capabilities, FoundMapping, Grant, MappingKey, MappingWish, Vitals } from '../../contract/mapping.ts';
import { seconds, type Seconds } from '../../contract/units.ts';
import type { IgdOptions } from '../igd/igd.ts';
import type { System } from '../../system/system.ts';
import { isFailure, outcomeOf, Refused, Unreachable } from '../failure.ts';
import type { EntryKey } from '../igd/igd-entry.ts';
import type { PortControl } from '../port-control.ts';
import { RequestQueue } from '../upnp/request-queue.ts';
import { ServiceClient } from '../upnp/soap-call.ts';
import { explained, PinholeActions, type FirewallStatus, type PinholeTarget } from './pinhole-actions.ts';

/** `service` is a WANIPv6FirewallControl. Pinholes to an own address are asked for from that very address (V1). */
export interface PinholeOptions extends Pick<IgdOptions, 'service' | 'localAddress' | 'traits' | 'queue'> {
  readonly network: Pick<System, 'tcp' | 'clock' | 'routes'>;
}

type PinholeKey = EntryKey & Partial<Pick<MappingKey, 'internal' | 'handle'>>;

/** WANIPv6FirewallControl:1 §2.3.7: 1 … 86400 s. */
const LONGEST_LEASE = 86_400;
/** V10: what every one of them takes. */
const SAFE_LEASE = seconds(3600);
const SHORTEST_LEASE = seconds(1);

/** Nothing is said of what comes through, and nothing is listed (V8). */
export class PinholeControl implements PortControl {
  readonly kind = 'pinhole';
  readonly #options: PinholeOptions;
  readonly #queue: RequestQueue;
  readonly #client: ServiceClient;
  readonly #actions: PinholeActions;
  /** By transport, client and port. */
  readonly #granted = new Map<string, { readonly id: number; readonly target: PinholeTarget }>();
  #thirdParty: Capabilities['thirdParty'] = 'unknown';
  /** V10: the lease that was taken after the one asked for was not. */
  #onlyLease: Seconds | undefined;
  #readBackDone = false;

  /** @throws Malformed when the service's control URL cannot be used */
  constructor(options: PinholeOptions) {
    const { network, traits, service, localAddress } = options;
    this.#options = options;
    this.#queue = options.queue ?? new RequestQueue({ clock: network.clock, traits });
    this.#client = new ServiceClient({ network, queue: this.#queue, service, traits, localAddress });
    this.#actions = new PinholeActions(this.#client);
  }

  get capabilities(): Capabilities {
    return {
      families: ['ipv6'],
      permanentLeases: 'no',
      picksFreePort: false,
      thirdParty: this.#thirdParty,
      onePerInternalPort: false,
      translatesPorts: false,
      canFind: this.#actions.canTell,
      parallel: this.#queue.limit,
    };
  }

  async open(wish: MappingWish, signal: AbortSignal): Promise<Grant> {
    const target = targetOf(wish);
    const from = await this.#caller(target.client, signal);
    const known = wish.handle.pinholeId ?? this.#granted.get(nameOf(target))?.id;
    if (wish.recreate && known !== undefined) await this.#remove(known, from, signal);
    const asked = leaseOf(wish);
    const granted =
      known === undefined || wish.recreate
        ? await this.#add(target, asked, from, signal)
        : await this.#renew(known, target, asked, from, signal);
    this.#granted.set(nameOf(target), { id: granted.id, target });
    if (from === undefined) this.#thirdParty = 'yes';
    return {
      external: { address: target.client, port: target.port },
      internal: { client: target.client, port: target.port },
      lease: granted.lease,
      handle: { pinholeId: granted.id },
      evidence: this.#readBackDone ? 'answered' : await this.#readBack(granted.id, signal),
    };
  }

  async close(key: MappingKey, signal: AbortSignal): Promise<void> {
    const target = targetOf({ ...key, acceptOtherPort: true });
    const from = await this.#caller(target.client, signal);
    // V8: without the id, adding it again returns it.
    const id =
      key.handle.pinholeId ??
      this.#granted.get(nameOf(target))?.id ??
      (await this.#add(target, SHORTEST_LEASE, from, signal)).id;
    await this.#remove(id, from, signal);
    this.#granted.delete(nameOf(target));
  }

  /** By its id, from the handle or from this control's own grants. */
  async find(key: PinholeKey, signal: AbortSignal): Promise<FoundMapping | 'absent' | 'cannot-tell'> {
    const known = [...this.#granted.values()].find(({ target }) => {
      return (
        target.transport === key.transport &&
        target.port === key.external.port &&
        (key.internal === undefined || key.internal.client === target.client)
      );
    });
    const id = key.handle?.pinholeId ?? known?.id;
    if (id === undefined) return 'cannot-tell';
    const seen = await this.#actions.look(id, signal);
    if (seen !== 'there') return seen;
    return {
      transport: key.transport,
      external: { port: key.external.port },
      internal: { client: key.internal?.client ?? known?.target.client, port: key.external.port },
      description: '',
      enabled: true,
      lease: seconds(0),
      remoteHost: undefined,
    };
  }

  /** Says only whether it is alive: IPv6 has no separate external address.
   * @throws Unreachable, or the signal's reason */
  async vitals(signal: AbortSignal): Promise<Vitals> {
    const status = await outcomeOf(this.#actions.firewallStatus(signal));
    if (status instanceof Unreachable) throw status;
    return {};
  }

  /** @throws Unreachable | Malformed | Refused, or the signal's reason */
  firewallStatus(signal: AbortSignal): Promise<FirewallStatus> {
    return this.#actions.firewallStatus(signal);
  }

  async #renew(
    id: number,
    target: PinholeTarget,
    asked: Seconds,
    from: IpAddress | undefined,
    signal: AbortSignal,
  ): Promise<{ readonly id: number; readonly lease: Seconds }> {
    const lease = this.#onlyLease ?? asked;
    const failure = await outcomeOf(this.#actions.update(id, lease, from, signal));
    if (failure === undefined) return { id, lease };
    // V8: ids are lost in reboots.
    const mayAdd = ['absent', 'unsupported', 'bad-arguments', 'failed'];
    if (!(failure instanceof Refused) || !mayAdd.includes(failure.reason)) throw failure;
    return await this.#add(target, asked, from, signal);
  }

  async #add(
    target: PinholeTarget,
    asked: Seconds,
    from: IpAddress | undefined,
    signal: AbortSignal,
  ): Promise<{ readonly id: number; readonly lease: Seconds }> {
    const lease = this.#onlyLease ?? asked;
    const first = await outcomeOf(this.#actions.add(target, lease, from, signal));
    if (!isFailure(first)) return { id: first, lease };
    // V10.
    const isAboutLease = first instanceof Refused && first.reason === 'bad-arguments' && lease !== SAFE_LEASE;
    const second = isAboutLease ? await outcomeOf(this.#actions.add(target, SAFE_LEASE, from, signal)) : first;
    if (isFailure(second)) {
      if (!(second instanceof Refused)) throw second;
      const refusal = await explained(second, this.#actions, target, from, signal);
      if (refusal.reason === 'only-for-itself') this.#thirdParty = 'no';
      throw refusal;
    }
    this.#onlyLease = SAFE_LEASE;
    return { id: second, lease: SAFE_LEASE };
  }

  async #remove(id: number, from: IpAddress | undefined, signal: AbortSignal): Promise<void> {
    const failure = await outcomeOf(this.#actions.remove(id, from, signal));
    if (failure === undefined || (failure instanceof Refused && failure.reason === 'absent')) return;
    if (!(failure instanceof Refused)) throw failure;
    // V5.
    const second = await outcomeOf(this.#actions.update(id, SHORTEST_LEASE, from, signal));
    if (second !== undefined) throw second instanceof Refused ? failure : second;
  }

  async #readBack(id: number, signal: AbortSignal): Promise<Grant['evidence']> {
    const seen = await this.#actions.look(id, signal);
    if (seen === 'absent')
      throw new Refused('failed', 'upnp read-back', 'AddPinhole: the gateway said yes, but does not know the pinhole');
    this.#readBackDone = true;
    return seen === 'there' ? 'read-back' : 'answered';
  }

  /** V1: the address to call from; `undefined` when the client is another host. */
  async #caller(client: IpAddress, signal: AbortSignal): Promise<IpAddress | undefined> {
    if (client === this.#options.localAddress) return client;
    const { interfaces } = await this.#options.network.routes.read(signal);
    return interfaces.some(({ addresses }) => addresses.some(({ address }) => address === client)) ? client : undefined;
  }
}

const nameOf = ({ transport, client, port }: PinholeTarget): string => `${transport}/${client}/${port}`;

function targetOf(wish: Pick<MappingWish, 'transport' | 'external' | 'internal' | 'acceptOtherPort'>): PinholeTarget {
  const { transport, external, internal } = wish;
  const { client, port } = internal;
  if (familyOf(client) !== 'ipv6' || scopeOf(client) === 'link-local')
    throw new Refused('unsupported', 'upnp family', `a pinhole cannot lead to ${client}`);
  if (external.port !== port && !wish.acceptOtherPort)
    throw new Refused('same-port-only', 'upnp pinhole', 'a pinhole does not translate ports', { offeredPort: port });
  return { transport, client, port };
}

function leaseOf(wish: Pick<MappingWish, 'lease'>): Seconds {
  if (wish.lease === 'permanent')
    throw new Refused('no-permanent-lease', 'upnp lease', `a pinhole lasts ${LONGEST_LEASE} s at most`);
  return seconds(Math.min(LONGEST_LEASE, Math.max(SHORTEST_LEASE, wish.lease)));
}
