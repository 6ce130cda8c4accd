/** Protocols that the default router answers; where none, how they are turned on in it (C20). */
import { familyOf } from '../../contract/address.ts';
import { problemOf } from '../../contract/problems.ts';
import { finding, problemFinding, PROTOCOLS, type Check } from '../examination.ts';
import { routerKeyAt } from '../router-key.ts';

export const protocols: Check = async (examination, signal) => {
  const gateway = await examination.defaultGateway();
  if (gateway !== undefined) {
    const { name, id, protocols: answered } = gateway;
    const silent = PROTOCOLS.filter((protocol) => !answered.includes(protocol));
    return [finding('fine', 'protocols', { gateway: name, answered, silent }, { gateway: id })];
  }
  const { summary } = await examination.found();
  const routers = summary?.routers ?? [];
  // One that speaks IPv6 alone is rare; the addresses of both families are one box.
  const four = routers.filter(({ address }) => familyOf(address) === 'ipv4');
  const asked = four.length > 0 ? four : routers;
  const alive = asked.find((router) => router.alive);
  if (alive !== undefined) {
    const menu = await routerKeyAt(examination, alive.address, signal);
    return [finding('trouble', 'port-control-off', { router: alive.address, menu })];
  }
  // Without a router there is nobody to ask: that is another check's to say.
  if (asked.length === 0) return [];
  const addresses = asked.map(({ address }) => address);
  return [problemFinding('trouble', problemOf('no-gateway', { routers: addresses }, examination.system.clock.now()))];
};
