/** This machine's side of the network, as the core needs it. */
import { familyOf, isPublic, scopeOf, type IpAddress } from '../../contract/address.ts';
import type { DefaultRouter, HostFacts } from '../../core/state.ts';
import { linksOf, networkKeyOf, type LinkChoice } from '../../gateways/discovery/links.ts';
import { NetworkError, type NetworkState, type Routes } from '../../system/system.ts';

/** The key of the network that the machine is on now; nothing when the routing tables cannot be read.
 * @throws the signal's reason */
export async function networkNow(routes: Routes, signal: AbortSignal): Promise<string | undefined> {
  try {
    return await networkKeyOf(await routes.read(signal), (address) => routes.neighbour(address));
  } catch (error) {
    if (error instanceof NetworkError) return undefined;
    throw error;
  }
}

/** @param searched the interfaces on which gateways are looked for */
export async function hostFactsOf(
  state: NetworkState,
  neighbour: Routes['neighbour'],
  searched: LinkChoice,
): Promise<HostFacts> {
  const interfaces = new Map<string, readonly IpAddress[]>();
  const publicIpv6 = new Map<string, IpAddress>();
  for (const { name, addresses } of state.interfaces) {
    interfaces.set(
      name,
      addresses.map(({ address }) => address),
    );
    // The stable one: a privacy address is gone tomorrow (V2, V11).
    const candidates = addresses.filter(({ address }) => familyOf(address) === 'ipv6' && isPublic(address));
    const stable = candidates.find(({ temporary }) => !temporary) ?? candidates[0];
    if (stable !== undefined) publicIpv6.set(name, stable.address);
  }
  const outward = state.interfaces.some(({ loopback, addresses }) => !loopback && addresses.length > 0);
  const network = outward ? await networkKeyOf(state, neighbour) : '-';
  return { network, interfaces, publicIpv6, defaultRouters: defaultRoutersOf(state, searched) };
}

function defaultRoutersOf(state: NetworkState, searched: LinkChoice): readonly DefaultRouter[] {
  const links = new Set(linksOf(state, searched).map(({ name }) => name));
  return state.defaultRoutes
    .filter(({ interfaceName }) => links.has(interfaceName))
    .map(({ family, interfaceName, gateway }) => ({
      family,
      interfaceName,
      address: scopeOf(gateway) === 'unspecified' ? undefined : gateway,
    }));
}
