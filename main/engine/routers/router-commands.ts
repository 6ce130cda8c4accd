/** Commands about routers: what they hold, how much they carry, what is remembered about them. */
import type { App } from '../app.ts';
import { closeEntry } from './close-entry.ts';
import type { CommandsAbout } from '../commands.ts';
import { memoryCommands } from './memory-commands.ts';

export function routerCommands(app: App): CommandsAbout<'gateway' | 'gateways' | 'memory'> {
  return {
    'gateways.search': async () => {
      app.searchNow();
      return {};
    },
    'gateway.list': ({ gateway }, signal) => app.tables.read(gateway, signal),
    'gateway.close': (input, signal) => closeEntry(app, input, signal),
    'gateway.traffic': ({ gateway }, signal) => app.traffic.read(gateway, signal),
    ...memoryCommands(app),
  };
}
