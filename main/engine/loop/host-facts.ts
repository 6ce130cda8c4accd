/** This machine's side of the network, as the core needs it. */
import { familyOf, isPublic, scopeOf, type Cidr, type IpAddress } from '../../contract/address.ts';
import type { DefaultRouter, HostFacts } from '../../core/state.ts';
import { linksOf, networkKeyOf, type LinkChoice } from '../../gateways/discovery/links.ts';
import { NetworkError, type NetworkState, type Routes, type System } from '../../system/system.ts';
import { inSeconds } from '../../contract/units.ts';

/** Nothing when the routing tables cannot be read. @throws the signal's reason */
async function whileReadable<Value>(
  routes: Routes,
  signal: AbortSignal,
  work: (state: NetworkState) => Promise<Value>,
): Promise<Value | undefined> {
  try {
    return await work(await routes.read(signal));
  } catch (error) {
    if (error instanceof NetworkError) return undefined;
    throw error;
  }
}

/** The key of the network that the machine is on now; nothing when the routing tables cannot be read.
 * @throws the signal's reason */
export const networkNow = (routes: Routes, signal: AbortSignal): Promise<string | undefined> =>
  whileReadable(routes, signal, (state) => networkKeyOf(state, (address) => routes.neighbour(address)));

/** The networks that the machine is in now; nothing when the routing tables cannot be read. @throws the signal's reason */
export const networksNow = (routes: Routes, signal: AbortSignal): Promise<readonly Cidr[] | undefined> =>
  whileReadable(routes, signal, async ({ interfaces }) =>
    interfaces
      .filter(({ loopback }) => !loopback)
      .flatMap(({ addresses }) => addresses)
      .filter(({ address }) => scopeOf(address) !== 'link-local'),
  );

/** @param searched the interfaces on which gateways are looked for */
export async function hostFactsOf(
  state: NetworkState,
  routes: Pick<Routes, 'neighbour'>,
  searched: LinkChoice,
): Promise<HostFacts> {
  const interfaces = new Map<string, readonly IpAddress[]>();
  const publicIpv6 = new Map<string, IpAddress>();
  for (const { name, addresses } of state.interfaces) {
    const all = addresses.map(({ address }) => address);
    interfaces.set(name, all);
    // The stable one: a privacy address is gone tomorrow (V2, V11).
    const candidates = addresses.filter(({ address }) => familyOf(address) === 'ipv6' && isPublic(address));
    const stable = candidates.find(({ temporary }) => !temporary) ?? candidates[0];
    if (stable !== undefined) publicIpv6.set(name, stable.address);
  }
  const outward = state.interfaces.some(({ loopback, addresses }) => !loopback && addresses.length > 0);
  // Both look at the same router.
  const known = new Map<IpAddress, Promise<string | undefined>>();
  const neighbour = (address: IpAddress): Promise<string | undefined> => {
    const asked = known.get(address) ?? routes.neighbour(address);
    known.set(address, asked);
    return asked;
  };
  const network = outward ? await networkKeyOf(state, neighbour) : '-';
  return { network, interfaces, publicIpv6, defaultRouters: await defaultRoutersOf(state, { neighbour }, searched) };
}

async function defaultRoutersOf(
  state: NetworkState,
  routes: Pick<Routes, 'neighbour'>,
  searched: LinkChoice,
): Promise<readonly DefaultRouter[]> {
  const links = new Set(linksOf(state, searched).map(({ name }) => name));
  const leading = state.defaultRoutes.filter(({ interfaceName }) => links.has(interfaceName));
  return await Promise.all(
    leading.map(async (route) => {
      const { family, interfaceName, gateway } = route;
      const address = scopeOf(gateway) === 'unspecified' ? undefined : gateway;
      if (family === 'ipv6' || address === undefined) return { family, interfaceName, address };
      const only = { ...state, defaultRoutes: [route] };
      return { family, interfaceName, address, network: await networkKeyOf(only, (of) => routes.neighbour(of)) };
    }),
  );
}

/** How old the facts may be: on macOS and Windows each look costs three processes. */
const FRESH = inSeconds(1);

interface HostReading {
  readonly wall: number;
  readonly monotonic: number;
  readonly facts: Promise<HostFacts | undefined>;
}

export class HostWatch {
  readonly #system: System;
  readonly #searched: LinkChoice;
  readonly #signal: AbortSignal;
  #latest: HostReading | undefined;

  constructor(system: System, searched: LinkChoice, signal: AbortSignal) {
    this.#system = system;
    this.#searched = searched;
    this.#signal = signal;
  }

  /** Nothing when the routing tables cannot be read. @throws the signal's reason */
  async now(): Promise<HostFacts | undefined> {
    const { clock } = this.#system;
    const [wall, monotonic] = [clock.now(), clock.monotonic()];
    const { wall: at = -Infinity, monotonic: since = -Infinity } = this.#latest ?? {};
    // The monotonic clock may stand still in sleep, the other may be set back.
    const isFresh = wall >= at && wall - at < FRESH && monotonic - since < FRESH;
    if (this.#latest === undefined || !isFresh) this.#latest = { wall, monotonic, facts: this.#look() };
    return await this.#latest.facts;
  }

  async #look(): Promise<HostFacts | undefined> {
    const { routes } = this.#system;
    return await whileReadable(routes, this.#signal, (state) => hostFactsOf(state, routes, this.#searched));
  }
}
