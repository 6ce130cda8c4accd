/** Commands about Portkeeper as a program, and the computer that it runs on. */
import { DEFAULT_SETTINGS } from '../../contract/settings.ts';
import { StorageError } from '../../system/system.ts';
import type { App } from '../app.ts';
import { notStored } from '../command-error.ts';
import type { CommandsAbout } from '../commands.ts';
import { describe } from './describe.ts';
import { faultReport } from './fault-report.ts';
import type { Host } from './host.ts';
import { notHere, programCommands } from './program-commands.ts';

export function hostCommands(app: App): CommandsAbout<'app' | 'demo'> {
  return {
    'app.describe': async (_nothing, signal) => await describe(hostOf(app), app.system.routes, signal),
    'app.report': async (_nothing, signal) => await faultReport(app, hostOf(app), signal),
    'app.reset': async ({ what }) => {
      await reset(app, what);
      return {};
    },
    ...programCommands(() => hostOf(app)),
    'demo.switch': async ({ on }) => {
      await app.switchDemo(on);
      return {};
    },
    'demo.keep': async ({ keep, discard }) => await app.decideTried(keep, discard),
  };
}

/** @throws CommandError */
function hostOf({ host }: App): Host {
  if (host !== undefined) return host;
  throw notHere({ code: 'not-running', parameters: {} });
}

/** @throws CommandError */
async function reset(app: App, what: 'settings' | 'everything'): Promise<void> {
  if (what === 'settings') {
    // That the first steps have been seen is no setting.
    await app.profiles.editSettings(({ welcomed }) => ({ ...DEFAULT_SETTINGS, welcomed }));
    return;
  }
  await app.profiles.replace([], DEFAULT_SETTINGS);
  await app.decideTried(
    [],
    app.tried.map(({ id }) => id),
  );
  await app.closeAll();
  try {
    await app.engine.memory.clear();
    // Late: that all was closed belongs to what is forgotten.
    await app.activity.clear();
  } catch (error) {
    throw error instanceof StorageError ? notStored(error) : error;
  }
  // Last: the window goes to the first steps with it, and what could not be done must have been told before.
  await app.profiles.editSettings(() => ({ welcomed: false }));
}
