/** Opens a mapping: one request where the router behaves, and what its answers ask for where it does not. */
import type { Grant, MappingWish } from '../../contract/mapping.ts';
import { seconds, type Seconds } from '../../contract/units.ts';
import { isFailure, Malformed, outcomeOf, Refused } from '../failure.ts';
import { addWithFallbacks, requestFor, type Added } from './igd-add.ts';
import {
  clientText,
  isClockStuck,
  leadsTo,
  listedLease,
  presumedLease,
  shownCap,
  TELLING_AGE,
  type TableEntry,
} from './igd-entry.ts';
import { displaced, isConflict, settleRefusal } from './igd-refusal.ts';
import { clearOurs, removeEntry, takeBack } from './igd-remove.ts';
import type { GrantRecord, IgdSession } from './igd-session.ts';
import type { AddRequest } from './igd-table.ts';

const PERMANENT = seconds(0);
/** C18: the smallest tables known to be full without saying so hold 20 or 32 entries. */
const PERHAPS_FULL = 16;

/** @throws Unreachable, Malformed, Refused, or the signal's reason */
export async function openMapping(session: IgdSession, wish: MappingWish, signal: AbortSignal): Promise<Grant> {
  if (wish.family !== 'ipv4') throw new Refused('unsupported', 'upnp family', 'an IGD maps IPv4 ports only'); // V9
  const isHeld = session.running(wish, wish.internal) !== undefined;
  if (session.twins === 'no' && !isHeld && session.hasTwin(wish)) throw displaced(wish);
  return await session.whileOpening(wish, () => opened(session, wish, signal));
}

async function opened(session: IgdSession, wish: MappingWish, signal: AbortSignal): Promise<Grant> {
  // L8, L9: on these routers renewing is deleting and adding.
  if (wish.recreate || session.traits.get().renewalNeedsDelete === true) await clearOurs(session, wish, signal);
  const twin = session.twin(wish);
  const outcome = await addWithFallbacks(session, wish, signal);
  const added = 'refusal' in outcome ? await settleRefusal(session, wish, outcome, signal) : outcome;
  if (wish.internal.client !== session.localAddress) session.thirdParty = 'yes';
  const grant = await confirmed(session, wish, added, signal);
  if (twin !== undefined && session.twins === 'unknown') await checkTwin(session, twin, added.request, signal);
  return grant;
}

/** C16: once per session it is looked whether the second transport of a port has displaced the first. */
async function checkTwin(
  session: IgdSession,
  twin: GrantRecord,
  request: AddRequest,
  signal: AbortSignal,
): Promise<void> {
  if (twin.request.external.port !== request.external.port) return;
  const isUnseen = twin.listed === undefined;
  if (isUnseen && !(await session.list.showsAny(signal))) return;
  const { entry } = await session.list.find(twin.request, isUnseen, signal);
  session.twins = entry === 'absent' ? 'no' : 'yes';
  if (entry !== 'absent') return;
  // Whether or not it can be taken away: the first one has the port.
  session.forget(request);
  const left = await outcomeOf(removeEntry(session, request, undefined, signal));
  const failure = await outcomeOf(session.table.add(twin.request, signal));
  // After a refusal nothing stays on record.
  if (left instanceof Refused && (await session.list.find(request, true, signal)).entry !== 'absent')
    throw new Malformed(`AddPortMapping: displaced the other transport, and cannot be taken back: ${left.message}`, '');
  if (isFailure(left) && !(left instanceof Refused)) throw left;
  if (isFailure(failure)) throw failure;
  throw displaced(request);
}

async function confirmed(session: IgdSession, wish: MappingWish, added: Added, signal: AbortSignal): Promise<Grant> {
  const { request } = added;
  const before = session.running(request, request.internal);
  // L8: the first renewal of a session shows whether renewing works here.
  const doubtsClock =
    !session.clockProven && before?.listed !== undefined && request.lease > 0 && session.age(before) >= TELLING_AGE;
  if (added.entry === undefined && !added.empty && !session.readsBack(request) && !doubtsClock)
    return grantOf(session, request, undefined);
  const sighting =
    added.entry === undefined
      ? await session.list.find(request, true, signal)
      : { entry: added.entry, listed: undefined };
  if (sighting.entry === 'absent') return await missing(session, wish, added, sighting.listed, signal);
  if (sighting.entry === 'cannot-tell') {
    session.distrusted = false;
    session.permanentProven ||= request.lease === 0;
    return grantOf(session, request, undefined);
  }
  requireOurs(sighting.entry, request);
  session.distrusted = false;
  if (doubtsClock && added.entry === undefined && before.listed !== undefined) {
    if (isClockStuck(before.listed.lease, session.age(before), sighting.entry.lease))
      return await renewedByDeleting(session, wish, request, signal);
    session.clockProven = true;
  }
  if (added.held === undefined) learnCap(session, request.lease, sighting.entry.lease);
  const grant = grantOf(session, request, sighting.entry);
  // How the router treats entries that another made says nothing about our own (C1).
  if (added.held === 'by another') session.forget(request);
  return grant;
}

