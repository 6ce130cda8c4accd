/** Profiles that are on only for a time, or open only while something is so: looks whether it is. */
import type { ConditionView } from '../../contract/commands.ts';
import {
  programName,
  withinHours,
  type LocalTime,
  type OpeningHours,
  type OpensWhile,
} from '../../contract/profiles/opens-while.ts';
import type { Profile, ProfileId } from '../../contract/profiles/profile.ts';
import { epochMs, inMinutes, inSeconds, millis, type EpochMs, type Millis } from '../../contract/units.ts';
import type { System, WaitingSocket } from '../../system/system.ts';
import { isListenedTo } from '../listening.ts';

/** No system reports when a socket begins to listen, so Portkeeper looks. */
const BETWEEN_LOOKS: Readonly<Record<OpensWhile['is'], Millis>> = {
  listening: inSeconds(1),
  running: inSeconds(2),
  // Clocks are set and time zones change without a word.
  hours: inMinutes(5),
  always: inMinutes(5),
};
/** A program that restarts is away for a moment. */
const PATIENCE = inSeconds(1.5);
/** One that came back soon after its ports were closed gets more time. */
const LONG_PATIENCE = inSeconds(30);
const SOON = inMinutes(1);

/** How the condition of one profile stands. */
export interface ConditionState {
  readonly isMet: boolean;
  /** On the monotonic clock: when it was first seen no longer met. */
  readonly lostAt?: Millis;
  readonly endedAt?: Millis;
  readonly patience: Millis;
}

/** Met at once, ended with patience. @param now of the monotonic clock */
export function conditionAfter(before: ConditionState | undefined, isSo: boolean, now: Millis): ConditionState {
  if (before === undefined) return { isMet: isSo, patience: PATIENCE };
  const { isMet, lostAt = now, endedAt, patience } = before;
  if (!isMet) {
    if (!isSo) return before;
    const isBackSoon = endedAt !== undefined && now - endedAt < SOON;
    return { isMet: true, patience: isBackSoon ? LONG_PATIENCE : PATIENCE };
  }
  if (isSo) return { isMet, patience };
  return now - lostAt < patience ? { isMet, lostAt, patience } : { isMet: false, endedAt: now, patience };
}

interface ConditionsOptions {
  readonly system: Pick<System, 'clock' | 'log' | 'listeners' | 'programs' | 'localTime'>;
  /** Profiles whose switches are obeyed. */
  readonly profiles: () => readonly Profile[];
  /** Its time is up. */
  readonly switchOff: (id: ProfileId) => Promise<void>;
  /** Some are met, or not met, that were not before. */
  readonly changed: () => void;
}

/** The machine's answers; absent where it does not say. */
interface Facts {
  readonly sockets?: readonly WaitingSocket[] | undefined;
  readonly programs?: ReadonlySet<string> | undefined;
}

interface Standing extends ConditionState {
  readonly of: OpensWhile;
  /** When the hours begin, or end. */
  readonly until?: EpochMs;
  readonly isUnknown: boolean;
}

type Conditional = Profile & { readonly opensWhile: OpensWhile };

export class Conditions {
  readonly #options: ConditionsOptions;
  #standing: ReadonlyMap<ProfileId, Standing> = new Map();
  #wake = new AbortController();
  /** Ends when a look that began after the latest wake-up is over. */
  #looked = Promise.withResolvers<void>();
  #isRunning = false;
  readonly #failing = new Set<keyof System>();

  constructor(options: ConditionsOptions) {
    this.#options = options;
  }

