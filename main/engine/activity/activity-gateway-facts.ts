/** Gateways found, away, back and restarted, and their outside addresses. */
import type { IpAddress } from '../../contract/address.ts';
import type { GatewayId } from '../../contract/model.ts';
import type { GatewayView } from '../../contract/snapshot.ts';
import type { EpochMs } from '../../contract/units.ts';
import { inSeconds } from '../../contract/units.ts';
import type { NewFact, Patience, Seen } from './activity-seen.ts';

type Outside = IpAddress | 'none';

interface ToldGateway {
  readonly isAway: boolean;
  readonly restartedAt: EpochMs | undefined;
  readonly address: Outside | undefined;
  /** It has had no address since then. */
  readonly noneSince: EpochMs | undefined;
}

export interface ToldGateways {
  readonly known: ReadonlyMap<GatewayId, ToldGateway>;
  /** Since when those are there that are not told yet. */
  readonly met: ReadonlyMap<GatewayId, EpochMs>;
  /** The latest addresses by the gateways' names, also of those that are gone: they may come back with another. */
  readonly addresses: ReadonlyMap<string, IpAddress>;
}

export const NO_GATEWAYS: ToldGateways = { known: new Map(), met: new Map(), addresses: new Map() };

/** Networks that a laptop comes around in. */
const MOST_ADDRESSES = 50;

/** A restart that turns out to be a change of the outside address only is taken back within seconds. */
const RESTART_SETTLES = inSeconds(5);

export function gatewayFacts(
  before: ToldGateways,
  { engine }: Pick<Seen, 'engine'>,
  patience: Patience,
): { readonly told: ToldGateways; readonly facts: readonly NewFact[] } {
  const look = new Look(before, engine, patience);
  for (const gateway of engine.gateways) look.at(gateway);
  const { known, met, addresses, facts } = look;
  return { told: { known, met, addresses }, facts };
}

class Look {
  readonly facts: NewFact[] = [];
  readonly known = new Map<GatewayId, ToldGateway>();
  readonly met = new Map<GatewayId, EpochMs>();
  addresses: ReadonlyMap<string, IpAddress>;
  readonly #before: ToldGateways;
  readonly #engine: Seen['engine'];
  readonly #patience: Patience;

  constructor(before: ToldGateways, engine: Seen['engine'], patience: Patience) {
    this.#before = before;
    this.#engine = engine;
    this.#patience = patience;
    this.addresses = before.addresses;
  }

  at(gateway: GatewayView): void {
    const { id, reachable, externalAddress, controls, name, address } = gateway;
    const told = this.#before.known.get(id);
    if (told !== undefined) {
      this.known.set(id, this.#known(gateway, told));
      return;
    }
    // What is only remembered may not be there.
    const hasAnswered = externalAddress !== 'unknown' || controls.some(({ foundBy }) => foundBy !== 'remembered');
    if (!reachable || !hasAnswered) return;
    const since = this.#patience.since(this.#before.met.get(id));
    // Its name is often the last thing that becomes known.
    if (name === address && this.#engine.search.running) this.met.set(id, since);
    else this.known.set(id, this.#found(gateway, since));
  }

  #found(gateway: GatewayView, at: EpochMs): ToldGateway {
    const { name, externalAddress, restartedAt } = gateway;
    const address = externalAddress === 'unknown' ? undefined : externalAddress;
    const outside = address === undefined ? {} : { address };
    this.facts.push({ at, fact: { is: 'gateway-found', gateway: name, ...outside } });
    const former = this.addresses.get(name);
    if (former !== undefined && address !== undefined && address !== 'none' && address !== former) {
      this.facts.push({ at, fact: { is: 'address-changed', gateway: name, from: former, to: address } });
    }
    this.#remember(name, address);
    return { isAway: false, restartedAt, address, noneSince: undefined };
  }

  #known(gateway: GatewayView, told: ToldGateway): ToldGateway {
    return {
      isAway: this.#away(gateway, told),
      restartedAt: this.#restarted(gateway, told),
      ...this.#address(gateway, told),
    };
  }

  #away({ id, name, reachable }: GatewayView, { isAway }: ToldGateway): boolean {
    const away = this.#engine.problems.find((problem) => problem.code === 'gateway-away' && problem.gateway === id);
    if (isAway && reachable) this.facts.push({ at: this.#patience.now, fact: { is: 'gateway-back', gateway: name } });
    if (isAway || away === undefined) return isAway && !reachable;
    const since = this.#patience.since(away.since);
    if (this.#patience.isTooNew(since)) return false;
    this.facts.push({ at: since, fact: { is: 'gateway-away', gateway: name } });
    return true;
  }

  #restarted({ name, restartedAt }: GatewayView, told: ToldGateway): EpochMs | undefined {
    if (restartedAt === undefined || restartedAt === told.restartedAt) return told.restartedAt;
    if (this.#patience.isTooNew(restartedAt, RESTART_SETTLES)) return told.restartedAt;
    this.facts.push({ at: this.#patience.since(restartedAt), fact: { is: 'gateway-restarted', gateway: name } });
    return restartedAt;
  }

  #address({ name, externalAddress }: GatewayView, told: ToldGateway): Pick<ToldGateway, 'address' | 'noneSince'> {
    const { address: from } = told;
    if (externalAddress === 'unknown' || externalAddress === from) return { address: from, noneSince: undefined };
    // Between two addresses there is often none for a moment.
    const since = this.#patience.since(told.noneSince);
    if (externalAddress === 'none' && this.#patience.isTooNew(since)) return { address: from, noneSince: since };
    if (from !== undefined) {
      const moment = externalAddress === 'none' ? since : this.#patience.now;
      this.facts.push({ at: moment, fact: { is: 'address-changed', gateway: name, from, to: externalAddress } });
    }
    this.#remember(name, externalAddress);
    return { address: externalAddress, noneSince: undefined };
  }

  #remember(name: string, address: Outside | undefined): void {
    if (address === undefined || address === 'none' || this.addresses.get(name) === address) return;
    const others = [...this.addresses].filter(([other]) => other !== name).slice(1 - MOST_ADDRESSES);
    this.addresses = new Map([...others, [name, address]]);
  }
}
