/** The actions that read the table, with the habits of real routers (E1–E16). */
import { elapsed } from '../../contract/units.ts';
import type { RouterState } from '../router/router-state.ts';
import type { TableEntry } from '../router/router-table.ts';
import {
  escapeXml,
  fault,
  numberOf,
  transportOf,
  type ActionResult,
  type OutArguments,
  type SoapCall,
} from './igd-soap.ts';

/** L15: 0 for a permanent entry. */
function reportedLease(state: RouterState, entry: TableEntry): number {
  const { expiresAt } = entry.mapping;
  const { reported } = state.personality.lease;
  if (expiresAt === 'never' || entry.grantedFor === 'never' || reported === 'zero') return 0;
  const duration = reported === 'granted' ? entry.grantedFor : elapsed(state.system.clock.now(), expiresAt);
  return Math.max(0, Math.ceil(duration / 1000));
}

function entryOut(state: RouterState, entry: TableEntry): OutArguments {
  const { internalPort, internalClient, description } = entry.mapping;
  return {
    NewInternalPort: internalPort,
    NewInternalClient: state.personality.list.namesClients
      ? `host-${internalClient.replaceAll('.', '-')}`
      : internalClient,
    NewEnabled: 1,
    NewPortMappingDescription: description,
    NewLeaseDuration: reportedLease(state, entry),
  };
}

function keyOut({ mapping }: TableEntry): OutArguments {
  const { remoteHost = '', externalPort, transport } = mapping;
  return { NewRemoteHost: remoteHost, NewExternalPort: externalPort, NewProtocol: transport.toUpperCase() };
}

const listed = (state: RouterState): readonly TableEntry[] =>
  state.personality.list.lists ? state.table.entries() : [];

/** @param nth the how-manieth call of this action it is, from 1 */
export function genericEntry(state: RouterState, call: SoapCall, nth: number): ActionResult {
  const { list } = state.personality;
  const index = numberOf(call, 'NewPortMappingIndex');
  if (index === undefined) return fault(402);
  if (list.hangsUpEvery > 0 && nth % list.hangsUpEvery === 0) return 'hang-up';
  state.table.noteListed();
  const entries = listed(state);
  const last = list.repeatsLast ? entries.at(-1) : undefined;
  const entry = index < list.firstIndex ? undefined : (entries[index - list.firstIndex] ?? last);
  if (entry === undefined) return list.endCode === 0 ? 'bare-500' : fault(list.endCode);
  return { out: { ...keyOut(entry), ...entryOut(state, entry) } };
}

export function specificEntry(state: RouterState, call: SoapCall): ActionResult {
  const transport = transportOf(call);
  const externalPort = numberOf(call, 'NewExternalPort');
  if (transport === undefined || externalPort === undefined || externalPort < 1) return fault(402);
  state.table.noteListed();
  const entry = state.personality.list.lists ? state.table.get(transport, externalPort) : undefined;
  if (entry === undefined) return fault(714);
  const age = elapsed(entry.addedAt, state.system.clock.now());
  if (age < state.personality.list.specificLag) return fault(714);
  return { out: entryOut(state, entry) };
}

/** WANIPConnection:2 §2.5.21; no match is an empty list, as miniupnpd 2.3.1 answers. */
export function listRange(state: RouterState, call: SoapCall): ActionResult {
  const { list } = state.personality;
  const transport = transportOf(call);
  const first = numberOf(call, 'NewStartPort');
  const last = numberOf(call, 'NewEndPort');
  const asked = numberOf(call, 'NewNumberOfPorts') ?? 0;
  if (transport === undefined || first === undefined || last === undefined) return fault(402);
  if (first === 0 && !list.rangeFromZero) return fault(402);
  if (first > last) return fault(733);
  if (list.diesAt !== undefined && state.table.size >= list.diesAt) return 'die';
  if (list.rangeRows !== undefined && (asked === 0 || asked > list.rangeRows)) return fault(501);
  state.table.noteListed();
  const rows = listed(state).filter(
    ({ mapping }) => mapping.transport === transport && mapping.externalPort >= first && mapping.externalPort <= last,
  );
  const shown = asked === 0 ? rows : rows.slice(0, asked);
  return { out: { NewPortListing: listing(state, shown) } };
}

function listing(state: RouterState, rows: readonly TableEntry[]): string {
  const items = rows.map((row) => {
    const tags = Object.entries({ ...keyOut(row), ...entryOut(state, row) }).map(([name, value]) => {
      const tag = `p:${listingNames[name] ?? name}`;
      return `<${tag}>${escapeXml(String(value))}</${tag}>`;
    });
    return `<p:PortMappingEntry>${tags.join('')}</p:PortMappingEntry>`;
  });
  return `<p:PortMappingList xmlns:p="urn:schemas-upnp-org:gw:WANIPConnection">${items.join('')}</p:PortMappingList>`;
}

/** The listing's schema has two names of its own. */
const listingNames: Readonly<Record<string, string>> = {
  NewPortMappingDescription: 'NewDescription',
  NewLeaseDuration: 'NewLeaseTime',
};
