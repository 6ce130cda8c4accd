/** Gateways' tables and byte counters as people look at them: one reading for all who ask at the same time. */
import type { AppSnapshot } from '../../contract/commands.ts';
import type { GatewayTable, TableEntryView, TrafficReading } from '../../contract/gateway-table.ts';
import type { FoundMapping } from '../../contract/mapping.ts';
import type { GatewayId } from '../../contract/model.ts';
import type { GatewayView } from '../../contract/snapshot.ts';
import { isOfProfile } from '../../contract/profiles/forward-names.ts';
import type { ProfileId } from '../../contract/profiles/profile.ts';
import { elapsed, inSeconds, millis, seconds, type EpochMs, type Millis } from '../../contract/units.ts';
import type { Opening, Owner } from '../../core/whose.ts';
import { isFailure, Refused } from '../../gateways/failure.ts';
import type { Clock } from '../../system/system.ts';
import { CommandError } from '../command-error.ts';
import type { Engine } from '../loop/engine.ts';
import { cannotList, gatewayFailed, gatewayIn } from './gateway-fault.ts';

/** Both may be others from one reading to the next. */
interface Readable {
  readonly engine: Engine;
  readonly profiles: { readonly all: readonly { readonly id: ProfileId }[] };
}

/** Often enough to see that it goes on. */
const TOLD_EVERY = 20;

export class TableReadings {
  readonly #app: Readable;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #changed: () => void;
  readonly #joined = new Joined<GatewayId, GatewayTable>();
  /** Entries so far, of each reading under way. */
  readonly #running = new Map<GatewayId, number>();
  readonly #latest = new Map<GatewayId, GatewayTable>();

  /** @param changed called when {@link listing} is another than before */
  constructor(app: Readable, clock: Pick<Clock, 'now'>, changed: () => void) {
    this.#app = app;
    this.#clock = clock;
    this.#changed = changed;
  }

  /** The reading that began first. */
  get listing(): AppSnapshot['listing'] {
    const [first] = this.#running;
    return first === undefined ? null : { gateway: first[0], entries: first[1] };
  }

  /** The latest reading of each gateway. */
  get latest(): readonly GatewayTable[] {
    return [...this.#latest.values()];
  }

  /** Ends when nobody waits for it any more. @throws CommandError, or the signal's reason */
  async read(gateway: GatewayId, signal: AbortSignal): Promise<GatewayTable> {
    return await this.#joined.join(gateway, (inTime) => this.#read(gateway, inTime), signal);
  }

  async #read(id: GatewayId, signal: AbortSignal): Promise<GatewayTable> {
    const engine = this.#app.engine.at(id);
    const gateway = gatewayIn(engine.snapshot, id);
    if (!engine.canList(id)) throw new CommandError('gateway-failed', '', cannotList(gateway));
    const entries: TableEntryView[] = [];
    const told = (entry: FoundMapping): void => {
      entries.push({ ...entry, family: 'ipv4', owner: this.#owner(engine.ownerOf(id, entry)) });
      if (entries.length % TOLD_EVERY !== 0) return;
      this.#running.set(id, entries.length);
      this.#changed();
    };
    let isWhole = true;
    this.#running.set(id, 0);
    this.#changed();
    try {
      await engine.onDemand.readTable(id, told, signal);
    } catch (error) {
      if (!isFailure(error)) throw error;
      if (entries.length === 0) throw gatewayFailed(gateway, error);
      isWhole = false;
    } finally {
      this.#running.delete(id);
      this.#changed();
    }
    const at = this.#clock.now();
    for (const opening of engine.openings(id)) entries.push(this.#openingView(opening, at));
    entries.sort((a, b) => a.external.port - b.external.port || a.transport.localeCompare(b.transport));
    const table = { gateway: id, at, entries, whole: isWhole };
    this.#latest.set(id, table);
    return table;
  }

  #openingView({ lease, label, forward }: Opening, now: EpochMs): TableEntryView {
    const { family, transport, external, internal, expiresAt } = lease;
    return {
      family,
      transport,
      external: { port: external.port },
      internal,
      description: label,
      enabled: true,
      lease: seconds(expiresAt === 'never' ? 0 : Math.max(1, elapsed(now, expiresAt) / 1000)),
      owner: this.#owner({ is: 'ours', ...(forward === undefined ? {} : { forward }) }),
    };
  }

  #owner(owner: Owner): TableEntryView['owner'] {
    if (owner.is !== 'ours' || owner.forward === undefined) return owner;
    const { forward } = owner;
    const profile = this.#app.profiles.all.find(({ id }) => isOfProfile(forward, id))?.id;
    return { is: 'ours', forward, profile };
  }
}

/** Work that several may wait for at once: begun for the first, ended when the last one no longer waits. */
interface Running<Value> {
  readonly result: Promise<Value>;
  readonly ending: AbortController;
  waiting: number;
}

export class Joined<Key, Value> {
  readonly #running = new Map<Key, Running<Value>>();

  /** Joins a reading under way for this key, or begins it. @throws what `begin` throws, or the signal's reason */
  async join(key: Key, begin: (signal: AbortSignal) => Promise<Value>, signal: AbortSignal): Promise<Value> {
    signal.throwIfAborted();
    const running = this.#running.get(key) ?? this.#begin(key, begin);
    running.waiting += 1;
    try {
      return await orAborted(running.result, signal);
    } finally {
      running.waiting -= 1;
      if (running.waiting === 0) {
        this.#leave(key, running);
        running.ending.abort();
      }
    }
  }

  #begin(key: Key, begin: (signal: AbortSignal) => Promise<Value>): Running<Value> {
    const ending = new AbortController();
    const running: Running<Value> = { result: begin(ending.signal), ending, waiting: 0 };
    this.#running.set(key, running);
    const leave = (): void => this.#leave(key, running);
    running.result.then(leave, leave);
    return running;
  }

  #leave(key: Key, running: Running<Value>): void {
    if (this.#running.get(key) === running) this.#running.delete(key);
  }
}

async function orAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** A reading takes two requests. Windows ask every two seconds, by clocks of their own: none of them is to come too soon. */
const PACE = inSeconds(1.5);

interface Latest {
  /** It is the answer until then, by the clock that nobody sets. */
  readonly until: Millis;
  readonly outcome: TrafficReading | CommandError;
}

export class TrafficReadings {
  readonly #app: Pick<Readable, 'engine'>;
  readonly #clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly #joined = new Joined<GatewayId, TrafficReading>();
  readonly #latest = new Map<GatewayId, Latest>();

  constructor(app: Pick<Readable, 'engine'>, clock: Pick<Clock, 'now' | 'monotonic'>) {
    this.#app = app;
    this.#clock = clock;
  }

  /** Asked again too soon, or where the budget is used up, the latest is given again.
   * @throws CommandError, or the signal's reason */
  async read(id: GatewayId, signal: AbortSignal): Promise<TrafficReading> {
    const engine = this.#app.engine.at(id);
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
    // A router that fails slowly is given time to recover.
    const since = outcome instanceof CommandError ? this.#clock.monotonic() : begun;
    const latest = { until: millis(since + PACE), outcome };
    this.#latest.set(gateway.id, latest);
    return told(latest);
  }

  async #ask(engine: Engine, gateway: GatewayView, signal: AbortSignal): Promise<TrafficReading | CommandError> {
    try {
      const { received, sent } = await engine.onDemand.readTraffic(gateway.id, signal);
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
