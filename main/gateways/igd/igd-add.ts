/** Adds a mapping; where the router refuses oddly, by a short ladder of other requests (L1–L5, L16, X12, X31, X43). */
import type { MappingWish } from '../../contract/mapping.ts';
import { seconds } from '../../contract/units.ts';
import { Malformed, Refused, Unreachable } from '../failure.ts';
import { isKnownCode } from '../upnp/upnp-errors.ts';
import { KEPT_CHARACTERS, leaseToAsk, type TableEntry } from './igd-entry.ts';
import { takeBack } from './igd-remove.ts';
import type { IgdSession } from './igd-session.ts';
import { addArguments, type AddRequest, type IgdTable } from './igd-table.ts';

export interface Added {
  /** The request that the router accepted. */
  readonly request: AddRequest;
  /** It said so without words (X27). */
  readonly empty: boolean;
  /** Seen in the table already. */
  readonly entry?: TableEntry;
  /** The entry is an older one, whose lease says nothing about what is granted now; `by another`: not made by UPnP for us. */
  readonly held?: 'by us' | 'by another';
}

export interface NotAdded {
  readonly refusal: Refused;
  readonly request: AddRequest;
}

type FallbackStep =
  | { readonly kind: 'permanent' }
  | { readonly kind: 'declared' }
  | { readonly kind: 'short-text' }
  | { readonly kind: 'longer'; readonly lease: number }
  | { readonly kind: 'service'; readonly table: IgdTable };

const PERMANENT = seconds(0);
/** L16: leases that picky routers were seen to take. */
const COMMON_LEASES = [3600, 86_400];

/** @throws Unreachable, Malformed, or the signal's reason */
export async function addWithFallbacks(
  session: IgdSession,
  wish: MappingWish,
  signal: AbortSignal,
): Promise<Added | NotAdded> {
  const start = session.table;
  const first = requestFor(session, wish);
  const climbed = new Set([nameOf({ kind: 'service', table: start })]);
  let request = first;
  let rung: FallbackStep | undefined;
  let told: NotAdded | undefined;
  for (;;) {
    const outcome = await tryAdd(session, wish, request, signal);
    if (!(outcome instanceof Refused)) {
      if (rung !== undefined) learnFrom(session, rung);
      return outcome;
    }
    told = moreTelling(told, { refusal: outcome, request });
    rung = await nextFallback(session, { first, request, climbed }, outcome, signal);
    if (rung === undefined) {
      session.table = start;
      if (climbed.size > 1 && isOdd(told.refusal)) session.restLadder();
      return told;
    }
    climbed.add(nameOf(rung));
    request = requestOn(session, rung, first);
  }
}

export function requestFor(session: IgdSession, wish: MappingWish): AddRequest {
  const asked = leaseToAsk(wish, session.traits.get());
  const lease = asked > 0 && session.leaseFloor !== undefined ? Math.max(asked, session.leaseFloor) : asked;
  return {
    transport: wish.transport,
    external: wish.external,
    internal: wish.internal,
    lease: seconds(lease),
    description: session.shortText ? shortened(wish.description) : wish.description,
  };
}

/** X34: when the connection breaks, or the answer cannot be read, nobody knows what happened: the table shows it, before the
 * request is repeated. */
async function tryAdd(
  session: IgdSession,
  wish: MappingWish,
  request: AddRequest,
  signal: AbortSignal,
): Promise<Added | Refused> {
  let asked = request;
  let mayBeDone = false;
  for (let again = false; ; again = true) {
    try {
      const added = { request: asked, ...(await session.table.add(asked, signal)) };
      if (!added.empty) session.addsUnread = false;
      return added;
    } catch (error) {
      if (error instanceof Refused) {
        session.addsUnread = false;
        return error;
      }
      const isHangUp = error instanceof Unreachable && error.why === 'reset';
      if (!isHangUp && !(error instanceof Malformed)) throw error;
      mayBeDone ||= !(error instanceof Malformed && error.saysNo);
      const isLast = again || !isHangUp || session.addsUnread;
      const { entry } = await session.list.find(asked, isLast && !session.addsUnread, signal);
      if (typeof entry === 'object' && session.isOurs(entry, asked, wish.description)) {
        if (asked !== request) session.traits.learn({ leases: 'permanent-only' }, 'took a permanent mapping only'); // L4
        return { request: asked, empty: false, entry, held: 'by us' };
      }
      if (!isLast) continue;
      // L1, L4: what cannot be read may say that it takes permanent mappings only.
      if (entry === 'absent' && !isHangUp && !session.addsUnread && asked.lease > 0) {
        asked = { ...request, lease: PERMANENT };
        continue;
      }
      session.addsUnread = true;
      const isUndone = entry === 'absent' && (!mayBeDone || (await takeBack(session, request, signal)));
      throw isUndone ? undone(error) : error;
    }
  }
}

