/** IPv6 firewall openings of a simulated router (WANIPv6FirewallControl:1, and PCP MAP over IPv6). */
import type { IpAddress } from '../../contract/address.ts';
import type { EpochMs } from '../../contract/units.ts';
import type { Clock } from '../../system/system.ts';
import { Alarm, soonest } from './alarm.ts';

export interface SimPinhole {
  /** UniqueID, 0 … 65535. */
  readonly id: number;
  /** `undefined` for any. */
  readonly remoteHost: IpAddress | undefined;
  /** 0 for any. */
  readonly remotePort: number;
  readonly internalClient: IpAddress;
  readonly internalPort: number;
  /** IANA protocol number: 6 TCP, 17 UDP, 65535 any. */
  readonly protocol: number;
  readonly expiresAt: EpochMs;
  readonly owner: 'igd' | 'pcp';
  /** PCP mapping nonce, hexadecimal. */
  readonly nonce?: string;
}

export class PinholeTable {
  readonly #clock: Clock;
  readonly #alarm: Alarm;
  readonly #listeners = new Set<() => void>();
  readonly #pinholes = new Map<number, SimPinhole>();
  #lastId = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#alarm = new Alarm(clock);
  }

  all(): readonly SimPinhole[] {
    this.#expire();
    return [...this.#pinholes.values()];
  }

  get(id: number): SimPinhole | undefined {
    return this.all().find((pinhole) => pinhole.id === id);
  }

  find(matches: (pinhole: SimPinhole) => boolean): SimPinhole | undefined {
    return this.all().find((pinhole) => matches(pinhole));
  }

  /** An opening of the same client, port, protocol and remote end keeps its id (WANIPv6FirewallControl:1 §2.5.3). */
  add(wish: Omit<SimPinhole, 'id'>): SimPinhole {
    const same = this.find(
      (pinhole) =>
        pinhole.internalClient === wish.internalClient &&
        pinhole.internalPort === wish.internalPort &&
        pinhole.protocol === wish.protocol &&
        pinhole.remoteHost === wish.remoteHost &&
        pinhole.remotePort === wish.remotePort,
    );
    const pinhole = { ...wish, id: same?.id ?? this.#freeId() };
    this.#set(pinhole);
    return pinhole;
  }

  renew(id: number, expiresAt: EpochMs): void {
    const pinhole = this.get(id);
    if (pinhole !== undefined) this.#set({ ...pinhole, expiresAt });
  }

  remove(id: number): boolean {
    const removed = this.#pinholes.delete(id);
    if (removed) this.#tell();
    return removed;
  }

  clear(): void {
    this.#pinholes.clear();
    this.#tell();
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Lets openings end at their moment, until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    const next = (): EpochMs | 'never' => soonest([...this.#pinholes.values()].map((pinhole) => pinhole.expiresAt));
    await this.#alarm.run(next, () => this.#expire(), signal);
  }

  /** The opening that lets a packet in. */
  lookup(protocol: number, client: IpAddress, port: number): SimPinhole | undefined {
    return this.find(
      (pinhole) =>
        pinhole.internalClient === client &&
        (pinhole.protocol === protocol || pinhole.protocol === 65_535) &&
        (pinhole.internalPort === port || pinhole.internalPort === 0),
    );
  }

  #set(pinhole: SimPinhole): void {
    this.#pinholes.set(pinhole.id, pinhole);
    this.#alarm.wake();
    this.#tell();
  }

  #expire(): void {
    const now = this.#clock.now();
    const over = [...this.#pinholes.values()].filter((pinhole) => pinhole.expiresAt <= now);
    for (const { id } of over) this.#pinholes.delete(id);
    if (over.length > 0) this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  #freeId(): number {
    do this.#lastId = (this.#lastId + 1) % 65_536;
    while (this.#pinholes.has(this.#lastId));
    return this.#lastId;
  }
}
