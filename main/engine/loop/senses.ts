/** What reaches the engine unasked, as events: the machine's network, announcements, GENA events, word from outside. */
import type { GatewayId } from '../../contract/model.ts';
import type { Snapshot } from '../../contract/snapshot.ts';
import type { News } from '../../core/events.ts';
import { announcements } from '../../gateways/discovery/announcements.ts';
import type { Finding } from '../../gateways/gateway.ts';
import type { LinkChoice } from '../../gateways/discovery/links.ts';
import type { System } from '../../system/system.ts';
import { NetworkError } from '../../system/system.ts';
import type { Held } from './event-watch.ts';
import { watchEvents } from './event-watch.ts';
import { hostFactsOf } from './host-facts.ts';
import type { Reachability } from './reachability.ts';
import { watchReachability } from './reachability.ts';

type Add = (news: News) => void;

export async function senseNetwork(
  { routes, log }: System,
  searched: LinkChoice,
  add: Add,
  signal: AbortSignal,
): Promise<void> {
  let told = '';
  while (!signal.aborted) {
    // Asked first, so that a change while the tables are read is not missed.
    const change = routes.changed(signal);
    change.catch(() => undefined);
    try {
      const host = await hostFactsOf(await routes.read(signal), (address) => routes.neighbour(address), searched);
      const text = JSON.stringify([host.network, ...host.interfaces, ...host.publicIpv6, host.defaultRouters]);
      if (text !== told) {
        told = text;
        add({ type: 'network', host });
      }
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      log.write('warn', 'the routing tables cannot be read', { error: error.message });
    }
    await change;
  }
}

export async function senseAnnouncements(
  system: System,
  interfaces: readonly string[] | undefined,
  add: Add,
  signal: AbortSignal,
): Promise<void> {
  // Reboots and new addresses are then found by heartbeats.
  if ((await system.mayListen?.()) === false) return;
  for await (const said of announcements(system, interfaces === undefined ? {} : { interfaces }, signal)) {
    system.log.write('debug', 'heard', { ...said });
    const { from, kind, location, bootId, epoch } = said;
    add({ type: 'announced', announcement: { from, kind, location, bootId, epoch } });
  }
}

export async function senseEvents(
  system: System,
  finding: Finding,
  heldBy: (gateway: GatewayId) => Held,
  add: Add,
  signal: AbortSignal,
): Promise<void> {
  for await (const _ of watchEvents(system, finding, heldBy, signal)) {
    const nothing = { location: undefined, bootId: undefined, epoch: undefined };
    add({ type: 'announced', announcement: { from: finding.address, kind: 'event', ...nothing } });
  }
}

export async function senseReachability(
  { clock, log }: System,
  reachability: Reachability,
  snapshot: () => Snapshot,
  add: Add,
  signal: AbortSignal,
): Promise<void> {
  for await (const { mapping, passes } of watchReachability({ reachability, clock, log }, snapshot, signal)) {
    add({ type: 'probed', mapping, passes });
  }
}
