/** Commands about the program that a person looks at; whoever has the engine. */
import type { CommandReason } from '../../contract/fault-reasons.ts';
import { CommandError } from '../command-error.ts';
import type { Commands } from '../commands.ts';
import type { Host, UpdateHost } from './host.ts';

export type ProgramCommand = 'app.show-data-folder' | 'app.check-for-updates' | 'app.install-update' | 'app.quit';

/** @param hostOf throws CommandError where there is no such program */
export function programCommands(hostOf: () => Host): Pick<Commands, ProgramCommand> {
  return {
    'app.show-data-folder': async () => {
      const { showDataFolder, dataFolder } = hostOf();
      if (showDataFolder === undefined) {
        throw notHere({ code: 'no-desktop', parameters: { folder: dataFolder } });
      }
      await showDataFolder();
      return {};
    },
    'app.check-for-updates': async () => {
      await updatesOf(hostOf()).check();
      return {};
    },
    'app.install-update': async () => {
      const updates = updatesOf(hostOf());
      if (updates.state.at !== 'ready') throw notHere({ code: 'nothing-fetched', parameters: {} });
      updates.install();
      return {};
    },
    'app.quit': async () => {
      const { quit } = hostOf();
      if (quit === undefined) throw notHere({ code: 'is-service', parameters: {} });
      quit();
      return {};
    },
  };
}

/** @throws CommandError */
function updatesOf({ updates }: Host): UpdateHost {
  if (updates !== undefined) return updates;
  throw notHere({ code: 'no-self-update', parameters: {} });
}

export function notHere(reason: CommandReason): CommandError {
  return new CommandError('not-here', '', reason);
}
