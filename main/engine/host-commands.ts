/** Commands about Portkeeper as a program, and the computer that it runs on. */
import type { App } from './app.ts';
import { notYet } from './command-error.ts';
import type { CommandsAbout } from './commands.ts';

export function hostCommands(_app: App): CommandsAbout<'app' | 'demo'> {
  return {
    'app.describe': notYet,
    'app.report': notYet,
    'app.reset': notYet,
    'app.show-data-folder': notYet,
    'app.check-for-updates': notYet,
    'app.install-update': notYet,
    'app.quit': notYet,
    'demo.switch': notYet,
  };
}
