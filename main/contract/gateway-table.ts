/** What a person may ask of one gateway. */
import type { IpAddress } from './address.ts';
import type { ForwardId, GatewayId, Transport } from './model.ts';
import type { ProfileId } from './profile.ts';
import type { EpochMs, Seconds } from './units.ts';

export type EntryOwner =
  /** Provably opened by this Portkeeper; the forward, unless it is a leftover. */
  | { readonly is: 'ours'; readonly forward?: ForwardId; readonly profile?: ProfileId | undefined }
  /** Leads to this computer, and was made by another program. */
  | { readonly is: 'this-computer' }
  | { readonly is: 'other' };

/** One line of a gateway's own table. */
export interface TableEntryView {
  readonly transport: Transport;
  /** 0: a rule over all ports (an "exposed host"), which only the router's own pages can take away. */
  readonly external: { readonly port: number };
  readonly internal: { readonly client?: IpAddress | undefined; readonly port: number };
  readonly description: string;
  readonly enabled: boolean;
  /** As the gateway reports it: granted, remaining or constant; 0 when it does not tell (L15). */
  readonly lease: Seconds;
  /** Absent: anybody. */
  readonly remoteHost?: string | undefined;
  readonly owner: EntryOwner;
}

export interface GatewayTable {
  readonly gateway: GatewayId;
  readonly at: EpochMs;
  readonly entries: readonly TableEntryView[];
  /** `false`: the gateway broke off; these are what it told until then. */
  readonly whole: boolean;
}

/** Totals of the internet connection; they wrap or begin anew (WANCommonInterfaceConfig:1 §2.4.3). */
export interface TrafficReading {
  readonly at: EpochMs;
  /** Bytes. */
  readonly received: number;
  readonly sent: number;
}

/** One thing that a router has shown that it needs. */
export interface TraitView {
  readonly name: string;
  /** As JSON. */
  readonly value: string;
  /** What the router did, as in `refused a lease with 725`; `BY_HAND` where a person has set it. */
  readonly why: string;
  readonly learntAt: EpochMs;
  readonly expiresAt: EpochMs;
}

export interface RouterMemoryView {
  readonly fingerprint: string;
  readonly traits: readonly TraitView[];
}
