/** Deletes mappings: only those that are provably ours (C28), in the form that the router understands (C12). */
import type { FoundMapping, MappingKey, MappingWish } from '../../contract/mapping.ts';
import { isPort, port, seconds } from '../../contract/units.ts';
import { isFailure, outcomeOf, Refused, Unreachable } from '../failure.ts';
import type { EntryPlace } from '../port-control.ts';
import { clientText, isSameText, leadsTo, type EntryKey, type TableEntry } from './igd-entry.ts';
import type { IgdSession } from './igd-session.ts';

export type KeyToClose = MappingKey & {
  /** As it was asked for: an entry under another text is then left alone. */
  readonly description?: string;
};

/** Remote hosts that different routers want when any is meant (C11, C12). */
const WILDCARDS = ['', '*', '0.0.0.0'] as const;

/**
 * Resolves once the gateway confirmed that our entry is gone, or says that it has none. A grant of this session whose
 * lease still runs is deleted at once; anything else is looked at first.
 * @throws Unreachable, Malformed, Refused, or the signal's reason
 */
export async function closeMapping(session: IgdSession, key: KeyToClose, signal: AbortSignal): Promise<void> {
  const isFresh = !session.distrusted && session.running(key, key.internal) !== undefined;
  const entry = isFresh ? undefined : (await session.list.find(key, false, signal)).entry;
  // The key comes from a journal: it and the entry together are proof. Nobody else's is touched. A table that shows nothing
  // at all may hide ours (E5).
  const isGone =
    typeof entry === 'object'
      ? !mayBeClosed(session, entry, key)
      : entry === 'absent' && (await session.list.showsAny(signal));
  if (isGone) {
    session.forget(key);
    return;
  }
  await removeEntry(session, key, typeof entry === 'object' ? entry : undefined, signal);
}

function mayBeClosed(session: IgdSession, entry: TableEntry, key: KeyToClose): boolean {
  if (session.isOurs(entry, key, key.description)) return true;
  const { description } = key;
  const speaksAgainst =
    description !== undefined && entry.description !== '' && !isSameText(entry.description, description);
  return leadsTo(entry, key.internal) && !speaksAgainst;
}

/** Deletes the entry of a wish if it is in the table, so that it can be added again.
 * @throws Refused with `conflict` when the entry is somebody else's, and what deleting throws */
export async function clearOurs(session: IgdSession, key: MappingWish, signal: AbortSignal): Promise<void> {
  const { entry } = await session.list.find(key, false, signal);
  if (entry === 'absent') return;
  if (entry === 'cannot-tell') {
    if (session.running(key, key.internal) !== undefined) await removeEntry(session, key, undefined, signal);
    return;
  }
  if (!session.serves(entry, key)) throw heldBy(entry, 'the table');
  const failure = await outcomeOf(removeEntry(session, key, entry, signal));
  // UPnP need not be allowed to delete what PCP made; it may overwrite it all the same.
  const isSettled = failure instanceof Refused && !session.isOurs(entry, key, key.description);
  if (failure !== undefined && !isSettled) throw failure;
}

export function heldBy(entry: TableEntry, code: string): Refused {
  const holder = clientText(entry.internal);
  return new Refused(
    'conflict',
    code,
    `external port ${entry.external.port} leads to ${holder}:${entry.internal.port}`,
  );
}

/** @param entry as seen just now, if it was
 * @throws Unreachable, Malformed, Refused, or the signal's reason */
export async function removeEntry(
  session: IgdSession,
  key: EntryKey & Pick<FoundMapping, 'internal'>,
  entry: TableEntry | undefined,
  signal: AbortSignal,
): Promise<void> {
  const usual = session.traits.get().deleteRemoteHost ?? '';
  let listed = entry?.listedRemoteHost;
  let refusal: Refused | undefined;
  let isSaidAbsent = false;
  for (const remoteHost of [usual, ...WILDCARDS.filter((form) => form !== usual)]) {
    const outcome = await outcomeOf(session.table.remove(key, remoteHost, signal));
    if (!isFailure(outcome) && !outcome.empty) {
      if (remoteHost !== usual)
        session.traits.learn({ deleteRemoteHost: remoteHost }, `deletes only with "${remoteHost}" as remote host`); // C12
      session.forget(key);
      return;
    }
    if (outcome instanceof Refused) {
      refusal ??= outcome;
      if (!isAboutTheKey(outcome)) break;
      isSaidAbsent ||= outcome.reason === 'absent';
    } else if (isFailure(outcome)) throw outcome;
    // C12: "not there" is believed once the table does not show it either, and so is a yes without a body (X27). Where nothing
    // can be looked at, each form is tried.
    if (entry === undefined || !isFailure(outcome)) {
      const now = (await session.list.find(key, false, signal)).entry;
      if (now === 'cannot-tell' && isFailure(outcome)) continue;
      if (typeof now !== 'object' || !leadsTo(now, key.internal)) {
        session.forget(key);
        return;
      }
      listed = now.listedRemoteHost;
    }
    // It matters only where the entry does not stand under the form just tried.
    if (listed === remoteHost && listed !== '') break;
  }
  if (isSaidAbsent && entry === undefined && listed === undefined) {
    session.forget(key);
    return;
  }
  throw refusal ?? new Refused('failed', 'upnp delete', 'DeletePortMapping: the gateway says yes and keeps the entry');
}

