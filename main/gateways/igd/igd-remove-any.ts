/** Deletes an entry that a person pointed at, whoever made it. C28 binds what is done unasked, not this. */
import type { FoundMapping } from '../../contract/mapping.ts';
import { isPort } from '../../contract/units.ts';
import { Refused } from '../failure.ts';
import type { EntryKey, TableEntry } from './igd-entry.ts';
import { removeEntry } from './igd-remove.ts';
import type { IgdSession } from './igd-session.ts';
import type { EntryPlace } from '../port-control.ts';

/** The entry as it is now. @throws Unreachable, Malformed, or the signal's reason */
export async function entryAt(
  session: IgdSession,
  place: EntryPlace,
  signal: AbortSignal,
): Promise<TableEntry | 'absent' | 'cannot-tell'> {
  const key = keyOf(place);
  if (key === undefined) return 'cannot-tell';
  if (place.remoteHost === undefined) return (await session.lookup.find(key, false, signal)).entry;
  // Routers answer questions for one remote host in many ways (C11); what they list can be compared.
  let isTold = false;
  for await (const entry of session.list.entries(signal)) {
    isTold = true;
    if (isAt(entry, place)) return entry;
  }
  return isTold ? 'absent' : 'cannot-tell';
}

/**
 * Resolves once the entry is gone, or with what stands there instead by now.
 * @throws Refused (`failed` when the gateway says yes and keeps it, or does not tell), Unreachable, Malformed, or the
 * signal's reason
 */
export async function removeAnyones(
  session: IgdSession,
  entry: FoundMapping,
  signal: AbortSignal,
): Promise<TableEntry | 'gone'> {
  const now = await entryAt(session, entry, signal);
  const key = keyOf(entry);
  if (now === 'absent') return 'gone';
  if (now === 'cannot-tell' || key === undefined)
    throw new Refused('failed', 'upnp look-up', 'the gateway does not tell what stands there');
  if (!isSame(now, entry)) return now;
  if (now.remoteHost === undefined) await removeEntry(session, { ...key, internal: now.internal }, now, signal);
  else await session.table.remove(key, now.listedRemoteHost, signal);
  const left = await entryAt(session, entry, signal);
  if (typeof left === 'object' && isSame(left, entry))
    throw new Refused('failed', 'upnp delete', 'DeletePortMapping: the gateway says yes and keeps the entry');
  return 'gone';
}

function keyOf({ transport, external: { port } }: EntryPlace): EntryKey | undefined {
  return isPort(port) ? { transport, external: { port } } : undefined;
}

const isAt = (entry: FoundMapping, place: EntryPlace): boolean =>
  entry.transport === place.transport &&
  entry.external.port === place.external.port &&
  entry.remoteHost === place.remoteHost;

const isSame = (entry: FoundMapping, other: FoundMapping): boolean =>
  entry.internal.client === other.internal.client && entry.internal.port === other.internal.port;
