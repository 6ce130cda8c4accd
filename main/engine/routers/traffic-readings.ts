/** Gateways' byte counters as people look at them: one reading for all who ask, at a pace that is good for a router. */
import type { TrafficReading } from '../../contract/gateway-table.ts';
import type { GatewayId } from '../../contract/model.ts';
import type { GatewayView } from '../../contract/snapshot.ts';
import type { Millis } from '../../contract/units.ts';
import { inSeconds, millis } from '../../contract/units.ts';
import { isFailure, Refused } from '../../gateways/failure.ts';
import type { Clock } from '../../system/system.ts';
import { CommandError } from '../command-error.ts';
import type { Engine } from '../loop/engine.ts';
import { gatewayFailed, gatewayIn } from './gateway-fault.ts';
import { Joined } from './joined.ts';

/** A reading takes two requests. Windows ask every two seconds, by clocks of their own: none of them is to come too soon. */
const PACE = inSeconds(1.5);

interface Latest {
  /** It is the answer until then, by the clock that nobody sets. */
  readonly until: Millis;
  readonly outcome: TrafficReading | CommandError;
}

export class TrafficReadings {
  readonly #engine: () => Engine;
  readonly #clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly #joined = new Joined<GatewayId, TrafficReading>();
  readonly #latest = new Map<GatewayId, Latest>();

  constructor(engine: () => Engine, clock: Pick<Clock, 'now' | 'monotonic'>) {
    this.#engine = engine;
    this.#clock = clock;
  }

  /** Asked again too soon, or where the budget is used up, the latest is given once more.
   * @throws CommandError, or the signal's reason */
  async read(id: GatewayId, signal: AbortSignal): Promise<TrafficReading> {
    const engine = this.#engine();
    const gateway = gatewayIn(engine.snapshot, id);
    if (!gateway.countsTraffic) throw countsNothing(gateway);
    const latest = this.#latest.get(id);
    const isSoon = latest !== undefined && this.#clock.monotonic() < latest.until;
    if (isSoon) return told(latest);
    if (!engine.canAfford(id)) {
      if (latest !== undefined) return told(latest);
      throw new CommandError('gateway-failed', '', { code: 'asked-enough', parameters: { gateway: gateway.name } });
    }
    return await this.#joined.join(id, (inTime) => this.#read(engine, gateway, inTime), signal);
  }

  async #read(engine: Engine, gateway: GatewayView, signal: AbortSignal): Promise<TrafficReading> {
    const begun = this.#clock.monotonic();
    const outcome = await this.#ask(engine, gateway, signal);
    // Whoever takes long to say nothing is given the time to recover.
    const since = outcome instanceof CommandError ? this.#clock.monotonic() : begun;
    const latest = { until: millis(since + PACE), outcome };
    this.#latest.set(gateway.id, latest);
    return told(latest);
  }

  async #ask(engine: Engine, gateway: GatewayView, signal: AbortSignal): Promise<TrafficReading | CommandError> {
    try {
      const { received, sent } = await engine.readTraffic(gateway.id, signal);
      return { at: this.#clock.now(), received, sent };
    } catch (error) {
      if (!isFailure(error)) throw error;
      return error instanceof Refused && error.reason === 'unsupported'
        ? countsNothing(gateway)
        : gatewayFailed(gateway, error);
    }
  }
}

function told({ outcome }: Latest): TrafficReading {
  if (outcome instanceof CommandError) throw outcome;
  return outcome;
}

const countsNothing = ({ name }: GatewayView): CommandError =>
  new CommandError('gateway-failed', '', { code: 'counts-no-traffic', parameters: { gateway: name } });
