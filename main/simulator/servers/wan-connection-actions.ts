/** AddPortMapping and its kin (WANIPConnection:1, :2), by the rules of the router's personality. */
import { familyOf, parseIp, type IpAddress } from '../../contract/address.ts';
import type { Transport } from '../../contract/model.ts';
import { after, seconds, secondsToMillis, type EpochMs } from '../../contract/units.ts';
import { isFull, isPermitted, isTaken, type RouterState } from '../router/router-state.ts';
import type { SimMapping } from '../router/router-table.ts';
import { fault, numberOf, success, transportOf, type ActionResult, type Caller, type SoapCall } from './igd-soap.ts';

type Wish = Omit<SimMapping, 'owner' | 'nonce' | 'expiresAt'> & {
  /** Seconds; 0 means forever. */
  readonly lease: number;
};

function readWish(call: SoapCall): Wish | undefined {
  const transport = transportOf(call);
  const externalText = call.arguments.get('NewExternalPort')?.trim();
  const externalPort = externalText === '*' ? 0 : numberOf(call, 'NewExternalPort');
  const internalPort = numberOf(call, 'NewInternalPort');
  const internalClient = parseIp(call.arguments.get('NewInternalClient') ?? '');
  const lease = call.arguments.get('NewLeaseDuration') === undefined ? 0 : numberOf(call, 'NewLeaseDuration');
  if (transport === undefined || externalPort === undefined || externalPort > 65_535) return undefined;
  if (internalPort === undefined || internalPort < 1 || internalPort > 65_535) return undefined;
  if (internalClient === undefined || familyOf(internalClient) !== 'ipv4') return undefined;
  if (lease === undefined || lease > 0xffff_ffff) return undefined;
  const description = call.arguments.get('NewPortMappingDescription') ?? '';
  const remoteHost = call.arguments.get('NewRemoteHost')?.trim() ?? '';
  return { transport, externalPort, internalPort, internalClient, description, remoteHost, lease };
}

/** AddPortMapping; with `anyPort` AddAnyPortMapping. */
export function addMapping(state: RouterState, call: SoapCall, caller: Caller, anyPort: boolean): ActionResult {
  const { mapping, lease } = state.personality;
  if (mapping.readOnlyCode !== undefined) return fault(mapping.readOnlyCode);
  const wish = readWish(call);
  if (wish === undefined) return fault(402);
  if (wish.externalPort === 0 && !anyPort) return fault(716);
  if (mapping.secure && wish.internalClient !== caller.address) return fault(mapping.thirdPartyCode);
  if (lease.permanent === 'only' && wish.lease !== 0) return fault(lease.refusal);
  if (mapping.samePortOnly && wish.externalPort !== wish.internalPort) return fault(724);
  if (!anyPort && !isPermitted(state.permissions, wish)) return fault(mapping.forbiddenCode);
  if (state.mappableWan() === undefined || mapping.chainsMissing) return fault(501);
  if (!anyPort) return place(state, wish, wish.externalPort) ?? success;
  const port = freePort(state, wish);
  if (port === undefined) return fault(728);
  return place(state, wish, port) ?? { out: { NewReservedPort: port } };
}

/** The fault that stands in the way, `undefined` once the router says yes. */
function place(state: RouterState, wish: Wish, externalPort: number): ActionResult | undefined {
  const { mapping, lease } = state.personality;
  const { table } = state;
  const holder = table.get(wish.transport, externalPort)?.mapping;
  if (holder !== undefined && mapping.replacesAnyones) {
    table.remove(wish.transport, externalPort);
  } else if (holder !== undefined) {
    const own = holder.internalClient === wish.internalClient && holder.owner !== 'manual';
    if (!own || !lease.ownOverwrite) return fault(718);
  }
  const other: Transport = wish.transport === 'tcp' ? 'udp' : 'tcp';
  if (mapping.transports === 'second-refused' && table.get(other, externalPort) !== undefined) return fault(718);
  if (mapping.internalPortOnce && leadsElsewhere(state, wish, externalPort)) return fault(718);
  if (holder === undefined && isFull(state)) {
    const whenFull = mapping.capacity?.whenFull ?? 'silent';
    return whenFull === 'silent' ? undefined : fault(whenFull);
  }
  if (lease.dropsLeased && wish.lease !== 0) return undefined;
  if (mapping.transports === 'second-replaces') table.remove(other, externalPort);
  const { lease: asked, ...rest } = wish;
  table.put({ ...rest, externalPort, owner: 'igd', expiresAt: leaseEnd(state, asked) });
  return undefined;
}