/** Takes back an entry after an unreadable answer, where the table shows nothing at all: it may be there all the same (E5).
 * @returns whether it is not there now
 * @throws Unreachable, or the signal's reason */
export async function takeBack(session: IgdSession, key: EntryKey, signal: AbortSignal): Promise<boolean> {
  if (await session.list.showsAny(signal)) return true;
  const outcome = await outcomeOf(session.table.remove(key, session.traits.get().deleteRemoteHost ?? '', signal));
  if (!isFailure(outcome)) return !outcome.empty;
  if (!(outcome instanceof Refused) || outcome.reason !== 'absent') return false;
  session.list.wasRight();
  return true;
}

/** Could another spelling of the key do better? */
function isAboutTheKey(refusal: Refused): boolean {
  return refusal.reason === 'absent' || refusal.reason === 'bad-arguments' || refusal.reason === 'failed';
}

/** The entry as it is now. @throws Unreachable, Malformed, or the signal's reason */
export async function entryAt(
  session: IgdSession,
  place: EntryPlace,
  signal: AbortSignal,
): Promise<TableEntry | 'absent' | 'cannot-tell'> {
  const key = keyOf(place);
  if (key === undefined) return 'cannot-tell';
  if (place.remoteHost === undefined) return (await session.list.find(key, false, signal)).entry;
  // Routers answer questions for one remote host in many ways (C11); what they list can be compared.
  let isTold = false;
  for await (const entry of session.list.entries(signal)) {
    isTold = true;
    if (isAt(entry, place)) return entry;
  }
  return isTold ? 'absent' : 'cannot-tell';
}

/**
 * Deletes an entry that a person pointed at, whoever made it: C28 binds what is done unasked, not this. Resolves once it
 * is gone, or with what stands there instead by now.
 * @throws Refused (`failed` when the gateway says yes and keeps it, or does not say), Unreachable, Malformed, or the
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
  clientText(entry.internal) === clientText(other.internal) && entry.internal.port === other.internal.port;

/** RFC 5737: nobody has this address, so that the entry lets nobody in. */
const NOBODY = '192.0.2.1';
/** RFC 6335 §6: for no service. */
const STIRRING: EntryKey = { transport: 'udp', external: { port: port(64_999) } };
const STIRRING_LEASE = seconds(60);

/**
 * L20: miniupnpd lists what it remembers, with or without a rule, until it changes its rules itself; then it reads them
 * again. So an entry that lets nobody in comes and goes.
 * @returns whether the table was changed: a router that refuses has another way to keep it
 * @throws Unreachable, or the signal's reason
 */
export async function stir(session: IgdSession, signal: AbortSignal): Promise<boolean> {
  const { entry } = await session.list.find(STIRRING, false, signal);
  if (entry !== 'absent') return false;
  const internal = { client: session.localAddress, port: STIRRING.external.port };
  const request = { ...STIRRING, internal, lease: STIRRING_LEASE, description: 'PK-64999U', remoteHost: NOBODY };
  // Whatever ends the look, the entry goes: one request, with a time limit of its own.
  const remove = () => outcomeOf(session.table.remove(STIRRING, NOBODY, new AbortController().signal));
  let added;
  try {
    added = await outcomeOf(session.table.add(request, signal));
  } catch (error) {
    remove().catch(() => undefined);
    throw error;
  }
  if (added instanceof Unreachable) throw added;
  if (isFailure(added)) return false;
  const removed = await remove();
  if (removed instanceof Unreachable) throw removed;
  return true;
}
