/** Commands about Portkeeper as a program, and the computer that it runs on. */
import type { App } from './app.ts';
import { notYet } from './command-error.ts';
import type { CommandsAbout } from './commands.ts';
import { describe } from './describe.ts';
import type { Host } from './host.ts';
import { notHere, programCommands } from './program-commands.ts';

export function hostCommands(app: App): CommandsAbout<'app' | 'demo'> {
  return {
    'app.describe': async (_nothing, signal) => await describe(hostOf(app), app.system.routes, signal),
    'app.report': notYet,
    'app.reset': notYet,
    ...programCommands(() => hostOf(app)),
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