async function renewedByDeleting(
  session: IgdSession,
  wish: MappingWish,
  request: AddRequest,
  signal: AbortSignal,
): Promise<Grant> {
  session.traits.learn({ renewalNeedsDelete: true }, 'a renewal did not restart the clock'); // L8
  session.clockProven = true;
  await clearOurs(session, { ...wish, external: request.external }, signal);
  await session.table.add(request, signal);
  const { entry } = await session.list.find(request, true, signal);
  return grantOf(session, request, typeof entry === 'object' && leadsTo(entry, request.internal) ? entry : undefined);
}

/** The router said yes, and the table does not show it (L4, C18, E5). */
async function missing(
  session: IgdSession,
  wish: MappingWish,
  { request, empty }: Added,
  listed: number | undefined,
  signal: AbortSignal,
): Promise<Grant> {
  const { traits } = session;
  if (request.lease > 0 && !(empty && session.addsUnread)) {
    // L4: a lease may be what it cannot keep.
    const permanent = { ...request, lease: PERMANENT };
    const refusal = await outcomeOf(session.table.add(permanent, signal));
    if (refusal instanceof Refused && isConflict(refusal)) return shownByRefusal(session, request);
    if (isFailure(refusal)) throw refusal;
    const { entry } = await session.list.find(request, true, signal);
    if (typeof entry === 'object') {
      requireOurs(entry, request);
      session.distrusted = false;
      traits.learn(
        { leases: 'permanent-only', unreliableSuccess: true },
        'said yes to a lease and made no entry; took a permanent mapping', // L4
      );
      return grantOf(session, permanent, entry);
    }
  }
  if (empty) {
    // X27: an empty answer is no yes.
    session.forget(request);
    session.addsUnread = true;
    const undone = await takeBack(session, request, signal);
    throw new Malformed('AddPortMapping: an empty answer, and the table does not have the entry', '', { undone });
  }
  if ((listed ?? 0) === 0) {
    // E5: a table that never shows anything proves nothing; the lease is put back.
    traits.learn({ listing: 'unreliable' }, 'does not show what it has granted'); // E5
    session.distrusted = false;
    const again = requestFor(session, wish);
    if (request.lease > 0) await session.table.add({ ...again, external: request.external }, signal);
    return grantOf(session, request, undefined);
  }
  traits.learn({ unreliableSuccess: true }, 'said yes and made no entry'); // L4
  session.forget(request);
  throw new Refused(
    (listed ?? 0) >= PERHAPS_FULL ? 'table-full' : 'failed',
    'upnp read-back',
    `AddPortMapping: the gateway said yes, but its table of ${listed ?? 0} entries does not have it`,
  );
}

/** A router that refuses to overwrite (L9), and not the first time, has what it said yes to, though its table hides it (E5). */
function shownByRefusal(session: IgdSession, request: AddRequest): Grant {
  session.traits.learn({ listing: 'unreliable' }, 'does not show what it has granted'); // E5
  session.distrusted = false;
  return grantOf(session, request, undefined);
}

function requireOurs(entry: TableEntry, request: AddRequest): void {
  if (leadsTo(entry, request.internal)) return;
  const holder = clientText(entry.internal);
  throw new Refused(
    'conflict',
    'upnp read-back',
    `AddPortMapping: the gateway said yes, but the port leads to ${holder}:${entry.internal.port}`,
  );
}

function grantOf(session: IgdSession, request: AddRequest, entry: TableEntry | undefined): Grant {
  const { traits } = session;
  const lease =
    entry === undefined ? presumedLease(request.lease, traits.get()) : listedLease(request.lease, entry.lease);
  session.permanentProven ||= entry !== undefined && lease === 'permanent';
  session.remember({ request, lease, listed: entry });
  return {
    external: { port: request.external.port },
    internal: request.internal,
    lease,
    handle: {},
    evidence: entry === undefined ? 'answered' : 'read-back',
  };
}

function learnCap(session: IgdSession, asked: Seconds, listed: Seconds): void {
  const cap = shownCap(asked, listed);
  const { longestLease } = session.traits.get();
  if (cap === undefined || cap === longestLease) return;
  session.traits.learn(
    { leases: 'capped', longestLease: cap },
    `gave ${cap} s when asked for ${asked === PERMANENT ? 'a permanent mapping' : `${asked} s`}`, // L7
  );
}
