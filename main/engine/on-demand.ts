/** What a person asks of one gateway beside what is planned. It ends with the gateway's network, and counts. */
import type { FoundMapping } from '../contract/mapping.ts';
import type { GatewayId } from '../contract/model.ts';
import type { News } from '../core/events.ts';
import { Refused } from '../gateways/failure.ts';
import type { Controls } from './controls.ts';
import type { InFlight } from './in-flight.ts';

export interface OnDemandOptions {
  readonly controls: Controls;
  readonly inFlight: InFlight;
  readonly add: (news: News) => void;
}

/** Requests of a table that are told together, so that reading one does not keep the engine busy. */
const TOLD_TOGETHER = 20;

export class OnDemand {
  readonly #options: OnDemandOptions;

  constructor(options: OnDemandOptions) {
    this.#options = options;
  }

  /** @param told each entry, as it comes
   * @throws Unreachable | Malformed | Refused (`unsupported` when no control can list), or the signal's reason */
  async readTable(gateway: GatewayId, told: (entry: FoundMapping) => void, signal: AbortSignal): Promise<void> {
    const { controls, inFlight } = this.#options;
    const list = controls.of(gateway).find((finding) => finding.list !== undefined)?.list;
    if (list === undefined) throw new Refused('unsupported', 'no list', 'no control of this gateway shows its table');
    let untold = 0;
    const asking = (): void => {
      untold += 1;
      if (untold >= TOLD_TOGETHER) tell();
    };
    const tell = (): void => {
      if (untold > 0) this.#asked(gateway, 'listing', untold);
      untold = 0;
    };
    try {
      await inFlight.waitedFor(gateway, signal, async (inTime) => {
        for await (const entry of list.list(inTime, asking)) told(entry);
      });
    } finally {
      tell();
    }
  }

  #asked(gateway: GatewayId, what: 'listing' | 'traffic' | 'removal', requests: number): void {
    this.#options.add({ type: 'asked', gateway, requests, for: what });
  }
}
