/** Commands about Portkeeper as a program, and the computer that it runs on. */
import type { CommandReason } from '../../contract/fault-reasons.ts';
import type { Transport } from '../../contract/model.ts';
import { DEFAULT_SETTINGS } from '../../contract/settings.ts';
import type { Port } from '../../contract/units.ts';
import { isListenedTo } from '../listening.ts';
import type { System } from '../../system/system.ts';
import type { App } from '../app.ts';
import { CommandError, orNotStored, type Commands, type CommandsAbout } from '../command-error.ts';
import { describe, faultReport } from './fault-report.ts';
import type { Host, UpdateHost } from './host.ts';

export type ProgramCommand = 'app.show-data-folder' | 'app.check-for-updates' | 'app.install-update';

/** About the program that a person looks at, whoever has the engine.
 * @param hostOf throws CommandError where there is no such program */
export function programCommands(hostOf: () => Host): Pick<Commands, ProgramCommand> {
  return {
    'app.show-data-folder': async () => {
      const { showDataFolder, dataFolder } = hostOf();
      if (showDataFolder === undefined) throw notHere({ code: 'no-desktop', parameters: { folder: dataFolder } });
      await showDataFolder();
    },
    'app.check-for-updates': () => updatesOf(hostOf()).check(),
    'app.install-update': async () => {
      const updates = updatesOf(hostOf());
      if (updates.state.at !== 'ready') throw notHere({ code: 'nothing-fetched', parameters: {} });
      updates.install();
    },
  };
}

/** @throws CommandError */
function updatesOf({ updates }: Host): UpdateHost {
  if (updates === undefined) throw notHere({ code: 'no-self-update', parameters: {} });
  return updates;
}

function notHere(reason: CommandReason): CommandError {
  return new CommandError('not-here', '', reason);
}

export function hostCommands(app: App): CommandsAbout<'app' | 'demo' | 'secret' | 'name'> {
  return {
    'app.describe': async (_nothing, signal) => describe(hostOf(app), app.system.routes, signal),
    'app.listens': async ({ transports, internal }, signal) => ({
      listens: await listens(app.system, transports, internal, signal),
    }),
    'app.report': async (_nothing, signal) => faultReport(app, hostOf(app), signal),
    'app.reset': ({ what }, signal) => reset(app, what, signal),
    'secret.set': async ({ secret }, signal) => ({ place: await orNotStored(app.address.setSecret(secret, signal)) }),
    'name.update': () => app.address.updateName(),
    ...programCommands(() => hostOf(app)),
    'demo.switch': ({ on }) => app.switchDemo(on),
    'demo.keep': ({ keep, discard }) => app.decideTried(keep, discard),
  };
}

async function listens(
  { listeners }: Pick<System, 'listeners'>,
  transports: readonly Transport[],
  port: Port,
  signal: AbortSignal,
): Promise<boolean | null> {
  if (listeners === undefined) return null;
  try {
    const sockets = await listeners(signal);
    return transports.some((transport) => isListenedTo(sockets, transport, { first: port, last: port }));
  } catch {
    return null;
  }
}

/** @throws CommandError */
function hostOf({ host }: App): Host {
  if (host === undefined) throw notHere({ code: 'not-running', parameters: {} });
  return host;
}

/** @throws CommandError */
async function reset(app: App, what: 'settings' | 'everything', signal: AbortSignal): Promise<void> {
  if (what === 'settings') {
    // Not a setting: nobody wants the first steps again.
    await app.profiles.editSettings(({ welcomed }) => ({ ...DEFAULT_SETTINGS, welcomed }));
    return;
  }
  await app.profiles.replace([], DEFAULT_SETTINGS, []);
  const tried = app.tried.map(({ id }) => id);
  await app.decideTried([], tried);
  await app.closeAll();
  await orNotStored(app.engine.memory.clear());
  await orNotStored(app.address.forget(signal));
  for (const { router } of app.signInKeeper.view) await orNotStored(app.signInKeeper.forget(router, signal));
  // Late: that all was closed belongs to the record that is forgotten.
  await orNotStored(app.activity.clear());
  // Last: the window goes to the first steps with it, and what could not be done must have been reported before.
  await app.profiles.editSettings(() => ({ welcomed: false }));
}
