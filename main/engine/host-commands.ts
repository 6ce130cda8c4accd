/** Commands about Portkeeper as a program, and the computer that it runs on. */
import type { CommandReason } from '../contract/fault-reasons.ts';
import type { App } from './app.ts';
import { CommandError, notYet } from './command-error.ts';
import type { CommandsAbout } from './commands.ts';
import { describe } from './describe.ts';
import type { Host, UpdateHost } from './host.ts';

export function hostCommands(app: App): CommandsAbout<'app' | 'demo'> {
  return {
    'app.describe': async (_nothing, signal) => await describe(hostOf(app), app.system.routes, signal),
    'app.report': notYet,
    'app.reset': notYet,
    'app.show-data-folder': async () => {
      const { showDataFolder, dataFolder } = hostOf(app);
      if (showDataFolder === undefined) {
        throw notHere({ code: 'no-desktop', parameters: { folder: dataFolder } });
      }
      await showDataFolder();
      return {};
    },
    'app.check-for-updates': async () => {
      await updatesOf(app).check();
      return {};
    },
    'app.install-update': async () => {
      const updates = updatesOf(app);
      if (updates.state.at !== 'ready') throw notHere({ code: 'nothing-fetched', parameters: {} });
      updates.install();
      return {};
    },
    'app.quit': async () => {
      const { quit } = hostOf(app);
      if (quit === undefined) throw notHere({ code: 'is-service', parameters: {} });
      quit();
      return {};
    },
    'demo.switch': async ({ on }) => {
      await app.switchDemo(on);
      return {};
    },
  };
}

/** @throws CommandError */
function hostOf({ host }: App): Host {
  if (host !== undefined) return host;
  throw notHere({ code: 'not-running', parameters: {} });
}

/** @throws CommandError */
function updatesOf(app: App): UpdateHost {
  const { updates } = hostOf(app);
  if (updates !== undefined) return updates;
  throw notHere({ code: 'no-self-update', parameters: {} });
}

function notHere(reason: CommandReason): CommandError {
  return new CommandError('not-here', '', reason);
}
