/** Is this computer on a network, with a default router? (H6) */
import { familyOf, scopeOf } from '../../contract/address.ts';
import { problemOf } from '../../contract/problems.ts';
import { finding, problemFinding, type Check } from '../examination.ts';

export const network: Check = async (examination) => {
  const state = await examination.network();
  if (state === undefined) return [finding('unknown', 'not-checked', {})];
  const outward = state.interfaces.filter(({ loopback, addresses }) => !loopback && addresses.length > 0);
  const [route] = state.defaultRoutes;
  if (outward.length === 0) {
    return [problemFinding('trouble', problemOf('no-network', {}, examination.system.clock.now()))];
  }
  if (route === undefined) {
    // A router that a person named need not be the default one.
    const level = examination.around.search.manual === undefined ? 'trouble' : 'hint';
    // RFC 3927: an address of one's own making, for nobody gave one.
    const selfMade = outward.flatMap(({ name, addresses }) =>
      addresses
        .filter(({ address }) => familyOf(address) === 'ipv4' && scopeOf(address) === 'link-local')
        .map(({ address }) => ({ interfaceName: name, address })),
    );
    const [own] = selfMade;
    const isAllSelfMade = outward.every(({ addresses }) =>
      addresses.every(({ address }) => scopeOf(address) === 'link-local'),
    );
    if (own !== undefined && isAllSelfMade) return [finding(level, 'no-dhcp', own)];
    return [finding(level, 'no-router', { interfaces: outward.map(({ name }) => name) })];
  }
  const { interfaceName, gateway, family } = route;
  const address = outward
    .find(({ name }) => name === interfaceName)
    ?.addresses.find((own) => familyOf(own.address) === family)?.address;
  return [finding('fine', 'connected', { interfaceName, address, router: gateway })];
};
