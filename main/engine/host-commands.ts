/** Commands about Portkeeper as a program, and the computer that it runs on. */
import type { App } from './app.ts';
import type { CommandsAbout } from './commands.ts';
import { describe } from './describe.ts';
import { faultReport } from './fault-report.ts';
import type { Host } from './host.ts';
import { notHere, programCommands } from './program-commands.ts';
import { reset } from './reset.ts';

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
