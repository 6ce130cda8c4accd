/** What the servers of one simulated router share. */
import type { IpAddress } from '../../contract/address.ts';
import type { Transport } from '../../contract/model.ts';
import type { Millis, Seconds } from '../../contract/units.ts';
import type { System } from '../../system/system.ts';
import type { PermissionRule } from './permission-rules.ts';
import type { Personality } from './personality.ts';
import type { PinholeTable } from './pinhole-table.ts';
import type { RequestCounters } from './request-counters.ts';
import type { RouterTable } from './router-table.ts';

export interface RouterLan {
  readonly interfaceName: string;
  readonly address: IpAddress;
  readonly address6?: IpAddress;
}

export interface RouterState {
  readonly system: System;
  readonly personality: Personality;
  readonly lan: RouterLan;
  readonly table: RouterTable;
  readonly pinholes: PinholeTable;
  readonly permissions: readonly PermissionRule[];
  readonly counters: RequestCounters;
  wan(): IpAddress | 'none';
  /** The outside address when mappings can be made on it (N3, N4). */
  mappableWan(): IpAddress | undefined;
  /** Since the boot, or since the last address change (L21). */
  epoch(): Seconds;
  /** Since the WAN came up. */
  uptime(): Seconds;
  readonly boot: Boot;
  /** The daemon dies now and is back after a while, its table as it was. */
  crash(downFor: Millis): void;
}

/** What is drawn anew when the daemon starts. */
export interface Boot {
  /** BOOTID.UPNP.ORG (UPnP DA 2.0 §1.2.2). */
  readonly id: number;
  /** Without `uuid:`. */
  readonly udn: string;
  /** Of the description's and control URLs; empty unless the paths are random (D15). */
  readonly pathPrefix: string;
}

/** Does the port belong to an entry, its other transport counted in where the two exclude each other (C16)? */
export function isTaken(state: RouterState, transport: Transport, externalPort: number): boolean {
  const other = transport === 'tcp' ? 'udp' : 'tcp';
  return (
    state.table.get(transport, externalPort) !== undefined ||
    (state.personality.mapping.transports === 'second-refused' && state.table.get(other, externalPort) !== undefined)
  );
}

/** C18, C19. */
export function isFull(state: RouterState): boolean {
  const { capacity } = state.personality.mapping;
  return capacity !== undefined && state.table.size >= capacity.entries;
}
