/** What the composition root gives to the application. */
import type { Problem } from '../contract/problems.ts';
import type { Host } from '../engine/program/host.ts';
import type { Clock, Log } from '../system/system.ts';
import type { DesktopState } from './desktop-state.ts';
import type { LoginItem } from './login/login-item.ts';
import type { Resident } from '../connect/resident.ts';
import type { StartOptions } from './login/start-options.ts';
import type { WatchPanel } from './tray/tray-presence.ts';
import type { Updates } from './updates/updates.ts';

export interface DesktopParts {
  readonly platform: NodeJS.Platform;
  /** `$XDG_CURRENT_DESKTOP` */
  readonly desktop?: string | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly host: Omit<Host, 'kind' | 'quit' | 'showDataFolder' | 'updates'>;
  /**
   * An engine, ours or another process's.
   * @param note gets what was met on the way that the person is to know
   * @throws StorageError, or the signal's reason
   */
  readonly meet: (host: Host, note: (problem: Problem) => void, signal: AbortSignal) => Promise<Resident>;
  readonly state: DesktopState;
  readonly start: StartOptions;
  /** Or why there cannot be one. */
  readonly loginItem: LoginItem | 'not-installed';
  readonly watchPanel: WatchPanel;
  /** @param quitThen ends the app, and then does what it is given; absent where nothing can be updated */
  readonly updates: ((quitThen: (finish: () => void) => void) => Updates) | undefined;
  /** The project's own pages, that links may lead to. */
  readonly pages: readonly string[];
  readonly places: {
    /** Built preload script. */
    readonly preload: string;
    /** Folder of the built page. */
    readonly page: string;
    /** Folder of the tray's images. */
    readonly images: string;
    readonly icon: string | undefined;
  };
}
