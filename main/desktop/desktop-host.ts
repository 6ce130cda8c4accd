/** What the program around the engine can do, and what it adds to each snapshot. */
import { shell } from 'electron';
import type { Problem } from '../contract/problems.ts';
import { CommandError } from '../engine/command-error.ts';
import type { Host } from '../engine/program/host.ts';
import type { Log } from '../system/system.ts';
import type { DesktopParts } from './desktop-parts.ts';
import type { Surroundings } from '../connect/resident.ts';
import type { Updates } from './updates/updates.ts';

export function desktopHost(
  host: DesktopParts['host'],
  { updates, quit, log }: { readonly updates: Updates | undefined; readonly quit: () => void; readonly log: Log },
): Host {
  return {
    ...host,
    kind: 'desktop',
    quit,
    showDataFolder: async () => {
      const fault = await shell.openPath(host.dataFolder);
      if (fault === '') return;
      log.write('warn', 'the data folder cannot be shown', { fault });
      throw new CommandError('not-here', '', { code: 'no-desktop', parameters: { folder: host.dataFolder } });
    },
    ...(updates === undefined ? {} : { updates }),
  };
}

/** Of an engine in another process the host is another one; the person looks at this one. */
export class Around {
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
