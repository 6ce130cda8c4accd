/** The window's contents in the bench: many profiles, all switched on, and their changes. */
import type { AppSnapshot } from '../../../main/contract/commands.ts';
import type { MappingView } from '../../../main/contract/snapshot.ts';
import { forwardsOfProfile } from '../../../main/contract/profiles/forward-names.ts';
import type { Profile } from '../../../main/contract/profiles/profile.ts';
import { after, inSeconds } from '../../../main/contract/units.ts';
import { forward, mappings, open, profile, snapshot } from '../../support/example-snapshots.ts';

export const PROFILES = 50;
export const FORWARDS = 500;

const EACH = FORWARDS / PROFILES;
const FIRST_PORT = 20_000;

const all: readonly Profile[] = Array.from({ length: PROFILES }, (_, at) =>
  profile(
    `p-${at}`,
    `Server ${at + 1}`,
    true,
    Array.from({ length: EACH }, (_, n) => forward(FIRST_PORT + at * EACH + n, { label: `Port ${n + 1}` })),
  ),
);

/** @param off of the profile that is switched off @param minutesLeft of every lease */
function withOff(revision: number, off: number | undefined, minutesLeft = 97): AppSnapshot {
  const profiles = all.map((each, at) => (at === off ? { ...each, on: false } : each));
  const on = profiles.filter((each) => each.on);
  const base = snapshot({
    profiles,
    revision,
    engine: {
      revision,
      forwards: on.flatMap(forwardsOfProfile),
      mappings: on.flatMap((each): readonly MappingView[] => mappings(each, open(minutesLeft))),
    },
  });
  return { ...base, engine: { ...base.engine, at: after(base.engine.at, inSeconds(revision)) } };
}

export const everythingOpen = (): AppSnapshot => withOff(1, undefined);

/** The changes of one profile's switch, for each step: one goes off, then on again, then the next. */
export function switchedInTurn(steps: number): readonly AppSnapshot[] {
  return Array.from({ length: steps }, (_, step) =>
    withOff(step + 2, step % 2 === 0 ? (step / 2) % PROFILES : undefined),
  );
}

/** For each step, another lease for each of the forwards, as after a restart of the router. */
export function renewedAtOnce(steps: number): readonly AppSnapshot[] {
  return Array.from({ length: steps }, (_, step) => withOff(step + 2, undefined, 98 + step));
}
