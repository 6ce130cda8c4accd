/** Ports are opened on approved networks only, where a person wants it so. */
import { isSameNetwork, isSurelyNetwork } from '../contract/snapshot.ts';
import type { State } from './state.ts';

/** `unclear`: the addresses are those of an approved network; whether its router is the same is being found out. */
export type Approval = 'approved' | 'unclear' | 'refused';

type ApprovalFacts = Pick<State, 'approvedNetworks' | 'host' | 'search'>;

export function approvalOf({ approvedNetworks, host, search }: ApprovalFacts): Approval {
  if (approvedNetworks === undefined) return 'approved';
  if (host === undefined) return 'unclear';
  // Without a network there is nobody to open ports to.
  if (host.network === '-') return 'approved';
  if (approvedNetworks.some((approved) => isSurelyNetwork(approved, host.network))) return 'approved';
  const isSearching = search.running || search.nextAt !== undefined || search.completed === 0;
  return isSearching && approvedNetworks.some((approved) => isSameNetwork(approved, host.network))
    ? 'unclear'
    : 'refused';
}
