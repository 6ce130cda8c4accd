import { scopeOfMemo } from './address-memo.ts';
import { type EpochMs, epochMs, millis } from '../../main/contract/units.ts';
import type { NetworkFault, System } from '../../main/system/system.ts';
import type { Packet } from './packet.ts';
import type { SeededRandom } from './seeded-random.ts';
import { type Member, Segment } from './segment.ts';
import { SimHost } from './sim-host.ts';
import type { DurationRange, Timeline } from './timeline.ts';

export interface NetworkOptions {
  /** 0 … 100 on every segment unless it says otherwise; TCP loses only time. */
  readonly lossPercent?: number;
  /** Latency of every segment unless it says otherwise; 0.2 to 1 ms when absent. */
  readonly latency?: DurationRange;
  /** TCP writes arrive in pieces cut at random (true when absent). */
  readonly splitStreams?: boolean;
  /** The hash of every host; none when absent. */
  readonly hash?: System['hash'];
}

export interface Journey {
  /** Over this interface whatever the routes say: multicast, or a link-local destination. */
  readonly interfaceName?: string;
  /** Not to overtake what was sent before. */
  readonly notBefore?: number;
  /** A TCP segment: loss costs this long, again and again. */
  readonly retransmission?: number;
  /** Called once: did the destination take it? Not called when `carry` returns a fault. */
  readonly done?: (taken: boolean) => void;
}

/** `fault`: the sender's own system said so. `noNeighbour`: the first hop did not answer (ARP). */
export interface Carried {
  readonly fault?: NetworkFault;
  readonly noNeighbour?: true;
  readonly arrives?: EpochMs;
}

const MOST_HOPS = 16;
/** Milliseconds for which a datagram may wait at a host that toils: what a receive buffer holds. */
const MOST_WAITING = 60_000;
/** Milliseconds until a duplicate comes at the latest. */
const SECOND_COMING = 2000;
const halfOf = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, Math.floor(bytes.length / 2));
/** Within one host. */
const LOOPBACK_DELAY = 0.02;

/** Hosts, segments and what moves between them: one queue entry per packet and destination, however many hops. */
export class VirtualNetwork {
  readonly timeline: Timeline;
  readonly splitStreams: boolean;
  readonly hash: System['hash'];
  readonly #hosts = new Map<string, SimHost>();
  readonly #segments = new Map<string, Segment>();
  readonly #random: SeededRandom;
  readonly #latency: DurationRange;
  readonly #lossPercent: number;
  readonly #busyUntil = new Map<SimHost, number>();
  /** Called for every packet that a host sends; for traces and counts in tests. */
  onPacket: ((from: SimHost, packet: Packet) => void) | undefined;

  constructor(timeline: Timeline, options: NetworkOptions = {}) {
    this.timeline = timeline;
    this.#random = timeline.random('network');
    this.#latency = options.latency ?? { least: millis(0.2), most: millis(1) };
    this.#lossPercent = options.lossPercent ?? 0;
    this.splitStreams = options.splitStreams ?? true;
    this.hash = options.hash;
  }

