import type { IpAddress } from '../contract/address.ts';
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
  /** Kept in the order of joining, so that multicast reaches hosts in the same order each time. */
  readonly #members: Member[] = [];

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

  /** Who answers for the address (ARP, neighbour discovery). */
  find(address: IpAddress): Member | undefined {
    return this.#members.find(({ host, link }) => link.connected && host.awake && link.owns(address));
  }
}
