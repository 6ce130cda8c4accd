/** A gateway as discovery hands it over. */
import type { IpAddress } from '../contract/address.ts';
import type { Vitals } from '../contract/mapping.ts';
import type { WrongUrl } from '../contract/problems.ts';
import type { ControlView, GatewayFacts } from '../contract/snapshot.ts';
import type { GatewayId, ProtocolChoice } from '../contract/model.ts';
import type { Millis, Seconds } from '../contract/units.ts';
import type { MappingList, PortControl, TrafficCounter } from './port-control.ts';

/** One usable control of one gateway. Several findings may concern the same gateway; one of a kind that is already known
 * replaces the earlier: it can do the same and more, or is fresher. */
export interface Finding extends GatewayFacts, Omit<ControlView, 'kind'> {
  /** `<interface name>/<address>`: the default routers of one interface, IPv4 and IPv6, count as one gateway. */
  readonly gateway: GatewayId;
  readonly control: PortControl;
  readonly list?: MappingList | undefined;
  readonly traffic?: TrafficCounter | undefined;
  /** From the first exchange. */
  readonly vitals: Vitals;
  /** Reported for a first request, before it was asked whether it is there; it keeps no other from being reported. */
  readonly isUntried?: boolean;
  /** Where to look first next time (an IGD's LOCATION, a PCP server's address). */
  readonly remember: RememberedControl;
  /** Where to subscribe to GENA events, if anywhere. */
  readonly eventUrl?: string | undefined;
  readonly wrongUrl?: WrongUrlGiven;
}

/** Plain JSON, kept per network in router memory. */
export interface RememberedControl {
  readonly kind: PortControl['kind'];
  readonly interfaceName: string;
  readonly address: IpAddress;
  /** IGD and pinholes: the description's URL. */
  readonly location?: string | undefined;
  /** IGD and pinholes: all that a control needs without reading the description again; checked on use (D15). */
  readonly service?: RememberedService | undefined;
  /** IGD: WANCommonInterfaceConfig of the same device, which counts bytes. */
  readonly common?: RememberedService | undefined;
}

export interface RememberedService {
  readonly type: string;
  readonly controlUrl: string;
  readonly alternativeUrl?: string | undefined;
  readonly eventUrl?: string | undefined;
  readonly scpdUrl?: string | undefined;
  readonly actions: readonly string[];
  readonly name: string;
  readonly model: string;
}

export interface SearchOptions {
  readonly protocol: ProtocolChoice;
  /** An address of a gateway, or the URL of a description (`http://192.168.1.1:5000/rootDesc.xml`); then nothing else is asked. */
  readonly manual?: string | undefined;
  /** With `manual`: a NAT lies between, and the gateway sees us as this address, to which its mappings lead. */
  readonly seenAs?: IpAddress | undefined;
  /** Only these interfaces, by name; all usable ones when absent. */
  readonly onlyInterfaces?: readonly string[] | undefined;
  readonly exceptInterfaces?: readonly string[] | undefined;
  readonly remembered: readonly RememberedControl[];
  /** The default router is the one that was remembered, by its hardware address: what it had is reported before it has
   * answered, without vitals, and again with them when it has. */
  readonly isSameRouter?: boolean | undefined;
  /** Called once when nothing that opens ports has answered for some seconds and why is known; the search goes on. */
  readonly onSilence?: ((summary: SearchSummary) => void) | undefined;
  /** UDP port of PCP and NAT-PMP servers; 5351 when absent. The loopback demo router has its own. */
  readonly pxpPort?: number | undefined;
  /** How long to go on listening for more, 15 s when absent (D4, D25). The consumer may stop sooner. */
  readonly window?: Millis | undefined;
}

/** The URL that a person gave, where it is not the description of a router. */
export interface WrongUrlGiven {
  readonly url: string;
  readonly what: WrongUrl;
  readonly router: IpAddress;
}

/** Facts that a search has learnt beside its findings. */
export interface SearchSummary {
  /** Default routers seen in the routing tables, or the one that was named, and whether anything at all came back. */
  readonly routers: readonly {
    readonly address: IpAddress;
    readonly interfaceName: string;
    readonly alive: boolean;
    /** It asked for a password where its description is (X37). */
    readonly guarded?: boolean;
  }[];
  readonly wrongUrl?: WrongUrlGiven;
  /** No interface with a usable address. */
  readonly noNetwork: boolean;
  readonly denied: boolean;
  readonly localNetworkDenied: boolean;
  /** Devices that answered but cannot open ports, for people who ask (D16, D17, X37). */
  readonly passedOver: readonly { readonly from: IpAddress; readonly why: string }[];
}

/** Something a gateway said unasked. Untrusted: it starts a check, nothing more. */
export interface Announcement {
  readonly from: IpAddress;
  readonly interfaceName: string;
  readonly kind: 'alive' | 'byebye' | 'epoch' | 'address' | 'event';
  readonly location?: string | undefined;
  readonly bootId?: number | undefined;
  readonly epoch?: Seconds | undefined;
  readonly externalAddress?: IpAddress | undefined;
}
