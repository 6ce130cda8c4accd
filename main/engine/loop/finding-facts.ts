import type { FoundFacts } from '../../core/events.ts';
import type { SearchFacts } from '../../core/state.ts';
import type { Finding, SearchSummary } from '../../gateways/gateway.ts';

export function foundFacts(finding: Finding): FoundFacts {
  const { gateway, address, interfaceName, localAddress, isDefault, name, model } = finding;
  const { control, foundBy, foundIn, detail, vitals, remember } = finding;
  return {
    gateway,
    address,
    interfaceName,
    localAddress,
    isDefault,
    name,
    model,
    control: control.kind,
    capabilities: control.capabilities,
    foundBy,
    foundIn,
    detail,
    vitals,
    location: remember.location,
  };
}

export function searchFacts({ routers, noNetwork, denied, localNetworkDenied }: SearchSummary): SearchFacts {
  return {
    routers: routers.map(({ address, alive }) => ({ address, alive })),
    noNetwork,
    denied,
    localNetworkDenied,
  };
}
