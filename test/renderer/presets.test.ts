import { describe, expect, test } from 'vitest';
import type { Preset } from '../../main/contract/profiles/presets.ts';
import { ProfileSchema, type Profile } from '../../main/contract/profiles/profile.ts';
import { allPresets } from '../../main/engine/profiles/presets.ts';
import {
  claimedBy,
  claimsOn,
  draftOf,
  draftPlaceOf,
  freeOutside,
  groupsOf,
  hitsOf,
  profileOf,
  profilesOf,
  withExtra,
  withOutside,
  type DraftProfile,
  type PresetDraft,
} from '../../renderer/views/presets/preset-draft.ts';
import * as v from 'valibot';

function preset(id: string): Preset {
  const found = allPresets().find((each) => each.id === id);
  if (found === undefined) throw new Error(`there is no preset ${id}`);
  return found;
}

let count = 0;
function profile(name: string, first: number, { on = false, last = first, transport = 'tcp' as const } = {}): Profile {
  count += 1;
  const forwards = [{ transports: [transport], external: { first, last }, internal: { first } }];
  return v.parse(ProfileSchema, { id: `p${count}`, name, on, forwards });
}

function madeOf(draft: PresetDraft) {
  const made = profileOf(draft, 'en');
  if (!made.ok) throw new Error(JSON.stringify(made.faults));
  return made.profile;
}

const faultsOf = (made: DraftProfile) => (made.ok ? [] : made.faults.map(({ place, fault }) => [place, fault.message]));

describe('searching', () => {
  test('without a word all are shown, and each kind says how many it has', () => {
    const { shown, counts, near } = hitsOf(allPresets(), '', 'all');
    expect(shown).toEqual(allPresets());
    expect(counts.all).toBe(allPresets().length);
    const { all, ...kinds } = counts;
    expect(Object.values(kinds).reduce((sum, each) => sum + each)).toBe(all);
    expect(near).toEqual([]);
  });

  test('a kind narrows what a port finds, and the others still say how many they have', () => {
    const { shown, counts } = hitsOf(allPresets(), '443', 'voice');
    expect(shown.length).toBe(counts.voice);
    expect(shown.every(({ category }) => category === 'voice')).toBe(true);
    expect(counts.all).toBeGreaterThan(counts.voice);
  });

  test('without a word the most used come first, then each kind by name, nobody twice', () => {
    const groups = groupsOf(allPresets(), ' ');
    expect(groups.map(({ kind }) => kind)).toEqual('popular game server media voice remote p2p home'.split(' '));
    const [popular, games] = groups.map(({ presets }) => presets.map(({ name }) => name));
    expect(popular?.slice(0, 3)).toEqual(['Minecraft: Java Edition', 'Minecraft: Bedrock Edition', 'Valheim']);
    expect(games).toEqual(games?.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })));
    const all = groups.flatMap(({ presets }) => presets);
    expect(new Set(all).size).toBe(allPresets().length);
    expect(all.length).toBe(allPresets().length);
  });

  test('search results have one group, the best first, and none when nothing is found', () => {
    const { shown } = hitsOf(allPresets(), 'craft', 'all');
    expect(groupsOf(shown, 'craft')).toEqual([{ kind: 'found', presets: shown }]);
    expect(groupsOf([], 'zzzz')).toEqual([]);
  });

  test('a name spelt wrong finds nothing, and the right one is near', () => {
    const { shown, near } = hitsOf(allPresets(), 'minecarft', 'all');
    expect(shown).toEqual([]);
    expect(near.map(({ id }) => id)).toContain('minecraft');
  });
});

