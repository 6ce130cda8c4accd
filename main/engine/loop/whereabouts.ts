/** Where this machine is, as the system tells it: looked up again and again, so not each time. */
import { inSeconds } from '../../contract/units.ts';
import type { HostFacts } from '../../core/state.ts';
import type { LinkChoice } from '../../gateways/discovery/links.ts';
import type { System } from '../../system/system.ts';
import { NetworkError } from '../../system/system.ts';
import { hostFactsOf } from './host-facts.ts';

/** How old what is told may be: on macOS and Windows each look costs three processes. */
const FRESH = inSeconds(1);

interface Look {
  readonly wall: number;
  readonly monotonic: number;
  readonly facts: Promise<HostFacts | undefined>;
}

export class Whereabouts {
  readonly #system: System;
  readonly #searched: LinkChoice;
  readonly #signal: AbortSignal;
  #latest: Look | undefined;

  constructor(system: System, searched: LinkChoice, signal: AbortSignal) {
    this.#system = system;
    this.#searched = searched;
    this.#signal = signal;
  }

  /** Nothing when the routing tables cannot be read. @throws the signal's reason */
  async now(): Promise<HostFacts | undefined> {
    const { clock } = this.#system;
    const [wall, monotonic] = [clock.now(), clock.monotonic()];
    const { wall: at = -Infinity, monotonic: since = -Infinity } = this.#latest ?? {};
    // The monotonic clock may stand still in sleep, the other may be set back.
    const isFresh = wall >= at && wall - at < FRESH && monotonic - since < FRESH;
    if (this.#latest === undefined || !isFresh) this.#latest = { wall, monotonic, facts: this.#look() };
    return await this.#latest.facts;
  }

  async #look(): Promise<HostFacts | undefined> {
    const { routes } = this.#system;
    try {
      return await hostFactsOf(await routes.read(this.#signal), (address) => routes.neighbour(address), this.#searched);
    } catch (error) {
      if (error instanceof NetworkError) return undefined;
      throw error;
    }
  }
}
