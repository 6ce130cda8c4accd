import type { EpochMs } from '../../contract/units.ts';
import type { Random } from '../../system/system.ts';
import type { Personality } from './personality.ts';
import type { Boot } from './router-state.ts';

/** What a router calls itself, boot after boot. */
export class RouterIdentity {
  readonly #random: Random;
  readonly #personality: Personality;
  readonly #udn: string;
  #lastBootId = 0;

  constructor(random: Random, personality: Personality) {
    this.#random = random;
    this.#personality = personality;
    this.#udn = drawUuid(random);
  }

  nextBoot(now: EpochMs): Boot {
    const { device, description } = this.#personality;
    // Later than any boot before, whatever the clock says (UPnP DA 1.1 §1.2.2).
    this.#lastBootId = Math.max(this.#lastBootId + 1, Math.floor(now / 1000) % 0x7fff_ffff);
    return {
      id: this.#lastBootId,
      udn: device.udnPerBoot ? drawUuid(this.#random) : this.#udn,
      pathPrefix: description.randomPath ? `/${drawUuid(this.#random).slice(0, 8)}` : '',
    };
  }
}

export function drawUuid(random: Random): string {
  const hex = [...random.bytes(16)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
