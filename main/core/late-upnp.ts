import type { ControlKind } from '../contract/model.ts';
import { after, inSeconds } from '../contract/units.ts';
import type { EpochMs, Millis } from '../contract/units.ts';
import type { GatewayState, State } from './state.ts';

/** Our first M-SEARCHes let routers take up to a second; the description has to be fetched as well. */
const FOUND_WITHIN: Millis = inSeconds(2);

const DATAGRAM_KINDS: ReadonlySet<ControlKind> = new Set(['pcp', 'nat-pmp']);

/**
 * PCP and NAT-PMP are found a moment before UPnP. Where they will not do, no final word is spoken until then: UPnP may do,
 * or tell why not. Absent when it is not to be expected.
 */
export function upnpExpectedUntil(state: State, gateway: GatewayState): EpochMs | undefined {
  const { running, since } = state.search;
  if (!running || since === undefined) return undefined;
  if (![...gateway.controls.keys()].every((kind) => DATAGRAM_KINDS.has(kind))) return undefined;
  const until = after(since, FOUND_WITHIN);
  return state.now < until ? until : undefined;
}
