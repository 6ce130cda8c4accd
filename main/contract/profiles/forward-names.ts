/** How the engine names the forwards of a profile: `profile/place`, counted from 1. */
import { asForwardId, type Forward } from '../model.ts';
import type { Profile, ProfileId } from './profile.ts';

/** Forwards that the engine is to hold for a profile, named by profile and place. */
export function forwardsOfProfile(profile: Pick<Profile, 'id' | 'forwards'>): readonly Forward[] {
  return profile.forwards.map((forward, at) => ({ ...forward, id: asForwardId(`${profile.id}/${at + 1}`) }));
}

/** A forward's profile and place in it, from 0; `undefined` for one that no profile asked for. */
export function placeOfForward(
  forward: Forward['id'],
): { readonly profile: ProfileId; readonly at: number } | undefined {
  const [whole, id, number] = /^([a-z0-9-]{1,64})\/([1-9]\d{0,5})$/.exec(forward) ?? [];
  // As `ProfileIdSchema` has it.
  return whole === undefined ? undefined : { profile: id as ProfileId, at: Number(number) - 1 };
}

/** Does the engine hold this for the profile? The inverse of {@link forwardsOfProfile}. */
export function isOfProfile(forward: Forward['id'], profile: ProfileId): boolean {
  return forward.slice(0, forward.lastIndexOf('/')) === profile;
}
