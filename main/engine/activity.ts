/** Notes what happens, as it shows in how things stand. */
import type { ActivityEntry } from '../contract/activity.ts';
import type { EpochMs, Millis } from '../contract/units.ts';
import { after, elapsed, inMinutes, inSeconds, millis } from '../contract/units.ts';
import { LONGEST_SLEEP } from '../core/plan.ts';
import type { Clock, Log, RecordLog } from '../system/system.ts';
import type { Told } from './activity-facts.ts';
import { newFacts, NOTHING_TOLD, withFormerAddresses } from './activity-facts.ts';
import { isAnyOpen, openNow, renewalFacts } from './activity-forward-facts.ts';
import type { Happening } from './activity-record.ts';
import { ActivityRecord } from './activity-record.ts';
import type { NewFact, Seen } from './activity-seen.ts';

interface ActivityOptions {
  /** In memory only when absent. */
  readonly records: RecordLog | undefined;
  readonly clock: Clock;
  readonly log: Log;
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

interface Look {
  readonly at: EpochMs;
  readonly monotonic: Millis;
}

export class Activity {
  readonly #options: ActivityOptions;
  readonly #record: ActivityRecord;
  #told: Told = NOTHING_TOLD;
  /** While Portkeeper holds what is wanted. */
  #isNoting = false;
  #lastLook: Look;
  #lastNoted: EpochMs;
  #wasWoken = false;

  constructor(options: ActivityOptions) {
    this.#options = options;
    const { records, log, clock, changed } = options;
    this.#record = new ActivityRecord({
      records,
      log,
      loaded: (entries) => {
        this.#told = withFormerAddresses(this.#told, entries);
        if (entries.length > 0 || this.latest > 0) changed();
      },
    });
    this.#lastLook = look(clock);
    this.#lastNoted = this.#lastLook.at;
  }

  /** See `AppSnapshot.activity`. */
  get latest(): number {
    return this.#record.latest;
  }

  /** Portkeeper begins to hold what is wanted. */
  begin(seen: Seen): void {
    this.#isNoting = true;
    this.#lastLook = look(this.#options.clock);
    this.#note([{ at: this.#lastLook.at, fact: { is: 'started' } }]);
    this.observe(seen);
  }

  /** To be called whenever things may stand otherwise than before. Nothing waits, and nothing fails. */
  observe(seen: Seen): void {
    if (!this.#isNoting) return;
    const { now, happenings } = this.#clockFacts();
    const { told, facts } = newFacts(this.#told, seen);
    this.#told = told;
    this.#note([...happenings, ...dated(facts, seen, now)]);
    if (elapsed(this.#lastNoted, now) >= SIGN_OF_LIFE) this.#note([{ at: now, fact: { is: 'running' } }]);
  }

  /** The system says that it was asleep. */
  woke(): void {
    this.#wasWoken = true;
  }

  /** Portkeeper ends tidily; what happens from now on is not noted. */
  end(seen: Seen): void {
    if (!this.#isNoting) return;
    this.observe(seen);
    this.#isNoting = false;
    const { at } = this.#lastLook;
    const { forwards } = this.#told;
    this.#note([
      ...dated(renewalFacts(forwards), seen, at),
      { at, fact: { is: 'ended', left: isAnyOpen(forwards) ? 'open' : 'closed' } },
    ]);
    this.#told = NOTHING_TOLD;
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

  #note(happenings: readonly Happening[]): void {
    if (happenings.length === 0) return;
    this.#lastNoted = this.#lastLook.at;
    this.#record.add(happenings);
  }

  /** A wall clock that went further than the other one: asleep, or set forward, which nobody can tell apart. */
  #clockFacts(): { readonly now: EpochMs; readonly happenings: readonly Happening[] } {
    const before = this.#lastLook;
    const now = look(this.#options.clock);
    const byWall = elapsed(before.at, now.at);
    const byMonotonic = now.monotonic - before.monotonic;
    const wasWoken = this.#wasWoken;
    this.#lastLook = now;
    this.#wasWoken = false;
    const { at } = now;
    if (byMonotonic - byWall > NUDGE) {
      // By the clock as it is now.
      this.#lastNoted = after(this.#lastNoted, millis(byWall - byMonotonic));
      const by = millis(Math.round(byMonotonic - byWall));
      return { now: at, happenings: [{ at, fact: { is: 'clock-set-back', by } }] };
    }
    // Where the other clock goes on in a sleep (Windows), the silence tells, or the system.
    const missed = byWall - byMonotonic;
    const silence = missed <= NAP && (wasWoken || byWall > LONGEST_SILENCE) ? byWall : missed;
    if (silence <= NAP) return { now: at, happenings: [] };
    return { now: at, happenings: [{ at, fact: { is: 'woke', asleep: millis(Math.round(silence)) } }] };
  }
}

const look = (clock: Clock): Look => ({ at: clock.now(), monotonic: clock.monotonic() });

/** By the wall clock: engine time may be ahead of it. */
function dated(facts: readonly NewFact[], { engine }: Seen, now: EpochMs): readonly Happening[] {
  return facts.map(({ at, fact }) => ({
    at: after(now, millis(Math.round(Math.min(0, elapsed(engine.at, at))))),
    fact,
  }));
}
