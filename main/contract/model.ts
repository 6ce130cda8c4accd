/** Wishes of people, and the names of what comes of them: plain, whole, readonly data. Their view is in `snapshot`. */
import type { Family, IpAddress } from './address.ts';
import type { Port, Seconds } from './units.ts';

export type Transport = 'tcp' | 'udp';
/** In the order in which they are preferred: RFC 6887 before RFC 6886 before UPnP, where all can do the work. */
export const CONTROL_KINDS = ['pcp', 'nat-pmp', 'igd', 'pinhole'] as const;
export type ControlKind = (typeof CONTROL_KINDS)[number];
/** A protocol that a person may pin; `upnp` covers IGD and pinholes. */
export type ProtocolChoice = 'auto' | 'upnp' | 'pcp' | 'natpmp';

declare const forwardId: unique symbol;
declare const gatewayId: unique symbol;
declare const mappingId: unique symbol;
export type ForwardId = string & { readonly [forwardId]: true };
export type GatewayId = string & { readonly [gatewayId]: true };
/** One mapping of a forward: see {@link mappingIdOf}. */
export type MappingId = string & { readonly [mappingId]: true };

export const asForwardId = (text: string): ForwardId => text as ForwardId;
export const asGatewayId = (text: string): GatewayId => text as GatewayId;

export interface PortRange {
  readonly first: Port;
  /** Not below `first`; both ends belong to it. */
  readonly last: Port;
}

export interface Forward {
  readonly id: ForwardId;
  /** Shown to people and written into the router's table; may be empty. */
  readonly label: string;
  /** Name of the profile that wants it: before its label in the router's table. */
  readonly profile?: string;
  /** One or both; TCP and UDP of one forward are opened and closed together. */
  readonly transports: readonly Transport[];
  readonly families: readonly Family[];
  readonly external: PortRange;
  readonly internal: {
    /** The range keeps its length. */
    readonly first: Port;
    /** Another host of the LAN; absent for this machine. */
    readonly client?: IpAddress;
  };
  /** Absent: by protocol (2 h PCP and NAT-PMP, 1 h UPnP). */
  readonly lease?: Seconds | 'permanent';
  /** When the external port is taken by someone else. */
  readonly ifTaken: 'fail' | 'next-free';
  /** Only through this gateway: its address, or a part of its name. */
  readonly gateway?: string;
  /** Only while the network has this address range (upnp-daemon's `address` in CIDR form names this machine's interface). */
  readonly interfaceName?: string;
}

/** The single place where a mapping gets its name. */
export function mappingIdOf(forward: ForwardId, family: Family, transport: Transport, external: Port): MappingId {
  return `${forward}/${family}/${transport}/${external}` as MappingId;
}

export type FoundBy =
  | 'ssdp-multicast'
  | 'ssdp-unicast'
  | 'ssdp-ipv6'
  | 'ssdp-notify'
  | 'minissdpd'
  | 'remembered'
  | 'manual'
  | 'pcp-probe'
  | 'nat-pmp-probe'
  | 'announcement';
