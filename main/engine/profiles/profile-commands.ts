/** Commands about profiles, their forwards and the settings. */
import { clashOf, rangeText } from '../../contract/profiles/claims.ts';
import type { CheckedInput } from '../../contract/commands.ts';
import type { ForwardId } from '../../contract/model.ts';
import type { Confirmed } from '../../contract/profiles/opening-questions.ts';
import { parseProfileDocument, toDocument } from '../../contract/profiles/profile-document.ts';
import { forwardsOfProfile, isOfProfile } from '../../contract/profiles/forward-names.ts';
import type { Profile, ProfileForward, ProfileId } from '../../contract/profiles/profile.ts';
import type { Settings } from '../../contract/settings.ts';
import { isPort, type Port } from '../../contract/units.ts';
import type { App } from '../app.ts';
import { badInput, CommandError, type CommandsAbout } from '../command-error.ts';
import type { Profiles } from './profiles.ts';

/** Loaded when a file is read or written, with what reads CSV. */
const profileText = () => import('./profile-text.ts');

export function profileCommands(app: App): CommandsAbout<'profile' | 'profiles' | 'settings' | 'forward' | 'network'> {
  const readText = async (given: CheckedInput<'profiles.read-text'>) => {
    const { readProfileText } = await profileText();
    return readProfileText({ ...given, networks: await app.networks() });
  };
  // A file from elsewhere does not decide what runs here.
  const withOwnCommand = (settings: Settings | undefined): Settings | undefined =>
    settings && { ...settings, addressCommand: app.profiles.settings.addressCommand };
  return {
    'profile.add': async ({ profile, at, confirmed }) => ({ id: await app.profiles.add(profile, at, confirmed) }),
    'profile.change': async ({ id, profile, from, confirmed }) => {
      await app.profiles.change(id, profile, confirmed, from);
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
    'profile.move': async ({ id, to }) => {
      await app.profiles.move(id, to);
      return { id };
    },
    'profile.switch': async ({ id, on, for: duration, confirmed }, signal) => {
      await app.switch({ id, on, duration }, confirmed, signal);
      return { id };
    },
    'profiles.import': async ({ document, mode, confirmed }) => {
      const parsed = parseProfileDocument(document);
      if (!parsed.ok) throw badInput(parsed.faults, 'document');
      const { profiles: read, settings } = parsed.value;
      // A document without settings says nothing about them.
      const given = typeof document === 'object' && document !== null && 'settings' in document ? settings : undefined;
      const { profiles } = app;
      const added =
        mode === 'add'
          ? await profiles.append(read, confirmed)
          : await profiles.replace(read, withOwnCommand(given), confirmed);
      return { added };
    },
    'profiles.export': async () => ({ document: toDocument(app.profiles.book) }),
    'profiles.import-text': async ({ mode, confirmed, ...given }) => {
      const { format, profiles: read, settings, left } = await readText(given);
      const ids = format === 'portkeeper' ? 'own' : 'new';
      const { profiles } = app;
      const added =
        mode === 'add'
          ? await profiles.append(read, confirmed)
          : await profiles.replace(read, withOwnCommand(settings), confirmed, ids);
      return { added, left };
    },
    'profiles.read-text': readText,
    'profiles.export-text': async ({ format }) => (await profileText()).writeProfileText(app.profiles.book, format),
    'settings.change': async ({ settings }) => ({ settings: await app.changeSettings(settings) }),
    'forward.use-port': async ({ forward, external, confirmed }) => ({
      id: await usePort(app.profiles, forward, external, confirmed),
    }),
    'network.approve': () => app.approveNetwork(),
  };
}

/** A range keeps its length, the inside stays. @throws CommandError */
async function usePort(
  profiles: Profiles,
  forward: ForwardId,
  external: Port,
  confirmed: Confirmed,
): Promise<ProfileId> {
  const profile = profiles.all.find(({ id }) => isOfProfile(forward, id));
  if (profile === undefined) throw missing(forward);
  await profiles.changeForwards(profile.id, (now) => forwardsWithPort(now, forward, external), 'external', confirmed);
  return profile.id;
}

function forwardsWithPort(profile: Profile, id: ForwardId, external: Port): readonly ProfileForward[] {
  const at = forwardsOfProfile(profile).findIndex((forward) => forward.id === id);
  const before = profile.forwards[at];
  if (before === undefined) throw missing(id);
  if (!before.families.includes('ipv4')) {
    throw new CommandError('bad-input', 'forward', { code: 'same-port-over-ipv6', parameters: {} });
  }
  const length = before.external.last - before.external.first;
  const last = external + length;
  if (!isPort(last)) {
    const parameters = { most: 65_535 - length };
    throw new CommandError('bad-input', 'external', { code: 'no-room-for-range', parameters });
  }
  const after: ProfileForward = { ...before, external: { first: external, last } };
  const clash = clashOf([after], profile.forwards.toSpliced(at, 1));
  if (clash !== undefined) {
    const parameters = { profile: profile.name, ports: rangeText(clash) };
    throw new CommandError('bad-input', 'external', { code: 'ports-claimed', parameters });
  }
  return profile.forwards.with(at, after);
}

function missing(forward: ForwardId): CommandError {
  const parameters = { forward: forward.slice(0, 80) };
  return new CommandError('no-such-forward', 'forward', { code: 'no-such-forward', parameters });
}
