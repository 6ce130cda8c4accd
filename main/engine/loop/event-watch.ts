/**
 * GENA events of the IGDs that hold something of ours, as prompts to check (M5). What a router never sends is found by
 * heartbeats all the same (X40).
 */
import type { GatewayId } from '../../contract/model.ts';
import { inMinutes, inSeconds, type Millis } from '../../contract/units.ts';
import { isFailure } from '../../gateways/failure.ts';
import type { Finding } from '../../gateways/gateway.ts';
import { eventsOf } from '../../gateways/upnp/events.ts';
import { NetworkError, type System } from '../../system/system.ts';

/** Subscribing never stands in the way of opening. */
const BEGIN = inSeconds(20);
const AGAIN: Millis = inMinutes(15);

export interface Held {
  /** Entries of ours that the gateway should hold. */
  readonly count: number;
  readonly externalAddress: string;
}

/** A variable that says something which we did not do ourselves. */
export function isNews(variables: ReadonlyMap<string, string>, held: Held): boolean {
  // An empty set: the router had forgotten the subscription, as after a restart (X39).
  if (variables.size === 0) return true;
  const address = variables.get('ExternalIPAddress');
  if (address !== undefined && address !== held.externalAddress) return true;
  const entries = variables.get('PortMappingNumberOfEntries');
  if (entries !== undefined && /^\d{1,6}$/.test(entries) && Number(entries) < held.count) return true;
  const status = variables.get('ConnectionStatus');
  return status !== undefined && !/^(?:connected|up)$/i.test(status);
}

/** Yields whenever the gateway of this finding is worth a look. @throws the signal's reason */
export async function* watchEvents(
  system: System,
  finding: Finding,
  heldBy: (gateway: GatewayId) => Held,
  signal: AbortSignal,
): AsyncGenerator<void> {
  for (let pause = BEGIN; ; pause = AGAIN) {
    await system.clock.sleep(pause, signal);
    if (heldBy(finding.gateway).count === 0 || (await system.mayListen?.()) === false) continue;
    try {
      const events = eventsOf(system, finding, signal);
      if (events === undefined) return;
      for await (const variables of events) if (isNews(variables, heldBy(finding.gateway))) yield;
    } catch (error) {
      if (!isFailure(error) && !(error instanceof NetworkError)) throw error;
      system.log.write('debug', 'no events from this router', { gateway: finding.gateway, error: error.message });
    }
  }
}
