/** Meaning of a refused add here and now: held already, taken, forbidden, or hopeless (C1–C6, C9, C19). */
import { isPublic, type IpAddress } from '../../contract/address.ts';
import type { MappingWish } from '../../contract/mapping.ts';
import { isPort } from '../../contract/units.ts';
import { isFailure, outcomeOf, Malformed, Refused, Unreachable } from '../failure.ts';
import type { Added, NotAdded } from './igd-add.ts';
import { leadsTo } from './igd-entry.ts';
import { clearOurs, heldBy } from './igd-remove.ts';
import type { IgdSession } from './igd-session.ts';
import { readExternalAddress } from './igd-status.ts';
import type { AddRequest } from './igd-table.ts';

/** Seconds that an entry has left when it may be deleted although adding fails. */
const NOTHING_TO_LOSE = 120;

export const isConflict = ({ reason }: Refused): boolean =>
  reason === 'conflict' || reason === 'conflict-other-mechanism';

/** Finds a way after all, or throws the refusal under its true reason.
 * @throws Unreachable, Malformed, Refused, or the signal's reason */
export async function settleRefusal(
  session: IgdSession,
  wish: MappingWish,
  { refusal, request }: NotAdded,
  signal: AbortSignal,
): Promise<Added> {
  const { code } = refusal;
  if (code === 'upnp 724') {
    session.traits.learn({ samePortOnly: true }, 'internal and external port must be equal'); // C9
    throw new Refused('same-port-only', code, refusal.message, { offeredPort: wish.internal.port });
  }
  const isTaken = isConflict(refusal);
  // C6: some say 501 when they mean 718.
  if (!isTaken && code !== 'upnp 501') throw inContext(session, wish, refusal);
  const { entry } = await session.list.find(request, false, signal);
  if (typeof entry === 'object' && session.serves(entry, wish)) {
    const isByAnother = !session.isOurs(entry, request, wish.description);
    const isPermanent = request.lease === 0 && entry.lease === 0;
    // L17: where every add fails, deleting what is still there would lose it. What PCP, NAT-PMP or another program of
    // this machine made serves as long as it lasts.
    const isTooGood = (!isTaken || isByAnother) && (entry.lease === 0 || entry.lease > NOTHING_TO_LOSE);
    if (isPermanent || isTooGood) return { request, empty: false, entry, held: isByAnother ? 'by another' : 'by us' };
    if (!isTaken) {
      // Deleted while the line is down, it could not be added again.
      const address = await outsideAddress(session, signal);
      if (!isUsable(address)) throw explained(refusal, address);
    }
    return await addedAgain(session, wish, { refusal, request }, !isByAnother, signal);
  }
  // E5: what stands there cannot be looked at, and is what was granted last.
  if (isTaken && entry === 'cannot-tell' && session.running(request, wish.internal) !== undefined)
    return await addedAgain(session, wish, { refusal, request }, true, signal);
  const judged =
    typeof entry === 'object'
      ? heldBy(entry, code)
      : isTaken
        ? entry === 'absent'
          ? withoutHolder(session, wish, refusal)
          : refusal
        : explained(refusal, await outsideAddress(session, signal));
  const moved = isConflict(judged) && wish.acceptOtherPort ? await elsewhere(session, request, signal) : undefined;
  if (moved === undefined) throw judged;
  return moved;
}

async function addedAgain(
  session: IgdSession,
  wish: MappingWish,
  { refusal: { code }, request }: NotAdded,
  isOurs: boolean,
  signal: AbortSignal,
): Promise<Added> {
  await clearOurs(session, wish, signal);
  const added = await session.table.add(request, signal);
  if (isOurs) session.traits.learn({ renewalNeedsDelete: true }, `refuses to renew its own entry with ${code}`); // C1
  return { request, ...added };
}

/** Refusals that say something else about another host (C3). */
function inContext(session: IgdSession, wish: MappingWish, refusal: Refused): Refused {
  const isForeign = wish.internal.client !== session.localAddress;
  // Below 1024 the port itself may be forbidden (C13).
  if (refusal.code !== 'upnp 606' || !isForeign || wish.external.port < 1024) return refusal;
  return onlyForItself(session, wish, refusal);
}

