/** Can the person reach the app by its tray? Linux desktops may have none, and have one only after a while at login. */
import type { Millis } from '../../contract/units.ts';
import { inSeconds } from '../../contract/units.ts';
import type { Clock } from '../../system/system.ts';

/**
 * Tells whether there is something that shows trays: once that is known, and at each change. Resolves when it cannot
 * change any more. @throws the signal's reason
 */
export type WatchPanel = (tell: (isThere: boolean) => void, signal: AbortSignal) => Promise<void>;

/** Windows and macOS. */
export const ALWAYS_THERE: WatchPanel = async (tell) => tell(true);

/** Panels start beside us at login, and may be restarted. */
const PATIENCE: Millis = inSeconds(30);

export interface TrayPresenceParts {
  readonly watch: WatchPanel;
  readonly clock: Clock;
  /** It is known whether there is a panel, or one has come: Electron looks for it only when a Tray is made. */
  readonly makeTray: () => void;
  /** There has been no panel for a while: nobody would know that the app runs, or how to end it. */
  readonly onUnreachable: () => void;
}

export class TrayPresence {
  readonly #parts: TrayPresenceParts;
  #isThere: boolean | undefined;
  #hasTray = false;
  #change = new AbortController();

  constructor(parts: TrayPresenceParts) {
    this.#parts = parts;
  }

  /** A panel that has just gone counts: it may be about to come back. */
  get hasTray(): boolean {
    return this.#hasTray;
  }

  /** @throws the signal's reason, or what else ended the watch */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#change.abort(), { once: true });
    try {
      await this.#parts.watch((isThere) => this.#tell(isThere), signal);
    } catch (error) {
      if (!signal.aborted && this.#isThere !== false) this.#tell(false);
      throw error;
    }
  }

  #tell(isThere: boolean): void {
    const { clock, makeTray, onUnreachable } = this.#parts;
    this.#change.abort();
    const change = (this.#change = new AbortController());
    // Where there is none, Electron finds those of older desktops by itself.
    if (isThere || this.#isThere === undefined) makeTray();
    this.#isThere = isThere;
    if (isThere) {
      this.#hasTray = true;
      return;
    }
    const giveUp = (): void => {
      this.#hasTray = false;
      onUnreachable();
    };
    clock.sleep(PATIENCE, change.signal).then(giveUp, () => undefined);
  }
}
