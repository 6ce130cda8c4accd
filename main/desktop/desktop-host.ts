/** Abilities of the program around the engine, and its additions to each snapshot. */
import { shell } from 'electron';
import type { Resident, Surroundings } from '../connect/resident.ts';
import type { Problem } from '../contract/problems.ts';
import { CommandError } from '../engine/command-error.ts';
import type { Host } from '../engine/program/host.ts';
import type { Clock, Log } from '../system/system.ts';
import type { DesktopState } from './desktop-state.ts';
import type { LoginItem } from './login/login-item.ts';
import type { StartOptions } from './installation.ts';
import type { WatchPanel } from './tray/tray-presence.ts';
import type { Updates } from './updates/updates.ts';

export function desktopHost(
  host: DesktopParts['host'],
  { updates, log }: { readonly updates: Updates | undefined; readonly log: Log },
): Host {
  return {
    ...host,
    kind: 'desktop',
    showDataFolder: async () => {
      const fault = await shell.openPath(host.dataFolder);
      if (fault === '') return;
      log.write('warn', 'could not show the data folder', { fault });
      throw new CommandError('not-here', '', { code: 'no-desktop', parameters: { folder: host.dataFolder } });
    },
    ...(updates === undefined ? {} : { updates }),
  };
}

/** An engine in another process has its own host; the person looks at this one. */
export class DesktopSurroundings {
  readonly #updates: Updates | undefined;
  readonly #tell: (surroundings: Surroundings) => void;
  readonly #noted: Problem[] = [];
  #loginItem: Problem | undefined;

  constructor(updates: Updates | undefined, tell: (surroundings: Surroundings) => void) {
    this.#updates = updates;
    this.#tell = tell;
  }

  /** Stays until the app ends. */
  readonly note = (problem: Problem): void => {
    this.#noted.push(problem);
    this.changed();
  };

  /** `undefined`: it is as it should be. */
  readonly setLoginItem = (problem: Problem | undefined): void => {
    this.#loginItem = problem;
    this.changed();
  };

  readonly changed = (): void => {
    this.#tell({
      host: { kind: 'desktop', hasDemo: true, update: this.#updates?.state ?? { at: 'unsupported' } },
      problems: [...this.#noted, ...(this.#loginItem === undefined ? [] : [this.#loginItem])],
    });
  };
}

export interface DesktopParts {
  readonly platform: NodeJS.Platform;
  /** `$XDG_CURRENT_DESKTOP` */
  readonly desktop?: string | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly host: Omit<Host, 'kind' | 'showDataFolder' | 'updates'>;
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
  /** Does what shows notifications take their bodies for markup? Absent where none does. */
  readonly drawsMarkup?: (() => Promise<boolean>) | undefined;
  /** @param quitThen ends the app, and then does what it is given; absent where nothing can be updated */
  readonly updates: ((quitThen: (finish: () => void) => void) => Updates) | undefined;
  /** The project's own pages, as targets of links. */
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
