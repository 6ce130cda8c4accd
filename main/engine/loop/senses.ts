/** Unsolicited events for the engine: the machine's network, announcements, GENA events, word from outside. */
import type { GatewayId } from '../../contract/model.ts';
import { inMinutes, inSeconds, type Millis } from '../../contract/units.ts';
import type { EventWithoutMoment } from '../../core/events.ts';
import { announcements } from '../../gateways/discovery/announcements.ts';
import type { LinkChoice } from '../../gateways/discovery/links.ts';
import { isFailure } from '../../gateways/failure.ts';
import type { Finding } from '../../gateways/gateway.ts';
import { eventsOf } from '../../gateways/upnp/events.ts';
import { NetworkError, type System } from '../../system/system.ts';
import { hostFactsOf } from './host-facts.ts';

type Add = (news: EventWithoutMoment) => void;

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
      const host = await hostFactsOf(await routes.read(signal), routes, searched);
      const text = JSON.stringify([host.network, ...host.interfaces, ...host.publicIpv6, host.defaultRouters]);
      if (text !== told) {
        told = text;
        add({ type: 'network', host });
      }
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      log.write('warn', 'could not read the routing table', { error: error.message });
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

/** Subscribing never stands in the way of opening. */
const BEGIN = inSeconds(20);
const AGAIN: Millis = inMinutes(15);

export interface Held {
  /** Does anything of ours depend on the gateway? */
  readonly isConcerned: boolean;
  /** Entries of ours that its table should show. */
  readonly count: number;
  /** It answers, and its budget has room for what can wait. */
  readonly mayBeAsked: boolean;
  /** Something is being opened or closed there, or was a moment ago. */
  readonly isChanging: boolean;
  readonly externalAddress: string;
}

/** A variable that says something which we did not do ourselves. */
function isNews(variables: ReadonlyMap<string, string>, held: Held): boolean {
  // An empty set: the router had forgotten the subscription, as after a restart (X39).
  if (variables.size === 0) return true;
  const address = variables.get('ExternalIPAddress');
  if (address !== undefined && address !== held.externalAddress) return true;
  const status = variables.get('ConnectionStatus');
  return status !== undefined && !/^(?:connected|up)$/i.test(status);
}

/** Number of entries in the whole table; a hint (E4). */
function entriesIn(variables: ReadonlyMap<string, string>): number | undefined {
  const text = variables.get('PortMappingNumberOfEntries') ?? '';
  return /^\d{1,6}$/.test(text) ? Number(text) : undefined;
}

const nothing = { location: undefined, bootId: undefined, epoch: undefined };

/** GENA events of a gateway that holds something of ours, as prompts to check (M5). What it never sends is found by
 * heartbeats all the same (X40). @throws the signal's reason */
export async function senseEvents(
  system: System,
  finding: Finding,
  heldBy: (gateway: GatewayId) => Held,
  add: Add,
  signal: AbortSignal,
): Promise<void> {
  for (let pause = BEGIN; ; pause = AGAIN) {
    await system.clock.sleep(pause, signal);
    if (!heldBy(finding.gateway).isConcerned || (await system.mayListen?.()) === false) continue;
    try {
      const events = eventsOf(system, finding, signal);
      if (events === undefined) return;
      let entries: number | undefined;
      const tell = (kind: 'event' | 'table'): void =>
        add({ type: 'announced', announcement: { from: finding.address, kind, ...nothing } });
      for await (const variables of events) {
        const held = heldBy(finding.gateway);
        const before = entries ?? held.count;
        entries = entriesIn(variables) ?? entries;
        if (entries !== undefined && entries < Math.max(before, held.count)) tell('table');
        if (isNews(variables, held)) tell('event');
      }
    } catch (error) {
      if (!isFailure(error) && !(error instanceof NetworkError)) throw error;
      system.log.write('debug', 'no events from router', { gateway: finding.gateway, error: error.message });
    }
  }
}

/** With the heartbeats and the look at one entry that leaves a silent router asked less than six times a minute. */
const COUNTED_EACH = inMinutes(5);
/** Each time but for these, the last entry that is expected speaks for the others. */
const WHOLE_EACH = 4;

/** Counts the entries of a gateway's table: many announce no change in it, and one lost among many would take long to
 * be found by looking at one each minute. @throws the signal's reason */
export async function senseTable(
  { clock, log }: System,
  { gateway, address }: Pick<Finding, 'gateway' | 'address'>,
  heldBy: (gateway: GatewayId) => Held,
  count: (expected: number, isWhole: boolean) => Promise<number | 'cannot-tell'>,
  add: Add,
  signal: AbortSignal,
): Promise<void> {
  let others = 0;
  let times = 0;
  for (;;) {
    await clock.sleep(COUNTED_EACH, signal);
    const held = heldBy(gateway);
    if (!held.mayBeAsked || held.isChanging || held.count < 2) continue;
    try {
      const expected = held.count + others;
      const entries = await count(expected, times % WHOLE_EACH === 0);
      if (entries === 'cannot-tell') return;
      // What we changed ourselves meanwhile is neither a loss nor the measure of later ones.
      const now = heldBy(gateway);
      if (now.isChanging || now.count !== held.count) continue;
      if (entries < expected) add({ type: 'announced', announcement: { from: address, kind: 'table', ...nothing } });
      // How many entries others have shows once ours are back.
      times = entries < expected ? 0 : times + 1;
      others = Math.max(0, entries - held.count);
    } catch (error) {
      if (!isFailure(error)) throw error;
      log.write('debug', 'could not count entries', { gateway, error: error.message });
    }
  }
}
