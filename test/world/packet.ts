import type { Endpoint } from '../../main/contract/address.ts';
import type { Transport } from '../../main/contract/model.ts';

/** A packet on its way. Segments are numbered by TCP's sender; the network keeps them in order. */
export type PacketContent =
  | { readonly kind: 'datagram'; readonly bytes: Uint8Array }
  /** ICMP port unreachable; addressed like an answer to the datagram that it is about. */
  | { readonly kind: 'port-unreachable' }
  | { readonly kind: 'syn' }
  | { readonly kind: 'syn-ack' }
  | { readonly kind: 'data'; readonly sequence: number; readonly bytes: Uint8Array }
  | { readonly kind: 'fin'; readonly sequence: number }
  | { readonly kind: 'rst' }
  /** The peer's program has taken this many bytes in all. */
  | { readonly kind: 'taken'; readonly bytes: number };

export interface Packet {
  readonly transport: Transport;
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly content: PacketContent;
}

/** A router's treatment of packets that cross it. */
export interface PacketPlane {
  /** Came in over this interface: what goes on, perhaps to someone else; `undefined` when it is dropped. */
  inbound(packet: Packet, interfaceName: string): Packet | undefined;
  /** About to leave over this interface, forwarded: what leaves; `undefined` when it is dropped. */
  outbound(packet: Packet, interfaceName: string): Packet | undefined;
}
