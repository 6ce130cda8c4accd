/** The view for people: plain, whole, readonly data. */
import type { Family, IpAddress } from './address.ts';
import type { NameView } from './dynamic-dns.ts';
import type { ControlKind, Forward, ForwardId, FoundBy, GatewayId, MappingId, Transport } from './model.ts';
import type { Problem } from './problems.ts';
import type { EpochMs, Millis, Port, Seconds } from './units.ts';

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
  | {
      readonly at: 'refused';
      readonly problem: Problem;
      /** When it is looked at or asked for again, if nothing happens sooner. */
      readonly until?: EpochMs;
    };

/** One router of two in a row. */
export interface MappingHop {
  /** Absent while it is not known. */
  readonly router: IpAddress | undefined;
  readonly at: MappingStatus['at'];
  readonly external?: LeaseView['external'];
}

export interface MappingView {
  readonly id: MappingId;
  readonly forward: ForwardId;
  readonly family: Family;
  readonly transport: Transport;
  readonly external: { readonly port: Port };
  readonly internal: { readonly client?: IpAddress; readonly port: Port };
  /** Open is what all routers on the way have open. */
  readonly status: MappingStatus;
  /** From this computer outwards, where there are two routers. */
  readonly hops?: readonly MappingHop[];
}

export interface ControlView {
  readonly kind: ControlKind;
  readonly foundBy: FoundBy;
  /** From the start of the search to the usable answer. */
  readonly foundIn: Millis;
  /** Service type, version or URL, for people who ask. */
  readonly detail: string;
}

/** Findings of a search about a gateway, in every layer. A new fact is added here and in {@link gatewayFacts}. */
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

/** A router in front of the home's, on which ports are opened too. */
export interface UpstreamView {
  readonly address: IpAddress;
  /** Absent until it is found. */
  readonly gateway?: GatewayView;
  /** Our router's address in its network. `unknown`: ours reports another one. Absent until it is known. */
  readonly client?: IpAddress | 'unknown';
}

export interface GatewayView extends GatewayFacts {
  readonly id: GatewayId;
  readonly controls: readonly ControlView[];
  readonly upstream?: UpstreamView;
  /** Its address on the internet: that of the router in front, where ports are opened there too. */
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

/** With the routers in front of them. */
export const withFronts = <View extends Pick<GatewayView, 'upstream'>>(
  gateways: readonly View[],
): readonly (View | GatewayView)[] =>
  gateways.flatMap((each) => (each.upstream?.gateway === undefined ? [each] : [each, each.upstream.gateway]));

/** This connection's addresses on the internet, as far as known: the router's, and over IPv6 this computer's. */
export type OwnAddresses = Partial<Readonly<Record<Family, IpAddress>>>;

/** Services for anyone who reaches this connection from elsewhere. */
export interface AddressView {
  readonly addresses: OwnAddresses;
  /** Absent where the person has none. */
  readonly name: NameView | null;
  /** The latest run of the person's command. */
  readonly command: { readonly at: EpochMs; readonly program: string; readonly isDone: boolean } | null;
}

export interface NetworkView {
  /** `192.168.1.1/24 00:11:22:33:44:55`, the hardware address once it is known: see {@link isSameNetwork}. */
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

/**
 * May the two keys name one network? The hardware address decides where both know it; at start it is often not known
 * yet, and then the place has to do. `-` alone stands for no network at all.
 */
export function isSameNetwork(one: string, other: string): boolean {
  if (one === other) return true;
  const [place, mac] = split(one);
  const [otherPlace, otherMac] = split(other);
  if (place === '-' || otherPlace === '-') return false;
  return mac !== undefined && otherMac !== undefined ? mac === otherMac : place === otherPlace;
}

/** Is the hardware address known? */
export const isNamed = (key: string): boolean => split(key)[0] !== '-' && split(key)[1] !== undefined;

function split(key: string): readonly [place: string, mac: string | undefined] {
  const [place = '', mac] = key.split(' ');
  return [place, mac];
}

/**
 * Is `key` surely the network that `approved` names? As long as the hardware address is not known it may be another one of
 * the same addresses, of which there are many.
 */
export function isSurelyNetwork(approved: string, key: string): boolean {
  return isSameNetwork(approved, key) && (isNamed(key) || !isNamed(approved));
}

/** The default router's address; without a router this machine's own. */
export function addressOfNetwork(key: string): string {
  const [place, rest] = split(key);
  return (place === '-' ? (rest ?? '') : place).replace(/\/.*$/, '');
}
