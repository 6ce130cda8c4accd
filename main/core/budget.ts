/** Requests to one gateway in the running minute, and how many there may be (X32, U9). */
import type { GatewayView } from '../contract/snapshot.ts';
import { epochMs, inMinutes } from '../contract/units.ts';
import type { EpochMs } from '../contract/units.ts';
import { withGateway } from './change.ts';
import { budgetPerMinute } from './schedule.ts';
import type { GatewayState, Spent, State } from './state.ts';

const MINUTE = inMinutes(1);

export const NOTHING_SPENT: Spent = { minute: 0, count: 0, listing: 0 };

export function spentBy({ spent }: Pick<GatewayState, 'spent'>, now: EpochMs): Spent {
  const minute = Math.floor(now / MINUTE);
  return spent.minute === minute ? spent : { ...NOTHING_SPENT, minute };
}

export function withSpent(state: State, id: GatewayState['id'], what: 'count' | 'listing', requests: number): State {
  const gateway = state.gateways.get(id);
  if (gateway === undefined || requests === 0) return state;
  const spent = spentBy(gateway, state.now);
  return withGateway(state, id, { spent: { ...spent, [what]: spent[what] + requests } });
}

/** Is there room for what can wait? */
export function canAfford(state: State, id: GatewayState['id'], now: EpochMs): boolean {
  const gateway = state.gateways.get(id);
  return gateway !== undefined && spentBy(gateway, now).count < mostOf(state);
}

export function budgetOf(state: State, gateway: GatewayState): GatewayView['budget'] {
  const { minute, count, listing } = spentBy(gateway, state.now);
  return { used: count + listing, perMinute: mostOf(state) + listing, until: endOf(minute) };
}

/** Of a whole minute of engine time. */
export const endOf = (minute: number): EpochMs => epochMs((minute + 1) * MINUTE);

/** Of what counts. */
export const mostOf = ({ mappings, leftovers }: Pick<State, 'mappings' | 'leftovers'>): number =>
  budgetPerMinute(mappings.size + leftovers.size);
