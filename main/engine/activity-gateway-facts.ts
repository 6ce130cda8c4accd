/** Gateways found, away, back and restarted, and their outside addresses. */
import type { IpAddress } from '../contract/address.ts';
import type { GatewayId, GatewayView } from '../contract/model.ts';
import type { EpochMs } from '../contract/units.ts';
import { inSeconds } from '../contract/units.ts';
import type { NewFact, Seen } from './activity-seen.ts';
import { isHiccup, sinceWhen } from './activity-seen.ts';

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
  /** The latest addresses by the gateways' names, also of those that are gone: they may come back with another. */
  readonly addresses: ReadonlyMap<string, IpAddress>;
}

export const NO_GATEWAYS: ToldGateways = { known: new Map(), addresses: new Map() };

/** Networks that a laptop comes around in. */
const MOST_ADDRESSES = 50;

/** A restart that turns out to be a change of the outside address only is taken back within seconds. */
const RESTART_SETTLES = inSeconds(5);

export function gatewayFacts(
  before: ToldGateways,
  { engine }: Pick<Seen, 'engine'>,
): { readonly told: ToldGateways; readonly facts: readonly NewFact[] } {
  const look = new Look(before, engine);
  for (const gateway of engine.gateways) look.at(gateway);
  return { told: { known: look.known, addresses: look.addresses }, facts: look.facts };
}

class Look {
  readonly facts: NewFact[] = [];
  readonly known = new Map<GatewayId, ToldGateway>();
  addresses: ReadonlyMap<string, IpAddress>;
  readonly #before: ToldGateways;
  readonly #engine: Seen['engine'];

  constructor(before: ToldGateways, engine: Seen['engine']) {
    this.#before = before;
    this.#engine = engine;
    this.addresses = before.addresses;
  }

  at(gateway: GatewayView): void {
    const told = this.#before.known.get(gateway.id);
    if (told !== undefined) this.known.set(gateway.id, this.#known(gateway, told));
    else if (this.#isMet(gateway)) this.known.set(gateway.id, this.#found(gateway));
  }

  /** What is only remembered may not be there; and its name is often the last thing that becomes known. */
  #isMet({ reachable, externalAddress, controls, name, address }: GatewayView): boolean {
    const hasAnswered = externalAddress !== 'unknown' || controls.some(({ foundBy }) => foundBy !== 'remembered');
    return reachable && hasAnswered && (name !== address || !this.#engine.search.running);
  }

  #found(gateway: GatewayView): ToldGateway {
    const { name, externalAddress, restartedAt } = gateway;
    const address = externalAddress === 'unknown' ? undefined : externalAddress;
    const { at } = this.#engine;
    this.facts.push({
      at,
      fact: { is: 'gateway-found', gateway: name, ...(address === undefined ? {} : { address }) },
    });
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
    const { at, problems } = this.#engine;
    const away = problems.find((problem) => problem.code === 'gateway-away' && problem.gateway === id);
    if (isAway && reachable) this.facts.push({ at, fact: { is: 'gateway-back', gateway: name } });
    if (isAway || away === undefined) return isAway && !reachable;
    const since = sinceWhen(away.since, at);
    if (isHiccup(since, at)) return false;
    this.facts.push({ at: since, fact: { is: 'gateway-away', gateway: name } });
    return true;
  }

  #restarted({ name, restartedAt }: GatewayView, told: ToldGateway): EpochMs | undefined {
    const { at } = this.#engine;
    if (restartedAt === undefined || restartedAt === told.restartedAt) return told.restartedAt;
    if (isHiccup(restartedAt, at, RESTART_SETTLES)) return told.restartedAt;
    this.facts.push({ at: sinceWhen(restartedAt, at), fact: { is: 'gateway-restarted', gateway: name } });
    return restartedAt;
  }

  #address({ name, externalAddress }: GatewayView, told: ToldGateway): Pick<ToldGateway, 'address' | 'noneSince'> {
    const { at } = this.#engine;
    const { address: from } = told;
    if (externalAddress === 'unknown' || externalAddress === from) return { address: from, noneSince: undefined };
    // Between two addresses there is often none for a moment.
    const since = sinceWhen(told.noneSince, at);
    if (externalAddress === 'none' && isHiccup(since, at)) return { address: from, noneSince: since };
    if (from !== undefined) {
      const moment = externalAddress === 'none' ? since : at;
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
