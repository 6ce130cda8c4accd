/** Commands about profiles, their forwards and the settings. */
import { parseProfileDocument, toDocument } from '../contract/profile-document.ts';
import type { App } from './app.ts';
import { badInput } from './command-error.ts';
import type { CommandsAbout } from './commands.ts';
import { readProfileText, writeProfileText } from './profile-text.ts';
import { usePort } from './use-port.ts';

export function profileCommands(app: App): CommandsAbout<'profile' | 'profiles' | 'settings' | 'forward' | 'network'> {
  return {
    'profile.add': async ({ profile, at }) => ({ id: await app.profiles.add(profile, at) }),
    'profile.change': async ({ id, profile }) => {
      await app.profiles.change(id, profile);
      return { id };
    },
    'profile.remove': async ({ id }) => {
      await app.profiles.remove(id);
      return { id };
    },
    'profile.restore': async ({ id }) => {
      await app.profiles.restore(id);
      return { id };
    },
    'profile.duplicate': async ({ id }) => ({ id: await app.profiles.duplicate(id) }),
    'profile.move': async ({ id, to }) => {
      await app.profiles.move(id, to);
      return { id };
    },
    'profile.switch': async ({ id, on }, signal) => {
      await app.switch(id, on, signal);
      return { id };
    },
    'profiles.import': async ({ document, mode }) => {
      const parsed = parseProfileDocument(document);
      if (!parsed.ok) throw badInput(parsed.faults, 'document');
      const { profiles: read, settings } = parsed.value;
      // A document without settings says nothing about them.
      const given = typeof document === 'object' && document !== null && 'settings' in document ? settings : undefined;
      return { added: await (mode === 'add' ? app.profiles.append(read) : app.profiles.replace(read, given)) };
    },
    'profiles.export': async () => ({ document: toDocument(app.profiles.book) }),
    'profiles.import-text': async ({ mode, ...given }) => {
      const { format, profiles: read, settings, left } = readProfileText(given);
      const ids = format === 'portkeeper' ? 'own' : 'new';
      return {
        added: await (mode === 'add' ? app.profiles.append(read) : app.profiles.replace(read, settings, ids)),
        left,
      };
    },
    'profiles.read-text': async (given) => readProfileText(given),
    'profiles.export-text': async ({ format }) => writeProfileText(app.profiles.book, format),
    'settings.change': async ({ settings }) => ({ settings: await app.changeSettings(settings) }),
    'forward.use-port': async ({ forward, external }) => ({ id: await usePort(app.profiles, forward, external) }),
    'network.approve': async () => {
      await app.approveNetwork();
      return {};
    },
  };
}
