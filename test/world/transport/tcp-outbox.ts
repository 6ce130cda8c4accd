import type { Endpoint } from '../../../main/contract/address.ts';
import { NetworkError } from '../../../main/system/system.ts';
import type { PacketContent } from '../packet.ts';
import type { SimHost } from '../sim-host.ts';
import type { Wait } from '../timeline.ts';

/** Linux: first retransmission of a SYN after 1 s, of data after 200 ms, doubling up to two minutes. */
const FIRST_RETRY = { syn: 1000, data: 200 };
const LONGEST_RETRY = 120_000;
/** Linux: `tcp_syn_retries` 6 gives up after 127 s, `tcp_retries2` 15 after about 924 s. */
const GIVE_UP = { syn: 127_000, data: 924_600 };
/** Linux: a neighbour that answers no ARP request fails after about 3 s. */
const NO_NEIGHBOUR = 3000;

export type TcpSegment = Extract<PacketContent, { sequence: number }> | { readonly kind: 'syn' | 'syn-ack' };

export interface OutboxOwner {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** The peer took a segment, and perhaps nothing is under way now. */
  onTaken(): void;
  onFailed(error: NetworkError): void;
}

const sequenceOf = (segment: TcpSegment): number => ('sequence' in segment ? segment.sequence : -1);

/** Data sent by one end of a connection and not yet taken by the other: in order, sent again until the time is up. */
export class TcpOutbox {
  readonly #host: SimHost;
  readonly #owner: OutboxOwner;
  readonly #lost: TcpSegment[] = [];
  #inFlight = 0;
  #lastArrival = 0;
  #retry: Wait | undefined;
  #neighbourWait: Wait | undefined;
  #retryDelay = 0;
  #troubleSince: number | undefined;
  #stopped = false;

  constructor(host: SimHost, owner: OutboxOwner) {
    this.#host = host;
    this.#owner = owner;
  }

  /** Everything was taken. */
  get idle(): boolean {
    return this.#inFlight === 0 && this.#lost.length === 0;
  }

  stop(): void {
    this.#stopped = true;
    this.#retry?.cancel();
    this.#neighbourWait?.cancel();
    this.#lost.length = 0;
  }

  /** After what was sent before, and never again. */
  reset(): void {
    const { local, remote } = this.#owner;
    this.#host.send(
      { transport: 'tcp', source: local, destination: remote, content: { kind: 'rst' } },
      { notBefore: this.#lastArrival },
    );
  }

  /** How many bytes were taken from the peer in all. Said again until heard, for a writer may wait for it. */
  report(bytes: number, retryDelay = FIRST_RETRY.data): void {
    if (this.#stopped || retryDelay > GIVE_UP.data) return;
    const { local, remote } = this.#owner;
    this.#host.carry(
      { transport: 'tcp', source: local, destination: remote, content: { kind: 'taken', bytes } },
      {
        retransmission: FIRST_RETRY.data,
        done: (heard) => {
          if (heard || this.#stopped) return;
          this.#host.clock.after(retryDelay, `${this.#host.name} says again what it took`, () =>
            this.report(bytes, retryDelay * 2),
          );
        },
      },
    );
  }

  send(segment: TcpSegment): void {
    if (this.#stopped) return;
    if (this.#retry !== undefined || this.#lost.length > 0) {
      this.#lost.push(segment);
      return;
    }
    this.#inFlight += 1;
    const { local, remote } = this.#owner;
    const carried = this.#host.carry(
      { transport: 'tcp', source: local, destination: remote, content: segment },
      {
        notBefore: this.#lastArrival,
        retransmission: segment.kind === 'syn' ? FIRST_RETRY.syn : FIRST_RETRY.data,
        done: (taken) => this.#answered(segment, taken),
      },
    );
    this.#lastArrival = Math.max(this.#lastArrival, carried.arrives ?? 0);
    if (carried.fault !== undefined) {
      this.#inFlight -= 1;
      this.#owner.onFailed(new NetworkError(carried.fault, `cannot send to ${remote.address}: ${carried.fault}`));
    } else if (carried.noNeighbour === true && segment.kind === 'syn') this.#askForNeighbour();
  }

  #askForNeighbour(): void {
    const { address } = this.#owner.remote;
    this.#neighbourWait ??= this.#host.clock.after(NO_NEIGHBOUR, `${this.#host.name} asks who has ${address}`, () =>
      this.#owner.onFailed(new NetworkError('unreachable', `${address} is not there`)),
    );
  }

  #answered(segment: TcpSegment, taken: boolean): void {
    this.#inFlight -= 1;
    if (this.#stopped) return;
    if (taken) {
      this.#retryDelay = 0;
      this.#troubleSince = undefined;
      this.#neighbourWait?.cancel();
      this.#owner.onTaken();
      return;
    }
    this.#lost.push(segment);
    this.#troubleSince ??= this.#host.network.timeline.now;
    if (this.#retry !== undefined) return;
    const first = segment.kind === 'syn' ? FIRST_RETRY.syn : FIRST_RETRY.data;
    this.#retryDelay = this.#retryDelay === 0 ? first : Math.min(this.#retryDelay * 2, LONGEST_RETRY);
    this.#retry = this.#host.clock.after(this.#retryDelay, `${this.#host.name} sends a TCP segment again`, () =>
      this.#again(segment.kind === 'syn' ? GIVE_UP.syn : GIVE_UP.data),
    );
  }

  #again(giveUp: number): void {
    this.#retry = undefined;
    const { now } = this.#host.network.timeline;
    if (now - (this.#troubleSince ?? now) >= giveUp) {
      this.#owner.onFailed(new NetworkError('unreachable', `${this.#owner.remote.address} has not answered`));
      return;
    }
    const segments = this.#lost.splice(0).toSorted((one, other) => sequenceOf(one) - sequenceOf(other));
    for (const segment of segments) this.send(segment);
  }
}
