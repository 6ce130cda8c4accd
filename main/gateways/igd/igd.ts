/** Port control over UPnP: WANIPConnection:1 and :2, WANPPPConnection:1 and their legacy relatives. */
import type { IpAddress } from '../../contract/address.ts';
import type { Capabilities, FoundMapping, Grant, MappingWish, Vitals } from '../../contract/mapping.ts';
import type { Seconds } from '../../contract/units.ts';
import { Malformed, Refused } from '../failure.ts';
import type { MappingList, PortControl, TrafficCounter, TraitMemory } from '../port-control.ts';
import type { HttpNetwork } from '../upnp/http-exchange.ts';
import { RequestQueue } from '../upnp/request-queue.ts';
import { ServiceClient } from '../upnp/soap-call.ts';
import { shown, wholeNumber, type EntryKey } from './igd-entry.ts';
import { openMapping } from './igd-open.ts';
import { closeMapping, entryAt, removeAnyones, stir, type KeyToClose } from './igd-remove.ts';
import type { RememberedService } from '../gateway.ts';
import { IgdSession } from './igd-session.ts';
import { VitalSigns } from './igd-status.ts';

export interface IgdOptions {
  readonly network: HttpNetwork;
  /** The live service, `IgdDescription.wan[0]` or a remembered one. */
  readonly service: RememberedService;
  /** Other services of the same gateway, tried when this one refuses oddly (X10, X12): the rest of `IgdDescription.wan`. */
  readonly alternatives?: readonly RememberedService[] | undefined;
  /** WANCommonInterfaceConfig, for byte counters. */
  readonly common?: RememberedService | undefined;
  /** Ours, towards the gateway: requests are made from it. */
  readonly localAddress: IpAddress;
  /** Our address as seen by the gateway, and the one it may open ports to; `localAddress` when absent. */
  readonly seenAs?: IpAddress | undefined;
  readonly traits: TraitMemory;
  /** From `IgdDescription`, so that all controls of a router share it (X32); its own when absent. */
  readonly queue?: RequestQueue | undefined;
  /** Most entries of a listing; 2000 when absent (E2). */
  readonly listCap?: number;
}

export interface IgdControl extends PortControl, MappingList, TrafficCounter {
  /** Service type and control URL in use, for people who ask. */
  readonly detail: string;
  close(key: KeyToClose, signal: AbortSignal): Promise<void>;
}

/** @throws Malformed when a service's control URL cannot be used */
export function createIgdControl(options: IgdOptions): IgdControl {
  const { network, traits, localAddress, seenAs = localAddress } = options;
  const queue = options.queue ?? new RequestQueue({ clock: network.clock, traits });
  const clientOf = (service: RememberedService): ServiceClient =>
    new ServiceClient({ network, queue, service, traits, localAddress });
  const others = [...(options.alternatives ?? []), ...olderViews(options.service)];
  const clients = [clientOf(options.service), ...others.map(clientOf)] as const;
  const session = new IgdSession(clients, network, { traits, localAddress: seenAs }, options.listCap);
  const vitalSigns = new VitalSigns(() => session.table.client, network.clock);
  let uptime: Seconds | undefined;
  const common = options.common === undefined ? undefined : clientOf(options.common);

  return {
    kind: 'igd',
    get capabilities(): Capabilities {
      const { leases, samePortOnly } = traits.get();
      return {
        families: ['ipv4'],
        permanentLeases: leases === 'permanent-only' ? 'only' : 'yes',
        picksFreePort:
          !session.addAnyBroken &&
          (session.table.client.declares('AddAnyPortMapping') ?? isSecondVersion(session.table.serviceType)),
        thirdParty: session.thirdParty,
        onePerInternalPort: session.onePerInternalPort,
        translatesPorts: samePortOnly !== true,
        canFind: session.list.canFind,
        parallel: queue.limit,
      };
    },
    get detail(): string {
      return `${session.table.serviceType} at ${session.table.client.controlUrl}`;
    },
    open: (wish: MappingWish, signal: AbortSignal): Promise<Grant> => session.watch(openMapping(session, wish, signal)),
    close: (key: KeyToClose, signal: AbortSignal): Promise<void> => session.watch(closeMapping(session, key, signal)),
    async find(key: EntryKey, signal: AbortSignal, afresh = false): Promise<FoundMapping | 'absent' | 'cannot-tell'> {
      let { entry } = await session.watch(session.list.find(key, false, signal));
      if (afresh && typeof entry === 'object' && (await session.watch(stir(session, signal))))
        ({ entry } = await session.watch(session.list.find(key, false, signal)));
      return typeof entry === 'object' ? shown(entry) : entry;
    },
    async vitals(signal: AbortSignal, whole = true): Promise<Vitals> {
      const vitals = await session.watch(vitalSigns.read(whole, signal));
      // L13: a connection that came up again may have lost everything.
      if (vitals.uptime !== undefined && uptime !== undefined && vitals.uptime < uptime) session.distrusted = true;
      uptime = vitals.uptime ?? uptime;
      return vitals;
    },
    list: (signal: AbortSignal, asking?: () => void): AsyncIterable<FoundMapping> => session.list.list(signal, asking),
    count: (expected, isWhole, signal) => session.watch(session.list.count(expected, isWhole, signal)),
    async look(place, signal) {
      const entry = await session.watch(entryAt(session, place, signal));
      return typeof entry === 'object' ? shown(entry) : entry;
    },
    async remove(entry, signal) {
      const left = await session.watch(removeAnyones(session, entry, signal));
      return typeof left === 'object' ? shown(left) : left;
    },
    async traffic(signal) {
      if (common === undefined)
        throw new Refused('unsupported', 'upnp undeclared', 'the gateway has no WANCommonInterfaceConfig service');
      return {
        received: await readCounter(common, 'GetTotalBytesReceived', signal),
        sent: await readCounter(common, 'GetTotalBytesSent', signal),
      };
    },
  };
}

/** A version 2 service also answers to version 1 (UPnP DA 1.0 §2.3); some behave better there (X12, L5). */
function olderViews(service: RememberedService): readonly RememberedService[] {
  if (!isSecondVersion(service.type)) return [];
  return [{ ...service, type: service.type.replace(/:2$/, ':1') }];
}

const isSecondVersion = (type: string): boolean => type.endsWith('Connection:2');

async function readCounter(common: ServiceClient, action: string, signal: AbortSignal): Promise<number> {
  const { values } = await common.call(action, [], signal, { idempotent: true });
  const text = values.get(action.replace('Get', 'New')) ?? [...values.values()][0];
  // E15: some routers take the 32 bits for a signed number.
  const isSigned = /^\s*-\d{1,10}\s*$/.test(text ?? '');
  const count = isSigned ? Number(text) >>> 0 : wholeNumber(text);
  if (count === undefined) throw new Malformed(`${action}: not a count`, text ?? '');
  return count;
}
