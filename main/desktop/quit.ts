/** Quitting the app: open ports are closed or kept, as the person chose; never for longer than a limit. */
import { inSeconds, millis, type Millis } from '../contract/units.ts';
import type { Clock, Log } from '../system/system.ts';

export interface QuitParts {
  readonly clock: Clock;
  readonly log: Log;
  /** Closes or keeps, and gives the data folder free; `limit` is for the routers. */
  readonly leave: (limit: Millis) => Promise<void>;
  /** All is done: Electron may end. */
  readonly end: () => void;
  /** Unfinished work is left: the journal knows it at the next start. */
  readonly endNow: () => void;
  /** It takes its time. */
  readonly showProgress: () => void;
  /** Does the system wait for us at the end of a session? macOS takes a wait for a no, and goes on with the session. */
  readonly sessionWaits: boolean;
}

/** A router that is slow to answer does not keep the app from ending (X35). */
const CLOSING: Millis = inSeconds(15);
/** Windows gives about five seconds at the end of a session, other systems not much more. */
const CLOSING_IN_HURRY: Millis = inSeconds(3);
/** Beyond the routers: disks, and whoever is a guest. */
const GRACE: Millis = inSeconds(3);
/** An installer is started, or cannot be. */
const FINISHING: Millis = inSeconds(30);
const PROGRESS_AFTER: Millis = inSeconds(1);
/** One Ctrl-C often arrives twice: from the terminal and from whoever started us. */
const SAME_REQUEST: Millis = millis(1000);

export class Quit {
  readonly #parts: QuitParts;
  #state: 'running' | 'leaving' | 'done' = 'running';
  #since: Millis | undefined;
  #finish: () => void;
  #isSessionEnding = false;

  constructor(parts: QuitParts) {
    this.#parts = parts;
    this.#finish = parts.end;
  }

  /** Nothing keeps Electron from ending any more. */
  get isDone(): boolean {
    return this.#state === 'done' || (this.#isSessionEnding && !this.#parts.sessionWaits);
  }

  /** The first request begins the end, a second one ends at once. */
  request(): void {
    const now = this.#parts.clock.monotonic();
    if (this.#state === 'running') this.#begin(CLOSING);
    else if (this.#state === 'leaving' && now - (this.#since ?? now) > SAME_REQUEST) this.now();
  }

  /** The computer ends the session. What is asked for has left by the time that it ends us. */
  hurry(): void {
    this.#isSessionEnding = true;
    if (this.#state === 'running') this.#begin(CLOSING_IN_HURRY);
  }

  /** At the end, installs an update instead of only quitting; the update quits the app automatically, or else we do. */
  requestThen(finish: () => void): void {
    const { clock, end } = this.#parts;
    this.#finish = () => {
      finish();
      clock.sleep(FINISHING, new AbortController().signal).then(end, end);
    };
    // No second request: a quit under way already does this in the end.
    if (this.#state === 'running') this.request();
  }

  /** Without waiting. */
  now(): void {
    if (this.#state === 'done') return;
    this.#state = 'done';
    this.#parts.log.write('warn', 'quit before everything was closed');
    this.#parts.endNow();
  }

  #begin(limit: Millis): void {
    this.#state = 'leaving';
    this.#since = this.#parts.clock.monotonic();
    this.#leave(limit).catch((error: unknown) => {
      this.#parts.log.write('error', 'quitting failed', { error: String(error) });
      this.now();
    });
  }

  async #leave(limit: Millis): Promise<void> {
    const { clock, leave, showProgress } = this.#parts;
    const done = new AbortController();
    const wait = async (duration: Millis, then: () => void): Promise<void> => {
      try {
        await clock.sleep(duration, done.signal);
      } catch {
        return;
      }
      then();
    };
    void wait(PROGRESS_AFTER, showProgress);
    void wait(millis(limit + GRACE), () => this.now());
    try {
      await leave(limit);
    } finally {
      done.abort();
    }
    if (this.#state === 'done') return;
    this.#state = 'done';
    this.#finish();
  }
}
