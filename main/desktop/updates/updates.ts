/** Newer versions, by electron-updater: looked for at the start and once a day, unless the person does not want that. */
import type { UpdateView } from '../../contract/commands.ts';
import { inHours, type Millis } from '../../contract/units.ts';
import type { UpdateHost } from '../../engine/program/host.ts';
import { Computed } from '../../contract/watch.ts';
import type { Clock, Log } from '../../system/system.ts';

/** The used part of electron-updater's `autoUpdater`. */
export interface Updater {
  autoDownload: boolean;
  autoInstallOnAppQuit: boolean;
  on(event: 'update-available' | 'update-downloaded', listener: (info: { readonly version: string }) => void): unknown;
  on(event: 'update-not-available', listener: () => void): unknown;
  on(event: 'download-progress', listener: (progress: { readonly percent: number }) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  checkForUpdates(): Promise<unknown>;
  quitAndInstall(isSilent: boolean, isForceRunAfter: boolean): void;
}

export interface UpdatesParts {
  /** Not before it is needed: the app starts sooner. */
  readonly load: () => Promise<Updater>;
  /** Where the package manager, or the person, installs new versions: they are only reported. */
  readonly byHand: boolean;
  /** Where a version can be fetched by hand. */
  readonly releasePage: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends the app, and then does this. */
  readonly quitThen: (finish: () => void) => void;
}

const BETWEEN: Millis = inHours(24);
const LONGEST_FAULT = 200;

export class Updates implements UpdateHost {
  readonly #parts: UpdatesParts;
  readonly #states = new Computed(() => this.#state);
  #state: UpdateView = { at: 'off' };
  #updater: Promise<Updater> | undefined;
  #version: string | undefined;
  #daily: AbortController | undefined;

  constructor(parts: UpdatesParts) {
    this.#parts = parts;
  }

  get state(): UpdateView {
    return this.#state;
  }

  watch(listener: (state: UpdateView) => void): () => void {
    return this.#states.watch(listener);
  }

  /** As the setting is now. */
  want(isWanted: boolean): void {
    if (isWanted === (this.#daily !== undefined)) return;
    this.#daily?.abort();
    this.#daily = undefined;
    if (isWanted) {
      this.#daily = new AbortController();
      this.#becomeUnlessFound({ at: 'none' });
      this.#checkDaily(this.#daily.signal).catch(() => undefined);
    } else this.#becomeUnlessFound({ at: 'off' });
  }

  async check(): Promise<void> {
    const { at } = this.#state;
    if (at === 'checking' || at === 'fetching' || at === 'ready') return;
    this.#version = undefined;
    this.#become({ at: 'checking' });
    try {
      const updater = await this.#load();
      // It says nothing at all where it is not active.
      if ((await updater.checkForUpdates()) === null) this.#become({ at: 'unsupported' });
    } catch (error) {
      this.#failed(error);
    }
  }

  install(): void {
    if (this.#state.at !== 'ready') return;
    this.#parts.quitThen(() => {
      this.#load().then(
        // Silent, and started again: only Windows has something to show.
        (updater) => updater.quitAndInstall(true, true),
        (error: unknown) => this.#failed(error),
      );
    });
  }

  async #checkDaily(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.check();
      await this.#parts.clock.sleep(BETWEEN, signal);
    }
  }

  async #load(): Promise<Updater> {
    const loading = (this.#updater ??= this.#parts.load().then((updater) => this.#listenTo(updater)));
    try {
      return await loading;
    } catch (error) {
      // The next caller tries again.
      if (this.#updater === loading) this.#updater = undefined;
      throw error;
    }
  }

  #listenTo(updater: Updater): Updater {
    const { byHand, releasePage } = this.#parts;
    updater.autoDownload = !byHand;
    updater.autoInstallOnAppQuit = !byHand;
    updater.on('update-not-available', () => this.#become({ at: 'none' }));
    updater.on('update-available', ({ version }) => {
      this.#version = version;
      this.#become(byHand ? { at: 'available', version, url: releasePage } : { at: 'fetching', version, share: 0 });
    });
    updater.on('download-progress', ({ percent }) => {
      const version = this.#version ?? '';
      // Whole percents: each is a snapshot for all watchers.
      const share = Math.min(1, Math.max(0, Math.floor(percent) / 100));
      const { state } = this;
      if (state.at !== 'fetching' || state.share !== share) this.#become({ at: 'fetching', version, share });
    });
    updater.on('update-downloaded', ({ version }) => this.#become({ at: 'ready', version }));
    // Every failure is reported here and by the promise of the caller.
    updater.on('error', (error) => this.#failed(error));
    return updater;
  }

  /** A version that cannot be installed automatically (unsigned on macOS) is to be downloaded by hand. */
  #failed(error: unknown): void {
    const fault =
      (error instanceof Error ? error.message : String(error)).split('\n')[0]?.slice(0, LONGEST_FAULT) ?? '';
    this.#parts.log.write('warn', 'update check failed', { fault });
    const version = this.#version;
    this.#become(
      version === undefined ? { at: 'failed', fault } : { at: 'available', version, url: this.#parts.releasePage },
    );
  }

  #becomeUnlessFound(state: UpdateView): void {
    const { at } = this.#state;
    if (at === 'off' || at === 'none' || at === 'failed') this.#become(state);
  }

  #become(state: UpdateView): void {
    this.#state = state;
    this.#states.changed();
  }
}
