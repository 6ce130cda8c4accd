/** A gateway for simulations, with packets or without. */
import type { IpAddress } from '../../main/contract/address.ts';
import type { Transport } from '../../main/contract/model.ts';
import type { Millis } from '../../main/contract/units.ts';
import type { Discover } from '../../main/engine/loop/searching.ts';

export interface Entry {
  readonly transport: Transport;
  readonly externalPort: number;
  readonly client: IpAddress;
  readonly internalPort: number;
  /** Virtual milliseconds; `Infinity` for one that stays until deleted. */
  readonly expiresAt: number;
}

export interface SimulatedGateway {
  /** Can its entries be looked up? */
  readonly canLook: boolean;
  /** Requests that reached it or would have. */
  readonly requests: number;
  /** An entry went because the engine asked for it, or was made again where it stood. */
  onCut: (entry: Entry) => void;
  /** Over the network when absent. */
  discover(): Discover | undefined;
  /** Nobody is answered. */
  readonly isAway: boolean;
  /** The current entries of its table. */
  table(): readonly Entry[];
  entry(transport: Transport, externalPort: number): Entry | undefined;

  // ── what it suffers ──

  /** Another host takes the port if it is free. */
  take(transport: Transport, externalPort: number): boolean;
  forget(entry: Entry): void;
  away(duration: Millis): void;
  /** Its clock of the epoch begins again, with what it holds or without. */
  restart(keepsTable: boolean, away: Millis): void;
  /** A fifth of all that is sent, each way. */
  loses(duration: Millis): void;
  refuses(duration: Millis): void;
  isSlow(duration: Millis): void;
  givesShortLeases(duration: Millis): void;
  externalAddress: IpAddress | 'none';
}