function onlyForItself(session: IgdSession, wish: MappingWish, refusal: Refused): Refused {
  session.thirdParty = 'no';
  return new Refused(
    'only-for-itself',
    refusal.code,
    `${refusal.message}; ${wish.internal.client} is not the address that asks, and no entry is in the way`, // C3
  );
}

/** 718 or 729, and the table shows no holder of the port. */
function withoutHolder(session: IgdSession, wish: MappingWish, refusal: Refused): Refused {
  if (wish.internal.client !== session.localAddress && refusal.reason === 'conflict')
    return onlyForItself(session, wish, refusal);
  if (session.hasSibling(wish, wish.internal)) {
    session.onePerInternalPort = true;
    return new Refused(
      'conflict',
      refusal.code,
      `${refusal.message}; another external port leads to internal port ${wish.internal.port} already`, // C7
    );
  }
  if (session.twins !== 'yes' && session.hasTwin(wish)) {
    session.twinsRefused.add(wish.external.port);
    // One port may have a rule of the router's own.
    if (session.twinsRefused.size > 1) {
      session.twins = 'no';
      return displaced(wish);
    }
  }
  return new Refused(
    'conflict-other-mechanism',
    refusal.code,
    `${refusal.message}; no entry is in the way: a manual rule, or a port that the gateway uses itself`, // C4, C27
  );
}

export function displaced({ transport, external }: Pick<MappingWish, 'transport' | 'external'>): Refused {
  const text = `the gateway keeps one transport per port: ${transport} would displace the other on ${external.port}`; // C16
  return new Refused('one-transport', 'upnp twin', text);
}

/** `undefined` when the router does not say, or nothing that can be read. @throws Unreachable */
async function outsideAddress(session: IgdSession, signal: AbortSignal): Promise<IpAddress | 'none' | undefined> {
  const address = await outcomeOf(readExternalAddress(session.table.client, signal));
  if (address instanceof Unreachable) throw address;
  return isFailure(address) ? undefined : address;
}

const isUsable = (address: IpAddress | 'none' | undefined): boolean =>
  address !== undefined && address !== 'none' && isPublic(address);

/** miniupnpd: 501 is also how a router refuses whose external address is private or missing. */
function explained(refusal: Refused, address: IpAddress | 'none' | undefined): Refused {
  if (address === undefined || isUsable(address)) return refusal;
  const what = address === 'none' ? 'no outside address' : `the outside address ${address}`;
  return new Refused('no-external-address', refusal.code, `${refusal.message}; the gateway has ${what}`);
}

/** `undefined` when the router cannot choose a port, or will not. */
async function elsewhere(
  session: IgdSession,
  request: NotAdded['request'],
  signal: AbortSignal,
): Promise<Added | undefined> {
  if (session.addAnyBroken) return undefined;
  if ((await session.table.client.readWhetherDeclared('AddAnyPortMapping', signal)) !== true) return undefined;
  const outcome = await outcomeOf(addAny(session, request, signal));
  if (!isFailure(outcome)) return outcome;
  if (!(outcome instanceof Refused)) throw outcome;
  if (outcome.reason === 'unsupported') session.addAnyBroken = true;
  return undefined;
}

/** C29, §2.5.16: the router chooses a port when the wanted one is taken.
 * @throws Unreachable, Malformed, Refused, or the signal's reason */
async function addAny(session: IgdSession, request: AddRequest, signal: AbortSignal): Promise<Added> {
  const reserved = await session.table.addAny(request, signal);
  if (isPort(reserved)) return { request: { ...request, external: { port: reserved } }, empty: false };
  for await (const entry of session.list.entries(signal)) {
    if (entry.transport !== request.transport || !leadsTo(entry, request.internal)) continue;
    const { port } = entry.external;
    if (isPort(port)) return { request: { ...request, external: { port } }, empty: false, entry };
  }
  throw new Malformed('AddAnyPortMapping: the answer does not name the port', String(reserved));
}
