import type { ForwardId } from '../contract/model.ts';
import { isSameNetwork } from '../contract/snapshot.ts';
import { approvalOf } from './approval.ts';
import { hasValidLease } from './plan.ts';
import type { Leftover, MappingState, State } from './state.ts';
import { statusOf } from './view.ts';

/**
 * Has everything wanted become open or been told why not, and everything to be closed been closed or told?
 * @param isMeant which forwards count; all when absent
 */
export function isSettled(state: State, isMeant: (forward: ForwardId) => boolean = () => true): boolean {
  for (const mapping of state.mappings.values()) {
    if (isMeant(mapping.spec.forward) && !isMappingSettled(state, mapping)) return false;
  }
  for (const leftover of state.leftovers.values()) {
    const { forward } = leftover;
    if ((forward === undefined || isMeant(forward)) && !isLeftoverSettled(state, leftover)) return false;
  }
  return true;
}

function isMappingSettled(state: State, mapping: MappingState): boolean {
  if (hasValidLease(mapping, state.now)) return true;
  if (mapping.holderWanted) return false;
  const status = statusOf(state, mapping);
  switch (status.at) {
    case 'refused':
      return true;
    case 'waiting':
      // Why, is what people wait for.
      if (status.for === 'retry') return mapping.tries > 0 && status.problem === mapping.problem;
      if (status.for === 'approval' && approvalOf(state) === 'refused') return true;
      return state.search.completed > 0 || status.for === 'network';
    default:
      return false;
  }
}

function isLeftoverSettled(state: State, leftover: Leftover): boolean {
  if (leftover.kept || leftover.tries > 0) return true;
  if (state.host !== undefined && !isSameNetwork(leftover.lease.network, state.host.network)) return true;
  const gateway = state.gateways.get(leftover.lease.gateway);
  if (gateway === undefined) return state.search.completed > 0 || state.host?.network === '-';
  return !gateway.reachable;
}
