/** A person's request to one gateway beside the planned ones. It ends with the gateway's network, and counts. */
import type { FoundMapping } from '../../contract/mapping.ts';
import type { GatewayId } from '../../contract/model.ts';
import type { EventWithoutMoment } from '../../core/events.ts';
import { outerPlaceOf, type State } from '../../core/state.ts';
import { Refused } from '../../gateways/failure.ts';
import type { EntryPlace, MappingList } from '../../gateways/port-control.ts';
import type { Controls } from './controls.ts';
import type { InFlight } from './requests.ts';

export interface OnDemandOptions {
  readonly controls: Controls;
  readonly inFlight: InFlight;
  readonly add: (news: EventWithoutMoment) => void;
  /** Called when what a gateway can do is another than before. */
  readonly changed: () => void;
  /** @throws the signal's reason */
  readonly until: (condition: (state: State) => boolean, signal: AbortSignal) => Promise<unknown>;
}

/** Requests of a table that are reported together, so that reading one does not keep the engine busy. */
const TOLD_TOGETHER = 20;

export class OnDemand {
  readonly #options: OnDemandOptions;

  constructor(options: OnDemandOptions) {
    this.#options = options;
  }

  /** @param told each entry, as it comes
   * @throws Unreachable | Malformed | Refused (`unsupported` when no control can list), or the signal's reason */
  async readTable(gateway: GatewayId, told: (entry: FoundMapping) => void, signal: AbortSignal): Promise<void> {
    const list = this.#listOf(gateway);
    let untold = 0;
    const asking = (): void => {
      untold += 1;
      if (untold >= TOLD_TOGETHER) tell();
    };
    const tell = (): void => {
      if (untold > 0) this.#options.add({ type: 'asked', gateway, requests: untold, for: 'listing' });
      untold = 0;
    };
    try {
      await this.#waitedFor(gateway, signal, async (inTime) => {
        for await (const entry of list.list(inTime, asking)) told(entry);
      });
    } finally {
      tell();
    }
  }

  /** @throws Unreachable | Malformed | Refused (`unsupported` when the gateway does not count), or the signal's reason */
  async readTraffic(gateway: GatewayId, signal: AbortSignal): Promise<{ received: number; sent: number }> {
    const { controls, changed } = this.#options;
    const counter = controls.counter(gateway);
    if (counter === undefined) throw new Refused('unsupported', 'no counter', 'this gateway counts no bytes');
    try {
      return await this.#waitedFor(gateway, signal, (inTime) => counter.traffic(inTime));
    } catch (error) {
      if (error instanceof Refused && error.reason === 'unsupported') {
        controls.countsNothing(gateway);
        changed();
      }
      throw error;
    }
  }

  /** One entry of the table, as it is now.
   * @throws Unreachable | Malformed | Refused (`unsupported` when no control can list), or the signal's reason */
  async lookAt(
    gateway: GatewayId,
    place: EntryPlace,
    signal: AbortSignal,
  ): Promise<FoundMapping | 'absent' | 'cannot-tell'> {
    const list = this.#listOf(gateway);
    return await this.#waitedFor(gateway, signal, (inTime) => list.look(place, inTime));
  }

  /**
   * Takes an entry away that is not ours, because a person said so. Nothing is opened there meanwhile; whoever was refused
   * because of it is asked for again. Resolves once it is gone, or with what stands there instead by now.
   * @throws Unreachable | Malformed | Refused, or the signal's reason
   */
  async removeForeign(gateway: GatewayId, entry: FoundMapping, signal: AbortSignal): Promise<FoundMapping | 'gone'> {
    const { add, until } = this.#options;
    const list = this.#listOf(gateway);
    const place = outerPlaceOf({ gateway, family: 'ipv4', ...entry });
    add({ type: 'removing', gateway, entry });
    let isGone = false;
    try {
      const isFree = ({ requests }: State): boolean =>
        ![...requests.values()].some(({ asked }) => asked !== undefined && outerPlaceOf(asked) === place);
      const left = await this.#waitedFor(gateway, signal, async (inTime) => {
        await until(isFree, inTime);
        return await list.remove(entry, inTime);
      });
      isGone = left === 'gone';
      return left;
    } finally {
      add({ type: 'removed', gateway, entry, gone: isGone });
    }
  }

  #listOf(gateway: GatewayId): MappingList {
    const list = this.#options.controls.of(gateway).find((finding) => finding.list !== undefined)?.list;
    if (list === undefined) throw new Refused('unsupported', 'no list', 'no control of this gateway shows its table');
    return list;
  }

  /** As {@link InFlight.waitedFor}; what it took is counted by the end. */
  async #waitedFor<Answer>(
    gateway: GatewayId,
    signal: AbortSignal,
    ask: (signal: AbortSignal) => Promise<Answer>,
  ): Promise<Answer> {
    try {
      return await this.#options.inFlight.waitedFor(gateway, signal, ask);
    } finally {
      this.#options.add({ type: 'time' });
    }
  }
}