function undone(error: Unreachable | Malformed): Unreachable | Malformed {
  const options = { cause: error, undone: true };
  return error instanceof Unreachable
    ? new Unreachable(error.why, error.message, options)
    : new Malformed(error.message, error.capture, options);
}

const shortened = (description: string): string => description.slice(0, KEPT_CHARACTERS).trimEnd();

/** Refusals whose cause may be something else than they say. */
function isOdd(refusal: Refused): boolean {
  return refusal.reason === 'failed' || refusal.reason === 'unsupported' || refusal.reason === 'bad-arguments';
}

/** A clear reason on a later rung says more than the odd one that led there. */
function moreTelling(before: NotAdded | undefined, now: NotAdded): NotAdded {
  return before === undefined || (isOdd(before.refusal) && !isOdd(now.refusal)) ? now : before;
}

interface FallbackState {
  readonly first: AddRequest;
  /** The one that was refused. */
  readonly request: AddRequest;
  readonly climbed: ReadonlySet<string>;
}

async function nextFallback(
  session: IgdSession,
  { first, request, climbed }: FallbackState,
  refusal: Refused,
  signal: AbortSignal,
): Promise<FallbackStep | undefined> {
  const { code } = refusal;
  // L1
  if (code === 'upnp 725') return request.lease > 0 ? { kind: 'permanent' } : undefined;
  const isUnknown = !isKnownCode(code);
  if (!isOdd(refusal) || !session.mayClimb) return undefined;
  const candidates: FallbackStep[] = [];
  if (code === 'upnp 605') candidates.push({ kind: 'short-text' });
  // L2, L3, L5
  if (request.lease > 0 && (code === 'upnp 402' || code === 'upnp 501' || isUnknown))
    candidates.push({ kind: 'permanent' });
  if (code === 'upnp 402') {
    candidates.push({ kind: 'declared' });
    if (climbed.has('permanent'))
      for (const lease of COMMON_LEASES) if (lease > first.lease) candidates.push({ kind: 'longer', lease });
  }
  // X12, X10: another view of the connection, or another connection.
  if (code !== 'upnp 605')
    for (const table of session.services) if (table !== session.table) candidates.push({ kind: 'service', table });
  for (const rung of candidates) {
    if (climbed.has(nameOf(rung))) continue;
    if (rung.kind !== 'declared') return rung;
    if (await session.table.client.differsFromDeclared('AddPortMapping', addArguments(request), signal)) return rung;
  }
  return undefined;
}

function nameOf(rung: FallbackStep): string {
  switch (rung.kind) {
    case 'longer':
      return `longer ${rung.lease}`;
    case 'service':
      return `service ${rung.table.serviceType} ${rung.table.client.controlUrl}`;
    default:
      return rung.kind;
  }
}

function requestOn(session: IgdSession, rung: FallbackStep, first: AddRequest): AddRequest {
  switch (rung.kind) {
    case 'permanent':
      return { ...first, lease: PERMANENT };
    case 'short-text':
      return { ...first, description: shortened(first.description) };
    case 'longer':
      return { ...first, lease: seconds(rung.lease) };
    case 'service':
      session.table = rung.table;
      return first;
    case 'declared':
      return first;
  }
}

function learnFrom(session: IgdSession, rung: FallbackStep): void {
  const { traits } = session;
  switch (rung.kind) {
    case 'permanent':
      traits.learn({ leases: 'permanent-only' }, 'refused a lease, took a permanent mapping');
      return;
    case 'short-text':
      session.shortText = true;
      return;
    case 'longer':
      session.leaseFloor = seconds(rung.lease);
      return;
    case 'service': {
      const service = rung.table.serviceType;
      traits.learn({ soap: { ...traits.get().soap, service } }, `adds worked through ${service}`); // X12
      return;
    }
    case 'declared':
  }
}