const leadsElsewhere = (state: RouterState, wish: Wish, externalPort: number): boolean =>
  state.table.forInternal(wish).some((mapping) => mapping.externalPort !== externalPort);

/** L6, L7: what the router makes of the lease asked for. */
function leaseEnd(state: RouterState, asked: number): EpochMs | 'never' {
  const { constant, longest, permanent } = state.personality.lease;
  const forEver = longest === 0 || (asked === 0 && permanent !== 'longest');
  if (constant === undefined && forEver) return 'never';
  const granted = constant ?? (asked === 0 ? longest : seconds(Math.min(asked, longest)));
  return after(state.system.clock.now(), secondsToMillis(granted));
}

/** WANIPConnection:2 §2.5.17: the asked port when it can be had or is the client's own, else another. */
function freePort(state: RouterState, wish: Wish): number | undefined {
  const allowed = (externalPort: number): boolean => isPermitted(state.permissions, { ...wish, externalPort });
  const start = wish.externalPort === 0 ? wish.internalPort : wish.externalPort;
  const holder = state.table.get(wish.transport, start)?.mapping;
  if (allowed(start) && holder?.internalClient === wish.internalClient) return start;
  for (let step = 0; step < 64_512; step++) {
    const port = step === 0 ? start : 1024 + ((Math.max(start, 1023) - 1024 + step) % 64_512);
    if (allowed(port) && !isTaken(state, wish.transport, port)) return port;
  }
  return undefined;
}

export function deleteMapping(state: RouterState, call: SoapCall, caller: Caller): ActionResult {
  const { mapping } = state.personality;
  const transport = transportOf(call);
  const externalPort = numberOf(call, 'NewExternalPort');
  if (transport === undefined || externalPort === undefined || externalPort < 1) return fault(402);
  const remoteHost = call.arguments.get('NewRemoteHost')?.trim() ?? '';
  const matches = mapping.deleteRemoteHost === 'anything' || mapping.deleteRemoteHost === remoteHost;
  const held = matches ? state.table.get(transport, externalPort)?.mapping : undefined;
  if (held === undefined) return mapping.deleteAbsentCode === 0 ? success : fault(mapping.deleteAbsentCode);
  if (!mayDelete(state, held, caller.address)) return fault(606);
  state.table.remove(transport, externalPort);
  return success;
}

/** WANIPConnection:2 §2.5.19. */
export function deleteRange(state: RouterState, call: SoapCall, caller: Caller): ActionResult {
  const transport = transportOf(call);
  const first = numberOf(call, 'NewStartPort');
  const last = numberOf(call, 'NewEndPort');
  if (transport === undefined || first === undefined || last === undefined) return fault(402);
  if (first > last) return fault(733);
  const held = state.table
    .mappings()
    .filter(
      (mapping) =>
        mapping.transport === transport &&
        mapping.externalPort >= first &&
        mapping.externalPort <= last &&
        mayDelete(state, mapping, caller.address),
    );
  for (const mapping of held) state.table.remove(transport, mapping.externalPort);
  return held.length === 0 ? fault(730) : success;
}

const mayDelete = (state: RouterState, held: SimMapping, caller: IpAddress): boolean =>
  !state.personality.mapping.secure || held.internalClient === caller;
