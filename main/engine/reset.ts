/** Everything as it was delivered, or the settings only. */
import { DEFAULT_SETTINGS } from '../contract/settings.ts';
import { StorageError } from '../system/system.ts';
import type { App } from './app.ts';
import { notStored } from './command-error.ts';

/** @throws CommandError */
export async function reset(app: App, what: 'settings' | 'everything'): Promise<void> {
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
