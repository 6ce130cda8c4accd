/** Commands about routers, and what they hold: open ports, traffic, what is remembered about them. */
import type { App } from './app.ts';
import { closeEntry } from './close-entry.ts';
import { closePorts } from './close-ports.ts';
import type { CommandsAbout } from './commands.ts';
import { doesFor, findGateways } from './find-gateways.ts';
import { memoryCommands } from './memory-commands.ts';

export function routerCommands(app: App): CommandsAbout<'forwards' | 'gateway' | 'gateways' | 'memory'> {
  return {
    'gateways.search': async () => {
      app.searchNow();
      return {};
    },
    'gateways.find': async ({ gateway, for: what }, signal) => {
      const found = await findGateways(app, { gateway, does: doesFor[what] }, signal);
      return { gateways: found.map(({ id }) => id) };
    },
    'forwards.retry': async () => {
      app.retry();
      return {};
    },
    'forwards.release': async ({ hold, keep }, signal) => {
      await app.settled(app.holds.release(hold, keep), signal);
      await app.told();
      return { revision: app.snapshot.revision };
    },
    'forwards.close': (input, signal) => closePorts(app, input, signal),
    'gateway.list': ({ gateway }, signal) => app.tables.read(gateway, signal),
    'gateway.close': (input, signal) => closeEntry(app, input, signal),
    'gateway.traffic': ({ gateway }, signal) => app.traffic.read(gateway, signal),
    ...memoryCommands(app),
  };
}
