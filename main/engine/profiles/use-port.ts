/** Another outside port for one forward of a profile: the way out of a conflict. */
import { clashOf, rangeText } from '../../contract/claims.ts';
import type { ForwardId } from '../../contract/model.ts';
import type { Profile, ProfileForward, ProfileId } from '../../contract/profile.ts';
import { forwardsOfProfile, isOfProfile } from '../../contract/profile.ts';
import type { Port } from '../../contract/units.ts';
import { isPort } from '../../contract/units.ts';
import { CommandError } from '../command-error.ts';
import type { Profiles } from './profiles.ts';

/** A range keeps its length, the inside stays. @throws CommandError */
export async function usePort(profiles: Profiles, forward: ForwardId, external: Port): Promise<ProfileId> {
  const profile = profiles.all.find(({ id }) => isOfProfile(forward, id));
  if (profile === undefined) throw missing(forward);
  await profiles.changeForwards(profile.id, (now) => forwardsWithPort(now, forward, external), 'external');
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
