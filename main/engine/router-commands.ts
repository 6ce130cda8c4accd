/** Commands about routers: what they hold, how much they carry, what is remembered about them. */
import type { App } from './app.ts';
import { notYet } from './command-error.ts';
import type { CommandsAbout } from './commands.ts';
import { closeEntry } from './close-entry.ts';

export function routerCommands(app: App): CommandsAbout<'gateway' | 'gateways' | 'memory'> {
  return {
    'gateways.search': async () => {
      app.searchNow();
      return {};
    },
    'gateway.list': ({ gateway }, signal) => app.tables.read(gateway, signal),
    'gateway.close': (input, signal) => closeEntry(app, input, signal),
    'gateway.traffic': ({ gateway }, signal) => app.traffic.read(gateway, signal),
    'memory.read': notYet,
    'memory.change': notYet,
    'memory.forget': notYet,
  };
}
