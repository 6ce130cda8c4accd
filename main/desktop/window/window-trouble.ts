/** A page that breaks, hangs or cannot be loaded: shown again, within bounds; then the person is asked. */
import type { BrowserWindow } from 'electron';
import type { Language } from '../../contract/words/catalogues.ts';
import { inMinutes, type Millis } from '../../contract/units.ts';
import type { Clock, Log } from '../../system/system.ts';
import type { Ask } from '../dialogs.ts';
import { desktopWords } from '../words.ts';

export interface TroubleParts {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly log: Log;
  readonly ask: Ask;
  readonly language: () => Language;
  /** Can a hidden window be brought back? */
  readonly hasTray: () => boolean;
  readonly quit: () => void;
  /** The end of the app, which takes back open questions. */
  readonly signal: AbortSignal;
}

/** Chromium's ERR_ABORTED: a load that something newer has taken the place of. */
const ABORTED = -3;

export class WindowTrouble {
  readonly #parts: TroubleParts;
  readonly #breakdowns: Breakdowns;
  #isBroken = false;

  constructor(parts: TroubleParts) {
    this.#parts = parts;
    this.#breakdowns = new Breakdowns(parts.clock);
  }

  /** A hidden window is not fixed before somebody wants to see it: see {@link fix}. */
  watch(window: BrowserWindow): void {
    const { webContents: contents } = window;
    contents.on('render-process-gone', (_event, { reason, exitCode }) => {
      if (reason === 'clean-exit') return;
      this.#parts.log.write('error', 'window renderer exited', { reason, exitCode });
      this.#broke(window);
    });
    contents.on('did-fail-load', (_event, code, description, url, isMainFrame) => {
      if (!isMainFrame || code === ABORTED) return;
      this.#parts.log.write('error', 'window failed to load', { code, description, url });
      this.#broke(window);
    });
    let answering = new AbortController();
    window.on('unresponsive', () => {
      answering = new AbortController();
      this.#askWhetherToWait(window, answering.signal).catch((error: unknown) => this.#log(error));
    });
    window.on('responsive', () => answering.abort());
    window.once('closed', () => answering.abort());
  }

  /** Before it is shown. */
  fix(window: BrowserWindow): void {
    if (!this.#isBroken) return;
    this.#isBroken = false;
    window.webContents.reload();
  }

  #broke(window: BrowserWindow): void {
    this.#isBroken = true;
    if (window.isDestroyed() || !window.isVisible()) return;
    if (this.#breakdowns.mayRecover()) this.fix(window);
    else this.#askWhetherToTry(window).catch((error: unknown) => this.#log(error));
  }

  async #askWhetherToTry(window: BrowserWindow): Promise<void> {
    const { ask, hasTray, language, quit, signal } = this.#parts;
    const { message, detail, withoutTray, again, leave, end } = desktopWords[language()].windowBroke;
    const comesBack = hasTray();
    window.hide();
    // Without a tray nobody could see it any more, or end it.
    const question = {
      message,
      detail: comesBack ? detail : withoutTray,
      choices: [{ is: 'again', label: again }, comesBack ? { is: 'leave', label: leave } : { is: 'quit', label: end }],
    } as const;
    const answer = await ask(question, signal);
    this.#breakdowns.forget();
    if (signal.aborted) return;
    if (answer === 'quit') quit();
    if (answer !== 'again' || window.isDestroyed()) return;
    this.fix(window);
    window.show();
  }

  async #askWhetherToWait(window: BrowserWindow, signal: AbortSignal): Promise<void> {
    const { message, detail, wait, reload } = desktopWords[this.#parts.language()].windowHangs;
    // The last is what closing the question means.
    const question = {
      message,
      detail,
      choices: [
        { is: 'reload', label: reload },
        { is: 'wait', label: wait },
      ],
    } as const;
    const answer = await this.#parts.ask(question, signal);
    if (answer !== 'reload' || signal.aborted || window.isDestroyed()) return;
    // Its process is stuck: it is ended, and what has ended is shown again.
    window.webContents.forcefullyCrashRenderer();
  }

  #log(error: unknown): void {
    this.#parts.log.write('error', 'window dialog failed', { error: String(error) });
  }
}

/** A window that breaks is shown again, but not forever. */
const MOST = 3;
const WITHIN: Millis = inMinutes(1);

class Breakdowns {
  readonly #clock: Pick<Clock, 'monotonic'>;
  #moments: readonly Millis[] = [];

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** One more. `false`: there were too many in a short time, the person is to be asked. */
  mayRecover(): boolean {
    const now = this.#clock.monotonic();
    this.#moments = [...this.#moments.filter((moment) => now - moment < WITHIN), now];
    return this.#moments.length < MOST;
  }

  /** The person wants to try again. */
  forget(): void {
    this.#moments = [];
  }
}
