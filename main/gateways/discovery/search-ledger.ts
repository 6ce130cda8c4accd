/** What one search learns beside its findings. */
import type { IpAddress } from '../../contract/address.ts';
import { millis } from '../../contract/units.ts';
import type { Millis } from '../../contract/units.ts';
import { NetworkError } from '../../system/system.ts';
import type { System } from '../../system/system.ts';
import { Unreachable } from '../failure.ts';
import type { SearchSummary } from '../gateway.ts';
import type { SearchPlan } from './search-plan.ts';

/** A house full of lamps; beyond it nobody reads the list. */
const MOST_PASSED_OVER = 64;

export class SearchLedger {
  readonly #system: System;
  readonly #start: Millis;
  readonly #alive = new Set<string>();
  readonly #passedOver = new Map<string, SearchSummary['passedOver'][number]>();
  #denied = false;
  #localNetworkDenied = false;

  constructor(system: System) {
    this.#system = system;
    this.#start = system.clock.monotonic();
  }

  elapsed(): Millis {
    return millis(this.#system.clock.monotonic() - this.#start);
  }

  /** Something came back from there, if only a refusal. */
  heardFrom(interfaceName: string, address: IpAddress): void {
    this.#alive.add(`${interfaceName}/${address}`);
  }

  passOver(from: IpAddress, why: string): void {
    if (this.#passedOver.size >= MOST_PASSED_OVER) return;
    const entry = `${from} ${why}`;
    if (this.#passedOver.has(entry)) return;
    this.#passedOver.set(entry, { from, why });
    this.#system.log.write('debug', 'passed over', { from, why });
  }

  /** Keeps what an error of a socket or a conversation says about this machine (H1, H4). */
  note(error: unknown): void {
    const fault = error instanceof NetworkError ? error.fault : error instanceof Unreachable ? error.why : undefined;
    if (fault === 'denied') this.#denied = true;
    if (fault === 'local-network') this.#localNetworkDenied = true;
  }

  /** About the routers of these links, or about the one that a person named. */
  async summary({ links, named }: Pick<SearchPlan, 'links' | 'named'>): Promise<SearchSummary> {
    const routers =
      named === undefined
        ? links.flatMap((link) => link.routers.map((address) => ({ address, interfaceName: link.name })))
        : [{ address: named.address, interfaceName: named.link.name }];
    return {
      routers: await Promise.all(
        routers.map(async ({ address, interfaceName }) => ({
          address,
          interfaceName,
          // A router that ignored all we asked has at least told its hardware address.
          alive:
            this.#alive.has(`${interfaceName}/${address}`) ||
            (await this.#system.routes.neighbour(address)) !== undefined,
        })),
      ),
      noNetwork: links.length === 0,
      denied: this.#denied,
      localNetworkDenied: this.#localNetworkDenied,
      passedOver: [...this.#passedOver.values()],
    };
  }
}
