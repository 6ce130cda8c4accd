import type { Endpoint, IpAddress } from '../../../main/contract/address.ts';
import { NetworkError } from '../../../main/system/system.ts';
import type { SeededRandom } from '../seeded-random.ts';

interface Holder {
  readonly local: Endpoint;
  readonly share: boolean;
}

/** Linux's default range of ephemeral ports. */
const EPHEMERAL = { first: 32_768, last: 60_999 };

const wild = (address: IpAddress): boolean => address === '0.0.0.0' || address === '::';

/** Holders of a host's local ports, for one transport. */
export class PortTable<Entry extends Holder> {
  readonly #entries = new Map<number, Entry[]>();
  readonly #random: SeededRandom;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** In the order of opening. */
  at(port: number): readonly Entry[] {
    return this.#entries.get(port) ?? [];
  }

  all(): readonly Entry[] {
    return [...this.#entries.values()].flat();
  }

  /**
   * The port to bind, a free ephemeral one for 0.
   * @param isUsed by anything else than what is in this table
   * @throws NetworkError with fault `in-use`
   */
  claim(address: IpAddress, port: number, share: boolean, isUsed = (_port: number): boolean => false): number {
    if (port !== 0) {
      if (!this.#free(address, port, share)) throw new NetworkError('in-use', `${address} port ${port} is in use`);
      return port;
    }
    const start = this.#random.between(EPHEMERAL.first, EPHEMERAL.last);
    const count = EPHEMERAL.last - EPHEMERAL.first + 1;
    for (let step = 0; step < count; step += 1) {
      const candidate = EPHEMERAL.first + ((start - EPHEMERAL.first + step) % count);
      if (!this.#entries.has(candidate) && !isUsed(candidate)) return candidate;
    }
    throw new NetworkError('in-use', 'no ephemeral port is free');
  }

  add(port: number, entry: Entry): void {
    const there = this.#entries.get(port);
    if (there === undefined) this.#entries.set(port, [entry]);
    else there.push(entry);
  }

  remove(port: number, entry: Entry): void {
    const left = this.at(port).filter((each) => each !== entry);
    if (left.length === 0) this.#entries.delete(port);
    else this.#entries.set(port, left);
  }

  #free(address: IpAddress, port: number, share: boolean): boolean {
    return this.at(port).every((holder) => {
      if (share && holder.share) return true;
      const other = holder.local.address;
      if (address.includes(':') !== other.includes(':')) return true;
      return other !== address && !wild(other) && !wild(address);
    });
  }
}
