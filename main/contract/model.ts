/** What people want and what they see: plain, whole, readonly data. */
import type { Family, IpAddress } from './address.ts';
import type { Problem } from './problems.ts';
import type { EpochMs, Millis, Port, Seconds } from './units.ts';

export type Transport = 'tcp' | 'udp';
export type ControlKind = 'pcp' | 'nat-pmp' | 'igd' | 'pinhole';
/** What a person may pin; `upnp` covers IGD and pinholes. */
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

export interface LeaseView {
  readonly gateway: GatewayId;
  readonly control: ControlKind;
  readonly external: { readonly address?: IpAddress; readonly port: Port };
  readonly grantedAt: EpochMs;
  readonly renewAt: EpochMs;
  readonly expiresAt: EpochMs | 'never';
  readonly evidence: 'answered' | 'read-back' | 'traffic';
}

export type MappingStatus =
  | { readonly at: 'off' }
  | { readonly at: 'opening'; readonly since: EpochMs }
  | { readonly at: 'open'; readonly lease: LeaseView }
  | { readonly at: 'renewing'; readonly lease: LeaseView }
  | { readonly at: 'closing'; readonly lease: LeaseView }
  | {
      readonly at: 'waiting';
      /** `approval`: ports are opened on approved networks only, and this one is none. */
      readonly for: 'gateway' | 'network' | 'retry' | 'approval';
      readonly until?: EpochMs;
      readonly problem?: Problem;
      /** The gateway may still hold it until then. */
      readonly mayBeOpenUntil?: EpochMs | 'never';
    }
  | { readonly at: 'refused'; readonly problem: Problem };

export interface MappingView {
  readonly id: MappingId;
  readonly forward: ForwardId;
  readonly family: Family;
  readonly transport: Transport;
  readonly external: { readonly port: Port };
  readonly internal: { readonly client?: IpAddress; readonly port: Port };
  readonly status: MappingStatus;
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

export interface ControlView {
  readonly kind: ControlKind;
  readonly foundBy: FoundBy;
  /** From the start of the search to the usable answer. */
  readonly foundIn: Millis;
  /** Service type, version or URL, for people who ask. */
  readonly detail: string;
}

/** What a search finds out about a gateway, in every layer. A new fact is added here and in {@link gatewayFacts}. */
export interface GatewayFacts {
  /** Friendly name and model from the description; empty when unknown. */
  readonly name: string;
  readonly model: string;
  /** The gateway's, on our side: IPv4 where it has it, also when an IPv6 control was found. */
  readonly address: IpAddress;
  readonly interfaceName: string;
  /** Ours, towards the gateway. */
  readonly localAddress: IpAddress;
  /** The default router of this machine. */
  readonly isDefault: boolean;
  /** Key of what is remembered about it: hardware address and model before UDN (D13). */
  readonly fingerprint: string;
}

/** The facts alone, from a record that has more. */
export function gatewayFacts(gateway: GatewayFacts): GatewayFacts {
  const { name, model, address, interfaceName, localAddress, isDefault, fingerprint } = gateway;
  return { name, model, address, interfaceName, localAddress, isDefault, fingerprint };
}

export interface GatewayView extends GatewayFacts {
  readonly id: GatewayId;
  readonly controls: readonly ControlView[];
  readonly externalAddress: IpAddress | 'none' | 'unknown';
  readonly reachable: boolean;
  readonly uptime?: Seconds;
  /** Requests in the minute that ends at `until`, and the most that we allow; nothing has been used once that is over. */
  readonly budget: { readonly used: number; readonly perMinute: number; readonly until: EpochMs };
  /** It can show its whole table. */
  readonly canList: boolean;
  /** It counts the bytes of its internet connection. */
  readonly countsTraffic: boolean;
  /** When it was last seen to have restarted, or to have lost what it held. */
  readonly restartedAt?: EpochMs;
}

export interface NetworkView {
  /** See contract/network-key. */
  readonly key: string;
  /** May ports be opened here? */
  readonly approved: boolean;
}

export interface Snapshot {
  readonly revision: number;
  readonly at: EpochMs;
  readonly search: { readonly running: boolean; readonly since?: EpochMs; readonly nextAt?: EpochMs };
  /** Where this machine is; absent before it is known, and without a network. */
  readonly network?: NetworkView;
  readonly gateways: readonly GatewayView[];
  readonly forwards: readonly Forward[];
  readonly mappings: readonly MappingView[];
  readonly problems: readonly Problem[];
}