describe('choosing', () => {
  test('required parts are chosen at first, and named as such', () => {
    const { name, on, forwards } = madeOf(draftOf(preset('sunshine')));
    expect({ name, on }).toEqual({ name: preset('sunshine').name, on: false });
    const required = preset('sunshine').forwards.filter((forward) => forward.required);
    expect(forwards.map(({ label }) => label)).toEqual(required.map(({ label }) => label.en));
    expect(forwards.map(({ external }) => external)).toEqual(required.map(({ external }) => external));
  });

  test('an extra is taken when it is ticked, and left when it is ticked off again', () => {
    const plain = draftOf(preset('jitsi'));
    const at = plain.preset.forwards.findIndex(({ required }) => !required);
    const ticked = withExtra(plain, at, true);
    const extra = plain.preset.forwards[at];
    expect(extra).toBeDefined();
    expect(madeOf(plain).forwards.map(({ external }) => external)).not.toContainEqual(extra?.external);
    expect(madeOf(ticked).forwards.map(({ external }) => external)).toContainEqual(extra?.external);
    expect(madeOf(withExtra(ticked, at, false))).toEqual(madeOf(plain));
  });

  test('another external port leaves the internal one as it is, and a range keeps its length', () => {
    const ranged = preset('valheim');
    const [forward] = madeOf(withOutside(draftOf(ranged), 0, ' 30000 ')).forwards;
    const { external, internal } = ranged.forwards[0] ?? { external: { first: 0, last: 0 }, internal: undefined };
    expect(forward?.external).toEqual({ first: 30_000, last: 30_000 + external.last - external.first });
    expect(forward?.internal).toEqual(internal);
  });

  test('another device is where the ports lead', () => {
    const { forwards } = madeOf({ ...draftOf(preset('minecraft')), client: ' 192.168.1.20 ' });
    expect(forwards[0]?.internal).toEqual({ first: 25_565, client: '192.168.1.20' });
  });

  test.each(['', '0', '65536', '80.5', 'http', '-1', '25565x'])(
    '%j is not an external port, and is reported as such',
    (text) => {
      const made = profileOf(withOutside(draftOf(preset('minecraft')), 0, text), 'en');
      expect(faultsOf(made)).toEqual([[0, 'must be a port from 1 to 65535']]);
    },
  );

  test('a fault stands at the forward that has it, whatever is left out before it', () => {
    const some = preset('jitsi');
    const at = some.forwards.findLastIndex(({ required }) => required);
    const made = profileOf(withOutside(draftOf(some), at, 'x'), 'en');
    expect(made.ok ? [] : made.faults.map(({ place }) => place)).toEqual([at]);
  });

  test('a range that would end above 65535 is refused at its first port', () => {
    const made = profileOf(withOutside(draftOf(preset('valheim')), 0, '65535'), 'en');
    expect(made.ok ? [] : made.faults.map(({ place }) => place)).toEqual([0]);
  });

  test('an address that is none is refused once, at the device', () => {
    const made = profileOf({ ...draftOf(preset('jitsi')), client: 'my-nas' }, 'en');
    expect(faultsOf(made)).toEqual([['client', 'must be an IP address']]);
  });

  test('a refusal of the engine finds its place, too', () => {
    expect(draftPlaceOf('profile.forwards.1', [0, 3])).toBe(3);
    expect(draftPlaceOf('profile.forwards.1.internal.client', [0, 3])).toBe('client');
    expect(draftPlaceOf('profile.forwards', [0, 3])).toBe('whole');
    expect(draftPlaceOf('profile', [0])).toBe('whole');
  });
});

describe('existing profiles', () => {
  test('a profile of its name is made of a preset, whatever its case', () => {
    const mine = profile('minecraft: java edition', 25_565);
    expect(profilesOf(preset('minecraft'), [profile('Other', 25_565), mine])).toEqual([mine]);
  });

  test('profiles that use one of its ports are named with the port, active ones first', () => {
    const [off, on] = [profile('Off', 25_565), profile('On', 25_500, { on: true, last: 25_600 })];
    expect(claimsOn(claimedBy(preset('minecraft')), [off, profile('Away', 80), on])).toEqual([
      { profile: on, clash: { transport: 'tcp', first: 25_565, last: 25_565 } },
      { profile: off, clash: { transport: 'tcp', first: 25_565, last: 25_565 } },
    ]);
  });

  test('the next port that nobody asks for is offered', () => {
    const others = [profile('A', 25_565), profile('B', 25_566, { last: 25_570 })].flatMap(({ forwards }) => forwards);
    const [wanted] = madeOf(draftOf(preset('minecraft'))).forwards;
    expect(wanted && freeOutside(wanted, others)).toBe(25_571);
  });

  test('where nothing is free above, nothing is offered', () => {
    const [wanted] = profile('High', 65_535).forwards;
    expect(wanted && freeOutside(wanted, [])).toBeUndefined();
  });
});
