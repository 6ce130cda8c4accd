/** Notes what happens, as it shows in how things stand. */
import type { ActivityEntry } from '../../contract/activity.ts';
import { after, elapsed, inMinutes, inSeconds, millis, type EpochMs, type Millis } from '../../contract/units.ts';
import { LONGEST_SLEEP } from '../../core/plan.ts';
import type { Clock, Log, RecordLog } from '../../system/system.ts';
import { newFacts, NOTHING_REPORTED, withFormerAddresses, type ReportedState } from './activity-facts.ts';
import { isAnyOpen, openNow, renewalFacts } from './activity-forward-facts.ts';
import { ActivityRecord, type RecordedFact } from './activity-record.ts';
import type { NewFact, ObservedSnapshot } from './activity-seen.ts';

interface ActivityOptions {
  /** In memory only when absent. */
  readonly records: RecordLog | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** How things stand now. */
  readonly seen: () => ObservedSnapshot;
  /** Called when {@link Activity.latest} is another, but for what {@link Activity.observe} noted. */
  readonly changed: () => void;
}

/** So much is unknown after a crash, at the most, while something is held open. */
const SIGN_OF_LIFE = inMinutes(5);
/** A shorter sleep is not worth a word. */
const NAP = inMinutes(2);
/** No engine is silent for longer. */
const LONGEST_SILENCE = millis(LONGEST_SLEEP + inMinutes(5));
/** Clocks are nudged all the time. */
const NUDGE = inSeconds(5);

interface ActivityMoment {
  readonly wall: EpochMs;
  readonly monotonic: Millis;
  readonly engine: EpochMs;
}

export class Activity {
  readonly #options: ActivityOptions;
  readonly #record: ActivityRecord;
  #told: ReportedState = NOTHING_REPORTED;
  /** While Portkeeper holds what is wanted. */
  #isNoting = false;
  /** A simulated router has taken the place of the real ones. */
  #hasGivenWay = false;
  #last: ActivityMoment;
  /** The latest time that an engine reported, and when that was by the monotonic clock. */
  #engineTold: { readonly at: EpochMs; readonly monotonic: Millis };
  #lastNoted: EpochMs;
  #wasWoken = false;
  #next: { readonly at: EpochMs; readonly end: AbortController } | undefined;

