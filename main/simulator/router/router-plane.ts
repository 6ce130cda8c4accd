/**
 * The boundary between a router's control side (its tables and servers, `router.ts`) and the traffic it carries. The
 * control side tells the plane what forwards now; on the virtual network a `NatPlane` translates packets by it, on
 * loopback proxies carry real connections.
 */
import type { Family, IpAddress } from '../../contract/address.ts';
import type { Transport } from '../../contract/model.ts';

/** What really forwards. A router may list more than this (L11, L20: listed, but dead) or less. */
export interface ForwardingRule {
  /** `ipv4`: the port is translated. `ipv6`: a pinhole; external and internal port are the same. */
  readonly family: Family;
  readonly transport: Transport;
  /** 0 stands for every port that no other rule names (C8). */
  readonly external: { readonly port: number };
  readonly internal: { readonly client: IpAddress; readonly port: number };
  /** Only from there; anyone when absent. */
  readonly remote?: { readonly address?: IpAddress; readonly port?: number };
}

export interface RouterPlane {
  /** Replaces all rules; called after every change. What a missing rule had carried ends. */
  forward(rules: readonly ForwardingRule[]): void;
  /** The WAN interface's address; `none`: the line is down. */
  setExternalAddress(address: IpAddress | 'none'): void;
  /** Off: the host is silent on every interface, its sockets are gone; nothing is forwarded. */
  setPower(on: boolean): void;
}