  get hosts(): readonly SimHost[] {
    return [...this.#hosts.values()];
  }

  /** @throws RangeError when there is one of this name already */
  addHost(name: string): SimHost {
    if (this.#hosts.has(name)) throw new RangeError(`there is a host ${name} already`);
    const host = new SimHost(name, this);
    this.#hosts.set(name, host);
    return host;
  }

  /** @throws RangeError when there is none */
  host(name: string): SimHost {
    const host = this.#hosts.get(name);
    if (host === undefined) throw new RangeError(`no host ${name}; there are ${[...this.#hosts.keys()].join(', ')}`);
    return host;
  }

  /** The segment of this name, made at the first call. */
  segment(name: string, options: { readonly latency?: DurationRange; readonly lossPercent?: number } = {}): Segment {
    const known = this.#segments.get(name);
    if (known !== undefined) return known;
    const made = new Segment(name, options.latency ?? this.#latency, options.lossPercent ?? this.#lossPercent);
    this.#segments.set(name, made);
    return made;
  }

  /** Sends a packet on its way; its path and what routers make of it are decided at once, the rest on arrival. */
  carry(from: SimHost, packet: Packet, journey: Journey = {}): Carried {
    if (!from.awake) return this.#lost(journey);
    this.onPacket?.(from, packet);
    const scope = scopeOfMemo(packet.destination.address);
    if (scope === 'multicast' || packet.destination.address === '255.255.255.255')
      return this.#carryToAll(from, packet, journey);
    if (from.links.owns(packet.destination.address)) {
      return { arrives: this.#deliver(from, undefined, packet, LOOPBACK_DELAY, journey) };
    }
    return this.#carryToOne(from, packet, journey);
  }

  #carryToOne(from: SimHost, packet: Packet, journey: Journey): Carried {
    let host = from;
    let current = packet;
    let delay = 0;
    for (let hop = 0; hop < MOST_HOPS; hop += 1) {
      const { address, zone } = current.destination;
      const way = host.links.wayTo(address, hop === 0 ? (journey.interfaceName ?? zone) : undefined);
      if (way === undefined) return hop === 0 ? { fault: 'unreachable' } : this.#lost(journey);
      if (hop > 0 && host.plane !== undefined) {
        const left = host.plane.outbound(current, way.link.name);
        if (left === undefined) return this.#lost(journey);
        current = left;
      }
      const next = way.link.connected ? way.link.segment.find(way.nextHop) : undefined;
      if (next === undefined) {
        this.#lost(journey);
        return hop === 0 ? { noNeighbour: true } : {};
      }
      host.links.met(way.nextHop, next.link.mac, way.link);
      const { segment } = way.link;
      const crossing = this.#cross(segment, journey);
      if (crossing === undefined) return this.#lost(journey);
      delay += crossing;
      const { content } = current;
      const isBroken = content.kind === 'data' && this.#random.chance(segment.breakPercent);
      if (isBroken) current = { ...current, content: { ...content, bytes: halfOf(content.bytes) } };
      if (next.host.plane !== undefined) {
        const entered = next.host.plane.inbound(current, next.link.name);
        if (entered === undefined) return this.#lost(journey);
        current = entered;
      }
      if (next.host.links.owns(current.destination.address)) {
        const wait = this.#queued(segment, next.host, current, delay);
        if (wait === undefined) return this.#lost(journey);
        const arrives = this.#deliver(next.host, next, current, wait, journey);
        if (isBroken) this.#deliver(next.host, next, this.#endOf(current), arrives - this.timeline.now, {});
        if (current.transport === 'udp' && this.#random.chance(segment.duplicatePercent))
          this.#deliver(next.host, next, current, delay + this.#random.unit() * SECOND_COMING, {});
        return { arrives };
      }
      if (next.host.plane === undefined) return this.#lost(journey);
      host = next.host;
    }
    return this.#lost(journey);
  }

  /** To every other host of the segment; senders do not hear themselves (IP_MULTICAST_LOOP is off, as on Node's side). */
  #carryToAll(from: SimHost, packet: Packet, journey: Journey): Carried {
    const link = from.links.linkFor(packet.destination.address, journey.interfaceName);
    if (link === undefined) return { fault: 'unreachable' };
    if (!link.connected) return this.#lost(journey);
    for (const member of link.segment.members) {
      if (member.link === link || !member.link.connected) continue;
      const crossing = this.#cross(link.segment, {});
      if (crossing !== undefined) this.#deliver(member.host, member, packet, crossing, {});
    }
    journey.done?.(true);
    return {};
  }

  /** Time for one segment, `undefined` when the packet is lost there. */
  #cross(segment: Segment, journey: Journey): number | undefined {
    const { least, most } = segment.latency;
    let delay = least + (most > least ? this.#random.unit() * (most - least) : 0);
    let again = journey.retransmission;
    for (let tries = 0; this.#random.chance(segment.lossPercent); tries += 1) {
      if (again === undefined || tries > 10) return undefined;
      delay += again;
      again *= 2;
    }
    return delay;
  }

  /** When a datagram is taken that waits for those before it; `undefined` where there is no room for more to wait. */
  #queued({ toil }: Segment, host: SimHost, { transport }: Packet, delay: number): number | undefined {
    if (toil === undefined || transport !== 'udp') return delay;
    const { now } = this.timeline;
    const start = Math.max(now + delay, this.#busyUntil.get(host) ?? 0);
    if (start - now > MOST_WAITING) return undefined;
    const done = start + toil.least + this.#random.unit() * (toil.most - toil.least);
    this.#busyUntil.set(host, done);
    return done - now;
  }

  #endOf(packet: Packet): Packet {
    const { content } = packet;
    const sequence = content.kind === 'data' ? content.sequence + 1 : 0;
    return { ...packet, content: this.#random.chance(50) ? { kind: 'rst' } : { kind: 'fin', sequence } };
  }

  #deliver(host: SimHost, via: Member | undefined, packet: Packet, delay: number, journey: Journey): EpochMs {
    const moment = Math.max(this.timeline.now + delay, journey.notBefore ?? 0);
    this.timeline.at(moment, `${packet.transport} ${packet.content.kind} to ${host.name}`, () => {
      const there = host.awake && (via === undefined || (via.link.connected && !host.drops(packet)));
      const taken = there && host.take(packet, via?.link.name);
      journey.done?.(taken);
    });
    return epochMs(moment);
  }

  #lost(journey: Journey): Carried {
    const { done } = journey;
    if (done !== undefined) this.timeline.after(0, 'packet lost', () => done(false));
    return {};
  }
}