  constructor(options: ActivityOptions) {
    this.#options = options;
    const { records, log, clock, changed } = options;
    this.#record = new ActivityRecord({
      records,
      log,
      loaded: (entries) => {
        this.#told = withFormerAddresses(this.#told, entries);
        if (this.latest > 0) changed();
      },
    });
    const wall = clock.now();
    const monotonic = clock.monotonic();
    this.#last = { wall, monotonic, engine: wall };
    this.#engineTold = { at: wall, monotonic };
    this.#lastNoted = wall;
  }

  /** See `AppSnapshot.activity`. */
  get latest(): number {
    return this.#record.latest;
  }

  /** Portkeeper begins to hold what is wanted. */
  begin(): void {
    this.#isNoting = true;
    this.#last = this.#now();
    this.#note([{ at: this.#last.wall, fact: this.#hasGivenWay ? { is: 'demo', on: false } : { is: 'started' } }]);
    this.#hasGivenWay = false;
    this.observe();
  }

  /** Events from now on, with a simulated router, are not noted here, until {@link begin}. */
  giveWay(): void {
    if (!this.#isNoting) return;
    this.#last = this.#now();
    this.#note([{ at: this.#last.wall, fact: { is: 'demo', on: true } }]);
    this.stop();
    this.#hasGivenWay = true;
  }

  /** To be called whenever things may stand otherwise than before. Nothing waits. */
  observe(): void {
    if (!this.#isNoting) return;
    const before = this.#last;
    const now = this.#now();
    this.#last = now;
    const byClock = this.#clockFacts(before, now);
    const { told, facts, lookAt } = newFacts(this.#told, this.#options.seen(), now.engine);
    this.#told = told;
    this.#note([...byClock, ...dated(facts, now)]);
    if (elapsed(this.#lastNoted, now.wall) >= SIGN_OF_LIFE) this.#note([{ at: now.wall, fact: { is: 'running' } }]);
    this.#lookAgain(lookAt);
  }

  /** The system says that it was asleep. */
  woke(): void {
    this.#wasWoken = true;
  }

  /** Portkeeper ends tidily; what happens from now on is not noted. */
  end(): void {
    if (!this.#isNoting) return;
    this.observe();
    const { forwards } = this.#told;
    this.#note([
      ...dated(renewalFacts(forwards), this.#last),
      { at: this.#last.wall, fact: { is: 'ended', left: isAnyOpen(forwards) ? 'open' : 'closed' } },
    ]);
    this.stop();
  }

  /** Events from now on are not noted. */
  stop(): void {
    this.#isNoting = false;
    this.#told = NOTHING_REPORTED;
    this.#lookAgain(undefined);
  }

  /** Later than the entry with this number, in order; and the number of the oldest there is. */
  async after(id: number): Promise<{ readonly entries: readonly ActivityEntry[]; readonly oldest: number }> {
    return await this.#record.after(id);
  }

  /** @throws StorageError; all is then as before */
  async clear(): Promise<void> {
    await this.#record.clear(this.#options.clock.now(), openNow(this.#told.forwards));
    this.#options.changed();
  }

  /** Resolves when all that was noted is durable, or cannot be written. */
  async stored(): Promise<void> {
    await this.#record.stored();
  }

  /** The record was taken away. Resolves as {@link stored} does. */
  async storeAgain(): Promise<void> {
    await this.#record.storeAgain();
  }

  #note(happenings: readonly RecordedFact[]): void {
    if (happenings.length === 0) return;
    this.#lastNoted = this.#last.wall;
    this.#record.add(happenings);
  }

  /** Engine time goes on between its turns. */
  #now(): ActivityMoment {
    const { clock, seen } = this.#options;
    const { at } = seen().engine;
    const monotonic = clock.monotonic();
    if (this.#engineTold.at !== at) this.#engineTold = { at, monotonic };
    const engine = after(at, millis(monotonic - this.#engineTold.monotonic));
    return { wall: clock.now(), monotonic, engine };
  }

  /** Something may be certain enough then. */
  #lookAgain(at: EpochMs | undefined): void {
    if (this.#next?.at === at) return;
    this.#next?.end.abort();
    this.#next = undefined;
    if (at === undefined) return;
    const end = new AbortController();
    this.#next = { at, end };
    void this.#lookAfter(millis(Math.max(1, elapsed(this.#last.engine, at))), end.signal);
  }

  async #lookAfter(duration: Millis, signal: AbortSignal): Promise<void> {
    try {
      await this.#options.clock.sleep(duration, signal);
    } catch {
      return;
    }
    this.#next = undefined;
    const { latest } = this;
    this.observe();
    if (this.latest !== latest) this.#options.changed();
  }

  /** A wall clock that went further than the other one: asleep, or set forward, which cannot be distinguished. */
  #clockFacts(before: ActivityMoment, now: ActivityMoment): readonly RecordedFact[] {
    const at = now.wall;
    const byWall = elapsed(before.wall, at);
    const missed = byWall - (now.monotonic - before.monotonic);
    const wasWoken = this.#wasWoken;
    this.#wasWoken = false;
    if (missed + NUDGE < 0) {
      // By the clock as it is now.
      this.#lastNoted = after(this.#lastNoted, millis(missed));
      return [{ at, fact: { is: 'clock-set-back', by: millis(Math.round(-missed)) } }];
    }
    // Where the other clock goes on during sleep (Windows), the silence shows it, or the system.
    const asleep = missed <= NAP && (wasWoken || byWall > LONGEST_SILENCE) ? byWall : missed;
    return asleep <= NAP ? [] : [{ at, fact: { is: 'woke', asleep: millis(Math.round(asleep)) } }];
  }
}

/** By the wall clock: engine time may be ahead of it. */
function dated(facts: readonly NewFact[], now: ActivityMoment): readonly RecordedFact[] {
  return facts.map(({ at, fact }) => {
    const ago = Math.max(0, elapsed(at, now.engine));
    return { at: after(now.wall, millis(-Math.round(ago))), fact };
  });
}
