/** External ports that a PCP or NAT-PMP server grants, and for how long. */
import type { IpAddress } from '../../contract/address.ts';
import type { Transport } from '../../contract/model.ts';
import { after, seconds, secondsToMillis, type Seconds } from '../../contract/units.ts';
import { isFull, isPermitted, isTaken, type RouterState } from '../router/router-state.ts';
import type { SimMapping } from '../router/router-table.ts';

export interface PxpWish {
  readonly owner: 'pcp' | 'nat-pmp';
  readonly transport: Transport;
  readonly client: IpAddress;
  /** 1 … 65535. */
  readonly internalPort: number;
  /** 0 for any. */
  readonly suggestedPort: number;
  readonly lifetime: Seconds;
  readonly nonce?: string;
  /** PREFER_FAILURE (RFC 6887 §13.2). */
  readonly noOtherPort: boolean;
}

export type PxpOutcome =
  | { readonly externalPort: number; readonly lifetime: Seconds }
  | 'not-authorized'
  | 'no-resources'
  | 'cannot-provide';

const lowestGiven = 1024;

/** The entry that a PCP or NAT-PMP request of this client is about: one per transport and internal port. */
export function heldFor(
  state: RouterState,
  key: Pick<PxpWish, 'transport' | 'client' | 'internalPort'>,
): SimMapping | undefined {
  const { transport, client: internalClient, internalPort } = key;
  const rows = state.table.forInternal({ transport, internalClient, internalPort });
  return rows.find(({ owner }) => owner === 'pcp' || owner === 'nat-pmp');
}

/** P15: does a request with this nonce have a say over the mapping? */
export function mayTouch(state: RouterState, held: SimMapping, nonce: string | undefined): boolean {
  return !state.personality.pxp.checksNonce || held.nonce === undefined || held.nonce === nonce;
}

export function grant(state: RouterState, wish: PxpWish): PxpOutcome {
  const { pxp } = state.personality;
  const held = pxp.portChoice === 'new-each-time' ? undefined : heldFor(state, wish);
  if (held !== undefined) {
    if (!mayTouch(state, held, wish.nonce)) return 'not-authorized';
    const elsewhere = wish.suggestedPort !== 0 && wish.suggestedPort !== held.externalPort;
    if (wish.noOtherPort && elsewhere) return 'cannot-provide';
    return give(state, wish, held.externalPort);
  }
  if (pxp.refusesPortZero && wish.suggestedPort === 0) return 'not-authorized';
  const wanted = startingPort(state, wish);
  if (wish.noOtherPort && wish.suggestedPort !== 0 && wanted !== wish.suggestedPort) return 'cannot-provide';
  // miniupnpd takes an entry that UPnP made for the same client and ports as its own.
  const twin = state.table.get(wish.transport, wanted)?.mapping;
  if (twin?.internalClient === wish.client && twin.internalPort === wish.internalPort) return give(state, wish, wanted);
  if (isFull(state)) return 'no-resources';
  const permitted = isAllowed(state, wish, wanted);
  if (permitted && !isTaken(state, wish.transport, wanted)) return give(state, wish, wanted);
  // miniupnpd: PCP refuses a forbidden port, NAT-PMP gives the next that is allowed.
  if (!permitted && wish.owner === 'pcp') return 'not-authorized';
  if (wish.noOtherPort) return 'cannot-provide';
  const other = nextFree(state, wish, wanted);
  return other === undefined ? 'no-resources' : give(state, wish, other);
}

function startingPort(state: RouterState, wish: PxpWish): number {
  const asked = wish.suggestedPort === 0 ? wish.internalPort : wish.suggestedPort;
  switch (state.personality.pxp.portChoice) {
    case 'asked':
      return asked;
    case 'other':
      return 32_768 + ((wish.internalPort * 7919) % 28_000);
    case 'new-each-time':
      return 32_768 + Math.floor(state.system.random.unit() * 28_000);
  }
}

const isAllowed = (state: RouterState, wish: PxpWish, externalPort: number): boolean =>
  isPermitted(state.permissions, { externalPort, internalClient: wish.client, internalPort: wish.internalPort });

function nextFree(state: RouterState, wish: PxpWish, from: number): number | undefined {
  const count = 65_536 - lowestGiven;
  for (let step = 1; step <= count; step++) {
    const port = lowestGiven + ((Math.max(from, lowestGiven - 1) - lowestGiven + step) % count);
    if (isAllowed(state, wish, port) && !isTaken(state, wish.transport, port)) return port;
  }
  return undefined;
}

function give(state: RouterState, wish: PxpWish, externalPort: number): PxpOutcome {
  const { shortest, longest } = state.personality.pxp;
  const atLeast = wish.owner === 'pcp' ? Math.max(wish.lifetime, shortest) : wish.lifetime;
  const lifetime = seconds(Math.min(atLeast, longest));
  state.table.put({
    transport: wish.transport,
    externalPort,
    internalClient: wish.client,
    internalPort: wish.internalPort,
    // miniupnpd wrote the nonce here once (E14); the name alone shows the protocol.
    description: wish.owner === 'pcp' ? 'PCP MAP' : 'NAT-PMP',
    expiresAt: after(state.system.clock.now(), secondsToMillis(lifetime)),
    owner: wish.owner,
    ...(wish.nonce === undefined ? {} : { nonce: wish.nonce }),
  });
  return { externalPort, lifetime };
}
