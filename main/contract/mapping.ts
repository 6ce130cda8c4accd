/** Messages about one mapping between the engine and a gateway's control, as plain data. */
import type { Family, IpAddress } from './address.ts';
import type { Transport } from './model.ts';
import type { Port, Seconds } from './units.ts';

export interface Capabilities {
  readonly families: readonly Family[];
  /** Can a lease be asked to last until deleted? `only`: nothing else is taken (L1). */
  readonly permanentLeases: 'no' | 'yes' | 'only';
  /** Another external port is given when the wanted one is taken and `acceptOtherPort` says that it may. */
  readonly picksFreePort: boolean;
  /** May the internal client be another host? `unknown` until tried. */
  readonly thirdParty: 'yes' | 'no' | 'unknown';
  /** The server holds one mapping per transport, internal client and internal port (PCP, NAT-PMP): two external ports
   * cannot forward to one internal port. */
  readonly onePerInternalPort: boolean;
  /** The external port is chosen by the wisher (false for pinholes: it is the internal port). */
  readonly translatesPorts: boolean;
  /** `find` gives answers. */
  readonly canFind: boolean;
  /** Requests that the gateway is known to take in flight. */
  readonly parallel: number;
}

export interface MappingWish {
  readonly family: Family;
  readonly transport: Transport;
  readonly external: { readonly port: Port };
  readonly internal: { readonly client: IpAddress; readonly port: Port };
  readonly lease: Seconds | 'permanent';
  /** ASCII letters, digits, space, `-`, `.`, at most 40 (C25, C26, X30). */
  readonly description: string;
  readonly acceptOtherPort: boolean;
  /** Handle of a former grant of this mapping, or journalled before the first request. */
  readonly handle: MappingHandle;
  /** Our own entry may be listed and not forward (L8, L11, L20, C1): it is made again. UPnP deletes it first, PCP and
   * NAT-PMP write over it. */
  readonly recreate: boolean;
  /** The same control granted it before: an answer that cannot be read is no reason to close it (P9). */
  readonly isRenewal?: boolean;
}

/** Facts to keep for renewing or closing a mapping, over restarts. */
export interface MappingHandle {
  /** PCP mapping nonce, 24 hexadecimal digits (RFC 6887 §11.2.1). */
  readonly nonce?: string;
  /** WANIPv6FirewallControl UniqueID, 0 … 65535. */
  readonly pinholeId?: number;
}

export interface Grant {
  readonly external: { readonly address?: IpAddress; readonly port: Port };
  readonly internal: { readonly client: IpAddress; readonly port: Port };
  readonly lease: Seconds | 'permanent';
  readonly handle: MappingHandle;
  /** Was the entry seen in the gateway's table after the grant? */
  readonly evidence: 'answered' | 'read-back';
  /** The server's epoch in this answer, seconds (RFC 6886 §3.6, RFC 6887 §8.5). */
  readonly epoch?: Seconds;
}

/** A mapping to renew, look up or close. */
export interface MappingKey {
  readonly family: Family;
  readonly transport: Transport;
  readonly external: { readonly port: Port };
  readonly internal: { readonly client: IpAddress; readonly port: Port };
  readonly handle: MappingHandle;
}

export interface FoundMapping {
  readonly transport: Transport;
  readonly external: { readonly port: number };
  readonly internal: {
    /** `undefined` where the gateway gives no address, nor a name whose address is known here. */
    readonly client: IpAddress | undefined;
    /** The name that the gateway gives in the place of an address (E17). */
    readonly name?: string;
    readonly port: number;
  };
  readonly description: string;
  readonly enabled: boolean;
  /** As the gateway reports it: granted, remaining, constant or 0 (L15). */
  readonly lease: Seconds;
  /** `undefined` for any. */
  readonly remoteHost: string | undefined;
}

