/** The contract's questions about addresses, answered once: a simulated packet asks them at every hop. */
import { type AddressScope, type Cidr, type IpAddress, inNetwork, scopeOf } from '../../main/contract/address.ts';

/** More than any test has addresses; a bound all the same. */
const MOST = 20_000;

const scopes = new Map<IpAddress, AddressScope>();
const memberships = new Map<string, boolean>();

export function scopeOfMemo(address: IpAddress): AddressScope {
  const known = scopes.get(address);
  if (known !== undefined) return known;
  if (scopes.size >= MOST) scopes.clear();
  const scope = scopeOf(address);
  scopes.set(address, scope);
  return scope;
}

export function inNetworkMemo(address: IpAddress, network: Cidr): boolean {
  const key = `${address} ${network.address}/${network.prefix}`;
  const known = memberships.get(key);
  if (known !== undefined) return known;
  if (memberships.size >= MOST) memberships.clear();
  const inside = inNetwork(address, network);
  memberships.set(key, inside);
  return inside;
}
