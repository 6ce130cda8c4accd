import type { Cidr, IpAddress } from '../../main/contract/address.ts';
import { inNetworkMemo } from './address-memo.ts';
import type { SimHost } from './sim-host.ts';
import type { SimInterface } from './sim-interface.ts';
import type { DurationRange } from './timeline.ts';

export interface Member {
  readonly host: SimHost;
  readonly link: SimInterface;
}

/** A broadcast domain: a cable, a switch, a radio network, a tunnel, or all of the internet. */
export class Segment {
  readonly name: string;
  latency: DurationRange;
  /** 0 … 100, of packets in each direction. */
  lossPercent: number;
  /** 0 … 100, of datagrams: they come a second time, up to two seconds later. */
  duplicatePercent = 0;
  /** 0 … 100, of TCP segments with data: half of it arrives, then the end of the stream or a reset. */
  breakPercent = 0;
  /** A host takes one datagram after the other, and needs so long for each; what waits waits (F1). */
  toil: DurationRange | undefined;
  /** Kept in the order of joining, so that multicast reaches hosts in the same order each time. */
  readonly #members: Member[] = [];
  readonly #delegated: { readonly network: Cidr; readonly to: IpAddress }[] = [];

  constructor(name: string, latency: DurationRange, lossPercent: number) {
    this.name = name;
    this.latency = latency;
    this.lossPercent = lossPercent;
  }

  join(member: Member): void {
    this.#members.push(member);
  }

  get members(): readonly Member[] {
    return this.#members;
  }

  /** Hands a prefix to the router with that address here (RFC 8415 §6.3). */
  delegate(network: Cidr, to: IpAddress): void {
    this.#delegated.push({ network, to });
  }

  /** Interface that takes packets for the address: its owner (ARP, NDP), or the one its prefix is delegated to. */
  find(address: IpAddress): Member | undefined {
    const owner = this.#owner(address);
    if (owner !== undefined) return owner;
    const delegated = this.#delegated.find(({ network }) => inNetworkMemo(address, network));
    return delegated === undefined ? undefined : this.#owner(delegated.to);
  }

  #owner(address: IpAddress): Member | undefined {
    return this.#members.find(({ host, link }) => link.connected && host.awake && link.owns(address));
  }
}