export interface Vitals {
  /** `none`: the gateway says that it has no external address now; `unknown`: asked, it reports none although its line is
   * up; absent: it was not asked, or did not answer. */
  readonly externalAddress?: IpAddress | 'none' | 'unknown';
  readonly epoch?: Seconds;
  /** Seconds since the connection came up, as the gateway counts. */
  readonly uptime?: Seconds;
  /** `false`: it says disconnected; a hint only (N1). */
  readonly connected?: boolean;
}

export type UnreachableReason =
  /** Nothing came back. */
  | 'timeout'
  /** Its host says that nobody listens there: the service has gone or moved (D14). */
  | 'refused'
  /** The connection broke in the middle. */
  | 'reset'
  /** No route, no interface. */
  | 'no-route'
  /** This machine forbids the traffic (H4). */
  | 'denied'
  /** macOS without the Local Network permission (H1). */
  | 'local-network';

export type RefusalReason =
  /** The external port belongs to someone else (718, or another port granted where only this one would do). */
  | 'conflict'
  /** A manual rule or another mechanism holds the port (729). */
  | 'conflict-other-mechanism'
  /** Only one of TCP and UDP can have the port there, and the other has it (C16). */
  | 'one-transport'
  /** Not allowed: policy, port range, read-only UPnP (606, PCP 2, NAT-PMP 2). */
  | 'not-authorized'
  /** Only the client itself may be the internal client (C3, secure mode). */
  | 'only-for-itself'
  /** Only permanent leases (725, or 402 with a lease, L1–L3). */
  | 'only-permanent-lease'
  /** Permanent leases are not given (PCP, NAT-PMP, IGD:2). */
  | 'no-permanent-lease'
  /** Internal and external port must be equal (724). */
  | 'same-port-only'
  /** Remote host or external port must be a wildcard (726, 727). */
  | 'wildcard-only'
  /** No room (728, PCP 10, NAT-PMP 4). */
  | 'table-full'
  /** The gateway has no usable external address (NAT-PMP 3, PCP 8 on a private WAN, 501 there). */
  | 'no-external-address'
  /** It has a public address, and still could not set the rule (NAT-PMP 3 there: missing firewall chains). */
  | 'firewall-failed'
  /** PCP ADDRESS_MISMATCH: a NAT lies between us and this server (P17). */
  | 'not-direct'
  /** The gateway does not know the version, opcode, action or option. */
  | 'unsupported'
  /** The named entry is not there (714, 713, 704). */
  | 'absent'
  /** Inbound pinholes or the firewall are switched off (702, 703). */
  | 'switched-off'
  /** The arguments were not liked (402, 605, PCP 3, 6). */
  | 'bad-arguments'
  /** It tried and failed, cause unknown (501, NAT-PMP / PCP short-lived errors). */
  | 'failed';

/** Needs that a router has shown. Plain JSON; every member may be absent. */
export interface RouterTraits {
  /** L1–L3. */
  readonly leases?: 'permanent-only' | 'capped';
  /** C9. */
  readonly samePortOnly?: boolean;
  /** L4, L11: read each mapping back. */
  readonly unreliableSuccess?: boolean;
  /** P29: its clocks or addresses suggest restarts that never happened, time and again. */
  readonly falseRestarts?: boolean;
  /** L8: an add of an existing entry does not restart its clock. */
  readonly renewalNeedsDelete?: boolean;
  /** E16, E6, E7. */
  readonly listing?: 'index-only' | 'unreliable';
  /** C11, C12. */
  readonly deleteRemoteHost?: '' | '*' | '0.0.0.0';
  /** X12, X13, X22, X28: the request shape that worked. */
  readonly soap?: {
    readonly httpVersion?: '1.0';
    readonly method?: 'M-POST';
    readonly base?: 'urlbase';
    readonly service?: string;
  };
  /** X32: requests in flight that it was seen to keep up with. */
  readonly parallel?: number;
  /** Seconds. */
  readonly longestLease?: number;
}
