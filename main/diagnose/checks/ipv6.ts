/** Has this computer an address that the internet reaches over IPv6, and does the router open its firewall for it? */
import { finding, type Check } from '../examination.ts';

export const ipv6: Check = async (examination) => {
  const address = await examination.publicIpv6();
  if (address === undefined) return [finding('fine', 'ipv6-none', {})];
  const gateway = await examination.defaultGateway();
  if (gateway === undefined) return [];
  if (gateway.opensIpv6) return [finding('fine', 'ipv6-ready', { address })];
  const isWanted = examination.wanted.some(({ families }) => families.includes('ipv6'));
  return [finding(isWanted ? 'hint' : 'fine', 'ipv6-closed', { address })];
};
