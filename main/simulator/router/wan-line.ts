import { familyOf, isPublic, scopeOf, type IpAddress } from '../../contract/address.ts';
import { elapsed, seconds, type EpochMs, type Seconds } from '../../contract/units.ts';
import type { Clock } from '../../system/system.ts';
import type { WanTraits } from './personality.ts';

/** The router's outside address and how long it has had it. */
export class WanLine {
  readonly #clock: Clock;
  readonly #traits: WanTraits;
  #address: IpAddress | 'none';
  #since: EpochMs;
  #broken = false;

  constructor(clock: Clock, traits: WanTraits, address: IpAddress | 'none') {
    this.#clock = clock;
    this.#traits = traits;
    this.#address = traits.address ?? address;
    this.#since = clock.now();
  }

  get address(): IpAddress | 'none' {
    return this.#address;
  }

  comeUp(address: IpAddress | 'none' = this.#address): void {
    this.#address = address;
    this.#since = this.#clock.now();
    if (address === 'none' && this.#traits.dropIsFinal) this.#broken = true;
  }

  /** The daemon looks at the line anew (L17). */
  mend(): void {
    this.#broken = false;
  }

  /** N3, N4: the address when mappings can be made on it. Documentation addresses pass: simulated worlds are written
   * with them. */
  get mappable(): IpAddress | undefined {
    const address = this.#address;
    if (this.#broken || address === 'none' || familyOf(address) !== 'ipv4') return undefined;
    const outside = isPublic(address) || scopeOf(address) === 'documentation';
    return outside || this.#traits.mapsWithoutPublicAddress ? address : undefined;
  }

  get uptime(): Seconds {
    return wholeSecondsSince(this.#clock, this.#since);
  }
}

export function wholeSecondsSince(clock: Clock, moment: EpochMs): Seconds {
  return seconds(Math.max(0, Math.floor(elapsed(moment, clock.now()) / 1000)));
}
