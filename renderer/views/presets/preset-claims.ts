/** What profiles have of a preset already: they may be made of it, or claim its ports. */
import type { Clash } from '../../../main/contract/claims.ts';
import { clashOf } from '../../../main/contract/claims.ts';
import type { Preset } from '../../../main/contract/presets.ts';
import type { Profile, ProfileForward } from '../../../main/contract/profile.ts';
import type { Port } from '../../../main/contract/units.ts';
import { isPort } from '../../../main/contract/units.ts';

/** What of a forward lays claim to a port. */
type Claiming = Pick<ProfileForward, 'transports' | 'families' | 'external' | 'internal' | 'gateway'>;

/** Another profile that asks for an outside port of these, too: only one of the two can be on. */
export interface Claim {
  readonly profile: Profile;
  readonly clash: Clash;
}

/** Profiles called like the preset: ports alone are shared by too many programs to tell. */
export function profilesOf({ name }: Pick<Preset, 'name'>, profiles: readonly Profile[]): readonly Profile[] {
  const wanted = plain(name);
  return profiles.filter((profile) => plain(profile.name) === wanted);
}

/** As it would be claimed without a choice: all that is required, for this computer. */
export function claimedBy({ forwards }: Preset): readonly Claiming[] {
  return forwards
    .filter(({ required }) => required)
    .map(({ transports, external, internal }) => ({ transports, families: ['ipv4'], external, internal }));
}

/** Who asks for the same outside ports; those that are on come first. */
export function claimsOn(forwards: readonly Claiming[], profiles: readonly Profile[]): readonly Claim[] {
  return profiles
    .flatMap((profile) => {
      const clash = clashOf(forwards, profile.forwards);
      return clash === undefined ? [] : { profile, clash };
    })
    .toSorted((a, b) => Number(b.profile.on) - Number(a.profile.on));
}

/** The next outside port from where the forward, with its whole range, claims what nobody else does. */
export function freeOutside(forward: Claiming, others: readonly Claiming[]): Port | undefined {
  const length = forward.external.last - forward.external.first;
  for (let first: number = forward.external.first + 1; first + length <= 65_535; first++) {
    const last = first + length;
    if (!isPort(first) || !isPort(last)) return undefined;
    if (clashOf([{ ...forward, external: { first, last } }], others) === undefined) return first;
  }
  return undefined;
}

const plain = (text: string): string => text.trim().toLowerCase();
