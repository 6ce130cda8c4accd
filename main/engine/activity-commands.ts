/** Commands about what has happened. */
import type { App } from './app.ts';
import { notYet } from './command-error.ts';
import type { CommandsAbout } from './commands.ts';

export function activityCommands(_app: App): CommandsAbout<'activity'> {
  return {
    'activity.read': notYet,
    'activity.day': notYet,
    'activity.clear': notYet,
  };
}
