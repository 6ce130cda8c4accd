/** Commands about Portkeeper as a program, and the computer that it runs on. */
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
      if (showDataFolder === undefined) throw notHere(`There is no desktop here to show it on. It is ${dataFolder}`);
      await showDataFolder();
      return {};
    },
    'app.check-for-updates': async () => {
      await updatesOf(app).check();
      return {};
    },
    'app.install-update': async () => {
      const updates = updatesOf(app);
      if (updates.state.at !== 'ready') throw notHere('No newer version has been fetched yet. Look for one first.');
      updates.install();
      return {};
    },
    'app.quit': async () => {
      const { quit } = hostOf(app);
      if (quit === undefined) throw notHere('Portkeeper runs as a service here. End it where it was started.');
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
  throw notHere('Portkeeper is not running. Start the app, or: portkeeper serve');
}

/** @throws CommandError */
function updatesOf(app: App): UpdateHost {
  const { updates } = hostOf(app);
  if (updates !== undefined) return updates;
  throw notHere('This Portkeeper does not update itself: whatever installed it does.');
}

function notHere(message: string): CommandError {
  return new CommandError('not-here', '', message);
}
