/** How often a probe server does something: for each address, and in all. */
import { familyOf, toBytes16, type IpAddress } from '../contract/address.ts';
import { seconds, type Millis, type Seconds } from '../contract/units.ts';

export interface Rate {
  /** At once, after a rest. */
  readonly burst: number;
  /** Between two, in the long run. */
  readonly every: Millis;
}

/** Addresses that are remembered; the one that was longest quiet is forgotten first. */
const MOST_ADDRESSES = 4096;

/** Counts itself full again; the used part comes back with time. */
class Bucket {
  readonly #rate: Rate;
  #spent = 0;
  #at: number;

  constructor(rate: Rate, now: number) {
    this.#rate = rate;
    this.#at = now;
  }

  /** 0: there is room. */
  wait(now: number): number {
    this.#spent = Math.max(0, this.#spent - (now - this.#at) / this.#rate.every);
    this.#at = now;
    return Math.max(0, (this.#spent + 1 - this.#rate.burst) * this.#rate.every);
  }

  spend(): void {
    this.#spent += 1;
  }
}

export class Allowance {
  readonly #each: Rate;
  readonly #all: Bucket;
  readonly #addresses = new Map<string, Bucket>();

  constructor(each: Rate, all: Rate, now: Millis) {
    this.#each = each;
    this.#all = new Bucket(all, now);
  }

  /** Spends one, or says after which time there is one again. */
  spend(address: IpAddress, now: Millis): 'granted' | Seconds {
    const key = placeOf(address);
    const own = this.#addresses.get(key) ?? new Bucket(this.#each, now);
    const wait = Math.max(own.wait(now), this.#all.wait(now));
    // Asking too often must not make room: it stays the one that was asked for last.
    this.#addresses.delete(key);
    this.#addresses.set(key, own);
    if (this.#addresses.size > MOST_ADDRESSES) {
      const [oldest] = this.#addresses.keys();
      if (oldest !== undefined) this.#addresses.delete(oldest);
    }
    if (wait > 0) return seconds(Math.max(1, wait / 1000));
    own.spend();
    this.#all.spend();
    return 'granted';
  }
}

/** Anyone with one IPv6 address has a whole /64 (RFC 4291 §2.5.4). */
export function placeOf(address: IpAddress): string {
  return familyOf(address) === 'ipv4' ? address : toBytes16(address).slice(0, 8).join('.');
}