  /** Is it to be open, as far as its condition goes? */
  isMet({ id, opensWhile, onUntil }: Profile): boolean {
    if (onUntil !== undefined && onUntil <= this.#options.system.clock.now()) return false;
    return opensWhile === undefined || this.#standing.get(id)?.isMet === true;
  }

  get view(): readonly ConditionView[] {
    return [...this.#standing].map(([profile, { isMet, isUnknown, until }]) => ({
      profile,
      isMet,
      isUnknown,
      ...(until === undefined ? {} : { until }),
    }));
  }

  /** Before anything is wanted: what an earlier run opened must not be closed for want of a look. Never throws. */
  async begin(signal: AbortSignal): Promise<void> {
    if (this.#conditional.length > 0) await this.#look(signal);
  }

  /** Until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    this.#isRunning = true;
    try {
      while (!signal.aborted) {
        this.#wake = new AbortController();
        const { resolve } = this.#looked;
        this.#looked = Promise.withResolvers();
        await this.#look(signal);
        resolve();
        await this.#sleep(signal);
      }
    } finally {
      this.#isRunning = false;
      this.#looked.resolve();
    }
  }

  /** Profiles are others than before, or the machine was asleep. */
  lookNow(): void {
    this.#wake.abort();
  }

  /** Resolves when the present state has been seen. */
  async seen(): Promise<void> {
    if (!this.#isRunning || this.#conditional.length === 0) return;
    const { promise } = this.#looked;
    this.lookNow();
    await promise;
  }

  get #conditional(): readonly Conditional[] {
    return this.#options.profiles().filter(isConditional);
  }

  async #look(signal: AbortSignal): Promise<void> {
    await this.#switchOffExpired();
    const facts = await this.#facts(signal);
    if (signal.aborted) return;
    const { clock } = this.#options.system;
    const now = clock.monotonic();
    const before = this.#standing;
    this.#standing = new Map(
      this.#conditional.map((profile) => {
        const former = before.get(profile.id);
        return [profile.id, this.#stand(profile, former, facts, now)] as const;
      }),
    );
    if (isOther(before, this.#standing)) this.#options.changed();
  }

  async #switchOffExpired(): Promise<void> {
    const now = this.#options.system.clock.now();
    for (const { id, on, onUntil } of this.#options.profiles()) {
      if (on && onUntil !== undefined && onUntil <= now) await this.#options.switchOff(id);
    }
  }

  #stand(profile: Conditional, before: Standing | undefined, facts: Facts, now: Millis): Standing {
    const { opensWhile } = profile;
    const former = before?.of === opensWhile ? before : undefined;
    if (opensWhile.is === 'hours') {
      const { isMet, until } = this.#hours(opensWhile);
      return { of: opensWhile, isMet, isUnknown: false, patience: PATIENCE, ...(until === undefined ? {} : { until }) };
    }
    const isSo = conditionHolds(profile, facts);
    // Open ports stay open, others do not open.
    if (isSo === undefined) return { isMet: false, patience: PATIENCE, ...former, of: opensWhile, isUnknown: true };
    return { ...conditionAfter(former, isSo, now), of: opensWhile, isUnknown: false };
  }

  #hours(hours: OpeningHours): { readonly isMet: boolean; readonly until?: EpochMs } {
    const { clock, localTime = utc } = this.#options.system;
    const now = clock.now();
    const { isWithin, changesIn } = withinHours(hours, localTime(now));
    if (changesIn === undefined) return { isMet: isWithin };
    const minute = inMinutes(1);
    return { isMet: isWithin, until: epochMs((Math.floor(now / minute) + changesIn) * minute) };
  }

  async #facts(signal: AbortSignal): Promise<Facts> {
    const { listeners, programs } = this.#options.system;
    const kinds = new Set(this.#conditional.map(({ opensWhile }) => opensWhile.is));
    return {
      sockets: kinds.has('listening') ? await this.#asked('listeners', listeners, signal) : undefined,
      programs: kinds.has('running') ? await this.#asked('programs', programs, signal) : undefined,
    };
  }

  /** A failure is logged once, until it is over. */
  async #asked<Value>(
    what: keyof System,
    ask: ((signal: AbortSignal) => Promise<Value>) | undefined,
    signal: AbortSignal,
  ): Promise<Value | undefined> {
    try {
      const value = await ask?.(signal);
      this.#failing.delete(what);
      return value;
    } catch (error) {
      if (!this.#failing.has(what) && !signal.aborted) {
        const { log } = this.#options.system;
        log.write('warn', 'the system does not say what runs', { what, error: String(error) });
      }
      this.#failing.add(what);
      return undefined;
    }
  }

  async #sleep(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options.system;
    const woken = AbortSignal.any([signal, this.#wake.signal]);
    const wait = this.#untilNextLook();
    // Without anything to look at it is woken only.
    await clock.sleep(wait ?? inMinutes(24 * 60), woken).catch(() => undefined);
  }

  #untilNextLook(): Millis | undefined {
    const { clock } = this.#options.system;
    const waits = this.#options.profiles().flatMap((profile) => {
      const { on, onUntil, opensWhile, id } = profile;
      if (!on) return [];
      const standing = this.#standing.get(id);
      const moments = [onUntil, standing?.until].flatMap((moment) => moment ?? []);
      const waitsOwn = moments.map((moment) => moment - clock.now());
      if (standing?.lostAt !== undefined) waitsOwn.push(standing.lostAt + standing.patience - clock.monotonic());
      return opensWhile === undefined && onUntil === undefined
        ? []
        : [BETWEEN_LOOKS[opensWhile?.is ?? 'always'], ...waitsOwn];
    });
    return waits.length === 0 ? undefined : millis(Math.max(Math.min(...waits), 1));
  }
}

const isConditional = (profile: Profile): profile is Conditional => profile.on && profile.opensWhile !== undefined;

/** `undefined`: the system does not say. */
function conditionHolds({ opensWhile, forwards }: Conditional, { sockets, programs }: Facts): boolean | undefined {
  if (opensWhile.is === 'running') return programs?.has(programName(opensWhile.program));
  if (sockets === undefined) return undefined;
  return forwards.some(({ transports, internal, external }) => {
    if (internal.client !== undefined) return false;
    const range = { first: internal.first, last: internal.first + external.last - external.first };
    return transports.some((transport) => isListenedTo(sockets, transport, range));
  });
}

function isOther(before: ReadonlyMap<ProfileId, Standing>, now: ReadonlyMap<ProfileId, Standing>): boolean {
  if (before.size !== now.size) return true;
  return [...now].some(([id, { isMet, isUnknown, until }]) => {
    const former = before.get(id);
    return former?.isMet !== isMet || former.isUnknown !== isUnknown || former.until !== until;
  });
}

function utc(at: EpochMs): LocalTime {
  const minutes = Math.floor(at / inMinutes(1));
  // The epoch began on a Thursday.
  return { day: (Math.floor(minutes / 1440) + 3) % 7, minute: minutes % 1440 };
}
